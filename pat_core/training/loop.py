"""The training loop of every objective: Adam, early stopping on what the objective watches, checkpoints."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from pat_core.errors import TrainingError
from pat_core.progress import Progress
from pat_core.training.checkpoint import load_checkpoint, save_checkpoint
from pat_core.training.distributed import Alone, here
from pat_core.training.keras_adam import KerasAdam
from pat_core.training.objective import AfterBatch, Examples, Objective, Watched

SECONDS_BETWEEN_CHECKPOINTS = 5.0
SECONDS_BETWEEN_REPORTS = 0.25
"""A linear probe does hundreds of epochs a second: the live curves show some of them, the run's record holds all."""


@dataclass(frozen=True)
class Plateau:
    """The learning rate is halved after `patience` epochs without a validation loss that is lower by 1e-4, down to `smallest_rate`."""

    patience: int
    smallest_rate: float


@dataclass(frozen=True)
class Cosine:
    """The learning rate rises evenly over `warm_up` (a share of all epochs), then falls to 0 along half a cosine (Loshchilov & Hutter 2017,
    arXiv 1608.03983). It changes with every batch, and follows from the place in the run alone."""

    warm_up: float = 0.1

    def factor(self, done: float) -> float:
        """Of the learning rate, where the share `done` of all epochs lies behind."""
        if done < self.warm_up:
            return done / self.warm_up
        return 0.5 * (1.0 + math.cos(math.pi * (done - self.warm_up) / (1.0 - self.warm_up)))


@dataclass(frozen=True)
class LoopSettings:
    """How a training goes. patience: epochs without a better value of what is watched, after which it ends.

    seed: of dropout, of the order and of what the objective draws. shuffle: a new order each epoch; else batches in the order given, as
    in the paper's fine-tuning. plateau, cosine: how the learning rate changes, at most one of the two. rates: (beginning of a parameter's
    name, factor on its learning rate), the first that fits; 1 where none does. weight_decay: decoupled (AdamW, Loshchilov & Hutter 2019).
    minutes: of training after which it ends, those before a resume included; None for no limit.
    """

    learning_rate: float
    batch: int
    max_epochs: int
    patience: int
    seed: int
    shuffle: bool = False
    plateau: Plateau | None = None
    minutes: float | None = None
    cosine: Cosine | None = None
    rates: tuple[tuple[str, float], ...] = ()
    weight_decay: float = 0.0


@dataclass(frozen=True, eq=False)
class Fitted:
    """Weights of the best epoch, and how the run went. curves: (epoch, name, value).

    best: of the part of the network that the objective keeps. best_value: of what the objective watches, on validation people. risen:
    the epoch in which that value was first reached; best_epoch comes later where others of the same value had a lower validation loss.
    computed_on: the device of its last epoch, which need not be one of this machine.
    """

    best: dict[str, Tensor]
    best_epoch: int
    risen: int
    best_value: float
    epochs: int
    stopped: str
    curves: tuple[tuple[int, str, float], ...]
    computed_on: str = ""

    def as_plain(self) -> dict[str, Any]:
        """How it went, without its weights, as plain values."""
        plain = {name: value for name, value in vars(self).items() if name != "best"}
        return plain | {"best_value": self.best_value if math.isfinite(self.best_value) else None}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], best: dict[str, Tensor]) -> Fitted:
        """Back from `as_plain`, with its weights."""
        curves = tuple((int(step), str(name), float(value)) for step, name, value in plain["curves"])
        value = math.nan if plain["best_value"] is None else plain["best_value"]
        return cls(**{**plain, "best": best, "curves": curves, "best_value": value})


