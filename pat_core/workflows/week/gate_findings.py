"""What the input gate says of every week of a cohort, kept so that a second look costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
from typing import Any

import numpy as np

from pat_core.cohorts import CheckedRows, WeekRow, Workspace
from pat_core.cohorts.kept.record_arrays import Codec
from pat_core.cohorts.kept.result_cache import Question
from pat_core.progress import Progress, Silent
from pat_core.records import Finding, Standardizer, Week
from pat_core.weeks import GATE_VERSION, apply_marks, check
from pat_core.weights import Model

WEEKS_AT_ONCE = 64
FINDINGS = Codec[list[list[Any]]](Any)


def findings(week: Week, standardizer: Standardizer, model: Model, standardize_by: str, z: np.ndarray | None = None) -> tuple[Finding, ...]:
    """What the input gate says of one week of a cohort. z: the week standardized, where it is at hand."""
    return check(week, standardizer, model.card.get("unit"), cohort_fitted=standardize_by == "cohort", z=z)


def refused(found: Sequence[Finding]) -> bool:
    """Whether the gate holds a week to be unfit for the model."""
    return any(finding.severity == "refuse" for finding in found)


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
    found = _as_imported(workspace, question, rows, look, progress or Silent())
    return [look(row) if row.marks else kept for row, kept in zip(rows, found, strict=True)]


def _as_imported(
    workspace: Workspace, question: Question, rows: Sequence[WeekRow], look: Callable[[WeekRow], tuple[Finding, ...]], progress: Progress
) -> list[tuple[Finding, ...]]:
    def make() -> list[list[Any]]:
        made: list[list[Any]] = []
        for number, row in enumerate(rows):
            if number % WEEKS_AT_ONCE == 0:
                progress.at(number / len(rows), f"Looking at the input: {number} of {len(rows)} weeks")
            made.append([astuple(one) for one in look(replace(row, marks=()))])
        return made

    return [tuple(Finding(*one) for one in of_a_week) for of_a_week in workspace.remember(question, make, FINDINGS)]


def week_of(row: WeekRow, weeks: CheckedRows, flags: Callable[[int], np.ndarray | None]) -> Week:
    """A cohort's row with its values, its device's flags and its marks, out of `weeks_array` and `device_flags`, without asking the
    database again for each of many."""
    values = np.array(weeks[row.row])
    plain = (row.participant, row.index, values, row.start, row.date_known, row.unit, row.device, row.alignment, row.report)
    return apply_marks(Week(*plain, flags(row.row), placement=row.placement, zone=row.zone), row.marks)


def _question(cohort: str, model: Model, standardize_by: str) -> Question:
    by = model.sha256 if standardize_by == "model" else "cohort"
    return Question("findings", {"cohort": cohort, "standardizer": by, "unit": model.card.get("unit"), "gate": GATE_VERSION})
