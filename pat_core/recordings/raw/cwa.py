"""Axivity AX3 and AX6 (.cwa): a header of 1,024 bytes, then blocks of 512 bytes with a time stamp, 40 to 120 samples and a checksum."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import parse_qs

import numpy as np

from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.raw.stream import Blocks, RawFile
from pat_core.recordings.source import Source, refuse_unless

MAGIC = b"MD\xfc\x03"
HEADER, BLOCK = 1024, 512
BLOCKS_AT_ONCE = 2048
LAYOUT = np.dtype([
    ("tag", "<u2"), ("length", "<u2"), ("fraction", "<u2"), ("session", "<u4"), ("sequence", "<u4"), ("time", "<u4"), ("light", "<u2"),
    ("temperature", "<u2"), ("events", "u1"), ("battery", "u1"), ("code", "u1"), ("axes", "u1"), ("offset", "<i2"), ("count", "<u2"),
    ("data", "u1", 480), ("checksum", "<u2"),
])  # fmt: skip
TAG = int.from_bytes(b"AX", "little")
BLANK = 0xFFFF
PACKED, WIDE, WITH_GYROSCOPE = 0x30, 0x32, 0x62
"""Three axes in 32 bits; three axes, or gyroscope and accelerometer, in 16 bits each."""
SAMPLES = {PACKED: 120, WIDE: 80, WITH_GYROSCOPE: 40}


def recognises(head: bytes, filename: str) -> bool:
    """The header's first bytes, as the recorder writes them."""
    return head.startswith(MAGIC)


@contextmanager
def opened(source: Source, progress: Progress) -> Iterator[RawFile]:
    """The file with its blocks still to be read. Raises RecordingError where the header is not whole or no block is."""
    with source.open() as stream:
        header = stream.read(HEADER)
        refuse_unless(
            len(header) == HEADER and recognises(header, ""),
            f"An Axivity file starts with a header of {HEADER} bytes; this one has {len(header)}. Download it from the recorder again.",
        )
        first = stream.read(BLOCKS_AT_ONCE * BLOCK)
        code, axes = _kind(first)
        upper = struct.unpack_from("<H", header, 11)[0]
        serial = struct.unpack_from("<H", header, 5)[0] + (upper << 16 if upper != 0xFFFF else 0)
        file = RawFile(
            device="Axivity AX6" if header[4] == 0x64 else "Axivity AX3",
            rate=_rate(code),
            blocks=iter(()),
            serial=str(serial),
            placement=_placement(header),
        )
        file.blocks = _blocks(stream, first, code, axes, file, source.size, progress)
        yield file


def _placement(header: bytes) -> str | None:
    """Where it was worn, from the annotation that the set-up software writes (_p=right+wrist)."""
    text = header[64:512].rstrip(b" \x00\xff").decode("ascii", errors="replace")
    return next(iter(parse_qs(text).get("_p", [])), None)


def _rate(code: int) -> float:
    return 3200 / (1 << (15 - (code & 15)))


def _kind(first: bytes) -> tuple[int, int]:
    """Rate code and sample layout of the first block that is whole."""
    blocks = _view(first)
    good = np.flatnonzero(_intact(blocks))
    refuse_unless(
        good.size > 0,
        f"Blocks of samples with a correct checksum were expected; the first {blocks.size} after the header have none. Download the file "
        "from the recorder again.",
    )
    code, axes = int(blocks["code"][good[0]]), int(blocks["axes"][good[0]])
    refuse_unless(
        axes in SAMPLES and code & 15 >= 6,
        f"The first block says its samples are laid out as {axes:#04x} with the rate code {code:#04x}, which no known firmware writes. "
        "Export the recording from OMGUI as resampled CSV or as 60-second epochs.",
    )
    return code, axes


