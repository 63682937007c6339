"""What values look like: counts, steps, MIMS or mg; or logarithms, a heart rate, a temperature under the name of activity.

One place for the limits and the evidence for them. The input gate (weeks/value_checks.py) puts what is seen here into findings against
the unit that a file names; `guess_unit` puts it into a guess where a reader wants one. Nothing is ever converted by either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT

FEWEST = 1000
"""Minutes with a value under which no unit is guessed."""
BROKEN = 0.01
"""Share of values that are no whole numbers, up to which they are taken for whole: a few were corrected or averaged."""
LEAST = 5.0
"""Values that never get larger than this are of no unit that is known here: flags, states, g."""
LOG_LARGEST = 20.0
"""Fractions that never get larger than this are logarithms, or in g."""
MEAN_CEILING = {COUNTS: 10_000.0, MIMS: 100.0, MG: 500.0, STEPS: 100.0}
"""A week's mean above this does not occur in that unit."""
EVEN = 0.45
"""Skewness of the moving minutes under which logarithms are suspected. In real weeks (OBF-Psychiatric, NHANES 2003-04) the least is 0.75,
in 99 of 100 it is above 1, in simulated ones above 1.9; in their logarithms it is below 0.3 in 97 of 100, however they are scaled and
rounded. Square roots (0.1 to 2) cannot be told from other devices."""
FEW_MOVING = 500
"""Moving minutes under which their spread is not judged."""
STEPS_LARGEST, STEPS_LEAST, STEPS_STILL = 250.0, 20.0, 0.4
"""Steps a minute: whole, the most of a week at most some 220 (running) and no less than a short walk, still for much of the day.
A worn device that counts movement reaches thousands; 1 of 100 weeks of OBF-Psychiatric stays under 260, from a device that hardly measured.
Of steps only one real day was seen (hip, 25 hours: at most 108, .68 still); the weeks of steps behind the rule are made up."""
HEART = (25.0, 250.0)
WARMTH = (15.0, 45.0)
"""Beats a minute, and degrees Celsius at the skin."""
NEVER_RESTS = 0.15
"""Lowest over highest (percentiles 1 and 99 of the minutes above zero) from which values never rest. Made heart rates have 0.4 and
more, one real night 0.6; no real week of one was at hand."""
STILL_SOMETIMES = 0.95
"""Share of minutes above zero under which something rests after all."""
MOST_MIMS, MEAN_MIMS = 250.0, 60.0
MOST_MG = 8000.0
"""What no MIMS reach, at most and on average: beyond it fractions are mg. Below it they can be either, as ordinary weeks of mg have a mean
of some 20 and a maximum of some 200. A choice of this project: no real week of MIMS was at hand. 8 g are the most that these sensors
measure."""

Signal = Literal["temperature", "heart rate", "never rests"]


@dataclass(frozen=True, eq=False)
class Look:
    """What there is to see of activity a minute: present (n,), the values that are not missing; moving, those above zero.

    largest: of all; still: share of zeros; broken: share that are no whole numbers.
    """

    present: np.ndarray
    moving: np.ndarray
    largest: float
    still: float
    broken: float

    @property
    def mean(self) -> float:
        """Of the minutes with a value."""
        return float(self.present.mean(dtype=np.float64))


def look_at(values: np.ndarray) -> Look:
    """A Look at (n,) activity a minute, NaN where missing; at least one value has to be there."""
    values = np.asarray(values)
    present = values[np.isfinite(values)]
    return Look(
        present, present[present > 0], float(present.max()), float(np.mean(present == 0)), float(np.mean(present != np.rint(present)))
    )


def signal_of(look: Look) -> tuple[Signal, float, float] | None:
    """A body signal that goes on in rest, with percentiles 1 and 99 of the minutes above zero: heart rate, temperature, or anything else
    that never comes near zero. None where something rests."""
    if look.moving.size < max(FEW_MOVING, look.present.size / 2):
        return None
    low, high = (float(value) for value in np.percentile(look.moving, (1, 99)))
    if low < NEVER_RESTS * high:
        return None
    least, largest = (float(value) for value in np.percentile(look.moving, (0.5, 99.9)))
    if WARMTH[0] <= least and largest <= WARMTH[1]:
        return "temperature", low, high
    if HEART[0] <= least and largest <= HEART[1]:
        return "heart rate", low, high
    return ("never rests", low, high) if look.moving.size > STILL_SOMETIMES * look.present.size else None


def like_steps(look: Look) -> bool:
    """Whether values are whole and as large, and as often zero, as steps a minute."""
    return look.broken == 0 and STEPS_LEAST <= look.largest <= STEPS_LARGEST and look.still >= STEPS_STILL


def like_logarithms(look: Look) -> bool:
    """Whether values are fractions that stay as small as logarithms do."""
    return look.broken > BROKEN and look.largest <= LOG_LARGEST


def skewness_of(look: Look) -> float | None:
    """Skewness of the moving minutes; None where they are too few, or all alike. Activity has a long tail, logarithms have none."""
    values = look.moving.astype(np.float64)
    if values.size < FEW_MOVING or np.ptp(values) == 0:
        return None
    return float(np.mean((values - values.mean()) ** 3) / values.std() ** 3)


def like_counts(values: np.ndarray, unit: str) -> bool:
    """Whether rules of non-wear, made for counts, hold for (n,) activity a minute in `unit`; of an unknown one, for whole numbers that are
    no steps: fractions are hardly ever exactly zero, and steps are for hours."""
    values = np.asarray(values)
    if unit != UNKNOWN_UNIT or not np.isfinite(values).any():
        return unit in (COUNTS, UNKNOWN_UNIT)
    look = look_at(values)
    return look.broken <= BROKEN and not like_steps(look)


def guess_unit(values: np.ndarray) -> tuple[str, str]:
    """(unit, why) of (n,) activity a minute: one of the units of records.py, UNKNOWN_UNIT where it cannot be told.

    Counts and steps are whole numbers; MIMS and mg are not. Told apart by how large they get, how large they are on average and how many
    are zero; small fractions can be MIMS or mg, so MIMS are never guessed. Counts of some devices are as small as steps, so a guess is
    never a refusal.
    """
    values = np.asarray(values)
    if np.count_nonzero(np.isfinite(values)) < FEWEST or not np.any(values > 0):
        return UNKNOWN_UNIT, "there is too little activity to tell."
    look = look_at(values)
    if look.present.min() < 0 or look.largest <= LEAST:
        return UNKNOWN_UNIT, f"values from {look.present.min():.3g} to {look.largest:.3g} fit none of the known units."
    if like_logarithms(look):
        return UNKNOWN_UNIT, f"fractions up to {look.largest:.3g} are logarithms, or in g."
    if signal := signal_of(look):
        return UNKNOWN_UNIT, f"nearly all values lie between {signal[1]:.4g} and {signal[2]:.4g}, which no activity does."
    if like_steps(look):
        return STEPS, f"whole numbers up to {look.largest:.0f}, {100 * look.still:.0f} % of them zero."
    if look.broken <= BROKEN:
        return COUNTS, f"whole numbers up to {look.largest:,.0f}."
    if look.largest <= MOST_MIMS and look.mean <= MEAN_MIMS:
        return UNKNOWN_UNIT, f"fractions up to {look.largest:.0f}, {look.mean:.1f} on average, can be MIMS or mg."
    if look.largest <= MOST_MG:
        return MG, f"fractions up to {look.largest:,.0f}, {look.mean:.1f} on average."
    return UNKNOWN_UNIT, f"fractions up to {look.largest:,.0f} fit none of the known units."
