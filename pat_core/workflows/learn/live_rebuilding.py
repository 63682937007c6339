"""A pretraining in progress for whoever looks at its run: one held-out week as it is rebuilt so far, and where the training stands."""

from __future__ import annotations

import json
import logging
import time
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pat_core.cohorts import RunInfo
from pat_core.files import replacing
from pat_core.workflows.learn.pretrain_people import PretrainData
from pat_core.workflows.learn.rebuilt_weeks import RebuiltWeek, beside_simple_ways, rebuild

if TYPE_CHECKING:
    from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder

LIVE, CHECKPOINT = "rebuilt.npz", "last.safetensors"
"""In a run's folder while it is not done; both go with the people of the cohort (`cohorts.stores.forgetting`)."""
EVERY = 5
"""Epochs from one picture to the next, at the least."""
SECONDS_BETWEEN = 2.0
"""At the least, so that the pictures of quick epochs cost next to nothing."""
logger = logging.getLogger(__name__)


class LiveRebuilding:
    """A `Look` that writes the first held-out week of the first cohort: as it is, which minutes are hidden, and what the decoder gives.

    The week and the mask are the same every time, so that pictures compare. A disk without room costs the picture, not the training; where
    nobody of that cohort is held out there is none.
    """

    def __init__(self, folder: Path, data: PretrainData) -> None:
        from pat_core.training.masked_pretraining import as_asked

        chosen = data.chosen
        settings, held = chosen.request.settings, chosen.rows[: chosen.held_out]
        place = next((place for place, (number, _) in enumerate(held) if number == 0), None)
        self.path, self.ratio, self.seed = folder / LIVE, settings.mask_ratio, settings.seed
        self.z = None if place is None else as_asked(data.z, settings)[place]
        row = held[place or 0][1]
        self.start, self.date_known = row.start.isoformat() if row.start else "", row.date_known
        self.epoch, self.seconds = 1 - EVERY, -SECONDS_BETWEEN

    def __call__(self, network: MaskedAutoencoder, epoch: int) -> None:
        if self.z is None or epoch < self.epoch + EVERY or time.monotonic() - self.seconds < SECONDS_BETWEEN:
            return
        week = rebuild(network, self.z, self.ratio, self.seed)
        try:
            with replacing(self.path) as waiting, open(waiting, "wb") as file:
                np.savez(file, **self._arrays(epoch, week))
        except OSError as error:
            logger.warning("the picture of epoch %s was not kept: %s", epoch, error)
        self.epoch, self.seconds = epoch, time.monotonic()

    def _arrays(self, epoch: int, week: RebuiltWeek) -> dict[str, Any]:
        about = {"epoch": epoch, "start": self.start, "date_known": self.date_known}
        return {"z": week.z, "hidden": week.hidden, "output": week.output, **about}


@dataclass(frozen=True, eq=False)
class LiveWeek:
    """A held-out week as a pretraining rebuilt it after an epoch. start, date_known: as of a `Week`."""

    epoch: int
    rebuilt: RebuiltWeek
    start: datetime | None
    date_known: bool


def live_week(run: RunInfo) -> LiveWeek | None:
    """The latest picture of a run in progress; None where there is none (yet)."""
    try:
        with np.load(run.folder / LIVE) as stored:
            rebuilt = beside_simple_ways(stored["z"], stored["hidden"], stored["output"])
            start = str(stored["start"])
            return LiveWeek(int(stored["epoch"]), rebuilt, datetime.fromisoformat(start) if start else None, bool(stored["date_known"]))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


@dataclass(frozen=True)
class Course:
    """Where a pretraining stood at its last checkpoint. loss: the lowest validation loss, of epoch `best_epoch`. waited: epochs since it
    last fell, plateau_waited: since the rate was last halved or the loss fell. rate: the learning rate now; first_rate: of the start."""

    epoch: int
    best_epoch: int
    loss: float
    waited: int
    plateau_waited: int
    rate: float
    first_rate: float

    @property
    def halved(self) -> int:
        """How often the learning rate was halved; the last halving may have stopped at its floor."""
        return int(np.ceil(np.log2(self.first_rate / self.rate) - 1e-6)) if self.rate else 0


def course_of(run: RunInfo) -> Course | None:
    """None where there is no checkpoint (yet), or none of a pretraining."""
    from safetensors import SafetensorError, safe_open  # for who looks at a pretraining alone

    try:
        with safe_open(run.folder / CHECKPOINT, framework="np") as file:
            state = json.loads((file.metadata() or {})["state"])
        return Course(
            epoch=int(state["epoch"]),
            best_epoch=int(state["best_epoch"]),
            loss=float(state["loss"]),
            waited=int(state["epoch"]) - int(state["risen"]),
            plateau_waited=int(state["plateau"]["num_bad_epochs"]),
            rate=float(state["learning_rate"]),
            first_rate=float(run.config["settings"]["learning_rate"]),
        )
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return None
