"""Wide tables: one row a person, the minutes in columns. The layout is decided once; rows are then read one by one, so that one bad
row costs one person and 10,080 columns stay fast. Works on rows of cells, so CSV and Parquet share it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from ..errors import RecordingError
from ..records import Reading, Recording, Refusal
from . import columns
from .clock import parse_times

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

    def take(self, cells: Sequence[object]) -> Sequence[object]:
        """The minutes' cells of a row, in time order; a slice where they stand together."""
        first, last = int(self.minutes[0]), int(self.minutes[-1])
        if last - first + 1 == self.minutes.size:
            return cells[first : last + 1]
        return [cells[i] for i in self.minutes]


@dataclass(frozen=True, eq=False)
class Row:
    """One row: its line, its cells by column index, and its minutes where they are numbers already ((minutes,) float32)."""

    line: int
    cells: Sequence[object] | Mapping[int, object]
    minutes: np.ndarray | None = None


def layout_of(first: Sequence[str]) -> Layout | None:
    """The layout that the first row of a table shows, header or not; None where it is no wide table.

    Raises RecordingError where it is one whose minutes have no clear order.
    """
    if len(first) < LEAST_MINUTES:
        return None
    names = [str(cell).strip() for cell in first]
    numeric = np.array([_is_number(name) for name in names])
    if numeric.mean() < 0.5 or _is_counting(names):
        return _named(names)
    block = _trailing(numeric)
    if block < LEAST_MINUTES:
        return None
    begin = len(names) - block
    if begin == 0 and block % LEAST_MINUTES == 1:
        begin = 1
    return Layout(len(names), False, 0 if begin else None, np.arange(begin, len(names)), None, None,
                  tuple((i, f"column {i + 1}") for i in range(1, begin)), "")  # fmt: skip


def read_rows(layout: Layout, rows: Iterable[Row], where: str, stem: str) -> Reading:
    """People of a wide table without its header row. One bad row is refused, naming its line."""
    recordings: list[Recording] = []
    refused: list[Refusal] = []
    for row in rows:
        person = f"{stem}-{len(recordings) + len(refused) + 1}"
        if layout.participant is not None and (row.minutes is not None or layout.participant < len(row.cells)):
            known = row.cells[layout.participant]
            person = str("" if known is None else known).strip() or person
        try:
            recordings.append(_person(layout, person, row, where))
        except RecordingError as error:
            refused.append(Refusal(f"{where}: {person}", str(error)))
    return Reading(tuple(recordings), tuple(refused))


def _person(layout: Layout, person: str, row: Row, where: str) -> Recording:
    if row.minutes is None and len(row.cells) != layout.width:
        raise RecordingError(
            f"Line {row.line} has {len(row.cells)} columns where {layout.width} were expected. Mend or remove the line and import again."
        )
    values = _floats(layout.take(row.cells), layout, row.line) if row.minutes is None else row.minutes
    labels = {name: columns.label(row.cells[i]) for i, name in layout.labels}
    unit, device, placement = (columns.take(labels, keys) for keys in (columns.UNIT, columns.DEVICE, columns.PLACEMENT))
    return Recording(
        participant=person, values=values, start=_start(layout, row),
        unit=columns.unit_named(unit) if unit else columns.unit_of(layout.word, values),
        device=device, placement=placement, labels=labels, source=f"{where}, line {row.line}",
    )  # fmt: skip


def _floats(cells: Sequence[object], layout: Layout, line: int) -> np.ndarray:
    """(minutes,) float32 of a row's cells; empty and NA cells are NaN; other text raises, naming line and column."""
    try:
        return np.array(list(map(float, cells)), np.float32)
    except (TypeError, ValueError):
        pass
    values = np.empty(len(cells), np.float32)
    for i, cell in enumerate(cells):
        known = columns.label(cell)
        if isinstance(known, str) and re.fullmatch(r"[+-]?\d+,\d+", known):
            known = float(known.replace(",", "."))
        if isinstance(known, str):
            raise _not_a_number(known, line, int(layout.minutes[i]) + 1)
        values[i] = np.nan if known is None else known
    return values


def _not_a_number(text: str, line: int, column: int) -> RecordingError:
    if text.lower().lstrip("+-") in ("inf", "infinity"):
        text += " (write an empty cell for a missing minute)"
    return RecordingError(
        f"Line {line}, column {column} holds “{text[:40]}” where a number of activity was expected. "
        "Correct it, or leave the cell empty where the minute is missing."
    )


def _start(layout: Layout, row: Row) -> datetime | None:
    if layout.start_column is None or columns.label(row.cells[layout.start_column]) is None:
        return layout.first_stamp
    text = str(row.cells[layout.start_column]).strip()
    stamp = parse_times(pd.Series([text]))[0]
    if np.isnat(stamp):
        raise RecordingError(f"Line {row.line}: the start “{text[:40]}” is no readable time. Write it as YYYY-MM-DD HH:MM:SS.")
    return stamp.astype("datetime64[s]").astype(datetime)


def _named(names: list[str]) -> Layout | None:
    """The layout of a header: minute columns by numbered names or by times, the other columns by theirs."""
    found = _stamped(names) or _numbered(names)
    if found is None:
        return None
    minutes, word, first_stamp = found
    taken = set(minutes.tolist())
    rest = [i for i in range(len(names)) if i not in taken]
    others = [names[i] for i in rest]
    who = columns.find(others, columns.PARTICIPANT)
    if who is None and rest and rest[0] == 0 and others[0] in ("", "Unnamed: 0", "index"):
        who = 0
    start = columns.find(others, columns.START)
    labels = tuple((rest[i], others[i]) for i in range(len(rest)) if i not in (who, start) and others[i])
    return Layout(len(names), True, None if who is None else rest[who], minutes, None if start is None else rest[start],
                  first_stamp, labels, word)  # fmt: skip


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


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ".", 1) or "nan")
    except ValueError:
        return text.lower() in ("na", "n/a", "null")
    return True


def _is_counting(names: list[str]) -> bool:
    """Whether a mostly numeric first row is a header after all: LEAST_MINUTES whole numbers that count up by one."""
    numbers = np.array([float(name) if name.isdecimal() else np.nan for name in names])
    steps = np.concatenate(([False], np.diff(numbers) == 1, [False]))
    return bool(np.diff(np.flatnonzero(~steps)).max() >= LEAST_MINUTES)


def _trailing(numeric: np.ndarray) -> int:
    """How many numeric cells stand together at the end of a row."""
    words = np.flatnonzero(~numeric)
    return numeric.size - (int(words[-1]) + 1 if words.size else 0)
