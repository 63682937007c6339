"""Which process is at work on a run: owner.json in the run's folder, with its pid and start time."""

from __future__ import annotations

import json
import os
from pathlib import Path

from pat_core.cohorts.processes import alive, started
from pat_core.errors import WorkspaceError
from pat_core.files import write_text

OWNER = "owner.json"


def lives(folder: Path) -> bool:
    """Whether the process that owner.json names still runs. False without a file, or with one that cannot be read."""
    try:
        told = json.loads((folder / OWNER).read_text())
        return alive(int(told["pid"]), told["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write(folder: Path) -> None:
    """This process is at work here now. Written in one step; WorkspaceError where it cannot be."""
    try:
        write_text(folder / OWNER, json.dumps({"pid": os.getpid(), "started": started(os.getpid())}))
    except OSError as error:
        raise WorkspaceError(f"The folder of the run cannot be written ({folder}: {error.strerror}). Make room, then try again.") from error


def remove(folder: Path) -> None:
    """Nobody is at work here any more. What cannot be removed names a process that will be gone soon."""
    try:
        (folder / OWNER).unlink(missing_ok=True)
    except OSError:
        return
