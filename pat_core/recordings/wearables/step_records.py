"""Step records of phones and watches, laid on their minutes: what exports of several makers share.

A record says how many steps a source counted from one time to another. Sources overlap (a phone and a watch), so those of one alone are
taken. Minutes without a record are 0 on days with records, since the exports leave still minutes out; days without any are missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from pat_core.plurals import counted
from pat_core.recordings.clock.grid import LONGEST_DAYS, NO_ROW
from pat_core.recordings.clock.times import with_known_date
from pat_core.recordings.clock.zones import UTC_NOTE
from pat_core.recordings.source import Source, refuse_unless
from pat_core.records import STEPS, Recording

MOST_DAYS_HELD = 20_000
"""Days times sources held at once (6 kB each)."""
MOST_SOURCES = 500
LONG_RECORD = 15 * 60
NOTE = "These are steps a minute, not activity counts: standing and quiet movement are zeros."
_ZEROS = ("Minutes without a record count as 0", "No row counts 0 steps")
"""How the notes of recordings begin whose minutes without a record are 0."""
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d+)?\s*(?:([+-])(\d\d):?(\d\d)|Z)?", re.ASCII)
_DAY = 1440
_EPOCH = date(1970, 1, 1)


class Record(NamedTuple):
    """Steps from one time to another. start: seconds of wall clock since 1970; seconds: how long; offset: from UTC in s.

    steps: None where the record could not be read. source: as the file names it; hardware: the maker's words, "" where absent.
    """

    source: str
    start: int
    seconds: int
    offset: int
    steps: float | None
    hardware: str = ""


def moment(text: str) -> tuple[int, int] | None:
    """YYYY-MM-DD HH:MM:SS, with or without an offset, as seconds of wall clock since 1970 and the offset from UTC in s (0 where there is
    none); None where it is no time."""
    match = _TIME.fullmatch(text.strip())
    day = match and _day_number(match[1])
    if not match or day is None:
        return None
    hour, minute, second = int(match[2]), int(match[3]), int(match[4])
    offset = 0 if match[5] is None else (int(match[6]) * 3600 + int(match[7]) * 60) * (-1 if match[5] == "-" else 1)
    if hour > 23 or minute > 59 or second > 60 or abs(offset) > 26 * 3600:
        return None
    return day * 86400 + hour * 3600 + minute * 60 + min(second, 59), offset


@lru_cache(maxsize=4096)
def _day_number(text: str) -> int | None:
    try:
        return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return None


@dataclass
class _Device:
    """One source of records. days: (day since 1970, offset in s) -> steps of its minutes (1440,), float32. first: earliest day seen."""

    hardware: str = ""
    days: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)
    first: int = 1 << 40
    last: Record | None = None


@dataclass
class Steps:
    """Records as they come, and what they give.

    again: what a reader does where nothing can be used, in a sentence. devices: by the source's name. seen: records of any kind; the other
    counts are of step records that were left out.
    """

    again: str
    devices: dict[str, _Device] = field(default_factory=dict)
    seen: int = 0
    unreadable: int = 0
    long: int = 0
    repeated: int = 0
    late: int = 0
    slow_steps: dict[str, float] = field(default_factory=dict)

    def add(self, record: Record, latest: int | None = None) -> None:
        """Take a record, or count it among those left out. latest: the last day, since 1970, that a record may begin on."""
        if record.steps is None:
            self.unreadable += 1
        elif record.seconds > 86400:
            self.long += 1
        elif latest is not None and record.start // 86400 > latest:
            self.late += 1
        else:
            _add(self, record, record.steps)

    def recording(
        self, participant: str, where: str, shown: Callable[[str, str], str], notes: Sequence[str] = (), in_utc: bool = False
    ) -> Recording:
        """Steps a minute of the source that counted in most minutes, from its first minute with steps to its last.

        where: the file's name; shown: makes a source's name and hardware presentable; notes: sentences that come after the others. in_utc:
        the offsets are not known, so the times are in UTC. Raises RecordingError where no record can be used.
        """
        refuse_unless(
            bool(self.devices),
            f"Records of steps were expected; none of the {self.seen:,} records can be read "
            f"({counted(self.unreadable + self.long + self.late, 'damaged step record')}). {self.again}",
        )
        latest = max(day for device in self.devices.values() for day, _ in device.days)
        oldest = latest - LONGEST_DAYS + 1
        minutes = {name: _minutes(device, oldest) for name, device in self.devices.items()}
        chosen = max(minutes, key=lambda name: minutes[name])
        device = self.devices[chosen]
        start, values, twice = _laid(device, oldest, self.again)
        message = (
            NOTE,
            *_source_notes({name: shown(name, device.hardware) for name, device in self.devices.items()}, minutes, chosen),
            *_gap_notes(values, device, oldest, twice),
            *((UTC_NOTE,) if in_utc else _clock_notes(device, oldest)),
            *_record_notes(self, chosen, float(np.nansum(values, dtype=np.float64))),
            *notes,
        )
        return with_known_date(
            Recording(
                participant=participant,
                values=values,
                start=start,
                unit=STEPS,
                device=shown(chosen, device.hardware),
                source=where,
                notes=message,
                in_utc=in_utc,
            )
        )


def zeros_left_out(recording: Recording) -> Recording:
    """Minutes of steps from a table that leaves still minutes out: they are 0 on days with rows, and missing on others.

    So it is where no row counts 0 although most minutes have no row; any other recording stays as it is.
    """
    values = recording.values
    present = np.isfinite(values)
    if recording.unit != STEPS or recording.start is None or recording.epoch_seconds != 60:
        return recording
    if not present.any() or (values[present] == 0).any() or 2 * present.sum() > values.size:
        return recording
    still = _still(recording.start, present)
    note = f"{_ZEROS[1]}, so minutes without a row count as 0 on days with rows ({still.sum():,} of them); days without any are missing."
    kept_notes = tuple(kept_notes for kept_notes in recording.notes if NO_ROW not in kept_notes)
    return replace(recording, values=np.where(still, np.float32(0), values), notes=(*kept_notes, note))


def zeros_between(whole: Recording, parts: Sequence[Recording]) -> Recording:
    """A recording joined from parts whose minutes without a record are 0: so are those between two parts, on days with records."""
    if whole.start is None or not all(any(note.startswith(_ZEROS) for note in part.notes) for part in parts):
        return whole
    present = np.isfinite(whole.values)
    still = _still(whole.start, present)
    return replace(whole, values=np.where(still, np.float32(0), whole.values))


def _still(start: datetime, present: np.ndarray) -> np.ndarray:
    """(minutes,) bool, minutes that are not present, on days with others that are."""
    begin = start.hour * 60 + start.minute
    days = (begin + np.arange(present.size)) // _DAY
    return ~present & np.isin(days, days[present])


def person_around(source: Source, generic: Callable[[str], bool]) -> str:
    """Who an export is of: the file's name; where that is the maker's own, the folder or zip around it whose name is not."""
    outermost, *inner = source.name.split(": ")
    around = [outermost] if outermost.lower().endswith(".zip") else []
    parts = "/".join((*around, *inner[:-1], source.path)).split("/")[:-1]
    names = [source.stem, *(PurePosixPath(part).stem if part.lower().endswith(".zip") else part for part in reversed(parts))]
    return next((name for name in names if not generic(name)), source.stem)


def _add(recorded: Steps, record: Record, steps: float) -> None:
    """Spread a record's steps over the minutes that it touches, in proportion."""
    device = recorded.devices.setdefault(record.source, _Device())
    refuse_unless(
        len(recorded.devices) <= MOST_SOURCES,
        f"The export names more than {MOST_SOURCES} sources, which no person's does. {recorded.again}",
    )
    if device.last == record:
        recorded.repeated += 1
        return
    device.last, device.hardware = record, record.hardware or device.hardware
    if record.seconds > LONG_RECORD:
        recorded.slow_steps[record.source] = recorded.slow_steps.get(record.source, 0.0) + steps
    begin, end = record.start, record.start + record.seconds
    first, last = begin // 60, max(begin, end - 1) // 60
    if first == last:
        shares = np.array([steps])
    else:
        rate = steps / record.seconds
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
            _bound(recorded)
        device.days[key][minute : minute + take] += shares[at : at + take]
        at += take


