"""Weights of a harnet drawn by a seed, in the order of its names: the recipe of the golden files, and files for loaders to read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pat_core.models.harnet import HARNETS
from pat_core.models.harnet.harnet_network import Harnet
from pat_core.weights.harnet_file import PREFIX

PRETEXT_HEADS = ("aot_h", "scale_h", "permute_h", "time_w_h")


def drawn(size: str, classes: int, seed: int) -> Harnet:
    """In eval mode."""
    network, rng = Harnet(HARNETS[size], classes), np.random.default_rng(seed)
    state = network.state_dict()
    for name in sorted(state):
        if name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(1000)
        elif not name.endswith(".kernel"):
            state[name] = torch.from_numpy(_numbers(name, tuple(state[name].shape), rng).astype(np.float32))
    network.load_state_dict(state)
    return network.eval()


def _numbers(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    if name.endswith("running_mean"):
        return 0.2 * rng.standard_normal(shape)
    if name.endswith("running_var"):
        return rng.uniform(0.5, 1.5, shape)
    if len(shape) == 3:
        return (0.5 if ".conv2." in name else 1.0) * np.sqrt(2 / (shape[1] * shape[2])) * rng.standard_normal(shape)
    if len(shape) == 2:
        return np.sqrt(2 / shape[1]) * rng.standard_normal(shape)
    if name.startswith("classifier.") and name.endswith(".bias"):
        return 0.1 * rng.standard_normal(shape)
    return rng.uniform(0.5, 1.5, shape) if name.endswith(".weight") else 0.2 * rng.standard_normal(shape)


def as_published(network: Harnet) -> dict[str, Tensor]:
    """The extractor's names with `module.` before them, and four heads of a pretraining."""
    state = {PREFIX + name: value for name, value in network.state_dict().items() if not name.startswith("classifier.")}
    width = network.size.features
    for head in PRETEXT_HEADS:
        state |= {f"{PREFIX}{head}.linear1.weight": torch.zeros(2, width), f"{PREFIX}{head}.linear1.bias": torch.zeros(2)}
    return state


def written(path: Path, state: dict[str, Tensor]) -> Path:
    torch.save(state, path)
    return path
