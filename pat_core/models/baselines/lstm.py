"""LSTM(50) over the minutes, Dense(100, ReLU), Dense(1): the paper's recurrent baseline. 15,601 parameters, whatever the length."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pat_core.models.baselines.baseline_config import BaselineConfig
from pat_core.models.baselines.baseline_network import BaselineNetwork, RecurrentLayer

UNITS, HIDDEN = 50, 100


class Lstm(RecurrentLayer):
    """Keras' LSTM: gates by sigmoid, tanh elsewhere, ONE bias a gate (torch's own layer has two).

    (B, steps, inputs) -> the state after the last step (B, units).
    """

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(4 * units, inputs))
        self.recurrent_kernel = nn.Parameter(torch.empty(4 * units, units))
        self.bias = nn.Parameter(torch.empty(4 * units))
        self.units = units
        self.draw()

    def forward(self, steps: Tensor) -> Tensor:
        empty = steps.new_zeros(1, len(steps), self.units)
        weights = [self.kernel, self.recurrent_kernel, self.bias, torch.zeros_like(self.bias)]
        # (input, state, weights, has biases, layers, dropout, training, both directions, batch first): the loop over steps in one call
        _, last, _ = torch._VF.lstm(steps, (empty, empty), weights, True, 1, 0.0, self.training, False, True)  # type: ignore[attr-defined]
        return last[0]


class Network(BaselineNetwork):
    """A state of 50 numbers that has read every minute, then two dense layers."""

    def __init__(self, config: BaselineConfig) -> None:
        super().__init__(config)
        self.recurrent = Lstm(1, UNITS)
        self.hidden = nn.Linear(UNITS, HIDDEN)
        self.output = nn.Linear(HIDDEN, 1)

    def answer(self, week: Tensor) -> Tensor:
        return self.output(self.hidden(self.recurrent(week[:, :, None])).relu())
