"""The arrays of a cohort, never pickled: weeks.npy, (weeks, minutes) float32, truth_<name>.npy beside it, and worn.npy, (weeks, minutes)
uint8: when each week's device was worn by its own record, absent where no device recorded it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np

from pat_core.cohorts.kept.checked_rows import identity_of, remembered
from pat_core.errors import WorkspaceError
from pat_core.files import open_private
from pat_core.records import Week

WEEKS = "weeks.npy"
_TRUTH_NAME = re.compile(r"[a-z0-9_]{1,60}")


@dataclass(frozen=True)
class Written:
    """What was written of a cohort's weeks. weeks: without their values; identities: sha256 of each one's (minutes,) float32 bytes,
    little-endian; worn: of its flags of wear, None where it has none; truth: name -> sha256 of its file."""

    weeks: list[Week]
    identities: list[str]
    worn: list[str | None]
    minutes: int
    truth: dict[str, str] = field(default_factory=dict)


def write_weeks(folder: Path, weeks: Sequence[Week]) -> Written:
    """Writes weeks.npy week by week, so that a lazy sequence is never whole in memory, and worn.npy where a device said when it was worn.

    WorkspaceError where there is none, or where they differ in length.
    """
    count = len(weeks)
    bare: list[Week] = []
    identities: list[str] = []
    flags: list[str | None] = []
    minutes = 0
    # Plain writes, not a memmap: a full disk must be an error here, not a signal that kills the process.
    with open_private(folder / WEEKS, "wb") as file, WornFile(folder, count) as worn:
        for row, week in enumerate(weeks):
            values = np.ascontiguousarray(week.values, dtype="<f4")
            if row == 0:
                minutes = _check_first(week, values)
                header = {"descr": "<f4", "fortran_order": False, "shape": (count, minutes)}
                np.lib.format.write_array_header_1_0(file, header)
            if values.shape != (minutes,):
                raise WorkspaceError(
                    f"Expected weeks of {minutes} minutes each, got {values.shape} for {week.participant}. Import them as two cohorts."
                )
            file.write(values.data)
            flags.append(worn.add(row, week, minutes))
            bare.append(_without_values(week))
            identities.append(identity_of(values))
        file.flush()
        os.fsync(file.fileno())
    if not bare or len(bare) != count:
        raise WorkspaceError(f"Expected at least one week and as many as were announced ({count}), got {len(bare)}. Nothing was stored.")
    return Written(bare, identities, flags, minutes)


def _check_first(week: Week, values: np.ndarray) -> int:
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


def open_weeks(folder: Path, cohort: str, shape: tuple[int, int], private: bool = False) -> np.memmap:
    """weeks.npy as a memory map of the shape that the database knows, read-only or private (see `open_array`)."""
    array = open_array(folder / WEEKS, cohort, private)
    if array.shape != shape or array.dtype != np.dtype("<f4"):
        raise WorkspaceError(
            f"Expected {shape} float32 values for cohort {cohort!r}, found {array.shape} {array.dtype} in {folder / WEEKS}. "
            "The file is damaged: delete the cohort and import it again."
        )
    return array


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


def copy_rows(old: Path, new: Path, rows: Sequence[int]) -> str:
    """Writes these rows of one array, in this order, as another; sha256 of the new file. ValueError where the old one is no array."""
    array = np.load(old, mmap_mode="r", allow_pickle=False)
    header = {"descr": np.lib.format.dtype_to_descr(array.dtype), "fortran_order": False, "shape": (len(rows), *array.shape[1:])}
    with open_private(new, "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for row in rows:
            file.write(array[row : row + 1].tobytes())
        file.flush()
        os.fsync(file.fileno())
    return _sha256(new)


WORN = "worn.npy"
OFF, ON, UNKNOWN = 0, 1, 2


class WornFile:
    """Written row by row with the weeks. The file begins with the first week that has flags; those before it are filled in as unknown."""

    def __init__(self, folder: Path, weeks: int) -> None:
        self.path, self.weeks = folder / WORN, weeks
        self._file: IO[bytes] | None = None
        self._open = ExitStack()

    def __enter__(self) -> WornFile:
        return self

    def add(self, row: int, week: Week, minutes: int) -> str | None:
        """One week, in order; the sha256 of its flags, None where it has none. WorkspaceError where they are of another length than its
        values."""
        if week.worn is not None and np.shape(week.worn) != (minutes,):
            raise WorkspaceError(
                f"Expected a flag for each of {minutes} minutes of {week.participant}, got {np.shape(week.worn)}. Read the file again."
            )
        if self._file is None and week.worn is None:
            return None
        if self._file is None:
            self._file = self._open.enter_context(open_private(self.path, "wb"))
            header = {"descr": "|u1", "fortran_order": False, "shape": (self.weeks, minutes)}
            np.lib.format.write_array_header_1_0(self._file, header)
            for _ in range(row):
                self._file.write(np.full(minutes, UNKNOWN, np.uint8).data)
        flags = np.full(minutes, UNKNOWN, np.uint8) if week.worn is None else np.where(week.worn, ON, OFF).astype(np.uint8)
        self._file.write(flags.data)
        return None if week.worn is None else identity_of(flags)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._open:
            if self._file is not None and kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())


def check_shape(array: np.ndarray, cohort: str, shape: tuple[int, int]) -> None:
    """WorkspaceError where worn.npy does not hold a flag for every minute of the cohort."""
    if array.shape != shape or array.dtype != np.uint8:
        raise WorkspaceError(
            f"Expected {shape} flags of wear for cohort {cohort!r}, found {array.shape} {array.dtype}. The file is damaged: delete the "
            "cohort and import it again."
        )


def flags_of(row: np.ndarray) -> np.ndarray | None:
    """(minutes,) bool of one row of worn.npy; None where the week's device had no flags."""
    flags = np.array(row)
    return None if (flags == UNKNOWN).all() else flags != OFF
