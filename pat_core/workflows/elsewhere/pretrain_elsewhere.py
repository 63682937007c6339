"""Pretraining on another machine: the epochs there; the card and the figures of rebuilding here, from its last checkpoint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.jobs.parcel import Elsewhere, Packed
from pat_core.models.pat import PatConfig
from pat_core.progress import Progress
from pat_core.training import PretrainSettings
from pat_core.weeks import JoinedWeeks
from pat_core.workflows.elsewhere.held_run import ending, folder_of, held, refuse_without_people
from pat_core.workflows.elsewhere.week_files import WEEKS, read_weeks, write_weeks
from pat_core.workflows.learn.live_rebuilding import CHECKPOINT
from pat_core.workflows.learn.pretrain_people import PretrainRequest, prepare_pretraining
from pat_core.workflows.learn.pretrain_run import PRETRAIN

HOLDS = "Activity as the network reads it, standardized, a number a minute; people to validate on come first"


def pack(workspace: Workspace, request: PretrainRequest, reads: Path) -> Packed:
    """The standardized weeks alone: of the people nothing else has a part in it. Raises as `prepare_pretraining`."""
    run = next((run for run in workspace.runs() if run.name == request.name and run.state != "done"), None)
    data = prepare_pretraining(workspace, ending(workspace, replace(request, cohort=run.cohort) if run else request))
    chosen = data.chosen
    write_weeks(reads / WEEKS, _Rows(data.z, (len(data.z), chosen.cohorts[0].minutes)))
    asked = {"settings": asdict(request.settings), "config": request.config.as_dict(), "held_out": chosen.held_out}
    return Packed(asked | {"seed": request.settings.seed}, {WEEKS: HOLDS}, sum(chosen.people))


class _Rows:
    """Standardized weeks with their shape, (rows, minutes)."""

    def __init__(self, z: JoinedWeeks, shape: tuple[int, int]) -> None:
        self._z, self.shape = z, shape

    def __getitem__(self, rows: slice, /) -> np.ndarray:
        return self._z[np.arange(self.shape[0])[rows]]


def work(reads: Path, kept: Path, asked: Mapping[str, Any], progress: Progress) -> None:
    """All epochs, with their checkpoint in `kept`."""
    from pat_core.training.device import threads_as_begun
    from pat_core.training.masked_pretraining import pretrain

    weeks: Any = read_weeks(reads / WEEKS, ())
    config, settings = PatConfig(**asked["config"]), PretrainSettings(**asked["settings"])
    with threads_as_begun(kept):
        pretrain(weeks, config, settings, kept / CHECKPOINT, progress, asked["held_out"])


PRETRAIN_ELSEWHERE = Elsewhere[PretrainRequest](
    task=PRETRAIN,
    pack=pack,
    work=work,
    keeps_in=folder_of,
    keeps=rf"{re.escape(CHECKPOINT)}|threads\.json",
    hold=held,
    still=refuse_without_people,
    ending=ending,
)
