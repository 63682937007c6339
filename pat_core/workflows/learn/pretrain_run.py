"""Pretraining runs: from a cohort's weeks, without any label, to an encoder that travels with its decoder and its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pat_core.cohorts import CohortInfo, RunInfo, WeekRow, Workspace
from pat_core.errors import TrainingError
from pat_core.jobs import Task
from pat_core.jobs.helpers import called_in
from pat_core.jobs.task import Spec
from pat_core.models.pat import PatConfig, config_for
from pat_core.models.pat.pat_config import Embedding
from pat_core.progress import Progress, Share, Silent
from pat_core.records import Standardizer
from pat_core.training import PretrainSettings
from pat_core.weeks import ChosenWeeks, StandardizedWeeks, fit, in_days, steadied
from pat_core.weights import save
from pat_core.weights.bundle import BLOCKS_AT_MOST, HEADS_AT_MOST
from pat_core.workflows.learn.pretrained_card import pretrained_card
from pat_core.workflows.learn.rebuilt_weeks import rebuilding_figures
from pat_core.workflows.learn.run_record import at_work, new_run, unfinished
from pat_core.workflows.models.model_entries import add_model, free_name
from pat_core.workflows.models.run_files import keep_curves
from pat_core.workflows.read.duplicates import few_marks
from pat_core.workflows.week.cohort_weeks import first_weeks, unfit_rows
from pat_core.workflows.week.labelled_weeks import Unfit

if TYPE_CHECKING:
    from pat_core.training.pretrain import Pretrained

PRETRAINING = "pretrain"
"""What a run's record says that it does."""
CHECKPOINT = "pretrain.checkpoint"
FEWEST = 20
"""People: of fewer, a tenth to validate on is one."""
MEASURED_ON = 200
"""Held-out people at most on whom rebuilding is measured after the training."""
TRAINING = 0.95
"""Share of the work that is the training; the rest measures what was learned."""


@dataclass(frozen=True)
class PretrainRequest(Spec):
    """What to pretrain. size: of the paper, or "custom" with patch (minutes), heads and blocks. embedding: how patches become tokens.

    weeks: "first" takes one week a person, "all" every full week; a person's weeks are all on one side of the validation. unfit: as of
    `RunRequest`.
    """

    name: str
    cohort: str
    size: str = "small"
    embedding: Embedding = "linear"
    patch: int = 18
    heads: int = 6
    blocks: int = 1
    weeks: str = "first"
    unfit: Unfit = "leave out"
    settings: PretrainSettings = PretrainSettings()

    def as_spec(self) -> dict[str, Any]:
        """As `Spec.as_spec`; a run's record says by it what kind of run it is."""
        return super().as_spec() | {"task": PRETRAINING}

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Self:
        """As `Spec.from_spec`, with the settings as a record again."""
        return super().from_spec({**spec, "settings": PretrainSettings(**spec.get("settings") or {})})

    @property
    def config(self) -> PatConfig:
        """The network's shape. TrainingError where there is no such one."""
        if self.size != "custom":
            return config_for(self.size, self.embedding)
        if not (1 <= self.patch <= 1440 and 1 <= self.heads <= HEADS_AT_MOST and 1 <= self.blocks <= BLOCKS_AT_MOST):
            raise TrainingError(
                f"Expected a patch of 1 to 1,440 minutes, 1 to {HEADS_AT_MOST} heads and 1 to {BLOCKS_AT_MOST} blocks, got {self.patch}, "
                f"{self.heads} and {self.blocks}."
            )
        return PatConfig("custom", self.patch, self.heads, self.blocks, self.embedding)


@dataclass(frozen=True, eq=False)
class PretrainData:
    """All that a pretraining depends on, read once. rows: of its weeks, those of people to validate on first; held_out: how many these are.
    standardizer: fitted on the first weeks of the others, and steadied."""

    request: PretrainRequest
    cohort: CohortInfo
    rows: list[WeekRow]
    held_out: int
    weeks: ChosenWeeks
    standardizer: Standardizer
    marks: np.ndarray

    @property
    def people(self) -> tuple[int, int]:
        """(learned from, validated on)."""
        held = {row.participant for row in self.rows[: self.held_out]}
        return len({row.participant for row in self.rows} - held), len(held)


