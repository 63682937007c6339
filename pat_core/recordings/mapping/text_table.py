"""The table inside a text file: below the lines to skip, under its own header or numbered columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Any

import pandas as pd

from pat_core.errors import RecordingError
from pat_core.recordings.format_registry import DAMAGED
from pat_core.recordings.gzipped import is_gzip, unfolded
from pat_core.recordings.mapping.mapping_record import LONGEST_NAME, MOST_COLUMNS, Mapping, fingerprint
from pat_core.recordings.source import HEAD_BYTES, Source, refuse_unless
from pat_core.recordings.tables import parquet_table
from pat_core.recordings.tables.columns import DEVICE, key
from pat_core.recordings.tables.csv_table import frame_in_shape
from pat_core.recordings.tables.long_table import SERIAL
from pat_core.recordings.tables.text_shape import MISSING, TextShape, encoding_of, is_text, shape_of

UNREADABLE = (RecordingError, OSError, csv.Error, UnicodeError, *DAMAGED)
"""What looking at a file may fail with: it is no such table, or its reading will say what is wrong with it."""
MOST_UTF16 = 64 * 1024**2
SAMPLE = 400
"""Rows that guesses look at; the first bytes of a file hold at most so many that are of use."""
NUMBER = re.compile(r"[+-]?\d+([.,' \u00a0\u202f\u2019]\d+)*([eE][+-]?\d+)?")
LAST_ROWS, ROWS_ALIKE, MOSTLY_ALIKE = 200, 20, 0.8
"""Rows that show what a column holds; rows below the first one of a table, and the share of them that is like it."""
CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,:]\d+)?)?( ?[AaPp][Mm])?")
_SAS = r"\d{1,2}(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:\d{4}|\d{2})\b"
DATE = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4}|" + _SAS + ")")


@dataclass(frozen=True)
class Shape:
    """How a table is written (see Mapping)."""

    separator: str
    skip: int
    header: bool


@dataclass(frozen=True)
class Sample:
    """The first rows of a table: its columns' names and the cells below them, as text; rows of another width are left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> tuple[str, ...]:
        """The cells of a column."""
        at = self.columns.index(name)
        return tuple(row[at] for row in self.rows)

    def without(self, name: str, count: int) -> Sample:
        """The table without so many columns from this one on."""
        at = self.columns.index(name)
        return Sample(self.columns[:at] + self.columns[at + count :], tuple(row[:at] + row[at + count :] for row in self.rows))


def plain(source: Source) -> Source:
    """The file as text, unfolded where it is gzipped, written out where it is Parquet. Raises RecordingError where it is no text."""
    if is_gzip(source.head()):
        source = unfolded(source)
    if source.head().startswith(parquet_table.MAGIC):
        source = parquet_table.as_text(source)
    head = source.head()
    refuse_unless(bool(head), "The file is empty. Export or download it again.")
    refuse_unless(is_text(head), "A table of text (CSV) was expected; this file is not text. Export the table as CSV.")
    return source


def beginning(source: Source) -> Source:
    """The whole lines of a file's first bytes as a file of its own; a file in UTF-16 as it is."""
    head = source.head()
    if len(head) < HEAD_BYTES or encoding_of(head) == "utf-16" or b"\n" not in head:
        return source
    lines = head[: head.rindex(b"\n") + 1]
    return replace(source, size=len(lines), opener=lambda: io.BytesIO(lines))


