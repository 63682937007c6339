"""A map in sums: over stretches of minutes, by activity there or missing, its strongest windows in words, and where it lies by wear.

Measures of maps compare patches, hours or days, and no single minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.records import Attribution
from pat_core.settings import MINUTES_PER_DAY


def sums(values: np.ndarray, width: int, *, partly: bool = False) -> np.ndarray:
    """(minutes,) -> (stretches,) float64: sums over stretches of `width` minutes; a last one that is cut short is left out.

    A stretch that lacks a minute (NaN) has no sum, so NaN. partly: it has that of its other minutes, and is left out where there are
    none: for stretches that do not end where the patches do, as hours.
    """
    whole = len(values) // width
    parts = np.asarray(values[: whole * width], np.float64).reshape(whole, width)
    return np.nansum(parts[np.isfinite(parts).any(axis=1)], axis=1) if partly else parts.sum(axis=1)


def by_patch(attribution: Attribution) -> np.ndarray:
    """(patches,) float64 sum of the map over each whole patch, with its sign."""
    return sums(attribution.values, attribution.patch)


_BIN = 10
"""Minutes that are taken together where a map has a value for each minute: single minutes are rougher than anything said of them."""
_LEAST_SHARE = 0.02
_LEAST_EXCESS = 0.05
"""A window stands out only where it is above the mean strength of the map by a twentieth: flat maps have none."""
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class EvidenceWindow:
    """Minutes [first, end) of the week. words: a sentence's worth, without the full stop.

    effect: sum of the values in logits for an attribution; mean level for attention and sensitivity, where 1 is the uniform one.
    share: of the sum of |values| of the whole map, 0 to 1.
    """

    first: int
    end: int
    effect: float
    share: float
    words: str


@dataclass(frozen=True, eq=False)
class _Bins:
    """edges: (bins + 1,) minutes. totals: (bins,) sums. beyond: (bins,) what counts as strength: the sums, for maps with a uniform level
    what they have above it. level: mean |value| of a minute. signs: directions that are looked at."""

    edges: np.ndarray
    totals: np.ndarray
    beyond: np.ndarray
    level: float
    signs: tuple[int, ...]


def strongest_windows(
    attribution: Attribution, start: datetime | None, *, most: int = 5, minutes: tuple[int, int] = (30, 360), date_known: bool = True
) -> tuple[EvidenceWindow, ...]:
    """At most `most` windows of the map that do not overlap, the strongest first; none where nothing stands out.

    The rule: bins as fine as the map (10 minutes for maps by the minute); a bin's excess is its sum, in the direction looked at (raised
    or lowered), less what a bin of the map's mean strength holds; the window with the largest excess is taken, then the next one that
    touches no taken minute, and so on, both directions in one order. Windows with less than 2 % of the map (sum of |values|; above the
    uniform level for attention and sensitivity, which have one direction) are dropped, and the rest are ordered by size.
    minutes: shortest and longest window; one bin is always allowed. start: wall clock of minute 0, or None: then neither weekday nor
    clock is said. date_known: whether the calendar date may be said.
    """
    bins = _bins(attribution)
    if bins is None:
        return ()
    sizes = {(first, end): abs(float(bins.beyond[first:end].sum())) for first, end in _apart(bins, minutes)}
    least = _LEAST_SHARE * float(np.abs(bins.beyond).sum())
    runs = sorted((run for run, size in sizes.items() if size >= least), key=lambda run: -sizes[run])
    return tuple(_window(attribution, bins, first, end, start, date_known) for first, end in runs[:most])


@dataclass(frozen=True)
class Inside:
    """What minutes [first, end) of a week hold. activity, whole_week: mean of the minutes that have a value, in the week's unit, there and
    in the whole week; NaN where none has. missing: minutes there without a value.

    maps: a number for each map: an attribution's sum in logits; of attention the share of the whole map's, 0 to 1; of a sensitivity the
    mean level, 1 in the mean minute. NaN where a map covers no minute there.
    """

    activity: float
    whole_week: float
    missing: int
    maps: tuple[float, ...]


def inside(values: np.ndarray, maps: Sequence[Attribution], first: int, end: int) -> Inside:
    """What a window holds of a week's activity (minutes,), NaN where missing, and of its maps.

    Raises ExplanationError where the window is empty or goes past the week, or a map is of another length.
    """
    values = np.asarray(values, dtype=np.float64)
    if not 0 <= first < end <= values.size or any(attribution.values.size != values.size for attribution in maps):
        raise ExplanationError(
            f"A window lies within its week and its maps, minutes 0 to {values.size}; {first} to {end} of maps with "
            f"{[attribution.values.size for attribution in maps]} minutes does not. Explain this week again."
        )
    there = values[first:end]
    return Inside(_mean(there), _mean(values), int(np.isnan(there).sum()), tuple(_held(attribution, first, end) for attribution in maps))


WORN, NOT_WORN, NO_VALUE = "worn", "not worn", "missing"
"""What a minute was to the device, and so to the model: movement or rest, an empty device, nothing."""


@dataclass(frozen=True)
class WearMass:
    """How much of a map lies on minutes that were worn, not worn, and without a value: shares of the sum of |values|, 0 to 1.

    Beside each, the share of the minutes that the map covers. All are NaN for a map that is nowhere different from zero.
    """

    worn: float
    not_worn: float
    missing: float
    worn_minutes: float
    not_worn_minutes: float
    missing_minutes: float


def wear_mass(attribution: Attribution, values: np.ndarray, off: np.ndarray) -> WearMass:
    """Where a map's strength lies. values: (minutes,) the week's activity, NaN where missing. off: (minutes,) bool, not worn; a minute
    without a value is missing, whether the device was worn or not. ExplanationError where the lengths differ."""
    size = np.abs(np.asarray(attribution.values, dtype=np.float64))
    values, off = np.asarray(values), np.asarray(off, bool)
    if not size.shape == values.shape == off.shape:
        raise ExplanationError(f"A map of {size.size} minutes goes with {size.size} minutes of wear; got {values.size} and {off.size}.")
    covered, gone = np.isfinite(size), ~np.isfinite(values)
    parts = [mask & covered for mask in (~off & ~gone, off & ~gone, gone)]
    total, minutes = float(size[covered].sum()), int(covered.sum())
    masses = [float(size[part].sum()) / total if total else float("nan") for part in parts]
    return WearMass(*masses, *(int(part.sum()) / minutes if minutes else float("nan") for part in parts))


def wear_words(first: int, end: int, values: np.ndarray, off: np.ndarray, by_hand: np.ndarray | None = None) -> str:
    """Which minutes [first, end) of a week tell nothing of a person: "not worn for 40 of 140 min; 10 min without a value"; "" where all do.

    values, off: as of `wear_mass`. by_hand: (minutes,) bool, taken away by a mark; those have no value either, and are told apart.
    """
    there, gone = slice(first, end), ~np.isfinite(np.asarray(values)[first:end])
    marked = gone & (np.asarray(by_hand, bool)[there] if by_hand is not None else np.zeros(end - first, bool))
    counted = {
        "not worn": int((np.asarray(off, bool)[there] & ~gone).sum()),
        "without a value": int((gone & ~marked).sum()),
        "left out by hand": int(marked.sum()),
    }
    whole = next((words for words, minutes in counted.items() if minutes == end - first), None)
    if whole:
        return f"all of it {whole}"
    return "; ".join(f"{minutes} of {end - first} min {words}" for words, minutes in counted.items() if minutes)


def _held(attribution: Attribution, first: int, end: int) -> float:
    whole = np.asarray(attribution.values, dtype=np.float64)
    there = whole[first:end]
    if np.isnan(there).all():
        return float("nan")
    if attribution.kind == "sensitivity":
        return _mean(there)
    total = float(np.nansum(there))
    if attribution.kind == "attribution":
        return total
    of = float(np.nansum(whole))
    return total / of if of > 0 else float("nan")


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _bins(attribution: Attribution) -> _Bins | None:
    values = np.asarray(attribution.values, dtype=np.float64)
    covered = int(np.isfinite(values).sum())  # minutes without a value are the last ones
    step = max(attribution.resolution, attribution.patch if attribution.kind == "attention" else 1)
    step = _BIN if step == 1 else step
    firsts = np.arange(0, covered, step)
    if not firsts.size:
        return None
    edges = np.append(firsts, covered)
    totals = np.add.reduceat(values[:covered], firsts)
    level = float(np.abs(totals).sum()) / covered
    signed = attribution.kind == "attribution"
    beyond = totals if signed else totals - level * np.diff(edges)
    return _Bins(edges, totals, beyond, level, (1, -1) if signed else (1,)) if level > 0 else None


def _apart(bins: _Bins, minutes: tuple[int, int]) -> list[tuple[int, int]]:
    """Runs of bins (first, end) by falling excess, none overlapping one before it."""
    lengths, step, count = np.diff(bins.edges), int(bins.edges[1] - bins.edges[0]), bins.totals.size
    shortest = min(count, max(1, -(-minutes[0] // step)))
    longest = min(count, max(shortest, minutes[1] // step))
    span = np.concatenate([[0], np.cumsum(lengths)])
    chosen = []
    for sign in bins.signs:
        running = np.concatenate([[0.0], np.cumsum(sign * bins.totals - bins.level * lengths)])
        for size in range(shortest, longest + 1):
            excess = running[size:] - running[:-size]
            out = np.flatnonzero(excess > _LEAST_EXCESS * bins.level * (span[size:] - span[:-size]))
            chosen.append(np.stack([excess[out], out, out + size], axis=1))
    candidates = np.concatenate(chosen)
    order = np.argsort(-candidates[:, 0], kind="stable")
    free, taken = np.ones(count, dtype=bool), []
    for first, end in candidates[order, 1:].astype(int).tolist():
        if free[first] and free[end - 1] and free[first:end].all():
            free[first:end] = False
            taken.append((first, end))
    return taken


def _window(attribution: Attribution, bins: _Bins, first: int, end: int, start: datetime | None, date_known: bool) -> EvidenceWindow:
    total = float(bins.totals[first:end].sum())
    begins, ends = int(bins.edges[first]), int(bins.edges[end])
    effect = total if attribution.kind == "attribution" else total / (ends - begins)
    words = f"{when(begins, ends, start, date_known)} {_said(attribution, effect)}"
    return EvidenceWindow(begins, ends, effect, abs(total) / float(np.abs(bins.totals).sum()), words)


def _said(attribution: Attribution, effect: float) -> str:
    if attribution.kind == "attention":
        return f"held {effect:.2g} times the uniform attention"
    if attribution.kind == "sensitivity":
        return f"responded to a small change {effect:.2g} times as strongly as the mean minute"
    return f"{'raised' if effect > 0 else 'lowered'} the score by {abs(effect):.2g} {attribution.unit}"


def when(first: int, end: int, start: datetime | None, date_known: bool = True) -> str:
    """Minutes [first, end) of a recording in words: "Tue 7 May 02:10 to 04:30", or "Day 2, 2 h 10 min, 140 min long," without a start."""
    if start is None:
        day, rest = divmod(first, MINUTES_PER_DAY)
        return f"Day {day + 1}, {rest // 60} h {rest % 60} min, {end - first} min long,"
    start = start.replace(second=0, microsecond=0)
    begins, ends = start + timedelta(minutes=first), start + timedelta(minutes=end)
    until = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{_day(ends, date_known)} {ends:%H:%M}"
    return f"{_day(begins, date_known)} {begins:%H:%M} to {until}"


def _day(moment: datetime, date_known: bool) -> str:
    weekday = _WEEKDAYS[moment.weekday()]
    return f"{weekday} {moment.day} {_MONTHS[moment.month - 1]}" if date_known else weekday


_MEAN_WEEK = "mean week"


@dataclass(frozen=True, eq=False)
class TwoEvidence:
    """presence, absence: (minutes,) float32 logits, 0 where the minute belongs to the other, NaN where the map has no value.

    presence_logits, absence_logits: their sums, which together are delta plus the gap. words: both sums in a sentence.
    """

    presence: np.ndarray
    absence: np.ndarray
    presence_logits: float
    absence_logits: float
    words: str


def two_evidence(attribution: Attribution, z: np.ndarray) -> TwoEvidence:
    """Split a map against the mean week by whether the week's minute lies above the mean (z > 0) or not (z <= 0), z: (minutes,).

    Every value of the map is in exactly one part. Raises ExplanationError for a map that is no attribution by the minute, or is not
    against the mean week: only there does the sign of z say whether activity was there or missing.
    """
    z = np.asarray(z, dtype=np.float32)
    against = attribution.settings.get("baseline", attribution.settings.get("replacement", _MEAN_WEEK))
    if attribution.kind != "attribution" or attribution.resolution != 1:
        raise ExplanationError(
            f"Evidence by presence and absence needs an attribution with a value for each minute; {attribution.method} gives none. "
            "Choose integrated gradients."
        )
    if against != _MEAN_WEEK:
        raise ExplanationError(
            f"Evidence by presence and absence is told apart against the mean week; this map is against: {against}. "
            "Explain the week against the mean week."
        )
    if z.shape != attribution.values.shape:
        raise ExplanationError(
            f"The map has {attribution.values.size} minutes and the week {z.size}: they are not of the same week. Explain this week again."
        )
    values = np.asarray(attribution.values, dtype=np.float32)
    above, blank = z > 0, np.isnan(values)
    presence = np.where(blank | above, values, np.float32(0))
    absence = np.where(blank | ~above, values, np.float32(0))
    there, missing = float(np.nansum(presence, dtype=np.float64)), float(np.nansum(absence, dtype=np.float64))
    unit = attribution.unit
    words = f"Activity that was there {_moved(there, unit)}; activity that was missing {_moved(missing, unit)}."
    return TwoEvidence(presence, absence, there, missing, words)


def _moved(total: float, unit: str) -> str:
    if abs(total) < 0.005:
        return "left the score as it was"
    return f"{'raised' if total > 0 else 'lowered'} the score by {abs(total):.2g} {unit} on balance"
