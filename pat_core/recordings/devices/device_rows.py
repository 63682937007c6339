"""Rows of devices' text exports: lines within bounds, columns as numbers and times, and sentences on what is missing.

These exports begin with lines about the device; below stand plain rows without quotation marks. Files are read in blocks, so that the
memory taken follows the epochs and not the text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import BLOCK, MOST_EPOCHS, empty_note, on_grid
from pat_core.recordings.clock.grid import Grid
from pat_core.recordings.clock.times import parse_times
from pat_core.recordings.source import Source, quoted, refuse_unless
from pat_core.recordings.tables.missing_and_worn import NEGATIVE
from pat_core.recordings.tables.numbers import TEXT, Evidence, Usual, parse_cells, settle
from pat_core.recordings.tables.text_shape import encoding_of

MOST_BYTES = 256 * 1024**2
"""An epoch export of more text than this is none: three million rows take less."""
LONGEST_LINE, LONGEST_CELL = 65_536, 200
"""Signs of a line; signs of a cell that are looked at, so that padded cells take no memory."""

Parser = Callable[[list[str], np.ndarray], np.ndarray]
"""Makes one array of the cells of a column, given with their line numbers. Raises RecordingError naming a line."""


@dataclass(frozen=True)
class Column:
    """Where a column stands (cells of several places are joined by a space) and how it is read."""

    places: tuple[int, ...]
    parse: Parser


@dataclass(frozen=True)
class Table:
    """lines: (rows,) int64, where each row stood. columns: name -> (rows,) array. notes: sentences on what was left out."""

    lines: np.ndarray
    columns: Mapping[str, np.ndarray]
    notes: tuple[str, ...]


def lines(source: Source, progress: Progress, encoding: str | None = None) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1, without their ends. Raises RecordingError for more text, or a longer line, than exports have."""
    refuse_unless(
        source.size <= MOST_BYTES,
        f"An epoch export of at most {MOST_BYTES // 1024**2} MB was expected; this file has {source.size / 1024**2:.0f} MB. "
        "Export the recording in longer epochs (up to 60 seconds) or in parts.",
    )
    taken = 0
    with source.open() as raw, io.TextIOWrapper(raw, encoding=encoding or encoding_of(source.head()), errors="replace") as text:
        for number, line in enumerate(iter(lambda: text.readline(LONGEST_LINE + 1), ""), 1):
            taken += len(line)
            refuse_unless(
                len(line) <= LONGEST_LINE, f"Line {number} is longer than {LONGEST_LINE} characters, which no row is. Export it again."
            )
            refuse_unless(number <= 2 * MOST_EPOCHS, f"The file has more than {2 * MOST_EPOCHS:,} lines. Export it in parts.")
            refuse_unless(taken <= MOST_BYTES, f"The file holds more than {MOST_BYTES // 1024**2} MB of text. Export it in parts.")
            if number % BLOCK == 0:
                progress.at(min(taken / max(source.size, 1), 1.0), f"Reading {source.filename}")
            yield number, line.rstrip("\r\n")


def gather(rows: Iterable[tuple[int, str]], separator: str, width: int, columns: Mapping[str, Column]) -> Table:
    """The wanted columns of rows below a header of `width` names.

    A last row with too few cells was cut off and is left out with a note. Raises RecordingError for such a row elsewhere, for rows with
    cells beyond the columns, and where there is no row.
    """
    parts: dict[str, list[np.ndarray]] = {name: [] for name in columns}
    numbers: list[np.ndarray] = []
    cells: dict[str, list[str]] = {name: [] for name in columns}
    pending: list[int] = []
    cut: tuple[int, int] | None = None
    least = 0

    def convert() -> None:
        at = np.asarray(pending, np.int64)
        numbers.append(at)
        for name, column in columns.items():
            parts[name].append(column.parse(cells[name], at))
            cells[name].clear()
        pending.clear()

    for number, line in rows:
        if not line.strip():
            continue
        if cut:
            raise RecordingError(f"Line {cut[0]} has {cut[1]} columns where {least} were expected. Correct it, or export again.")
        row = line.split(separator)
        least = least or max(width, len(row))
        if len(row) < least:
            cut = number, len(row)
            continue
        if any(cell.strip() for cell in row[width:]):
            raise RecordingError(f"Line {number} has {len(row)} columns where {width} were expected. Correct or remove the line.")
        pending.append(number)
        for name, column in columns.items():
            cells[name].append(" ".join(row[i].strip()[:LONGEST_CELL] for i in column.places))
        if len(pending) == BLOCK:
            convert()
            refuse_unless(len(numbers) * BLOCK <= MOST_EPOCHS, f"More than {MOST_EPOCHS:,} rows: export the recording in longer epochs.")
    if pending:
        convert()
    refuse_unless(bool(numbers), "There is a header but not one whole row below it. Export the recording again.")
    notes: tuple[str, ...] = ()
    if cut:
        notes = (f"The last line ({cut[0]}) is incomplete and was left out; the file may be cut short.",)
    at = np.concatenate(numbers)
    whole = {name: np.concatenate(parts.pop(name)) for name in columns}
    for name, column in columns.items():
        if isinstance(column.parse, Amounts):
            whole[name], settled_notes = column.parse.settle(whole[name], at)
            notes += settled_notes
    return Table(at, whole, notes)


