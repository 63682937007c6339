"""A cohort's weeks: one a person, where people are counted; what the input gate says of each, with a model and without any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, replace
from typing import Any

import numpy as np

from pat_core.cohorts import CheckedRows, WeekRow, Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question
from pat_core.models.network_config import unreadable
from pat_core.plurals import counted
from pat_core.progress import Progress, Silent
from pat_core.records import Finding, Standardizer, Week, body_site
from pat_core.weeks import GATE_VERSION, apply_marks, check, too_short
from pat_core.weights import Model


def first_weeks(rows: Sequence[WeekRow]) -> list[WeekRow]:
    """Each person's earliest full week, in the order of `rows`. Its index need not be 0: windows without any value are left out."""
    earliest: dict[str, WeekRow] = {}
    for row in rows:
        if row.participant not in earliest or row.index < earliest[row.participant].index:
            earliest[row.participant] = row
    chosen = {row.row for row in earliest.values()}
    return [row for row in rows if row.row in chosen]


def draw(rows: Sequence[WeekRow], most: int) -> list[WeekRow]:
    """At most so many of these rows, drawn by a seed, in their order: the same ones every time."""
    if len(rows) <= most:
        return list(rows)
    return [rows[number] for number in np.sort(np.random.default_rng(0).choice(len(rows), most, replace=False))]


def others_than(participant: str | None, own: Iterable[WeekRow], rows: Sequence[WeekRow], same_cohort: bool = True) -> list[WeekRow]:
    """These rows without those of one person, by name (where the rows are of the same cohort) and by content.

    own: the person's rows. Somebody who has any week that the person has too, minute by minute, is the person under another name.
    """
    weeks = {row.sha256 for row in own if row.participant == participant}
    alike = {row.participant for row in rows if row.sha256 in weeks} | ({participant} if same_cohort else set())
    return [row for row in rows if row.participant not in alike]


def common_device(rows: Iterable[WeekRow]) -> str | None:
    """The device of most of these weeks, and where it was worn (`measured_with`); None where none is known."""
    worn = Counter(measured_with(row) for row in rows if row.device)
    return worn.most_common(1)[0][0] if worn else None


def measured_with(week: Week | WeekRow) -> str | None:
    """The device of a week and where on the body it was worn, as far as they are known: counts of a hip are not those of a wrist."""
    site = body_site(week.placement)
    return f"{week.device}, {site}" if week.device and site else week.device


WEEKS_AT_ONCE = 64
FINDINGS = Codec[list[list[Any]]](Any)


def findings(week: Week, standardizer: Standardizer, model: Model, standardize_by: str, z: np.ndarray | None = None) -> tuple[Finding, ...]:
    """What the input gate says of one week of a cohort. z: the week standardized, where it is at hand."""
    if why := unreadable(model.config, week.values.size):
        return (too_short(week.values.size, why),)
    return check(week, standardizer, model.card.get("unit"), standardize_by in ("cohort", "cohort_day"), z)


def refused(findings: Sequence[Finding]) -> bool:
    """Whether the gate holds a week to be unfit for the model."""
    return any(finding.severity == "refuse" for finding in findings)


def cohort_findings(
    workspace: Workspace,
    model: Model,
    cohort: str,
    rows: Sequence[WeekRow],
    standardize_by: str,
    standardizer: Standardizer,
    progress: Progress | None = None,
) -> list[tuple[Finding, ...]]:
    """`findings` for each of a cohort's rows, in their order; rows: all of them. Kept for the weeks as they came in (`kept_findings`)."""
    weeks, flags = workspace.weeks_array(cohort, as_imported=True), workspace.device_flags(cohort)

    def look(row: WeekRow) -> tuple[Finding, ...]:
        return findings(week_of(row, weeks, flags), standardizer, model, standardize_by)

    return kept_findings(workspace, _question(workspace.cohort(cohort).as_imported, model, standardize_by), rows, look, progress)


def kept_findings(
    workspace: Workspace,
    question: Question,
    rows: Sequence[WeekRow],
    look: Callable[[WeekRow], tuple[Finding, ...]],
    progress: Progress | None = None,
) -> list[tuple[Finding, ...]]:
    """What `look` finds in each of a cohort's rows, in their order; rows: all of them.

    Kept as the answer to `question` for the weeks as they came in; those with marks are few and change with every mark, so they are looked
    at each time, with the marks that `rows` bear.
    """
    of_weeks = _as_imported(workspace, question, rows, look, progress or Silent())
    return [look(row) if row.marks else stored for row, stored in zip(rows, of_weeks, strict=True)]


