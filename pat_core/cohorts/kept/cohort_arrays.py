"""The arrays of a cohort, never pickled: weeks.npy, (weeks, minutes) float32, truth_<name>.npy beside it, and worn.npy, (weeks, minutes)
uint8: when each week's device was worn by its own record, absent where no device recorded it.

Where weeks differ in length, weeks.npy and worn.npy are flat: the minutes of one week after those of another, and nothing between them.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np

from pat_core.cohorts.kept.checked_rows import identity_of, remembered
from pat_core.cohorts.kept.ragged_rows import RaggedRows
from pat_core.errors import WorkspaceError
from pat_core.files import open_private
from pat_core.records import Week

WEEKS = "weeks.npy"
_TRUTH_NAME = re.compile(r"[a-z0-9_]{1,60}")


@dataclass(frozen=True)
class Written:
    """What was written of a cohort's weeks. weeks: without their values; identities: sha256 of each one's (minutes,) float32 bytes,
    little-endian; worn: of its flags of wear, None where it has none; minutes, shortest: of the longest and of the shortest; truth: name ->
    sha256 of its file."""

    weeks: list[Week]
    identities: list[str]
    worn: list[str | None]
    minutes: int
    shortest: int
    truth: dict[str, str] = field(default_factory=dict)


def write_weeks(folder: Path, weeks: Sequence[Week]) -> Written:
    """Writes weeks.npy week by week, so that a lazy sequence is never whole in memory, and worn.npy where a device said when it was worn.

    WorkspaceError where there is none.
    """
    count = len(weeks)
    bare: list[Week] = []
    identities: list[str] = []
    flags: list[str | None] = []
    lengths: list[int] = []
    # Plain writes, not a memmap: a full disk must be an error here, not a signal that kills the process.
    with open_private(folder / WEEKS, "wb") as file, WornFile(folder, count) as worn:
        for row, week in enumerate(weeks):
            values = np.ascontiguousarray(week.values, dtype="<f4")
            lengths.append(_length(week, values))
            if row == 0:
                begins = write_header(file, "<f4", (count, lengths[0]))
            file.write(values.data)
            flags.append(worn.add(week, lengths))
            bare.append(_without_values(week))
            identities.append(identity_of(values))
        if len(set(lengths)) > 1:
            write_header(file, "<f4", (sum(lengths),), begins)
        file.flush()
        os.fsync(file.fileno())
    if not bare or len(bare) != count:
        raise WorkspaceError(f"Expected at least one week and as many as were announced ({count}), got {len(bare)}. Nothing was stored.")
    return Written(bare, identities, flags, max(lengths), min(lengths))


def write_header(file: IO[bytes], kind: Any, shape: tuple[int, ...], begins: int | None = None) -> int:
    """The head of an .npy file; where the array begins. begins: of a head that this one takes the place of, once the shape is known."""
    if begins is not None:
        file.seek(0)
    np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})
    if begins is not None and file.tell() != begins:
        raise WorkspaceError("The weeks could not be stored: the head of their file has another length than it had. Report this.")
    return file.tell()


def _length(week: Week, values: np.ndarray) -> int:
    if values.ndim != 1 or values.size == 0:
        raise WorkspaceError(f"Expected a week as a row of minutes, got shape {values.shape} for {week.participant}.")
    return values.size


def _without_values(week: Week) -> Week:
    return replace(week, values=_NOTHING, worn=None)


_NOTHING = np.empty(0, dtype=np.float32)


def write_truth(folder: Path, truth: Mapping[str, np.ndarray], weeks: int) -> dict[str, str]:
    """Writes one truth_<name>.npy each, whose first axis are the weeks; name -> sha256 of its file."""
    written = {}
    for name, values in truth.items():
        array = np.asarray(values)
        if not _TRUTH_NAME.fullmatch(name):
            raise WorkspaceError(f"Expected small letters, digits and _ as the name of a truth array, got {name!r}.")
        if array.ndim == 0 or array.shape[0] != weeks:
            raise WorkspaceError(f"Expected the truth array {name} to have a row for each of {weeks} weeks, got shape {array.shape}.")
        if array.dtype.hasobject:
            raise WorkspaceError(f"Expected numbers in the truth array {name}, got Python objects.")
        with open_private(folder / f"truth_{name}.npy", "wb") as file:
            np.lib.format.write_array(file, array, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        written[name] = _sha256(folder / f"truth_{name}.npy")
    return written


def open_array(path: Path, cohort: str, private: bool = False) -> np.memmap:
    """A read-only memory map; WorkspaceError where the file is gone or damaged. private: what is written to it never reaches the file."""
    try:
        return np.load(path, mmap_mode="c" if private else "r", allow_pickle=False)
    except FileNotFoundError as error:
        raise WorkspaceError(f"The arrays of cohort {cohort!r} are gone ({path}). If it was not just deleted, import it again.") from error
    except (OSError, ValueError, EOFError) as error:
        # What NumPy says of a damaged file advises to unpickle it.
        why = error if isinstance(error, OSError) else "no whole array of numbers"
        raise WorkspaceError(
            f"The arrays of cohort {cohort!r} are damaged ({path}: {why}). Delete the cohort and import it again."
        ) from error


Lengths = Callable[[], Sequence[int]]
"""The minutes of each row, asked for where they differ."""


def open_weeks(folder: Path, cohort: str, shape: tuple[int, int], lengths: Lengths, private: bool = False) -> np.memmap | RaggedRows:
    """weeks.npy as a memory map of the shape that the database knows, read-only or private (see `open_array`); as rows of their lengths
    where these differ."""
    array = open_array(folder / WEEKS, cohort, private)
    rows = as_rows(array, shape, lengths)
    if rows is None or array.dtype != np.dtype("<f4"):
        raise WorkspaceError(
            f"Expected {shape} float32 values for cohort {cohort!r}, found {array.shape} {array.dtype} in {folder / WEEKS}. "
            "The file is damaged: delete the cohort and import it again."
        )
    return rows


def as_rows(array: np.memmap, shape: tuple[int, int], lengths: Lengths) -> np.memmap | RaggedRows | None:
    """A cohort's array as its rows; None where it has not these. A flat one holds rows of `lengths`."""
    if array.ndim == 2:
        return array if array.shape == shape else None
    minutes = lengths() if array.ndim == 1 else ()
    return RaggedRows(array, minutes) if len(minutes) == shape[0] and sum(minutes) == array.size else None


