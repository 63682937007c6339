"""Pretraining, plain version: the masked autoencoder of the paper on standardized weeks."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from pat_core.errors import TrainingError
from pat_core.models.baselines.smoothing import SmoothedWeeks
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder, draw_visible
from pat_core.progress import Progress, Silent
from pat_core.training.device import pick_device
from pat_core.training.loop import LoopSettings, Plateau, fit
from pat_core.training.objective import AfterBatch, Examples, Objective, Rows
from pat_core.training.recipes import PretrainSettings

AT_ONCE = 64
HIDDEN = "loss on hidden minutes"
"""A figure of validation people, beside the loss."""
FREE_TO_CHANGE = ("device", "epochs", "minutes")
"""Settings that a resumed run may be given anew: where it runs and how long."""


Look = Callable[[MaskedAutoencoder, int], None]
"""Sees the network, in evaluation mode, after the epoch of this number, and leaves it as it is."""


class MaskedReconstruction(Objective):
    """Rebuild whole standardized weeks from the patches that a mask leaves: mean squared error over the minutes that the settings name,
    watched as it is, with that over hidden minutes beside it."""

    def __init__(self, config: PatConfig, settings: PretrainSettings) -> None:
        self.config, self.settings = config, settings

    def loss(self, network: nn.Module, examples: Examples, rows: Rows, draws: torch.Generator) -> Tensor:
        everything, hidden = self._losses(network, examples.inputs(rows), draws)
        return everything if self.settings.loss_on == "all" else hidden

    def evaluate(self, network: nn.Module, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
        draws = torch.Generator().manual_seed(self.settings.seed)  # the same masks every epoch, so that epochs compare
        losses, sizes = [], []
        for rows in held_out.batches(batch):
            losses.append([float(loss) for loss in self._losses(network, held_out.inputs(rows), draws)])
            sizes.append(rows.stop - rows.start)
            after_batch(rows.stop)
        everything, hidden = np.average(losses, axis=0, weights=sizes).tolist()
        return {"loss": everything if self.settings.loss_on == "all" else hidden, HIDDEN: hidden}

    def _losses(self, network: nn.Module, week: Tensor, draws: torch.Generator) -> tuple[Tensor, Tensor]:
        """(over all minutes, over hidden ones) with one mask for all of these weeks (batch, minutes)."""
        tokens = self.config.tokens(week.shape[1])
        visible = draw_visible(tokens, draws, self.settings.mask_ratio).to(week.device)
        rebuilt = network(week, visible)
        hidden = hidden_minutes(tokens, visible, self.config.patch)
        return reconstruction_loss(week, rebuilt), torch.mean((rebuilt - week[:, : hidden.numel()])[:, hidden] ** 2)


def reconstruction_loss(week: Tensor, rebuilt: Tensor) -> Tensor:
    """Mean squared error over ALL minutes that the patches cover (only-masked was much worse: 0.541 against 0.773)."""
    return torch.mean((rebuilt - week[:, : rebuilt.shape[1]]) ** 2)


def hidden_minutes(tokens: int, visible: Tensor, patch: int) -> Tensor:
    """(tokens * patch,) bool: the minutes of the patches that are not among `visible` (tokens_kept,)."""
    hidden = torch.ones(tokens, dtype=torch.bool, device=visible.device)
    hidden[visible] = False
    return hidden.repeat_interleave(patch)


@dataclass(frozen=True, eq=False)
class Pretrained:
    """The autoencoder of the best epoch, its validation loss (MSE over standardized minutes, all or hidden ones by the settings), that over
    hidden minutes in the same epoch, curves (epoch, name, value), and what was done, and on what (see `Alone.computed_on`)."""

    autoencoder: MaskedAutoencoder
    validation_loss: float
    hidden_loss: float
    curves: tuple[tuple[int, str, float], ...]
    epochs: int
    best_epoch: int
    stopped: str
    settings: dict[str, object]
    computed_on: str


class Standardized(Protocol):
    """Standardized weeks (people, minutes) float32: an array, or what reads rows of it when it is indexed."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> np.ndarray: ...


