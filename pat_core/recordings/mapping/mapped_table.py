"""A table read as its mapping says: brought to the layout that long tables have, and read as one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress, Silent
from pat_core.recordings.clock import serials, zones
from pat_core.recordings.clock.row_times import exchanged_days
from pat_core.recordings.clock.times import offsets_of, parse_times
from pat_core.recordings.clock.zones import UTC_NOTE, UTC_OFFSET, offset_notes
from pat_core.recordings.format_registry import in_minutes, read_source
from pat_core.recordings.mapping.mapped_days import read_days, rows_of
from pat_core.recordings.mapping.mapping_record import COUNTED, Mapping, MappingError, problems
from pat_core.recordings.mapping.text_table import Shape, beginning, fitting, frame_of, plain, sample
from pat_core.recordings.source import Source
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.coded_text import coded
from pat_core.recordings.tables.long_table import ZONE, breaks_off, breaks_off_note, read_long
from pat_core.recordings.tables.long_times import TIMES, date_and_clock
from pat_core.recordings.tables.missing_and_worn import told_of
from pat_core.recordings.tables.numbers import numbers_of, unmistakable
from pat_core.records import Reading, Recording, Refusal

_OWN = (*columns.TIME, *TIMES, *columns.PARTICIPANT, *columns.ACTIVITY, *columns.UNIT)
"""Names that long tables know: what the mapping gives to no field must not be taken for one."""
_FIRST_DAY = re.compile(r"^\d{1,2}([./-])\d{1,2}\1")
_NO_TIME = np.datetime64("NaT")
_OTHER = {"day": "month", "month": "day"}


@dataclass(frozen=True)
class _Times:
    """stamps: (rows,) datetime64[ms], NaT where not read. notes: what the reader must know. written: (rows,) whether a text was there.

    offsets: from UTC, that they end in.
    """

    stamps: np.ndarray
    notes: tuple[str, ...]
    written: np.ndarray
    offsets: tuple[str, ...] = ()

    @property
    def in_utc(self) -> bool:
        """Whether they are universal time, to be brought to no zone."""
        return UTC_NOTE in self.notes


def read_mapped(source: Source, mapping: Mapping, progress: Progress | None = None) -> Reading:
    """Recordings of one value a minute out of a text table (gzipped or not), each column meaning what the mapping says.

    People who cannot be read are refused in the Reading. Raises MappingError naming the field that does not fit the file, and
    RecordingError where nothing in it can be used.
    """
    return in_minutes(read_epochs(source, mapping, progress))


def read_epochs(source: Source, mapping: Mapping, progress: Progress | None = None) -> Reading:
    """As read_mapped, in the file's own epochs, before what holds for every format is checked."""
    progress = progress or Silent()
    if wrong := problems(mapping):
        field, sentence = next(iter(wrong.items()))
        raise MappingError(field, sentence)
    source = plain(source)
    progress.at(0.0, f"Reading {source.filename}")
    if mapping.rows == "day":
        return _days(source, mapping)
    frame = frame_of(source, mapping)
    progress.at(0.5, f"Reading {source.filename}")
    first_line = mapping.skip + 1 + mapping.header
    cut: tuple[str, ...] = ()
    time, measured = (frame.columns.get_loc(name) for name in (mapping.clock or mapping.time, mapping.activity))
    if breaks_off(frame, time, measured):
        frame, cut = frame[:-1], (breaks_off_note(first_line + len(frame) - 1),)
    times = _times(frame, mapping)
    activity, number_notes = _numbers(frame[mapping.activity], mapping, "activity")
    try:
        reading = read_long(_long(frame, mapping, times.stamps, activity), source.name, source.stem, first_line, stated=True)
    except RecordingError as error:
        raise RecordingError(_in_their_names(str(error), mapping)) from error
    notes = times.notes + number_notes + cut + _left_out(times, activity, first_line)
    worn = {} if mapping.worn is None else _worn(frame, mapping, times.stamps, source, first_line)
    recordings, refused = [], [replace(refusal, reason=_in_their_names(refusal.reason, mapping)) for refusal in reading.refused]
    for recording in reading.recordings:
        marked = replace(
            recording, worn=worn.get(recording.participant), notes=(*recording.notes, *notes), in_utc=times.in_utc, offsets=times.offsets
        )
        try:
            recordings.append(_placed(marked, mapping))
        except RecordingError as error:
            refused.append(Refusal(f"{source.name}: {recording.participant}", str(error)))
    return Reading(tuple(recordings), tuple(refused))


