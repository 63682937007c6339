"""Scores in closed form, with the parts of a classifier that the methods ask for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from pat_core.errors import Cancelled
from pat_core.models.pat import PatConfig


class Score(nn.Module):
    """Any function (weeks, minutes) -> (weeks,) as a network with patches of so many minutes. calls: the size of each batch asked for."""

    def __init__(self, function: Callable[[Tensor], Tensor], patch: int = 18) -> None:
        super().__init__()
        self.config = PatConfig("custom", patch=patch, heads=1, blocks=1)
        self.encoder = nn.Linear(1, 1)
        self.encoder.config = self.config
        self.function, self.calls = function, []

    def forward(self, week: Tensor) -> Tensor:
        self.calls.append(len(week))
        return self.function(week)


def linear(minutes: int, seed: int = 10, patch: int = 18) -> tuple[Score, np.ndarray]:
    """f(x) = w x + 0.7, and its w (minutes,)."""
    weight = np.random.default_rng(seed).normal(size=minutes).astype(np.float32) / 30
    return Score(lambda week: week.double() @ torch.from_numpy(weight).double() + 0.7, patch), weight


def by_day(function: Callable[[Tensor], Tensor]) -> Score:
    """A score that reads only the means of the days, (weeks, days) -> (weeks,)."""
    return Score(lambda week: function(week.reshape(len(week), -1, 1440).mean(dim=2)))


class Listening:
    """A progress that keeps what it was told, and cancels after so many calls."""

    def __init__(self, cancel_at: int | None = None) -> None:
        self.fractions: list[float] = []
        self.cancel_at = cancel_at

    def at(self, fraction: float, message: str) -> None:
        self.fractions.append(fraction)
        if self.cancel_at is not None and len(self.fractions) >= self.cancel_at:
            raise Cancelled("The reader cancelled.")

    def metric(self, step: int, values: dict[str, float]) -> None: ...
