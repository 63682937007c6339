"""Weeks that the input gate refuses whatever the model: a device that did not measure or was not worn, values that are no activity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Question
from pat_core.records import Finding, Week
from pat_core.weeks import GATE_VERSION, check
from pat_core.workflows.week.gate_findings import kept_findings, week_of

REASONS = {
    "all_zero": "every minute is zero",
    "constant": "the value never changes",
    "nonwear": "the device was hardly worn",
    "flat_run": "the value does not change for more than half of the week",
    "missing": "more than half is missing",
    "negative": "some values are negative",
    "shuffled": "the minutes are out of order",
    "looks_transformed": "the values look transformed",
    "filled_up": "a short recording was filled up to a week",
    "repeated": "hours repeat, minute for minute",
    "looks_like_heart_rate": "the values look like a heart rate",
    "looks_like_temperature": "the values look like a temperature",
}
"""Code of a refusal -> in a few words."""


def why_unfit(week: Week) -> str:
    """Code of the first refusal that the week's values alone give cause for, without any model or standardizer; "" where there is none."""
    return _refusal(_findings(week))


def _findings(week: Week) -> tuple[Finding, ...]:
    return check(week, None, None, minutes_expected=week.values.size)


def _refusal(found: Sequence[Finding]) -> str:
    return next((finding.code for finding in found if finding.severity == "refuse"), "")


def unfit_rows(workspace: Workspace, cohort: str) -> dict[int, str]:
    """Row of `weeks_array` -> code of the refusal, for each of a cohort's unfit weeks. Kept for the weeks as they came in."""
    rows, flags = workspace.week_rows(cohort), workspace.device_flags(cohort)
    weeks = workspace.weeks_array(cohort, as_imported=True)
    parts = {"cohort": workspace.cohort(cohort).as_imported, "gate": GATE_VERSION}
    found = kept_findings(workspace, Question("findings without any model", parts), rows, lambda row: _findings(week_of(row, weeks, flags)))
    return {row.row: code for row, of_week in zip(rows, found, strict=True) if (code := _refusal(of_week))}


def unfit_words(workspace: Workspace, cohort: str) -> str:
    """How many of a cohort's weeks the input check finds unfit for any model, and for what, in a sentence; "" where it is none."""
    counts = Counter(unfit_rows(workspace, cohort).values())
    if not counts:
        return ""
    told = "; ".join(f"{REASONS.get(code, code)}: {number:,}" for code, number in counts.most_common())
    total, of = sum(counts.values()), workspace.cohort(cohort).weeks
    return f"The input check finds {total:,} of {of:,} {'week' if of == 1 else 'weeks'} unfit for any model, so they get no score ({told})."
