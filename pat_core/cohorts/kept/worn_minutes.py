"""When each week's device was worn by its own word: worn.npy, (weeks, minutes) uint8, beside the weeks; absent where no device said it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np

from pat_core.cohorts.kept.checked_rows import identity_of
from pat_core.errors import WorkspaceError
from pat_core.files import open_private
from pat_core.records import Week

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
