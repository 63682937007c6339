"""Wide tables: one row a person, the minutes in columns. The layout is decided once; rows are then read one by one, so that one bad
row costs one person and 10,080 columns stay fast. Works on rows of cells, so CSV and Parquet share it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.recordings.clock import serials
from pat_core.recordings.clock.times import parse_times
from pat_core.recordings.source import quoted
from pat_core.recordings.tables import columns, day_rows
from pat_core.recordings.tables.long_times import length_of
from pat_core.recordings.tables.numbers import OPEN_COMMA, OPEN_POINT, TEXT, Evidence, Usual, is_number, parse_cells, settle
from pat_core.recordings.tables.people_column import code_of, refuse_unnamed_rows
from pat_core.records import Reading, Recording, Refusal
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK

LEAST_MINUTES = 60
"""Fewer numeric columns than this are not minutes of a wide table."""


@dataclass(frozen=True)
class Layout:
    """Where things stand in a row. minutes: (n,) column indices in time order; word: the minute columns' common name."""

    width: int
    header: bool
    participant: int | None
    minutes: np.ndarray
    start_column: int | None
    first_stamp: datetime | None
    labels: tuple[tuple[int, str], ...]
    word: str

    def take(self, cells: Sequence[str]) -> Sequence[str]:
        """The minutes' cells of a row, in time order; a slice where they stand together."""
        first, last = int(self.minutes[0]), int(self.minutes[-1])
        if last - first + 1 == self.minutes.size:
            return cells[first : last + 1]
        return [cells[i] for i in self.minutes]


@dataclass(frozen=True, eq=False)
class Row:
    """One row: its line, its cells by column index, and its minutes where they are numbers already ((minutes,) float32).

    cells: the texts of all columns; beside minutes a mapping of the other columns alone.
    """

    line: int
    cells: Any
    minutes: np.ndarray | None = None


def layout_of(first: Sequence[str]) -> Layout | None:
    """The layout that the first row of a table shows, header or not; None where it is no wide table.

    Raises RecordingError where it is one whose minutes have no clear order.
    """
    if len(first) < LEAST_MINUTES:
        return None
    names = [str(cell).strip() for cell in first]
    numeric = np.array([is_number(name) for name in names])
    if numeric.mean() < 0.5 or _is_counting(names) or (len(names) >= MINUTES_PER_DAY and day_rows.whole_day(names) is not None):
        return _named(names)
    block = _trailing(numeric)
    if block < LEAST_MINUTES:
        return None
    begin = len(names) - block
    if begin == 0 and block % LEAST_MINUTES == 1:
        begin = 1
    return Layout(
        len(names),
        False,
        0 if begin else None,
        np.arange(begin, len(names)),
        None,
        None,
        tuple((i, f"column {i + 1}") for i in range(1, begin)),
        "",
    )


@dataclass(frozen=True, eq=False)
class _Read:
    """A row as read alone. values: (minutes,) float32; opened: the kinds of its cells (see `numbers.py`) where any of them is open."""

    row: Row
    person: str
    values: np.ndarray
    opened: np.ndarray | None


def read_rows(layout: Layout, rows: Iterable[Row], where: str, stem: str, usual: Usual | None = None, stated: bool = False) -> Reading:
    """People of a wide table without its header row. One bad row is refused, naming its line; rows that are days are laid in a row.

    usual: how its numbers are written, where that is known; stated: the reader has said whose the rows are. Raises RecordingError where the
    minutes can be read in two ways, which all rows together decide, and columns.Unclear where a column of unknown meaning names people.
    """
    read: list[_Read] = []
    refused: list[Refusal] = []
    evidence = Evidence("of minutes", usual)
    for row in rows:
        person = f"{stem}-{len(read) + len(refused) + 1}"
        if layout.participant is not None and (row.minutes is not None or layout.participant < len(row.cells)):
            person = code_of(row.cells[layout.participant]) or person
        try:
            read.append(_read(layout, person, row, evidence))
        except RecordingError as error:
            refused.append(Refusal(f"{where}: {person}", str(error)))
    labels = [columns.labels([entry.row.cells[i] for entry in read]) for i, _ in layout.labels]
    days = layout.header and layout.minutes.size == MINUTES_PER_DAY
    if layout.participant is None and layout.header and not stated:
        refuse_unnamed_rows([{name: entry.row.cells[i] for i, name in layout.labels} for entry in read], days)
    notes = (*evidence.notes(), *evidence.missing_note())
    recordings: list[Recording] = []
    for at, entry in enumerate(read):
        values = entry.values if entry.opened is None else settle(entry.values, entry.opened, evidence)
        known = {name: stated[at] for (_, name), stated in zip(layout.labels, labels, strict=True)}
        try:
            recordings.append(_person(layout, entry, values, known, where, notes))
        except RecordingError as error:
            refused.append(Refusal(f"{where}: {entry.person}", str(error)))
    reading = Reading(tuple(recordings), tuple(refused))
    if not layout.header or layout.minutes.size not in day_rows.SIZES:
        return reading
    return day_rows.gathered(reading, layout.participant is not None, stem, where)


