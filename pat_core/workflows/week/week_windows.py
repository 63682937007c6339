"""Windows of a week as a reader chooses them: a day, from when, until when."""

from __future__ import annotations

import numpy as np

from pat_core.errors import WeekError
from pat_core.figures.sheet.lanes import DayFrom, day_lanes
from pat_core.records import Week
from pat_core.settings import MINUTES_PER_DAY


def week_days(week: Week) -> tuple[str, ...]:
    """The week's days from midnight to midnight, in words; "Day 1" and so on, from the first minute, where the start is unknown."""
    return day_lanes(week, "midnight").names


def window_minutes(week: Week, day: int, begin: int, until: int) -> tuple[int, int]:
    """(first, end) minutes of the week from `begin` until `until`, minutes of that day (see `week_days`); an earlier or equal `until` is
    of the next day. Raises WeekError where a part of it lies outside the week."""
    lanes = day_lanes(week, "midnight")
    length = (until - begin - 1) % MINUTES_PER_DAY + 1
    first = int(lanes.minutes[day, begin])
    if first < 0 or first + length > len(week.values):
        last = len(week.values) - 1
        raise WeekError(f"This window does not lie within the week, which goes from {lanes.when(0)} to {lanes.when(last)}. Choose another.")
    return first, first + length


def window_words(week: Week, first: int, end: int | None = None) -> str:
    """Minutes [first, end) of a week in words, like "Wed 7 May, 14:00 to 16:00"; the moment `first` alone where no end is given."""
    return day_lanes(week, "midnight").when(first, end)


def lane_words(week: Week, day_from: DayFrom, first: int, end: int) -> str:
    """The lanes of a week sheet in which minutes [first, end) are drawn, by their names: "Mon 6 May to Tue 7", " and " between two."""
    lanes = day_lanes(week, day_from)
    drawn = np.any((lanes.minutes >= first) & (lanes.minutes < end), axis=1)
    return " and ".join(name.replace("\n", " to ") for name, here in zip(lanes.names, drawn, strict=True) if here)
