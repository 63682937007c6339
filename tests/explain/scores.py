"""Scores in closed form: networks that are no PAT, and offer what the contract asks for and no more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from pat_core.errors import Cancelled
from pat_core.models.contract import minutes_read


class Score(nn.Module):
    """Any function (weeks, minutes) -> (weeks,) as a network with patches of so many minutes. calls: the size of each batch asked for."""

    def __init__(self, function: Callable[[Tensor], Tensor], patch: int = 18) -> None:
        super().__init__()
        self.minutes_per_token = patch
        self.precision = nn.Parameter(torch.zeros(1))
        self.function, self.calls = function, []

    def tokens(self, week: Tensor) -> Tensor:
        return week[:, : minutes_read(self, week.shape[1])].unflatten(1, (-1, self.minutes_per_token))

    def score(self, week: Tensor) -> Tensor:
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