@dataclass(frozen=True)
class Amounts:
    """A parser of activity: empty cells are missing; text, negative and endless numbers are refused. usual: see `numbers.py`."""

    name: str
    usual: Usual | None = None

    def __call__(self, cells: list[str], at: np.ndarray) -> np.ndarray:
        """(rows,) PARSED. Raises RecordingError naming a line."""
        parsed = parse_cells(cells)
        text = parsed["kind"] == TEXT
        if text.any():
            first = int(text.argmax())
            raise RecordingError(
                f"The column {self.name} holds {quoted(cells[first])} in line {at[first]}, where a number was expected. Correct it, "
                "or leave the cell empty."
            )
        return parsed

    def settle(self, parsed: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
        """(rows,) float32 as the whole column means them, and what was corrected. Raises RecordingError."""
        evidence = Evidence(self.name, self.usual)
        evidence.add(parsed, at)
        values = settle(parsed["value"], parsed["kind"], evidence)
        bad = ((values < 0) & ~np.isin(values, NEGATIVE)) | (np.abs(values) > np.finfo(np.float32).max)
        if bad.any():
            first = int(bad.argmax())
            raise RecordingError(
                f"The column {self.name} holds {values[first]:.12g} in line {at[first]}, where activity of 0 or more was expected "
                f"({counted(int(bad.sum()), 'such row')}). Correct them, or leave the cells empty where nothing was measured."
            )
        return values.astype(np.float32), evidence.notes()


def flags(cells: list[str], at: np.ndarray) -> np.ndarray:
    """A parser of marks: (rows,) bool, False where the cell is empty or a zero."""
    return np.array([cell.strip().strip("0.,") != "" for cell in cells], bool)


def times(cells: list[str], at: np.ndarray) -> np.ndarray:
    """A parser of dates with clock times, (rows,) datetime64[ms], NaT where one cannot be read (see `lay`): year first with four digits,
    else day first."""
    texts = pd.Series([cell.strip().strip('"') for cell in cells], dtype="str")
    return parse_times(texts, at, usual="day").astype("datetime64[ms]")


def lay(
    stamps: np.ndarray, values: np.ndarray, worn: np.ndarray | None = None, lines: np.ndarray | None = None, stated: int | None = None
) -> tuple[Grid, np.ndarray | None, tuple[str, ...]]:
    """(rows,) values and flags (False: not worn), which stand in these lines, on a regular grid, and notes on order and empty cells.

    stated: the epoch in seconds that the file names; else it is the rows' usual step. Raises what epochs.on_grid raises.
    """
    laid = on_grid(stamps, values, worn, stated, lines)
    return laid.grid, laid.worn, (*laid.notes, *empty_note(values))


def facts(header: Sequence[str], sign: str = ":") -> dict[str, str]:
    """Lines of the form `name : value` as name in lower case -> value; the first of equal names, empty values left out."""
    values: dict[str, str] = {}
    for line in header:
        name, separator, value = line.partition(sign)
        if separator and value.strip():
            values.setdefault(name.strip().lower(), value.strip())
    return values


def person(named: str, source: Source) -> str:
    """The participant: who the file names, or the file's own name where that is empty or made of signs and X alone."""
    plain = " ".join(named.split())[:100]
    return plain if re.search(r"[^\W_xX]", plain) else source.stem


def head_lines(head: bytes, count: int) -> list[str]:
    """The first lines of a text, as far as they stand in its first bytes."""
    return head.decode(encoding_of(head), errors="replace").splitlines()[:count]
