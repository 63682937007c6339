"""What a sheet is going to show and where: decided before anything is drawn.

The y axis counts pixels, so that strips keep their thickness whatever the number of lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pat_core.figures.palette import Theme, plain
from pat_core.figures.sheet.lanes import Lanes
from pat_core.figures.sheet.strips import Row
from pat_core.records import UNKNOWN_UNIT, Attribution, Period, Week

HEIGHTS = {"attribution": 15, "attention": 9, "sensitivity": 9}
"""Pixels of a strip, by its kind."""
TALLER = 1.7
"""So much taller are the strips of a single lane, which has the room."""
ONE_SCALE = "one scale"
"""Said of colours that end where the caller set it, so that several weeks can be compared."""
BY_HAND = {"non-wear": "not worn", "rest": "rest", "exclude": "left out", "sleep": "asleep", "wake": "awake"}
"""Kind of a mark by hand -> its words."""
REFERENCES = {"mean week": "the mean week", "own day": "the person's own median day"}
"""Name of a baseline or replacement -> its words, where they differ from the name."""


@dataclass(frozen=True, eq=False)
class Layers:
    """What is drawn of a week beside its activity.

    strips: drawn downwards in this order; labels: their names, else the methods'. sleep, nonwear, marks: (minutes,) bool.
    windows: (first, end) minutes of the week to outline. diary: times in bed by a sleep diary. peak (activity at full lane height, in
    the week's unit),
    attribution_limit (logits per 5 minutes), attention_limit and sensitivity_limit (multiples of the mean): set them to draw several
    people on one scale.
    """

    strips: Sequence[Attribution] = ()
    labels: Sequence[str] | None = None
    sleep: np.ndarray | None = None
    nonwear: np.ndarray | None = None
    marks: np.ndarray | None = None
    marks_label: str = "marked minutes"
    windows: Sequence[tuple[int, int]] = ()
    diary: Sequence[Period] = ()
    peak: float | None = None
    attribution_limit: float | None = None
    attention_limit: float | None = None
    sensitivity_limit: float | None = None


NOTHING = Layers()


@dataclass(frozen=True, eq=False)
class Sheet:
    """All that is drawn. labels: one a strip. sleep, nonwear, marks: (minutes,) bool or None. peak: activity at full lane height.

    windows: (first, end) minutes to point at. diary: times in bed by a sleep diary.
    attribution_limit, attention_limit, sensitivity_limit: ends of the colours.
    attribution_range: whose range the attribution's colours have, in a word or two.
    lane: pixels of activity a lane; gap: pixels between lanes.
    """

    week: Week
    lanes: Lanes
    strips: tuple[Attribution, ...]
    labels: tuple[str, ...]
    colours: Theme
    peak: float
    attribution_limit: float
    attention_limit: float
    sensitivity_limit: float = 2.0
    attribution_range: str = ""
    sleep: np.ndarray | None = None
    nonwear: np.ndarray | None = None
    marks: np.ndarray | None = None
    marks_label: str = "marked minutes"
    windows: tuple[tuple[int, int], ...] = ()
    diary: tuple[Period, ...] = ()
    lane: int = 54
    gap: int = 12

    @property
    def flags(self) -> tuple[str, ...]:
        """What must be seen with the strips, each sentence once."""
        return tuple(dict.fromkeys(each.flag for each in self.strips if each.flag))

    def limit(self, kind: str) -> float:
        """Where the colours of a kind of strip end."""
        return {"attribution": self.attribution_limit, "attention": self.attention_limit, "sensitivity": self.sensitivity_limit}[kind]

    def height(self, kind: str) -> int:
        """Pixels of a strip of this kind."""
        return round(HEIGHTS[kind] * (TALLER if self.lanes.count == 1 else 1))

    @property
    def pitch(self) -> int:
        """Pixels from one lane to the next."""
        return self.lane + 3 + sum(self.height(each.kind) + 3 for each in self.strips) + self.gap

    @property
    def plot_height(self) -> int:
        """Pixels of all lanes."""
        return self.pitch * self.lanes.count - self.gap

    def base(self, lane: int) -> int:
        """y of the foot of a lane's activity; lane 0 is on top."""
        return self.plot_height - lane * self.pitch - self.lane

    def rows(self) -> list[Row]:
        """Every strip in every lane, from the activity's foot downwards."""
        rows = []
        for lane in range(self.lanes.count):
            top = self.base(lane) - 3
            for index, each in enumerate(self.strips):
                rows.append(Row(lane, index, top - self.height(each.kind), top))
                top -= self.height(each.kind) + 3
        return rows

    def worn(self) -> np.ndarray:
        """The week's values with non-wear taken out: (minutes,) NaN where nothing may be drawn."""
        values = np.asarray(self.week.values, np.float32)
        return values if self.nonwear is None else np.where(self.nonwear, np.float32(np.nan), values)


def reference_words(each: Attribution) -> str:
    """What an attribution compares the week with, or puts in its place; "" where its settings do not say."""
    name = str(each.settings.get("baseline") or each.settings.get("replacement") or "").replace("_", " ")
    of = str(each.settings.get("baseline_of") or "") if name == "another person" else ""
    return of or REFERENCES.get(name, name)


def compared_words(sheet: Sheet) -> str:
    """Which attribution strip is compared with what, where they are not all compared with the same; "" where they are.

    Strips whose own label names what they are compared with are not told twice.
    """
    with_words = [
        (label, reference_words(each)) for label, each in zip(sheet.labels, sheet.strips, strict=True) if each.kind == "attribution"
    ]
    if len({reference for _, reference in with_words}) < 2:
        return ""
    pairs = [f"{label} with {reference}" for label, reference in with_words if reference and reference not in label]
    return f"Compared: {'; '.join(pairs)}" if pairs else ""


def gaps(sheet: Sheet) -> tuple[np.ndarray, np.ndarray]:
    """(minutes,) bool: worn but without a value; not worn. Both are drawn as a gap with a marked base, never as zero."""
    missing = ~np.isfinite(sheet.week.values)
    nonwear = np.zeros(len(missing), bool) if sheet.nonwear is None else np.asarray(sheet.nonwear, bool)
    return missing & ~nonwear, nonwear


def activity_peak(week: Week, nonwear: np.ndarray | None, peak: float | None) -> float:
    """The activity that fills a lane: `peak` where given, else the week's largest worn minute; 1 where there is none."""
    if peak is not None and peak > 0:
        return float(peak)
    values = np.asarray(week.values, np.float32)
    values = values[np.isfinite(values) if nonwear is None else np.isfinite(values) & ~np.asarray(nonwear, bool)]
    return float(values.max()) if values.size and values.max() > 0 else 1.0


def unit_words(week: Week, form: str) -> str:
    """The unit put into `form` at its %s; nothing where the unit is unknown."""
    return "" if week.unit == UNKNOWN_UNIT else form % plain(week.unit)
