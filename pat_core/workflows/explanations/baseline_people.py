"""What a week is compared with, by name: the workspace's people as baselines of the explain room."""

from __future__ import annotations

import numpy as np

from pat_core.cohorts import WeekRow, Workspace
from pat_core.errors import ExplanationError
from pat_core.explain import Method
from pat_core.explain.baselines import BASELINES, MEAN_WEEK, NONWEAR, PERSON, REFERENCES, Baseline, another, mean_week, nonwear, references
from pat_core.weeks import apply
from pat_core.weights import Model
from pat_core.workflows.models.week_reading import ReadWeek
from pat_core.workflows.week.gate_findings import findings, refused, week_of
from pat_core.workflows.week.week_rows import first_weeks, others_than

REFERENCE_WEEKS = 12
"""Weeks that expected gradients average over: each is a whole path to be walked."""


def default_baseline(method: Method) -> str | None:
    """The baseline a method starts from where none is chosen; None for a method that has none."""
    if "baseline" not in method.options:
        return None
    return REFERENCES if method.name == "expected_gradients" else MEAN_WEEK


def baseline_for(workspace: Workspace, model: Model, read: ReadWeek, name: str, person: tuple[str, int] | None = None) -> Baseline:
    """The baseline of that name (`BASELINES`) for a week, standardized as that week is.

    person: (participant, week index) of "another person". Reference weeks: the first weeks of up to 12 other people of the cohort that the
    input gate lets pass (nobody with the same week as this person, who would be the same one under another name), the same ones every
    time: those whose contents' hashes come first. Raises ExplanationError.
    """
    cohort, standardizer = read.question.cohort, read.standardizer
    if name == MEAN_WEEK:
        return mean_week(read.z.size)
    if name == NONWEAR:
        return nonwear(standardizer)
    if name == PERSON:
        if person is None or person[0] == read.question.participant:
            raise ExplanationError("To compare with another person, choose somebody else in this cohort.")
        week = workspace.week(cohort, *person)
        return another(apply(standardizer, week.values[None])[0], whose_week(cohort, *person))
    if name == REFERENCES:
        rows = _reference_rows(workspace, model, read)
        weeks = workspace.weeks_array(cohort)[[row.row for row in rows]] if rows else np.empty((0, read.z.size), np.float32)
        return references(apply(standardizer, weeks) if rows else weeks, f"other people of “{cohort}”")
    raise ExplanationError(f"Expected the baseline to be one of {', '.join(BASELINES)}, got {name!r}.")


def whose_week(cohort: str, participant: str, index: int) -> str:
    """How a map names the week of another person that it is compared with."""
    return f"{participant}, week {index + 1}, of “{cohort}”"


def _reference_rows(workspace: Workspace, model: Model, read: ReadWeek) -> list[WeekRow]:
    cohort, by = read.question.cohort, str(read.question.standardize_by)
    weeks, flags = workspace.weeks_array(cohort), workspace.device_flags(cohort)
    chosen: list[WeekRow] = []
    rows = workspace.week_rows(cohort)
    for row in sorted(first_weeks(others_than(read.question.participant, rows, rows)), key=lambda row: row.sha256):
        if len(chosen) == REFERENCE_WEEKS:
            break
        if not refused(findings(week_of(row, weeks, flags), read.standardizer, model, by)):
            chosen.append(row)
    return chosen
