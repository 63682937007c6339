"""Fine-tuning runs: from a cohort's labels to a model that travels with its card."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pat_core.cohorts import CohortInfo, JobInfo, RunInfo, WeekRow, Workspace
from pat_core.errors import PatError, TrainingError
from pat_core.jobs import Task
from pat_core.jobs.helpers import called_in
from pat_core.models.baselines import baseline_of
from pat_core.progress import Progress, Silent
from pat_core.records import Finding
from pat_core.training import LabelledWeeks, check_people
from pat_core.weights import Model, save
from pat_core.workflows.learn.analysis_plan import locked_plan
from pat_core.workflows.learn.leakage import leaks
from pat_core.workflows.learn.multiplicity import count_tested
from pat_core.workflows.learn.replay import keep_replay
from pat_core.workflows.learn.run_floors import floors_of_run
from pat_core.workflows.learn.run_record import at_work, new_run, unfinished
from pat_core.workflows.models.held_out_calibration import CALIBRATION
from pat_core.workflows.models.model_cards import OF_A_RUN, encoder_trained, finetuned_card
from pat_core.workflows.models.model_entries import add_model, free_name, resolve
from pat_core.workflows.models.run_files import fingerprint, keep_curves, keep_fingerprint, keep_people
from pat_core.workflows.models.sampling import sampling_of
from pat_core.workflows.models.similar_scores import kept_calibration
from pat_core.workflows.read.duplicates import few_marks, for_card
from pat_core.workflows.week.labelled_weeks import RunRequest, as_named, labelled_weeks

if TYPE_CHECKING:
    from pat_core.training.finetuning import Finetuned
    from pat_core.training.trainee import Trainee

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PreparedRun:
    """All that a run depends on, read once: neither renaming nor deleting the cohort disturbs a run that is at work."""

    request: RunRequest
    start: Model
    cohort: CohortInfo
    data: LabelledWeeks
    rows: list[WeekRow]
    code_of: dict[str, str]
    marks: np.ndarray
    leaks: tuple[Finding, ...]

    def codes(self, people: Sequence[str]) -> list[str]:
        return [self.code_of[person] for person in people]

    def fingerprint(self) -> dict[str, str]:
        return fingerprint(self.cohort.id, self.start.sha256, self.data, self.rows)


def start_finetune(workspace: Workspace, request: RunRequest, on: str = "") -> tuple[RunInfo, JobInfo]:
    """Check the request, record the run and start its job in the background. Wrong requests are refused before anything is written.

    on: the place where it is trained (`jobs.launchers.place_book`), whose devices need not be there here; "" for this computer.
    """
    from pat_core.training.device import device_here

    request = as_trained(replace(as_named(workspace, request), name=free_name(request.name, "run")))
    here = replace(request, settings=replace(request.settings, device=device_here(request.settings.device))) if on else request
    prepared = prepare_run(workspace, here)
    run = new_run(workspace, request)
    try:
        keep_fingerprint(run, prepared.fingerprint())
        job = FINETUNE.launch(workspace, request, f"Fine-tune {request.name}", on=on)
    except (PatError, OSError):
        workspace.delete_run(request.name)
        raise
    workspace.update_run(request.name, job_id=job)
    return run, workspace.job(job)


def run_finetune(workspace: Workspace, request: RunRequest, progress: Progress | None = None) -> RunInfo:
    """Fine-tune, keep everything in the run's folder, and add the model. Goes on from the last checkpoint of a killed run.

    However it ends, the run says so: done, cancelled (also by Ctrl-C) or failed, with the reason as its note. WorkspaceError or
    TrainingError where the name is taken, another process is at work on the run, or what it was started on changed since.
    """
    from pat_core.training.finetuning import finetune

    request = as_trained(replace(as_named(workspace, request), name=free_name(request.name, "run")))
    run = unfinished(workspace, request)
    # the cohort may have another name by now
    prepared = prepare_run(workspace, replace(request, cohort=run.cohort) if run else request)
    run = run or new_run(workspace, request)
    with at_work(workspace, run):
        keep_fingerprint(run, prepared.fingerprint())
        alone = request.settings.style == "linear_probe"  # reads each week once
        with nullcontext() if alone else called_in(FINETUNE.kind, prepared.request.as_spec(), run.folder, progress or Silent()):
            done = finetune(trainee_of(prepared.start), prepared.data, request.settings, run.folder, progress or Silent())
        _keep(workspace, run, prepared, done, _floors(workspace, prepared, done, progress or Silent()))
    return workspace.run(run.name)


def as_trained(request: RunRequest) -> RunRequest:
    """The request as it is carried out: a baseline has no encoder that could stay as it is, so it is always trained in full.
    TrainingError where several of them are to be kept together."""
    if not baseline_of(request.model):
        return request
    if request.settings.keep == "ensemble":
        raise TrainingError("A baseline is kept as one model. Choose a model that is trained again on everyone.")
    return replace(request, settings=replace(request.settings, style="full"))


def help_finetune(workspace: Workspace, request: RunRequest, folder: Path) -> None:
    """The same training, for its share of each batch; nothing is kept."""
    from pat_core.training.finetuning import finetune

    data, _ = labelled_weeks(workspace, request)
    finetune(trainee_of(resolve(workspace, request.model)), data, request.settings, folder)


FINETUNE = Task("finetune", RunRequest, run_finetune, lambda run: {"run": run.name}, helped=help_finetune)


def prepare_run(workspace: Workspace, request: RunRequest) -> PreparedRun:
    """Read the model and the people, and check them and the device, before anything is written."""
    from pat_core.training.device import pick_device
    from pat_core.training.read_weeks import check_lengths

    pick_device(request.settings.device)
    start = resolve(workspace, request.model)
    trainee_of(start)
    data, order = labelled_weeks(workspace, request)
    check_people(data, request.settings)
    check_lengths(data, request.settings.standardize)
    rows = {row.row: row for row in workspace.week_rows(request.cohort)}
    people = sorted(set(map(str, data.people)))
    code_of = dict(zip(people, workspace.codes(request.cohort, people), strict=True))
    marks = few_marks(workspace, request.cohort, order)
    return PreparedRun(
        request,
        start,
        workspace.cohort(request.cohort),
        data,
        [rows[int(number)] for number in order],
        code_of,
        marks,
        leaks(workspace, request, start),
    )


def trainee_of(start: Model) -> Trainee:
    """TrainingError for an ensemble: several encoders are no start for one."""
    from pat_core.models.ensemble import Ensemble

    network = start.network
    if isinstance(network, Ensemble):
        raise TrainingError(
            f"{start.name} is an ensemble of {len(network.members)} models, and a training starts from one. Choose the model that it was "
            "itself started from."
        )
    return network


def _floors(workspace: Workspace, prepared: PreparedRun, done: Finetuned, progress: Progress) -> list[dict[str, Any]]:
    """What stands beside the run's test; [] where it cannot be computed."""
    rows = np.array([row.row for row in prepared.rows])
    return floors_of_run(workspace, (prepared.cohort.name, rows), prepared.data, prepared.request.settings, done.held_out, progress)