def fit(
    network: nn.Module,
    objective: Objective,
    train: Examples,
    validation: Examples,
    settings: LoopSettings,
    checkpoint: Path,
    progress: Progress,
    run: Mapping[str, object] | None = None,
) -> Fitted:
    """Train `network` for `objective` and return the weights of its best epoch.

    Adam with Keras' epsilon, 1e-7 (paper's recipe). An epoch is better when what the objective watches is; among equal values the
    lower validation loss is kept, but patience counts from the last gain. Goes on from `checkpoint` where one is there: on the CPU with
    the same result, elsewhere with other draws of dropout, since the checkpoint holds the CPU's generator alone. A cancel is heard
    within a batch.
    run: what makes two runs the same, as plain values. TrainingError where the checkpoint is of another one, or the loss is no number
    any more. Of several processes (see `distributed`) all call this with the same arguments, and the first decides and writes.
    """
    group = here()
    watched, to_save = objective.watched, objective.kept(network)
    optimizer = _optimizer(network, settings)
    rate = _Rate(optimizer, settings)
    state: dict[str, Any] = {"epoch": 0, watched.key: watched.worst, "loss": math.inf, "best_epoch": 0, "risen": 0, "curves": []}
    state |= {} if run is None else {"run": dict(run)}
    best = _copy(to_save)
    torch.manual_seed(settings.seed)
    if checkpoint.exists():
        there, sets = load_checkpoint(checkpoint, {"network": network}, optimizer, state.get("run"))
        state |= _of_today(there)
        best = sets["best"]
        rate.restore(state)
    computed_on = group.computed_on(next(network.parameters()).device)
    trained, train, validation = group.network(network), group.examples(train), group.examples(validation)
    began = time.monotonic() - state.get("seconds", 0.0)
    saved, reported = time.monotonic(), 0.0
    after_batch = _listener(progress, watched, state, len(train), settings)
    while (stopped := group.agreed(_stopped(watched, state, settings))) is None:
        epoch = state["epoch"] = state["epoch"] + 1
        draws = torch.Generator().manual_seed(settings.seed * 1_000_003 + epoch)
        each = rate.within(epoch, len(train), after_batch)
        loss = group.agreed(_train_epoch(trained, objective, optimizer, train, settings, draws, each, group))
        figures = group.agreed(_evaluate(trained, objective, validation, settings.batch, lambda _: after_batch(len(train))))
        refuse_diverged(epoch, optimizer.param_groups[0]["lr"], loss, figures["loss"])
        values = {"train loss": loss} | {f"validation {name}": value for name, value in figures.items()}
        state["curves"] += [(epoch, name, value) for name, value in values.items()]
        gain = watched.gain(figures[watched.name], state[watched.key])
        if gain > 0 or (gain == 0 and figures["loss"] < state["loss"]):
            state["risen"] = epoch if gain > 0 else state["risen"]
            state |= {watched.key: figures[watched.name], "loss": figures["loss"], "best_epoch": epoch}
            best = _copy(to_save)
        state |= {"seconds": time.monotonic() - began, "computed_on": computed_on} | rate.step(figures["loss"])
        if group.first and time.monotonic() - saved > SECONDS_BETWEEN_CHECKPOINTS:
            save_checkpoint(checkpoint, {"network": network, "best": best}, optimizer, state)
            saved = time.monotonic()
        if time.monotonic() - reported >= SECONDS_BETWEEN_REPORTS:
            reported = time.monotonic()
            progress.metric(epoch, values)
            _report(progress, watched, state, figures[watched.name], settings)
    if group.first:
        save_checkpoint(checkpoint, {"network": network, "best": best}, optimizer, state)
    curves = tuple((step, name, value) for step, name, value in state["curves"])
    return Fitted(
        best,
        state["best_epoch"],
        state["risen"],
        state[watched.key],
        state["epoch"],
        stopped,
        curves,
        state.get("computed_on", computed_on),
    )


def last_epoch(epoch: int, risen: int, patience: int, max_epochs: int) -> int:
    """Where a run ends that is at `epoch`, unless what it watches gets better again. risen: the epoch of its last gain, 0 before any."""
    return max(epoch, min(max_epochs, risen + patience))


def refuse_diverged(epoch: int, learning_rate: float, *losses: float) -> None:
    """TrainingError where a loss of this epoch is not finite: nothing after it can be."""
    if not all(map(math.isfinite, losses)):
        raise TrainingError(
            f"The training diverged: its loss is not finite at epoch {epoch}, with a learning rate of {learning_rate:g}. "
            "Start a new run with a smaller learning rate."
        )


def _stopped(watched: Watched, state: dict[str, Any], settings: LoopSettings) -> str | None:
    """Why there is no further epoch; None where there is one."""
    if state["epoch"] >= settings.max_epochs:
        return "all epochs done"
    if state["epoch"] - state["risen"] >= settings.patience:
        return f"validation {watched.name} did not {watched.better} for {settings.patience} epochs"
    if settings.minutes and state.get("seconds", 0.0) > 60 * settings.minutes:
        return f"the time limit of {settings.minutes:g} minutes was reached"
    return None


def _of_today(state: dict[str, Any]) -> dict[str, Any]:
    """The state of a checkpoint under today's names: in those of pretraining the lowest loss was once called "best"."""
    if "best" in state:
        state |= {"loss": state.pop("best"), "risen": state["best_epoch"]}
    return state


def halving(optimizer: torch.optim.Adam, plateau: Plateau) -> ReduceLROnPlateau:
    """Keras' ReduceLROnPlateau: it acts in the epoch that completes the patience, torch's one later; less by 1e-4, not by a share."""
    floor = plateau.smallest_rate
    return ReduceLROnPlateau(optimizer, factor=0.5, patience=plateau.patience - 1, threshold=1e-4, threshold_mode="abs", min_lr=floor)