def open_truth(folder: Path, cohort: str, stored: Mapping[str, str]) -> dict[str, np.ndarray]:
    """name -> read-only memory map, each compared with the sha256 of its file as it was stored. stored: name -> sha256; cohorts of before
    these were kept have none, and show what lies there."""
    names = stored or [path.stem.removeprefix("truth_") for path in sorted(folder.glob("truth_*.npy"))]
    masks: dict[str, np.ndarray] = {}
    for name in sorted(names):
        path = folder / f"truth_{name}.npy"
        masks[name] = open_array(path, cohort)
        if stored and not known_whole(path, stored[name]):
            raise WorkspaceError(
                f"What was planted into the people of cohort {cohort!r} ({name}) is not what was stored: the file is damaged. Delete the "
                "cohort and make it again."
            )
    return masks


def known_whole(path: Path, sha256: str) -> bool:
    """Whether a file has this sha256; looked at once a process until the file changes."""
    good = remembered(path, 1)
    good[0] = good[0] or _sha256(path) == sha256
    return bool(good[0])


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_rows(old: Path, new: Path, rows: Sequence[int], lengths: Lengths = tuple) -> str:
    """Writes these rows of one array, in this order, as another; sha256 of the new file. ValueError where the old one is no array.

    lengths: of all rows of a flat array, which the new one is too.
    """
    array = np.load(old, mmap_mode="r", allow_pickle=False)
    each = RaggedRows(array, lengths()) if array.ndim == 1 and lengths() else array
    shape = (sum(each[row].size for row in rows),) if isinstance(each, RaggedRows) else (len(rows), *array.shape[1:])
    with open_private(new, "wb") as file:
        write_header(file, np.lib.format.dtype_to_descr(array.dtype), shape)
        for row in rows:
            file.write(each[row].tobytes())
        file.flush()
        os.fsync(file.fileno())
    return _sha256(new)


WORN = "worn.npy"
OFF, ON, UNKNOWN = 0, 1, 2


class WornFile:
    """Written row by row with the weeks. The file begins with the first week that has flags; those before it are given as unknown."""

    def __init__(self, folder: Path, weeks: int) -> None:
        self.path, self.weeks = folder / WORN, weeks
        self._file: IO[bytes] | None = None
        self._open, self._begins, self._lengths = ExitStack(), 0, [0]

    def __enter__(self) -> WornFile:
        return self

    def add(self, week: Week, lengths: list[int]) -> str | None:
        """One week, in order; the sha256 of its flags, None where it has none. lengths: minutes of it, the last, and of all before it.
        WorkspaceError where its flags are of another length than its values."""
        minutes, self._lengths = lengths[-1], lengths
        if week.worn is not None and np.shape(week.worn) != (minutes,):
            raise WorkspaceError(
                f"Expected a flag for each of {minutes} minutes of {week.participant}, got {np.shape(week.worn)}. Read the file again."
            )
        if self._file is None and week.worn is None:
            return None
        if self._file is None:
            self._file = self._open.enter_context(open_private(self.path, "wb"))
            self._begins = write_header(self._file, "|u1", (self.weeks, minutes))
            for before in lengths[:-1]:
                self._file.write(np.full(before, UNKNOWN, np.uint8).data)
        flags = np.full(minutes, UNKNOWN, np.uint8) if week.worn is None else np.where(week.worn, ON, OFF).astype(np.uint8)
        self._file.write(flags.data)
        return None if week.worn is None else identity_of(flags)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._open:
            if self._file is not None and kind is None:
                if len(set(self._lengths)) > 1:
                    write_header(self._file, "|u1", (sum(self._lengths),), self._begins)
                self._file.flush()
                os.fsync(self._file.fileno())


def open_flags(folder: Path, cohort: str, shape: tuple[int, int], lengths: Lengths) -> np.memmap | RaggedRows:
    """worn.npy as `open_weeks` has the weeks. WorkspaceError where it does not hold a flag for every minute of the cohort."""
    array = open_array(folder / WORN, cohort)
    rows = as_rows(array, shape, lengths)
    if rows is None or array.dtype != np.uint8:
        raise WorkspaceError(
            f"Expected {shape} flags of wear for cohort {cohort!r}, found {array.shape} {array.dtype}. The file is damaged: delete the "
            "cohort and import it again."
        )
    return rows


def flags_of(row: np.ndarray) -> np.ndarray | None:
    """(minutes,) bool of one row of worn.npy; None where the week's device had no flags."""
    flags = np.array(row)
    return None if (flags == UNKNOWN).all() else flags != OFF
