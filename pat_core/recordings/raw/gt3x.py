"""ActiGraph .gt3x: a zip of info.txt and log.bin, whose records hold one second of samples each.

Both kinds of activity record are read: three numbers of 16 bits (type 26), and the older three of 12 bits in the order y, x, z (type 0).
The still older files with activity.bin instead (firmware up to 2.5, as in NHANES 2011-14) are read by gt3x_oldest.py.
Layouts and scale factors are those that the maker publishes; samples are rounded to 0.001 g as it prescribes.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

import numpy as np

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.zones import UTC_NOTE
from pat_core.recordings.raw import gt3x_oldest
from pat_core.recordings.raw.gt3x_log import Damage, Record, records, twelve_bits
from pat_core.recordings.raw.stream import Blocks, RawFile
from pat_core.recordings.source import Source, is_bomb, refuse_unless

EXPORT = "Open it in ActiLife or CentrePoint and export 60-second epochs (.agd or CSV), and import those."
PACKED, EVENT, METADATA, CAPSENSE, WIDE = 0, 3, 6, 13, 26
ASLEEP = 8
"""First byte of the event that idle sleep begins."""
SECONDS_AT_ONCE = 1800
STILL_G = 0.1
"""Range of each axis over a second in which a device lies still."""
SCALES = {"NEO": 341.0, "CLE": 341.0, "MRA": 341.0, "MOS": 256.0, "TAS": 256.0}
"""Steps per g by the beginning of the serial number, where info.txt has no Acceleration Scale."""
MEMBERS = (b"info.txt", b"log.bin", b"activity.bin", b"lux.bin", b"calibration.json", b"metadata.bin", b"epoch.bin", b"battery.bin")


def recognises(head: bytes, filename: str) -> bool:
    """A zip whose first member is one of the device's files."""
    if not head.startswith(b"PK\x03\x04") or len(head) < 30:
        return False
    length = struct.unpack_from("<H", head, 26)[0]
    first = head[30 : 30 + length].lower()
    return first in MEMBERS or (filename.lower().endswith(".gt3x") and any(name in head for name in MEMBERS))


@contextmanager
def opened(source: Source, progress: Progress) -> Iterator[RawFile]:
    """The file with its seconds still to be read. Raises RecordingError where a part is missing or cannot be read."""
    with ExitStack() as stack:
        archive = stack.enter_context(_archive(source, stack))
        names = {name.lower(): name for name in archive.namelist()}
        part = "log.bin" if "log.bin" in names else "activity.bin"
        refuse_unless(
            part in names and "info.txt" in names,
            f"A .gt3x holds info.txt and log.bin; this one holds {', '.join(sorted(names)[:6]) or 'nothing'}. Download it again.",
        )
        with _said_where_damaged():
            facts = _facts(archive.read(_sound(archive, names["info.txt"], 1024**2)))
            member = _sound(archive, names[part], None)
            stream = stack.enter_context(archive.open(member))
        serial = facts.get("serial number", "")
        rate = _number(facts, "sample rate")
        refuse_unless(1 <= rate <= 256 and rate == int(rate), f"info.txt gives a sample rate of {rate:g} Hz; 30 to 100 were expected.")
        file = RawFile(
            device=f"ActiGraph {facts['device type']}" if facts.get("device type") else "ActiGraph",
            rate=rate,
            blocks=iter(()),
            serial=serial or None,
            placement=_placement(facts),
            vertical=1,
            utc_offset=_clean_offset(facts.get("timezone", "")),
        )
        if part == "log.bin":
            file.blocks = _blocks(stream, member.file_size, file, _scale(facts, serial), facts.get("timezone", ""), progress)
        else:
            light = archive.getinfo(names["lux.bin"]).file_size // 2 if "lux.bin" in names else None
            scale = _scale(facts, "") if facts.get("acceleration scale") else gt3x_oldest.SCALE
            file.blocks = gt3x_oldest.blocks((stream, member.file_size), file, scale, gt3x_oldest.start_of(facts), light, progress)
        yield file


def _archive(source: Source, stack: ExitStack) -> zipfile.ZipFile:
    stream = stack.enter_context(source.seekable())
    with _said_where_damaged():
        return zipfile.ZipFile(stream)


