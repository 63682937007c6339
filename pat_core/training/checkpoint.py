"""What a run in progress keeps, checkpoints and finished splits: tensors as safetensors, no pickle, replaced in one step so that a kill
leaves the last whole one."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
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


FINISHED = "finished.safetensors"
"""A split that is done: what was trained of its network, and what it answered of those who test it, so that a run that goes on, here or on
another machine, reads no week of it again."""
WEIGHTS, ANSWERS = "network/", "answers"
logger = logging.getLogger(__name__)


def keep_finished(folder: Path, asked: str, network: nn.Module, answered: np.ndarray, facts: dict[str, Any]) -> None:
    """Write it in one step. facts: plain values of how it went, and where."""
    tensors = {WEIGHTS + name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    tensors[ANSWERS] = torch.from_numpy(np.ascontiguousarray(answered))
    make_folder(folder)
    with replacing(folder / FINISHED) as waiting:
        save_file(tensors, waiting, metadata={"asked": asked, "facts": json.dumps(facts)})


def read_finished(folder: Path, asked: str, network: nn.Module) -> tuple[np.ndarray, dict[str, Any]] | None:
    """Puts the weights into `network`; what it answered, (rows, count), and the facts. None where there is none, or another training's."""
    path = folder / FINISHED
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            about = file.metadata() or {}
            if about.get("asked") != asked:
                return None
            facts, tensors = json.loads(about["facts"]), {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (no mapping)
        network.load_state_dict({name.removeprefix(WEIGHTS): value for name, value in tensors.items() if name.startswith(WEIGHTS)})
        return tensors[ANSWERS].numpy(), facts
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        logger.warning("a finished split cannot be read, and is trained again: %s", error)
        return None
