"""The gate before a model: what PAT's users get wrong, caught and said in words before a number comes out.

Limits were set by looking at real weeks. Of weeks standardized by their own device's people, mean |z| lies between 0.3 and 1.2 and the
99th percentile below 12; through another device's standardizer up to 3.4 and 20; values twenty times too large give 4 and more, and 45.
The size of activity over that of the deviations (root mean squares) is near 1, in quiet weeks 0.2; logarithms of counts give 0.01.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from ..records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT, Finding, Severity, Standardizer, Week
from ..settings import MINIMUM_PEOPLE_FOR_STANDARDIZER, MINUTES_PER_DAY, MINUTES_PER_WEEK
from .cut import in_days
from .order import SHUFFLED, together
from .standardizer import apply

MISSING_WARN, MISSING_REFUSE = 0.05, 0.5
NONWEAR_WARN, NONWEAR_REFUSE = 0.65, 0.9
"""A device taken off for every night and some of the day lies near 0.5 (median of NHANES 2003-04)."""
FLAT_WARN, FLAT_REFUSE = MINUTES_PER_DAY, MINUTES_PER_WEEK // 2
"""Nights off the body last half a day; a day without one change is a device that was off, half a week of it is no week."""
TYPICAL_WARN, TYPICAL_REFUSE = 2.0, 4.0
HIGH_WARN, HIGH_REFUSE = 15.0, 40.0
EXTREME = 50.0
FAINT_WARN, FAINT_REFUSE = 0.15, 0.05
LOG_LARGEST = 20.0
SKEW_WARN = 0.5
"""Skewness of real standardized weeks is 1.4 and more on the wrist, 3 on the hip; of their logarithms about 0."""
FEW_PEOPLE = 50
SPREADLESS_WARN, SPREADLESS_REFUSE = 0.05, 0.5
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
        found.extend(_order(week.values))
        found.extend(_raw_scale(week))
    found.extend(_unit(week, standardizer, model_unit, cohort_fitted))
    if standardizer is not None:
        found.extend(_standardizer(week, standardizer, cohort_fitted))
        # Of a week that is refused for its values the scale would be refused once more, in other words.
        if not any(finding.severity == "refuse" for finding in found):
            found.extend(_scale(week, standardizer))
    order = {"refuse": 0, "warn": 1, "note": 2}
    return tuple(sorted(found, key=lambda finding: order[finding.severity]))


def check_standardized(z: np.ndarray, minutes_expected: int = MINUTES_PER_WEEK) -> tuple[Finding, ...]:
    """Findings on (minutes,) values that are said to be standardized already: length, gaps, and whether their scale can be that of z."""
    z = np.asarray(z, np.float64)
    if z.shape != (minutes_expected,):
        said = f"{z.size} minutes" if z.ndim == 1 else f"an array of shape {z.shape}"
        return (_refuse("length", f"A week of {minutes_expected} minutes was expected; this is {said}.", float(z.size)),)
    finite = np.isfinite(z)
    missing = float(1 - finite.mean())
    if missing > MISSING_REFUSE:
        return (_refuse("missing", f"{_percent(missing)} of the week has no value.", missing),)
    present = z[finite]
    if np.ptp(present) == 0:
        return (_refuse("constant", f"Every minute has the same value ({present[0]:g}): there is nothing to see in this week."),)
    found = list(_high(present)) or list(_order(z))
    if missing > MISSING_WARN:
        found.append(_warn("missing", f"{_percent(missing)} of the week has no value; those minutes count as average.", missing))
    highest = float(present.max())
    if highest < 1.0:
        found.append(_refuse(
            "scale_faint", f"No minute lies even one deviation above the average (highest {highest:.2f}); a real week has minutes five "
            "and more above it. Probably logarithms, another unit, or a device that was off went through the standardization.", highest,
        ))  # fmt: skip
    elif (skewness := float(np.mean((present - present.mean()) ** 3) / present.std() ** 3)) < SKEW_WARN:
        found.append(_warn(
            "scale_even", "High and low minutes are spread evenly about the average. Activity has many quiet minutes and few very "
            "active ones; this evenness is what logarithms leave. PAT learned from activity without logarithms.", skewness,
        ))  # fmt: skip
    return tuple(found)


def _length(week: Week, expected: int) -> Iterator[Finding]:
    if week.values.shape != (expected,):
        yield _refuse(
            "length", f"The model reads {in_days(expected)} ({expected} minutes); this week has {week.values.size} minutes. "
            "It is not padded, for invented rest would be read as rest.", float(week.values.size),
        )  # fmt: skip


def _values(week: Week) -> Iterator[Finding]:
    """Missing, constant, negative."""
    missing = week.report.minutes_missing / week.values.size
    present = week.values[np.isfinite(week.values)]
    if missing > MISSING_REFUSE:
        yield _refuse("missing", f"{_percent(missing)} of the week has no value. With more than half gone nothing can be said.", missing)
    elif missing > MISSING_WARN:
        yield _warn("missing", f"{_percent(missing)} of the week has no value. Those minutes go in as the average of others.", missing)
    if present.size == 0:
        return
    if not present.any():
        yield _refuse("all_zero", "Every minute is zero: the device did not measure, or was never worn.", 0.0)
    elif np.ptp(present) == 0:
        yield _refuse("constant", f"Every minute has the same value ({present[0]:g}): the device did not measure.", float(present[0]))
    if present.min() < 0:
        yield _refuse(
            "negative", f"Activity is never negative, but the lowest value is {present.min():g}. These may be standardized values: "
            "bring the activity they were made from.", float(present.min()),
        )  # fmt: skip


def _wear(week: Week) -> Iterator[Finding]:
    """Non-wear, and long stretches of one value."""
    report = week.report
    if report.nonwear_share > NONWEAR_WARN:
        text = f"The device was probably not worn for {_percent(report.nonwear_share)} of the week (hours without any movement). "
        if report.nonwear_share > NONWEAR_REFUSE:
            yield _refuse("nonwear", text + "What is left says next to nothing about the person.", report.nonwear_share)
        else:
            yield _warn("nonwear", text + "The model cannot tell an empty device from rest.", report.nonwear_share)
    length = report.longest_flat_minutes
    if length > FLAT_WARN:
        text = f"For {in_days(length)}, {_when(week, report.longest_flat_from)}, the value never changes: the device was probably off. "
        if length > FLAT_REFUSE:
            yield _refuse("flat_run", text + "That is more than half of the week.", float(length))
        else:
            yield _warn("flat_run", text + "The model will read this as rest.", float(length))


def _order(values: np.ndarray) -> Iterator[Finding]:
    """Minutes that are not in the order in which they were lived."""
    correlation = together(values)
    if correlation is not None and correlation < SHUFFLED:
        yield _refuse(
            "shuffled", f"Neighbouring minutes have nothing to do with one another (correlation {correlation:.2f}; real weeks have 0.45 "
            "and more): the minutes were shuffled, sorted by something else, or are not activity.", correlation,
        )  # fmt: skip


def _raw_scale(week: Week) -> Iterator[Finding]:
    """Values that cannot be what their unit says, from the values alone."""
    present = week.values[np.isfinite(week.values)]
    broken = float(np.mean(present != np.rint(present)))
    largest, mean = float(present.max()), float(present.mean(dtype=np.float64))
    if week.unit in (COUNTS, STEPS) and broken > 0.01:
        if largest <= LOG_LARGEST:
            yield _refuse(
                "looks_transformed", f"The unit is said to be {week.unit}, yet the values are fractions up to {largest:.3g}: they look "
                "like logarithms or otherwise transformed values. Bring the values as the device wrote them.", largest,
            )  # fmt: skip
        else:
            yield _warn(
                "not_whole", f"The unit is said to be {week.unit}, which are whole numbers, but {_percent(broken)} of the values are not. "
                "They may be in another unit, smoothed or averaged.", broken,
            )  # fmt: skip
    elif week.unit == UNKNOWN_UNIT and broken > 0.01 and largest <= LOG_LARGEST:
        yield _warn("looks_transformed", f"The values are fractions up to {largest:.3g}: they may be logarithms, or in g.", largest)
    elif week.unit == MG and largest < 5:
        yield _warn("looks_like_g", f"The unit is said to be mg, but the largest value is {largest:.3g}. The values may be in g.", largest)
    ceiling = MEAN_CEILING.get(week.unit)
    if ceiling is not None and mean > ceiling:
        yield _warn("implausible_mean", f"A mean of {mean:.0f} {week.unit} over a week does not occur. Check the unit and the epoch.", mean)


def _unit(week: Week, standardizer: Standardizer | None, model_unit: str | None, cohort_fitted: bool) -> Iterator[Finding]:
    known = None if model_unit in (None, UNKNOWN_UNIT) else model_unit
    fitted = None if standardizer is None or standardizer.unit == UNKNOWN_UNIT else standardizer.unit
    if week.unit == UNKNOWN_UNIT:
        if wanted := fitted or known:
            yield _warn("unit_unknown", f"The file does not say in which unit its activity is; {wanted} is needed. Only you can know.")
        return
    if fitted is not None and fitted != week.unit:
        yield _refuse("unit", f"The week is in {week.unit}, but the standardization was made from {fitted}. Units cannot be converted.")
    elif known is not None and known != week.unit and cohort_fitted:
        yield _warn(
            "unit", f"The model learned from {known}; this week is in {week.unit}. Standardized by your own people it can be read, "
            "but what the model learned may not carry over.",
        )  # fmt: skip
    elif known is not None and known != week.unit:
        yield _refuse("unit", f"The model learned from {known}; this week is in {week.unit}. Units cannot be converted.")
    elif known is None and fitted is None and week.unit == STEPS:
        yield _warn("unit", "The week is in steps. PAT learned from counts and MIMS, which also see movement without steps.")


def _standardizer(week: Week, standardizer: Standardizer, cohort_fitted: bool) -> Iterator[Finding]:
    """Whether the standardizer itself can be used."""
    people = standardizer.people
    if standardizer.mean.size != week.values.size:
        yield _refuse(
            "standardizer_length",
            f"The standardization knows {standardizer.mean.size} minutes, the week has {week.values.size}. They do not belong together.",
        )
        return
    if people < MINIMUM_PEOPLE_FOR_STANDARDIZER:
        yield _refuse(
            "standardizer_people", f"The standardization was made from {people} people; fewer than {MINIMUM_PEOPLE_FOR_STANDARDIZER} "
            "give no usable average for a minute.", float(people),
        )  # fmt: skip
    elif people < FEW_PEOPLE:
        yield _warn(
            "standardizer_people", f"The standardization was made from only {people} people. Each minute's average hangs on a few of them; "
            "with another group the answer may change.", float(people),
        )  # fmt: skip
    pairs = np.stack([standardizer.mean, standardizer.scale])
    same = np.concatenate(([False], np.all(pairs[:, 1:] == pairs[:, :-1], axis=0))) | (standardizer.scale == 1)
    share = float(same.mean())
    if share > SPREADLESS_WARN:
        text = f"For {_percent(share)} of the minutes the standardization has no average and spread of its own. "
        if share > SPREADLESS_REFUSE:
            yield _refuse("standardizer_spread", text + "PAT expects each minute standardized by itself, over many people.", share)
        else:
            yield _warn("standardizer_spread", text + "Probably none of its people moved then; movement there counts far too much.", share)
    if cohort_fitted:
        yield Finding(
            "cohort_standardizer", "note", f"Standardized by your own cohort ({people} people), as PAT's authors do for every data set: "
            "the values say how a minute compares with these people, not with everybody.", float(people),
        )  # fmt: skip


def _scale(week: Week, standardizer: Standardizer) -> Iterator[Finding]:
    """Whether the standardized week has the size of a standardized week."""
    present = np.isfinite(week.values)
    z = apply(standardizer, week.values[None])[0].astype(np.float64)[present]
    yield from _high(z)
    # Over the whole week, not minute by minute: at night a spread near zero would make even logarithms look strong.
    strength = _size(week.values[present]) / _size(standardizer.scale[present])
    if strength < FAINT_WARN:
        text = (
            f"The activity of this week is faint beside that of the people in the standardization ({strength:.2f} of their usual spread). "
        )
        if strength < FAINT_REFUSE:
            yield _refuse("scale_faint", text + "Probably logarithms, or another unit, or a device that was off.", strength)
        else:
            yield _warn("scale_faint", text + "A very quiet week, another kind of device, or another unit.", strength)


def _size(values: np.ndarray) -> float:
    """Root mean square of (n,) values."""
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def _high(z: np.ndarray) -> Iterator[Finding]:
    """Standardized values that are too large. z: (minutes,) finite."""
    size = np.abs(z)
    typical, high, highest = float(size.mean()), float(np.percentile(size, 99)), float(size.max())
    if typical > TYPICAL_REFUSE or high > HIGH_REFUSE:
        yield _refuse(
            "scale_large", f"The values are far too large for standardized ones: typically {typical:.3g} deviations from the average, "
            f"where 0.5 to 1 is usual, and one minute in a hundred beyond {high:.0f}. The unit differs, or they were never standardized.",
            typical,
        )  # fmt: skip
    elif typical > TYPICAL_WARN or high > HIGH_WARN:
        yield _warn(
            "scale_large", f"After standardization this week is larger than usual (typically {typical:.1f} deviations from the average, "
            f"one minute in a hundred beyond {high:.0f}). Another device or an unusual person; read the answer with care.", typical,
        )  # fmt: skip
    elif highest > EXTREME:
        count = int((size > EXTREME).sum())
        those = "1 minute lies" if count == 1 else f"{count} minutes lie"
        yield _warn(
            "scale_extreme", f"{those} more than {EXTREME:.0f} deviations from the average: hardly "
            "any of the people behind the standardization moved then. They may weigh too much in the answer.", highest,
        )  # fmt: skip


def _when(week: Week, minute: int) -> str:
    if week.start is None:
        return f"from minute {minute} of the week"
    return f"from {week.start + timedelta(minutes=minute):%A %H:%M} (day {minute // MINUTES_PER_DAY + 1})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def _refuse(code: str, message: str, value: float | None = None) -> Finding:
    return _finding(code, "refuse", message, value)


def _warn(code: str, message: str, value: float | None = None) -> Finding:
    return _finding(code, "warn", message, value)


def _finding(code: str, severity: Severity, message: str, value: float | None) -> Finding:
    return Finding(code, severity, message.strip(), value)
