"""Long tables: one row an epoch, with columns for who (optional), when and how much, from which device and in which time zone (optional).

Works on a frame, so CSV and Parquet share it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.recordings.clock import zones
from pat_core.recordings.clock.grid import MixedRows, order_notes, to_grid
from pat_core.recordings.clock.row_times import settled
from pat_core.recordings.clock.times import with_known_date
from pat_core.recordings.clock.zones import UTC_OFFSET
from pat_core.recordings.source import refuse_unless, required
from pat_core.recordings.tables import columns, people_column
from pat_core.recordings.tables.coded_text import coded
from pat_core.recordings.tables.long_times import TIMES, Times, time_columns, times_of, with_dates
from pat_core.recordings.tables.missing_and_worn import believed, rows_worn
from pat_core.recordings.tables.numbers import numbers_of
from pat_core.records import Reading, Recording, Refusal

SERIAL = ("serial", "serialnumber", "serialno", "deviceserial", "deviceserialnumber", "devicesn", "deviceid")
ZONE = ("timezone", "tz", "zone", "tzname", "timezonename", "iana", "ianatimezone", "localtimezone")

EXPECTED = (
    "Expected one row an epoch with a time column (timestamp) and an activity column (activity, counts, mims, ...), "
    "or one row a person with at least 60 minutes in columns"
)


def is_long(names: list[str]) -> bool:
    """Whether these columns hold a time and an activity."""
    when = time_columns(names)
    return bool(when) and columns.find_activity(names, [*when, columns.find(names, columns.PARTICIPANT)]) is not None


def text_columns(names: list[str]) -> list[int]:
    """Columns that must be read as text: people's and devices' codes (leading zeros count), times, and activity (1.234 may be 1234)."""
    participants, when = [i for i, name in enumerate(names) if columns.key(name) in columns.PARTICIPANT], time_columns(names)
    activity = columns.find_activity(names, [*when, *participants])
    return sorted({*participants, *([] if activity is None else [activity]), *when, *_device_columns(names)})


def read_long(frame: pd.DataFrame, where: str, stem: str, first_line: int = 2, stated: bool = False) -> Reading:
    """Recordings of a long frame with unique column names.

    where: the file's name, for sentences; stem: the participant where no column names one; first_line: line of the first row.
    stated: the reader has said what the columns mean. Raises RecordingError where the columns are not there, where the file holds a single
    nameless person who is refused, and where it seems to hold several (see people.refuse_unnamed).
    """
    frame = with_dates(frame)
    names = [str(name) for name in frame.columns]
    absent = f"{EXPECTED}; the columns here are {', '.join(names[:12])}. Rename them and import again."
    refuse_unless(is_long(names), absent)
    when, who = time_columns(names), people_column.who_column(frame, names)
    activity = required(columns.find_activity(names, [*when, who]), absent)
    lines = np.arange(first_line, first_line + len(frame), dtype=np.int32)
    blank = frame.iloc[:, [*when, activity]].isna().all(axis=1).to_numpy()
    if blank.any():
        frame, lines = frame[~blank], lines[~blank]
    if frame.empty:
        raise RecordingError("The table has columns but not one row with a time and an activity. Export the recording again.")
    notes: tuple[str, ...] = ()
    if breaks_off(frame, when[-1], activity):
        notes = (breaks_off_note(int(lines[-1])),)
        frame, lines = frame[:-1], lines[:-1]
    with np.errstate(over="ignore"):  # too large for a float32 is endless, which is said of every format alike
        values, text, number_notes = _numbers(frame.iloc[:, activity], lines)
    times = times_of(frame, when, lines)
    recordings, refused = [], []
    devices = [i for i in _device_columns(names) if i != who]
    extra = [i for i in range(len(names)) if i not in (*when, who, activity) and columns.key(names[i]) not in TIMES]
    worn, flags, unclear = (None, [], ()) if stated else rows_worn(frame, [names[i] for i in extra])
    extra = [i for i in extra if names[i] not in flags]
    unused = _unused(names, extra)
    if who is None or frame.iloc[:, who].nunique() == 1:
        people_column.refuse_unnamed(frame, unused, times.stamps, values, lines, None if who is None else names[who], stated)
    for participant, rows in _people(frame, who, stem):
        at = slice(None) if rows is None else rows
        try:
            if who is not None:
                people_column.refuse_shortened(participant, names[who])
            facts = _constants(frame, extra, at) | _one_device(frame, devices, at, participant)
            marks = None if worn is None else (worn[at], flags)
            recordings.append(_recording(participant, names[activity], times, values, text, lines, at, facts, where, marks))
        except RecordingError as error:
            if who is None:
                raise
            apart = people_column.named_apart(frame, unused, at, times.stamps, participant) if isinstance(error, MixedRows) else None
            refused.append(Refusal(f"{where}: {participant}", str(apart or error)))
    if who is not None and (nameless := frame.iloc[:, who].isna().sum()):
        refused.append(
            Refusal(f"{where}: {counted(nameless, 'row')}", f"The column {names[who]} is empty there, so they belong to nobody.")
        )
    notes = (*number_notes, *unclear, *notes)
    return Reading(
        tuple(replace(recording, notes=(*recording.notes, *notes)) if notes else recording for recording in recordings), tuple(refused)
    )


def breaks_off(frame: pd.DataFrame, time: int, activity: int) -> bool:
    """Whether the last row has no activity, and of its time less than any other row: what is left of a time may be another day."""
    if len(frame) < 2 or not isinstance(frame.iloc[0, time], str) or not pd.isna(frame.iloc[-1, activity]):
        return False
    last, shape = frame.iloc[-1, time], re.sub(r"\d", "0", frame.iloc[0, time])
    if pd.isna(last):
        return bool(frame.iloc[-1].notna().any())
    return shape.startswith(re.sub(r"\d", "0", last)) and len(last) < frame.iloc[:-1, time].str.len().min()


def breaks_off_note(line: int) -> str:
    """What a reader is told of a last line that was left out."""
    return f"The last line ({line}) ends in the middle of its time and was left out; the file may be cut short."


def _device_columns(names: list[str]) -> list[int]:
    """Columns that say which device a row is from."""
    return [i for i, name in enumerate(names) if columns.key(name) in (*columns.DEVICE, *SERIAL)]


def _numbers(column: pd.Series, lines: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """The activity column as (n,) float32, where it holds text that is no number, (n,) bool, and what a reader is told of its signs."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(np.float32, na_value=np.nan), np.zeros(len(column), bool), ()
    values, text, evidence = numbers_of(coded(column), lines, str(column.name))
    return values.astype(np.float32), text, (*evidence.notes(), *evidence.missing_note())


