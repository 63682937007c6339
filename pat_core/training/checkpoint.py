"""Checkpoints of a run in progress: tensors as safetensors, no pickle, replaced in one step so that a kill leaves the last whole one."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from pat_core.errors import TrainingError
from pat_core.files import make_folder, replacing


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
    make_folder(path.parent)
    with replacing(path) as waiting:
        save_file(tensors, waiting, metadata={"state": json.dumps(state)})


def load_checkpoint(
    path: Path, networks: dict[str, nn.Module], optimizer: torch.optim.Adam, run: dict[str, object] | None = None
) -> tuple[dict[str, object], dict[str, dict[str, Tensor]]]:
    """Put a checkpoint back. Returns its plain state and the weight sets that no network was given for (the best ones so far).

    run: what the state must say under "run" (data, configuration, settings). TrainingError where it is another run's, damaged, or
    of another network.
    """
    state, tensors = _read(path)
    if run is not None:
        _refuse_another_run(path, state.get("run"), json.loads(json.dumps(run)))
    try:
        generator = tensors.pop("torch.rng")
        sets: dict[str, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            owner, _, rest = key.partition("/")
            sets.setdefault(owner, {})[rest] = value
        for name, network in networks.items():
            network.load_state_dict(sets.pop(name))
        _restore_adam(optimizer, sets.pop("adam", {}))
        torch.set_rng_state(generator)
    except (RuntimeError, KeyError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise TrainingError(f"The checkpoint {path} does not fit this network ({reason}). Delete it to start the run afresh.") from error
    return state, sets


def _read(path: Path) -> tuple[dict[str, object], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            state = json.loads((file.metadata() or {})["state"])
            return state, {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise TrainingError(f"The checkpoint {path.name} cannot be read ({error}). Delete it to start the run afresh.") from error


def _refuse_another_run(path: Path, there: object, wanted: dict[str, object]) -> None:
    if there == wanted:
        return
    there = there if isinstance(there, dict) else {}
    differs = ", ".join(key for key in wanted if there.get(key) != wanted[key])
    raise TrainingError(
        f"The checkpoint {path} belongs to another run: it differs in {differs or 'what it says'}. "
        "Repeat that run as it was, choose another output file, or delete the checkpoint to start afresh."
    )


def _restore_adam(optimizer: torch.optim.Adam, moments: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in moments.items():
        index, _, name = key.partition("/")
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
