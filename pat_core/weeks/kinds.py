"""What the values of a week look like: counts, or logarithms, steps, a heart rate, a temperature under the name of activity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT, Finding, Week
from .found import percent, refuse, warn

LOG_LARGEST = 20.0
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


def of_kind(week: Week) -> Iterator[Finding]:
    """Findings on values that cannot be what their unit says, from the values alone. One species is named, the first that fits."""
    present = week.values[np.isfinite(week.values)]
    moving = present[present > 0]
    broken = float(np.mean(present != np.rint(present)))
    for look in (_alive(present, moving), _transformed(week.unit, present, broken), _whole(week.unit, present, broken), _even(moving)):
        if found := list(look):
            yield from found
            break
    mean, ceiling = float(present.mean(dtype=np.float64)), MEAN_CEILING.get(week.unit)
    if ceiling is not None and mean > ceiling:
        yield warn("implausible_mean", f"A mean of {mean:.0f} {week.unit} over a week does not occur. Check the unit and the epoch.", mean)


def _alive(present: np.ndarray, moving: np.ndarray) -> Iterator[Finding]:
    """Body signals that go on in rest: heart rate, temperature, or anything else that never comes near zero."""
    if moving.size < max(FEW_MOVING, present.size / 2):
        return
    low, high = (float(value) for value in np.percentile(moving, (1, 99)))
    if low < NEVER_RESTS * high:
        return
    least, largest = (float(value) for value in np.percentile(moving, (0.5, 99.9)))
    text = f"Nearly all values lie between {low:.4g} and {high:.4g} and never come near zero, not even at night: "
    if WARMTH[0] <= least and largest <= WARMTH[1]:
        yield refuse("looks_like_temperature", text + "this looks like a temperature, not like activity. Choose the activity column.", low)
    elif HEART[0] <= least and largest <= HEART[1]:
        yield refuse(
            "looks_like_heart_rate", text + "this looks like a heart rate in beats a minute, not like activity. Choose the activity "
            "column.", low,
        )  # fmt: skip
    elif moving.size > STILL_SOMETIMES * present.size:
        yield warn(
            "never_rests", text + "activity of somebody who sleeps does. The device was perhaps off, or gravity or an offset was left in; "
            "choose the column of counts or take the offset out.", low,
        )  # fmt: skip


def _transformed(unit: str, present: np.ndarray, broken: float) -> Iterator[Finding]:
    """Fractions where whole numbers are due, and values too small for their unit."""
    largest = float(present.max())
    if unit in (COUNTS, STEPS) and broken > 0.01:
        if largest <= LOG_LARGEST:
            yield refuse(
                "looks_transformed", f"The unit is said to be {unit}, yet the values are fractions up to {largest:.3g}: they look "
                "like logarithms or otherwise transformed values. Bring the values as the device wrote them.", largest,
            )  # fmt: skip
        else:
            yield warn(
                "not_whole", f"The unit is said to be {unit}, which are whole numbers, but {percent(broken)} of the values are not. "
                "They may be in another unit, smoothed or averaged.", broken,
            )  # fmt: skip
    elif unit == UNKNOWN_UNIT and broken > 0.01 and largest <= LOG_LARGEST:
        yield warn("looks_transformed", f"The values are fractions up to {largest:.3g}: they may be logarithms, or in g.", largest)
    elif unit == MG and largest < 5:
        yield warn("looks_like_g", f"The unit is said to be mg, but the largest value is {largest:.3g}. The values may be in g.", largest)


def _even(moving: np.ndarray) -> Iterator[Finding]:
    """Moving minutes without the long tail of activity."""
    values = moving.astype(np.float64)
    if values.size < FEW_MOVING or np.ptp(values) == 0:
        return
    skewness = float(np.mean((values - values.mean()) ** 3) / values.std() ** 3)
    if skewness < EVEN:
        yield warn(
            "looks_transformed", f"High minutes are no rarer than low ones (skewness {skewness:.2f} of the moving minutes; activity has "
            "1 and more): this is what logarithms leave. PAT learned from activity without them; bring the values as the device wrote "
            "them.", skewness,
        )  # fmt: skip


def _whole(unit: str, present: np.ndarray, broken: float) -> Iterator[Finding]:
    """Steps in place of activity, and activity in place of steps."""
    largest = float(present.max())
    if broken > 0:
        return
    still = float(np.mean(present == 0))
    if unit != STEPS and STEPS_LEAST <= largest <= STEPS_LARGEST and still >= STEPS_STILL:
        yield warn(
            "looks_like_steps", f"All values are whole, never above {largest:.0f}, and {percent(still)} are zero: this looks like steps a "
            f"minute{'' if unit == UNKNOWN_UNIT else f', not like {unit}'}. PAT learned from counts and MIMS, which also see movement "
            "without steps; choose that column.", largest,
        )  # fmt: skip
    elif (unit == STEPS and largest > STEPS_LARGEST) or (unit == MIMS and largest > MEAN_CEILING[MIMS]):
        yield warn(
            "looks_like_counts", f"The unit is said to be {unit}, but all values are whole and reach {largest:.0f} a minute: this looks "
            "like counts. Check the unit.", largest,
        )  # fmt: skip
