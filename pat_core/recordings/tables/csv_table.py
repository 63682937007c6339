"""Tables as text: long or wide, separated by comma, semicolon, tab or bar, in UTF-8, UTF-16 or Latin-1."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from itertools import islice

import pandas as pd

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.recordings.source import Format, Source
from pat_core.recordings.tables import wide_table
from pat_core.recordings.tables.coded_text import Pieces
from pat_core.recordings.tables.long_table import EXPECTED, is_long, read_long, text_columns
from pat_core.recordings.tables.text_shape import TextShape, is_text, shape_of
from pat_core.records import Reading

ROWS_AT_ONCE = 50_000


def recognises(head: bytes, filename: str) -> bool:
    """Any text: what it holds is decided by its columns."""
    return is_text(head)


def read(source: Source, progress: Progress) -> Reading:
    """Recordings of a text table. Raises RecordingError naming the columns that are there where none fit."""
    shape = shape_of(source.head())
    try:
        return _read(source, shape)
    except UnicodeDecodeError:
        # The first bytes were plain; an accent further on shows that the file is Latin-1.
        return _read(source, TextShape("latin-1", shape.separator))


def frame_of(source: Source, text: Sequence[int] | None = None) -> pd.DataFrame:
    """A text table with a header as a frame; text: indices of the columns to keep as written (None: all).

    Raises RecordingError for rows with more columns than the header.
    """
    shape = shape_of(source.head())
    try:
        return frame_in_shape(source, shape, text)
    except UnicodeDecodeError:
        return frame_in_shape(source, TextShape("latin-1", shape.separator), text)


def _read(source: Source, shape: TextShape) -> Reading:
    first = next((cells for _, cells in rows_in_shape(source, shape)), [])
    layout = wide_table.layout_of(first)
    if layout is not None:
        rows = (wide_table.Row(line, cells) for line, cells in islice(rows_in_shape(source, shape), int(layout.header), None))
        reading = wide_table.read_rows(layout, rows, source.name, source.stem)
        if not reading.recordings and not reading.refused:
            raise RecordingError("The table has a header but no rows. Export the recordings again.")
        return reading
    names = [name.strip() for name in first]
    if not is_long(names):
        below = next((cells for _, cells in islice(rows_in_shape(source, shape), 1, None)), [])
        raise RecordingError(f"{EXPECTED}; {_shown(names, below)}. Name the columns in the first line and import again.")
    if repeated := [name for name in names if name and names.count(name) > 1]:
        raise RecordingError(f"Every column needs its own name; {repeated[0]} appears twice. Rename or remove one of them.")
    return read_long(frame_in_shape(source, shape, text_columns(names)), source.name, source.stem)


def _shown(names: Sequence[str], below: Sequence[str]) -> str:
    """The columns' names for a sentence, where these are names, with numbers or times below, and not a letter or other private text."""
    plain = len(names) > 1 and all(re.fullmatch(r"[^\W\d_][\w .()/%°²:-]{0,39}|", name) for name in names)
    if plain and any(re.fullmatch(r"[\d.,:/TZ +-]*\d[\d.,:/TZ +-]*", cell.strip()) for cell in below):
        return f"the first line here holds: {', '.join(name[:30] for name in names[:12])}"
    return f"the first line here holds no column names ({len(names)} cells)"


def rows_in_shape(source: Source, shape: TextShape) -> Iterator[tuple[int, list[str]]]:
    """Rows of cells with their line numbers; empty lines left out."""
    with source.open() as raw, io.TextIOWrapper(raw, encoding=shape.encoding, newline="") as text:
        rows = csv.reader(text, delimiter=shape.separator)
        while True:
            try:
                cells = next(rows, None)
            except csv.Error as error:
                raise RecordingError(f"Line {rows.line_num} cannot be read as a table row ({error}). Export the table again.") from error
            if cells is None:
                return
            if any(cells):
                yield rows.line_num, cells


def frame_in_shape(source: Source, shape: TextShape, text: Sequence[int] | None) -> pd.DataFrame:
    """The whole table, every text of a column kept once (categories); blank lines stay, so that a row's line is its place."""
    names = [name.strip() for name in next((cells for _, cells in rows_in_shape(source, shape)), [])]
    if not names:
        raise RecordingError("A table was expected; the file holds only empty lines. Export it again.")
    text_columns = range(len(names)) if text is None else text
    columns = [Pieces() for _ in names]
    with source.open() as raw, warnings.catch_warnings():
        try:
            # Cells beyond the header's are lost with a warning alone: a decimal comma, and the half of every value is gone.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frames = pd.read_csv(
                raw,
                sep=shape.separator,
                encoding=shape.encoding,
                header=0,
                names=list(range(len(names))),
                index_col=False,
                dtype=dict.fromkeys(text_columns, "str"),
                skip_blank_lines=False,
                low_memory=False,
                skipinitialspace=True,
                chunksize=ROWS_AT_ONCE,
            )
            for frame in frames:
                for i, column in enumerate(columns):
                    column.add(frame[i])
        except pd.errors.ParserError as error:
            raise RecordingError(_parser_sentence(str(error), len(names))) from error
        except pd.errors.ParserWarning as error:
            raise RecordingError(
                f"The rows have more cells than the {len(names)} columns that the first line names; decimal commas may be mixed with "
                "separating commas. Export the table with semicolons between the columns, or name every column."
            ) from error
    whole = pd.DataFrame({i: column.whole() for i, column in enumerate(columns)}, copy=False)
    whole.columns = names
    return whole


def _parser_sentence(message: str, expected: int) -> str:
    match = re.search(r"line (\d+), saw (\d+)", message)
    if match:
        return f"Line {match[1]} has {match[2]} columns where {expected} were expected. Correct or remove the line and import again."
    return f"The table is incomplete or damaged ({message.strip().rstrip('.')}). Export it again."


FORMAT = Format("table of text (CSV)", recognises, read, "CSV")
