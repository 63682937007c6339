"""Time zones and daylight saving: which days lie over a change of the clock, and recordings brought to wall clock.

A week is 10,080 minutes of wall clock. Over a change it lasts 10,020 or 10,140 real minutes (10,050 or 10,110 where clocks change by half
an hour): in what is brought to wall clock the skipped hour is missing (NaN), and the repeated one has its first reading.
Rules come from the IANA time zone database (the system's, else the package tzdata).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.records import Recording

Clock = Literal["wall", "steady", "utc"]
"""What the times of a recording are. wall: a clock that follows the zone (a phone). steady: a device set once, at the start, that counts on
through every change. utc: universal time."""
CLOCKS: tuple[Clock, ...] = ("wall", "steady", "utc")

_STEP, _MARGIN = 3600, 2 * 86400
"""Offsets are looked up every hour (s); no place is further than 26 h from another, so two days around a span hold it in UTC."""


@dataclass(frozen=True)
class Change:
    """One change of the clock. first: the first wall-clock time that was skipped, or came twice. minutes: how many; skipped is positive."""

    first: datetime
    minutes: int

    @property
    def until(self) -> datetime:
        """The first wall-clock time after the skipped or repeated ones."""
        return self.first + timedelta(minutes=abs(self.minutes))

    @property
    def days(self) -> tuple[date, ...]:
        """The days of the calendar that it touches."""
        last = (self.until - timedelta(microseconds=1)).date()
        return tuple(self.first.date() + timedelta(days=i) for i in range((last - self.first.date()).days + 1))


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name such as Europe/Berlin. Raises RecordingError where there is none."""
    try:
        zone = ZoneInfo(name)
        if "/" not in name and name != "UTC":
            raise ValueError
    except (KeyError, ValueError, OSError, TypeError):
        raise RecordingError(
            f"A time zone named by a place was expected (Europe/Berlin, Australia/Adelaide, UTC); “{str(name)[:60]}” is not known here. "
            "Correct the name; on Windows the package tzdata must be installed too."
        ) from None
    return zone


