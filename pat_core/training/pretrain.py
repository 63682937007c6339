"""Pretraining, plain version: the masked autoencoder of the paper on standardized weeks."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from pat_core.errors import TrainingError
from pat_core.models.pat import PatConfig
from pat_core.models.pat.encoder import Encoder
from pat_core.models.pat.heads import seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder, draw_visible, reconstruction_loss
from pat_core.progress import Progress, Silent
from pat_core.training.device import pick_device
from pat_core.training.loop import LoopSettings, Plateau, fit
from pat_core.training.objective import AfterBatch, Examples, Objective, Rows
from pat_core.training.recipes import PretrainSettings

FREE_TO_CHANGE = ("device", "epochs", "minutes")
"""Settings that a resumed run may be given anew: where it runs and how long."""


class MaskedReconstruction(Objective):
    """Rebuild whole standardized weeks from the patches that a mask leaves: mean squared error over all minutes, watched as it is."""

    def __init__(self, config: PatConfig, mask_ratio: float, seed: int) -> None:
        self.config, self.mask_ratio, self.seed = config, mask_ratio, seed

    def loss(self, network: nn.Module, examples: Examples, rows: Rows, draws: torch.Generator) -> Tensor:
        week = examples.inputs(rows)
        visible = draw_visible(self.config.tokens(week.shape[1]), draws, self.mask_ratio).to(week.device)
        return reconstruction_loss(week, network(week, visible))

    def evaluate(self, network: nn.Module, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
        draws = torch.Generator().manual_seed(self.seed)  # the same masks every epoch, so that epochs compare
        losses, sizes = [], []
        for rows in held_out.batches(batch):
            losses.append(float(self.loss(network, held_out, rows, draws)))
            sizes.append(rows.stop - rows.start)
            after_batch(rows.stop)
        return {"loss": float(np.average(losses, weights=sizes))}

    def kept(self, network: nn.Module) -> nn.Module:
        return network.get_submodule("encoder")


@dataclass(frozen=True, eq=False)
class Pretrained:
    """The encoder of the best epoch, its validation loss (MSE over all minutes of standardized weeks), and what was done."""

    encoder: Encoder
    validation_loss: float
    epochs: int
    best_epoch: int
    stopped: str
    settings: dict[str, object]


def pretrain(
    z: np.ndarray, config: PatConfig, settings: PretrainSettings, checkpoint: Path, progress: Progress | None = None
) -> Pretrained:
    """Pretrain on standardized weeks z (people, minutes). Goes on from `checkpoint` where one is there, of the same run.

    TrainingError where the checkpoint is another run's (data, configuration, settings), where no person is left to validate on, or where
    the loss is no number any more.
    """
    held_out = int(len(z) * settings.validation_share)
    if not 1 <= held_out < len(z):
        raise TrainingError(
            f"Pretraining holds out {settings.validation_share:.0%} of the people to validate on, which of {len(z)} people leaves "
            f"{held_out} to validate on and {len(z) - held_out} to train on. Take more people, or another share."
        )
    device = pick_device(settings.device)
    network = seeded(lambda: MaskedAutoencoder(config), settings.seed).to(device)
    fitted = fit(
        network,
        MaskedReconstruction(config, settings.mask_ratio, settings.seed),
        _weeks(z[held_out:], device),
        _weeks(z[:held_out], device),
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
        progress or Silent(),
        _identity(z, config, settings),
    )
    encoder = Encoder(config)
    encoder.load_state_dict(fitted.best)
    return Pretrained(encoder.eval(), fitted.best_value, fitted.epochs, fitted.best_epoch, fitted.stopped, asdict(settings))


def _weeks(z: np.ndarray, device: torch.device) -> Examples:
    """Weeks (people, minutes) as examples of themselves."""
    return Examples(lambda rows: torch.from_numpy(z[rows]).to(device), z)


def _identity(z: np.ndarray, config: PatConfig, settings: PretrainSettings) -> dict[str, object]:
    """What makes two runs the same: the weeks, the network, and every setting that changes what is learned."""
    identity = {key: value for key, value in asdict(settings).items() if key not in FREE_TO_CHANGE}
    data = hashlib.sha256(np.ascontiguousarray(z, dtype="<f4").data).hexdigest()
    return {"weeks": data, "people": len(z), **config.as_dict(), **identity}