def _days(source: Source, mapping: Mapping) -> Reading:
    """A table with a row a day."""
    at = sample(source, Shape(mapping.separator, mapping.skip, mapping.header)).columns.index(mapping.time)
    cells = [(line, row[at] if at < len(row) else "") for line, row in rows_of(source, mapping)]
    if not cells:
        raise RecordingError("The table has columns but no rows. Export the recordings again.")
    lines, texts = zip(*cells, strict=True)
    times = _times(pd.DataFrame({mapping.time: pd.Series(texts, dtype="str")}), replace(mapping, clock=None))
    reading = read_days(source, mapping, times.stamps, np.array(lines))
    recordings, refused = [], list(reading.refused)
    for recording in reading.recordings:
        try:
            marked = replace(
                recording, unit=mapping.unit, notes=(*recording.notes, *times.notes), in_utc=times.in_utc, offsets=times.offsets
            )
            recordings.append(_placed(marked, mapping))
        except RecordingError as error:
            refused.append(Refusal(f"{source.name}: {recording.participant}", str(error)))
    return Reading(tuple(recordings), tuple(refused))


def first_rows(source: Source, mapping: Mapping, rows: int = 8) -> list[tuple[str, datetime | None, float, bool | None]]:
    """The first rows as understood: (participant, time, activity, worn); time None where not read, activity NaN where missing.

    Before anything is corrected, brought to minutes or to wall clock. Raises as read_mapped does.
    """
    source = plain(source)
    body = frame_of(beginning(source), mapping)
    times, activity = _times(body, mapping).stamps[:rows], _numbers(body[mapping.activity], mapping, "activity")[0][:rows]
    participants = body[mapping.participant].astype("str").tolist() if mapping.participant else [source.stem] * rows
    worn = _marks(body, mapping)[:rows] if mapping.worn else [None] * rows
    numbers = pd.to_numeric(activity, errors="coerce").astype(float)
    stamps = [time.astype("datetime64[s]").item() for time in times]  # not a time becomes None
    marks = [None if mark is None else bool(mark) for mark in worn]
    return [(str(a), b, float(c), d) for a, b, c, d in zip(participants, stamps, numbers, marks, strict=False)]


def _long(frame: pd.DataFrame, mapping: Mapping, stamps: np.ndarray, values: pd.Series) -> pd.DataFrame:
    """The table in the layout of long tables; further columns come along as labels where their names mean nothing else."""
    named = {"timestamp": pd.Series(stamps, index=frame.index), "activity": values}
    if mapping.participant:
        named["participant"] = frame[mapping.participant]
    used = set(mapping.taken.values())
    away = (*_OWN, *ZONE) if mapping.zone else _OWN
    extra = frame[[name for name in frame.columns if name not in used and columns.key(name) not in away]]
    unit = pd.Categorical.from_codes(np.zeros(len(frame), np.int8), [mapping.unit])
    return pd.concat([pd.DataFrame(named), extra, pd.DataFrame({"unit": unit}, index=frame.index)], axis=1)


def _times(frame: pd.DataFrame, mapping: Mapping) -> _Times:
    cells = coded(frame[mapping.time])
    serial_note = serials.note(cells.texts)
    if mapping.clock:
        cells = date_and_clock(cells, coded(frame[mapping.clock]))
    written = cells.spread((cells.texts != "").to_numpy(bool), False)
    if mapping.order == "epochs":
        return _Times(cells.spread(_numbered(cells.texts, mapping), _NO_TIME), _utc_note(mapping), written)
    if mapping.order in COUNTED:
        return _Times(cells.spread(_counted(cells.texts, mapping), _NO_TIME), _utc_note(mapping), written)
    offsets = offsets_of(cells.texts)
    if mapping.runs == "utc" and offsets and offsets != UTC_OFFSET:
        raise MappingError("runs", f"The times end in {offsets[0]}, so they are not UTC. Choose local time, or correct the file.")
    first = next((text for text in cells.texts if text), None)
    if first is None:
        raise MappingError("time", "The column holds no time at all. Choose another column.")
    stamps = _dated(cells.texts, first, mapping)
    if np.isnat(stamps).all():
        raise MappingError(
            "time",
            f"No cell of {mapping.time[:60]} reads as a date and clock time; the first is “{first[:40]}”. Choose another column, or "
            "another way of writing dates.",
        )
    return _Times(
        cells.spread(stamps, _NO_TIME), (*serial_note, *(offset_notes(offsets, mapping.zone) or _utc_note(mapping))), written, offsets
    )


