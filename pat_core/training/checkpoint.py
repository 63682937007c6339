"""Checkpoints of a run in progress: tensors as safetensors, no pickle, replaced in one step so that a kill leaves the last whole one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from pat_core.errors import TrainingError


def save_checkpoint(
    path: Path, networks: dict[str, nn.Module | dict[str, Tensor]], optimizer: torch.optim.Adam, state: dict[str, object]
) -> None:
    """Write networks, Adam's moments, torch's generator and `state` (plain values) to `path`, atomically."""
    tensors = {"torch.rng": torch.get_rng_state()}
    for name, network in networks.items():
        weights = network.state_dict() if isinstance(network, nn.Module) else network
        tensors |= {f"{name}/{key}": value.detach().cpu().contiguous() for key, value in weights.items()}
    for index, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"adam/{index}/{key}": value.detach().cpu().contiguous() for key, value in moments.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}")
    save_file(tensors, waiting, metadata={"state": json.dumps(state)})
    os.replace(waiting, path)


def load_checkpoint(
    path: Path, networks: dict[str, nn.Module], optimizer: torch.optim.Adam
) -> tuple[dict[str, object], dict[str, dict[str, Tensor]]]:
    """Put a checkpoint back. Returns its plain state and the weight sets that no network was given for (the best ones so far)."""
    try:
        with safe_open(path, framework="pt") as file:
            state = json.loads((file.metadata() or {})["state"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise TrainingError(f"The checkpoint {path.name} cannot be read ({error}). Delete it to start the run afresh.") from error
    torch.set_rng_state(tensors.pop("torch.rng"))
    sets: dict[str, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        owner, _, rest = key.partition("/")
        sets.setdefault(owner, {})[rest] = value
    _restore_adam(optimizer, sets.pop("adam", {}))
    for name, network in networks.items():
        network.load_state_dict(sets.pop(name))
    return state, sets


def _restore_adam(optimizer: torch.optim.Adam, moments: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in moments.items():
        index, _, name = key.partition("/")
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