def _optimizer(network: nn.Module, settings: LoopSettings) -> torch.optim.Adam:
    """Adam as Keras has it, or AdamW where weights decay, with the parameters of one factor of `settings.rates` in a group."""
    groups: dict[float, list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            factor = next((factor for beginning, factor in settings.rates if name.startswith(beginning)), 1.0)
            groups.setdefault(factor, []).append(parameter)
    parts = [{"params": some, "lr": settings.learning_rate * factor} for factor, some in groups.items()]
    if settings.weight_decay:
        return torch.optim.AdamW(parts, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
    return KerasAdam(parts, settings.learning_rate)


class _Rate:
    """The learning rate of each group of parameters: constant, halved on a plateau, or along a cosine."""

    def __init__(self, optimizer: torch.optim.Adam, settings: LoopSettings) -> None:
        self.optimizer, self.settings, self.plateau = optimizer, settings, None
        self.full = [group["lr"] for group in optimizer.param_groups]
        if settings.plateau is not None:
            self.plateau = halving(optimizer, settings.plateau)

    def within(self, epoch: int, examples: int, after_batch: AfterBatch) -> AfterBatch:
        """Sets the rate of an epoch's first batch; what it returns sets that of each next one, and calls `after_batch`."""
        cosine = self.settings.cosine
        if cosine is None:
            return after_batch
        size, most = self.settings.batch, self.settings.max_epochs

        def set_rate(read: int) -> None:  # by the middle of the batch that comes next, so that none has a rate of 0
            middle = (read + min(read + size, examples)) / 2
            factor = cosine.factor((epoch - 1 + middle / examples) / most)
            for group, full in zip(self.optimizer.param_groups, self.full, strict=True):
                group["lr"] = full * factor

        def then(read: int) -> None:
            if read < examples:
                set_rate(read)
            after_batch(read)

        set_rate(0)
        return then

    def step(self, loss: float) -> dict[str, Any]:
        """After an epoch with this validation loss. Returns what a checkpoint must hold of the rate."""
        if self.plateau is None:
            return {}
        self.plateau.step(loss)
        return {"plateau": self.plateau.state_dict(), "learning_rate": self.optimizer.param_groups[0]["lr"]}

    def restore(self, state: dict[str, Any]) -> None:
        if self.plateau is not None:
            self.plateau.load_state_dict(state["plateau"])
            for group in self.optimizer.param_groups:
                group["lr"] = state["learning_rate"]


def _train_epoch(
    network: nn.Module,
    objective: Objective,
    optimizer: torch.optim.Adam,
    train: Examples,
    settings: LoopSettings,
    draws: torch.Generator,
    after_batch: AfterBatch,
    group: Alone,
) -> float:
    """The mean loss of the examples."""
    network.train()
    order = train.shuffled(draws) if settings.shuffle else None
    total = 0.0
    for rows in train.batches(settings.batch):
        loss = objective.loss(network, train, rows if order is None else order[rows], draws)
        optimizer.zero_grad()
        group.backward(loss)
        optimizer.step()
        total += float(loss.detach()) * (rows.stop - rows.start)
        after_batch(rows.stop)
    return total / len(train)


@torch.no_grad()
def _evaluate(network: nn.Module, objective: Objective, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
    network.eval()
    return objective.evaluate(network, held_out, batch, after_batch)


def _listener(progress: Progress, watched: Watched, state: dict[str, Any], weeks: int, settings: LoopSettings) -> AfterBatch:
    """Tells `progress` where in the epoch of `state` we are, now and then."""
    throttled = Throttled(progress, SECONDS_BETWEEN_REPORTS)

    def after_batch(read: int) -> None:
        best = f"; {watched.extreme} validation {watched.name} so far {watched.words(state[watched.key])}" if state["best_epoch"] else ""
        end = last_epoch(state["epoch"], state["risen"], settings.patience, settings.max_epochs)
        throttled.at((state["epoch"] - 1 + read / weeks) / end, f"Epoch {state['epoch']}, {read} of {weeks} weeks{best}")

    return after_batch


def _report(progress: Progress, watched: Watched, state: dict[str, Any], value: float, settings: LoopSettings) -> None:
    """What an epoch that is over came to, and when the run ends."""
    end = last_epoch(state["epoch"], state["risen"], settings.patience, settings.max_epochs)
    so_far = f"validation {watched.name} {watched.words(value)}, {watched.extreme} so far {watched.words(state[watched.key])}"
    unless = "" if end == settings.max_epochs else f" unless that {watched.better}s"
    progress.at(state["epoch"] / end, f"Epoch {state['epoch']}: {so_far}; ends at epoch {end:,}{unless}")


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().cpu().clone() for key, value in network.state_dict().items()}


class Throttled:
    """Passes `at` on to a Progress at most once in `seconds`: cheap for every batch, and a cancel is still heard within one."""

    def __init__(self, progress: Progress, seconds: float) -> None:
        self.progress, self.seconds = progress, seconds
        self.reported = 0.0

    def at(self, fraction: float, message: str) -> None:
        """Raises Cancelled, as the Progress does, where the reader has cancelled."""
        if time.monotonic() - self.reported >= self.seconds:
            self.reported = time.monotonic()
            self.progress.at(fraction, message)
