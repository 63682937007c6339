"""What a network of any family consists of: the shapes of its parameters, known before it is built."""

from __future__ import annotations

from math import prod

from pat_core.models.baselines import BaselineConfig, baseline_config
from pat_core.models.network_config import NetworkConfig
from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.weights import name_table
from pat_core.weights.ensemble_layout import Members


def shapes_of(config: NetworkConfig, has_head: bool, outputs: Outputs = ONE_LOGIT) -> dict[str, tuple[int, ...]]:
    """Name in our network -> shape. A baseline is one piece: it has no head that could be missing."""
    if isinstance(config, BaselineConfig):
        return baseline_config.shapes(config)
    return name_table.shapes(config, has_head, outputs)


def parameters(config: NetworkConfig, has_head: bool = False, outputs: Outputs = ONE_LOGIT, members: Members | None = None) -> int:
    """Trainable numbers, with the head or without; of an ensemble those of all its members, an encoder that they share once."""
    return sum(prod(shape) * (len(members.names(name)) if members else 1) for name, shape in shapes_of(config, has_head, outputs).items())
