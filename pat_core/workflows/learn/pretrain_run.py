"""Pretraining runs: from weeks, without any label, to an encoder that travels with its decoder and its card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pat_core.cohorts import JobInfo, RunInfo, Workspace
from pat_core.errors import PatError
from pat_core.jobs import Task
from pat_core.jobs.helpers import called_in
from pat_core.progress import Progress, Share, Silent
from pat_core.weights import save
from pat_core.workflows.learn.live_rebuilding import CHECKPOINT, LIVE, LiveRebuilding
from pat_core.workflows.learn.pretrain_people import PRETRAINING, PretrainData, PretrainRequest, prepare_pretraining, pretraining_people
from pat_core.workflows.learn.pretrained_card import pretrained_card
from pat_core.workflows.learn.rebuilt_weeks import rebuilding_figures
from pat_core.workflows.learn.run_record import at_work, new_run, unfinished
from pat_core.workflows.models.model_entries import add_model, free_name
from pat_core.workflows.models.run_files import keep_curves

if TYPE_CHECKING:
    from pat_core.training.masked_pretraining import Pretrained

MEASURED_ON = 200
"""Held-out people at most on whom rebuilding is measured after the training."""
TRAINING = 0.95
"""Share of the work that is the training; the rest measures what was learned."""


def start_pretraining(workspace: Workspace, request: PretrainRequest, on: str = "") -> tuple[RunInfo, JobInfo]:
    """Check the request, record the run and start its job in the background. Wrong requests are refused before anything is written.

    on: the place where it is trained (`jobs.launchers.place_book`), whose devices need not be there here; "" for this computer.
    """
    from pat_core.training.device import device_here

    request = replace(request, name=free_name(request.name, "run"))
    device = device_here(request.settings.device) if on else request.settings.device
    pretraining_people(workspace, replace(request, settings=replace(request.settings, device=device)))
    run = new_run(workspace, request)
    try:
        job = PRETRAIN.launch(workspace, request, f"Pretrain {request.name}", on=on)
    except (PatError, OSError):
        workspace.delete_run(request.name)
        raise
    workspace.update_run(request.name, job_id=job)
    return run, workspace.job(job)


def run_pretraining(workspace: Workspace, request: PretrainRequest, progress: Progress | None = None) -> RunInfo:
    """Pretrain, keep everything in the run's folder, and add the encoder. Goes on from the last checkpoint of a killed run; how it ends is
    kept as of fine-tuning (`run_finetune`)."""
    from pat_core.training.device import threads_as_begun
    from pat_core.training.masked_pretraining import pretrain

    request = replace(request, name=free_name(request.name, "run"))
    run, progress = unfinished(workspace, request), progress or Silent()
    data = prepare_pretraining(workspace, replace(request, cohort=run.cohort) if run else request)
    run = run or new_run(workspace, request)
    with at_work(workspace, run):
        part = Share(progress, 0.0, TRAINING)
        live = LiveRebuilding(run.folder, data)
        with called_in(PRETRAIN.kind, data.chosen.request.as_spec(), run.folder, part), threads_as_begun(run.folder):
            done = pretrain(data.z, request.config, request.settings, run.folder / CHECKPOINT, part, data.chosen.held_out, live)
        progress.at(TRAINING, "Measuring how well hidden minutes are rebuilt")
        _keep(workspace, run, data, done)
    return workspace.run(run.name)


def help_pretraining(workspace: Workspace, request: PretrainRequest, folder: Path) -> None:
    """The same training, for its share of each batch; nothing is kept."""
    from pat_core.training.masked_pretraining import pretrain

    data = prepare_pretraining(workspace, request)
    pretrain(data.z, request.config, request.settings, folder / CHECKPOINT, held_out=data.chosen.held_out)


PRETRAIN = Task(PRETRAINING, PretrainRequest, run_pretraining, lambda run: {"run": run.name}, helped=help_pretraining)


def _keep(workspace: Workspace, run: RunInfo, data: PretrainData, done: Pretrained) -> None:
    """Save the encoder with its decoder and card, the curves beside it, and the result in the run's record."""
    from pat_core.training.masked_pretraining import as_asked

    settings, z = data.chosen.request.settings, as_asked(data.z, data.chosen.request.settings)
    firsts = data.chosen.firsts(0, data.chosen.held_out)[:MEASURED_ON]
    measured = rebuilding_figures(done.autoencoder, [z[number] for number in firsts], settings.mask_ratio, settings.seed)
    card = pretrained_card(workspace, data, done, measured)
    path = run.folder / "best.safetensors"
    sha256 = save(path, done.autoencoder, has_head=False, standardizer=data.standardizer, card=card, name=run.name, origin="own")
    keep_curves(run.folder, done.curves)
    add_model(workspace, path, run.name, ours=True)
    result = {name: card[name] for name in OF_A_RUN} | {"rebuilt": measured, "model_sha256": sha256}
    workspace.update_run(run.name, state="done", result=result)
    (run.folder / LIVE).unlink(missing_ok=True)  # a person's week; any week can be rebuilt by the encoder itself now


OF_A_RUN = ("people", "validated_on", "weeks", "simulated", "validation_loss", "hidden_loss", "epochs", "best_epoch", "stopped", "versions")
"""What a run's record keeps of the card, to be known when the model is gone."""
