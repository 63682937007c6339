"""The gate before a model: what PAT's users get wrong, caught and said in words before a number comes out.

Here are the checks of the week as it was recorded; `scale` has those of the standardizer and of what it makes of the week.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from ..records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT, Finding, Standardizer, Week
from ..settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from .cut import in_days
from .found import MISSING_REFUSE, MISSING_WARN, percent, refuse, shuffled, warn
from .scale import of_standardizer, of_week

GATE_VERSION = 2
"""Raise it whenever a rule or a limit of the gate changes, also in `scale`, `found` and `order`: what was kept is then made again."""
NONWEAR_WARN, NONWEAR_REFUSE = 0.65, 0.9
"""A device taken off for every night and some of the day lies near 0.5 (median of NHANES 2003-04)."""
FLAT_WARN, FLAT_REFUSE = MINUTES_PER_DAY, MINUTES_PER_WEEK // 2
"""Nights off the body last half a day; a day without one change is a device that was off, half a week of it is no week."""
LOG_LARGEST = 20.0
MEAN_CEILING = {COUNTS: 10_000.0, MIMS: 100.0, MG: 500.0, STEPS: 100.0}
"""A week's mean above this does not occur in that unit."""


def check(
    week: Week,
    standardizer: Standardizer | None,
    model_unit: str | None,
    minutes_expected: int = MINUTES_PER_WEEK,
    cohort_fitted: bool = False,
) -> tuple[Finding, ...]:
    """All findings on a week before it goes into a model, the refusals first; empty where there is nothing to say.

    standardizer: the one that will be applied, or None where there is none yet (its checks are left out). model_unit: the unit the model
    was trained on, None where unknown. cohort_fitted: the standardizer was fitted on the reader's own cohort.
    """
    found = list(_length(week, minutes_expected))
    if found:
        return tuple(found)
    found.extend(_values(week))
    if not any(finding.severity == "refuse" for finding in found):
        found.extend(_wear(week))
        found.extend(shuffled(week.values))
        found.extend(_raw_scale(week))
    found.extend(_unit(week, standardizer, model_unit, cohort_fitted))
    if standardizer is not None:
        found.extend(of_standardizer(week, standardizer, cohort_fitted))
        # Of a week that is refused for its values the scale would be refused once more, in other words.
        if not any(finding.severity == "refuse" for finding in found):
            found.extend(of_week(week, standardizer))
    order = {"refuse": 0, "warn": 1, "note": 2}
    return tuple(sorted(found, key=lambda finding: order[finding.severity]))


def _length(week: Week, expected: int) -> Iterator[Finding]:
    if week.values.shape != (expected,):
        yield refuse(
            "length", f"The model reads {in_days(expected)} ({expected} minutes); this week has {week.values.size} minutes. "
            "It is not padded, for invented rest would be read as rest.", float(week.values.size),
        )  # fmt: skip


def _values(week: Week) -> Iterator[Finding]:
    """Missing, constant, negative."""
    missing = week.report.minutes_missing / week.values.size
    present = week.values[np.isfinite(week.values)]
    if missing > MISSING_REFUSE:
        yield refuse("missing", f"{percent(missing)} of the week has no value. With more than half gone nothing can be said.", missing)
    elif missing > MISSING_WARN:
        yield warn("missing", f"{percent(missing)} of the week has no value. Those minutes go in as the average of others.", missing)
    if present.size == 0:
        return
    if not present.any():
        yield refuse("all_zero", "Every minute is zero: the device did not measure, or was never worn.", 0.0)
    elif np.ptp(present) == 0:
        yield refuse("constant", f"Every minute has the same value ({present[0]:g}): the device did not measure.", float(present[0]))
    if present.min() < 0:
        yield refuse(
            "negative", f"Activity is never negative, but the lowest value is {present.min():g}. These may be standardized values: "
            "bring the activity they were made from.", float(present.min()),
        )  # fmt: skip