def _keep(workspace: Workspace, run: RunInfo, prepared: PreparedRun, done: Finetuned, floors: list[dict[str, Any]]) -> None:
    """Save the model with its card, the tables beside it, and the result in the run's record."""
    request, start = prepared.request, prepared.start
    traces = for_card(prepared.marks, done.split, start.card)
    card = finetuned_card(request, start, done, prepared.data, prepared.cohort, prepared.rows, prepared.codes, traces)
    card |= {"leaks": [leak.message for leak in prepared.leaks]}
    if any(leak.code == "start_has_seen" for leak in prepared.leaks):  # by content, which says more than the cohort's name
        card["warning"] = str(start.card.get("warning", ""))
    card |= {"floors": floors, "plan": locked_plan(request, run.created)}
    card |= {"sampling": sampling_of(workspace, prepared.cohort), CALIBRATION: kept_calibration(card)}
    path = run.folder / "best.safetensors"
    sha256 = save(
        path,
        done.network,
        has_head=True,
        encoder_trained=encoder_trained(request, start),
        standardizer=done.standardizer,
        card=card,
        name=request.name,
        origin="fine-tuned",
    )
    keep_curves(run.folder, done.curves)
    if workspace.run(run.name).cohort_id is not None:  # of people who were deleted meanwhile no table is kept
        keep_people(run.folder, done, prepared.data, prepared.rows)
        about = {**prepared.fingerprint(), "versions": card["versions"]}
        keep_replay(run, prepared.request, prepared.data, prepared.rows, done, about)
    add_model(workspace, path, request.name, ours=True)
    result = {key: card[key] for key in OF_A_RUN}
    number = count_tested(workspace, prepared.cohort.id)
    workspace.update_run(run.name, state="done", result=result | {"model_sha256": sha256, "tested_number": number})
