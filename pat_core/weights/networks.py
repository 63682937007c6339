"""Networks made from weights and weights read out of networks: the one file of this room that needs torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import torch

from pat_core.errors import WeightsError
from pat_core.models.baselines import BaselineConfig
from pat_core.models.baselines.baseline_network import BaselineNetwork, build
from pat_core.models.ensemble import Ensemble
from pat_core.models.network_config import NetworkConfig
from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder
from pat_core.weights.bundle import DECODER, Model, require_attention
from pat_core.weights.ensemble_layout import SCALE, SHIFT, Members

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


def ensemble_of(config: PatConfig, weights: Mapping[str, np.ndarray], members: Members, outputs: Outputs = ONE_LOGIT) -> Ensemble:
    """The ensemble of these float32 weights, by their names in a file (see `ensemble_layout`), in evaluation mode on the CPU."""
    built = (network_of(config, members.weights_of(number, weights), outputs) for number in range(members.count))
    networks = [network for network in built if isinstance(network, Classifier)]
    if members.shared_encoder:
        for network in networks[1:]:
            network.encoder = networks[0].encoder
    return Ensemble(networks, torch.from_numpy(weights[SCALE]), torch.from_numpy(weights[SHIFT])).eval()


def members_of(network: torch.nn.Module) -> Members | None:
    """How the members of an ensemble are stored; None of a single network."""
    if not isinstance(network, Ensemble):
        return None
    first = network.members[0].encoder
    return Members(len(network.members), all(member.encoder is first for member in network.members))


def autoencoder_of(model: Model) -> MaskedAutoencoder:
    """A PAT's masked autoencoder, in evaluation mode on the CPU; its encoder is the model's own. WeightsError where no decoder was kept."""
    if model.decoder is None or isinstance(model.config, BaselineConfig):
        raise WeightsError(
            f"{model.name} brings no decoder, so it cannot rebuild a week. Expected an encoder that was pretrained here; the published "
            "weights are of the encoder alone."
        )
    network = MaskedAutoencoder(model.config)
    network.encoder = require_attention(model).encoder
    beside = {name: torch.from_numpy(np.array(values)) for name, values in model.decoder.items()}
    encoder = {f"encoder.{name}": value for name, value in network.encoder.state_dict().items()}
    network.load_state_dict(encoder | beside)
    return network.eval()


def stored_weights(network: torch.nn.Module) -> dict[str, np.ndarray]:
    """float32 weights by their names in a file of ours."""
    state, members = network.state_dict(), members_of(network)
    if isinstance(network, MaskedAutoencoder):
        state = {name if name.startswith("encoder.") else f"{DECODER}{name}": value for name, value in state.items()}
    if members is not None and members.shared_encoder:
        own = "members.0."
        shared = {name.removeprefix(own): value for name, value in state.items() if name.startswith(f"{own}encoder.")}
        state = {name: value for name, value in state.items() if ".encoder." not in name} | shared
    return {name: np.ascontiguousarray(value.detach().cpu().float().numpy()) for name, value in state.items()}


def parameters_sha256(network: torch.nn.Module) -> str:
    """SHA-256 over names, shapes and float32 bytes of all parameters, in the order of their names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        values = np.ascontiguousarray(tensor.detach().cpu().numpy(), dtype="<f4")
        digest.update(f"{name} {values.shape}\n".encode())
        digest.update(values.data)
    return digest.hexdigest()