def _bound(recorded: Steps) -> None:
    """Let go of days that will not be used, where many are held; RecordingError where even the used ones are too many."""
    if sum(len(device.days) for device in recorded.devices.values()) <= MOST_DAYS_HELD:
        return
    latest = max(day for device in recorded.devices.values() for day, _ in device.days)
    for device in recorded.devices.values():
        device.days = {key: steps for key, steps in device.days.items() if key[0] > latest - LONGEST_DAYS}
    days = sum(len(device.days) for device in recorded.devices.values())
    refuse_unless(
        days <= MOST_DAYS_HELD * 3 // 4,
        f"Steps of a few phones and watches were expected; the file has {len(recorded.devices):,} sources with {days:,} days of the last "
        f"{LONGEST_DAYS}. {recorded.again}",
    )


def _minutes(device: _Device, oldest: int) -> int:
    return sum(int(np.count_nonzero(steps)) for (day, _), steps in device.days.items() if day >= oldest)


def _laid(device: _Device, oldest: int, again: str) -> tuple[datetime, np.ndarray, int]:
    """Start, (minutes,) float32 from the first to the last minute with steps, and how many minutes came twice."""
    by_day: dict[int, list[tuple[int, np.ndarray]]] = {}
    for (day, offset), steps in device.days.items():
        if day >= oldest and steps.any():
            by_day.setdefault(day, []).append((offset, steps))
    refuse_unless(bool(by_day), f"Records of steps were expected; all records count 0 steps. {again}")
    first, last = min(by_day), max(by_day)
    values = np.full((last - first + 1, _DAY), np.nan, np.float32)
    twice = 0
    for day, parts in by_day.items():
        values[day - first], doubled = _day(parts)
        twice += doubled
    flat = values.ravel()
    moving = np.flatnonzero(flat > 0)
    start = datetime.combine(_date(first), datetime.min.time()) + timedelta(minutes=int(moving[0]))
    return start, flat[moving[0] : moving[-1] + 1].copy(), twice


