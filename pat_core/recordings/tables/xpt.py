"""SAS transport files, version 5, as a stream of NumPy columns: memory stays bounded by the block, not by the file.

Layout (SAS technical paper TS-140): 80-byte cards; a NAMESTR record of 140 bytes (136 on VAX) a variable gives its type, length, name and
place in the row; rows follow one another, padded with blanks to a full card; numbers are IBM floats, big-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from pat_core.errors import RecordingError

CARD = 80
MAGIC = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"
MAGIC_V8 = b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!"
BLOCK_BYTES = 2 * 1024**2
"""Rows are taken in blocks of about this size: large enough for NumPy, small enough to stay near the processor."""
WIDEST_ROW = 16 * 1024**2
"""A header that claims a longer row is damaged: NHANES' widest tables have rows of a few thousand bytes."""

_FRACTION = np.uint64(0x00FFFFFFFFFFFFFF)
_FIRST = np.arange(256)
_SCALE = np.where(_FIRST < 128, 1.0, -1.0) * np.ldexp(1.0, 4 * ((_FIRST & 0x7F) - 64) - 56)
"""By the first byte of an IBM float, the power of two that its fraction is multiplied by, with the sign: multiplying is exact."""
_MISSING = np.isin(_FIRST, [0x2E, 0x5F, *range(0x41, 0x5B)])
"""First bytes ".", "_" and A to Z: over an empty fraction they are the 28 ways to say missing."""


@dataclass(frozen=True)
class Variable:
    """One column: its name (upper case), place and length in the row in bytes, and whether it holds numbers."""

    name: str
    position: int
    length: int
    numeric: bool


@dataclass(frozen=True)
class Layout:
    """The file's columns, and the length of a row in bytes."""

    variables: tuple[Variable, ...]
    row_bytes: int

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in the file's order."""
        return tuple(variable.name for variable in self.variables)