def _wear(week: Week) -> Iterator[Finding]:
    """Non-wear, and long stretches of one value."""
    report = week.report
    if report.nonwear_share > NONWEAR_WARN:
        text = f"The device was probably not worn for {percent(report.nonwear_share)} of the week (hours without any movement). "
        if report.nonwear_share > NONWEAR_REFUSE:
            yield refuse("nonwear", text + "What is left says next to nothing about the person.", report.nonwear_share)
        else:
            yield warn("nonwear", text + "The model cannot tell an empty device from rest.", report.nonwear_share)
    length = report.longest_flat_minutes
    if length > FLAT_WARN:
        text = f"For {in_days(length)}, {_when(week, report.longest_flat_from)}, the value never changes: the device was probably off. "
        if length > FLAT_REFUSE:
            yield refuse("flat_run", text + "That is more than half of the week.", float(length))
        else:
            yield warn("flat_run", text + "The model will read this as rest.", float(length))


def _raw_scale(week: Week) -> Iterator[Finding]:
    """Values that cannot be what their unit says, from the values alone."""
    present = week.values[np.isfinite(week.values)]
    broken = float(np.mean(present != np.rint(present)))
    largest, mean = float(present.max()), float(present.mean(dtype=np.float64))
    if week.unit in (COUNTS, STEPS) and broken > 0.01:
        if largest <= LOG_LARGEST:
            yield refuse(
                "looks_transformed", f"The unit is said to be {week.unit}, yet the values are fractions up to {largest:.3g}: they look "
                "like logarithms or otherwise transformed values. Bring the values as the device wrote them.", largest,
            )  # fmt: skip
        else:
            yield warn(
                "not_whole", f"The unit is said to be {week.unit}, which are whole numbers, but {percent(broken)} of the values are not. "
                "They may be in another unit, smoothed or averaged.", broken,
            )  # fmt: skip
    elif week.unit == UNKNOWN_UNIT and broken > 0.01 and largest <= LOG_LARGEST:
        yield warn("looks_transformed", f"The values are fractions up to {largest:.3g}: they may be logarithms, or in g.", largest)
    elif week.unit == MG and largest < 5:
        yield warn("looks_like_g", f"The unit is said to be mg, but the largest value is {largest:.3g}. The values may be in g.", largest)
    ceiling = MEAN_CEILING.get(week.unit)
    if ceiling is not None and mean > ceiling:
        yield warn("implausible_mean", f"A mean of {mean:.0f} {week.unit} over a week does not occur. Check the unit and the epoch.", mean)


def _unit(week: Week, standardizer: Standardizer | None, model_unit: str | None, cohort_fitted: bool) -> Iterator[Finding]:
    known = None if model_unit in (None, UNKNOWN_UNIT) else model_unit
    fitted = None if standardizer is None or standardizer.unit == UNKNOWN_UNIT else standardizer.unit
    if week.unit == UNKNOWN_UNIT:
        if wanted := fitted or known:
            yield warn("unit_unknown", f"The file does not say in which unit its activity is; {wanted} is needed. Only you can know.")
        return
    if fitted is not None and fitted != week.unit:
        yield refuse("unit", f"The week is in {week.unit}, but the standardization was made from {fitted}. Units cannot be converted.")
    elif known is not None and known != week.unit and cohort_fitted:
        yield warn(
            "unit", f"The model learned from {known}; this week is in {week.unit}. Standardized by your own people it can be read, "
            "but what the model learned may not carry over.",
        )  # fmt: skip
    elif known is not None and known != week.unit:
        yield refuse("unit", f"The model learned from {known}; this week is in {week.unit}. Units cannot be converted.")
    elif known is None and fitted is None and week.unit == STEPS:
        yield warn("unit", "The week is in steps. PAT learned from counts and MIMS, which also see movement without steps.")


def _when(week: Week, minute: int) -> str:
    if week.start is None:
        return f"from minute {minute} of the week"
    return f"from {week.start + timedelta(minutes=minute):%A %H:%M} (day {minute // MINUTES_PER_DAY + 1})"
