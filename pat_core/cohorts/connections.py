"""Connections to databases (SQLite, WAL) that stay open for the next operation, since a page asks dozens of times in a second.

No two operations share a connection: each takes one that waits, or opens one, and gives it back. So there are never more than there are
threads at work, whichever threads come and go. A connection that waits holds no transaction and no pages; after `IDLE_SECONDS` it is
closed, so that a program at rest holds no file, and SQLite's log and shared file are gone from the folder. It is never used again where
the file was replaced, removed or changed in the meantime, and none is carried over a fork.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

BUSY_SECONDS = 30.0
IDLE_SECONDS, LOOK_SECONDS = 2.0, 0.5
MOST_WAITING = 8
"""Of all databases together: each connection holds three files open."""


@dataclass(eq=False)
class _Open:
    """identity: device and inode of the file that it has open; seen: state of the files when it was given back, at `since`."""

    path: Path
    connection: sqlite3.Connection
    identity: tuple[int, int] | None
    seen: tuple[object, ...] = ()
    since: float = field(default_factory=time.monotonic)

    def close(self) -> None:
        with suppress(sqlite3.Error):
            if sys.version_info >= (3, 12) and _identity(self.path) not in (None, self.identity):
                # SQLite removes the log by its name, and under that name lies another database's by now.
                self.connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE)
            self.connection.close()


_waiting: list[_Open] = []
"""Those given back last are at the end."""
_lock = threading.Lock()
_closer: threading.Thread | None = None


@contextmanager
def connection_to(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for the block alone. The database has to be there: none is made. sqlite3.Error where it cannot
    be opened; what fails in the block closes the connection."""
    own = _take(path) or _open(path)
    try:
        yield own.connection
        whole = _put_in_order(own)
    except BaseException:
        own.close()
        raise
    if whole:
        _give_back(own)
    else:
        own.close()


def opened(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """A connection of one's own, to be closed by whoever asks. mode: as in SQLite's addresses; "rw" does not create."""
    address = f"{path.as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # names of people who were deleted do not stay in the file
    except BaseException:
        connection.close()
        raise
    return connection


def close_waiting() -> None:
    """Closes every connection that is not in use."""
    with _lock:
        _close_all()


def _close_all() -> None:
    while _waiting:
        _waiting.pop().close()


def log_of(path: Path) -> Path:
    """SQLite's log beside a database: what was written and does not stand in the database yet."""
    return path.with_name(f"{path.name}-wal")


def _open(path: Path) -> _Open:
    identity = _identity(path)  # before opening: of a file that is replaced in between, the connection is not kept
    return _Open(path, opened(path), identity)


def _take(path: Path) -> _Open | None:
    with _lock:
        of_path = [waiting for waiting in _waiting if waiting.path == path]
        if not of_path:
            return None
        state = _state(path)
        usable = [waiting for waiting in of_path if waiting.seen == state]
        leaving = [waiting for waiting in of_path if waiting not in usable] + usable[-1:]
        _waiting[:] = [waiting for waiting in _waiting if waiting not in leaving]
    # All of them: while one is open, SQLite would go on with what it remembers of the file that was there before.
    for waiting in leaving:
        if waiting not in usable:
            waiting.close()
    return usable[-1] if usable else None


def _put_in_order(own: _Open) -> bool:
    """Makes a connection ready to wait; whether it may. What stands in the log goes into the database, unless others read it just now:
    the last of them does it. So the file alone is all, whoever copies it or opens it to be looked at."""
    connection = own.connection
    if connection.in_transaction:
        return False
    try:
        if _size(log_of(own.path)):
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")
        connection.execute("PRAGMA shrink_memory")  # no page is remembered: the next operation sees what lies on the disk
    except sqlite3.Error:
        return False  # the block's work is done: a full disk that keeps the log as it is takes nothing back
    own.seen, own.since = _state(own.path), time.monotonic()
    return own.identity is not None and own.identity == _identity(own.path)


def _give_back(own: _Open) -> None:
    global _closer
    with _lock:
        _waiting.append(own)
        surplus = _waiting[:-MOST_WAITING]
        del _waiting[:-MOST_WAITING]
        if _closer is None:
            _closer = threading.Thread(target=_close_after_a_while, name="close-databases", daemon=True)
            _closer.start()
    for waiting in surplus:
        waiting.close()


def _close_after_a_while() -> None:
    global _closer
    over = False
    while not over:
        time.sleep(LOOK_SECONDS)
        with _lock:
            before = time.monotonic() - IDLE_SECONDS
            old = [waiting for waiting in _waiting if waiting.since < before]
            _waiting[:] = [waiting for waiting in _waiting if waiting.since >= before]
            over = not _waiting
            if over:
                _closer = None
        for waiting in old:
            waiting.close()


def _state(path: Path) -> tuple[object, ...]:
    """What changes where the files of a database are replaced, removed or written by others."""
    try:
        status = os.stat(path)
    except OSError:
        return ()
    beside = (_identity(log_of(path)), _identity(path.with_name(f"{path.name}-shm")))
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, *beside)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _before_fork() -> None:
    _lock.acquire()
    _close_all()


def _in_child() -> None:
    global _closer
    _closer = None  # threads stay with the parent
    _lock.release()


atexit.register(close_waiting)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_lock.release, after_in_child=_in_child)
