"""A whole cohort predicted as a background job."""

from __future__ import annotations

from dataclasses import dataclass

from pat_core.cohorts import Workspace, workspace_trouble
from pat_core.jobs import Spec, Task
from pat_core.progress import Progress
from pat_core.records import StandardizeBy
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import default_standardizer, known_predictions, predict_cohort


@dataclass(frozen=True, kw_only=True)
class PredictionRequest(Spec):
    """Whose answers to ask a model for. sha256, cohort_id: of the model and the cohort as they were when asked, so that a list of jobs
    tells others of the same names apart. standardizer: None takes the model's usual one."""

    model: str
    sha256: str | None = None
    cohort: str
    cohort_id: str = ""
    standardizer: StandardizeBy | None = None


def run_prediction(workspace: Workspace, request: PredictionRequest, progress: Progress) -> int:
    """Predict and keep every week of the cohort; how many there are. WorkspaceTrouble where the disk keeps none of it."""
    model = resolve(workspace, request.model)
    predicted = predict_cohort(workspace, model, request.cohort, request.standardizer, progress)
    rows, read_by = [week.row for week in predicted], request.standardizer or default_standardizer(model)
    if len(known_predictions(workspace, model.sha256, request.cohort, read_by, rows)) < len(rows):
        raise workspace_trouble.full(workspace.folder)  # a page shows what could not be kept; of a job nothing would be left
    return len(predicted)


PREDICT = Task("predict", PredictionRequest, run_prediction, lambda weeks: {"weeks": weeks})