@contextmanager
def _said_where_damaged() -> Iterator[None]:
    """What the zip's own parser raises, as a sentence."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError, struct.error) as error:
        raise RecordingError(
            f"The .gt3x is damaged or incomplete: its parts cannot be unpacked ({error}). Download it from the device again."
        ) from None


def _sound(archive: zipfile.ZipFile, name: str, most: int | None) -> zipfile.ZipInfo:
    member = archive.getinfo(name)
    refuse_unless(
        not is_bomb(member.file_size, member.compress_size) and not member.flag_bits & 1 and (most is None or member.file_size <= most),
        f"The part {name} is encrypted or would unpack from {member.compress_size / 1024**2:.1f} MB to {member.file_size / 1024**2:.0f} "
        "MB, which no recording does. Download the file from the device again.",
    )
    return member


def _facts(text: bytes) -> dict[str, str]:
    lines = text.decode("utf-8-sig", errors="replace").splitlines()
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _number(facts: dict[str, str], name: str) -> float:
    try:
        value = float(facts.get(name, "").replace(",", "."))
    except ValueError:
        value = float("nan")
    refuse_unless(np.isfinite(value), f"info.txt was expected to give a number as “{name}”; it says “{facts.get(name, '')[:40]}”. {EXPORT}")
    return value


def _scale(facts: dict[str, str], serial: str) -> float:
    known = SCALES.get(serial[:3].upper(), 0.0)
    scale = _number(facts, "acceleration scale") if facts.get("acceleration scale") else known
    refuse_unless(scale > 0, f"Neither an acceleration scale nor a known serial number (“{serial[:20]}”) shows how large 1 g is. {EXPORT}")
    return scale


def _placement(facts: dict[str, str]) -> str | None:
    """Side and limb as the file has them, in lower case (left wrist)."""
    return " ".join(facts[name].lower() for name in ("side", "limb") if facts.get(name)) or None


def _clean_offset(zone: str) -> str | None:
    """-05:00 of a zone written as -05:00:00."""
    seconds = _offset(zone)
    return None if seconds is None else f"{'-' if seconds < 0 else '+'}{abs(seconds) // 3600:02d}:{abs(seconds) // 60 % 60:02d}"


def _offset(zone: str) -> int | None:
    """Seconds of a zone written as -05:00:00."""
    parts = zone.lstrip("+-").split(":")
    if not 2 <= len(parts) <= 3 or not all(part.isdigit() for part in parts):
        return None
    seconds = sum(int(part) * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    return -seconds if zone.startswith("-") else seconds


class _Seconds:
    """Gathers activity records of one kind until they are enough for a batch."""

    def __init__(self, rate: int, scale: float) -> None:
        self.rate, self.scale = rate, scale
        self.kind: tuple[int, int] = (-1, 0)
        self.times: list[int] = []
        self.bodies: list[bytes] = []
        self.pauses: list[tuple[bool, bool]] = []
        self.asleep, self.plugged, self.events = False, False, False
        self.still_before = False

    def samples(self, kind: int, size: int) -> int:
        """How many samples a record of this kind and size holds."""
        return size // 6 if kind == WIDE else size * 8 // 36

    def add(self, record: Record) -> None:
        self.times.append(record.time)
        self.bodies.append(record.payload)
        self.pauses.append((self.asleep, self.plugged))
        self.asleep = self.plugged = False

    def take(self) -> Blocks:
        """The batch so far. A pause is idle sleep where the device says so; in files without such records, where it lay still before."""
        count = self.samples(*self.kind)
        xyz = np.round(_unpacked(self.kind[0], self.bodies, count) / self.scale, 3).astype(np.float32)
        starts, (asleep, plugged) = np.array(self.times, np.float64), np.array(self.pauses).T
        still = np.ptp(xyz.reshape(-1, count, 3), axis=1).max(axis=1) <= STILL_G
        if not self.events:
            asleep = np.concatenate(([self.still_before], still[:-1]))
        self.still_before = bool(still[-1])
        self.times, self.bodies, self.pauses = [], [], []
        return Blocks(starts, np.full(starts.size, count), xyz, asleep & ~plugged)


def _unpacked(kind: int, bodies: list[bytes], count: int) -> np.ndarray:
    """(samples, 3) float64 of records of one kind and size, in the order x, y, z."""
    if kind == WIDE:
        return np.frombuffer(b"".join(body[: count * 6] for body in bodies), "<i2").reshape(-1, 3).astype(np.float64)
    # An odd last number has its byte and a half to itself.
    length = -(-count * 36 // 24) * 3
    raw = twelve_bits(b"".join(body[:length].ljust(length, b"\x00") for body in bodies)).reshape(len(bodies), -1)
    return raw[:, : count * 3].reshape(-1, 3)[:, [1, 0, 2]].astype(np.float64)


def _blocks(stream: IO[bytes], size: int, file: RawFile, scale: float, zone: str, progress: Progress) -> Iterator[Blocks]:
    seconds, damage = _Seconds(int(file.rate), scale), Damage()
    activity, wrong = 0, 0
    try:
        for record in records(stream, damage):
            if record.kind == EVENT and record.payload[:1] == bytes([ASLEEP]):
                seconds.asleep = seconds.events = True
            elif record.kind == METADATA and b'"UsedUtc":true' in record.payload.replace(b" ", b""):
                _to_wall_clock(file, zone)
            elif record.kind == CAPSENSE and len(record.payload) >= 5:
                _wear(file, record)
            if record.kind not in (PACKED, WIDE):
                continue
            kind = (record.kind, len(record.payload))
            count = seconds.samples(*kind)
            if len(record.payload) <= 1:
                seconds.plugged = True
                continue
            if not 0 < count <= file.rate:
                wrong += 1
                continue
            if seconds.times and (kind != seconds.kind or len(seconds.times) >= SECONDS_AT_ONCE):
                yield seconds.take()
                progress.at(min(damage.read / max(size, 1), 1.0), "Reading samples")
            seconds.kind = kind
            seconds.add(record)
            activity += 1
    except (zipfile.BadZipFile, zlib.error, EOFError):
        damage.cut = True
    if seconds.times:
        yield seconds.take()
    refuse_unless(activity > 0, f"log.bin holds {counted(damage.records, 'record')} but not one second of samples. {EXPORT}")
    file.notes.extend(damage.sentences())
    if wrong:
        file.notes.append(f"{counted(wrong, 'second')} of samples left out: not the size that {file.rate:g} Hz gives.")


def _wear(file: RawFile, record: Record) -> None:
    """The skin sensor's state is the fifth byte; only changes are kept."""
    worn = record.payload[4] == 1
    if not file.worn or file.worn[-1][1] != worn:
        file.worn.append((record.time, worn))


def _to_wall_clock(file: RawFile, zone: str) -> None:
    shift = _offset(zone)
    if shift is None:
        if not file.in_utc:
            file.notes.append(UTC_NOTE)
        file.in_utc = True
    elif file.shift_seconds != shift:
        file.shift_seconds = shift
        file.notes.append(f"The device's clock ran in UTC; times were moved to local time by the file's own offset ({zone}).")
