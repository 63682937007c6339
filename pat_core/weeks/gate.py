"""The gate before a model: what PAT's users get wrong, caught and said in words before a number comes out.

Here are the order of the checks, missing values and units. The others: `wear_checks` (a device off or not worn, a padded
recording, a wrong clock), `findings` (shuffled minutes), `value_checks` (logarithms, steps or a heart rate in place of activity, copied
days), `standardized_scale` (the standardizer and what it makes of the week).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pat_core.records import STEPS, UNKNOWN_UNIT, Finding, Standardizer, Week
from pat_core.weeks.findings import MISSING_REFUSE, MISSING_WARN, percent, refuse, shuffled, warn
from pat_core.weeks.standardized_scale import of_standardizer, of_week
from pat_core.weeks.value_checks import of_kind, of_repeats
from pat_core.weeks.wear_checks import of_hours, of_wear, off_body
from pat_core.weeks.week_time import span

GATE_VERSION = 5
"""Raise it whenever a rule or a limit of the gate changes, here or in the files named above: what was kept is then made again."""


def check(
    week: Week, standardizer: Standardizer | None, model_unit: str | None, cohort_fitted: bool = False, z: np.ndarray | None = None
) -> tuple[Finding, ...]:
    """All findings on a week before it goes into a model, the refusals first; empty where there is nothing to say.

    standardizer: the one that will be applied, or None where there is none yet (its checks are left out). model_unit: the unit the model
    was trained on, None where unknown. cohort_fitted: the standardizer was fitted on the reader's own cohort. z: (minutes,) the week as it
    standardizes it, where that is at hand. Any length passes here; what a model cannot read, its family says (`too_short`).
    """
    findings = list(_values(week))
    if not any(finding.severity == "refuse" for finding in findings):
        off = off_body(week)
        findings.extend(of_wear(week, off))
        findings.extend(shuffled(week.values))
        findings.extend(of_repeats(week))
        findings.extend(of_kind(week))
        # Shuffled or foreign values have no hours: one refusal says enough.
        if not any(finding.severity == "refuse" for finding in findings):
            findings.extend(of_hours(week, off))
    findings.extend(_unit(week, standardizer, model_unit, cohort_fitted))
    if standardizer is not None:
        findings.extend(of_standardizer(week, standardizer, cohort_fitted))
        # Of a week that is refused for its values the scale would be refused once more, in other words.
        if not any(finding.severity == "refuse" for finding in findings):
            findings.extend(of_week(week, standardizer, z))
    order = {"refuse": 0, "warn": 1, "note": 2}
    return tuple(sorted(findings, key=lambda finding: order[finding.severity]))


def too_short(minutes: int, why: str) -> Finding:
    """A window that a model cannot read for its length. why: in a sentence."""
    return refuse("length", f"{why} Nothing is padded, because invented rest would be read as rest.", float(minutes))


def _values(week: Week) -> Iterator[Finding]:
    """Missing, constant, negative."""
    missing = week.report.minutes_missing / week.values.size
    present = week.values[np.isfinite(week.values)]
    if missing > MISSING_REFUSE:
        yield refuse(
            "missing",
            f"{percent(missing)} of the {span(week.values.size)} has no value. With more than half missing, nothing can be said.",
            missing,
        )
    elif missing > MISSING_WARN:
        yield warn(
            "missing",
            f"{percent(missing)} of the {span(week.values.size)} has no value. Those minutes go in as the average of others.",
            missing,
        )
    if present.size == 0:
        return
    if not present.any():
        yield refuse("all_zero", "Every minute is zero: the device did not measure, or was never worn.", 0.0)
    elif np.ptp(present) == 0:
        yield refuse("constant", f"Every minute has the same value ({present[0]:g}): the device did not measure.", float(present[0]))
    if present.min() < 0:
        yield refuse(
            "negative",
            f"Activity is never negative, but the lowest value is {present.min():g}. These may be standardized values: use the activity "
            "they were made from.",
            float(present.min()),
        )


def _unit(week: Week, standardizer: Standardizer | None, model_unit: str | None, cohort_fitted: bool) -> Iterator[Finding]:
    known, name = None if model_unit in (None, UNKNOWN_UNIT) else model_unit, span(week.values.size)
    fitted = None if standardizer is None or standardizer.unit == UNKNOWN_UNIT else standardizer.unit
    if week.unit == UNKNOWN_UNIT:
        if wanted := fitted or known:
            yield warn("unit_unknown", f"The file does not give the unit of its activity; {wanted} is needed. Only you can know.")
        return
    if fitted is not None and fitted != week.unit:
        yield refuse("unit", f"The {name} is in {week.unit}, but the standardization was made from {fitted}. Units cannot be converted.")
    elif known is not None and known != week.unit and cohort_fitted:
        yield warn(
            "unit",
            f"The model learned from {known}; this {name} is in {week.unit}. Standardized with your own people it can be read, but what "
            "the model learned may not carry over.",
        )
    elif known is not None and known != week.unit:
        yield refuse("unit", f"The model learned from {known}; this {name} is in {week.unit}. Units cannot be converted.")
    elif known is None and fitted is None and week.unit == STEPS:
        yield warn("unit", f"The {name} is in steps. PAT learned from counts and MIMS, which also see movement without steps.")
