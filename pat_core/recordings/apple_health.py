"""Apple Health exports (export.xml, or the export.zip around it): the step records, spread over their minutes.

A record says how many steps a phone or watch saw from one time to another. Records of a phone and a watch overlap, so those of one source
alone are taken. The file is streamed; at most LONGEST_DAYS days are held, whatever its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath

import numpy as np

from ..progress import Progress
from ..records import STEPS, Reading, Recording
from .apple_xml import Record, StepRecords
from .clock import with_known_date
from .grid import LONGEST_DAYS
from .source import Format, Source, refuse_unless

MOST_DAYS_HELD = 20_000
"""Days times sources held at once (6 kB each)."""
MOST_SOURCES = 500
LONG_RECORD = 15 * 60
_DAY = 1440
_EPOCH = date(1970, 1, 1)
_EXPORTED = ("export", "exportar", "exporter", "exportieren", "esporta", "exportación", "导出", "書き出したデータ")
"""What Apple calls the file in some languages: no name of a person."""
FOLDER = "apple_health_export"
"""The folder in Apple's zip."""


@dataclass
class _Device:
    """One source of records. days: (day since 1970, offset in s) -> steps of its minutes (1440,), float32. first: earliest day seen."""

    hardware: str = ""
    days: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)
    first: int = 1 << 40
    last: Record | None = None


@dataclass
class _Found:
    """What the records gave. devices: by the source's name; the counts are of records that were left out."""

    devices: dict[str, _Device] = field(default_factory=dict)
    records: int = 0
    unreadable: int = 0
    long: int = 0
    repeated: int = 0
    late: int = 0
    controls: int = 0
    slow_steps: dict[str, float] = field(default_factory=dict)


def recognises(head: bytes, filename: str) -> bool:
    """XML whose root, or document type, is HealthData."""
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return begin.startswith(b"<") and (b"<HealthData" in head or b"<!DOCTYPE HealthData" in head)


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an export, in steps a minute. Raises RecordingError where the file is damaged, hostile, or has no steps.

    Minutes without a record count as zero on days with records; days without any are missing.
    """
    found = _Found()
    _gather(source, progress, found)
    refuse_unless(
        bool(found.devices),
        f"Records of steps were expected; among {found.records:,} records none is one that can be read "
        f"({found.unreadable + found.long + found.late:,} step records were damaged). Export the data from the Health app again.",
    )
    latest = max(day for device in found.devices.values() for day, _ in device.days)
    oldest = latest - LONGEST_DAYS + 1
    minutes = {name: _minutes(device, oldest) for name, device in found.devices.items()}
    chosen = max(minutes, key=lambda name: minutes[name])
    device = found.devices[chosen]
    start, values, twice = _laid(device, oldest)
    notes = (
        "These are steps a minute, not activity counts: standing and quiet movement are zeros.",
        *_source_notes(found, minutes, chosen),
        *_gap_notes(values, device, oldest, twice),
        *_clock_notes(device, oldest),
        *_record_notes(found, chosen, float(np.nansum(values, dtype=np.float64))),
    )
    return Reading((with_known_date(Recording(
        participant=_participant(source), values=values, start=start, unit=STEPS, device=_shown(chosen, device), source=source.name,
        notes=notes,
    )),))  # fmt: skip


def _gather(source: Source, progress: Progress, found: _Found) -> None:
    with source.open() as raw:
        stream = StepRecords(raw, source.size, progress, source.filename)
        for record in stream:
            if record.count is None:
                found.unreadable += 1
            elif record.seconds > 86400:
                found.long += 1
            elif stream.exported is not None and record.start // 86400 > stream.exported + 1:
                found.late += 1
            else:
                _add(found, record)
        found.records, found.controls = stream.seen, stream.controls


def _add(found: _Found, record: Record) -> None:
    """Spread a record's steps over the minutes that it touches, in proportion."""
    device = found.devices.setdefault(record.source, _Device())
    refuse_unless(
        len(found.devices) <= MOST_SOURCES, f"The export names more than {MOST_SOURCES} sources, as no person's has. Export the data again."
    )
    if device.last == record:
        found.repeated += 1
        return
    device.last, device.hardware = record, record.hardware or device.hardware
    if record.seconds > LONG_RECORD:
        found.slow_steps[record.source] = found.slow_steps.get(record.source, 0.0) + record.count
    begin, end = record.start, record.start + record.seconds
    first, last = begin // 60, max(begin, end - 1) // 60
    if first == last:
        shares = np.array([record.count])
    else:
        rate = record.count / record.seconds
        shares = np.full(last - first + 1, 60 * rate)
        shares[0], shares[-1] = (first * 60 + 60 - begin) * rate, (end - last * 60) * rate
    at = 0
    while at < shares.size:
        day, minute = divmod(first + at, _DAY)
        take = min(_DAY - minute, shares.size - at)
        key = (day, record.offset)
        if key not in device.days:
            device.days[key] = np.zeros(_DAY, np.float32)
            device.first = min(device.first, day)
            _bound(found)
        device.days[key][minute : minute + take] += shares[at : at + take]
        at += take


