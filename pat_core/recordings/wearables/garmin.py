"""Garmin minutes: epoch summaries of the Garmin Health API, as JSON ({"epochs": [...]}, or the list alone) or as a table of these fields.

An epoch has startTimeInSeconds (UTC), startTimeOffsetInSeconds (to the wall clock of the place), durationInSeconds and steps. Garmin splits
an epoch by kind of activity (walking, sedentary, ...): the parts of one start are added. Epochs of 15 minutes, which the API gives as a
rule, cannot feed PAT and are refused; exports with one epoch a minute are read.
"""

from __future__ import annotations

import io
import json
import math
import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.grid import order_notes, to_grid
from pat_core.recordings.clock.row_times import settled
from pat_core.recordings.clock.times import with_known_date
from pat_core.recordings.clock.zones import UTC_NOTE
from pat_core.recordings.source import Format, Source, quoted, refuse_unless, required
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.csv_table import frame_of
from pat_core.recordings.tables.text_shape import encoding_of, is_text
from pat_core.records import STEPS, Reading, Recording, Refusal

START, OFFSET, DURATION, COUNT, KIND = "starttimeinseconds", "starttimeoffsetinseconds", "durationinseconds", "steps", "activitytype"
WHO = ("userid", *columns.PARTICIPANT)
NOTE = "These are steps a minute, not activity counts: standing and quiet movement are zeros."
MOST_EPOCHS, MOST_PEOPLE = 5_000_000, 20_000
MOST_TABLE_BYTES = 64 * 1024**2
LONGEST_EPOCH = 65_536
"""Characters that one epoch summary may take; they take about 500."""
_BLOCK = 1_048_576
_NUMBERS = (int, float, str)
_BETWEEN = re.compile(r"[ \t\r\n,]*")
_LIST = re.compile(r'^\s*\[|"epochs"\s*:\s*\[')
_EARLIEST, _LATEST = 0, 7_000_000_000
_FURTHEST = 26 * 3600

Epoch = Mapping[str, object]
"""One epoch summary: field, in lower case, -> value."""


@dataclass
class _Person:
    """One person's epochs as they come: starts in UTC, offsets (NaN: not given) and durations, all in s; steps; kinds of activity."""

    starts: array = field(default_factory=lambda: array("d"))
    offsets: array = field(default_factory=lambda: array("d"))
    durations: array = field(default_factory=lambda: array("d"))
    steps: array = field(default_factory=lambda: array("d"))
    kinds: array = field(default_factory=lambda: array("q"))


def recognises(head: bytes, filename: str) -> bool:
    """Text that begins as JSON, or a table's header, with the start and duration of epoch summaries."""
    if not is_text(head):
        return False
    begin = _body(head)
    part = (begin if _is_json(begin) else begin.split(b"\n", 1)[0]).lower()
    return START.encode() in part and DURATION.encode() in part


def read(source: Source, progress: Progress) -> Reading:
    """Everybody in the file; people are named by userId, else by the file.

    Raises RecordingError where the file is damaged, naming the epoch, and where its epochs are longer than a minute.
    """
    epochs = _json_epochs(source, progress) if _is_json(_body(source.head())) else _table_epochs(source)
    people: dict[str, _Person] = {}
    kinds: dict[str, int] = {}
    count = 0
    for count, epoch in enumerate(epochs, 1):
        _take(epoch, count, people, kinds, source.stem)
        refuse_unless(
            count <= MOST_EPOCHS and len(people) <= MOST_PEOPLE and len(kinds) <= 1000,
            f"At most {MOST_EPOCHS:,} epochs of {MOST_PEOPLE:,} people were expected; the file holds more. Split it by people.",
        )
    refuse_unless(count > 0, "There are no epoch summaries in the file. Export the epochs again.")
    recordings, refused = [], []
    for name, person in people.items():
        try:
            recordings.append(_recording(name, person, source.name))
        except RecordingError as error:
            if len(people) == 1:
                raise
            refused.append(Refusal(f"{source.name}: {name}", str(error)))
    return Reading(tuple(recordings), tuple(refused))