def shape_in(source: Source) -> Shape:
    """Separator, lines to skip and header, as the first lines show them. Raises RecordingError where no line splits into columns."""
    lines = _lines(source)
    below = lines[len(lines) // 2 :][-60:]  # facts above the table are written otherwise
    separator = shape_of("\n".join(below).encode()).separator
    cells = list(_cells(lines, separator))
    widths = [len(row) for row in cells]
    width = max(set(widths), key=lambda count: (widths.count(count) if count > 1 else 0, count), default=0)
    if width < 2:
        raise RecordingError("A table with columns was expected; no separator divides these lines into columns. Export it as CSV.")
    fitting = [i for i, count in enumerate(widths) if count == width]
    data = _first_row(cells, fitting)
    named = next((i for i in reversed(fitting) if i < data), None)  # the last line above the first row, if it has as many columns
    if named is not None and named != fitting[0] and _has_data(cells[named]):  # a fact above the table, such as "Start,2024-03-04"
        named = None
    return Shape(separator, data if named is None else named, named is not None or not _has_data(cells[data]))


def _first_row(cells: Sequence[Sequence[str]], fitting: Sequence[int]) -> int:
    """The line from which on rows are alike: what most of the last rows have in a column, numbers, dates or times, stands in it too.

    Facts above a table may have as many cells as its rows have.
    """
    kinds = [[_kind_of(cell) for cell in cells[i]] for i in fitting]
    usual = [Counter(column).most_common(1)[0][0] for column in zip(*kinds[-LAST_ROWS:], strict=True)]
    telling = [at for at, kind in enumerate(usual) if kind not in ("", "text")]
    if not telling:
        return next((i for i in fitting if _has_data(cells[i])), fitting[0])
    matching = [all(row[at] in (usual[at], "") for at in telling) and any(row[at] for at in telling) for row in kinds]
    for place, i in enumerate(fitting):
        later = matching[place : place + ROWS_ALIKE]
        if matching[place] and sum(later) >= MOSTLY_ALIKE * len(later):
            return i
    return next((i for i in fitting if _has_data(cells[i])), fitting[0])


def _kind_of(cell: str) -> str:
    cell = cell.strip()
    if not cell or cell.lower() in MISSING:
        return ""
    return "number" if NUMBER.fullmatch(cell) else "date" if DATE.match(cell) else "clock" if CLOCK.search(cell) else "text"


def sample(source: Source, shape: Shape) -> Sample:
    """The columns and first rows. Raises RecordingError where nothing is left below the skipped lines."""
    lines = _lines(source)[shape.skip :]
    filled = ([cell.strip() for cell in row] for row in _cells(lines, shape.separator) if any(cell.strip() for cell in row))
    rows = list(islice(filled, SAMPLE + shape.header))
    refuse_unless(bool(rows), f"With the first {shape.skip} lines skipped, nothing is left. Skip fewer lines.")
    columns = names_of(rows[0], shape.header)
    return Sample(columns, tuple(tuple(row) for row in rows[shape.header :] if len(row) == len(columns)))


def names_of(first: Sequence[str], header: bool) -> tuple[str, ...]:
    """Names of columns from the first row; those without one are numbered."""
    refuse_unless(
        len(first) <= MOST_COLUMNS,
        f"One row per epoch with at most {MOST_COLUMNS} columns was expected; there are {len(first)}. Export fewer columns.",
    )
    return tuple((cell.strip()[:LONGEST_NAME] if header else "") or f"column {i}" for i, cell in enumerate(first, 1))


def frame_of(source: Source, mapping: Mapping) -> pd.DataFrame:
    """The whole table under the names that the mapping gives its columns, the named ones and devices' as written. Raises RecordingError."""
    columns = sample(source, Shape(mapping.separator, mapping.skip, mapping.header)).columns
    if fingerprint(columns) != fingerprint(mapping.columns):
        raise RecordingError(
            f"A table with the columns {', '.join(mapping.columns[:8])} was expected; the columns here are {', '.join(columns[:8])}. "
            "Say what the columns of this file mean."
        )
    called = {name.casefold(): name for name in mapping.columns}
    names = [called[name.casefold()] for name in columns]
    used = set(mapping.taken.values())
    text = [i for i, name in enumerate(names) if name in used or key(name) in (*DEVICE, *SERIAL)]
    body = body_of(source, mapping)
    head = body.head()
    try:
        try:
            frame = frame_in_shape(body, TextShape(encoding_of(head), mapping.separator), text)
        except UnicodeDecodeError:
            frame = frame_in_shape(body, TextShape("latin-1", mapping.separator), text)
    except RecordingError as error:
        moved = mapping.skip - (not mapping.header)
        raise RecordingError(re.sub(r"^Line (\d+)", lambda match: f"Line {int(match[1]) + moved}", str(error))) from error
    frame.columns = names
    return frame


def fits(source: Source, mapping: Mapping) -> bool:
    """Whether a file has the columns of a mapping, with times and numbers where the mapping says they are."""
    return fitting(source, (mapping,)) is not None


def fitting(source: Source, mappings: Iterable[Mapping]) -> Mapping | None:
    """The first of the mappings that a file fits (see `fits`); its beginning is read once, and split once for each way of writing."""
    try:
        source = plain(source)
        head = source.head()
    except UNREADABLE:
        return None
    begin = replace(source, opener=lambda: io.BytesIO(head))
    shown: dict[Shape, Sample | None] = {}
    for mapping in mappings:
        shape = Shape(mapping.separator, mapping.skip, mapping.header)
        if shape not in shown:
            shown[shape] = _sample_or_none(begin, shape)
        if (table := shown[shape]) and _holds(table, mapping):
            return mapping
    return None


def _sample_or_none(source: Source, shape: Shape) -> Sample | None:
    try:
        return sample(source, shape)
    except UNREADABLE:
        return None


def _holds(shown: Sample, mapping: Mapping) -> bool:
    if len(shown.columns) != len(mapping.columns) or fingerprint(shown.columns) != fingerprint(mapping.columns) or not shown.rows:
        return False
    by_name = {name.casefold(): i for i, name in enumerate(shown.columns)}
    times = [row[by_name[mapping.time.casefold()]] for row in shown.rows]
    values = [row[by_name[mapping.activity.casefold()]] for row in shown.rows]
    numbers = all(not cell or NUMBER.fullmatch(cell) or len(cell) < 5 for cell in values[:20])
    return numbers and any(re.search(r"\d", cell) for cell in times)


def _lines(source: Source) -> list[str]:
    """The lines of the first bytes; the last, which may be cut, left out."""
    head = source.head()
    lines = head.decode(encoding_of(head), errors="ignore").splitlines()
    return lines[:-1] if len(head) >= HEAD_BYTES and len(lines) > 1 else lines


def _cells(lines: Sequence[str], separator: str) -> Iterator[list[str]]:
    """The cells of each line on its own, so that a row's place is its line's."""
    for line in lines:
        try:
            yield next(csv.reader([line], delimiter=separator), [])
        except csv.Error:
            yield []


def _has_data(cells: Sequence[str]) -> bool:
    return any(NUMBER.fullmatch(cell.strip()) or CLOCK.search(cell) or DATE.match(cell.strip()) for cell in cells)


def body_of(source: Source, mapping: Mapping) -> Source:
    """The file from the table's first line on, a line of numbered names above it where it has no header."""
    if not mapping.skip and mapping.header:
        return source
    names = "" if mapping.header else mapping.separator.join(mapping.columns) + "\n"
    return replace(source, opener=lambda: _opened(source, mapping.skip, names))


def _opened(source: Source, skip: int, names: str) -> IO[bytes]:
    stream = source.open()
    head = source.head()
    if encoding_of(head) == "utf-16":
        with stream:
            refuse_unless(source.size <= MOST_UTF16, "A UTF-16 table of at most 64 MB was expected. Save it as UTF-8.")
            lines = stream.read().decode("utf-16", errors="replace").splitlines(keepends=True)
        return io.BytesIO((names + "".join(lines[skip:])).encode())
    old_mac = b"\r" in head and b"\n" not in head
    for _ in range(skip):
        if not old_mac:
            stream.readline()
        while old_mac and stream.read(1) not in (b"\r", b""):
            pass
    if skip == 0 and head.startswith(b"\xef\xbb\xbf"):
        stream.read(3)
    return io.BufferedReader(_Prefixed((names.replace("\n", "\r") if old_mac else names).encode(), stream)) if names else stream


class _Prefixed(io.RawIOBase):
    """Some bytes, then a stream."""

    def __init__(self, prefix: bytes, stream: IO[bytes]) -> None:
        self._prefix, self._stream = prefix, stream

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        block = self._prefix[: len(buffer)] or self._stream.read(len(buffer))
        self._prefix = self._prefix[len(block) :]
        buffer[: len(block)] = block
        return len(block)
