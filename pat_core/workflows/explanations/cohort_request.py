"""What explanations of a whole cohort share: what is asked, whether it still holds, and whose weeks are fit."""

from __future__ import annotations

from dataclasses import dataclass

from pat_core.cohorts import Workspace
from pat_core.errors import ExplanationError
from pat_core.jobs import Spec
from pat_core.records import StandardizeBy
from pat_core.weights import Model
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import cohort_standardizer
from pat_core.workflows.week.cohort_weeks import cohort_findings, refused


@dataclass(frozen=True)
class CohortRequest(Spec):
    """sha256, cohort_id: of the model and the cohort as they were when asked, so that others of the same names are not taken for them."""

    KEPT_AS = {"standardize_by": "whose"}

    model: str
    sha256: str | None
    cohort: str
    cohort_id: str
    standardize_by: StandardizeBy


def model_of(workspace: Workspace, request: CohortRequest) -> Model:
    """The model that was asked. ExplanationError where its weights are others now."""
    model = resolve(workspace, request.model)
    if request.sha256 is not None and model.sha256 != request.sha256:
        raise ExplanationError(f"The weights of {request.model} changed since this was asked. Ask again on the Explain page.")
    return model


def check_cohort(workspace: Workspace, request: CohortRequest) -> None:
    """ExplanationError where the cohort of that name is another one now."""
    if workspace.cohort(request.cohort).id != request.cohort_id:
        raise ExplanationError(f"{request.cohort} is a different cohort now from when this was asked. Ask again on the Explain page.")


def fit_rows(workspace: Workspace, model: Model, request: CohortRequest) -> dict[int, bool]:
    """Row of the cohort -> whether the input gate lets it pass."""
    rows = workspace.week_rows(request.cohort)
    standardizer = cohort_standardizer(workspace, request.cohort, model, request.standardize_by)
    findings = cohort_findings(workspace, model, request.cohort, rows, request.standardize_by, standardizer)
    return {row.row: not refused(of_week) for row, of_week in zip(rows, findings, strict=True)}
