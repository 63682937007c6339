"""What is asked about how fast a network works on some machine, and what was measured there: sizes and settings, nothing of anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pat_core.models.baselines import baseline_of
from pat_core.models.network_config import NetworkConfig
from pat_core.models.pat import PatConfig

Activity = Literal["learn", "learn by the head", "pretrain", "explain"]


@dataclass(frozen=True)
class Pace:
    """Seconds a window: to read it, and to learn from it in one epoch (forwards, backwards, Adam). device: cpu, cuda or mps.

    Of explaining: reading is one gradient along the path of integrated gradients, learning 0.
    """

    device: str
    reading: float
    learning: float


@dataclass(frozen=True)
class PaceAsked:
    """A network of one shape, its weights drawn by chance, at one activity.

    network: a PAT's configuration, or the name of a baseline. minutes: of a window. batch: windows a step. mask_ratio: of pretraining.
    """

    activity: Activity
    network: PatConfig | str
    minutes: int
    batch: int = 1
    device: str = "auto"
    mask_ratio: float = 0.0

    @property
    def config(self) -> NetworkConfig:
        """ValueError where its name is that of no baseline, or a baseline reads no windows of this length."""
        config = baseline_of(self.network, self.minutes) if isinstance(self.network, str) else self.network
        if config is None:
            raise ValueError(f"expected the name of a baseline, got {self.network!r}")
        return config

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Back from plain values (`dataclasses.asdict`). KeyError or TypeError where they are none."""
        network = plain["network"]
        return cls(**{**plain, "network": network if isinstance(network, str) else PatConfig(**network)})
