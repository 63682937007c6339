"""A little room kept on the workspace's disk, so that a full one can still be told of and made emptier.

A full disk refuses the few bytes that say how a job ended, or that a cohort is deleted. The file of one megabyte is given up for these.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pat_core.files import open_private

NAME = ".room-for-last-words"
BYTES = 1 << 20
MIN_FREE = 16 * BYTES
"""With less free than this nothing is kept back."""


def keep(folder: Path) -> None:
    """Keep the room where it is not kept and the disk has some."""
    path = folder / NAME
    try:
        if path.exists() and path.stat().st_size == BYTES or shutil.disk_usage(folder).free < MIN_FREE:
            return
        with open_private(path, "wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, BYTES)
            else:
                file.write(bytes(BYTES))
    except OSError:
        return  # without it the workspace works as well


def give_up(folder: Path) -> bool:
    """Give the room back; whether there was any."""
    try:
        (folder / NAME).unlink()
    except OSError:
        return False
    return True
