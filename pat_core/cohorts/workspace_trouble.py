"""What is the matter with a workspace: what SQLite or the system said, as a kind of trouble and a sentence; and the room kept for it.

A full disk refuses the few bytes that say how a job ended, or that a cohort is deleted. A file of one megabyte is given up for these.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from pat_core.errors import WorkspaceTrouble
from pat_core.files import open_private

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
OF_DISKS = (*NO_ROOM, errno.EROFS, errno.EIO, errno.ENODEV)
"""Refusals that tell of a disk, not of a fault in the program."""
LITTLE = 64 * 1024
"""With less room than this on the disk, SQLite cannot even make the small file that readers share."""


def of_database(error: sqlite3.Error, path: Path, waited: float) -> WorkspaceTrouble:
    """What an error of SQLite means for the reader. path: of the database; waited: seconds that it waited for others."""
    text, folder = str(error), path.parent
    if "locked" in text or "busy" in text:
        message = f"Another process has kept the workspace {folder} busy for {waited:.0f} seconds. Try again in a moment."
        return WorkspaceTrouble(message, "busy")
    if "not a database" in text:
        message = (
            f"Expected a database at {path}, found a file that is not one. Put back a copy of it, or choose another folder as workspace."
        )
        return WorkspaceTrouble(message, "damaged")
    if not path.exists():
        return gone(path)
    if not path.is_file():
        message = f"Expected a database at {path}, found a folder. Put back a copy of the database, or choose another folder as workspace."
        return WorkspaceTrouble(message, "damaged")
    if any(sign in text for sign in ("malformed", "no such table", "no such column", "duplicate column", "Could not decode")):
        return damaged(path)
    if "readonly" in text or not writable(folder):
        return read_only(folder)
    if "full" in text or no_room(folder):
        return full(folder)
    if "unable to open" in text:
        return WorkspaceTrouble(f"The database of the workspace cannot be opened: {path}. Allow reading and writing there.", "other")
    if "disk I/O" in text:
        message = f"The disk refused the database of the workspace ({path}): it may be limited, failing or gone. Nothing was changed. "
        return WorkspaceTrouble(message + "Check the disk, then try again.", "other")
    message = f"The database of the workspace answered: {text} ({path}). If this repeats, put back a copy of the folder."
    return WorkspaceTrouble(message, "other")


def of_system(error: OSError, folder: Path) -> WorkspaceTrouble:
    """What a refusal of the system means for the workspace in this folder."""
    if error.errno in NO_ROOM:
        return full(folder)
    if not folder.exists():
        return gone(folder)
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return read_only(folder)
    message = f"The workspace {folder} cannot be written: {error.strerror or error}. Try again, or check the disk."
    return WorkspaceTrouble(message, "other")


def writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def full(folder: Path) -> WorkspaceTrouble:
    return WorkspaceTrouble(
        f"The workspace {folder} cannot be written: the disk is full (No space left on device). Make room on the disk, then try again.",
        "full",
    )


def read_only(folder: Path) -> WorkspaceTrouble:
    message = f"The workspace {folder} cannot be written: it is read-only. Allow writing there, or choose another folder (PAT_WORKSPACE)."
    return WorkspaceTrouble(message, "read-only")


def gone(path: Path) -> WorkspaceTrouble:
    message = f"The database of the workspace is gone or cannot be opened: {path}. Put the folder back, or open another (PAT_WORKSPACE)."
    return WorkspaceTrouble(message, "gone")


def damaged(path: Path) -> WorkspaceTrouble:
    return WorkspaceTrouble(
        f"The database of the workspace is damaged: {path}. Nothing was changed, and the weeks and models beside it are untouched. "
        "Put back a copy of that file or of the whole folder, or choose another folder as workspace (PAT_WORKSPACE).",
        "damaged",
    )


def no_room(folder: Path) -> bool:
    """Whether next to nothing fits on the folder's disk any more."""
    try:
        return shutil.disk_usage(folder).free < LITTLE
    except OSError:
        return False


STILL_WORKS = {
    "full": "What is stored can still be viewed. Imports, fine-tuning, marks and settings are refused until there is room; deleting a "
    "cohort or a run here makes some.",
    "read-only": "What is stored can still be viewed: people, weeks, predictions and runs. Nothing new can be saved: no import, "
    "fine-tuning, mark or setting.",
    "gone": "None of it can be shown. Once the folder is back, press R or load this page again: nothing has to be restarted.",
    "damaged": "None of it can be shown. Another workspace works: start PAT Explorer with PAT_WORKSPACE set to a new folder, and add "
    "the files under models/ and import your recordings there.",
    "no folder": "Start PAT Explorer again with PAT_WORKSPACE set to a folder. Nothing was changed.",
    "busy": "Nothing was changed or lost: load this page again in a moment.",
}
"""Kind of trouble -> what a reader can still do."""


RESERVE = ".room-for-last-words"
RESERVE_BYTES = 1 << 20
MIN_FREE = 16 * RESERVE_BYTES
"""With less free than this nothing is kept back."""


def keep_reserve(folder: Path) -> None:
    """Keep the room where it is not kept and the disk has some."""
    path = folder / RESERVE
    try:
        if path.exists() and path.stat().st_size == RESERVE_BYTES or shutil.disk_usage(folder).free < MIN_FREE:
            return
        with open_private(path, "wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
            else:
                file.write(bytes(RESERVE_BYTES))
    except OSError:
        return  # without it the workspace works as well


def give_up_reserve(folder: Path) -> bool:
    """Give the room back; whether there was any."""
    try:
        (folder / RESERVE).unlink()
    except OSError:
        return False
    return True