def _read(layout: Layout, person: str, row: Row, evidence: Evidence) -> _Read:
    if row.minutes is not None:
        return _Read(row, person, row.minutes, None)
    if len(row.cells) != layout.width:
        raise RecordingError(
            f"Line {row.line} has {len(row.cells)} columns where {layout.width} were expected. Correct or remove the line and import again."
        )
    cells = layout.take(row.cells)
    parsed = parse_cells(cells)
    text = (parsed["kind"] == TEXT) | np.isinf(parsed["value"])
    if text.any():
        first = int(text.argmax())
        raise _not_a_number(str(cells[first]).strip(), row.line, int(layout.minutes[first]) + 1)
    evidence.add(parsed, np.broadcast_to(row.line, len(cells)))
    taken = (*(i for i, _ in layout.labels), layout.participant, layout.start_column)
    row_cells = {i: row.cells[i] for i in taken if i is not None}  # a row's texts take ten times its numbers
    opened = np.isin(parsed["kind"], (OPEN_COMMA, OPEN_POINT)).any()
    return _Read(Row(row.line, row_cells), person, parsed["value"].astype(np.float32), parsed["kind"].copy() if opened else None)


def _person(
    layout: Layout, entry: _Read, values: np.ndarray, labels: dict[str, str | float | None], where: str, notes: tuple[str, ...]
) -> Recording:
    unit, device, placement = (columns.take(labels, keys) for keys in (columns.UNIT, columns.DEVICE, columns.PLACEMENT))
    start, message = _start(layout, entry.row)
    return Recording(
        participant=entry.person,
        values=values,
        start=start,
        epoch_seconds=_epoch_seconds(layout.word, labels, entry.row.line),
        unit=columns.unit_named(unit) if unit else columns.unit_of(layout.word, values),
        device=device,
        placement=placement,
        labels=labels,
        source=f"{where}, line {entry.row.line}",
        notes=(*notes, *message),
    )


def _epoch_seconds(word: str, labels: Mapping[str, str | float | None], line: int) -> int:
    """Seconds of a row's epochs, as a column of the row says; 60 where none does, or the columns are named minutes."""
    name = next((name for name in labels if columns.key(name) in columns.EPOCH_LENGTH), None)
    length = None if name is None else labels[name]
    if name is None or length is None or columns.key(word).startswith("min"):
        return 60
    seconds = length_of(f"{length:g}" if isinstance(length, float) else length, columns.EPOCH_LENGTH[columns.key(name)])
    if seconds is None or seconds != int(seconds):
        raise RecordingError(
            f"Line {line}: the column {name} says “{str(length)[:40]}”, which is not an epoch length. Write seconds: 60, 30 or 15."
        )
    return int(seconds)


def _refuse_epochs(word: str, names: Sequence[str], minutes: np.ndarray) -> None:
    """Refuse columns that count epochs of a length that nothing says; 1,440 are the minutes of a day, and 10,080 those of a week."""
    if columns.key(word) not in (*columns.COUNTER, "epochs", "ep", "bin") or minutes.size in (MINUTES_PER_DAY, MINUTES_PER_WEEK):
        return
    if any(columns.key(name) in columns.EPOCH_LENGTH for name in names):
        return
    raise RecordingError(
        f"The columns {names[minutes[0]]} to {names[minutes[-1]]} count epochs, but nothing in the file says how long one is: "
        f"{minutes.size:,} are {minutes.size / MINUTES_PER_DAY:.3g} days of minutes, or half as many of half minutes. Call them minute_1, "
        "minute_2 and so on if they are minutes, or add a column `epoch_seconds` (30 if an epoch is half a minute)."
    )


def _not_a_number(text: str, line: int, column: int) -> RecordingError:
    if text.lower().lstrip("+-") in ("inf", "infinity"):
        text += " (write an empty cell for a missing minute)"
    return RecordingError(
        f"Line {line}, column {column} holds {quoted(text)} where a number of activity was expected. "
        "Correct it, or leave the cell empty where the minute is missing."
    )