def _view(data: bytes) -> np.ndarray:
    return np.frombuffer(data, LAYOUT, count=len(data) // BLOCK)


def _intact(blocks: np.ndarray) -> np.ndarray:
    """(blocks,) bool: tag, length and checksum are right (all 16-bit words add up to nothing)."""
    words = blocks.view("<u2").reshape(-1, BLOCK // 2)
    return (blocks["tag"] == TAG) & (blocks["length"] == BLOCK - 4) & (words.sum(axis=1, dtype=np.uint16) == 0)


def _blocks(stream: IO[bytes], data: bytes, code: int, axes: int, file: RawFile, size: int, progress: Progress) -> Iterator[Blocks]:
    damaged, other, read = 0, 0, HEADER
    while data:
        blocks = _view(data)
        cut = len(data) % BLOCK
        read += len(data)
        written = blocks["tag"] != BLANK
        starts = _starts(blocks, _rate(code))
        intact = _intact(blocks) & np.isfinite(starts)
        same_layout = (blocks["code"] == code) & (blocks["axes"] == axes) & (blocks["count"] > 0) & (blocks["count"] <= SAMPLES[axes])
        damaged += int((written & ~intact).sum())
        other += int((intact & ~same_layout).sum())
        usable = intact & same_layout
        if usable.any():
            chosen = blocks[usable]
            yield Blocks(starts[usable], chosen["count"].astype(np.int64), _samples(chosen, axes), np.zeros(chosen.size, bool))
        progress.at(min(read / max(size, 1), 1.0), "Reading samples")
        if cut:
            file.notes.append(f"The file ends inside a block, {cut} of {BLOCK} bytes into it; that block was left out.")
            break
        data = stream.read(BLOCKS_AT_ONCE * BLOCK)
    if damaged:
        file.notes.append(f"{counted(damaged, 'damaged block')} of {SAMPLES[axes]} samples left out (wrong checksum).")
    if other:
        file.notes.append(f"{counted(other, 'block')} with another sampling rate or layout than the first left out.")


def _starts(blocks: np.ndarray, rate: float) -> np.ndarray:
    """(blocks,) float64 seconds since 1970 of the first samples; NaN where the stamp is no date.

    The stamp holds for the sample number `offset`. Where the device keeps fractions of a second, it has moved that number back by them for
    programs that know only whole seconds, which is undone here.
    """
    stamp = blocks["time"].astype(np.int64)
    year, month, day = 2000 + (stamp >> 26), (stamp >> 22) & 15, (stamp >> 17) & 31
    hour, minute, second = (stamp >> 12) & 31, (stamp >> 6) & 63, stamp & 63
    valid = (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    months = ((year - 1970) * 12 + np.where(valid, month, 1) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + day - 1
    seconds = days * 86400.0 + hour * 3600 + minute * 60 + second
    fine = blocks["fraction"].astype(np.int64)
    parts = np.where(fine & 0x8000, (fine & 0x7FFF) << 1, 0)
    offset = blocks["offset"].astype(np.int64) + ((parts * int(rate)) >> 16)
    return np.where(valid, seconds + parts / 65536 - offset / rate, np.nan)


def _samples(blocks: np.ndarray, axes: int) -> np.ndarray:
    """(samples, 3) float32 g of all blocks, one after another."""
    data = np.ascontiguousarray(blocks["data"])
    if axes == PACKED:
        words = data.view("<u4")
        # Ten bits an axis, brought to the top of a signed word and back so that the sign follows; two bits of common exponent.
        raw = np.stack([(words << np.uint32(shift)).view(np.int32) >> 22 for shift in (22, 12, 2)], axis=2) << (words >> 30)[..., None]
        raw = raw.astype(np.float32) / 256
    else:
        raw = data.view("<i2").reshape(blocks.size, SAMPLES[axes], -1)[..., -3:].astype(np.float32)
        raw /= (256 << (blocks["light"] >> 13).astype(np.int64))[:, None, None].astype(np.float32)
    return raw[np.arange(SAMPLES[axes]) < blocks["count"][:, None]]
