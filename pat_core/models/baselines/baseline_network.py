"""What all baselines share: the length they read, the filter in front, what stands for tokens, and how they start."""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from typing import Self

import torch
from torch import Tensor, nn

from pat_core.models.baselines.baseline_config import MINUTES, BaselineConfig
from pat_core.models.baselines.smoothing import SavitzkyGolay
from pat_core.models.outputs import ONE_LOGIT, Outputs


class BaselineNetwork(nn.Module, ABC):
    """(weeks, minutes) standardized -> logits (weeks,). A family gives `answer`; the probability is the logit's sigmoid.

    outputs: one logit, of the positive one of two classes. A baseline has no tokens of its own: what stands for them, so that all networks
    can be asked alike, are the hours as they are.
    """

    outputs: Outputs = ONE_LOGIT

    def __init__(self, config: BaselineConfig) -> None:
        super().__init__()
        self.config, self.minutes_per_token = config, MINUTES
        self.smooth: nn.Module = SavitzkyGolay() if config.smoothed else nn.Identity()

    @abstractmethod
    def answer(self, week: Tensor) -> Tensor:
        """(weeks, minutes), smoothed where it is so chosen -> (weeks, 1)."""

    def forward(self, week: Tensor) -> Tensor:
        if week.ndim != 2 or (why := self.config.refused(week.shape[1])):
            raise ValueError(why if week.ndim == 2 else f"expected standardized weeks (people, minutes), got shape {tuple(week.shape)}")
        return self.answer(self.smooth(week)).squeeze(-1)

    score = forward

    def answering(self, output: int | None = None) -> Self:
        """Itself, for it has one output."""
        return self

    def tokens(self, week: Tensor) -> Tensor:
        """(weeks, minutes) -> (weeks, hours, 60): the standardized minutes of each hour."""
        return week[:, : week.shape[1] // MINUTES * MINUTES].unflatten(1, (-1, MINUTES))

    def start(self) -> None:
        """Draw its first weights as Keras does by default: Glorot uniform kernels, zero biases; a recurrent layer draws its own."""
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv3d):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, RecurrentLayer):
                module.draw()


class RecurrentLayer(nn.Module):
    """Keras' weights of a recurrent layer with four gates (input, forget, candidate, output, in that order), one bias each.

    kernel: (4 * units, inputs, ...), recurrent_kernel: (4 * units, units, ...), bias: (4 * units,).
    """

    kernel: nn.Parameter
    recurrent_kernel: nn.Parameter
    bias: nn.Parameter

    def draw(self) -> None:
        """Glorot uniform for the kernel, orthogonal for the recurrent one, zero biases but 1 for the forget gate."""
        units = len(self.bias) // 4
        nn.init.xavier_uniform_(self.kernel)
        # Keras' recurrent kernel has the gates last: its matrix is (everything else, 4 * units), and the longer side is orthogonal
        gates_first = self.recurrent_kernel
        matrix = torch.empty(gates_first[0].numel(), len(gates_first))
        nn.init.orthogonal_(matrix)
        with torch.no_grad():
            gates_first.copy_(matrix.T.reshape(gates_first.shape))
            self.bias.zero_()[units : 2 * units] = 1.0


def build(config: BaselineConfig) -> BaselineNetwork:
    """The network of a configuration, in evaluation mode; its weights are whatever torch draws."""
    return import_module(f"pat_core.models.baselines.{config.family}").Network(config).eval()


def untrained(config: BaselineConfig, seed: int) -> BaselineNetwork:
    """The network with its first weights, drawn from `seed` without touching torch's global generator."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(config)
        network.start()
    return network
