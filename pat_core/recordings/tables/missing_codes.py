"""Numbers that stand for a missing value: 999999 far above all activity, -9 below it. They are missing, and this is said."""

from __future__ import annotations

import numpy as np

from pat_core.plurals import counted
from pat_core.wear.nonwear import runs

NEGATIVE = (-1, -8, -9, -77, -88, -99, -777, -888, -999, -8888, -9999, -99999, -999999, -32767, -32768, -2147483648)
"""Codes below zero, which no activity is."""
_NINES = tuple(10**digits - 1 for digits in range(3, 13))
CEILINGS = (*_NINES, *(8 * nines // 9 for nines in _NINES), 32767, 32768, 65535, 8388607, 16777215, 2147483647, 4294967295)
"""Codes above all activity: nines, eights, and the largest numbers that computers keep in so many bits."""
_FAR, _VERY_FAR = 4.0, 10.0
"""So many times the largest of the other values is what may be a code; and what is one whatever its number, where it comes again."""
_FEWEST, _RUN, _MOST_SHARE = 20, 5, 0.9
"""Different other values from which they tell how large activity gets; epochs in a row of a code of any number; share that are a code."""
_MOST_CODES = 3


def without_codes(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n,) float32 activity with codes for missing values as NaN, and a sentence on each code.

    A negative number is one where all negative numbers are codes and there is activity. A largest number is one where it is a usual
    code, or stands in a row, far above everything else: below the ceiling of a device there is activity too.
    """
    notes: list[str] = []
    for code in _negative(values):
        values = _taken(values, code, "below zero, which activity never is", notes)
    for _ in range(_MOST_CODES):
        highest = _above(values)
        if highest is None:
            break
        rest = values[values < highest / _FAR].max()
        values = _taken(values, highest, f"far above all other values, which reach {rest:,.10g}", notes)
    return values, tuple(notes)


def _taken(values: np.ndarray, code: float, where: str, notes: list[str]) -> np.ndarray:
    at = values == np.float32(code)
    notes.append(
        f"{counted(int(at.sum()), 'epoch holds', 'epochs hold')} {code:.10g}, {where}: a code for a missing value, counted as missing."
    )
    return np.where(at, np.float32(np.nan), values)


def _negative(values: np.ndarray) -> list[float]:
    below = np.unique(values[values < 0])
    known = np.asarray(NEGATIVE, np.float32)
    moving = np.unique(values[np.isfinite(values) & (values > 0)]).size
    return below.tolist() if 0 < below.size <= _MOST_CODES and np.isin(below, known).all() and moving > below.size else []


def _above(values: np.ndarray) -> float | None:
    present = values[np.isfinite(values)]
    if present.size == 0 or (largest := present.max()) <= 0:
        return None
    rest = present[present < largest / _FAR]
    if np.unique(present[present >= largest / _FAR]).size > _MOST_CODES or rest.size < (1 - _MOST_SHARE) * present.size:
        return None
    if np.unique(rest).size < _FEWEST or rest.max() <= 0:
        return None
    if any(largest == np.float32(code) for code in CEILINGS):
        return _code(float(largest))
    starts, lengths = runs(values == largest)
    together = lengths[values[starts] == largest]
    return float(largest) if largest >= _VERY_FAR * rest.max() and together.max() >= _RUN else None


def _code(value: float) -> float:
    """The code that a float32 was, for sentences: it keeps no more than seven digits."""
    return float(next(code for code in CEILINGS if np.float32(code) == np.float32(value)))
