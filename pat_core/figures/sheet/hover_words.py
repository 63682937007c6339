"""What a week sheet says of every few minutes under the pointer: their activity, and each map's value there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pat_core.figures.palette import figures, signed
from pat_core.figures.sheet.lanes import BIN, Lanes
from pat_core.figures.sheet.sheet_plan import Sheet, gaps
from pat_core.figures.sheet.strips import binned_sum
from pat_core.records import Attribution
from pat_core.settings import MINUTES_PER_DAY


@dataclass(frozen=True, eq=False)
class HoverSteps:
    """Stretches of a few columns that hold minutes of the week, lane by lane. minutes: (steps, columns) int, -1 outside the week.

    lane, middle: which lane, and the column in the stretch's middle. first, end: its minutes of the week, [first, end).
    """

    minutes: np.ndarray
    lane: list[int]
    middle: list[int]
    first: list[int]
    end: list[int]

    def inside(self) -> Iterator[np.ndarray]:
        """The minutes of the week in each stretch."""
        return (minutes[minutes >= 0] for minutes in self.minutes)


def hover_steps(lanes: Lanes) -> HoverSteps:
    """Every 5 minutes of a lane, 10 where days are drawn twice."""
    step = BIN * 2 if lanes.count > 1 and lanes.width > MINUTES_PER_DAY else BIN
    columns = -(-lanes.width // step)
    padded = np.full((lanes.count, columns * step), -1)
    padded[:, : lanes.width] = lanes.minutes
    minutes = padded.reshape(-1, step)
    held = np.flatnonzero((minutes >= 0).any(axis=1))
    inside = minutes[held]
    first = np.where(inside >= 0, inside, inside.max() + 1).min(axis=1)
    middle = held % columns * step + step // 2
    return HoverSteps(inside, (held // columns).tolist(), middle.tolist(), first.tolist(), (inside.max(axis=1) + 1).tolist())


def activity_words(sheet: Sheet, steps: HoverSteps) -> list[str]:
    """Mean and peak of what was worn and measured, and whether it was sleep, one a stretch."""
    missing, nonwear = gaps(sheet)
    unseen, asleep = missing | nonwear, None if sheet.sleep is None else np.asarray(sheet.sleep, bool)
    clean = (steps.minutes >= 0).all(axis=1) & ~unseen[steps.minutes].any(axis=1)
    laid = np.where(clean[:, None], np.asarray(sheet.week.values)[steps.minutes], 0)
    means, peaks = laid.mean(axis=1).tolist(), laid.max(axis=1).tolist()
    words = []
    for whole, mean, peak, minutes in zip(clean.tolist(), means, peaks, steps.inside(), strict=True):
        if not whole:
            seen = sheet.week.values[minutes][~unseen[minutes]]
            if not seen.size:
                words.append("no data" if missing[minutes].all() else "not worn")
                continue
            mean, peak = float(seen.mean()), float(seen.max())
        sleeping = asleep is not None and asleep[minutes].mean() > 0.5
        words.append(f"mean {figures(mean, 3)}, peak {figures(peak, 3)}{', asleep' if sleeping else ''}")
    return words


def strip_words(each: Attribution, steps: HoverSteps, lanes: Lanes) -> list[str]:
    """A map's value, one a stretch: attention in its middle, the mean response to a change, or the sum of an attribution."""
    if each.kind == "attention":
        middles = np.asarray(each.values)[[minutes[len(minutes) // 2] for minutes in steps.inside()]]
        return [f"{value:.2f}" if np.isfinite(value) else "not read" for value in middles.tolist()]
    if each.kind == "sensitivity":
        parts = (each.values[minutes][np.isfinite(each.values[minutes])] for minutes in steps.inside())
        return [f"{float(seen.mean()):.2f}" if seen.size else "not read" for seen in parts]
    sums, width = binned_sum(lanes.take(each.values)), steps.minutes.shape[1]
    parts = (
        sums[lane, (middle - width // 2) // BIN : (middle + width - width // 2) // BIN]
        for lane, middle in zip(steps.lane, steps.middle, strict=True)
    )
    return [signed(round(float(np.nansum(part)), 6)) if np.isfinite(part).any() else "not read" for part in parts]
