"""Records of an ActiGraph log.bin: a separator, type, time and size, the payload, a checksum. What is damaged is skipped and counted."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np

from pat_core.plurals import counted

SEPARATOR = 0x1E
HEAD = 8
MOST_PAYLOAD = 16384
"""Longer payloads are no records."""
BYTES_AT_ONCE = 1024**2
CHECKED = (0, 3, 13, 26)
"""Types whose checksum is always looked at; the others only where what follows is no record."""


@dataclass(frozen=True)
class Record:
    """kind: its type number; time: seconds since 1970 by the device's clock; payload: its bytes."""

    kind: int
    time: int
    payload: bytes


@dataclass
class Damage:
    """How far the reading is, and what was met: bytes that belong to no record, records with a wrong checksum, a file that breaks off."""

    read: int = 0
    records: int = 0
    stray: int = 0
    wrong: int = 0
    cut: bool = False

    def sentences(self) -> list[str]:
        sentences = []
        if self.wrong:
            sentences.append(f"{counted(self.wrong, 'record')} of log.bin left out: wrong checksum.")
        if self.stray:
            sentences.append(f"{counted(self.stray, 'byte')} of log.bin skipped: part of no record.")
        if self.cut:
            sentences.append("log.bin is incomplete; what came before the break was read.")
        return sentences


def records(stream: IO[bytes], damage: Damage) -> Iterator[Record]:
    """Every sound record in the file's order; `damage` is filled on the way. Zeros between records are allowed, as the maker says."""
    data, at, more = b"", 0, True
    while True:
        if more and len(data) - at < HEAD + MOST_PAYLOAD + 2:
            fresh = stream.read(BYTES_AT_ONCE)
            more = bool(fresh)
            damage.read += len(fresh)
            data, at = data[at:] + fresh, 0
        if at >= len(data):
            return
        if data[at] != SEPARATOR:
            at = _skip(data, at, damage)
            continue
        record, length = _record(data, at, damage)
        if length == 0:
            if not more and len(data) - at < HEAD + 1:
                damage.cut = True
                return
            damage.stray += 1
            at += 1
        elif at + length > len(data):
            damage.cut = True
            return
        else:
            at += length
            damage.records += 1
            if record is not None:
                yield record


def _skip(data: bytes, at: int, damage: Damage) -> int:
    """Where the next separator stands, or the data ends."""
    next_separator = data.find(bytes([SEPARATOR]), at)
    next_separator = len(data) if next_separator < 0 else next_separator
    damage.stray += next_separator - at - data.count(0, at, next_separator)
    return next_separator


def _record(data: bytes, at: int, damage: Damage) -> tuple[Record | None, int]:
    """The record here (None where its checksum is wrong) and its length in bytes; length 0 where there is none after all."""
    if len(data) - at < HEAD + 1:
        return None, 0
    kind, time, size = struct.unpack_from("<BIH", data, at + 1)
    if size > MOST_PAYLOAD:
        return None, 0
    length = HEAD + size + 1
    if at + length > len(data):
        return None, length
    followed = at + length == len(data) or data[at + length] in (SEPARATOR, 0)
    if not followed or kind in CHECKED:
        whole = np.frombuffer(data, np.uint8, length, at)
        # All bytes with their complement at the end leave every bit set.
        if np.bitwise_xor.reduce(whole) != 0xFF:
            if followed:
                damage.wrong += 1
            return None, length if followed else 0
    return Record(kind, time, data[at + HEAD : at + HEAD + size]), length


def twelve_bits(data: bytes) -> np.ndarray:
    """(n,) int32 of signed numbers of 12 bits, the most significant first: two in three bytes; an odd last one needs a byte and a half."""
    whole = np.frombuffer(data.ljust(-(-len(data) // 3) * 3, b"\x00"), np.uint8).astype(np.int32).reshape(-1, 3)
    numbers = np.stack((whole[:, 0] << 4 | whole[:, 1] >> 4, (whole[:, 1] & 15) << 8 | whole[:, 2]), axis=1).reshape(-1)
    numbers -= (numbers & 0x800) << 1
    return numbers[: len(data) * 8 // 12]