def _as_imported(
    workspace: Workspace, question: Question, rows: Sequence[WeekRow], look: Callable[[WeekRow], tuple[Finding, ...]], progress: Progress
) -> list[tuple[Finding, ...]]:
    def make() -> list[list[Any]]:
        results: list[list[Any]] = []
        for number, row in enumerate(rows):
            if number % WEEKS_AT_ONCE == 0:
                progress.at(number / len(rows), f"Looking at the input: {number:,} of {len(rows):,} windows")
            results.append([astuple(finding) for finding in look(replace(row, marks=()))])
        return results

    return [tuple(Finding(*values) for values in of_a_week) for of_a_week in workspace.remember(question, make, FINDINGS)]


def week_of(row: WeekRow, weeks: CheckedRows, flags: Callable[[int], np.ndarray | None]) -> Week:
    """A cohort's row with its values, its device's flags and its marks, out of `weeks_array` and `device_flags`, without asking the
    database again for each of many."""
    values = np.array(weeks[row.row])
    plain = (row.participant, row.index, values, row.start, row.date_known, row.unit, row.device, row.alignment, row.report)
    return apply_marks(Week(*plain, flags(row.row), placement=row.placement, zone=row.zone), row.marks)


def _question(cohort: str, model: Model, standardize_by: str) -> Question:
    by = model.sha256 if standardize_by == "model" else standardize_by
    return Question(
        "findings",
        {"cohort": cohort, "standardizer": by, "unit": model.card.get("unit"), "network": model.config.as_dict(), "gate": GATE_VERSION},
    )


REASONS = {
    "all_zero": "every minute is zero",
    "constant": "the value never changes",
    "nonwear": "the device was hardly worn",
    "flat_run": "the value does not change for more than half of the time",
    "missing": "more than half is missing",
    "negative": "some values are negative",
    "shuffled": "the minutes are out of order",
    "looks_transformed": "the values look transformed",
    "filled_up": "the value does not change in the last two days or more",
    "repeated": "hours repeat, minute for minute",
    "looks_like_heart_rate": "the values look like a heart rate",
    "looks_like_temperature": "the values look like a temperature",
}
"""Code of a refusal -> in a few words."""


def why_unfit(week: Week) -> str:
    """Code of the first refusal that the week's values alone give cause for, without any model or standardizer; "" where there is none."""
    return refusal(_findings(week))


def _findings(week: Week) -> tuple[Finding, ...]:
    return check(week, None, None)


def refusal(findings: Sequence[Finding]) -> str:
    """Code of the first finding that keeps a week from the model; "" where there is none."""
    return next((finding.code for finding in findings if finding.severity == "refuse"), "")


def unfit_rows(workspace: Workspace, cohort: str) -> dict[int, str]:
    """Row of `weeks_array` -> code of the refusal, for each of a cohort's unfit weeks. Kept for the weeks as they came in."""
    rows, flags = workspace.week_rows(cohort), workspace.device_flags(cohort)
    weeks = workspace.weeks_array(cohort, as_imported=True)
    parts = {"cohort": workspace.cohort(cohort).as_imported, "gate": GATE_VERSION}
    findings = kept_findings(
        workspace, Question("findings without any model", parts), rows, lambda row: _findings(week_of(row, weeks, flags))
    )
    return {row.row: code for row, of_week in zip(rows, findings, strict=True) if (code := refusal(of_week))}


def unfit_words(workspace: Workspace, cohort: str) -> str:
    """How many of a cohort's weeks the input check finds unfit for any model, and for what, in a sentence; "" where it is none."""
    counts = Counter(unfit_rows(workspace, cohort).values())
    if not counts:
        return ""
    reasons = "; ".join(f"{REASONS.get(code, code)}: {number:,}" for code, number in counts.most_common())
    info, total = workspace.cohort(cohort), sum(counts.values())
    many = counted(info.weeks, info.span)
    return f"The input check finds {total:,} of {many} unfit for any model, so they get no score ({reasons})."
