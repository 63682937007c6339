"""Pretraining, plain version: the masked autoencoder of the paper on standardized weeks."""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from pat_core.errors import TrainingError
from pat_core.models.pat import Encoder, MaskedAutoencoder, PatConfig, seeded
from pat_core.models.pat.masked_autoencoder import draw_visible, reconstruction_loss
from pat_core.progress import Progress, Silent
from pat_core.training.batch_progress import Throttled
from pat_core.training.checkpoint import load_checkpoint, save_checkpoint
from pat_core.training.device import pick_device
from pat_core.training.loop import SECONDS_BETWEEN_REPORTS, refuse_diverged
from pat_core.training.recipes import PretrainSettings

FREE_TO_CHANGE = ("device", "epochs", "minutes")
"""Settings that a resumed run may be given anew: where it runs and how long."""


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

    TrainingError where the checkpoint is another run's (data, configuration, settings), where nobody is left to validate on, or where
    the loss is no number any more.
    """
    progress = progress or Silent()
    held_out = int(len(z) * settings.validation_share)
    if not 1 <= held_out < len(z):
        raise TrainingError(
            f"Pretraining holds out {settings.validation_share:.0%} of the people to validate on, which of {len(z)} people leaves "
            f"{held_out} to validate on and {len(z) - held_out} to train on. Take more people, or another share."
        )
    device = pick_device(settings.device)
    network = seeded(lambda: MaskedAutoencoder(config), settings.seed).to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.learning_rate, eps=1e-7)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=settings.plateau_patience, min_lr=settings.smallest_rate
    )
    train, validation = z[held_out:], z[:held_out]
    torch.manual_seed(settings.seed)
    state: dict[str, object] = {"epoch": 0, "best": float("inf"), "best_epoch": 0, "seconds": 0.0, "run": _identity(z, config, settings)}
    best = {key: value.clone() for key, value in network.encoder.state_dict().items()}
    if checkpoint.exists():
        state, sets = load_checkpoint(checkpoint, {"network": network}, optimizer, state["run"])
        best = sets["best"]
        plateau.load_state_dict(state["plateau"])
        for group in optimizer.param_groups:
            group["lr"] = state["learning_rate"]
    began = time.monotonic() - state["seconds"]
    told = Throttled(progress, SECONDS_BETWEEN_REPORTS)
    while (stopped := _stopped(state, settings)) is None:
        epoch = state["epoch"] + 1
        loss = _one_epoch(network, optimizer, train, settings, epoch, device, told)
        held = _validation_loss(network, validation, settings, epoch, device, told)
        refuse_diverged(epoch, optimizer.param_groups[0]["lr"], loss, held)
        plateau.step(held)
        if held < state["best"]:
            state |= {"best": held, "best_epoch": epoch}
            best = {key: value.detach().cpu().clone() for key, value in network.encoder.state_dict().items()}
        state |= {"epoch": epoch, "seconds": time.monotonic() - began, "plateau": plateau.state_dict()}
        state["learning_rate"] = optimizer.param_groups[0]["lr"]
        save_checkpoint(checkpoint, {"network": network, "best": best}, optimizer, state)
        progress.metric(epoch, {"train loss": loss, "validation loss": held})
        progress.at(epoch / settings.epochs, f"Epoch {epoch}: validation loss {held:.4f}")
    encoder = Encoder(config)
    encoder.load_state_dict(best)
    return Pretrained(encoder.eval(), state["best"], state["epoch"], state["best_epoch"], stopped, asdict(settings))


def _identity(z: np.ndarray, config: PatConfig, settings: PretrainSettings) -> dict[str, object]:
    """What makes two runs the same: the weeks, the network, and every setting that changes what is learned."""
    told = {key: value for key, value in asdict(settings).items() if key not in FREE_TO_CHANGE}
    data = hashlib.sha256(np.ascontiguousarray(z, dtype="<f4").data).hexdigest()
    return {"weeks": data, "people": len(z), **config.as_dict(), **told}


def _stopped(state: dict[str, object], settings: PretrainSettings) -> str | None:
    """Why there is no further epoch; None where there is one."""
    if state["epoch"] >= settings.epochs:
        return "all epochs done"
    if state["epoch"] - state["best_epoch"] >= settings.patience:
        return f"no better validation loss for {settings.patience} epochs"
    if settings.minutes and state["seconds"] > 60 * settings.minutes:
        return f"the time set for it, {settings.minutes:g} minutes, was over"
    return None


def _one_epoch(
    network, optimizer, train: np.ndarray, settings: PretrainSettings, epoch: int, device: torch.device, told: Throttled
) -> float:
    network.train()
    generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + epoch)
    order = torch.randperm(len(train), generator=generator).numpy()
    losses = []
    for first in range(0, len(order), settings.batch):
        week = torch.from_numpy(train[order[first : first + settings.batch]]).to(device)
        visible = draw_visible(network.config.tokens(week.shape[1]), generator, settings.mask_ratio).to(device)
        loss = reconstruction_loss(week, network(week, visible))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        read = first + len(week)
        told.at((epoch - 1 + read / len(train)) / settings.epochs, f"Epoch {epoch}, {read} of {len(train)} weeks")
    return float(np.mean(losses))


@torch.no_grad()
def _validation_loss(
    network, validation: np.ndarray, settings: PretrainSettings, epoch: int, device: torch.device, told: Throttled
) -> float:
    network.eval()
    generator = torch.Generator().manual_seed(settings.seed)  # the same masks every epoch, so that epochs compare
    losses, sizes = [], []
    for first in range(0, len(validation), settings.batch):
        week = torch.from_numpy(validation[first : first + settings.batch]).to(device)
        visible = draw_visible(network.config.tokens(week.shape[1]), generator, settings.mask_ratio).to(device)
        losses.append(float(reconstruction_loss(week, network(week, visible))))
        sizes.append(len(week))
        told.at(epoch / settings.epochs, f"Epoch {epoch}, {first + len(week)} of {len(validation)} weeks of validation")
    return float(np.average(losses, weights=sizes))
