"""SAS transport files, version 5, as a stream of NumPy columns: memory stays bounded by the block, not by the file.

Layout (SAS technical paper TS-140): 80-byte cards; a NAMESTR record of 140 bytes (136 on VAX) a variable gives its type, length, name and
place in the row; rows follow one another, padded with blanks to a full card; numbers are IBM floats, big-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from ..errors import RecordingError

CARD = 80
MAGIC = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"
MAGIC_V8 = b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!"
ROWS_AT_ONCE = 131072


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


def read_layout(stream: BinaryIO) -> Layout:
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
    return Layout(variables, max(variable.position + variable.length for variable in variables))


def read_columns(stream: BinaryIO, layout: Layout, names: Sequence[str], rows_at_once: int = ROWS_AT_ONCE) -> Iterator[np.ndarray]:
    """Blocks of the named numeric columns from the first row on: (rows, names) float64, missing values NaN.

    Blank padding after the last row is left out. Raises RecordingError where the file ends inside a row.
    """
    chosen = [next(variable for variable in layout.variables if variable.name == name) for name in names]
    size, held = layout.row_bytes, b""
    while True:
        more = stream.read(rows_at_once * size)
        held += more
        # The last card's worth is held back until the end is seen, for it may be padding.
        count = len(held) // size if not more else max(0, len(held) - CARD) // size
        rows = np.frombuffer(held, np.uint8, count=count * size).reshape(-1, size)
        held = held[count * size :]
        if not more:
            rows = rows[: rows.shape[0] - _padding(rows)]
        if rows.shape[0]:
            yield np.stack([ibm_floats(rows[:, v.position : v.position + v.length]) for v in chosen], axis=1)
        if not more:
            if held.strip(b" "):
                raise _damaged(f"it ends inside a row, {len(held)} of {size} bytes into it")
            return


def ibm_floats(cells: np.ndarray) -> np.ndarray:
    """(n,) float64 of (n, 2 to 8) bytes: sign, exponent of 16 with bias 64, fraction of up to 56 bits. SAS' missing codes give NaN."""
    wide = np.zeros((cells.shape[0], 8), np.uint8)
    wide[:, : cells.shape[1]] = cells
    bits = wide.view(">u8").ravel().astype(np.uint64)
    fraction = bits & np.uint64(0x00FFFFFFFFFFFFFF)
    first = wide[:, 0]
    exponent = (first & 0x7F).astype(np.int32)
    values = np.ldexp(fraction.astype(np.float64), 4 * (exponent - 64) - 56)
    values[first >= 0x80] *= -1
    # ".", "_" and A to Z over an empty fraction are the 28 ways to say missing.
    letters = (first == 0x2E) | (first == 0x5F) | ((first >= 0x41) & (first <= 0x5A))
    values[letters & (fraction == 0)] = np.nan
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


def _card(stream: BinaryIO, expected: bytes) -> bytes:
    card = _take(stream, CARD)
    if not card.startswith(expected):
        raise _damaged(f"the card “{expected[20:28].decode().strip()}” is not where it belongs")
    return card


def _take(stream: BinaryIO, count: int) -> bytes:
    taken = stream.read(count)
    if len(taken) < count:
        raise _damaged("it ends inside its header")
    return taken


def _damaged(how: str) -> RecordingError:
    return RecordingError(f"A SAS transport file of version 5 was expected, but {how}. Download or export the file again.")
