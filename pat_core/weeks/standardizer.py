"""Per-minute standardization over people, as PAT's authors prepare their data (scikit-learn's StandardScaler over participants).

Works in blocks of people, so that a cohort may lie on disk and no second copy of it is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from pat_core.errors import WeekError
from pat_core.records import Standardizer
from pat_core.settings import MINIMUM_PEOPLE_FOR_STANDARDIZER

PEOPLE_AT_ONCE = 256


class Weeks(Protocol):
    """(people, minutes) weeks in memory or on disk, read a few rows at a time."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, rows: Any, /) -> np.ndarray: ...


def fit(weeks: Weeks, source: str, unit: str, rows: Sequence[int] | np.ndarray | None = None) -> Standardizer:
    """Mean and population deviation (ddof 0) of every minute over (people, minutes) weeks, missing values left out.

    A minute that is the same for everybody gets scale 1, one that nobody has mean 0 and scale 1. source: on whom; unit: of the weeks.
    rows: which of the weeks to take (default all), so that a few of many on disk need no copy.
    Raises WeekError for other shapes and for fewer people than MINIMUM_PEOPLE_FOR_STANDARDIZER.
    """
    _refuse_shape(weeks)
    chosen = np.arange(weeks.shape[0]) if rows is None else np.asarray(rows, dtype=int)
    people, minutes = chosen.size, weeks.shape[1]
    if people < MINIMUM_PEOPLE_FOR_STANDARDIZER:
        raise WeekError(
            f"A mean and a deviation for every minute need at least {MINIMUM_PEOPLE_FOR_STANDARDIZER} people; there are {people}. Use the "
            "standardizer that came with the model, or add people."
        )
    count, total = np.zeros(minutes), np.zeros(minutes)
    lowest, highest = np.full(minutes, np.inf), np.full(minutes, -np.inf)
    for block in _blocks(weeks, chosen):
        present = np.isfinite(block)
        count += present.sum(axis=0)
        total += np.where(present, block, 0).sum(axis=0, dtype=np.float64)
        lowest = np.minimum(lowest, np.where(present, block, np.inf).min(axis=0))
        highest = np.maximum(highest, np.where(present, block, -np.inf).max(axis=0))
    known = np.maximum(count, 1)
    mean = total / known
    squares = np.zeros(minutes)
    for block in _blocks(weeks, chosen):
        # Deviations from the mean, in a second pass: sums of squares would lose the small ones.
        deviation = np.where(np.isfinite(block), block - mean, 0.0)
        squares += np.einsum("ij,ij->j", deviation, deviation)
    scale = np.sqrt(squares / known).astype(np.float32)
    scale[(lowest >= highest) | (scale <= 0)] = 1.0
    return Standardizer(mean.astype(np.float32), scale, people, source, unit)


def apply(standardizer: Standardizer, weeks: Weeks) -> np.ndarray:
    """z = (x - mean) / scale of (people, minutes) weeks: float32 of the same shape. A missing minute becomes 0, the mean of that minute.

    Raises WeekError where the weeks have another number of minutes than the standardizer.
    """
    _refuse_shape(weeks)
    if weeks.shape[1] != standardizer.mean.size:
        raise WeekError(
            f"The standardizer has {standardizer.mean.size} minutes; the weeks have {weeks.shape[1]}. Cut the weeks to the same length."
        )
    z = np.empty(weeks.shape, np.float32)
    for begin in range(0, weeks.shape[0], PEOPLE_AT_ONCE):
        block = z[begin : begin + PEOPLE_AT_ONCE]
        np.subtract(weeks[begin : begin + PEOPLE_AT_ONCE], standardizer.mean, out=block)
        block /= standardizer.scale
        block[~np.isfinite(block)] = 0.0
    return z


def standardizer_sha(standardizer: Standardizer) -> str:
    """sha256 of its means, then its scales, as little-endian float32: what it does to a week."""
    return hashlib.sha256(np.concatenate([standardizer.mean, standardizer.scale]).astype("<f4").tobytes()).hexdigest()


def _blocks(weeks: Weeks, rows: np.ndarray) -> Iterator[np.ndarray]:
    for begin in range(0, rows.size, PEOPLE_AT_ONCE):
        yield np.asarray(weeks[rows[begin : begin + PEOPLE_AT_ONCE]])


def _refuse_shape(weeks: Weeks) -> None:
    if getattr(weeks, "ndim", 0) != 2:
        raise WeekError(f"Weeks were expected as (people, minutes); their shape is {np.shape(weeks)}. One week is (1, minutes).")
