"""What the gate says of a week's values: logarithms, steps, a heart rate or temperature in place of activity, and hours that repeat.

Limits and evidence of the kinds stand in wear/units.py, which sees; here is what it means for a week that is said to be in some unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT, Finding, Week
from pat_core.settings import MINUTES_PER_DAY
from pat_core.wear import units
from pat_core.wear.nonwear import runs
from pat_core.wear.units import Look, look_at
from pat_core.weeks.findings import percent, refuse, warn, when
from pat_core.weeks.week_time import in_days, span


def of_kind(week: Week) -> Iterator[Finding]:
    """Findings on values that cannot be what their unit says, from the values alone. One species is named, the first that fits."""
    look = look_at(week.values)
    for findings in (_alive(look), _transformed(week.unit, look), _whole(week.unit, look), _even(look)):
        if named := list(findings):
            yield from named
            break
    mean, ceiling = look.mean, units.MEAN_CEILING.get(week.unit)
    if ceiling is not None and mean > ceiling:
        yield warn(
            "implausible_mean",
            f"A mean of {mean:.0f} {week.unit} over a {span(week.values.size)} does not occur. Check the unit and the epoch.",
            mean,
        )


def _alive(look: Look) -> Iterator[Finding]:
    """Body signals that go on in rest: heart rate, temperature, or anything else that never comes near zero."""
    signal = units.signal_of(look)
    if signal is None:
        return
    kind, low, high = signal
    text = f"Nearly all values lie between {low:.4g} and {high:.4g}, never near zero, even at night: "
    if kind == "temperature":
        yield refuse("looks_like_temperature", text + "this looks like a temperature, not like activity. Choose the activity column.", low)
    elif kind == "heart rate":
        yield refuse(
            "looks_like_heart_rate",
            text + "this looks like a heart rate in beats a minute, not like activity. Choose the activity column.",
            low,
        )
    else:
        yield warn(
            "never_rests",
            text
            + (
                "real activity drops near zero in sleep. The device may have been off, or gravity or an offset was left in; choose the "
                "column of counts or remove the offset."
            ),
            low,
        )


def _transformed(unit: str, look: Look) -> Iterator[Finding]:
    """Fractions where whole numbers are due, and values too small for their unit."""
    largest = look.largest
    if unit in (COUNTS, STEPS) and units.like_logarithms(look):
        yield refuse(
            "looks_transformed",
            f"The unit is given as {unit}, but the values are fractions up to {largest:.3g}: they look like logarithms or otherwise "
            "transformed values. Use the values as the device wrote them.",
            largest,
        )
    elif unit in (COUNTS, STEPS) and look.broken > units.BROKEN:
        yield warn(
            "not_whole",
            f"The unit is given as {unit}, which are whole numbers, but {percent(look.broken)} of the values are not. They may be in "
            "another unit, smoothed or averaged.",
            look.broken,
        )
    elif unit == UNKNOWN_UNIT and units.like_logarithms(look):
        yield warn("looks_transformed", f"The values are fractions up to {largest:.3g}: they may be logarithms, or in g.", largest)
    elif unit == MG and largest < units.LEAST:
        yield warn("looks_like_g", f"The unit is given as mg, but the largest value is {largest:.3g}. The values may be in g.", largest)


def _even(look: Look) -> Iterator[Finding]:
    """Moving minutes without the long tail of activity."""
    skewness = units.skewness_of(look)
    if skewness is not None and skewness < units.EVEN:
        yield warn(
            "looks_transformed",
            f"High minutes are no rarer than low ones (skewness {skewness:.2f} of the minutes with movement; activity has 1 or more): "
            "this is what logarithms leave. PAT learned from activity without them; use the values as the device wrote them.",
            skewness,
        )


def _whole(unit: str, look: Look) -> Iterator[Finding]:
    """Steps in place of activity, and activity in place of steps."""
    largest = look.largest
    if unit != STEPS and units.like_steps(look):
        yield warn(
            "looks_like_steps",
            f"All values are whole, never above {largest:.0f}, and {percent(look.still)} are zero: this looks like "
            f"steps a minute{'' if unit == UNKNOWN_UNIT else f', not like {unit}'}. PAT learned from counts and MIMS, which also see "
            "movement without steps; choose that column.",
            largest,
        )
    elif look.broken == 0 and ((unit == STEPS and largest > units.STEPS_LARGEST) or (unit == MIMS and largest > units.MEAN_CEILING[MIMS])):
        yield warn(
            "looks_like_counts",
            f"The unit is given as {unit}, but all values are whole and reach {largest:.0f} a minute: this looks like counts. Check the "
            "unit.",
            largest,
        )


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
            f"repeats movement to the count: days were copied, a short recording was repeated to fill the {span(week.values.size)}, or a "
            "program filled hours without the device from other days. Use the recording as the device wrote it.",
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
