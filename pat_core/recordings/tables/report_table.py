"""Tables of text below a preamble, as device programs export them: find the header row by what it says, then read the wanted columns.

Rows keep the number of their line in the file, so that every sentence about them can name it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import TextIO

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import BLOCK, MOST_EPOCHS
from pat_core.recordings.source import Source, quoted, refuse_unless
from pat_core.recordings.tables.coded_text import Coded, Pieces, coded
from pat_core.recordings.tables.numbers import TEXT, Evidence, numbers_of, parse, settle
from pat_core.recordings.tables.text_shape import SEPARATORS, encoding_of

_LONGEST_LINE, _LONGEST_PREAMBLE = 100_000, 5_000
_ANY_DAY = "2000-01-01"


@dataclass(frozen=True)
class Header:
    """Where a table begins. names: its columns; line: the line they stand in (1 is the first); preamble: the rows of cells above."""

    names: list[str]
    line: int
    preamble: list[list[str]]
    separator: str
    encoding: str


def folded(text: str) -> str:
    """A word reduced to plain lower-case letters and digits: "Activité :" and "activite" are the same."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return re.sub(r"[^a-z0-9]", "", plain.lower())


def find_header(source: Source, is_header: Callable[[list[str]], bool], expected: str) -> Header:
    """The first row that `is_header` accepts, with any separator. Raises RecordingError (`expected`: what was looked for) where none is."""
    encoding = encoding_of(source.head())
    try:
        return _find_header(source, is_header, expected, encoding)
    except UnicodeError:
        # The first bytes were plain; an accent further on shows that the file is Latin-1.
        return _find_header(source, is_header, expected, "latin-1")


def _find_header(source: Source, is_header: Callable[[list[str]], bool], expected: str, encoding: str) -> Header:
    lines: list[str] = []
    with open_text(source, encoding) as text:
        while len(lines) < _LONGEST_PREAMBLE and (line := text.readline(_LONGEST_LINE)):
            for separator in SEPARATORS:
                if separator in line and is_header(names := split(line, separator)):
                    rows = [split(above, separator) for above in lines]
                    return Header(names, len(lines) + 1, rows, separator, encoding)
            lines.append(line)
    raise RecordingError(
        f"{expected}; no such line is among the first {len(lines)}. Export the recording again, or correct its column names."
    )


@contextmanager
def open_text(source: Source, encoding: str, errors: str = "strict") -> Iterator[TextIO]:
    """The file as text, line ends as they are."""
    with source.open() as raw, io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline="") as text:
        yield text


def split(line: str, separator: str) -> list[str]:
    """The cells of one line, without blanks around them and without empty ones at its end."""
    try:
        cells = [cell.strip() for cell in next(csv.reader([line.strip("\r\n\x00")], delimiter=separator, skipinitialspace=True), [])]
    except csv.Error:
        return []
    while cells and not cells[-1]:
        cells.pop()
    return cells


Parser = Callable[[pd.Series], np.ndarray]
"""Makes an array, one value a cell, of the next cells of a column: texts without blanks around them, their index the line in the file."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The rows of a table. lines: (rows,) int32, where each stood. texts: columns by their index; parsed: those that a parser read."""

    lines: np.ndarray
    texts: Mapping[int, Coded]
    parsed: Mapping[int, np.ndarray]

    def joined(self, date: int, clock: int, parse: Callable[[pd.Series, np.ndarray], np.ndarray]) -> np.ndarray:
        """(rows,) datetime64[ms] of a column of dates and one of clock times, each different cell read once; NaT where one is not read.

        parse: makes (n,) datetime64 of (n,) texts, which stand first in (n,) lines.
        """
        days, clocks = self.texts[date], self.texts[clock]
        midnight = parse(days.texts + " 00:00:00", self.lines[days.first_rows()])
        since = parse(f"{_ANY_DAY} " + clocks.texts, self.lines[clocks.first_rows()]) - np.datetime64(_ANY_DAY, "ms")
        # A clock that breaks off would be read as another one: all have to be as long as the first.
        colons = clocks.texts.str.count(":").to_numpy()
        since[colons != colons[:1]] = np.timedelta64("NaT")
        return days.spread(midnight.astype("datetime64[ms]"), np.datetime64("NaT")) + clocks.spread(since, np.timedelta64("NaT"))