def _utc_note(mapping: Mapping) -> tuple[str, ...]:
    return offset_notes(UTC_OFFSET, mapping.zone) if mapping.runs == "utc" else ()


def _dated(texts: pd.Series, first: str, mapping: Mapping) -> np.ndarray:
    """(n,) datetime64[ms] of (n,) texts in the mapping's order of date; first: one that is there. MappingError for another order."""
    numbered = _FIRST_DAY.match(first)
    if mapping.order == "year" and not re.match(r"^\d{4}", first):
        raise MappingError("order", f"The year was expected first; the first time is “{first[:40]}”. Choose how the dates are written.")
    if mapping.order in ("day", "month") and not numbered:
        raise MappingError("order", f"Day and month as numbers were expected; the first time is “{first[:40]}”. Choose another order.")
    if mapping.order in ("year", "named") or not numbered:
        try:
            return parse_times(texts).astype("datetime64[ms]")
        except RecordingError as error:
            if not numbered:
                raise
            raise MappingError("order", f"{str(error).split('. ')[0]}. Choose whether the day or the month comes first.") from error
    # A last row whose day can be no month makes the parser take the order that was chosen, unless other rows contradict it.
    sign = numbered[1]
    telling = _FIRST_DAY.sub(f"31{sign}12{sign}" if mapping.order == "day" else f"12{sign}31{sign}", first)
    stamps = parse_times(pd.concat([texts, pd.Series([telling])], ignore_index=True)).astype("datetime64[ms]")
    if np.isnat(stamps[-1]) and not np.isnat(stamps[:-1]).all():
        raise _other_order(mapping, f"the dates read only with the {_OTHER[mapping.order]} first")
    if exchanged_days(stamps[:-1]):
        raise _other_order(
            mapping, f"read this way, days are a month apart, while with the {_OTHER[mapping.order]} first they follow each other"
        )
    return stamps[:-1]


def _other_order(mapping: Mapping, why: str) -> MappingError:
    return MappingError("order", f"The {mapping.order} was expected first; {why}. Choose that.")


def _counted(texts: pd.Series, mapping: Mapping) -> np.ndarray:
    """(rows,) datetime64[ms] of seconds or milliseconds since 1970."""
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64) * (1000.0 if mapping.order == "seconds" else 1.0)
    fine = np.isfinite(numbers) & (np.abs(numbers) < 4e12)
    if not fine.any() or not (np.abs(numbers[fine]) > 1e11).any():
        first = str(texts.dropna().iloc[0])[:40] if texts.notna().any() else ""
        message = (
            f"{mapping.order.capitalize()} since 1970 were expected; “{first}” is not a year we can use. Choose how the times are written."
        )
        raise MappingError("order", message)
    return np.where(fine, np.where(fine, numbers, 0).round().astype("datetime64[ms]"), np.datetime64("NaT"))


def _numbered(texts: pd.Series, mapping: Mapping) -> np.ndarray:
    """(rows,) datetime64[ms] of the numbers of epochs; the smallest one began when the mapping says."""
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
    fine = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (np.abs(numbers) < 1e9)
    if fine.sum() * 2 <= int((texts != "").sum()):
        first = str(next((text for text in texts if text), ""))[:40]
        raise MappingError("order", f"Whole numbers that count the epochs were expected; the first is “{first}”. Choose another column.")
    passed = (np.where(fine, numbers, 0) - numbers[fine].min()) * 1000 * mapping.epoch_seconds
    begins = np.datetime64(datetime.fromisoformat(mapping.begins.strip()), "ms")
    return np.where(fine, begins + passed.astype("timedelta64[ms]"), _NO_TIME)


