"""Arrays of a cohort that are compared with their identities as they are read: each row once a process, until the file changes.

What was stored is known by sha256, row by row, in the database. So damage on the disk is noticed by whoever reads the rows that bear it,
and reading one week of many costs one hash.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.cohorts.kept.ragged_rows import DIFFER, RaggedRows
from pat_core.errors import WorkspaceError

Identities = Callable[[], Sequence[str | None]]
"""The sha256 of every row, asked for when the first one is needed; None for a row that was stored before they were kept."""
FILES_REMEMBERED = 64
NAMED = 5
_known: dict[tuple[str, int, int, int, int], np.ndarray] = {}
_lock = threading.Lock()


def identity_of(values: np.ndarray) -> str:
    """sha256 of the bytes of one row as it lies in the file."""
    return hashlib.sha256(np.ascontiguousarray(values).data).hexdigest()


class CheckedRows:
    """A (rows, ...) array in a file that hands out only rows whose bytes are those that were stored. Read-only.

    shown: what is handed out in place of `stored`, where marks changed it; changed: the rows in which they did. lengths: (rows,) minutes of
    each; where they differ, only rows of one length come at once. Raises WorkspaceError, with the people that are affected, by whatever
    reads a damaged row.
    """

    def __init__(
        self,
        path: Path,
        stored: np.memmap | RaggedRows,
        identities: Identities,
        damaged: Callable[[list[int]], WorkspaceError],
        shown: np.ndarray | RaggedRows | None = None,
        changed: Iterable[int] = (),
    ) -> None:
        self._path, self._stored, self._shown = path, stored, stored if shown is None else shown
        self._changed = frozenset(changed)
        self._identities, self._damaged = identities, damaged
        self._good = remembered(path, len(stored))
        if not self._good.all():
            identities()  # now: the cohort may be deleted while its rows are in use
        self.shape, self.dtype, self.ndim = self._shown.shape, self._shown.dtype, self._shown.ndim
        self.lengths = stored.lengths if isinstance(stored, RaggedRows) else np.full(len(stored), np.prod(stored.shape[1:], dtype=int))
        file = stored.flat if isinstance(stored, RaggedRows) else stored
        self._begins = getattr(file, "offset", 0) + stored.dtype.itemsize * np.concatenate(([0], np.cumsum(self.lengths)[:-1]))

    def __len__(self) -> int:
        return len(self._shown)

    def __getitem__(self, index: Any) -> np.ndarray:
        """As of an array: copies for single rows and lists of rows, views of the file for anything else."""
        self.check(index[0] if isinstance(index, tuple) else index)
        if isinstance(index, int | np.integer):
            row = self._copy([int(index)])[0]
            row.flags.writeable = False  # as in the map: who would change a week takes a copy
            return row
        if isinstance(index, list) or (isinstance(index, np.ndarray) and index.ndim == 1 and index.dtype != bool):
            return self._copy(index)
        return self._shown[index]

    def _copy(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Read plainly, as for `check`: a cohort that is read through once, a few weeks at a time, must not end up whole in memory."""
        chosen = np.arange(len(self))[np.asarray(rows, dtype=int)]
        if np.unique(self.lengths[chosen]).size > 1:
            raise WorkspaceError(DIFFER)
        shape = self.lengths[chosen[:1]] if isinstance(self._stored, RaggedRows) and chosen.size else self.shape[1:]
        copied = np.empty((len(chosen), *shape), self.dtype)
        with ExitStack() as opened:
            file = self._opened(opened)
            for place, row in enumerate(chosen.tolist()):
                if file is None or row in self._changed:
                    copied[place] = self._shown[row]
                    continue
                file.seek(int(self._begins[row]))
                if file.readinto(copied[place : place + 1].reshape(-1).view(np.uint8).data) != copied[place].nbytes:
                    raise self._damaged([row])
        return copied

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[row] for row in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        self.check()
        return np.array(self._shown[:], dtype=dtype, copy=copy)

    def check(self, rows: Any = slice(None)) -> None:
        """Compare these rows (an index of the first axis; all of them by default) with their identities."""
        unread = np.atleast_1d(np.flatnonzero(~self._good) if isinstance(rows, slice) and rows == slice(None) else self._unread(rows))
        if unread.size == 0:
            return
        if self._differing(unread):
            raise self._damaged(self._differing(range(len(self))))
        self._good[unread] = True

    def _unread(self, rows: Any) -> np.ndarray:
        chosen = np.atleast_1d(np.arange(len(self))[rows])
        return np.unique(chosen[~self._good[chosen]])

    def _differing(self, rows: Iterable[int]) -> list[int]:
        """Read plainly, not through the map: what is read of a map stays in memory with it, and a file that was cut kills its reader."""
        wanted, stored = self._identities(), self._stored
        with ExitStack() as opened:
            file = self._opened(opened)

            def identity(row: int) -> str:
                if file is None:
                    return identity_of(stored[row])
                file.seek(int(self._begins[row]))
                return hashlib.sha256(file.read(int(self.lengths[row]) * stored.dtype.itemsize)).hexdigest()

            return [int(row) for row in rows if wanted[row] and identity(row) != wanted[row]]

    def _opened(self, opened: ExitStack) -> BufferedReader | None:
        """The file, closed with `opened`; None where it was deleted while it is mapped: the map still has it all."""
        try:
            return opened.enter_context(open(self._path, "rb"))
        except FileNotFoundError:
            return None


def damaged_words(cohort: str, people: Sequence[str], what: str = "weeks") -> WorkspaceError:
    """The error for a cohort whose arrays changed on the disk. people: whose rows differ."""
    names = list(dict.fromkeys(people))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return WorkspaceError(
        f"The stored {what} of cohort {cohort!r} are damaged: those of {', '.join(names[:NAMED])}{more} are not what was imported. "
        "Nothing is computed from them. Put back a copy of the workspace folder, or delete the cohort and import it again."
    )


def remembered(path: Path, rows: int) -> np.ndarray:
    """(rows,) bool, which rows of this very file were found good already in this process."""
    try:
        now = os.stat(path)
    except OSError:
        return np.zeros(rows, bool)
    key = (str(path), now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
    with _lock:
        good = _known.pop(key, None)
        if good is None or len(good) != rows:
            good = np.zeros(rows, bool)
        _known[key] = good  # last in, so that the one asked for longest ago goes first
        while len(_known) > FILES_REMEMBERED:
            del _known[next(iter(_known))]
    return good
