"""Per-minute standardization over people, as PAT's authors prepare their data (scikit-learn's StandardScaler over participants).

Or, by choice, over people and days by the minute of the day: such means read windows of any length that begin at any time of the day.
Works in blocks of people, so that a cohort may lie on disk and no second copy of it is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import numpy as np

from pat_core.errors import WeekError
from pat_core.records import StandardizePer, Standardizer
from pat_core.settings import MINIMUM_PEOPLE_FOR_STANDARDIZER, MINUTES_PER_DAY

PEOPLE_AT_ONCE = 256

FEW_PEOPLE = 100
"""Up to so many people a minute's own deviation is trusted no further than that of all minutes together."""

Starts = Sequence[datetime | None] | np.ndarray
"""When each window begins: wall clock, None where it is not known; or (windows,) minutes of the day. Where it is not known, the first
minute stands for midnight."""


class Weeks(Protocol):
    """(people, minutes) weeks in memory or on disk, read a few rows at a time."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, rows: Any, /) -> np.ndarray: ...


def fit(
    weeks: Weeks,
    source: str,
    unit: str,
    rows: Sequence[int] | np.ndarray | None = None,
    per: StandardizePer = "window",
    starts: Starts | None = None,
) -> Standardizer:
    """Mean and population deviation (ddof 0) of every minute over (people, minutes) weeks, missing values left out.

    A minute that is the same for everybody gets scale 1, one that nobody has mean 0 and scale 1. source: on whom; unit: of the weeks.
    rows: which of the weeks to take (default all), so that a few of many on disk need no copy. per: "day" takes each minute of the day over
    all days of these people, whose windows may differ in length; starts: of all weeks, needed for it.
    Raises WeekError for other shapes and for fewer people than MINIMUM_PEOPLE_FOR_STANDARDIZER.
    """
    _refuse_shape(weeks)
    chosen = np.arange(weeks.shape[0]) if rows is None else np.asarray(rows, dtype=int)
    begins = minutes_of_day(starts, weeks.shape[0]) if per == "day" else None
    people, minutes = chosen.size, MINUTES_PER_DAY if per == "day" else weeks.shape[1]
    if people < MINIMUM_PEOPLE_FOR_STANDARDIZER:
        raise WeekError(
            f"A mean and a deviation for every minute need at least {MINIMUM_PEOPLE_FOR_STANDARDIZER} people; there are {people}. Use the "
            "standardizer that came with the model, or add people."
        )
    count, total = np.zeros(minutes), np.zeros(minutes)
    lowest, highest = np.full(minutes, np.inf), np.full(minutes, -np.inf)
    for block in _blocks(weeks, chosen, begins):
        present = np.isfinite(block)
        count += present.sum(axis=0)
        total += np.where(present, block, 0).sum(axis=0, dtype=np.float64)
        lowest = np.minimum(lowest, np.where(present, block, np.inf).min(axis=0))
        highest = np.maximum(highest, np.where(present, block, -np.inf).max(axis=0))
    known = np.maximum(count, 1)
    mean = total / known
    squares = np.zeros(minutes)
    for block in _blocks(weeks, chosen, begins):
        # Deviations from the mean, in a second pass: sums of squares would lose the small ones.
        deviation = np.where(np.isfinite(block), block - mean, 0.0)
        squares += np.einsum("ij,ij->j", deviation, deviation)
    scale = np.sqrt(squares / known).astype(np.float32)
    scale[(lowest >= highest) | (scale <= 0)] = 1.0
    return Standardizer(mean.astype(np.float32), scale, people, source, unit, per)


def steadied(standardizer: Standardizer) -> Standardizer:
    """The same with no minute's scale below a share of the deviation over all minutes: all of it up to `FEW_PEOPLE` people, less with more.

    Among few people hardly anyone moves in some minutes of the night. Their deviation is then next to nothing, and whoever was not among
    those people and moves then comes out thousands of deviations away, though none of those people can be more than sqrt(people - 1) away.
    """
    share = min(1.0, np.sqrt(FEW_PEOPLE / standardizer.people))
    least = share * np.sqrt(np.mean(np.square(standardizer.scale, dtype=np.float64)))
    return replace(standardizer, scale=np.maximum(standardizer.scale, np.float32(least)))


def apply(standardizer: Standardizer, weeks: Weeks, starts: Starts | None = None) -> np.ndarray:
    """z = (x - mean) / scale of (people, minutes) weeks: float32 of the same shape. A missing minute becomes 0, the mean of that minute.

    starts: of each week, needed by a standardizer per minute of the day; one per minute of the window does not look at them.
    Raises WeekError where the weeks have another number of minutes than the standardizer.
    """
    _refuse_shape(weeks)
    if not standardizer.reads(weeks.shape[1]):
        raise WeekError(
            f"The standardizer has {standardizer.mean.size} minutes; the weeks have {weeks.shape[1]}. Cut the weeks to the same length."
        )
    begins = minutes_of_day(starts, weeks.shape[0]) if standardizer.per == "day" else np.zeros(weeks.shape[0], int)
    z = np.empty(weeks.shape, np.float32)
    for rows in _alike(begins):
        mean, scale = standardizer.laid_out(weeks.shape[1], int(begins[rows[0]]))
        for first in range(0, rows.size, PEOPLE_AT_ONCE):
            some = rows[first : first + PEOPLE_AT_ONCE]
            part = slice(int(some[0]), int(some[-1]) + 1) if some[-1] - some[0] == some.size - 1 else some
            block = np.empty((some.size, weeks.shape[1]), np.float32)
            np.subtract(weeks[part], mean, out=block)
            block /= scale
            block[~np.isfinite(block)] = 0.0
            z[part] = block
    return z


def minutes_of_day(starts: Starts | None, weeks: int) -> np.ndarray:
    """(weeks,) minute of the day at which each begins, 0 where that is not known. ValueError where no starts are given at all."""
    if starts is None:
        raise ValueError("a standardizer per minute of the day needs to know when each window begins, or that this is not known")
    if isinstance(starts, np.ndarray) and starts.dtype.kind in "iu":
        minutes = starts % MINUTES_PER_DAY
    else:
        minutes = np.array([0 if start is None else start.hour * 60 + start.minute for start in starts], dtype=int)
    if minutes.shape != (weeks,):
        raise ValueError(f"expected when each of {weeks} windows begins, got {minutes.shape}")
    return minutes


def standardizer_sha(standardizer: Standardizer) -> str:
    """sha256 of its means, then its scales, as little-endian float32, and of what they are by where that is the day: what it does to a
    week."""
    content = np.concatenate([standardizer.mean, standardizer.scale]).astype("<f4").tobytes()
    return hashlib.sha256(content + (b"day" if standardizer.per == "day" else b"")).hexdigest()


def _blocks(weeks: Weeks, rows: np.ndarray, begins: np.ndarray | None) -> Iterator[np.ndarray]:
    """A few rows at a time, (rows, minutes); with begins (weeks,) as days of the clock, (days, 1440), NaN where there is no minute."""
    if begins is None:
        for first in range(0, rows.size, PEOPLE_AT_ONCE):
            yield np.asarray(weeks[rows[first : first + PEOPLE_AT_ONCE]])
        return
    for first in range(0, rows.size, PEOPLE_AT_ONCE):
        yield np.concatenate([_days(np.asarray(weeks[row]), int(begins[row])) for row in rows[first : first + PEOPLE_AT_ONCE].tolist()])


def _days(values: np.ndarray, begin: int) -> np.ndarray:
    days = np.full(-(-(begin + values.size) // MINUTES_PER_DAY) * MINUTES_PER_DAY, np.nan, np.float32)
    days[begin : begin + values.size] = values
    return days.reshape(-1, MINUTES_PER_DAY)


def _alike(begins: np.ndarray) -> list[np.ndarray]:
    """Positions of windows that begin at the same minute of the day, in rising order: one array each."""
    return [np.flatnonzero(begins == begin) for begin in np.unique(begins)]


def _refuse_shape(weeks: Weeks) -> None:
    if getattr(weeks, "ndim", 0) != 2:
        raise WeekError(f"Weeks were expected as (people, minutes); their shape is {np.shape(weeks)}. One week is (1, minutes).")
