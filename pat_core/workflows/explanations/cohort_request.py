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
from pat_core.workflows.read.worn_days import all_with_days, hours_worn, quality_settings
from pat_core.workflows.week.cohort_weeks import cohort_findings, refusal


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


def unfit_by(workspace: Workspace, model: Model, cohort: str, standardize_by: StandardizeBy) -> dict[int, str]:
    """Row of the cohort -> code of the finding for which no answer is given: one of the input gate, `FEW_DAYS` where too few days are
    valid; "" where it is fit. The same weeks as `predict_cohort` withholds answers for."""
    rows, settings = workspace.week_rows(cohort), quality_settings(workspace)
    standardizer = cohort_standardizer(workspace, cohort, model, standardize_by)
    by_gate = cohort_findings(workspace, model, cohort, rows, standardize_by, standardizer)
    findings = all_with_days(by_gate, hours_worn(workspace, cohort, settings), settings)
    return {row.row: refusal(of_week) for row, of_week in zip(rows, findings, strict=True)}


def left_out_words(refused: int, few_days: int, window: str) -> list[str]:
    """How many people are left out because their first window is unfit, a sentence for each reason that there is. window: what it is
    called."""
    sentences = []
    if refused:
        sentences.append(f"{refused} left out: the input check found their first {window} unfit for the model.")
    if few_days:
        sentences.append(f"{few_days} left out: too few days of their first {window} are valid, so no answer is given about it either.")
    return sentences