def run_pretraining(workspace: Workspace, request: PretrainRequest, progress: Progress | None = None) -> RunInfo:
    """Pretrain, keep everything in the run's folder, and add the encoder. Goes on from the last checkpoint of a killed run; how it ends is
    kept as of fine-tuning (`run_finetune`)."""
    from pat_core.training.pretrain import pretrain

    request = replace(request, name=free_name(request.name, "run"))
    run, progress = unfinished(workspace, request), progress or Silent()
    data = prepare_pretraining(workspace, replace(request, cohort=run.cohort) if run else request)
    run = run or new_run(workspace, request)
    with at_work(workspace, run):
        z = StandardizedWeeks(data.weeks, data.standardizer)
        part = Share(progress, 0.0, TRAINING)
        with called_in(PRETRAIN, data.request, run.folder, part):
            done = pretrain(z, request.config, request.settings, run.folder / CHECKPOINT, part, data.held_out)
        progress.at(TRAINING, "Measuring how well hidden minutes are rebuilt")
        _keep(workspace, run, data, done, z)
    return workspace.run(run.name)


def help_pretraining(workspace: Workspace, request: PretrainRequest, folder: Path) -> None:
    """The same training, for its share of each batch; nothing is kept."""
    from pat_core.training.pretrain import pretrain

    data = prepare_pretraining(workspace, request)
    z = StandardizedWeeks(data.weeks, data.standardizer)
    pretrain(z, request.config, request.settings, folder / CHECKPOINT, held_out=data.held_out)


PRETRAIN = Task(PRETRAINING, PretrainRequest, run_pretraining, lambda run: {"run": run.name}, helped=help_pretraining)


def prepare_pretraining(workspace: Workspace, request: PretrainRequest) -> PretrainData:
    """Read the weeks, and check them, the network's shape and the device, before anything is written. TrainingError where one of them will
    not do."""
    from pat_core.training.device import pick_device

    pick_device(request.settings.device)
    config, info = request.config, workspace.cohort(request.cohort)
    if not info.one_length:
        raise TrainingError(
            f"The windows of “{request.cohort}” differ in length, and pretraining compares minutes of the window. Import them as windows "
            "of one length."
        )
    if config.tokens(info.minutes) < 2:
        raise TrainingError(f"A patch of {config.patch} minutes leaves no two patches in {in_days(info.minutes)}. Choose a smaller patch.")
    unfit = unfit_rows(workspace, request.cohort) if request.unfit == "leave out" else {}
    fit_ones = [row for row in workspace.week_rows(request.cohort) if row.row not in unfit]
    rows = fit_ones if request.weeks == "all" else first_weeks(fit_ones)
    people = list(dict.fromkeys(row.participant for row in rows))
    if len(people) < FEWEST:
        raise TrainingError(f"Pretraining needs at least {FEWEST} people with a fit week; “{request.cohort}” has {len(people)}.")
    order = np.random.default_rng(request.settings.seed).permutation(len(people))
    count = max(1, round(len(people) * request.settings.validation_share))
    place = {people[person]: number for number, person in enumerate(order)}
    rows = sorted(rows, key=lambda row: place[row.participant])
    held_out = sum(place[row.participant] < count for row in rows)
    weeks = ChosenWeeks(workspace.weeks_array(request.cohort), np.array([row.row for row in rows]))
    learned = _first_of_each(rows, held_out, len(rows))
    # whoever was not among few people can be thousands of deviations away, which no encoder learns from
    standardizer = steadied(fit(weeks, f"pretraining people of cohort {request.cohort}", info.unit, learned))
    marks = few_marks(workspace, request.cohort, [row.row for row in rows[held_out:]])
    return PretrainData(request, info, rows, held_out, weeks, standardizer, marks)


def _first_of_each(rows: list[WeekRow], begin: int, end: int) -> list[int]:
    """Places in [begin, end) at which a person comes for the first time there; the rows of a person stand together."""
    return [place for place in range(begin, end) if place == begin or rows[place].participant != rows[place - 1].participant]


def _keep(workspace: Workspace, run: RunInfo, data: PretrainData, done: Pretrained, z: StandardizedWeeks) -> None:
    """Save the encoder with its decoder and card, the curves beside it, and the result in the run's record."""
    firsts = _first_of_each(data.rows, 0, data.held_out)
    measured = rebuilding_figures(
        done.autoencoder, [z[number] for number in firsts[:MEASURED_ON]], data.request.settings.mask_ratio, data.request.settings.seed
    )
    card = pretrained_card(workspace, data, done, measured)
    path = run.folder / "best.safetensors"
    sha256 = save(path, done.autoencoder, has_head=False, standardizer=data.standardizer, card=card, name=run.name, origin="own")
    keep_curves(run.folder, done.curves)
    add_model(workspace, path, run.name, ours=True)
    workspace.update_run(run.name, state="done", result={"rebuilt": measured, "model_sha256": sha256, "best_epoch": done.best_epoch})
