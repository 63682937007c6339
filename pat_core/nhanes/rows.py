"""A .npy of float32 rows that is written and read a few rows at a time, without a memory map: mapped pages would count as memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from pat_core.errors import WeekError

ROWS_AT_ONCE = 256


class Rows:
    """(rows, minutes) float32 on disk. Indexing by a slice, a number or numbers reads just these."""

    ndim = 2

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                version = np.lib.format.read_magic(file)
                header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
                self.shape, fortran, kind = header(file)
                self._offset = file.tell()
            if fortran or kind != np.dtype("<f4") or len(self.shape) != 2:
                raise ValueError("it holds something else")
            if path.stat().st_size != self._offset + 4 * self.shape[0] * self.shape[1]:
                raise ValueError("it breaks off")
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise WeekError(
                f"{path} should hold weeks as (people, minutes) float32, and cannot be read: {error}. Delete its folder and give the "
                "command again."
            ) from error
        self.path = path

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, chosen: slice | int | np.ndarray) -> np.ndarray:
        numbers = np.arange(self.shape[0])[chosen]
        rows = np.empty((np.size(numbers), self.shape[1]), "<f4")
        with self.path.open("rb", buffering=0) as file:
            for row, number in zip(rows, np.atleast_1d(numbers), strict=True):
                file.seek(self._offset + 4 * self.shape[1] * int(number))
                file.readinto(memoryview(row).cast("B"))
        return rows[0] if np.ndim(numbers) == 0 else rows


def write_rows(path: Path, rows: Iterable[np.ndarray], minutes: int) -> int:
    """Write rows as they come; how many they were. The header, of fixed length, is written last."""
    count = 0
    with path.open("wb") as file:
        file.write(_header(0, minutes))
        for row in rows:
            file.write(np.ascontiguousarray(row, "<f4").data)
            count += 1
        file.seek(0)
        file.write(_header(count, minutes))
    return count


def map_rows(source: Rows, path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Write change(rows) of a few rows after another."""
    blocks = (source[begin : begin + ROWS_AT_ONCE] for begin in range(0, len(source), ROWS_AT_ONCE))
    write_rows(path, (row for block in blocks for row in change(block)), source.shape[1])


def _header(count: int, minutes: int) -> bytes:
    """A .npy header of 128 bytes, whatever the count."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, {minutes}), }}"
    return b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + text.ljust(117).encode() + b"\n"
