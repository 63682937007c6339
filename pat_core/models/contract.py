"""What explanations and training ask of a network, whatever its family: tokens, how many minutes each stands for, a score.

A network that satisfies this can be explained by every method that looks at the score alone, embedded and probed. PAT does; what
reads a network's blocks and heads is written for its family.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor, nn

    from pat_core.models.network_config import NetworkConfig


@runtime_checkable
class TokenNetwork(Protocol):
    """Reads standardized minutes as tokens. The network is a `torch.nn.Module`; its parameters tell device and precision."""

    @property
    def minutes_per_token(self) -> int:
        """Minutes that one token stands for. Minutes at the end that fill no whole token are not read."""

    def tokens(self, week: Tensor) -> Tensor:
        """(weeks, minutes) standardized -> (weeks, minutes // minutes_per_token, width)."""

    def parameters(self) -> Iterator[nn.Parameter]: ...

    def eval(self) -> Self: ...


@runtime_checkable
class ScoringNetwork(TokenNetwork, Protocol):
    """Answers a week with one number, which is what attributions explain."""

    def score(self, week: Tensor) -> Tensor:
        """(weeks, minutes) standardized -> (weeks,) logits, differentiable in the minutes."""


@runtime_checkable
class AnsweringNetwork(ScoringNetwork, Protocol):
    """Answers a week with one number or several (see `pat_core.models.outputs.Outputs`)."""

    def answering(self, output: int | None = None) -> Self:
        """The same network with one output, sharing the weights: that of a class, None for the one score of classes in order."""


class ConfiguredNetwork(ScoringNetwork, Protocol):
    """Says besides how it is built."""

    @property
    def config(self) -> NetworkConfig: ...


def minutes_read(network: TokenNetwork, minutes: int) -> int:
    """Of so many minutes, those that fill whole tokens."""
    return minutes // network.minutes_per_token * network.minutes_per_token
