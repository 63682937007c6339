"""The training loop that both styles share: class-weighted loss, Adam, early stopping on validation AUC, checkpoints."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from pat_core.errors import TrainingError
from pat_core.evaluation import auc
from pat_core.progress import Progress
from pat_core.training.batch_progress import Throttled
from pat_core.training.checkpoint import load_checkpoint, save_checkpoint

SECONDS_BETWEEN_CHECKPOINTS = 5.0
SECONDS_BETWEEN_REPORTS = 0.25
"""A linear probe does hundreds of epochs a second: the live curves show some of them, the run's record holds all."""

Batches = Callable[[int, int], Tensor]
"""(first, last) -> inputs of those people, (people, ...)."""

Heard = Callable[[int], None]
"""Told after every batch how many have been read; raises Cancelled where the reader has cancelled."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs by position, and their labels (people,) of 0 and 1."""

    batch: Batches
    positive: np.ndarray

    def __len__(self) -> int:
        return len(self.positive)


@dataclass(frozen=True, eq=False)
class Fitted:
    """Weights of the best epoch, and how the run went. curves: (epoch, name, value).

    risen: the epoch in which the highest validation AUC was first reached; best_epoch comes later where others of the same AUC had a
    lower validation loss.
    """

    best: dict[str, Tensor]
    best_epoch: int
    risen: int
    best_auc: float
    epochs: int
    stopped: str
    curves: tuple[tuple[int, str, float], ...]


def fit(
    network: nn.Module,
    train: Examples,
    validation: Examples,
    *,
    learning_rate: float,
    batch: int,
    max_epochs: int,
    patience: int,
    seed: int,
    checkpoint: Path,
    progress: Progress,
) -> Fitted:
    """Train `network` (inputs -> logit (people,)) and return the weights of its best epoch.

    Adam, epsilon 1e-7; batches in the order given, not shuffled; loss weights {0: positives/total, 1: negatives/total}
    (paper's recipe). An epoch is better when its validation AUC is higher; among equal AUCs the lower validation loss is kept,
    but patience counts from the last rise of the AUC. Goes on from `checkpoint` where one is there: on the CPU with the same result,
    elsewhere with other draws of dropout, since the checkpoint holds the CPU's generator alone. A cancel is heard within a batch.
    TrainingError where the loss is no number any more.
    """
    device = next(network.parameters()).device
    optimizer = torch.optim.Adam((p for p in network.parameters() if p.requires_grad), lr=learning_rate, eps=1e-7)
    weights = class_weights(train.positive).to(device)
    state = {"epoch": 0, "auc": -1.0, "loss": float("inf"), "best_epoch": 0, "risen": 0, "curves": []}
    best = _copy(network)
    torch.manual_seed(seed)
    if checkpoint.exists():
        state, sets = load_checkpoint(checkpoint, {"network": network}, optimizer)
        best = sets["best"]
    saved, told, stopped = time.monotonic(), 0.0, "all epochs done"
    heard = _listener(progress, state, len(train), patience, max_epochs)
    while state["epoch"] < max_epochs:
        if state["epoch"] - state["risen"] >= patience:
            stopped = f"validation AUC did not rise for {patience} epochs"
            break
        epoch = state["epoch"] = state["epoch"] + 1
        loss = _train_epoch(network, optimizer, train, weights, batch, heard)
        held_loss, held_auc = _score(network, validation, weights, batch, lambda _: heard(len(train)))
        refuse_diverged(epoch, learning_rate, loss, held_loss)
        values = {"train loss": loss, "validation loss": held_loss, "validation AUC": held_auc}
        state["curves"] += [(epoch, name, value) for name, value in values.items()]
        if held_auc > state["auc"] or (held_auc == state["auc"] and held_loss < state["loss"]):
            state["risen"] = epoch if held_auc > state["auc"] else state["risen"]
            state |= {"auc": held_auc, "loss": held_loss, "best_epoch": epoch}
            best = _copy(network)
        if time.monotonic() - saved > SECONDS_BETWEEN_CHECKPOINTS:
            save_checkpoint(checkpoint, {"network": network, "best": best}, optimizer, state)
            saved = time.monotonic()
        if time.monotonic() - told < SECONDS_BETWEEN_REPORTS:
            continue
        told = time.monotonic()
        progress.metric(epoch, values)
        end = last_epoch(epoch, state["risen"], patience, max_epochs)
        so_far = f"validation AUC {held_auc:.3f}, highest so far {state['auc']:.3f}"
        progress.at(epoch / end, f"Epoch {epoch}: {so_far}; {_ends(end, max_epochs)}")
    save_checkpoint(checkpoint, {"network": network, "best": best}, optimizer, state)
    curves = tuple((step, name, value) for step, name, value in state["curves"])
    return Fitted(best, state["best_epoch"], state["risen"], state["auc"], state["epoch"], stopped, curves)


