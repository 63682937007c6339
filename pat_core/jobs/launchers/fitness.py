"""Whether a place can take work, said before anything is sent."""

from __future__ import annotations

from pat_core import __version__
from pat_core.errors import PlaceTrouble
from pat_core.jobs.launchers.launcher_contract import Look
from pat_core.jobs.launchers.machine import installed

FEWEST_PYTHON = (3, 11)
ROOM = 3
"""Times its own size that a parcel needs on the disk there: with what is kept, and its next version."""


def refuse_unfit(look: Look, name: str, size: int) -> None:
    """PlaceTrouble where the versions at a place are not those of here, or its disk has no room for `size` bytes and what comes of them."""
    if reason := unfit(look, name, size):
        raise PlaceTrouble(reason)


def unfit(look: Look, name: str, size: int = 0) -> str:
    """Why a place cannot take work, in a sentence; "" where it can."""
    there = look.versions
    if there.get("pat_core") != __version__:
        return (
            f"{name} has PAT Explorer {there.get('pat_core') or 'of no version'}, here it is {__version__}. Install the same "
            "version there: results of two versions cannot be told apart."
        )
    python = tuple(int(part) for part in there.get("python", "0.0").split(".")[:2] if part.isdigit())
    if python < FEWEST_PYTHON:
        return f"{name} has Python {there.get('python')}; PAT Explorer needs 3.11 or newer. Name another Python in the record of the place."
    if not there.get("torch"):
        return f"The Python of {name} has no PyTorch. Install the requirements of PAT Explorer there."
    if _release(there["torch"]) != _release(installed("torch")):
        return (
            f"{name} has PyTorch {there['torch']}, here it is {installed('torch')}. Install the same release there: a training that "
            "goes on with another one ends with other weights."
        )
    if size * ROOM > look.disk_free:
        return (
            f"The disk of {name} is full: the work needs about {size * ROOM / 1e6:,.0f} MB and {look.disk_free / 1e6:,.0f} MB are free. "
            "Make room there, or choose another folder."
        )
    return ""


def _release(version: str) -> str:
    """2.13 of 2.13.0+cu130."""
    return ".".join(version.split("+")[0].split(".")[:2])
