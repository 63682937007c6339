"""Folders that belong to rows of the database, kept whole against a kill at any moment.

A new folder is filled under a temporary name that tells whose it is. The transaction that lists it also renames it, so before the
commit it is not visible. Between rename and commit, and between a deleting commit and the removal, a marker file stands in the folder:
a folder with a marker and no row is a leftover. A folder without a marker is never removed, even where the database was lost.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pat_core.cohorts import workspace_trouble
from pat_core.cohorts.database import SHELVES, Database
from pat_core.cohorts.processes import owner, owner_alive
from pat_core.files import make_folder, reserve

MARKER = ".leftover-unless-listed"
LISTED = {"cohorts": "CASE folder WHEN '' THEN id ELSE folder END"}
"""What names the folder of a row, where that is not its id."""
NEW, GONE = ".new-", ".gone-"
Filled = TypeVar("Filled")


def new_id() -> str:
    """Twelve hexadecimal digits, by chance: the name of a folder, and short enough for an address."""
    return uuid.uuid4().hex[:12]


def temporary(folder: Path) -> Path:
    """A path in `folder` for this process alone, which its name says."""
    return folder / f"{NEW}{new_id()}-{owner()}"


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a power cut, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


class Shelves(Database):
    """The database with its folders."""

    def shelve(
        self, shelf: str, identity: str, fill: Callable[[Path], Filled], enlist: Callable[[sqlite3.Connection, Filled], None]
    ) -> None:
        """Makes folder <shelf>/<identity>: `fill` writes it, `enlist` inserts its rows. Whole or not at all."""
        draft, final = temporary(self.folder / shelf), self.folder / shelf / identity
        if self.read_only:
            raise workspace_trouble.read_only(self.folder)
        try:
            make_folder(draft, exist_ok=False)
            reserve(draft / MARKER)
            filled = fill(draft)
            sync_folder(draft)
            with self.writing() as connection:
                enlist(connection, filled)
                os.rename(draft, final)
                sync_folder(final.parent)
            (final / MARKER).unlink(missing_ok=True)
        except BaseException as error:
            _remove(draft)
            if final.exists():  # stopped between rename and commit, or just after it: only the database knows
                self._settle([(shelf, identity)])
            if isinstance(error, OSError):
                raise workspace_trouble.of_system(error, self.folder) from error
            raise

    def mark_for_removal(self, shelf: str, identity: str) -> None:
        """To be called inside the transaction that deletes the rows; `discard` follows after it."""
        folder = self.folder / shelf / identity
        if folder.is_dir():
            try:
                reserve(folder / MARKER)
            except OSError as error:
                raise workspace_trouble.of_system(error, self.folder) from error

    def discard(self, shelf: str, identity: str) -> None:
        """Removes the folder of a deleted row. What cannot be removed now (in use) goes at a later open."""
        _remove(self.folder / shelf / identity)

    def sweep(self) -> None:
        """Removes what killed processes left behind, and nothing that a live one is writing."""
        unsure: list[tuple[str, str]] = []
        for shelf in (*SHELVES, "cache"):
            for entry in list(os.scandir(self.folder / shelf)):
                if entry.name.startswith(GONE) or (entry.name.startswith(NEW) and not owner_alive(entry.name)):
                    _erase(Path(entry.path))
                elif shelf in SHELVES and os.path.exists(os.path.join(entry.path, MARKER)):
                    unsure.append((shelf, entry.name))
        unsure = [(shelf, name) for shelf, name in unsure if not name.startswith(NEW)]
        if unsure:
            self._settle(unsure)

    def _settle(self, unsure: list[tuple[str, str]]) -> None:
        with self.writing() as connection:  # while we hold the lock, no process is between rename and commit
            for shelf, identity in unsure:
                listed = connection.execute(f"SELECT 1 FROM {shelf} WHERE {LISTED.get(shelf, 'id')} = ?", (identity,)).fetchone()
                if listed:
                    (self.folder / shelf / identity / MARKER).unlink(missing_ok=True)
                else:
                    _remove(self.folder / shelf / identity)


def _remove(folder: Path) -> None:
    """First out of sight, then file by file: a kill in between leaves a name that the next sweep knows."""
    gone = folder.with_name(f"{GONE}{new_id()}")
    try:
        os.rename(folder, gone)
    except OSError:
        return
    _erase(gone)


def _erase(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return
