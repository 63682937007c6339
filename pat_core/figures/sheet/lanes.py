"""Where each minute of a week is drawn: lanes that follow the wall clock, or one lane as long as the week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Literal

import numpy as np

from pat_core.records import Week
from pat_core.settings import MINUTES_PER_DAY

DayFrom = Literal["noon", "midnight"]

BIN = 5
"""Minutes drawn as one: a lane of a day is about 1,000 pixels wide, so 5 minutes are 3 to 4 pixels."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ANY_DAY = datetime(2000, 1, 1)
"""Date of an axis that shows the clock alone."""


@dataclass(frozen=True, eq=False)
class Lanes:
    """minutes: (lanes, width) int, the minute of the week in each column, -1 outside the week. names: one a lane, top first.

    x_start: what column 0 stands for on the axis: a clock time, or None where the start is unknown and the axis counts hours.
    start: wall clock of the week's first minute, or None. date_known: as in Week.
    """

    minutes: np.ndarray
    names: tuple[str, ...]
    x_start: datetime | None
    start: datetime | None
    date_known: bool

    @property
    def count(self) -> int:
        """Lanes."""
        return self.minutes.shape[0]

    @property
    def width(self) -> int:
        """Minutes a lane."""
        return self.minutes.shape[1]

    def take(self, values: np.ndarray) -> np.ndarray:
        """(minutes,) -> (lanes, width) float32, NaN outside the week."""
        laid = np.asarray(values, np.float32)[np.clip(self.minutes, 0, None)]
        return np.where(self.minutes >= 0, laid, np.float32(np.nan))

    def mask(self, minutes: np.ndarray) -> np.ndarray:
        """(minutes,) bool -> (lanes, width) bool, False outside the week."""
        return np.asarray(minutes, bool)[np.clip(self.minutes, 0, None)] & (self.minutes >= 0)

    def x(self, columns: Sequence[int] | np.ndarray) -> list[str] | list[float]:
        """Axis values of columns: clock times as text, or hours where the start is unknown."""
        if self.x_start is None:
            return [round(float(column) / 60, 4) for column in columns]
        return [(self.x_start + timedelta(minutes=float(column))).isoformat(" ", "minutes") for column in columns]

    def when(self, minute: int, until: int | None = None) -> str:
        """A minute of the week (or from it until another) in words; never a clock or a weekday where the start is unknown."""
        if self.start is None:
            day, rest = divmod(minute, MINUTES_PER_DAY)
            return f"Day {day + 1}, {rest // 60} h {rest % 60} min" + (f", {until - minute} min long" if until else "")
        moment = self.start + timedelta(minutes=minute)
        words = f"{day_name(moment, self.date_known)}, {_of_day(moment)}"
        return words + (f" to {_of_day(self.start + timedelta(minutes=until))}" if until else "")


def _of_day(moment: datetime) -> str:
    """As `%H:%M`, which is asked for thousands of times a sheet."""
    return f"{moment.hour:02d}:{moment.minute:02d}"


def day_name(moment: datetime, date_known: bool = True, month: bool = True) -> str:
    """Like "Wed 7 May"; "Wed 7" without the month; "Wed" where the calendar date is not known."""
    weekday = WEEKDAYS[moment.weekday()]
    if not date_known:
        return weekday
    return f"{weekday} {moment.day} {MONTHS[moment.month - 1]}" if month else f"{weekday} {moment.day}"


def clock(minutes: float) -> str:
    """Minutes after midnight as a clock time, rounded to the minute: 1412.6 -> "23:33"."""
    whole = round(minutes) % MINUTES_PER_DAY
    return f"{whole // 60:02d}:{whole % 60:02d}"


def hours_minutes(minutes: float) -> str:
    """A length as hours and minutes: 432 -> "7:12"."""
    whole = round(minutes)
    return f"{whole // 60}:{whole % 60:02d}"


def day_lanes(week: Week, day_from: DayFrom = "noon", double: bool = False) -> Lanes:
    """One lane a day of the wall clock: 7, or 8 where the first and the last are cut off; 24 hours wide, 48 when doubled.

    Without a known start: lanes of 24 hours from the first minute, called "Day 1" and so on, whatever `day_from` says.
    """
    length = len(week.values)
    start = week.start.replace(second=0, microsecond=0) if week.start else None
    first = 12 * 60 if day_from == "noon" and start else 0
    offset = (start.hour * 60 + start.minute - first) % MINUTES_PER_DAY if start else 0
    count = ceil((offset + length) / MINUTES_PER_DAY)
    width = MINUTES_PER_DAY * (2 if double else 1)
    minutes = np.arange(count)[:, None] * MINUTES_PER_DAY + np.arange(width)[None, :] - offset
    minutes = np.where((minutes >= 0) & (minutes < length), minutes, -1)
    if start is None:
        names = tuple(f"Day {lane + 1}" for lane in range(count))
        return Lanes(minutes, names, None, None, week.date_known)
    opens = [start - timedelta(minutes=offset) + timedelta(days=lane) for lane in range(count)]
    crossed = (2 if double else 1) - (0 if first else 1)
    names = tuple(_lane_name(moment, lane, week.date_known, crossed) for lane, moment in enumerate(opens))
    return Lanes(minutes, names, ANY_DAY + timedelta(minutes=first), start, week.date_known)


def lanes_from_start(length: int, days: int, start: datetime | None, date_known: bool) -> Lanes:
    """One lane for each 24 hours from the first of `length` minutes on, so many lanes; the last may be cut off."""
    minutes = np.arange(days * MINUTES_PER_DAY).reshape(days, MINUTES_PER_DAY)
    minutes = np.where(minutes < length, minutes, -1)
    if start is None:
        return Lanes(minutes, tuple(f"Day {day + 1}" for day in range(days)), None, None, date_known)
    opens = start.replace(second=0, microsecond=0)
    names = tuple(day_name(opens + timedelta(days=day), date_known) for day in range(days))
    return Lanes(minutes, names, ANY_DAY + timedelta(hours=opens.hour, minutes=opens.minute), opens, date_known)


def week_lane(week: Week) -> Lanes:
    """The whole week as one lane, on its own clock; hours from the first minute where the start is unknown."""
    start = week.start.replace(second=0, microsecond=0) if week.start else None
    return Lanes(np.arange(len(week.values))[None, :], ("",), start, start, week.date_known)


def week_ticks(date_known: bool) -> dict[str, Any]:
    """An axis along the days of a week, the clock when zoomed in. How many ticks there are is left to the width; two lines keep them
    upright in a narrow window."""
    day = "%a<br>%-d %b" if date_known else "%a"
    stops = [{"dtickrange": [None, 43200000], "value": f"%H:%M\n{day}"}, {"dtickrange": [43200001, None], "value": day}]
    return {"type": "date", "tickformatstops": stops}


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """[first, end) of every stretch of True in a one-dimensional mask."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], np.asarray(mask, np.int8), [0]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _lane_name(moment: datetime, lane: int, date_known: bool, crossed: int) -> str:
    """crossed: midnights inside the lane; a second line names the day on which it ends."""
    after = moment + timedelta(days=crossed)
    name = day_name(moment, date_known, month=lane == 0 or moment.day == 1)
    return f"{name}\n{day_name(after, date_known, month=after.day == 1)}" if crossed else name