def _day(parts: list[tuple[int, np.ndarray]]) -> tuple[np.ndarray, int]:
    """One day's minutes; where its offset changes, what came first stands up to its last steps, what came later follows."""
    parts = sorted(parts, key=lambda part: int(np.flatnonzero(part[1])[0]) * 60 - part[0])
    steps, twice = parts[0][1].copy(), 0
    for _, later in parts[1:]:
        until = int(np.flatnonzero(steps)[-1]) + 1
        twice += int(np.count_nonzero(later[:until]))
        steps[until:] = later[until:]
    return steps, twice


def _source_notes(shown: dict[str, str], minutes: dict[str, int], chosen: str) -> tuple[str, ...]:
    others = sorted((name for name in minutes if name != chosen), key=lambda name: -minutes[name])
    if not others:
        return ()
    left_out = [f"{shown[name]} ({minutes[name]:,})" for name in others[:5]]
    more = f" and {len(others) - 5} more" if len(others) > 5 else ""
    return (
        f"{len(minutes)} sources counted steps, partly at the same time, and are not added up: {shown[chosen]} was used, which has the "
        f"most minutes with steps ({minutes[chosen]:,}). Left out: {', '.join(left_out)}{more}.",
    )


def _gap_notes(values: np.ndarray, device: _Device, oldest: int, twice: int) -> tuple[str, ...]:
    notes = [f"{_ZEROS[0]} on days with records, whether the device was worn or not; days without any are missing."]
    if absent := int(np.isnan(values).sum()):
        notes.append(f"{counted(absent // _DAY, 'day has', 'days have')} no record: counted as missing.")
    if device.first < oldest:
        notes.append(
            f"The records go back to {_date(device.first)}; only the last {LONGEST_DAYS} days, from {_date(oldest)} on, were used."
        )
    if twice:
        notes.append(f"{counted(twice, 'minute')} with steps came twice, when the clock was set back; the first reading of each was kept.")
    return tuple(notes)


def _clock_notes(device: _Device, oldest: int) -> tuple[str, ...]:
    """What the offsets from UTC say of the wall clock."""
    days: dict[int, list[int]] = {}
    for day, offset in device.days:
        if day >= oldest:
            days.setdefault(offset, []).append(day)
    if len(days) > 1:
        return (
            f"The offset from UTC changes within the records ({_offsets(sorted(days))}); each record kept its local time. Where the clock "
            "was set forward, the skipped hour counts as 0.",
        )
    ((offset, days_there),) = days.items()
    if max(days_there) - min(days_there) < 183:
        return ()
    return (
        f"All times are written {_offsets([offset])} from UTC, in winter and summer. If clocks change here, half of the year is an hour "
        "off; with the time zone given, the times can be converted.",
    )


def _record_notes(recorded: Steps, chosen: str, steps: float) -> tuple[str, ...]:
    left_out = (
        (recorded.unreadable, "with unreadable times or number"),
        (recorded.long, "longer than a day"),
        (recorded.late, "after the export"),
        (recorded.repeated, "given twice"),
    )
    notes = [f"{counted(count, 'step record')} {reason}: left out." for count, reason in left_out if count]
    slow = recorded.slow_steps.get(chosen, 0.0)
    if slow and steps:
        share = min(1.0, slow / steps)
        notes.append(f"{share:.0%} of the steps are in records longer than {LONG_RECORD // 60} minutes, spread evenly over them.")
    return tuple(notes)


def _offsets(offsets: Sequence[int]) -> str:
    return ", ".join(f"{'-' if offset < 0 else '+'}{abs(offset) // 3600:02d}:{abs(offset) % 3600 // 60:02d}" for offset in offsets)


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)