def _bound(found: _Found) -> None:
    """Let go of days that will not be used, where many are held; RecordingError where even the used ones are too many."""
    if sum(len(device.days) for device in found.devices.values()) <= MOST_DAYS_HELD:
        return
    latest = max(day for device in found.devices.values() for day, _ in device.days)
    for device in found.devices.values():
        device.days = {key: steps for key, steps in device.days.items() if key[0] > latest - LONGEST_DAYS}
    held = sum(len(device.days) for device in found.devices.values())
    refuse_unless(
        held <= MOST_DAYS_HELD * 3 // 4,
        f"Steps of a few phones and watches were expected; the file has {len(found.devices):,} sources with {held:,} days of the last "
        f"{LONGEST_DAYS}. Export the data from the Health app again.",
    )


def _minutes(device: _Device, oldest: int) -> int:
    return sum(int(np.count_nonzero(steps)) for (day, _), steps in device.days.items() if day >= oldest)


def _laid(device: _Device, oldest: int) -> tuple[datetime, np.ndarray, int]:
    """Start, (minutes,) float32 from the first to the last minute with steps, and how many minutes came twice."""
    by_day: dict[int, list[tuple[int, np.ndarray]]] = {}
    for (day, offset), steps in device.days.items():
        if day >= oldest and steps.any():
            by_day.setdefault(day, []).append((offset, steps))
    refuse_unless(bool(by_day), "Records of steps were expected; all records count 0 steps. Export the data from the Health app again.")
    first, last = min(by_day), max(by_day)
    values = np.full((last - first + 1, _DAY), np.nan, np.float32)
    twice = 0
    for day, parts in by_day.items():
        values[day - first], again = _day(parts)
        twice += again
    flat = values.ravel()
    there = np.flatnonzero(flat > 0)
    start = datetime.combine(_date(first), datetime.min.time()) + timedelta(minutes=int(there[0]))
    return start, flat[there[0] : there[-1] + 1].copy(), twice


def _day(parts: list[tuple[int, np.ndarray]]) -> tuple[np.ndarray, int]:
    """One day's minutes; where its offset changes, what came first stands up to its last steps, what came later follows."""
    parts = sorted(parts, key=lambda part: int(np.flatnonzero(part[1])[0]) * 60 - part[0])
    steps, twice = parts[0][1].copy(), 0
    for _, later in parts[1:]:
        until = int(np.flatnonzero(steps)[-1]) + 1
        twice += int(np.count_nonzero(later[:until]))
        steps[until:] = later[until:]
    return steps, twice


def _participant(source: Source) -> str:
    """The file's name; where that is Apple's own, the name of the folder or zip around it that is not, but for the imported folder."""
    outermost, *inner = source.name.split(": ")
    around = [outermost] if outermost.lower().endswith(".zip") else []
    parts = "/".join((*around, *inner[:-1], source.path)).split("/")[:-1]
    names = [source.stem, *(PurePosixPath(part).stem if part.lower().endswith(".zip") else part for part in reversed(parts))]
    return next((name for name in names if name.lower() not in (*_EXPORTED, FOLDER)), source.stem)


