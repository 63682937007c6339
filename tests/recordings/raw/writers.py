"""Small writers of raw accelerometer files, from the makers' published layouts; the tests' own, so that what was written is known."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import reduce
from pathlib import Path

import numpy as np

from pat_core.recordings.source import Source

START = datetime(2024, 3, 1, 10)
SECONDS = int((START - datetime(1970, 1, 1)).total_seconds())


def source(data: bytes, name: str) -> Source:
    return Source(name, name, len(data), lambda: io.BytesIO(data))


def file_of(path: Path) -> Source:
    return Source(path.name, path.name, path.stat().st_size, lambda: path.open("rb"))


def steps(samples: int, seed: int = 0, spread: float = 30.0, gravity: int = 256) -> np.ndarray:
    """(samples, 3) whole numbers of a device that stands upright and shakes."""
    noise = np.random.default_rng(seed).normal(0, spread, (samples, 3))
    return np.rint(noise + [0, -gravity, 0]).astype(np.int64)


# ActiGraph


def record(kind: int, time: int, payload: bytes) -> bytes:
    body = struct.pack("<BBIH", 0x1E, kind, time, len(payload)) + payload
    return body + bytes([~reduce(lambda a, b: a ^ b, body) & 255])


def wide_second(time: int, raw: np.ndarray) -> bytes:
    return record(26, time, raw.astype("<i2").tobytes())


def packed(raw: np.ndarray) -> bytes:
    """Twelve bits a number, in the order y, x, z, written digit by hexadecimal digit and filled up to a whole byte."""
    digits = "".join(f"{int(number) & 0xFFF:03x}" for row in raw for number in (row[1], row[0], row[2]))
    return bytes.fromhex(digits + "0" * (len(digits) % 2))


def packed_second(time: int, raw: np.ndarray) -> bytes:
    return record(0, time, packed(raw))


def gt3x(log: Iterable[bytes] | bytes, rate: int = 30, **facts: str) -> bytes:
    known = {"Serial Number": "TAS1", "Device Type": "Link", "Sample Rate": str(rate), "Acceleration Scale": "256", **facts}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("info.txt", "".join(f"{name}: {value}\r\n" for name, value in known.items() if value))
        archive.writestr("log.bin", log if isinstance(log, bytes) else b"".join(log))
    return out.getvalue()


def oldest(raw: np.ndarray, rate: int = 30, light: int | None = None, start: datetime = START, **facts: str) -> bytes:
    """The oldest kind of file. light: seconds in lux.bin, by default those of the samples."""
    light = raw.shape[0] // rate if light is None else light
    return oldest_of(packed(raw), rate, light, start, **facts)


def oldest_of(activity: bytes, rate: int = 30, light: int = 0, start: datetime = START, **facts: str) -> bytes:
    ticks = int((start - datetime(1, 1, 1)).total_seconds()) * 10_000_000
    known = {
        "Serial Number": "NEO1C16110020",
        "Firmware": "2.2.0",
        "Battery Voltage": "4.25",
        "Sample Rate": str(rate),
        "Start Date": str(ticks),
        "Stop Date": "0",
        "Board Revision": "2",
        "Subject Name": "p1",
        **facts,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("activity.bin", activity)
        archive.writestr("info.txt", "".join(f"{name}: {value}\r\n" for name, value in known.items() if value))
        archive.writestr("lux.bin", bytes(2 * light))
    return out.getvalue()


def seconds(raw: np.ndarray, rate: int, at: int = SECONDS, one: Callable[[int, np.ndarray], bytes] = wide_second) -> list[bytes]:
    return [one(at + i, part) for i, part in enumerate(raw.reshape(-1, rate, 3))]


# Axivity


def cwa_header(annotation: bytes = b"_p=left+wrist") -> bytes:
    head = bytearray(1024)
    head[:5] = b"MD\xfc\x03\x17"
    struct.pack_into("<H", head, 5, 39434)
    struct.pack_into("<H", head, 11, 0xFFFF)
    head[64 : 64 + len(annotation)] = annotation
    return bytes(head)


def cwa_block(at: float, data: bytes, count: int, axes: int = 0x30, rate: float = 100.0, light: int = 0, fine: bool = True) -> bytes:
    """at: seconds after START of the first sample."""
    offset = 0
    if not fine:
        # Whole seconds only: the stamp belongs to the sample that falls on one.
        offset = round((np.ceil(at) - at) * rate)
        at = float(np.ceil(at))
    time = START + timedelta(seconds=int(at // 1))
    part = int(round(at % 1 * 32768)) if fine else 0
    stamp = (time.year - 2000) << 26 | time.month << 22 | time.day << 17 | time.hour << 12 | time.minute << 6 | time.second
    body = struct.pack(
        "<2sHHIIIHHBBBBhH",
        b"AX",
        508,
        0x8000 | part if fine else 7,
        1,
        0,
        stamp,
        light,
        0,
        0,
        0,
        15 - int(np.log2(3200 / rate)),
        axes,
        offset - (part * 2 * int(rate) >> 16),
        count,
    ) + data.ljust(480, b"\x00")
    total = sum(struct.unpack("<255H", body)) & 0xFFFF
    return body + struct.pack("<H", -total & 0xFFFF)


def packed_120(raw: np.ndarray) -> bytes:
    """Ten bits an axis and no exponent."""
    return b"".join(struct.pack("<I", (int(x) & 1023) | (int(y) & 1023) << 10 | (int(z) & 1023) << 20) for x, y, z in raw)


def cwa(raw: np.ndarray, rate: float = 100.0, speed: float = 1.0, lost: Iterable[int] = (), fine: bool = True) -> bytes:
    """A file of blocks of 120; speed: of the sensor's clock, against the nominal rate; lost: blocks that were never written."""
    blocks = (
        cwa_block(120 * i / rate / speed, packed_120(raw[120 * i : 120 * i + 120]), 120, rate=rate, fine=fine)
        for i in range(raw.shape[0] // 120)
        if i not in set(lost)
    )
    return cwa_header() + b"".join(blocks)


# GENEActiv

GAIN, OFFSET = (25600, 25500, 25700), (400, -600, -3000)


def bin_header(rate: str = "100 Hz", pages: int = 1, **changed: str) -> str:
    facts = {
        "Device Identity": "",
        "Device Unique Serial Code": "012967",
        "Device Type": "GENEActiv",
        "Measurement Frequency": rate,
        "Device Location Code": "left wrist",
        **{f"{axis} gain": GAIN[i] for i, axis in enumerate("xyz")},
        **{f"{axis} offset": OFFSET[i] for i, axis in enumerate("xyz")},
        "Number of Pages": pages,
        **changed,
    }
    return "".join(f"{name}:{value}\r\n" if name != "Device Identity" else "Device Identity\r\n" for name, value in facts.items()) + "\r\n"


def bin_page(at: float, raw: np.ndarray, rate: str = "100.0") -> str:
    time = START + timedelta(seconds=at)
    digits = "".join(f"{int(x) & 4095:03X}{int(y) & 4095:03X}{int(z) & 4095:03X}000" for x, y, z in raw)
    return (
        f"Recorded Data\r\nDevice Unique Serial Code:012967\r\nSequence Number:0\r\nPage Time:{time:%Y-%m-%d %H:%M:%S}:"
        f"{time.microsecond // 1000:03d}\r\nUnassigned:\r\nTemperature:21.5\r\nBattery voltage:4.1\r\nDevice Status:Recording\r\n"
        f"Measurement Frequency:{rate}\r\n{digits}\r\n"
    )


def geneactiv(raw: np.ndarray, rate: float = 100.0, lost: Iterable[int] = ()) -> bytes:
    pages = [
        bin_page(300 * i / rate, raw[300 * i : 300 * i + 300], f"{rate:.1f}") for i in range(raw.shape[0] // 300) if i not in set(lost)
    ]
    return (bin_header(f"{rate:g} Hz", len(pages)) + "".join(pages)).encode()


def in_g(raw: np.ndarray) -> np.ndarray:
    """GENEActiv's calibration of what `geneactiv` writes."""
    return (100.0 * raw - np.array(OFFSET)) / np.array(GAIN)