def cells(
    source: Source,
    header: Header,
    wanted: Sequence[int],
    progress: Progress,
    skip: int | None = None,
    parsers: Mapping[int, Parser] | None = None,
) -> Cells:
    """The wanted columns below the header, by their indices: those with a parser read by it block by block, the others as texts.

    skip: how many lines stand above the first row (default: the header's). Empty rows are left out; missing cells are "".
    Raises RecordingError for rows wider than the header, more rows than MOST_EPOCHS, an open quotation mark, no row at all, and what the
    parsers raise.
    """
    skip = header.line if skip is None else skip
    rows = _Rows(wanted, parsers or {})
    try:
        _read_rows(source, header, rows, progress, skip)
    except UnicodeError:
        if header.encoding == "latin-1":
            raise RecordingError("The file's text is incomplete or changes its encoding. Save it as UTF-8 and import again.") from None
        return cells(source, replace(header, encoding="latin-1"), wanted, progress, skip, parsers)
    refuse_unless(rows.any, f"There are no epochs below line {skip}: the table is empty. Export the recording again.")
    return rows.whole()


class _Rows:
    """Gathers the wanted columns block by block: as Python's strings, one for each cell, a long file would take ten times its size."""

    def __init__(self, wanted: Sequence[int], parsers: Mapping[int, Parser]) -> None:
        self.wanted, self.any = sorted(set(wanted)), False
        self._parsers = parsers
        self._lines: list[np.ndarray] = []
        self._texts = {i: Pieces() for i in self.wanted if i not in parsers}
        self._parsed: dict[int, list[np.ndarray]] = {i: [] for i in self.wanted if i in parsers}

    def add(self, block: pd.DataFrame) -> None:
        """The next rows, their index the line in the file."""
        rows = block[self.wanted]
        rows = rows[(rows != "").any(axis=1)]
        if rows.empty:
            return
        self.any = True
        self._lines.append(rows.index.to_numpy(np.int32))
        for i, pieces in self._texts.items():
            pieces.add(rows[i])
        for i, arrays in self._parsed.items():
            arrays.append(self._parsers[i](rows[i].str.strip()))

    def whole(self) -> Cells:
        """All rows."""
        texts = {i: coded(pieces.whole()) for i, pieces in self._texts.items()}
        lines = np.concatenate(self._lines)
        parsed = {i: np.concatenate(self._parsed.pop(i)) for i in list(self._parsed)}
        for i in parsed:
            parser = self._parsers[i]
            if isinstance(parser, NumberParser):
                parsed[i] = parser.settle(parsed[i], lines)
        return Cells(lines, texts, parsed)


def _read_rows(source: Source, header: Header, rows: _Rows, progress: Progress, skip: int) -> None:
    width = len(header.names)
    beyond = [width, width + 1]
    done = 0
    with open_text(source, header.encoding) as text:
        for _ in range(skip):
            text.readline()
        padded = _Padded(header.separator * (width + 1) + "\n", text)
        try:
            for block in pd.read_csv(
                padded,
                sep=header.separator,
                header=None,
                names=list(range(width + 2)),
                usecols=[*rows.wanted, *beyond],
                dtype="str",
                keep_default_na=False,
                index_col=False,
                skip_blank_lines=False,
                skipinitialspace=True,
                chunksize=BLOCK,
            ):
                done += len(block)
                if done > MOST_EPOCHS + 1:
                    raise RecordingError(
                        f"At most {MOST_EPOCHS} rows are read; this file has more. Export it in 60-second epochs, or in parts."
                    )
                # A row of these tables has some 30 bytes; only how far it is hangs on that.
                progress.at(min(done * 30 / max(source.size, 1), 0.9), f"Reading {source.filename}")
                block.index = block.index + skip
                _refuse_excess(block[beyond], width)
                rows.add(block)
        except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
            raise RecordingError(_broken(str(error), skip)) from error