def _people(frame: pd.DataFrame, who: int | None, stem: str) -> Iterator[tuple[str, np.ndarray | slice | None]]:
    """Each participant with the positions of their rows, in the file's order; None stands for all rows."""
    if who is None:
        yield stem, None
        return
    cells = coded(people_column.codes_of(frame.iloc[:, who]))
    ordered = not (np.diff(cells.codes) < 0).any()
    order = np.arange(cells.codes.size) if ordered else np.argsort(cells.codes, kind="stable")
    bounds = np.searchsorted(cells.codes if ordered else cells.codes[order], np.arange(cells.texts.size + 1))
    for i, person in enumerate(cells.texts):
        rows = order[bounds[i] : bounds[i + 1]]
        contiguous = rows.size and rows[-1] - rows[0] + 1 == rows.size
        yield str(person), slice(int(rows[0]), int(rows[-1]) + 1) if contiguous else rows


def _unused(names: list[str], extra: list[int]) -> list[int]:
    """Those of the extra columns that are used for nothing."""
    used = (*columns.UNIT, *columns.DEVICE, *columns.PLACEMENT, *SERIAL, *ZONE)
    return [i for i in extra if columns.key(names[i]) not in used]


def _constants(frame: pd.DataFrame, extra: list[int], at: slice | np.ndarray) -> dict[str, str | float | None]:
    """Columns that say one thing of a person: their value in every row is the same."""
    facts: dict[str, str | float | None] = {}
    for i in extra:
        column = frame.iloc[at, i]
        if column.iloc[0] == column.iloc[-1] and column.nunique(dropna=False) == 1:
            facts[str(frame.columns[i])] = _label(frame.iloc[:, i], column.iloc[0])
    return facts


