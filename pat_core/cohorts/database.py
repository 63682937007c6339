"""The workspace's database: opening it, and one transaction for each operation.

Threads of a web server and worker processes use it at once, so no operation shares a connection with another that is under way
(connections.py). WAL lets readers go on while one writes; a second writer waits (busy timeout).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from pat_core.cohorts import disk_reserve, schema, workspace_trouble
from pat_core.cohorts.connections import BUSY_SECONDS, connection_to, log_of, opened
from pat_core.errors import WorkspaceError, WorkspaceTrouble
from pat_core.files import make_folder, reserve, tighten

DATABASE = "workspace.sqlite3"
SHELVES = ("cohorts", "models", "runs")
FOLDERS = (*SHELVES, "cache", "jobs")
Answer = TypeVar("Answer")


class Database:
    """folder: of the workspace (absolute). read_only: look at what is there, without writing anything.

    Raises WorkspaceTrouble where it cannot be opened or made, and wherever it cannot be read or written later.
    """

    folder: Path
    read_only: bool

    def __init__(self, folder: Path, read_only: bool = False) -> None:
        self.folder, self.read_only = folder.expanduser().absolute(), read_only
        self._path = self.folder / DATABASE
        if not read_only:
            _make_folders(self.folder)
            tighten(self.folder)
            disk_reserve.keep(self.folder)
        with self._in_words():
            self._open()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the database, whatever others write meanwhile."""
        with self._in_words(), self._readable() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                with suppress(sqlite3.Error):  # ending a read must not hide what went wrong in it
                    connection.execute("ROLLBACK")

    @contextmanager
    def writing(self, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction that is whole or not at all. Not durable: a power cut (not a kill) may undo it, for heartbeats."""
        if self.read_only:
            raise workspace_trouble.read_only(self.folder)
        with self._in_words(), connection_to(self._path) as connection:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")  # at once: a read that turns into a write could not wait for another writer
            try:
                yield connection
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has ended the transaction already
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def unwritable(self) -> WorkspaceTrouble | None:
        """Why nothing can be written just now, though what is there can be read; None where all is well, or the folder is gone."""
        if not self._path.exists():
            return None
        if self.read_only or not workspace_trouble.writable(self.folder):
            return workspace_trouble.read_only(self.folder)
        return workspace_trouble.full(self.folder) if workspace_trouble.no_room(self.folder) else None

    def with_last_room(self, work: Callable[[], Answer]) -> Answer:
        """Does small work that a full disk must not stop (deleting, saying how a job ended): the room kept for it is given up first."""
        try:
            return work()
        except WorkspaceTrouble as error:
            if error.kind != "full" or not disk_reserve.give_up(self.folder):
                raise
        return work()

    def wipe_free_pages(self) -> None:
        """Rewrites the database without what was deleted from it, which SQLite leaves in free pages and in its log. Where others are
        reading just now, the log is emptied by the last of them."""
        with self._in_words(), connection_to(self._path) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _readable(self) -> Iterator[sqlite3.Connection]:
        """A connection to read from. SQLite wants to write a small file beside the database even to read it: where that cannot be, on a
        full or read-only disk, the database is read as it lies there, unless a log beside it says that this is not all."""
        as_it_lies = "ro&immutable=1"
        if self.read_only or (self.unwritable() is not None and not self._has_log()):
            with closing(opened(self._path, as_it_lies)) as connection:
                yield connection
            return
        with connection_to(self._path) as connection:
            yield connection

    def _has_log(self) -> bool:
        log = log_of(self._path)
        return log.exists() and log.stat().st_size > 0

    def _open(self) -> None:
        new = not self._path.exists()
        if self.read_only:
            if new:
                raise workspace_trouble.gone(self._path)
            with self._readable() as connection:
                self._check_version(connection)
            return
        if not new and self._path.stat().st_size == 0 and any((self.folder / "cohorts").glob("*/weeks.npy")):
            raise workspace_trouble.damaged(self._path)  # emptied: a new one in its place would hide whose weeks these are
        if new:
            try:
                reserve(self._path, exist_ok=False)  # SQLite gives its log the mode of the database
            except FileExistsError:
                pass  # another process makes this workspace too, and was faster
            except OSError as error:
                raise workspace_trouble.of_system(error, self.folder) from error
        with self._readable() as connection:
            if self._check_version(connection) == schema.VERSION:
                return
        with closing(opened(self._path, "rwc")) as connection:
            _switch_to_wal(connection)
            connection.execute("BEGIN IMMEDIATE")
            schema.bring_up_to_date(connection)
            connection.execute("COMMIT")

    def _check_version(self, connection: sqlite3.Connection) -> int:
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
        if self.read_only and version < schema.VERSION:
            raise WorkspaceTrouble(
                f"The workspace {self.folder} is of an older version and read-only, so it cannot be brought up to date. Allow writing.",
                "read-only",
            )
        return version

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise workspace_trouble.of_database(error, self._path, BUSY_SECONDS) from error
        except UnicodeDecodeError as error:
            raise workspace_trouble.damaged(self._path) from error
        except UnicodeEncodeError as error:
            raise WorkspaceError("A name or text holds characters that cannot be stored (half of a pair). Type it again.") from error


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


def _make_folders(folder: Path) -> None:
    try:
        for name in ("", *FOLDERS):
            make_folder(folder / name)
    except (FileExistsError, NotADirectoryError) as error:
        raise WorkspaceTrouble(
            f"Expected a folder for the workspace at {folder}, but {error.filename} is a file. Choose another folder (PAT_WORKSPACE).",
            "no folder",
        ) from error
    except OSError as error:
        if error.errno in workspace_trouble.NO_ROOM:
            raise workspace_trouble.full(folder) from error
        raise WorkspaceTrouble(
            f"The workspace {folder} cannot be created: {error.strerror or error}. Choose a folder you can write (PAT_WORKSPACE).",
            "no folder",
        ) from error
    except ValueError as error:
        raise WorkspaceError(
            f"The workspace {folder} cannot be created: {error}. Choose a folder you can write (PAT_WORKSPACE)."
        ) from error
    if not workspace_trouble.writable(folder):
        raise workspace_trouble.read_only(folder)