def changes(start: datetime, minutes: int, zone: str) -> tuple[Change, ...]:
    """Changes of the clock that a stretch of wall clock lies over: its skipped or repeated times share a minute with the stretch.

    start: naive wall clock in `zone`; minutes: of wall clock, skipped ones counted. Raises RecordingError for an unknown zone.
    """
    end = start + timedelta(minutes=minutes)
    seconds = _seconds(np.array([start, end], "datetime64[s]"))
    begins, offsets = _offsets(zone, int(seconds[0]) - _MARGIN, int(seconds[1]) + _MARGIN)
    within = []
    for at, before, after in zip(begins[1:], offsets[:-1], offsets[1:], strict=True):
        change = Change(_datetime(at + min(before, after)), int(after - before) // 60)
        if change.first < end and change.until > start:
            within.append(change)
    return tuple(within)


def days_over_change(start: datetime, minutes: int, zone: str) -> tuple[date, ...]:
    """Days of a stretch of wall clock on which the clock changed, in order; see `changes`."""
    last = start + timedelta(minutes=minutes)
    days = {day for change in changes(start, minutes, zone) for day in change.days}
    return tuple(sorted(day for day in days if start.date() <= day <= last.date()))


def real_minutes(start: datetime, minutes: int, zone: str) -> int:
    """How long a stretch of wall clock really lasted: 10,020 or 10,140 for most weeks over a change, 10,080 for the others."""
    begin, end = _seconds(to_utc(np.array([start, start + timedelta(minutes=minutes)], "datetime64[s]"), zone, nearest=True))
    return int(end - begin) // 60


def offset_at(zone: str, wall: datetime) -> int:
    """Minutes by which the clocks of a zone are ahead of UTC at a time of theirs."""
    moment = np.array([wall], "datetime64[ms]")
    return int((moment - to_utc(moment, zone, nearest=True))[0] / np.timedelta64(60_000, "ms"))


def to_utc(wall: np.ndarray, zone: str, nearest: bool = False) -> np.ndarray:
    """(n,) datetime64[ms] in UTC of (n,) wall-clock datetime64; a time that came twice is its first coming.

    A time that was skipped is NaT, or with `nearest` the moment of the change. Raises RecordingError for an unknown zone.
    """
    moments = np.asarray(wall).astype("datetime64[ms]")
    if moments.size == 0:
        return moments
    seconds = _seconds(moments)
    # Whole days, so that recordings of one study share the looked-up rules.
    begins, offsets = _offsets(zone, (seconds.min() // 86400) * 86400 - _MARGIN, (seconds.max() // 86400 + 1) * 86400 + _MARGIN)
    # The first stretch of one offset that ends, by its own clock, after this time.
    at = np.searchsorted(begins[1:] + offsets[:-1], seconds, side="right")
    utc = moments - offsets[at].astype("timedelta64[s]")
    skipped = seconds - offsets[at] < begins[at]
    utc[skipped] = begins[at][skipped].astype("datetime64[s]").astype("datetime64[ms]") if nearest else np.datetime64("NaT")
    return utc


def is_zone(name: str) -> bool:
    """Whether there is a zone of this name (see `zone_named`)."""
    try:
        zone_named(name)
    except RecordingError:
        return False
    return True


def placed(recording: Recording, zone: str | None, clock: Clock, offsets: tuple[str, ...] = ()) -> Recording:
    """The recording on the wall clock of the zone that its file names; as it is, with a note, where it names none, or no place.

    clock: what its times are (see Clock). offsets: those from UTC that its times end in (see clock.offsets_of). Without a date it stays
    as it is.
    """
    if zone and not is_zone(zone):
        note = f"The file gives the time zone “{zone[:40]}”, which is not in the time zone database; its times stay as written."
        recording, zone = replace(recording, notes=(*recording.notes, note)), None
    if recording.start is None or not recording.date_known:
        return recording
    notes = (*recording.notes, *offset_notes(offsets, zone))
    recording = replace(recording, notes=notes, in_utc=stays_in_utc(offsets, zone), offsets=offsets)
    return recording if zone is None else on_wall_clock(recording, zone, clock)


def on_wall_clock(recording: Recording, zone: str, clock: Clock = "wall", ahead_minutes: int = 0) -> Recording:
    """The recording on the wall clock of `zone`, every day 1,440 minutes long, with notes on what the changes did to it.

    clock: what its times are now (see Clock); ahead_minutes: for "utc", by how much its times are ahead of universal time, the same
    throughout. Skipped times are NaN, repeated ones keep their first reading. Raises RecordingError for an unknown zone or clock, and
    where the recording has no date.
    """
    zone_named(zone)
    if clock not in CLOCKS:
        raise RecordingError(f"The recording's clock must be one of {', '.join(CLOCKS)}; “{clock}” is not. Choose one.")
    if recording.start is None or not recording.date_known:
        raise RecordingError(
            f"The date of {recording.participant}'s recording is unknown, so the days when its clock changed are too. Give the date in "
            "the file, or leave out the time zone."
        )
    start = recording.start
    if recording.in_utc:
        recording = replace(recording, in_utc=False, notes=tuple(note for note in recording.notes if note != UTC_NOTE))
    recording = replace(recording, notes=(*recording.notes, *_contradictions(recording, start, zone, clock)))
    if clock == "wall" or recording.values.size == 0:
        return _cleared(recording, start, zone)
    written = np.array([start], "datetime64[s]")
    begin = int(_seconds(to_utc(written, zone, nearest=True) if clock == "steady" else written - np.timedelta64(ahead_minutes, "m"))[0])
    parts, length, first = _moved(begin, recording.values.size, recording.epoch_seconds, zone)
    values = np.full(length, np.nan, np.float32)
    worn = None if recording.worn is None else np.ones(length, bool)
    # The later stretch first, so that the earlier one writes over it where a time came twice.
    for here, there in reversed(parts):
        values[there] = recording.values[here]
        if worn is not None and recording.worn is not None:
            worn[there] = recording.worn[here]
    begins = _datetime(first)
    moved = replace(recording, values=values, worn=worn, start=begins, zone=zone)
    clock_words = {"utc": "UTC", "steady": "its device's clock, which was never changed,"}[clock]
    conversion = (
        f"The times were converted from {clock_words} to the wall clock of {zone}; the recording begins at {begins:%Y-%m-%d %H:%M}."
    )
    return replace(moved, notes=(*recording.notes, conversion, *notes(_over(moved, begins, zone), zone)))


def _contradictions(recording: Recording, start: datetime, zone: str, clock: Clock) -> tuple[str, ...]:
    """A sentence where a recording's times end in offsets from UTC that clocks of the zone did not have."""
    if clock == "utc" and recording.offsets in ((), UTC_OFFSET):
        return ()
    length = timedelta(seconds=recording.values.size * recording.epoch_seconds)
    moments = [start + length * part / 16 for part in range(17)]
    expected = tuple(dict.fromkeys(_written(offset_at(zone, moment)) for moment in (moments[:1] if clock == "steady" else moments)))
    odd_offsets = [offset for offset in recording.offsets if offset not in expected]
    if not odd_offsets:
        return ()
    return (
        f"The times in the file end in {', '.join(odd_offsets[:4])}, but clocks in {zone} were then {' and '.join(expected)} from UTC: "
        "the zone or the times are wrong. The clock was read as written; import again with the zone where it was recorded.",
    )


def _written(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _moved(begin: int, epochs: int, epoch_seconds: int, zone: str) -> tuple[list[tuple[slice, slice]], int, int]:
    """Where epochs that begin at a moment (s since 1970, UTC) stand on wall clock.

    Returns (epochs, places) for each stretch of one offset, in their order; how many places there are; the wall clock of the first, in s.
    """
    end = begin + epochs * epoch_seconds
    begins, offsets = _offsets(zone, begin // 86400 * 86400 - _MARGIN, (end // 86400 + 1) * 86400 + _MARGIN)
    edges = np.append(np.clip(-((begin - begins) // epoch_seconds), 0, epochs), epochs)
    bounds = zip(edges[:-1].tolist(), edges[1:].tolist(), offsets.tolist(), strict=True)
    stretches = [(a, b, begin + a * epoch_seconds + offset) for a, b, offset in bounds if b > a]
    first = min(wall for _, _, wall in stretches)
    parts = []
    for a, b, wall in stretches:
        place = (wall - first) // epoch_seconds
        parts.append((slice(a, b), slice(place, place + b - a)))
    return parts, max(there.stop for _, there in parts), first


def notes(clock_changes: Sequence[Change], zone: str) -> tuple[str, ...]:
    """A sentence for each change."""
    return tuple(sentence(change, zone) for change in clock_changes)


def sentence(change: Change, zone: str) -> str:
    """What a change did to a recording on wall clock."""
    span, length = f"from {change.first:%Y-%m-%d %H:%M} to {_end(change)}", abs(change.minutes)
    if change.minutes > 0:
        return f"Clocks in {zone} were set forward {span}: these {length:,} minutes never existed and are missing."
    return f"Clocks in {zone} were set back: the {length:,} minutes {span} came twice, and the first reading of each was kept."


def _cleared(recording: Recording, start: datetime, zone: str) -> Recording:
    """A recording that follows the wall clock, its values at times that never were made missing."""
    values = np.array(recording.values, np.float32)
    clock_changes = _over(recording, start, zone)
    messages = list(notes(clock_changes, zone))
    for change in clock_changes:
        if change.minutes < 0:
            continue
        begin, end = (max(0, int((moment - start).total_seconds()) // recording.epoch_seconds) for moment in (change.first, change.until))
        if skipped := int(np.isfinite(values[begin:end]).sum()):
            messages.append(
                f"The file has {counted(skipped, 'value')} at times that were skipped ({change.first:%Y-%m-%d %H:%M} to {_end(change)}): "
                "left out. If the device's clock was never changed, say so, and all later times are moved instead."
            )
            values[begin:end] = np.nan
    return replace(recording, values=values, zone=zone, notes=(*recording.notes, *messages))


def _over(recording: Recording, start: datetime, zone: str) -> tuple[Change, ...]:
    return changes(start, -(-recording.values.size * recording.epoch_seconds // 60), zone)


def _end(change: Change) -> str:
    return f"{change.until:%H:%M}" if change.until.date() == change.first.date() else f"{change.until:%Y-%m-%d %H:%M}"


@lru_cache(maxsize=64)
def _offsets(zone: str, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Stretches of one offset between two moments (s since 1970, UTC): their begins and offsets, both (stretches,) int64 seconds."""
    rules = zone_named(zone)
    if not -2_000_000_000 < first < last < 7_000_000_000 or last - first > 40 * 366 * 86400:
        raise RecordingError(
            f"Times within 40 years were expected; these run from {_datetime(first):%Y} to {_datetime(last):%Y}. Correct the dates."
        )

    def offset(at: int) -> int:
        ahead = datetime.fromtimestamp(at, UTC).astimezone(rules).utcoffset() or timedelta()
        return int(ahead.total_seconds())

    begins, offsets = [first], [offset(first)]
    for at in range(first + _STEP, last + _STEP, _STEP):
        if (now := offset(at)) != offsets[-1]:
            low, high = at - _STEP, at
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if offset(middle) == now else (middle, high)
            begins.append(high)
            offsets.append(now)
    return np.array(begins, np.int64), np.array(offsets, np.int64)


def _seconds(moments: np.ndarray) -> np.ndarray:
    return np.asarray(moments).astype("datetime64[s]").astype(np.int64)


def _datetime(seconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(seconds=int(seconds))


UTC_OFFSET = ("+00:00",)
UTC_NOTE = (
    "The times are in UTC and the file names no time zone, so they stay in UTC: midnights and clock times may not be local. Name the "
    "zone to convert them."
)
"""What is said of a recording that is in_utc."""


def stays_in_utc(offsets: tuple[str, ...], zone: str | None) -> bool:
    """Whether times with these offsets are UTC, and no zone is named to which they could be brought."""
    return offsets == UTC_OFFSET and zone is None


def offset_notes(offsets: tuple[str, ...], zone: str | None) -> tuple[str, ...]:
    """What the reader must know of times with these offsets (see `times.offsets_of`) in a file that names this zone."""
    if stays_in_utc(offsets, zone):
        return (UTC_NOTE,)
    if len(offsets) > 1:
        shown = ", ".join(offsets[:6]) + (f" and {len(offsets) - 6} more" if len(offsets) > 6 else "")
        return (f"The offset from UTC changes within the file ({shown}); clock times were kept as written.",)
    return ()
