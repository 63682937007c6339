"""A comparison on another machine: every training of a network there, kept one by one; tests, floors and the table here.

Trainings come home as finished splits, in the folder of their cell; the comparison here then reads them back at once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError, WorkspaceError
from pat_core.files import open_private
from pat_core.jobs.parcel import Elsewhere, Packed
from pat_core.progress import Progress, Share
from pat_core.training import FinetuneSettings
from pat_core.training.labelled_people import Split
from pat_core.workflows.comparing.compare_cells import COMPARE, Cells, comparison
from pat_core.workflows.comparing.compare_request import FLOORS, CompareRequest
from pat_core.workflows.elsewhere.finetune_elsewhere import HOLDS_START, read_start, write_start
from pat_core.workflows.elsewhere.held_run import ending
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
from pat_core.workflows.learn.encoder_reading import EncoderRequest

SPLITS = "splits.npz"
HOLDS_SPLITS = "For each training: the rows that it learns from, that stop it and that test it"
SIDES = ("train", "validation", "test")
logger = logging.getLogger(__name__)


def pack(workspace: Workspace, request: CompareRequest, reads: Path) -> Packed:
    """The weeks and numbers of each pair of groups, the weights to start from, and who takes part in which training. Raises as
    `run_comparison`; TrainingError where nothing is left to train."""
    request = ending(workspace, request)
    missing = [cell for cell in comparison(workspace, request).missing if cell.model not in FLOORS]
    if not missing:
        raise TrainingError("Every training of this comparison is done already, so there is nothing to send.")
    cells, holds, people = Cells(workspace, request), {SPLITS: HOLDS_SPLITS}, set[str]()
    tasks, plans = [], []
    starts: dict[str, list[str]] = {}
    splits: dict[str, np.ndarray] = {}
    groups = list(dict.fromkeys(cell.groups for cell in missing))
    for number, pair in enumerate(groups):
        data = cells.of(pair).data
        write_weeks(reads / f"{number}-{WEEKS}", data.weeks)
        write_people(reads / f"{number}-{PEOPLE}", data)
        holds |= {f"{number}-{WEEKS}": HOLDS_WEEKS, f"{number}-{PEOPLE}": HOLDS_PEOPLE}
        tasks.append(task_facts(data))
        people |= set(map(str, data.people))
    for model in dict.fromkeys(cell.model for cell in missing):
        name = f"start-{len(starts)}.safetensors"
        reference = write_start(reads / name, cells.model(model), model)
        holds |= {} if reference else {name: HOLDS_START}
        starts[model] = [name, reference]
    for number, cell in enumerate(missing):
        split, settings = cells.training(cell)
        splits |= {f"{number}-{side}": getattr(split, side).astype(np.int32) for side in SIDES}
        plans.append({"folder": cells.folder(cell).name, "groups": groups.index(cell.groups), "start": starts[cell.model],
                      "settings": settings.as_dict()})  # fmt: skip
    with open_private(reads / SPLITS, "wb") as file:
        np.savez(file, allow_pickle=False, **splits)
    return Packed({"tasks": tasks, "cells": plans, "seed": request.settings.seed}, holds, len(people))


def work(reads: Path, kept: Path, asked: Mapping[str, Any], progress: Progress) -> None:
    """Every training, each kept in a folder of its own. One that cannot be done is left to the machine that asked, which says why."""
    from pat_core.training.device import threads_as_begun
    from pat_core.training.one_split import train_split

    data = [read_people(reads, facts, f"{number}-") for number, facts in enumerate(asked["tasks"])]
    with np.load(reads / SPLITS, allow_pickle=False) as splits:
        for number, cell in enumerate(asked["cells"]):
            share = Share(_WithoutCurves(progress), number / len(asked["cells"]), 1 / len(asked["cells"]))
            share.at(0.0, f"Training {number + 1:,} of {len(asked['cells']):,}")
            split = Split(*(splits[f"{number}-{side}"].astype(int) for side in SIDES))
            name, reference = cell["start"]
            folder, settings = kept / cell["folder"], FinetuneSettings(**cell["settings"])
            try:
                with threads_as_begun(folder):
                    train_split(read_start(reads / name, reference), data[cell["groups"]], split, settings, folder, share)
            except TrainingError as error:
                logger.warning("training %s could not be done: %s", number + 1, error)


class _WithoutCurves:
    """Of hundreds of trainings no curves are kept."""

    def __init__(self, whole: Progress) -> None:
        self.whole = whole

    def at(self, fraction: float, message: str) -> None:
        self.whole.at(fraction, message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        """There is no curve of it."""


@contextmanager
def held(workspace: Workspace, request: CompareRequest) -> Iterator[None]:
    """A comparison has no record that could be held: its trainings are kept one by one, the same whoever did them."""
    yield


def still(workspace: Workspace, request: CompareRequest | EncoderRequest) -> None:
    """WorkspaceError where its cohort is gone."""
    if request.cohort not in {cohort.name for cohort in workspace.cohorts()}:
        raise WorkspaceError(
            f"The cohort {request.cohort!r} was deleted or renamed, so its comparison was stopped, and its data removed at its place."
        )


COMPARE_ELSEWHERE = Elsewhere[CompareRequest](
    task=COMPARE,
    pack=pack,
    work=work,
    keeps_in=lambda workspace, request: workspace.folder / "comparisons",
    keeps=r"[0-9a-f]{16}/((last|finished)\.safetensors|threads\.json)",
    hold=held,
    still=still,
    ending=ending,
)