def last_epoch(epoch: int, risen: int, patience: int, max_epochs: int) -> int:
    """Where a run ends that is at `epoch`, unless its validation AUC rises again. risen: the epoch of its last rise, 0 before any."""
    return max(epoch, min(max_epochs, risen + patience))


def _ends(end: int, max_epochs: int) -> str:
    return f"ends at epoch {end:,}" + ("" if end == max_epochs else " unless that rises")


def refuse_diverged(epoch: int, learning_rate: float, *losses: float) -> None:
    """TrainingError where a loss of this epoch is not finite: nothing after it can be."""
    if not all(map(math.isfinite, losses)):
        raise TrainingError(
            f"The training diverged: its loss is not finite at epoch {epoch}, with a learning rate of {learning_rate:g}. "
            "Start a new run with a smaller learning rate."
        )


def _listener(progress: Progress, state: dict[str, object], weeks: int, patience: int, max_epochs: int) -> Heard:
    """Tells `progress` where in the epoch of `state` we are, now and then."""
    told = Throttled(progress, SECONDS_BETWEEN_REPORTS)

    def heard(read: int) -> None:
        so_far = f"; highest validation AUC so far {state['auc']:.3f}" if state["best_epoch"] else ""
        end = last_epoch(state["epoch"], state["risen"], patience, max_epochs)
        told.at((state["epoch"] - 1 + read / weeks) / end, f"Epoch {state['epoch']}, {read} of {weeks} weeks{so_far}")

    return heard


def class_weights(positive: np.ndarray) -> Tensor:
    """(2,) loss weights of negatives and positives: {0: positives/total, 1: negatives/total}; trains at a 50/50 prior."""
    share = float(np.mean(positive))
    return torch.tensor([share, 1.0 - share], dtype=torch.float32)


@torch.no_grad()
def logits(network: nn.Module, examples: Examples, batch: int, heard: Heard | None = None) -> np.ndarray:
    """(people,) logits in evaluation mode."""
    network.eval()
    parts = []
    for first in range(0, len(examples), batch):
        last = min(first + batch, len(examples))
        parts.append(network(examples.batch(first, last)).float().cpu())
        if heard:
            heard(last)
    return torch.cat(parts).numpy() if parts else np.empty(0, dtype=np.float32)


def _loss(scores: Tensor, positive: Tensor, weights: Tensor) -> Tensor:
    # Keras averages the weighted losses over the batch; it does not divide by the sum of the weights
    return binary_cross_entropy_with_logits(scores, positive, weight=weights[positive.long()])


def _train_epoch(network: nn.Module, optimizer: torch.optim.Adam, train: Examples, weights: Tensor, batch: int, heard: Heard) -> float:
    network.train()
    total = 0.0
    for first in range(0, len(train), batch):
        last = min(first + batch, len(train))
        positive = torch.as_tensor(train.positive[first:last], dtype=torch.float32, device=weights.device)
        loss = _loss(network(train.batch(first, last)), positive, weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += float(loss.detach()) * (last - first)
        heard(last)
    return total / len(train)


def _score(network: nn.Module, held: Examples, weights: Tensor, batch: int, heard: Heard) -> tuple[float, float]:
    """Loss and AUC; both NaN where a score is no number."""
    scores = logits(network, held, batch, heard)
    if not np.isfinite(scores).all():
        return math.nan, math.nan
    positive = torch.as_tensor(held.positive, dtype=torch.float32)
    loss = float(_loss(torch.from_numpy(scores), positive, weights.cpu()))
    return loss, float(auc(held.positive, scores))


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().cpu().clone() for key, value in network.state_dict().items()}