def as_asked(weeks: Standardized, settings: PretrainSettings) -> Standardized:
    """The weeks as a pretraining with these settings reads and rebuilds them."""
    return SmoothedWeeks(weeks) if settings.smoothed else weeks


def pretrain(
    z: Standardized,
    config: PatConfig,
    settings: PretrainSettings,
    checkpoint: Path,
    progress: Progress | None = None,
    held_out: int | None = None,
    look: Look | None = None,
) -> Pretrained:
    """Pretrain on standardized weeks z (people, minutes). Goes on from `checkpoint` where one is there, of the same run.

    held_out: so many of the first weeks are those of people to validate on; None takes the settings' share of one week a person.
    look: called after each epoch that progress hears of.
    TrainingError where the checkpoint is another run's (data, configuration, settings), where no person is left to validate on, or where
    the loss is no number any more.
    """
    z = as_asked(z, settings)
    held_out = int(len(z) * settings.validation_share) if held_out is None else held_out
    if not 1 <= held_out < len(z):
        raise TrainingError(
            f"Pretraining holds out {settings.validation_share:.0%} of the people to validate on, which of {len(z)} people leaves "
            f"{held_out} to validate on and {len(z) - held_out} to train on. Take more people, or another share."
        )
    device = pick_device(settings.device)
    network = seeded(lambda: MaskedAutoencoder(config), settings.seed).to(device)
    progress = progress or Silent()
    fitted = fit(
        network,
        MaskedReconstruction(config, settings),
        _weeks(z, range(held_out, len(z)), device),
        _weeks(z, range(held_out), device),
        LoopSettings(
            learning_rate=settings.learning_rate,
            batch=settings.batch,
            max_epochs=settings.epochs,
            patience=settings.patience,
            seed=settings.seed,
            shuffle=True,
            plateau=Plateau(settings.plateau_patience, settings.smallest_rate),
            minutes=settings.minutes,
        ),
        checkpoint,
        progress if look is None else _Looking(progress, network, look),
        _identity(z, config, settings),
    )
    network.load_state_dict(fitted.best)
    at_best = {name: value for epoch, name, value in fitted.curves if epoch == fitted.best_epoch}
    hidden = at_best.get(f"validation {HIDDEN}", math.nan)
    done = network.cpu().eval(), fitted.best_value, hidden, fitted.curves
    return Pretrained(*done, fitted.epochs, fitted.best_epoch, fitted.stopped, asdict(settings), fitted.computed_on)


class _Looking:
    """A Progress that shows the network to `look` with the figures of each epoch that it hears of."""

    def __init__(self, whole: Progress, network: MaskedAutoencoder, look: Look) -> None:
        self.whole, self.network, self.look = whole, network, look

    def at(self, fraction: float, message: str) -> None:
        self.whole.at(fraction, message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self.whole.metric(step, values)
        self.look(self.network, step)


def _weeks(z: Standardized, rows: range, device: torch.device) -> Examples:
    """Some weeks (people, minutes) as examples of themselves."""
    places = np.array(rows)
    return Examples(lambda some: torch.from_numpy(np.ascontiguousarray(z[places[some]])).to(device), places)


def _identity(z: Standardized, config: PatConfig, settings: PretrainSettings) -> dict[str, object]:
    """What makes two runs the same: the weeks, the network, and every setting that changes what is learned."""
    identity = {key: value for key, value in asdict(settings).items() if key not in FREE_TO_CHANGE}
    for name, usual in (("loss_on", "all"), ("smoothed", False)):
        if identity[name] == usual:
            del identity[name]  # as in checkpoints of before there was a choice
    data = hashlib.sha256()
    for first in range(0, len(z), AT_ONCE):
        data.update(np.ascontiguousarray(z[first : first + AT_ONCE], dtype="<f4").data)
    return {"weeks": data.hexdigest(), "people": len(z), **config.as_dict(), **identity}