def _start(layout: Layout, row: Row) -> tuple[datetime | None, tuple[str, ...]]:
    """The first minute's time, None where nothing says, and what the reader must know of how it is written."""
    if layout.start_column is None or columns.label(row.cells[layout.start_column]) is None:
        return layout.first_stamp, ()
    text = pd.Series([str(row.cells[layout.start_column]).strip()], dtype="str")
    days = serials.dates(text)
    stamp = parse_times(text if days is None else days)[0]
    if np.isnat(stamp):
        raise RecordingError(f"Line {row.line}: the start {quoted(text[0])} is not a readable time. Write it as YYYY-MM-DD HH:MM:SS.")
    return stamp.astype("datetime64[s]").astype(datetime), serials.note(text)


def _named(names: list[str]) -> Layout | None:
    """The layout of a header: minute columns by numbered names or by times, the other columns by theirs."""
    columns_found = _stamped(names) or day_rows.clock_columns(names) or _numbered(names)
    if columns_found is None:
        return None
    minutes, word, first_stamp = columns_found
    _refuse_epochs(word, names, minutes)
    taken = set(minutes.tolist())
    rest = [i for i in range(len(names)) if i not in taken]
    others = [names[i] for i in rest]
    participant = columns.find(others, columns.PARTICIPANT)
    if participant is None and rest and rest[0] == 0 and others[0] in ("", "Unnamed: 0", "index"):
        participant = 0
    start = columns.find(others, columns.START)
    labels = tuple((rest[i], others[i]) for i in range(len(rest)) if i not in (participant, start) and others[i])
    return Layout(
        len(names),
        True,
        None if participant is None else rest[participant],
        minutes,
        None if start is None else rest[start],
        first_stamp,
        labels,
        word,
    )


def _numbered(names: list[str]) -> tuple[np.ndarray, str, None] | None:
    """Columns of one name with running numbers (minute_0, minute_1, ...): at least LEAST_MINUTES of them."""
    groups: dict[str, list[tuple[int, int]]] = {}
    for i, name in enumerate(names):
        match = re.fullmatch(r"(.*?)[ _.\-]*(\d{1,7})(?:\.0)?", name)
        if match:
            groups.setdefault(match.group(1).strip().lower(), []).append((int(match.group(2)), i))
    word = max(groups, key=lambda name: len(groups[name]), default=None)
    if word is None or len(groups[word]) < LEAST_MINUTES:
        return None
    numbers, where = np.array(sorted(groups[word])).T
    if np.any(np.diff(numbers) != 1):
        break_at = int(numbers[np.flatnonzero(np.diff(numbers) != 1)[0]])
        raise RecordingError(
            f"The minute columns {names[where[0]]} to {names[where[-1]]} were expected to count up by one, but {break_at} is not "
            f"followed by {break_at + 1}. Add the missing columns (empty cells are missing minutes), or give each its own number."
        )
    return where, word, None


def _stamped(names: list[str]) -> tuple[np.ndarray, str, datetime] | None:
    """Columns named by their time (2024-01-31 00:00): at least LEAST_MINUTES of them, a minute apart."""
    where = [i for i, name in enumerate(names) if re.match(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}", name)]
    if len(where) < LEAST_MINUTES:
        return None
    stamps = parse_times(pd.Series([names[i] for i in where]))
    order = np.argsort(stamps, kind="stable")
    if np.isnat(stamps).any() or np.any(np.diff(stamps[order]) != np.timedelta64(60, "s")):
        raise RecordingError("The columns are named by times, expected to be one minute apart; they are not. Add the missing minutes.")
    return np.array(where)[order], "", stamps[order][0].astype("datetime64[s]").astype(datetime)


def _is_counting(names: list[str]) -> bool:
    """Whether a mostly numeric first row is a header after all: LEAST_MINUTES whole numbers that count up by one."""
    numbers = np.array([float(name) if name.isdecimal() else np.nan for name in names])
    steps = np.concatenate(([False], np.diff(numbers) == 1, [False]))
    return bool(np.diff(np.flatnonzero(~steps)).max() >= LEAST_MINUTES)


def _trailing(numeric: np.ndarray) -> int:
    """How many numeric cells stand together at the end of a row."""
    words = np.flatnonzero(~numeric)
    return numeric.size - (int(words[-1]) + 1 if words.size else 0)
