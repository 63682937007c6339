"""What a row of NHANES' minute files says: which minute it is, its value, its state, and where midnight lies.

2003-06 (PAXRAW) number the minutes (PAXN from 1) and give weekday (PAXDAY, 1 is Sunday) and clock of each. 2011-14 (PAXMIN) give minutes a
day of wear (PAXDAYM from 1) and its weekday (PAXDAYWM), and no clock: midnight is where the day changes; PAXSSNMP numbers the samples.
Codebooks: wwwn.cdc.gov/nchs/nhanes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from pat_core.recordings.tables import xpt
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK

Block = dict[str, np.ndarray]
NEEDED = {
    "PAXRAW": ("SEQN", "PAXN", "PAXDAY", "PAXHOUR", "PAXMINUT", "PAXINTEN"),
    "PAXMIN": ("SEQN", "PAXSSNMP", "PAXDAYM", "PAXDAYWM", "PAXMTSM"),
}
OPTIONAL = {"PAXRAW": ("PAXSTAT", "PAXCAL"), "PAXMIN": ("PAXPREDM", "PAXQFM")}
CODES = ("PAXDAYM", "PAXDAYWM", "PAXPREDM")
"""Codes of one digit, text in the CDC's files; every other column that is read holds numbers."""
REFERENCE_SUNDAY = datetime(2003, 1, 5)
"""Stands for the unknown Sunday of a recording that only knows its weekdays."""
SAMPLES_A_MINUTE = 4800
DAYS_OF_WEAR = 9
WIDTHS = {"PAXRAW": MINUTES_PER_WEEK, "PAXMIN": DAYS_OF_WEAR * MINUTES_PER_DAY}
"""Minutes that one recording can have: seven days exactly; a part of the first day, seven days, a part of the ninth."""
MONITORS = {"PAXRAW": ("ActiGraph AM-7164", "hip"), "PAXMIN": ("ActiGraph GT3X+", "wrist")}
"""The device, and where it was worn."""
SEEN, FLAGGED, NOT_WORN, WEAR_NOT_KNOWN = 1, 2, 4, 8
"""Bits of a minute's state: it stands in the file; the CDC's review gave it quality flags (PAXQFM counts them, and does not call the value
invalid); by the CDC the monitor was not worn (PAXPREDM 3); the CDC cannot tell (PAXPREDM 4)."""
_NONE = np.iinfo(np.int64).max


def columns(layout: xpt.Layout, kind: str) -> tuple[list[str], list[str]]:
    """(the columns to be read, the needed ones that are not there) of a file of `kind`."""
    names = [variable.name for variable in layout.variables if variable.numeric or variable.name in CODES]
    missing = [name for name in NEEDED[kind] if name not in names]
    return [name for name in (*NEEDED[kind], *OPTIONAL[kind]) if name in names], missing


def as_numbers(block: Block) -> Block:
    """The block with its codes in text as numbers, NaN where there is no digit."""
    return {name: digits(column) if column.dtype.kind == "S" else column for name, column in block.items()}


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
        if not within(place, WIDTHS["PAXMIN"]) or not within(day - 1, DAYS_OF_WEAR) or not within(weekday - 1, 7):
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


@dataclass(frozen=True)
class Laid:
    """Rows of one person, (n,) each. place: int64 minute of the recording, from 0 below its width. values: float32, NaN where there is
    none. states: uint8, SEEN among the bits."""

    place: np.ndarray
    values: np.ndarray
    states: np.ndarray


@dataclass
class Person:
    """One person, block after block of rows.

    trouble: a sentence where the rows contradict one another; nothing more is laid then. offset: PAXRAW's minute of the week (0 is Sunday,
    midnight) at minute 0. days: of PAXMIN's wear. wear_told: whether the CDC says when the monitor was worn. statuses, calibrations: the
    codes of PAXSTAT and PAXCAL that came.
    """

    trouble: str = ""
    offset: int | None = None
    days: Days = field(default_factory=Days)
    wear_told: bool = False
    statuses: set[float] = field(default_factory=set)
    calibrations: set[float] = field(default_factory=set)

    def lay(self, kind: str, rows: Block) -> Laid | None:
        """Minutes, values and states of a block of rows of this person; None, and `trouble`, where they cannot be placed."""
        return self._hip(rows) if kind == "PAXRAW" else self._wrist(rows)

    @property
    def reliable(self) -> bool | None:
        """Whether the CDC calls the recording reliable (PAXSTAT 1); None where it says nothing."""
        return self.statuses == {1} if self.statuses else None

    @property
    def calibrated(self) -> bool | None:
        """Whether the monitor came back calibrated (PAXCAL 1; 2 is out of calibration, 9 not known); None where that is not known."""
        return False if 2 in self.calibrations else True if self.calibrations == {1} else None

    def midnight(self) -> int | None:
        """The first minute that begins a day; None where that is not known."""
        return self.days.midnight() if self.offset is None else -self.offset % MINUTES_PER_DAY

    def start(self, minute: int) -> datetime | None:
        """Weekday and clock of a minute, in the week of the reference Sunday; None where they are not known."""
        if self.offset is None:
            return self.days.start(minute)
        return REFERENCE_SUNDAY + timedelta(minutes=(self.offset + minute) % MINUTES_PER_WEEK)

    def _hip(self, rows: Block) -> Laid | None:
        clock = (rows["PAXDAY"] - 1) * MINUTES_PER_DAY + rows["PAXHOUR"] * 60 + rows["PAXMINUT"]
        place = rows["PAXN"] - 1
        if not within(place, WIDTHS["PAXRAW"]) or not within(clock, MINUTES_PER_WEEK):
            self.trouble = "PAXN (1 to 10080), PAXDAY (1 to 7), PAXHOUR and PAXMINUT were expected; some are missing or out of range."
            return None
        offsets = (clock - place) % MINUTES_PER_WEEK
        self.offset = int(offsets[0]) if self.offset is None else self.offset
        if np.any(offsets != self.offset):
            self.trouble = "The minutes' numbers (PAXN) and their weekday and clock (PAXDAY, PAXHOUR, PAXMINUT) contradict one another."
            return None
        self.statuses.update(np.unique(rows.get("PAXSTAT", ())))
        self.calibrations.update(np.unique(rows.get("PAXCAL", ())))
        return Laid(place.astype(np.int64), _values(rows["PAXINTEN"]), np.full(place.size, SEEN, np.uint8))

    def _wrist(self, rows: Block) -> Laid | None:
        place = self.days.add(rows["PAXSSNMP"], rows["PAXDAYM"], rows["PAXDAYWM"])
        if place is None:
            self.trouble = "PAXSSNMP, PAXDAYM (1 to 9) and PAXDAYWM (1 to 7) were expected; some are missing or out of range."
            return None
        states = np.full(place.size, SEEN, np.uint8)
        if "PAXPREDM" in rows:
            self.wear_told = True
            states[rows["PAXPREDM"] == 3] |= NOT_WORN
            states[rows["PAXPREDM"] == 4] |= WEAR_NOT_KNOWN
        if "PAXQFM" in rows:
            states[~(rows["PAXQFM"] == 0)] |= FLAGGED
        return Laid(place, _values(rows["PAXMTSM"]), states)


def _values(column: np.ndarray) -> np.ndarray:
    """(n,) float32, NaN where there is none: no activity is below 0, and -0.01 is what the CDC writes where MIMS could not be computed."""
    values = column.astype(np.float32)
    values[~(values >= 0)] = np.nan
    return values
