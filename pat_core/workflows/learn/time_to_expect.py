"""How long a run takes at the most, from a few of its steps measured on this computer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError
from pat_core.models.baselines import baseline_of
from pat_core.training.recipes import course
from pat_core.workflows.learn.planned_split import split_before
from pat_core.workflows.learn.pretrain_people import PretrainRequest, pretraining_people
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_people

if TYPE_CHECKING:
    from pat_core.training.pace import Pace

SOLVED_SECONDS = 0.01
"""Of a regression that is solved at once, a window that it learns from; measured in November 2026 on two cores."""


@dataclass(frozen=True)
class TimeToExpect:
    """device: that was measured. epochs: of all trainings together, at the most; 0 where nothing is trained in epochs. epoch: seconds of
    one of them. seconds: of the whole run where each training uses all of its epochs, which most do not."""

    device: str
    epochs: int
    epoch: float
    seconds: float


def finetuning_time(workspace: Workspace, request: RunRequest, pace: Pace | None = None) -> TimeToExpect:
    """Of a fine-tuning, its test and the model that is kept. pace: where it was measured already; else some seconds are spent on that.

    TrainingError where the run would be refused.
    """
    settings = replace(request.settings, style="full") if baseline_of(request.model) else request.settings
    split = split_before(workspace, request)
    if split.refused:
        raise TrainingError(split.refused)
    start = resolve(workspace, request.model)
    steps, who = course(settings, start.config.size), labelled_people(workspace, request)
    pace = pace or _measured(workspace, request, steps.batch, settings.style == "linear_probe")
    windows = len(who.people) / max(1, sum(split.people))  # of one person
    trained, held, tested = (windows * sum(sum(part[name]) for part in split.counts) for name in ("train", "validation", "test"))
    if not settings.in_epochs:
        return TimeToExpect(pace.device, 0, 0.0, pace.reading * (trained + tested) + SOLVED_SECONDS * trained)
    if settings.style == "linear_probe":  # every week is read once, then the head learns from what was read
        epoch, once = pace.learning * (trained + held), pace.reading * (trained + held + tested)
    else:
        epoch, once = pace.learning * trained + pace.reading * held, pace.reading * tested
    trainings = len(split.counts)
    return TimeToExpect(pace.device, steps.max_epochs * trainings, epoch / trainings, steps.max_epochs * epoch + once)


def pretraining_time(workspace: Workspace, request: PretrainRequest, pace: Pace | None = None) -> TimeToExpect:
    """Of a pretraining. pace: as of `finetuning_time`. TrainingError where it would be refused."""
    chosen, settings = pretraining_people(workspace, request), request.settings
    if pace is None:
        from pat_core.training.pace import pretraining_pace

        pace = pretraining_pace(request.config, chosen.cohorts[0].minutes, settings)
    epoch = pace.learning * (len(chosen.rows) - chosen.held_out) + pace.reading * chosen.held_out
    return TimeToExpect(pace.device, settings.epochs, epoch, min(settings.epochs * epoch, 60 * (settings.minutes or float("inf"))))


def _measured(workspace: Workspace, request: RunRequest, batch: int, head_alone: bool) -> Pace:
    from pat_core.training.pace import finetuning_pace
    from pat_core.workflows.learn.finetune_run import trainee_of

    minutes = workspace.cohort(request.cohort).minutes
    return finetuning_pace(trainee_of(resolve(workspace, request.model)), minutes, batch, head_alone, request.settings.device)
