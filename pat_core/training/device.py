"""Which device trains, and on how many threads of the CPU."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import torch

from pat_core.errors import TrainingError
from pat_core.files import make_folder, write_text
from pat_core.training.distributed import here
from pat_core.training.recipes import DEVICES

THREADS, MOST_THREADS = "threads.json", 1024
"""The file beside a training's checkpoints with the number of threads that it was begun with; no machine is asked for more than these."""


def pick_device(name: str = "auto") -> torch.device:
    """The named device, or for "auto" the first there is of CUDA, Apple's MPS, CPU. Refuses one that is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if there[kind]))
    if name not in there:
        raise TrainingError(f"Expected the device to be one of {', '.join(DEVICES)}, got {name!r}.")
    if not there[name]:
        raise TrainingError(f"This machine offers no {name} device to PyTorch. Choose auto or cpu.")
    return torch.device(name)


def device_here(name: str) -> str:
    """The name, or "auto" where only another machine has such a device."""
    try:
        pick_device(name)
    except TrainingError:
        return "auto" if name in DEVICES else name
    return name


@contextmanager
def threads(count: int) -> Iterator[None]:
    """So many threads of the CPU while the block runs."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def one_thread() -> AbstractContextManager[None]:
    """One thread while the block runs: a head of 128 units is too small to share, and waiting threads only take time."""
    return threads(1)


@contextmanager
def threads_as_begun(folder: Path) -> Iterator[None]:
    """While the block runs, as many threads as the training in this folder was begun with, on whatever machine it goes on: another number
    adds in another order, and a training makes more of that with every epoch. The number is kept in the folder and goes where its
    checkpoints go. One of several processes keeps its share of the machine."""
    if here().size > 1:
        yield
        return
    count = threads_of(folder)
    if count is None:
        count = torch.get_num_threads()
        write_text(make_folder(folder) / THREADS, json.dumps(count))
    with threads(count):
        yield


def threads_of(folder: Path) -> int | None:
    """The number that a folder's training was begun with; None where none is kept that a machine could have."""
    try:
        count = json.loads((folder / THREADS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return count if type(count) is int and 1 <= count <= MOST_THREADS else None
