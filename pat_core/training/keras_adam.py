"""Adam as Keras has it, which is what the paper's recipe means by epsilon 1e-7."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn


class KerasAdam(torch.optim.Adam):
    """Adam with Keras' epsilon: step = rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon).

    This is "epsilon hat" of Kingma & Ba (2015, arXiv 1412.6980, before section 2.1). Torch divides sqrt(v) by sqrt(1 - beta2^t) before it
    adds epsilon, so that the same number is 32 times smaller against the gradients in the first step, and 3 times after a hundred: many
    gradients of PAT are no larger than that. Torch's state and its checkpoints; only `eps` follows the step.
    """

    def __init__(self, parameters: Iterable[nn.Parameter] | Iterable[dict[str, Any]], rate: float, epsilon: float = 1e-7) -> None:
        super().__init__(parameters, lr=rate, eps=epsilon, fused=True)  # one pass over all weights
        self.epsilon = epsilon

    def step(self, closure: Callable[[], float] | None = None) -> float | Tensor | None:  # type: ignore[override]  # torch overloads it
        for group in self.param_groups:
            done = next((int(self.state[one]["step"]) for one in group["params"] if self.state.get(one)), 0)
            group["eps"] = self.epsilon / math.sqrt(1.0 - group["betas"][1] ** (done + 1))
        return super().step(closure)
