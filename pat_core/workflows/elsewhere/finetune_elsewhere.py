"""Fine-tuning on another machine: the trainings of all splits there; the card, the tables and the floors here, from what they kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pat_core.cohorts import Workspace
from pat_core.jobs.parcel import Elsewhere, Packed
from pat_core.models.baselines import baseline_of
from pat_core.progress import Progress
from pat_core.training import FinetuneSettings
from pat_core.weights import load, save
from pat_core.weights.bundle import Model, untrained_baseline
from pat_core.workflows.elsewhere.held_run import ending, folder_of, held, refuse_without_people
from pat_core.workflows.elsewhere.week_files import (
    HOLDS_PEOPLE,
    HOLDS_WEEKS,
    PEOPLE,
    WEEKS,
    read_people,
    task_facts,
    write_people,
    write_weeks,
)
from pat_core.workflows.learn.finetune_run import FINETUNE, as_trained, prepare_run, trainee_of
from pat_core.workflows.models.run_files import keep_fingerprint
from pat_core.workflows.week.labelled_weeks import RunRequest, as_named

START = "start.safetensors"
HOLDS_START = "The weights that the training starts from, without a card"


def pack(workspace: Workspace, request: RunRequest, reads: Path) -> Packed:
    """The weeks, the numbers to learn, and the weights to start from. Raises as `prepare_run`; TrainingError where the run was started on
    something else."""
    asked_here = as_trained(as_named(workspace, request))
    run = next((run for run in workspace.runs() if run.name == request.name and run.state != "done"), None)
    prepared = prepare_run(workspace, ending(workspace, replace(asked_here, cohort=run.cohort) if run else asked_here))
    if run is not None:
        keep_fingerprint(run, prepared.fingerprint())
    data = prepared.data
    write_weeks(reads / WEEKS, data.weeks)
    write_people(reads / PEOPLE, data)
    holds = {WEEKS: HOLDS_WEEKS, PEOPLE: HOLDS_PEOPLE}
    start = write_start(reads / START, prepared.start, request.model)
    if not start:
        holds[START] = HOLDS_START
    asked = {"settings": asked_here.settings.as_dict(), "task": task_facts(data), "start": start, "seed": asked_here.settings.seed}
    return Packed(asked, holds, len(set(map(str, data.people))))


def write_start(path: Path, start: Model, reference: str) -> str:
    """Write the encoder that a training starts from, without its card; "", or the name of a baseline, which has no weights to write."""
    if baseline_of(reference):
        return reference
    save(path, trainee_of(start), has_head=False, encoder_trained=True, standardizer=None, card={}, name="start", origin="own")
    return ""


def read_start(path: Path, reference: str) -> Any:
    """The network that `write_start` wrote, or the baseline of this name."""
    config = baseline_of(reference) if reference else None
    return (untrained_baseline(config) if config else load(path)).network


def work(reads: Path, kept: Path, asked: Mapping[str, Any], progress: Progress) -> None:
    """All splits of the run, with their checkpoints in `kept`."""
    from pat_core.training.finetuning import finetune

    data, settings = read_people(reads, asked["task"]), FinetuneSettings(**asked["settings"])
    finetune(read_start(reads / START, asked["start"]), data, settings, kept, progress)


FINETUNE_ELSEWHERE = Elsewhere[RunRequest](
    task=FINETUNE,
    pack=pack,
    work=work,
    keeps_in=folder_of,
    keeps=r"(model|fold-\d{1,4})/(last|finished)\.safetensors|threads\.json",
    hold=held,
    still=refuse_without_people,
    ending=ending,
)
