"""One week as one model reads it: stored, standardized, and looked at by the input gate, all of it once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.records import Finding, Standardizer, Week, WeekQuestion
from pat_core.weeks import apply
from pat_core.weights import Model
from pat_core.workflows.models.predictions import cohort_standardizer, default_standardizer
from pat_core.workflows.week.cohort_weeks import findings, refused


@dataclass(frozen=True, eq=False)
class ReadWeek:
    """The answer to a `WeekQuestion`, which says in `question` whose people the minutes are compared with.

    week: as stored, with its marks. z: (minutes,) what the model reads, by `standardizer`. findings: of the input gate.
    """

    question: WeekQuestion
    week: Week
    z: np.ndarray
    standardizer: Standardizer
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """The input gate holds this week to be unfit for the model."""
        return refused(self.findings)


def read_week(workspace: Workspace, model: Model, question: WeekQuestion) -> ReadWeek:
    """Raises WorkspaceError where nobody is called so, WeekError where the standardizer cannot be had."""
    by = question.standardize_by or default_standardizer(model)
    question = replace(question, standardize_by=by)
    week = workspace.week(question.cohort, question.participant, question.index)
    return as_read(model, question, week, cohort_standardizer(workspace, question.cohort, model, by))


def as_read(model: Model, question: WeekQuestion, week: Week, standardizer: Standardizer) -> ReadWeek:
    """A week that is at hand, read by a standardizer that is. question: with `standardize_by`."""
    z = apply(standardizer, week.values[None])[0]
    return ReadWeek(question, week, z, standardizer, findings(week, standardizer, model, str(question.standardize_by), z))