def _body(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_json(begin: bytes) -> bool:
    return begin[:1] in (b"{", b"[")


def _json_epochs(source: Source, progress: Progress) -> Iterator[Epoch]:
    """The objects of the list, one after another; never more of the file than a block and an epoch is held."""
    decoder = json.JSONDecoder()
    with source.open() as raw, io.TextIOWrapper(raw, encoding="utf-8-sig") as text:
        buffer, before = _more(text), 0
        expected = 'A list of epoch summaries ("epochs": [...]) was expected at the start of the file. Export it again.'
        at = required(_LIST.search(buffer[:LONGEST_EPOCH]), expected).end()
        while True:
            if between := _BETWEEN.match(buffer, at):
                at = between.end()
            if buffer[at : at + 1] == "]":
                return
            try:
                epoch, end = decoder.raw_decode(buffer, at)
            except (ValueError, RecursionError):
                more = _more(text) if len(buffer) - at <= LONGEST_EPOCH else ""
                if not more:
                    raise RecordingError(
                        f"A whole epoch summary, or the end of the list, was expected at character {before + at + 1:,}; the file is "
                        "incomplete or damaged there. Export the epochs again."
                    ) from None
                before += at
                progress.at(min(0.95, before / max(source.size, 1)), f"Reading {source.filename}")
                buffer, at = buffer[at:] + more, 0
                continue
            refuse_unless(
                isinstance(epoch, dict),
                f"An epoch summary was expected at character {before + at + 1:,}; another value is there. Export the epochs again.",
            )
            yield {name.lower(): value for name, value in epoch.items()}
            at = end


def _more(text: io.TextIOWrapper) -> str:
    try:
        return text.read(_BLOCK)
    except UnicodeDecodeError as error:
        raise RecordingError(f"JSON in UTF-8 was expected; byte {error.start + 1:,} of a block is not. Export the epochs again.") from None


def _table_epochs(source: Source) -> Iterator[Epoch]:
    refuse_unless(
        source.size <= MOST_TABLE_BYTES,
        f"A table of at most {MOST_TABLE_BYTES // 1024**2} MB was expected; this one has {source.size / 1024**2:.0f}. Split it by people.",
    )
    refuse_unless(encoding_of(source.head()) != "utf-16", "A table in UTF-8 was expected; this one is UTF-16. Save it as UTF-8.")
    frame = frame_of(source)
    names = [columns.key(name) for name in frame.columns]
    wanted = [i for i, name in enumerate(names) if name in (START, OFFSET, DURATION, COUNT, KIND, *WHO)]
    frame = frame.iloc[:, wanted].dropna(how="all").astype(object)
    for row in frame.where(frame.notna(), None).itertuples(index=False, name=None):
        yield dict(zip((names[i] for i in wanted), row, strict=True))


def _take(epoch: Epoch, count: int, people: dict[str, _Person], kinds: dict[str, int], stem: str) -> None:
    owner = next((epoch[name] for name in WHO if epoch.get(name) not in (None, "")), stem)
    start, duration = _number(epoch, START, count), _number(epoch, DURATION, count)
    offset, steps = _number(epoch, OFFSET, count), _number(epoch, COUNT, count)
    if not (_EARLIEST <= start <= _LATEST and 0 < duration <= _LATEST):
        raise RecordingError(
            f"Epoch {count:,} was expected to have a startTimeInSeconds (UTC, since 1970) and a durationInSeconds; it has {start:g} and "
            f"{duration:g}. Export the epochs again."
        )
    if steps < 0 or steps > 1e6 or abs(offset) > _FURTHEST:
        raise RecordingError(
            f"Epoch {count:,} has {steps:g} steps and an offset of {offset:g} s, where 0 or more steps and at most 26 hours were "
            "expected. Correct it or export again."
        )
    person = people.setdefault(str(owner)[:200], _Person())
    person.starts.append(start)
    person.offsets.append(offset)
    person.durations.append(duration)
    person.steps.append(steps)
    person.kinds.append(kinds.setdefault(str(epoch.get(KIND))[:100], len(kinds)))


def _number(epoch: Epoch, name: str, count: int) -> float:
    """A field as a number, NaN where it is absent or empty. Raises RecordingError, naming the epoch, where it is something else."""
    value = epoch.get(name)
    if value is None or value == "":
        return math.nan
    try:
        number = float(value) if isinstance(value, _NUMBERS) and not isinstance(value, bool) else math.inf
    except (ValueError, OverflowError):
        number = math.inf
    if not math.isfinite(number):
        raise RecordingError(f"Epoch {count:,} has {quoted(value)} for {name}, where a number was expected. Correct it.")
    return number


def _recording(name: str, person: _Person, where: str) -> Recording:
    starts, offsets, durations, steps = (
        np.frombuffer(column, np.float64) for column in (person.starts, person.offsets, person.durations, person.steps)
    )
    usual = float(np.median(durations))
    refuse_unless(
        usual <= 60,
        f"PAT needs one value a minute; the epochs of {name} last {_length(usual)}, as Garmin's usually do, and minutes cannot be made "
        "from them. Ask for an export with one-minute epochs, or record with a device that logs counts.",
    )
    refuse_unless(bool(np.isfinite(steps).any()), f"Steps were expected; no epoch of {name} has any. Export the epochs with their steps.")
    known = np.isfinite(offsets)
    refuse_unless(
        bool(known.all() or not known.any()),
        f"{int((~known).sum()):,} of {known.size:,} epochs of {name} lack startTimeOffsetInSeconds, so their clock time is unknown. "
        "Export the epochs again.",
    )
    notes = [NOTE]
    if not known.any():
        notes.append(UTC_NOTE)
    starts, offsets, steps, sizes = _epochs(starts, np.where(known, offsets, 0.0), durations, steps, np.frombuffer(person.kinds, np.int64))
    wall = np.rint((starts + offsets) * 1000).astype(np.int64).astype("datetime64[ms]")
    wall, corrections = settled(wall)
    grid = to_grid(wall, steps)
    if turns := int((np.diff(offsets) != 0).sum()):
        notes.append(
            f"The offset from UTC changes {counted(turns, 'time')}: a clock change, or a journey. Each epoch keeps its local time."
        )
    labels: dict[str, str | float | None] = {"repeated_minutes": float(grid.repeated)} if grid.repeated else {}
    return with_known_date(
        Recording(
            participant=name,
            values=grid.values,
            start=grid.start,
            epoch_seconds=grid.epoch_seconds,
            unit=STEPS,
            device="Garmin",
            labels=labels,
            source=where,
            notes=(*notes, *sizes, *corrections, *order_notes(grid)),
            in_utc=not known.any(),
        )
    )


def _epochs(
    starts: np.ndarray, offsets: np.ndarray, durations: np.ndarray, steps: np.ndarray, kinds: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Starts, offsets and steps with one row a start, in the order of time, and notes; the parts of one start by kinds are added."""
    notes = []
    long = durations > 60
    if long.any():
        notes.append(f"{int(long.sum()):,} of {counted(long.size, 'epoch')} longer than a minute: left out.")
        starts, offsets, steps, kinds = (column[~long] for column in (starts, offsets, steps, kinds))
    order = np.lexsort((kinds, starts))
    starts, offsets, steps, kinds = (column[order] for column in (starts, offsets, steps, kinds))
    again = np.concatenate(([False], (np.diff(starts) == 0) & (np.diff(kinds) == 0)))
    if again.any():
        notes.append(f"{counted(int(again.sum()), 'epoch')} came twice; the first of each was kept.")
        starts, offsets, steps = (column[~again] for column in (starts, offsets, steps))
    starts, first, minute_index = np.unique(starts, return_index=True, return_inverse=True)
    present = np.bincount(minute_index, np.isfinite(steps))
    added = np.bincount(minute_index, np.nan_to_num(steps))
    return starts, offsets[first], np.where(present > 0, added, np.nan).astype(np.float32), notes


def _length(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds % 60 == 0 else f"{seconds:g} seconds"


FORMAT = Format("Garmin epochs (Health API JSON or CSV)", recognises, read)
