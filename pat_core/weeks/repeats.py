"""Stretches of a week that come again minute for minute: copied days, and short recordings repeated until a week was full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pat_core.records import Finding, Week
from pat_core.settings import MINUTES_PER_DAY
from pat_core.wear.nonwear import runs
from pat_core.weeks.cut import in_days
from pat_core.weeks.findings import refuse, when

REPEATED = 6 * 60
"""Minutes in a row that must come again. Nobody lives six hours twice: the longest such stretch seen in real weeks (OBF-Psychiatric and
NHANES 2003-04, 303 weeks) is of 172 minutes, in a device that hardly measured; in simulated ones there is none."""
CHANGES = 30
"""Minutes of the stretch that differ from the one before: equal zeros, or hours of a device that was off, are no repetition."""
PROBE, PROBE_CHANGES = 45, 10
"""Short stretches by which the distances of a repetition are found, and how many of their minutes must differ from the one before."""
DISTANCES = 12
"""The most frequent distances that are looked at, besides whole days."""


@dataclass(frozen=True)
class Repeat:
    """The minutes [later, later + minutes) equal the minutes [first, first + minutes)."""

    first: int
    later: int
    minutes: int


def of_repeats(week: Week) -> Iterator[Finding]:
    """Refuses a week in which hours come twice."""
    repeat = longest_repeat(week.values)
    if repeat is not None and repeat.minutes >= REPEATED:
        yield refuse(
            "repeated",
            f"For {in_days(repeat.minutes)}, {when(week, repeat.later)}, every minute equals those {when(week, repeat.first)}. Nobody "
            "repeats movement to the count: days were copied, a short recording was repeated to fill the week, or a program filled hours "
            "without the device from other days. Use the recording as the device wrote it.",
            float(repeat.minutes),
        )


def longest_repeat(values: np.ndarray) -> Repeat | None:
    """The longest stretch of (minutes,) values with enough changes that comes a second time; None where there is none. Missing minutes
    equal one another."""
    keys = np.unique(np.nan_to_num(np.asarray(values, np.float64), nan=-1.0), return_inverse=True)[1]
    if keys.size <= PROBE:
        return None
    changes = np.concatenate(([0, 0], np.cumsum(keys[1:] != keys[:-1])))  # before each minute
    best: Repeat | None = None
    for distance in _distances(keys, changes):
        starts, lengths = runs(keys[distance:] == keys[:-distance])
        equal = keys[starts] == keys[starts + distance]
        enough = changes[starts + lengths] - changes[np.minimum(starts + 1, keys.size)] >= CHANGES
        lengths = np.where(equal & enough, lengths, 0)
        longest = int(np.argmax(lengths))
        if lengths[longest] > (best.minutes if best else 0):
            best = Repeat(int(starts[longest]), int(starts[longest]) + distance, int(lengths[longest]))
    return best


def _distances(keys: np.ndarray, changes: np.ndarray) -> list[int]:
    """Distances at which a repetition may lie: whole days, and those between equal short stretches, the most frequent first."""
    days = list(range(MINUTES_PER_DAY, keys.size, MINUTES_PER_DAY))
    moving = np.flatnonzero(changes[PROBE:] - changes[:-PROBE] >= PROBE_CHANGES)
    if moving.size == 0:
        return days
    sums = _fingerprints(keys)[moving]
    order = np.argsort(sums, kind="stable")
    apart = np.diff(moving[order])[sums[order][1:] == sums[order][:-1]]
    often = np.bincount(apart) if apart.size else np.zeros(0, int)
    frequent = np.argsort(-often, kind="stable")[:DISTANCES]
    return days + [int(distance) for distance in frequent if often[distance]]


def _fingerprints(keys: np.ndarray) -> np.ndarray:
    """One number for each stretch of PROBE keys, equal for equal stretches (polynomial hash modulo 2^64; products wrap, as they should)."""
    base = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
    inverse = np.uint64(pow(base, -1, 2**64))
    value = np.random.default_rng(0).integers(0, 2**63, int(keys.max()) + 1, dtype=np.uint64)[keys]
    total = np.concatenate((np.zeros(1, np.uint64), np.cumsum(value * _powers(np.uint64(base), keys.size), dtype=np.uint64)))
    return (total[PROBE:] - total[:-PROBE]) * _powers(inverse, keys.size - PROBE + 1)


def _powers(base: np.uint64, count: int) -> np.ndarray:
    return np.cumprod(np.concatenate((np.ones(1, np.uint64), np.full(count - 1, base, np.uint64))), dtype=np.uint64)
