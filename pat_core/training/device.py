"""Which device trains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from pat_core.errors import TrainingError
from pat_core.training.recipes import DEVICES


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
def one_thread() -> Iterator[None]:
    """One thread of the CPU while the block runs: a head of 128 units is too small to share, and waiting threads only take time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
