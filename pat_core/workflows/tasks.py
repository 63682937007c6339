"""Every kind of long work that a worker can do. A new kind is declared beside its workflow, and named here."""

from __future__ import annotations

from typing import Any

from pat_core.errors import JobError
from pat_core.jobs import Task
from pat_core.jobs.parcel import Elsewhere
from pat_core.workflows.comparing.compare_cells import COMPARE
from pat_core.workflows.elsewhere.answers_elsewhere import CLOCK_ELSEWHERE, PREDICT_ELSEWHERE
from pat_core.workflows.elsewhere.compare_elsewhere import COMPARE_ELSEWHERE
from pat_core.workflows.elsewhere.encoders_elsewhere import ENCODERS_ELSEWHERE
from pat_core.workflows.elsewhere.finetune_elsewhere import FINETUNE_ELSEWHERE
from pat_core.workflows.elsewhere.pace_elsewhere import PACE, PACE_ELSEWHERE
from pat_core.workflows.elsewhere.pretrain_elsewhere import PRETRAIN_ELSEWHERE
from pat_core.workflows.elsewhere.scoreboard_elsewhere import SCOREBOARD_ELSEWHERE
from pat_core.workflows.evaluate.evaluation_run import EVALUATE
from pat_core.workflows.explanations.cohort_by_clock import BY_CLOCK
from pat_core.workflows.explanations.cohort_concepts import CONCEPTS_READ
from pat_core.workflows.explanations.cohort_embeddings import EMBED
from pat_core.workflows.explanations.scoreboard_run import SCOREBOARD
from pat_core.workflows.learn.compare_encoders import COMPARE_ENCODERS
from pat_core.workflows.learn.finetune_run import FINETUNE
from pat_core.workflows.learn.pretrain_run import PRETRAIN
from pat_core.workflows.models.model_entries import DOWNLOAD
from pat_core.workflows.people.prediction_job import PREDICT
from pat_core.workflows.read.cohort_import import IMPORT
from pat_core.workflows.workbench.figures_job import PEOPLE_FIGURES

TASKS: tuple[Task[Any, Any], ...] = (
    FINETUNE, PRETRAIN, IMPORT, PREDICT, DOWNLOAD, BY_CLOCK, CONCEPTS_READ, EVALUATE, COMPARE, COMPARE_ENCODERS, SCOREBOARD, PACE,
    PEOPLE_FIGURES,
    EMBED,
)  # fmt: skip

ELSEWHERE: tuple[Elsewhere[Any], ...] = (
    FINETUNE_ELSEWHERE, PRETRAIN_ELSEWHERE, COMPARE_ELSEWHERE, ENCODERS_ELSEWHERE, PREDICT_ELSEWHERE, CLOCK_ELSEWHERE,
    SCOREBOARD_ELSEWHERE, PACE_ELSEWHERE,
)  # fmt: skip
"""Those of which the long part can be done on another machine."""


def elsewhere_of(kind: str) -> Elsewhere[Any]:
    """How work of a kind is done on another machine. JobError where it runs on this computer alone."""
    one = next((one for one in ELSEWHERE if one.task.kind == kind), None)
    if one is None:
        raise JobError(f"Work of the kind {kind!r} runs on this computer alone. Choose this computer.")
    return one