def read_layout(stream: IO[bytes]) -> Layout:
    """Read the header and leave the stream at the first row. Raises RecordingError where it is not version 5 or breaks off."""
    _card(stream, MAGIC)
    _take(stream, 2 * CARD)
    member = _card(stream, b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!")
    _card(stream, b"HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!")
    _take(stream, 2 * CARD)
    names = _card(stream, b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!")
    try:
        length, count = int(member[74:78]), int(names[54:58])
    except ValueError as error:
        raise _damaged("its header gives no number of columns") from error
    if length not in (136, 140) or count < 1:
        raise _damaged("its header gives no columns")
    records = _take(stream, -(-length * count // CARD) * CARD)
    variables = tuple(_variable(records[i * length : (i + 1) * length]) for i in range(count))
    _card(stream, b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!")
    row_bytes = max(variable.position + variable.length for variable in variables)
    if row_bytes > WIDEST_ROW:
        raise _damaged(f"its header claims rows of {row_bytes:,} bytes")
    return Layout(variables, row_bytes)


def read_columns(stream: IO[bytes], layout: Layout, names: Sequence[str], rows_at_once: int | None = None) -> Iterator[np.ndarray]:
    """Blocks of the named numeric columns from the first row on: (rows, names) float64, missing values NaN.

    Blank padding after the last row is left out. Raises RecordingError where the file ends inside a row.
    """
    for block in read_blocks(stream, layout, names, rows_at_once):
        yield np.stack([block[name] for name in names], axis=1)


def read_blocks(
    stream: IO[bytes], layout: Layout, names: Sequence[str] | None = None, rows_at_once: int | None = None
) -> Iterator[dict[str, np.ndarray]]:
    """Blocks of rows, a dict of the named columns (default all): numbers (rows,) float64, missing NaN; text (rows,) bytes, blanks kept.

    One block is held at a time, BLOCK_BYTES of the file unless rows_at_once says otherwise. Raises RecordingError where the file ends
    inside a row.
    """
    wanted = layout.names if names is None else names
    chosen = [next(variable for variable in layout.variables if variable.name == name) for name in wanted]
    for rows in _rows(stream, layout.row_bytes, rows_at_once or max(1, BLOCK_BYTES // layout.row_bytes)):
        yield {variable.name: _column(rows, variable) for variable in chosen}


def _rows(stream: IO[bytes], size: int, rows_at_once: int) -> Iterator[np.ndarray]:
    """(rows, size) bytes, block after block, in one buffer that the next block overwrites; padding left out."""
    buffer = bytearray(rows_at_once * size + CARD)
    view, filled, ended = memoryview(buffer), 0, False
    while not ended:
        while filled < len(buffer) and not ended:
            got = stream.readinto(view[filled:])  # type: ignore[attr-defined]  # typing.IO forgets it; binary files have it
            filled, ended = filled + got, not got
        # Until the end is seen, the last card's worth is held back, for it may be padding.
        count = filled // size if ended else (filled - CARD) // size
        rows = np.frombuffer(buffer, np.uint8, count=count * size).reshape(-1, size)
        if ended:
            rows = rows[: rows.shape[0] - _padding(rows)]
        if rows.shape[0]:
            yield rows
        rest = bytes(view[count * size : filled])
        view[: len(rest)] = rest
        filled = len(rest)
    if rest.strip(b" "):
        raise _damaged(f"it ends inside a row, {len(rest)} of {size} bytes into it")


def _column(rows: np.ndarray, variable: Variable) -> np.ndarray:
    cells = rows[:, variable.position : variable.position + variable.length]
    if variable.numeric:
        return ibm_floats(cells)
    return np.array(cells, order="C").view(f"S{variable.length}")[:, 0]  # a copy: the next block overwrites the buffer


def ibm_floats(cells: np.ndarray) -> np.ndarray:
    """(n,) float64 of (n, 2 to 8) bytes: sign, exponent of 16 with bias 64, fraction of up to 56 bits. SAS' missing codes give NaN."""
    if cells.shape[1] < 8:
        wide = np.zeros((cells.shape[0], 8), np.uint8)
        wide[:, : cells.shape[1]] = cells
        cells = wide
    fraction = cells.view(">u8")[:, 0].astype(np.uint64)
    fraction &= _FRACTION
    first = cells[:, 0].copy()
    # Signed, for that conversion is the faster one; the fraction never reaches the sign.
    values = fraction.view(np.int64).astype(np.float64)
    values *= _SCALE[first]
    empty = (fraction == 0) & (first != 0)
    if empty.any():
        values[empty] = np.where(_MISSING[first[empty]], np.nan, 0.0)
    return values


def _padding(rows: np.ndarray) -> int:
    """How many whole rows at the end are blank padding of the last card."""
    most = min(rows.shape[0], CARD // max(rows.shape[1], 1))
    count = 0
    while count < most and bool(np.all(rows[rows.shape[0] - 1 - count] == 0x20)):
        count += 1
    return count


def _variable(record: bytes) -> Variable:
    kind, _, length = struct.unpack(">hhh", record[:6])
    position = struct.unpack(">i", record[84:88])[0]
    name = record[8:16].decode("ascii", errors="replace").strip().upper()
    if kind not in (1, 2) or position < 0 or length < 1 or (kind == 1 and not 2 <= length <= 8):
        raise _damaged(f"its column {name!r} has no valid type, length and place")
    return Variable(name, position, length, kind == 1)


def _card(stream: IO[bytes], expected: bytes) -> bytes:
    card = _take(stream, CARD)
    if not card.startswith(expected):
        raise _damaged(f"the card “{expected[20:28].decode().strip()}” is out of place")
    return card


def _take(stream: IO[bytes], count: int) -> bytes:
    taken = stream.read(count)
    if len(taken) < count:
        raise _damaged("it ends inside its header")
    return taken


def _damaged(how: str) -> RecordingError:
    return RecordingError(f"A SAS transport file of version 5 was expected, but {how}. Download or export the file again.")
