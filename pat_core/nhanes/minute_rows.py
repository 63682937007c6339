"""A .npy of rows that is written and read a few rows at a time, without a memory map: mapped pages would count as memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np

from pat_core.errors import WeekError

ROWS_AT_ONCE = 256
WEEKS, FLAGS = "<f4", "|b1"
"""What the rows hold: float32 values, or a bool a minute."""


class Rows:
    """(rows, minutes) on disk, float32 unless `kind` says otherwise. Indexing by a slice, a number or numbers reads just these."""

    ndim = 2

    def __init__(self, path: Path, kind: str = WEEKS) -> None:
        self.path, self._kind = path, np.dtype(kind)
        try:
            with path.open("rb") as file:
                version = np.lib.format.read_magic(file)
                header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
                self.shape, fortran, stored_kind = header(file)
                self._offset = file.tell()
            if fortran or stored_kind != self._kind or len(self.shape) != 2:
                raise ValueError("it holds something else")
            self._row_bytes = self._kind.itemsize * self.shape[1]
            if path.stat().st_size != self._offset + self._row_bytes * self.shape[0]:
                raise ValueError("it is incomplete")
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise WeekError(
                f"{path} should hold weeks as (people, minutes) {self._kind}, but cannot be read: {error}. Delete its folder and run the "
                "command again."
            ) from error

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, chosen: slice | int | np.ndarray) -> np.ndarray:
        numbers = np.arange(self.shape[0])[chosen]
        rows = np.empty((np.size(numbers), self.shape[1]), self._kind)
        with self.path.open("rb", buffering=0) as file:
            for row, number in zip(rows, np.atleast_1d(numbers), strict=True):
                file.seek(self._offset + self._row_bytes * int(number))
                file.readinto(memoryview(row).cast("B"))
        return rows[0] if np.ndim(numbers) == 0 else rows


class RowFile:
    """Writes rows of minutes as they come. The header, of fixed length, is written last: how many they were."""

    def __init__(self, path: Path, minutes: int, kind: str = WEEKS) -> None:
        self.minutes, self.kind, self.count = minutes, kind, 0
        self._file = path.open("wb")
        self._file.write(self._header())

    def __enter__(self) -> RowFile:
        return self

    def add(self, row: np.ndarray) -> None:
        """(minutes,) of the next row."""
        self._file.write(np.ascontiguousarray(row, self.kind).data)
        self.count += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._file as file:
            file.seek(0)
            file.write(self._header())

    def _header(self) -> bytes:
        """A .npy header of 128 bytes, whatever the count."""
        text = f"{{'descr': '{self.kind}', 'fortran_order': False, 'shape': ({self.count}, {self.minutes}), }}"
        return b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + text.ljust(117).encode() + b"\n"


def map_rows(source: Rows, path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Write change(rows) of a few rows after another."""
    with RowFile(path, source.shape[1]) as file:
        for begin in range(0, len(source), ROWS_AT_ONCE):
            for row in change(source[begin : begin + ROWS_AT_ONCE]):
                file.add(row)