def beside_records(name: str) -> bool:
    """Whether a file of this name, its containers before it, belongs to an export and holds no records: routes, electrocardiograms,
    clinical documents."""
    parts = name.replace(": ", "/").split("/")
    inside = parts[parts.index(FOLDER) + 1 :] if FOLDER in parts else []
    return len(inside) > 1 or (len(inside) == 1 and inside[0].lower().endswith("_cda.xml"))


def _shown(name: str, device: _Device) -> str:
    """A source without its owner's name, as far as it can be told."""
    if device.hardware:
        return device.hardware
    kind = next((kind for kind in ("Apple Watch", "Watch", "iPhone", "iPad") if kind.lower() in name.lower()), None)
    return kind or name[:60] or "unnamed source"


def _source_notes(found: _Found, minutes: dict[str, int], chosen: str) -> tuple[str, ...]:
    others = sorted((name for name in minutes if name != chosen), key=lambda name: -minutes[name])
    if not others:
        return ()
    told = [f"{_shown(name, found.devices[name])} ({minutes[name]:,})" for name in others[:5]]
    more = f" and {len(others) - 5} more" if len(others) > 5 else ""
    return (
        f"{len(minutes)} sources counted steps, partly at the same time, and are not added: {_shown(chosen, found.devices[chosen])} was "
        f"taken, which has most minutes with steps ({minutes[chosen]:,}). Left out: {', '.join(told)}{more}.",
    )


def _gap_notes(values: np.ndarray, device: _Device, oldest: int, twice: int) -> tuple[str, ...]:
    notes = ["Minutes without a record count as 0 on days with records, whether it was worn or not; days without any are missing."]
    if absent := int(np.isnan(values).sum()):
        notes.append(f"{absent // _DAY:,} days have no record and are missing.")
    if device.first < oldest:
        notes.append(
            f"The records go back to {_date(device.first)}; only the last {LONGEST_DAYS} days, from {_date(oldest)} on, were taken."
        )
    if twice:
        notes.append(f"{twice:,} minutes with steps came twice, when the clock was set back; the first reading of each was kept.")
    return tuple(notes)


def _clock_notes(device: _Device, oldest: int) -> tuple[str, ...]:
    """What the offsets from UTC say of the wall clock."""
    days: dict[int, list[int]] = {}
    for day, offset in device.days:
        if day >= oldest:
            days.setdefault(offset, []).append(day)
    if len(days) > 1:
        return (
            f"The offset from UTC changes within the records ({_offsets(sorted(days))}); the wall clock of each record was kept. Where the "
            "clock was set forward, the skipped hour counts as 0.",
        )
    ((offset, there),) = days.items()
    if max(there) - min(there) < 183:
        return ()
    return (
        f"All times are written {_offsets([offset])} from UTC, winter and summer. If clocks change at this place, half of the year is an "
        "hour off; with the time zone given, the times can be converted.",
    )


def _record_notes(found: _Found, chosen: str, steps: float) -> tuple[str, ...]:
    left_out = (
        (found.unreadable, "step records could not be read (times or number)"), (found.long, "step records last longer than a day"),
        (found.late, "step records lie after the export"), (found.repeated, "step records came twice"),
    )  # fmt: skip
    notes = [f"{count:,} {what}, and were left out." for count, what in left_out if count]
    slow = found.slow_steps.get(chosen, 0.0)
    if slow and steps:
        share = min(1.0, slow / steps)
        notes.append(f"{share:.0%} of the steps are in records longer than {LONG_RECORD // 60} minutes, spread evenly over them.")
    if found.controls:
        notes.append(f"{found.controls:,} control characters, which XML does not allow, were left out of the text.")
    return tuple(notes)


def _offsets(offsets: Sequence[int]) -> str:
    return ", ".join(f"{'-' if offset < 0 else '+'}{abs(offset) // 3600:02d}:{abs(offset) % 3600 // 60:02d}" for offset in offsets)


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)


FORMAT = Format("Apple Health export", recognises, read)