def _label(column: pd.Series, cell: object) -> str | float | None:
    """A cell as a label; what its comma means is told by all different texts of the column."""
    if not isinstance(cell, str) or not re.search("[.,]", cell):
        return columns.label(cell)
    texts = coded(column).texts.tolist()
    return columns.labels(texts)[texts.index(cell.strip())]


def _one_device(frame: pd.DataFrame, devices: list[int], at: slice | np.ndarray, participant: str) -> dict[str, str | float | None]:
    """What the device columns say of a person, as written. Raises RecordingError, naming both, where rows are from more than one device."""
    facts: dict[str, str | float | None] = {}
    for i in devices:
        cells = frame.iloc[at, i].dropna().astype("str").str.strip().str.replace(r"^(\d+)\.0$", r"\1", regex=True)
        named = cells[cells != ""].value_counts(sort=False)
        if named.size > 1:
            shown = " and ".join(f"{name[:40]} ({counted(count, 'row')})" for name, count in list(named.items())[:2])
            more = f", and {named.size - 2} more" if named.size > 2 else ""
            raise RecordingError(
                f"Rows from one device were expected for {participant}; the column {frame.columns[i]} names {named.size}: {shown}{more}. "
                "Devices differ in their counts: keep the rows of one, or give each device's rows their own participant."
            )
        if named.size:
            facts[str(frame.columns[i])] = str(named.index[0])
    return facts


def _recording(
    participant: str,
    activity: str,
    times: Times,
    values: np.ndarray,
    text: np.ndarray,
    lines: np.ndarray,
    at: slice | np.ndarray,
    facts: dict[str, str | float | None],
    where: str,
    marks: tuple[np.ndarray, list[str]] | None,
) -> Recording:
    stamps, values, text, lines = times.stamps[at], values[at], text[at], lines[at]
    if text.any():
        raise RecordingError(
            f"The column {activity} holds text where numbers were expected, first in line {lines[text.argmax()]} "
            f"({counted(text.sum(), 'row')} in all). Correct the rows, or leave the cells empty where minutes are missing."
        )
    stamps, corrections = settled(stamps, lines)
    grid = to_grid(stamps, values)
    worn, wear_notes = (
        (None, ()) if marks is None else believed(to_grid(stamps, marks[0].astype(np.float32)).values != 0, grid.values, marks[1])
    )
    labels = dict(facts)
    unit, device, placement, serial, zone = (
        columns.take(labels, keys) for keys in (columns.UNIT, columns.DEVICE, columns.PLACEMENT, SERIAL, ZONE)
    )
    if serial:
        labels["serial"] = serial
    if grid.repeated:
        labels["repeated_minutes"] = float(grid.repeated)
    recording = Recording(
        participant=participant,
        values=grid.values,
        start=grid.start if times.dated else None,
        epoch_seconds=grid.epoch_seconds,
        unit=columns.unit_named(unit) if unit else columns.unit_of(activity, values),
        device=device,
        placement=placement,
        labels=labels,
        source=where,
        worn=worn,
        notes=(*times.notes, *corrections, *order_notes(grid), *wear_notes),
    )
    return zones.placed(with_known_date(recording), zone or times.zone, "utc" if times.offsets == UTC_OFFSET else "wall", times.offsets)
