"""The network as a function to differentiate, without touching it: what the gradient methods share."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from pat_core.model import Classifier

TOKENS_AT_ONCE = 3360
"""Tokens that go through the network together where gradients are kept: six weeks of small or medium, three of large, one of huge.

Large needs 121 MB a week with gradients; three stay well under 500 MB. More at once is no faster on a CPU.
"""


def weeks_at_once(network: Classifier, minutes: int) -> int:
    """How many weeks of so many minutes fit `TOKENS_AT_ONCE`, at least one."""
    return max(1, TOKENS_AT_ONCE // max(1, network.config.tokens(minutes)))


def logit_of(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """(weeks, minutes) -> logits (weeks,). Its weights are constants: nothing is kept for their gradients, and none ever reaches them."""
    frozen = {name: weight.detach() for name, weight in network.state_dict(keep_vars=True).items()}
    return lambda weeks: functional_call(network, frozen, (weeks,))


def logit_of_tokens(network: Classifier) -> Callable[[Tensor], Tensor]:
    """(weeks, patches, 96) tokens before the first block -> logits (weeks,), as `logit_of`."""
    tail = _AfterEmbedding(network)
    frozen = {name: weight.detach() for name, weight in tail.state_dict(keep_vars=True).items()}
    return lambda tokens: functional_call(tail, frozen, (tokens,))


class _AfterEmbedding(nn.Module):
    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self.network = network
        self.training = network.training

    def forward(self, tokens: Tensor) -> Tensor:
        return self.network.head(self.network.encoder.run_blocks(tokens).mean(dim=1))


@torch.no_grad()
def logits(network: nn.Module, weeks: Tensor, at_once: int) -> Tensor:
    """(weeks,) logits, a few weeks at a time."""
    return torch.cat([network(weeks[first : first + at_once]) for first in range(0, len(weeks), at_once)])
