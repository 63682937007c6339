"""ConvLSTM2D(32, 5x5), max-pool (1, 2, 2), ConvLSTM2D(64, 2x2), dropouts, Dense(100), Dense(1): days in order, each a picture 24 x 60.

1,759,689 parameters at any number of days. That is what the paper's 1.75 M come to with "valid" padding in both layers.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, max_pool2d, pad

from pat_core.models.baselines.baseline_config import HOURS, MINUTES, BaselineConfig, shapes
from pat_core.models.baselines.baseline_network import BaselineNetwork, RecurrentLayer


class ConvLstm(RecurrentLayer):
    """Keras' ConvLSTM2D (Shi et al. 2015, arXiv 1506.04214, without peepholes), valid padding of the input.

    The state is convolved with "same" padding, an odd pixel of it at the end, as TensorFlow does; gates are Keras 2's hard sigmoid,
    0.2 x + 0.5 cut to 0 and 1. (B, days, channels, rows, columns) -> the state after each day (B, days, units, rows', columns').
    """

    def __init__(self, channels: int, units: int, size: int, activation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.activation = activation
        self.kernel = nn.Parameter(torch.empty(4 * units, channels, size, size))
        self.recurrent_kernel = nn.Parameter(torch.empty(4 * units, units, size, size))
        self.bias = nn.Parameter(torch.empty(4 * units))
        before = (size - 1) // 2
        self.padding = (before, size - 1 - before) * 2
        self.draw()

    def forward(self, days: Tensor) -> Tensor:
        seen = conv2d(days.flatten(0, 1), self.kernel, self.bias).unflatten(0, days.shape[:2])  # (B, days, 4 units, rows', columns')
        units = seen.shape[2] // 4
        state = cell = seen.new_zeros(seen.shape[0], units, *seen.shape[3:])
        states = []
        for day in range(seen.shape[1]):
            gates = seen[:, day] + conv2d(pad(state, self.padding), self.recurrent_kernel)
            admit, forget, candidate, show = gates.chunk(4, dim=1)
            cell = _hard_sigmoid(forget) * cell + _hard_sigmoid(admit) * self.activation(candidate)
            state = _hard_sigmoid(show) * self.activation(cell)
            states.append(state)
        return torch.stack(states, dim=1)


def _hard_sigmoid(x: Tensor) -> Tensor:
    return (0.2 * x + 0.5).clamp(0.0, 1.0)


class Network(BaselineNetwork):
    """The second layer's state after the last day, then two dense layers."""

    def __init__(self, config: BaselineConfig) -> None:
        super().__init__(config)
        self.first = ConvLstm(1, 32, 5, torch.relu)
        self.second = ConvLstm(32, 64, 2, torch.tanh)  # the notebooks name no activation there, and Keras' default is tanh
        self.dropout = nn.Dropout(0.2)
        self.hidden = nn.Linear(shapes(config)["hidden.weight"][1], 100)
        self.output = nn.Linear(100, 1)

    def answer(self, week: Tensor) -> Tensor:
        days = week.reshape(len(week), -1, 1, HOURS, MINUTES)  # (B, days, 1, 24, 60)
        first = self.first(days)  # (B, days, 32, 20, 56)
        pooled = max_pool2d(first.flatten(0, 1), 2).unflatten(0, first.shape[:2])  # (B, days, 32, 10, 28)
        last = self.second(pooled)[:, -1]  # (B, 64, 9, 27)
        flat = self.dropout(self.dropout(last).movedim(1, -1).flatten(1))  # channels last, in the order in which Keras flattens
        return self.output(self.hidden(flat).relu())
