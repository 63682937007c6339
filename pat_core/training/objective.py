"""What a training is for: an Objective gives the loop its loss, and what to look at on validation people.

A new kind of target is one more Objective. Binary labels are here; masked weeks: pretrain.py.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from pat_core.evaluation import auc

Rows = slice | np.ndarray
"""Positions of examples: a stretch of them, or (rows,) whole numbers."""

AfterBatch = Callable[[int], None]
"""Called after every batch with the number of examples read so far; raises Cancelled where the reader has cancelled."""


@dataclass(frozen=True, eq=False)
class Examples:
    """inputs: rows -> (rows, ...) on the network's device. target: (examples, ...), as the objective wants it."""

    inputs: Callable[[Rows], Tensor]
    target: np.ndarray

    def __len__(self) -> int:
        return len(self.target)

    def batches(self, size: int) -> Iterator[slice]:
        """All examples in their order, `size` at a time."""
        for first in range(0, len(self), size):
            yield slice(first, min(first + size, len(self)))


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
