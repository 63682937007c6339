"""NHANES 2011-14 (PAXMIN) gives minutes a day of wear and its weekday, and no clock: midnight is where the day changes.

Codebooks: wwwn.cdc.gov/nchs/nhanes. PAXDAYM counts the days from 1, PAXDAYWM gives the weekday (1 is Sunday), PAXSSNMP numbers the samples.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from ..settings import MINUTES_PER_DAY, MINUTES_PER_WEEK

REFERENCE_SUNDAY = datetime(2003, 1, 5)
"""Stands for the unknown Sunday of a recording that only knows its weekdays."""
SAMPLES_A_MINUTE = 4800
DAYS_OF_WEAR = 9
_NONE = np.iinfo(np.int64).max


def digits(column: np.ndarray) -> np.ndarray:
    """(n,) float64 of codes of one digit that a file holds as text (bytes, blanks around them), NaN where there is no digit."""
    first = column.view(np.uint8).reshape(column.size, -1)
    digit = first[:, 0] if first.shape[1] == 1 else first[np.arange(column.size), np.argmax(first > 0x20, axis=1)]
    values = digit.astype(np.float64) - 0x30
    values[(values < 0) | (values > 9)] = np.nan
    return values


def within(values: np.ndarray, end: int) -> bool:
    """Whether all are known, from 0 up to below `end`."""
    return bool(values.size == 0 or (values.min() >= 0 and values.max() < end))


@dataclass
class Days:
    """first, last: first and last minute of each day of wear (index 1 to 9). weekdays: of each day, 1 is Sunday, 0 unknown."""

    first: np.ndarray = field(default_factory=lambda: np.full(DAYS_OF_WEAR + 1, _NONE))
    last: np.ndarray = field(default_factory=lambda: np.full(DAYS_OF_WEAR + 1, -1))
    weekdays: np.ndarray = field(default_factory=lambda: np.zeros(DAYS_OF_WEAR + 1, np.int64))

    def add(self, samples: np.ndarray, day: np.ndarray, weekday: np.ndarray) -> np.ndarray | None:
        """(n,) int64 minutes of (n,) rows (PAXSSNMP, PAXDAYM, PAXDAYWM); None, and nothing added, where one is missing or out of range."""
        place = samples // SAMPLES_A_MINUTE
        if not within(place, DAYS_OF_WEAR * MINUTES_PER_DAY) or not within(day - 1, DAYS_OF_WEAR) or not within(weekday - 1, 7):
            return None
        place, day = place.astype(np.int64), day.astype(np.int64)
        np.minimum.at(self.first, day, place)
        np.maximum.at(self.last, day, place)
        self.weekdays[day] = weekday
        return place

    def midnight(self) -> int | None:
        """The minute at which the second day of wear began; None where that is not known."""
        first, last = self.first, self.last
        if last[1] < 0:  # no part of a first day
            return 0 if first[2] == 0 else None
        earliest, latest = int(last[1]) + 1, int(first[2])
        if earliest == latest:
            return earliest
        by_third = int(first[3]) - MINUTES_PER_DAY
        return by_third if earliest <= by_third <= latest and last[2] == first[3] - 1 else None

    def start(self, minute: int) -> datetime | None:
        """Weekday and clock of a minute, in the week of the reference Sunday; None where they are not known."""
        midnight = self.midnight()
        if midnight is None or not self.weekdays[2]:
            return None
        # The weekday of the second day, carried back to the minute asked for.
        weekday = int(self.weekdays[2]) - 1
        return REFERENCE_SUNDAY + timedelta(minutes=(weekday * MINUTES_PER_DAY + minute - midnight) % MINUTES_PER_WEEK)
