"""What a training is for: an Objective gives the loop its loss, and what to look at on validation people.

A new kind of target is one more Objective. What is learned of a label is here, a class for each kind; masked weeks: masked_pretraining.py.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, logsigmoid, mse_loss

from pat_core.evaluation import auc
from pat_core.models.pat.heads import ClassifierHead
from pat_core.training.target import Target

Rows = slice | np.ndarray
"""Positions of examples: a stretch of them, or (rows,) whole numbers."""

AfterBatch = Callable[[int], None]
"""Called after every batch with the number of examples read so far; raises Cancelled where the reader has cancelled."""


@dataclass(frozen=True, eq=False)
class Examples:
    """inputs: rows -> (rows, ...) on the network's device. target: (examples, ...), as the objective wants it.

    edges: positions at which inputs of another length begin: a batch lies on one side of each.
    """

    inputs: Callable[[Rows], Tensor]
    target: np.ndarray
    edges: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.target)

    def batches(self, size: int) -> Iterator[slice]:
        """All examples in their order, `size` at a time, inputs of one length in each."""
        for begin, end in self.stretches():
            for first in range(begin, end, size):
                yield slice(first, min(first + size, end))

    def stretches(self) -> Iterator[tuple[int, int]]:
        """[begin, end) of the examples of each length."""
        yield from zip((0, *self.edges), (*self.edges, len(self)), strict=True)

    def shuffled(self, draws: torch.Generator) -> np.ndarray:
        """(examples,) another order of them, in which those of one length stay next to one another."""
        return np.concatenate([begin + torch.randperm(end - begin, generator=draws).numpy() for begin, end in self.stretches()])


@dataclass(frozen=True)
class Watched:
    """The figure of validation people that ends a training and chooses the weights that are kept.

    name: among those of `Objective.evaluate`. higher: whether higher is better. digits: behind the point, for a reader.
    """

    name: str = "loss"
    higher: bool = False
    digits: int = 4

    @property
    def key(self) -> str:
        """Under which a checkpoint holds the best value so far."""
        return self.name.lower()

    @property
    def worst(self) -> float:
        return float("-inf") if self.higher else float("inf")

    def gain(self, value: float, best: float) -> float:
        """Above 0 where `value` is better than `best`, 0 where they are equal."""
        return value - best if self.higher else best - value

    def words(self, value: float) -> str:
        return f"{value:.{self.digits}f}"

    @property
    def extreme(self) -> str:
        return "highest" if self.higher else "lowest"

    @property
    def better(self) -> str:
        """What the figure does when it gets better: "rise" or "fall"."""
        return "rise" if self.higher else "fall"


class Objective(ABC):
    """Loss and validation of a training. `pat_core.training.loop.fit` knows nothing else of what is learned."""

    watched = Watched()

    @abstractmethod
    def loss(self, network: nn.Module, examples: Examples, rows: Rows, draws: torch.Generator) -> Tensor:
        """() mean loss of these examples, differentiable. draws: seeded by the epoch, for masks and whatever else is drawn for a batch."""

    @abstractmethod
    def evaluate(self, network: nn.Module, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
        """Figures of validation people, the loss as "loss"; all NaN where a score is no number. The network is in evaluation mode and
        no gradients are kept."""

    def kept(self, network: nn.Module) -> nn.Module:
        """The part of the network whose weights are the result."""
        return network


class Prediction(Objective):
    """An objective with a target for each week, which the network answers.

    output_shape: of the answer for one week; () is one number, (classes,) one a class, (tokens, classes) one a token and class.
    """

    output_shape: tuple[int, ...] = ()

    def prepare(self, head: ClassifierHead) -> None:
        """Set what of a new head is known before anything is learned (thresholds from the frequencies of classes)."""

    def settle(self, head: ClassifierHead) -> None:
        """Bring the head of a finished training, in place, into the form in which it is kept: see `Outputs`."""

    @abstractmethod
    def explained(self, outputs: Tensor) -> Tensor:
        """(weeks, *output_shape) -> (weeks,): the one number a week by which people are tested, and which an explanation explains."""

    @torch.no_grad()
    def outputs(self, network: nn.Module, examples: Examples, batch: int, after_batch: AfterBatch | None = None) -> Tensor:
        """(examples, *output_shape) float32 on the CPU, in evaluation mode."""
        network.eval()
        parts = [torch.empty(0, *self.output_shape)]
        for rows in examples.batches(batch):
            parts.append(network(examples.inputs(rows)).float().cpu())
            if after_batch:
                after_batch(rows.stop)
        return torch.cat(parts)


def class_weights(positive: np.ndarray) -> Tensor:
    """(2,) loss weights of negatives and positives: {0: positives/total, 1: negatives/total}; trains at a 50/50 prior."""
    share = float(np.mean(positive))
    return torch.tensor([share, 1.0 - share], dtype=torch.float32)


class Binary(Prediction):
    """One logit a week, of the positive label. Targets are 0 and 1; the class weights are those of the training rows `positive` (rows,)."""

    watched = Watched("AUC", higher=True, digits=3)

    def __init__(self, positive: np.ndarray) -> None:
        self.weights = class_weights(positive)

    def loss(self, network: nn.Module, examples: Examples, rows: Rows, draws: torch.Generator) -> Tensor:
        return self._of(network(examples.inputs(rows)), examples.target[rows])

    def evaluate(self, network: nn.Module, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
        logits = self.outputs(network, held_out, batch, after_batch)
        if not torch.isfinite(logits).all():
            return {"loss": math.nan, "AUC": math.nan}
        return {"loss": float(self._of(logits, held_out.target)), "AUC": auc(held_out.target, logits.numpy())}

    def explained(self, outputs: Tensor) -> Tensor:
        return outputs  # the logit itself

    def _of(self, logits: Tensor, positive: np.ndarray) -> Tensor:
        # Keras averages the weighted losses over the batch; it does not divide by the sum of the weights
        target = torch.as_tensor(positive, dtype=torch.float32, device=logits.device)
        return binary_cross_entropy_with_logits(logits, target, weight=self.weights.to(logits.device)[target.long()])


class Multiclass(Prediction):
    """One logit a class, softmax cross entropy. Targets are the places of the classes.

    The weights of the classes go by 1 / their frequency in the training rows `target` (rows,), and sum to 1: those of `Binary` for any
    number of classes. Watched: the mean over the classes of the AUC of each against all others.
    """

    watched = Watched("macro AUC", higher=True, digits=3)

    def __init__(self, target: np.ndarray, classes: int) -> None:
        counts = np.bincount(np.asarray(target, dtype=int), minlength=classes)
        inverse = 1.0 / np.maximum(counts, 1)
        self.weights = torch.tensor(inverse / inverse.sum(), dtype=torch.float32)
        self.output_shape = (classes,)

    def loss(self, network: nn.Module, examples: Examples, rows: Rows, draws: torch.Generator) -> Tensor:
        return self._of(network(examples.inputs(rows)), examples.target[rows])

    def evaluate(self, network: nn.Module, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
        logits = self.outputs(network, held_out, batch, after_batch)
        if not torch.isfinite(logits).all():
            return {"loss": math.nan, "macro AUC": math.nan}
        odds = torch.stack([_against_others(logits, number) for number in range(logits.shape[1])], dim=1).numpy()
        areas = [auc(held_out.target == number, odds[:, number]) for number in range(logits.shape[1])]
        return {"loss": float(self._of(logits, held_out.target)), "macro AUC": float(np.mean(areas))}

    def explained(self, outputs: Tensor) -> Tensor:
        return outputs.max(dim=-1).values  # the top class's logit; a chosen class's is explained by a view of the network

    @torch.no_grad()
    def settle(self, head: ClassifierHead) -> None:
        # What all logits share changes no probability: without it, a class's own logit says what is peculiar to this class.
        head.output.weight.sub_(head.output.weight.mean(dim=0, keepdim=True))
        head.output.bias.sub_(head.output.bias.mean())

    def _of(self, logits: Tensor, target: np.ndarray) -> Tensor:
        # as of two classes: the weighted losses are averaged over the batch, not divided by the sum of the weights
        wanted = torch.as_tensor(np.asarray(target), dtype=torch.long, device=logits.device)
        losses = cross_entropy(logits, wanted, reduction="none")
        return (losses * self.weights.to(logits.device)[wanted]).mean()


def _against_others(logits: Tensor, number: int) -> Tensor:
    """(weeks, classes) -> (weeks,) log odds of one class against all others."""
    others = torch.cat([logits[:, :number], logits[:, number + 1 :]], dim=1)
    return logits[:, number] - torch.logsumexp(others, dim=1)


class Ordinal(Prediction):
    """Classes in order: one score, and a threshold for each step (proportional odds, McCullagh 1980, J R Stat Soc B 42:109).

    The outputs are the log odds of reaching each class after the first; the loss is minus the log likelihood of the class. The thresholds
    begin where the frequencies of the training rows `target` (rows,) put them, so no class needs a weight. Watched: the share of pairs
    of people of different classes whom the score puts in the right order; ties count half.
    """

    watched = Watched("concordance", higher=True, digits=3)

    def __init__(self, target: np.ndarray, classes: int) -> None:
        counts = np.bincount(np.asarray(target, dtype=int), minlength=classes) + 0.5
        self.start = np.log(np.cumsum(counts)[:-1] / (counts.sum() - np.cumsum(counts)[:-1]))
        self.output_shape = (classes - 1,)

    @torch.no_grad()
    def prepare(self, head: ClassifierHead) -> None:
        steps = np.concatenate([self.start[:1], np.log(np.diff(self.start))])
        head.steps.copy_(torch.as_tensor(steps, dtype=torch.float32))

    def loss(self, network: nn.Module, examples: Examples, rows: Rows, draws: torch.Generator) -> Tensor:
        return self._of(network(examples.inputs(rows)), examples.target[rows])

    def evaluate(self, network: nn.Module, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
        outputs = self.outputs(network, held_out, batch, after_batch)
        if not torch.isfinite(outputs).all():
            return {"loss": math.nan, "concordance": math.nan}
        return {
            "loss": float(self._of(outputs, held_out.target)),
            "concordance": concordance(held_out.target, self.explained(outputs).numpy()),
        }

    def explained(self, outputs: Tensor) -> Tensor:
        return outputs.mean(dim=-1)  # the score less the mean threshold

    def _of(self, outputs: Tensor, target: np.ndarray) -> Tensor:
        """Minus log P(class) = log(sigmoid(reaching it) - sigmoid(reaching the next)), without a difference of nearly equal numbers."""
        wanted = torch.as_tensor(np.asarray(target), dtype=torch.long, device=outputs.device)
        far = torch.full_like(outputs[:, :1], 30.0)  # everyone reaches the first class, and nobody one after the last
        reach = torch.cat([far, outputs, -far], dim=1)
        low, high = (reach.gather(1, (wanted + step)[:, None])[:, 0] for step in (0, 1))
        return -(logsigmoid(low) + logsigmoid(-high) + torch.log(-torch.expm1(high - low))).mean()


def concordance(order: np.ndarray, scores: np.ndarray) -> float:
    """Share of pairs of different `order` (n,) in which the higher one has the higher score (n,); ties count half. NaN without a pair."""
    won, pairs = 0.0, 0
    for level in np.unique(order)[1:]:
        lower, own = np.sort(scores[order < level]), scores[order == level]
        won += float(np.searchsorted(lower, own, "left").sum() + np.searchsorted(lower, own, "right").sum()) / 2
        pairs += len(lower) * len(own)
    return won / pairs if pairs else math.nan


class Value(Prediction):
    """A number a week. Learned as standard deviations from the mean of the training rows `target` (rows,): mean squared error.

    Kept in the label's own unit. Watched: R2, the share of the variance of validation people that is predicted (1 - error / variance,
    below 0 where their mean would do better).
    """

    watched = Watched("R2", higher=True, digits=3)

    def __init__(self, target: np.ndarray) -> None:
        self.mean, self.scale = float(np.mean(target)), float(np.std(target)) or 1.0

    def loss(self, network: nn.Module, examples: Examples, rows: Rows, draws: torch.Generator) -> Tensor:
        return self._of(network(examples.inputs(rows)), examples.target[rows])

    def evaluate(self, network: nn.Module, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
        outputs = self.outputs(network, held_out, batch, after_batch)
        if not torch.isfinite(outputs).all():
            return {"loss": math.nan, "R2": math.nan, "MAE": math.nan}
        error = self.mean + self.scale * outputs.numpy().astype(np.float64) - held_out.target
        variance = float(np.var(held_out.target))
        r2 = 1.0 - float(np.mean(error**2)) / variance if variance else math.nan
        return {"loss": float(self._of(outputs, held_out.target)), "R2": r2, "MAE": float(np.mean(np.abs(error)))}

    def explained(self, outputs: Tensor) -> Tensor:
        return outputs

    @torch.no_grad()
    def settle(self, head: ClassifierHead) -> None:
        head.output.weight.mul_(self.scale)
        head.output.bias.mul_(self.scale).add_(self.mean)

    def _of(self, outputs: Tensor, target: np.ndarray) -> Tensor:
        standard = (np.asarray(target, dtype=np.float64) - self.mean) / self.scale
        return mse_loss(outputs, torch.as_tensor(standard, dtype=torch.float32, device=outputs.device))


def objective_of(task: Target, target: np.ndarray) -> Prediction:
    """The objective of what is learned, with what it needs to know of the training rows' numbers `target` (rows,)."""
    if task.kind == "classes":
        return Multiclass(target, len(task.classes))
    if task.kind == "ordinal":
        return Ordinal(target, len(task.classes))
    return Value(target) if task.kind == "value" else Binary(target)
