"""Files that hold what is known of people: for their owner's eyes alone, whatever the umask, and never half-written.

Folders are made 0700, files 0600. Libraries that open a file by its name keep the mode it has, so `reserve` makes it first.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

FOLDER_MODE, FILE_MODE, OTHERS = 0o700, 0o600, 0o077
logger = logging.getLogger(__name__)


def keep_to_ourselves() -> None:
    """What this process makes from now on is for its owner alone, also where a library makes it. For processes of our own."""
    os.umask(OTHERS)


def make_folder(folder: Path, exist_ok: bool = True) -> Path:
    """Make a folder, and those above it that are missing, for the owner alone; the folder. OSError as of `Path.mkdir`."""
    if not folder.parent.exists():
        make_folder(folder.parent)
    try:
        os.mkdir(folder, FOLDER_MODE)
    except FileExistsError:
        if not exist_ok or not folder.is_dir():
            raise
    return folder


def open_private(path: str | Path, mode: str, **options: Any) -> IO[Any]:
    """As `open` for writing; a file that is new is for the owner alone."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, FILE_MODE), **options)


def reserve(path: Path, exist_ok: bool = True) -> Path:
    """Make an empty file for the owner alone, to be written by a library; the path. FileExistsError where there is one, unless exist_ok:
    it is then emptied."""
    with open_private(path, "wb" if exist_ok else "xb"):
        return path


@contextmanager
def replacing(path: Path, private: bool = True, durable: bool = False) -> Iterator[Path]:
    """A path beside `path` to write to: it takes the place of `path` once the block has ended, and is removed where it fails. So the file
    is whole or as it was before, also after a kill; durable: and after a power cut, which takes the disk some milliseconds. private: False
    for what lies among a reader's own files."""
    waiting = path.with_name(f".{path.stem[:60]}.{os.getpid()}-{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        yield reserve(waiting) if private else waiting
        if durable:
            with open(waiting, "rb") as written:
                os.fsync(written.fileno())
        os.replace(waiting, path)
    finally:
        waiting.unlink(missing_ok=True)


def write_text(path: Path, text: str, private: bool = True) -> None:
    """Write a text whole or not at all. private: as for `replacing`."""
    with replacing(path, private) as waiting:
        waiting.write_text(text, encoding="utf-8")


def tighten(folder: Path) -> int:
    """Take a folder and all in it from everybody but the owner; how many files and folders were open to others. Links are left alone."""
    loose = int(_tightened(folder, FOLDER_MODE))
    for place, folders, files in os.walk(folder):
        loose += sum(_tightened(Path(place, name), FOLDER_MODE) for name in folders)
        loose += sum(_tightened(Path(place, name), FILE_MODE) for name in files)
    return loose


def _tightened(path: Path, mode: int) -> bool:
    try:
        if path.is_symlink() or not os.stat(path).st_mode & OTHERS:
            return False
        os.chmod(path, mode)
    except FileNotFoundError:
        return False
    except OSError as error:  # another owner's, or a file system that is read-only
        logger.warning("%s stays open to others: %s", path, error)
        return False
    return True
