"""Tables of text below a preamble, as device programs export them: find the header row by what it says, then read the wanted columns.

Rows keep the number of their line in the file, so that every sentence about them can name it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import TextIO

import numpy as np
import pandas as pd

from ..errors import RecordingError
from ..progress import Progress
from .epochs import BLOCK, MOST_EPOCHS
from .source import Source, refuse_unless
from .text import MISSING, SEPARATORS, encoding_of

_LONGEST_LINE, _LONGEST_PREAMBLE = 100_000, 5_000


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
    raise RecordingError(f"{expected}; no such line is among the first {len(lines)}. Export the recording again, or mend its column names.")


@contextmanager
def open_text(source: Source, encoding: str) -> Iterator[TextIO]:
    """The file as text, line ends as they are."""
    with source.open() as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
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


def cells(source: Source, header: Header, wanted: Sequence[int], progress: Progress, skip: int | None = None) -> pd.DataFrame:
    """The wanted columns below the header as text, one column for each index in `wanted`, in that order; the index is the line in the file.

    skip: how many lines stand above the first row (default: the header's). Empty rows are left out; missing cells are "".
    Raises RecordingError for rows wider than the header, more rows than MOST_EPOCHS, an open quotation mark, and no row at all.
    """
    try:
        return _cells(source, header, wanted, progress, header.line if skip is None else skip)
    except UnicodeError:
        if header.encoding == "latin-1":
            raise RecordingError("The file's text breaks off or changes its encoding. Save it as UTF-8 and import again.") from None
        return cells(source, replace(header, encoding="latin-1"), wanted, progress, skip)


def _cells(source: Source, header: Header, wanted: Sequence[int], progress: Progress, skip: int) -> pd.DataFrame:
    width = len(header.names)
    beyond = [width, width + 1]
    parts, done = [], 0
    with open_text(source, header.encoding) as text:
        for _ in range(skip):
            text.readline()
        padded = _Padded(header.separator * (width + 1) + "\n", text)
        try:
            # In blocks: as Python's own strings a long file would take ten times its size.
            for block in pd.read_csv(
                padded, sep=header.separator, header=None, names=list(range(width + 2)), usecols=[*sorted(set(wanted)), *beyond],
                dtype="str", keep_default_na=False, index_col=False, skip_blank_lines=False, skipinitialspace=True, chunksize=BLOCK,
            ):  # fmt: skip
                done += len(block)
                if done > MOST_EPOCHS + 1:
                    raise RecordingError(
                        f"At most {MOST_EPOCHS} rows are read; this file has more. Export it in 60-second epochs, or in parts."
                    )
                # A row of these tables has some 30 bytes; only how far it is hangs on that.
                progress.at(min(done * 30 / max(source.size, 1), 0.9), f"Reading {source.filename}")
                block.index = block.index + skip
                _refuse_excess(block[beyond], width)
                kept = block[list(wanted)]
                parts.append(kept[(kept != "").any(axis=1)])
        except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
            raise RecordingError(_broken(str(error), skip)) from error
    frame = pd.concat(parts)
    refuse_unless(len(frame) > 0, f"There is not one epoch below line {skip}: the table is empty. Export the recording again.")
    return frame


def _refuse_excess(beyond: pd.DataFrame, width: int) -> None:
    """Refuse rows with something in the columns beyond the header's."""
    excess = (beyond != "").any(axis=1)
    if excess.any():
        raise RecordingError(
            f"Line {beyond.index[int(excess.argmax())]} has more cells than the {width} columns that have a name; perhaps decimal commas "
            "stand between commas. Export the file again with semicolons between the columns."
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
        return f"Line {int(at[1]) + skip} opens a quotation mark and never closes it: the file breaks off. Export it again."
    return f"The rows below line {skip} are damaged ({message.strip().rstrip('.')[:120]}). Export the recording again."


def numbers(texts: pd.Series, name: str, whole: bool = False) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n,) float64 of texts with a decimal point or comma, NaN where a cell stands for no value, and sentences on what was mended.

    name: of the column, for sentences; whole: the column holds whole numbers, so "1.021" and "1,021" may be thousands.
    Raises RecordingError, naming the first line, where a cell is no number.
    """
    texts = texts.str.strip()
    notes: list[str] = []
    if whole and _grouped(texts):
        texts = texts.str.replace(r"[.,'\s\u00a0\u202f]", "", regex=True)
        notes.append(f"The column {name} was written with signs between the thousands; they were left out.")
    values = pd.concat([pd.to_numeric(texts[i : i + BLOCK], errors="coerce").astype(float) for i in range(0, len(texts), BLOCK)])
    unread = values.isna()
    if unread.any() and (commas := unread & texts.str.fullmatch(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")).any():
        values[commas] = pd.to_numeric(texts[commas].str.replace(",", ".", regex=False), errors="coerce")
        unread = values.isna()
    bad = unread & ~texts.str.lower().isin(MISSING)
    refuse_unless(
        not bad.any(),
        f"The column {name} holds “{str(texts[bad.idxmax()])[:40]}” where a number was expected, first in line {bad.idxmax()} "
        f"({int(bad.sum())} rows in all). Correct the rows, or leave the cells empty where epochs are missing.",
    )
    found = values.to_numpy(np.float64)
    if (infinite := np.isinf(found)).any():
        notes.append(f"{int(infinite.sum())} values of the column {name} are infinite; they count as missing.")
        found = np.where(infinite, np.nan, found)
    return found, tuple(notes)


def _grouped(texts: pd.Series) -> bool:
    """Whether signs stand between thousands: all signed cells read so, and smaller numbers stand beside them without a sign."""
    signed = texts.str.contains(r"\d[.,'\u00a0\u202f]\d", regex=True)
    if not signed.any():
        return False
    fits = texts[signed].str.fullmatch(r"[1-9]\d{0,2}([.,'\u00a0\u202f]\d{3})+")
    return bool(fits.all() and texts[~signed].str.fullmatch(r"\d{1,3}").any())