def _refuse_excess(beyond: pd.DataFrame, width: int) -> None:
    """Refuse rows with something in the columns beyond the header's."""
    excess = (beyond != "").any(axis=1)
    if excess.any():
        raise RecordingError(
            f"Line {beyond.index[int(excess.argmax())]} has more cells than the {width} named columns; decimal commas may be mixed with "
            "separating commas. Export the file again with semicolons between the columns."
        )


class _Padded:
    """A text that begins with one more line: pandas takes the number of columns from the first, and a row may be wider than its header."""

    def __init__(self, first: str, rest: TextIO) -> None:
        self._first, self._rest = first, rest

    def read(self, size: int = -1) -> str:
        first, self._first = self._first, ""
        return first or self._rest.read(size)

    def __iter__(self) -> Iterator[str]:
        return chain([self.read()], self._rest) if self._first else iter(self._rest)


def _broken(message: str, skip: int) -> str:
    if at := re.search(r"EOF inside string starting at row (\d+)", message):
        return f"Line {int(at[1]) + skip} opens a quotation mark and never closes it: the file is incomplete. Export it again."
    return f"The rows below line {skip} are damaged ({message.strip().rstrip('.')[:120]}). Export the recording again."


def numbers(column: Coded, lines: np.ndarray, name: str, whole: bool = False) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n,) float64 of cells as the whole column means them (see `numbers.py`), NaN where one stands for no value, and what was corrected.

    lines: (n,) where they stand; name: of the column, for sentences; whole: the device writes whole numbers, so "1.021" and "1,021" are
    thousands where nothing else tells. Raises RecordingError where a cell is no number, naming the first line, and where numbers can be
    read in two ways.
    """
    values, text, evidence = numbers_of(column, lines, name, "whole" if whole else None)
    if text.any():
        first = int(text.argmax())
        raise _no_number(str(column.texts[column.codes[first]]), name, int(lines[first]))
    column_values, notes = finite(values, name)
    return column_values, (*evidence.notes(), *notes)


@dataclass(frozen=True)
class NumberParser:
    """A parser of numbers that need not be whole, written as a program writes them: a single sign before three digits is a decimal sign
    unless another cell tells otherwise."""

    name: str

    def __call__(self, texts: pd.Series) -> np.ndarray:
        """(n,) PARSED. Raises RecordingError, naming the first line, where a cell is no number."""
        parsed = parse(texts)
        text = parsed["kind"] == TEXT
        if text.any():
            first = int(text.argmax())
            raise _no_number(str(texts.iloc[first]), self.name, int(texts.index[first]))
        return parsed

    def settle(self, parsed: np.ndarray, lines: np.ndarray) -> np.ndarray:
        """(n,) float64, NaN where a cell stands for no value. Raises RecordingError where numbers can be read in two ways."""
        evidence = Evidence(self.name, "fractions")
        evidence.add(parsed, lines)
        return settle(parsed["value"], parsed["kind"], evidence)


def _no_number(text: str, name: str, line: int) -> RecordingError:
    return RecordingError(
        f"The column {name} holds {quoted(text)} where a number was expected, first in line {line}. Correct the rows, or leave the cells "
        "empty where epochs are missing."
    )


def finite(values: np.ndarray, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n,) values with those that are infinite missing, and a sentence on them."""
    infinite = np.isinf(values)
    if not infinite.any():
        return values, ()
    note = f"{counted(int(infinite.sum()), 'infinite value')} in the column {name}: counted as missing."
    return np.where(infinite, np.nan, values), (note,)
