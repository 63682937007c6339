"""The network as a function to differentiate, without touching it: what the gradient methods share."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

from pat_core.models.contract import ScoringNetwork, TokenNetwork
from pat_core.models.pat.heads import Classifier

TOKENS_AT_ONCE = 4480
"""Tokens that go through the network together where gradients are kept: eight weeks of small or medium, four of large, two of huge.

Four weeks of large stay under 500 MB with their gradients. More at once is no faster on a CPU.
"""

Network = TypeVar("Network", bound=TokenNetwork)


def weeks_at_once(network: TokenNetwork, minutes: int) -> int:
    """How many weeks of so many minutes fit `TOKENS_AT_ONCE`, at least one."""
    return max(1, TOKENS_AT_ONCE // max(1, minutes // network.minutes_per_token))


def twin(network: Network) -> Network:
    """The same network in evaluation mode, for one caller alone: its weights share the memory of the given one's and are constants.

    The app shares a model between sessions, so nothing may be set, hooked or swapped on it, not even for a moment.
    """
    shared = {id(weight): weight.detach() for weight in network.parameters()}
    return copy.deepcopy(network, shared).eval()


def logit_of_tokens(network: Classifier) -> Callable[[Tensor], Tensor]:
    """(weeks, patches, 96) tokens before the first block -> logits (weeks,), differentiable in the tokens as `twin` is in the weeks."""
    own = twin(network)
    return lambda tokens: own.head(own.encoder.run_blocks(tokens).mean(dim=1))


@torch.no_grad()
def logits(network: ScoringNetwork, weeks: Tensor, at_once: int) -> Tensor:
    """(weeks,) logits, a few weeks at a time."""
    return torch.cat([network.score(weeks[first : first + at_once]) for first in range(0, len(weeks), at_once)])
