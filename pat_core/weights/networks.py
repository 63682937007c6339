"""Networks made from weights and weights read out of networks: the one file of this room that needs torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import torch

from pat_core.models.baselines import BaselineConfig
from pat_core.models.baselines.baseline_network import BaselineNetwork, build
from pat_core.models.network_config import NetworkConfig
from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded

UNTRAINED_HEAD_SEED = 0
"""A file without a head still needs one to stand in the network: it is drawn from this seed and never gives a result."""


def empty_network(config: PatConfig, seed: int = UNTRAINED_HEAD_SEED) -> Classifier:
    """A seeded, untrained network in evaluation mode."""
    return seeded(lambda: Classifier(config), seed).eval()


def network_of(config: NetworkConfig, weights: Mapping[str, np.ndarray], outputs: Outputs = ONE_LOGIT) -> Classifier | BaselineNetwork:
    """The network of these float32 weights, by their names in it, in evaluation mode on the CPU. It shares their memory.

    Without a head's weights its head stays as it was seeded; every weight of the encoder must be there.
    """
    if isinstance(config, BaselineConfig):
        baseline = build(config)
        baseline.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()}, strict=True, assign=True)
        return baseline
    if any(name.startswith("head.") for name in weights):  # nothing is drawn where every weight is given
        with torch.device("meta"):
            network, head = Classifier(config, outputs).eval(), {}
    else:
        network = empty_network(config)
        head = {name: value for name, value in network.state_dict().items() if name.startswith("head.")}
    network.load_state_dict(head | {name: torch.from_numpy(values) for name, values in weights.items()}, strict=True, assign=True)
    return network


def parameters_sha256(network: torch.nn.Module) -> str:
    """SHA-256 over names, shapes and float32 bytes of all parameters, in the order of their names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        values = np.ascontiguousarray(tensor.detach().cpu().numpy(), dtype="<f4")
        digest.update(f"{name} {values.shape}\n".encode())
        digest.update(values.data)
    return digest.hexdigest()
