"""GENEActiv (.bin): a header in words, then pages of ten lines, the last of them 300 samples in hexadecimal digits."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO

import numpy as np

from pat_core.progress import Progress
from pat_core.recordings.raw.stream import Blocks, RawFile
from pat_core.recordings.source import Source, refuse_unless, required

PAGE = b"Recorded Data"
SAMPLES, DIGITS = 300, 12
"""Samples in a page; hexadecimal digits in a sample: 12 bits an axis, then light and button."""
PAGES_AT_ONCE = 512
MOST_LINES, MOST_HEADER, MOST_BYTES = 20, 400, 65536
"""More lines to a page, lines to the header or bytes to a line are no GENEActiv file."""
_STAMP = re.compile(rb"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})[:.](\d{1,3})")
_EPOCH = datetime(1970, 1, 1)


def recognises(head: bytes, filename: str) -> bool:
    """The header's first line and the maker's name."""
    return head.lstrip(b"\xef\xbb\xbf").startswith(b"Device Identity") and b"GENEActiv" in head[:1000]


@contextmanager
def opened(source: Source, progress: Progress) -> Iterator[RawFile]:
    """The file with its pages still to be read. Raises RecordingError where the header lacks rate or calibration."""
    with source.open() as stream:
        facts, read = _header(stream)
        rate = _number(facts, "Measurement Frequency")
        refuse_unless(5 <= rate <= 1000, f"The header gives a measurement frequency of {rate:g} Hz; 10 to 100 were expected.")
        gain = np.array([_number(facts, f"{axis} gain") for axis in "xyz"])
        offset = np.array([_number(facts, f"{axis} offset") for axis in "xyz"])
        refuse_unless(bool((gain != 0).all()), "The header gives a gain of 0. Extract the recording from the device again.")
        zone = re.search(r"[+-]\d\d:\d\d", facts.get("Time Zone", ""))
        file = RawFile(
            device="GENEActiv",
            rate=rate,
            blocks=iter(()),
            serial=facts.get("Device Unique Serial Code") or None,
            placement=facts.get("Device Location Code") or None,
            utc_offset=zone[0] if zone else None,
        )
        file.blocks = _blocks(stream, file, gain, offset, facts.get("Number of Pages"), source.size, read, progress)
        yield file


def _header(stream: IO[bytes]) -> tuple[dict[str, str], int]:
    """Names and values of the header, up to the first page; how many bytes that was."""
    facts: dict[str, str] = {}
    read = 0
    for _ in range(MOST_HEADER):
        line = stream.readline(MOST_BYTES)
        read += len(line)
        if not line or line.startswith(PAGE):
            break
        name, _, value = line.decode("latin-1").partition(":")
        facts.setdefault(name.strip(), value.strip(" \x00\r\n\t"))
    return facts, read


def _number(facts: dict[str, str], name: str) -> float:
    match = required(
        re.match(r"-?\d+(?:[.,]\d+)?", facts.get(name, "")),
        f"The header was expected to give a number as “{name}”; it says “{facts.get(name, '')[:40]}”. Extract the recording again.",
    )
    return float(match[0].replace(",", "."))


def _blocks(
    stream: IO[bytes], file: RawFile, gain: np.ndarray, offset: np.ndarray, claimed: str | None, size: int, read: int, progress: Progress
) -> Iterator[Blocks]:
    starts: list[float] = []
    packed: list[bytes] = []
    pages, damaged = 0, 0
    for page in _pages(stream):
        pages += 1
        read += sum(map(len, page)) + len(PAGE) + 2
        samples = _page(page, file.rate)
        if samples is None:
            damaged += 1
        else:
            starts.append(samples[0])
            packed.append(samples[1])
        if len(starts) >= PAGES_AT_ONCE:
            yield _unpacked(starts, packed, gain, offset)
            starts, packed = [], []
            progress.at(min(read / max(size, 1), 1.0), "Reading samples")
    if starts:
        yield _unpacked(starts, packed, gain, offset)
    if damaged:
        file.notes.append(f"{damaged} of {pages} pages of {SAMPLES} samples left out: damaged or incomplete.")
    if claimed and claimed.isdigit() and int(claimed) > pages:
        file.notes.append(
            f"The header announces {int(claimed)} pages, the file holds {pages}: it is cut short, or the device stopped early."
        )


def _pages(stream: IO[bytes]) -> Iterator[list[bytes]]:
    """The lines of each page, without the line that begins it."""
    page: list[bytes] = []
    for line in iter(lambda: stream.readline(MOST_BYTES), b""):
        if line.startswith(PAGE):
            yield page
            page = []
        elif len(page) < MOST_LINES:
            page.append(line)
    if page:
        yield page


def _page(lines: list[bytes], rate: float) -> tuple[float, bytes] | None:
    """Start in seconds since 1970 and the packed bytes of its 300 samples; None where anything of it is missing or wrong."""
    start: float | None = None
    digits = b""
    for line in lines:
        name, colon, value = line.strip().partition(b":")
        if not colon:
            digits = name or digits
        elif name == b"Page Time":
            start = _seconds(value)
        elif name == b"Measurement Frequency" and not _same_rate(value, rate):
            return None
    if start is None or len(digits) != SAMPLES * DIGITS:
        return None
    try:
        return start, binascii.unhexlify(digits)
    except ValueError:
        return None


def _same_rate(value: bytes, rate: float) -> bool:
    try:
        return abs(float(value.replace(b",", b".")) - rate) < 0.06
    except ValueError:
        return False


def _seconds(text: bytes) -> float | None:
    match = _STAMP.match(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, thousandth = map(int, match.groups())
    try:
        return (datetime(year, month, day, hour, minute, second) - _EPOCH).total_seconds() + thousandth / 1000
    except ValueError:
        return None


def _unpacked(starts: list[float], packed: list[bytes], gain: np.ndarray, offset: np.ndarray) -> Blocks:
    """Three signed numbers of 12 bits a sample; g = (100 number - offset) / gain, by the device's own calibration."""
    data = np.frombuffer(b"".join(packed), np.uint8).reshape(-1, DIGITS // 2).astype(np.int32)
    x, y = data[:, 0] << 4 | data[:, 1] >> 4, (data[:, 1] & 15) << 8 | data[:, 2]
    z = data[:, 3] << 4 | data[:, 4] >> 4
    raw = np.stack((x, y, z), axis=1)
    raw -= (raw & 0x800) << 1
    xyz = ((100.0 * raw - offset) / gain).astype(np.float32)
    count = len(starts)
    return Blocks(np.array(starts), np.full(count, SAMPLES), xyz, np.zeros(count, bool))
