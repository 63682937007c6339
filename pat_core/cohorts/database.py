"""The workspace's database: opening it, and one short-lived connection for each operation.

Threads of a web server and worker processes use it at once, so nothing is shared between calls: each opens, does one transaction
and closes. WAL lets readers go on while one writes; a second writer waits (busy timeout).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pat_core.cohorts import schema
from pat_core.errors import WorkspaceError

DATABASE = "workspace.sqlite3"
SHELVES = ("cohorts", "models", "runs")
FOLDERS = (*SHELVES, "cache", "jobs")
BUSY_SECONDS = 30.0


class Database:
    """folder: of the workspace (absolute). Raises WorkspaceError where it cannot be opened or made."""

    folder: Path

    def __init__(self, folder: Path) -> None:
        self.folder = _make_folders(folder.expanduser().absolute())
        self._path = self.folder / DATABASE
        with self._in_words():
            self._open()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the database, whatever others write meanwhile."""
        with self._in_words(), self._connected() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                with suppress(sqlite3.Error):  # ending a read must not hide what went wrong in it
                    connection.execute("ROLLBACK")

    @contextmanager
    def writing(self, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction that is whole or not at all. Not durable: a power cut (not a kill) may undo it, for heartbeats."""
        with self._in_words(), self._connected() as connection:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")  # at once: a read that turns into a write could not wait for another writer
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self, mode: str = "rw") -> Iterator[sqlite3.Connection]:
        # "rw" does not create: where the folder was removed under us, that is said, and no empty database appears.
        address = f"{self._path.as_uri()}?mode={mode}"
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            yield connection
        finally:
            connection.close()

    def _open(self) -> None:
        with self._connected("rwc") as connection:
            connection.execute("BEGIN")
            version = schema.version_of(connection)
            connection.execute("COMMIT")
            if version < 0:
                raise WorkspaceError(
                    f"Expected the database of a workspace at {self._path}, found the database of another program. "
                    "Choose another folder as workspace."
                )
            if version > schema.VERSION:
                raise WorkspaceError(
                    f"The workspace {self.folder} was last used by a newer PAT Explorer (its tables are version {version}, this program "
                    f"knows up to {schema.VERSION}). Update the program, or choose another folder as workspace."
                )
            if version < schema.VERSION:
                _switch_to_wal(connection)
                connection.execute("BEGIN IMMEDIATE")
                schema.bring_up_to_date(connection)
                connection.execute("COMMIT")

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise WorkspaceError(self._sentence(error)) from error
        except UnicodeEncodeError as error:
            raise WorkspaceError("A name or text holds characters that cannot be stored (half of a pair). Type it again.") from error

    def _sentence(self, error: sqlite3.Error) -> str:
        text = str(error)
        if "not a database" in text:
            return f"Expected a database at {self._path}, found a file that is none. Move it away, or choose another folder as workspace."
        if "locked" in text or "busy" in text:
            return f"Another process has kept the workspace {self.folder} busy for {BUSY_SECONDS:.0f} seconds. Try again in a moment."
        if "unable to open" in text or "no such table" in text:
            return f"The database of the workspace is gone or cannot be opened: {self._path}. Put the folder back, or open another."
        if "readonly" in text or "full" in text or "I/O" in text:
            return f"The workspace {self.folder} cannot be written ({text}). Make room on the disk, or allow writing there."
        return f"The database of the workspace answered: {text} ({self._path}). If this repeats, put back a copy of the folder."


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Two processes that open a new workspace at once: the busy timeout does not hold for this one switch."""
    for _ in range(100):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.05)


def _make_folders(folder: Path) -> Path:
    try:
        for name in ("", *FOLDERS):
            (folder / name).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise WorkspaceError(
            f"Expected a folder for the workspace at {folder}, but {error.filename} is a file. Choose another folder (PAT_WORKSPACE)."
        ) from error
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"The workspace {folder} cannot be made: {error}. Choose a folder you can write (PAT_WORKSPACE).") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WorkspaceError(f"The workspace {folder} cannot be written. Choose a folder you can write (PAT_WORKSPACE).")
    return folder