def _numbers(column: pd.Series, mapping: Mapping, field: str) -> tuple[pd.Series, tuple[str, ...]]:
    """The activity as numbers by the chosen decimal sign, and what a reader is told of its signs; as text, numbers plainly written, where
    some cell is no number."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column) and column.notna().any():
        return column.astype(np.float64), ()
    cells = coded(column)
    lines = np.arange(len(column), dtype=np.int32) + mapping.skip + 1 + mapping.header
    name = mapping.activity[:60]
    try:
        decimal = numbers_of(cells, lines, name)[2].decimal
    except RecordingError:
        decimal = None  # it can be read in two ways: the mapping says which
    if decimal and decimal.sign != mapping.decimal:
        sign = {".": "point", ",": "comma"}[decimal.sign]
        raise MappingError("decimal", f"Line {decimal.line} holds {decimal.cell} in {name}. Choose the {sign} as the decimal sign.")
    try:
        values, bad, evidence = numbers_of(cells, lines, name, mapping.decimal)
    except RecordingError as error:
        raise MappingError("decimal", str(error)) from error
    written = cells.spread((cells.texts != "").to_numpy(bool), False)
    if bad.sum() * 2 > max(int(written.sum()), 1):
        example = str(column[bad].iloc[0])[:30]
        raise MappingError(field, f"The column {name} holds text such as “{example}”, not numbers. Choose another.")
    if np.isnan(values).all():
        raise MappingError(field, f"The column {name} is empty. Choose another.")
    if not bad.any():
        return pd.Series(values), evidence.notes()
    texts = np.where(bad, column.astype("str").to_numpy(object), np.where(np.isnan(values), "", [unmistakable(x) for x in values.tolist()]))
    return pd.Series(texts), evidence.notes()


def _marks(frame: pd.DataFrame, mapping: Mapping) -> np.ndarray:
    """(rows,) float: 1 worn, 0 not worn, NaN where the cell is empty and so says nothing; any mark that is no word of its own counts."""
    says_not = mapping.worn_says == "not worn"
    cells, worn, off, nothing = told_of(frame[mapping.worn], says_not)
    unset = cells.texts.str.lower().eq("off") | pd.to_numeric(cells.texts, errors="coerce").eq(0)  # of a mark, not of a device
    marks = np.where(worn | off, worn, (unset if says_not else ~unset).to_numpy(bool)).astype(np.float64)
    empty = 1.0 if says_not else np.nan
    marks[nothing] = empty
    return cells.spread(marks, empty)


def _worn(frame: pd.DataFrame, mapping: Mapping, stamps: np.ndarray, source: Source, first_line: int) -> dict[str, np.ndarray]:
    """Participant -> (epochs,) bool on the grid of their activity; where the file says nothing, nobody is marked as not wearing it."""
    marks = pd.Series(np.where(np.isnat(stamps), np.nan, _marks(frame, mapping)), index=frame.index)
    laid = read_long(_long(frame, mapping, stamps, marks), source.name, source.stem, first_line, stated=True)
    return {recording.participant: recording.values != 0 for recording in laid.recordings}


def _placed(recording: Recording, mapping: Mapping) -> Recording:
    """On the wall clock of the mapping's zone, where it names one."""
    if mapping.zone is None or not recording.date_known:
        return recording
    return zones.on_wall_clock(recording, mapping.zone, mapping.runs)


def _left_out(times: _Times, activity: pd.Series, first_line: int) -> tuple[str, ...]:
    """A note on rows that hold a text where a time was expected and no activity: they belong to no epoch."""
    stray = np.isnat(times.stamps) & times.written & activity.isna().to_numpy(bool)
    if not stray.any():
        return ()
    first = int(stray.argmax()) + first_line
    return (
        (
            f"{counted(int(stray.sum()), 'row with neither a time nor an activity was', 'rows with neither a time nor an activity were')} "
            f"left out, first in line {first}."
        ),
    )


def _in_their_names(sentence: str, mapping: Mapping) -> str:
    """Sentences on long tables name the columns of that layout; the reader knows their own."""
    named = sentence.replace("The column activity ", f"The column {mapping.activity} ")
    return named.replace("The column participant ", f"The column {mapping.participant} ")


class MappedReader:
    """A reader for `recordings.reading.read`: files that have the columns of a mapping are read by the first such, others by their formats.

    Afterwards it knows which recordings came by which mapping.
    """

    def __init__(self, mappings: Sequence[Mapping]) -> None:
        self._mappings = tuple(mappings)
        self._by: dict[tuple[str, str | None], Mapping] = {}

    def __call__(self, source: Source, progress: Progress) -> Reading:
        """The recordings of one file, or its refusal."""
        mapping = fitting(source, self._mappings)
        if mapping is None:
            return read_source(source, progress)
        reading = read_source(source, progress, lambda plain, part: read_mapped(plain, mapping, part))
        for recording in reading.recordings:
            self._by.setdefault((recording.source, recording.participant), mapping)  # who comes twice came by the first
            self._by.setdefault((recording.source, None), mapping)
        return reading

    def mapping_of(self, recording: Recording) -> Mapping | None:
        """The mapping by which a recording was read, of joined parts the first; None where its format was enough."""
        return self._by.get((recording.source, recording.participant)) or self._by.get((recording.source, None))
