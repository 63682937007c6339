"""The double-plotted actogram on paper: a row is two days, each day stands twice, with rest, sleep, non-wear and marks by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pat_core.figures.charts.night_days import masks
from pat_core.figures.sheet.lanes import Lanes, day_lanes, runs
from pat_core.figures.sheet.sheet_plan import activity_peak
from pat_core.records import UNKNOWN_UNIT, Week
from pat_core.reports.paper.paper_drawing import KEY_ROW, Sign, boxes, key, key_rows, stroke, write
from pat_core.reports.paper.paper_style import ACTIVITY, ASLEEP, FIGURE, MUTED, REST, RULE, TEXT
from pat_core.reports.paper.paper_words import Words
from pat_core.wear import covered
from pat_core.workflows.people.participant_week import WeekView
from pat_core.workflows.week.week_diary import diary_periods

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GUTTER, CLOCK, BELOW = 54.0, 23.0, 14.0
"""Points on the left for the days, for the clock above (with the key's first row), and for the clock below."""
BIN = 4
"""Minutes drawn as one, by their largest: no peak is lost."""
HOURS = 6
PITCHES = (24.0, 33.0, 50.0)
"""Points from one row to the next: at least, usually, at most, for a week; longer windows have narrower rows."""
TALLEST = 560.0


def actogram_heights(week: Week) -> tuple[float, float, float]:
    """Points that the picture of this week takes: at least, usually, at most."""
    rows = day_lanes(week, "noon", double=True).count
    fixed = 2 * KEY_ROW + CLOCK + BELOW
    least, usual, most = (min(fixed + rows * pitch, TALLEST) for pitch in PITCHES)
    return least, usual, most


def draw_actogram(axes: Axes, width: float, height: float, view: WeekView, words: Words) -> None:
    """Into axes in points (see paper_drawing.points)."""
    lanes, signs = day_lanes(view.week, "noon", double=True), week_signs(view, words)
    key(axes, width, signs)
    top = KEY_ROW * key_rows(width, signs) + CLOCK
    plot = Plot(axes, lanes, (GUTTER, width - GUTTER), top, (height - top - BELOW) / lanes.count)
    plot.clock(words)
    parts = week_masks(view)
    peak = activity_peak(view.week, view.nonwear, None)
    for lane in range(lanes.count):
        plot.row(lane, day_words(lanes, lane, words))
        plot.shade(lane, parts["rest"], 0.0, 1.0, REST)
        plot.shade(lane, parts["asleep"], 0.0, 0.11, ASLEEP)
        plot.hatched(lane, view.nonwear)
        plot.dotted(lane, parts["missing"])
        plot.activity(lane, np.where(view.nonwear, np.nan, view.week.values), peak)
        plot.over(lane, parts["diary"])
        plot.brackets(lane, parts["by hand"])


def week_masks(view: WeekView) -> dict[str, np.ndarray]:
    """What is shaded of each minute, (minutes,) bool each, from the arrays that the table of nights is counted from."""
    minutes, report = view.week.values.size, view.nights.report
    nothing = np.zeros(minutes, bool)
    return {
        "rest": nothing if view.sleep is None else view.sleep,
        "asleep": nothing if report is None else masks(report)["asleep"],
        "missing": ~np.isfinite(view.week.values) & ~view.nonwear,
        "by hand": covered(view.week.marks, minutes),
        "diary": covered(diary_periods(view.week, view.diary), minutes),
    }


def week_signs(view: WeekView, words: Words) -> list[Sign]:
    """What there is in the picture, for its key."""
    parts = week_masks(view)
    unit = "" if view.week.unit == UNKNOWN_UNIT else f" {view.week.unit}"
    full = words.figures(activity_peak(view.week, view.nonwear, None), 3)
    activity = words.say("Activity (square root, full height {peak}{unit})").format(peak=full, unit=unit)
    named: dict[str, Sign] = {
        "rest": (partial(_patch, look={"facecolors": REST}), 9.0, words.say("Rest")),
        "asleep": (partial(_patch, look={"facecolors": ASLEEP}), 9.0, words.say("Scored asleep")),
        "nonwear": (_hatched_patch, 9.0, words.say("Not worn")),
        "missing": (_dotted_line, 9.0, words.say("No data")),
        "by hand": (_bracket, 9.0, words.say("Marked by hand")),
        "diary": (_bar, 9.0, words.say("In bed by the diary")),
    }
    present = {"nonwear": view.nonwear, **parts}
    return [activity_sign(activity), *(sign for name, sign in named.items() if present[name].any())]


def activity_sign(text: str) -> Sign:
    """Of the activity, in a key."""
    return partial(_patch, look={"facecolors": ACTIVITY}), 9.0, text


def _patch(axes: Axes, x: float, y: float, look: dict[str, object]) -> None:
    boxes(axes, [(x, y, x + 9, y + 6)], **look)


def _hatched_patch(axes: Axes, x: float, y: float) -> None:
    boxes(axes, [(x, y, x + 9, y + 6)], **HATCHED)


def _dotted_line(axes: Axes, x: float, y: float) -> None:
    stroke(axes, [x, x + 9], [y + 5, y + 5], color=MUTED, linewidth=1.2, linestyle=(0, (1, 1)))


def _bracket(axes: Axes, x: float, y: float) -> None:
    stroke(axes, [x, x, x + 9, x + 9], [y + 5, y + 2, y + 2, y + 5], color=TEXT, linewidth=0.9)


def _bar(axes: Axes, x: float, y: float) -> None:
    boxes(axes, [(x, y + 2.4, x + 9, y + 4)], facecolors=MUTED)


HATCHED: dict[str, object] = {"facecolors": "white", "edgecolors": MUTED, "hatch": "//////", "linewidths": 0.4}


def day_words(lanes: Lanes, lane: int, words: Words) -> str:
    """The day on which a row begins; "Day 2" where the clock is not known."""
    if lanes.start is None:
        return words.say("Day {number}").format(number=lane + 1)
    minutes = lanes.minutes[lane]
    column = int((minutes >= 0).argmax())
    begins = lanes.start + timedelta(minutes=int(minutes[column]) - column)
    return words.day(begins, lanes.date_known, short=True)


class Plot:
    """Rows of one picture: where minutes and activity lie in points.

    across: left edge and length of the clock's axis. top: of the first row; pitch: from one row to the next, of which `height` is for the
    activity.
    """

    def __init__(
        self, axes: Axes, lanes: Lanes, across: tuple[float, float], top: float, pitch: float, height: float | None = None
    ) -> None:
        self.axes, self.lanes, self.top, self.pitch = axes, lanes, top, pitch
        self.left, self.span = across
        self.height = height or pitch - 4.5

    def x(self, column: Sequence[float] | np.ndarray) -> np.ndarray:
        """Points of columns of the lanes."""
        return self.left + self.span * np.asarray(column, dtype=np.float64) / self.lanes.width

    def at(self, column: float) -> float:
        """Points of one column."""
        return self.left + self.span * column / self.lanes.width

    def base(self, lane: int) -> float:
        """y of a row's foot."""
        return self.top + lane * self.pitch + self.height

    def clock(self, words: Words) -> None:
        """Hairlines every six hours, midnight stronger, with clock times above and below; a bar of the dark half of the day on top."""
        known, bottom = self.lanes.x_start is not None, self.top + self.lanes.count * self.pitch - 4.5
        opens, hours = 0 if self.lanes.x_start is None else self.lanes.x_start.hour, self.lanes.width // 60
        for hour in range(0, hours + 1, HOURS):
            at, of_day = self.at(hour * 60), (opens + hour) % 24
            colour, weight = (MUTED, 0.7) if known and of_day == 0 else (RULE, 0.4)
            stroke(self.axes, [at, at], [self.top - 2, bottom], color=colour, linewidth=weight, zorder=0.5)
            text = f"{of_day:02d}" if known else words.say("{hours} h").format(hours=hour)
            for y in (self.top - 10.5, bottom + 9.5):
                write(self.axes, at, y, text, FIGURE, colour=MUTED, align="center")
        if known:
            dark = [hour for hour in range(0, hours, HOURS) if (opens + hour) % 24 in (18, 0)]
            low, high = self.top - 8, self.top - 5
            boxes(self.axes, [(self.at(hour * 60), low, self.at((hour + HOURS) * 60), high) for hour in dark], facecolors=TEXT)
            ends = self.left, self.left + self.span
            stroke(self.axes, [*ends, ends[1], ends[0], ends[0]], [low, low, high, high, low], color=TEXT, linewidth=0.4)

    def row(self, lane: int, name: str) -> None:
        """A row's name and its foot."""
        base = self.base(lane)
        write(self.axes, self.left - 6, base - self.height / 2 + 3, name, FIGURE, align="right")
        inside = np.flatnonzero(self.lanes.minutes[lane] >= 0)
        if inside.size:
            stroke(self.axes, self.x(inside[[0, -1]] + np.array([0, 1])), [base, base], color=MUTED, linewidth=0.4)

    def stretches(self, lane: int, minutes: np.ndarray) -> list[tuple[float, float]]:
        """From and to in points, of the stretches of minutes in a row."""
        laid = self.lanes.mask(minutes)[lane]
        return [(self.at(first), self.at(end)) for first, end in runs(laid)]

    def shade(self, lane: int, minutes: np.ndarray, low: float, high: float, colour: str) -> None:
        """Boxes over stretches of minutes, between two shares of the row's height."""
        base = self.base(lane)
        corners = [(first, base - high * self.height, end, base - low * self.height) for first, end in self.stretches(lane, minutes)]
        boxes(self.axes, corners, facecolors=colour, zorder=0.8)

    def hatched(self, lane: int, minutes: np.ndarray) -> None:
        """Not worn: a hatched gap at the foot, never a zero."""
        base = self.base(lane)
        corners = [(first, base - 0.3 * self.height, end, base) for first, end in self.stretches(lane, minutes)]
        boxes(self.axes, corners, **HATCHED, zorder=1.2)

    def dotted(self, lane: int, minutes: np.ndarray) -> None:
        """No data: a dotted foot."""
        base = self.base(lane)
        for first, end in self.stretches(lane, minutes):
            stroke(self.axes, [first, end], [base, base], color="white", linewidth=1.6, zorder=1.3)
            stroke(self.axes, [first, end], [base, base], color=MUTED, linewidth=1.3, linestyle=(0, (1, 1.4)), zorder=1.4)

    def activity(self, lane: int, values: np.ndarray, peak: float) -> None:
        """A filled profile on a square-root scale; a gap where there is no value."""
        laid = self.lanes.take(values)[lane]
        padded = np.append(laid, np.full(-laid.size % BIN, np.nan, laid.dtype)).reshape(-1, BIN)
        there = np.isfinite(padded).any(axis=1)
        largest = np.where(there, np.where(np.isfinite(padded), padded, -np.inf).max(axis=1), 0.0)
        heights = np.sqrt(np.clip(largest / peak, 0, 1)) * self.height
        x, base = self.x((np.arange(largest.size) + 0.5) * BIN), self.base(lane)
        self.axes.fill_between(
            x, base - heights, base, where=there, step="mid", facecolor=ACTIVITY, edgecolor="none", linewidth=0, zorder=2, clip_on=False
        )

    def over(self, lane: int, minutes: np.ndarray) -> None:
        """In bed by a diary: a thin bar over the row."""
        top = self.base(lane) - self.height
        boxes(self.axes, [(first, top - 2.6, end, top - 1.0) for first, end in self.stretches(lane, minutes)], facecolors=MUTED, zorder=1.1)

    def brackets(self, lane: int, minutes: np.ndarray) -> None:
        """Marked by hand: a bracket above the activity."""
        top = self.base(lane) - self.height
        for first, end in self.stretches(lane, minutes):
            stroke(self.axes, [first, first, end, end], [top + 3, top, top, top + 3], color=TEXT, linewidth=0.9, zorder=3)
