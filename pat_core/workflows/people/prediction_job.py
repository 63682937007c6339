"""Predicting a whole cohort as a job: what was predicted is kept, and so are the embeddings that were read on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.cohorts import Workspace, workspace_trouble
from pat_core.jobs import Spec, Task
from pat_core.progress import Progress
from pat_core.records import StandardizeBy
from pat_core.workflows.explanations.cohort_embeddings import keep_embeddings
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import known_predictions, predict_cohort
from pat_core.workflows.models.standardizer_choice import default_standardizer


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
    """Predict and keep every week of the cohort, with its embedding where it was read just now; how many there are.

    WorkspaceTrouble where the disk keeps none of it."""
    model, embedded = resolve(workspace, request.model), dict[int, np.ndarray]()
    predicted = predict_cohort(workspace, model, request.cohort, request.standardizer, progress, embedded)
    rows, read_by = (
        [week.row for week in predicted],
        request.standardizer or default_standardizer(model, workspace.cohort(request.cohort).lengths),
    )
    if len(known_predictions(workspace, model.sha256, request.cohort, read_by, rows)) < len(rows):
        raise workspace_trouble.full(workspace.folder)  # a page shows what could not be kept; of a job nothing would be left
    keep_embeddings(workspace, model, request.cohort, read_by, embedded)
    return len(predicted)


PREDICT = Task("predict", PredictionRequest, run_prediction, lambda weeks: {"weeks": weeks})
