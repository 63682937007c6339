"""What the values of a week look like: counts, or logarithms, steps, a heart rate, a temperature under the name of activity.

Limits and evidence stand in wear/units.py, which sees; here is what it means for a week that is said to be in some unit.
"""

from __future__ import annotations

from collections.abc import Iterator

from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT, Finding, Week
from pat_core.wear import units
from pat_core.wear.units import Look, look_at
from pat_core.weeks.findings import percent, refuse, warn


def of_kind(week: Week) -> Iterator[Finding]:
    """Findings on values that cannot be what their unit says, from the values alone. One species is named, the first that fits."""
    look = look_at(week.values)
    for findings in (_alive(look), _transformed(week.unit, look), _whole(week.unit, look), _even(look)):
        if named := list(findings):
            yield from named
            break
    mean, ceiling = look.mean, units.MEAN_CEILING.get(week.unit)
    if ceiling is not None and mean > ceiling:
        yield warn("implausible_mean", f"A mean of {mean:.0f} {week.unit} over a week does not occur. Check the unit and the epoch.", mean)


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
