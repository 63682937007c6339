"""Parquet tables, long or wide."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.recordings.source import Format, Source, is_bomb, refuse_unless
from pat_core.recordings.tables import wide_table
from pat_core.recordings.tables.long_table import read_long
from pat_core.records import Reading

MAGIC = b"PAR1"
MOST_AS_TEXT = 64 * 1024**2
"""Bytes of a Parquet file that is turned into text, for what is said of its columns."""
ROWS_AT_ONCE, LONG_ROWS_AT_ONCE = 256, 2048
_DAMAGE = (pa.ArrowException, OSError, ValueError, TypeError, LookupError, AttributeError, MemoryError)
"""What opening fails with where bytes are damaged; some of it comes from what pandas wrote about itself into the file."""


def recognises(head: bytes, filename: str) -> bool:
    """Parquet begins with its four letters."""
    return head.startswith(MAGIC)


def read(source: Source, progress: Progress) -> Reading:
    """Recordings of a Parquet file. Raises RecordingError where it is damaged or its columns do not fit."""
    with source.seekable() as stream:
        try:
            file = pq.ParquetFile(stream)
            names = list(file.schema_arrow.names)
            layout = wide_table.layout_of(names)
            if layout is not None and layout.header:
                return wide_table.read_rows(layout, _rows(file, layout), source.name, source.stem)
            refuse_unless(len(set(names)) == len(names), "Every column needs a name of its own. Rename the repeated ones.")
            frame = _frame(file, source)
        except _DAMAGE as error:
            raise RecordingError(f"The Parquet file is damaged or incomplete ({_first_line(error)}). Export it again.") from error
    return read_long(_with_index(frame), source.name, source.stem, first_line=1)


def as_text(source: Source) -> Source:
    """A Parquet table as one of text (CSV, UTF-8) under the same name. Raises RecordingError where it is damaged or too large for it."""
    refuse_unless(source.size <= MOST_AS_TEXT, "A Parquet table of at most 64 MB was expected. Give its columns names that are known.")
    with source.seekable() as stream:
        try:
            text = _with_index(_frame(pq.ParquetFile(stream), source)).to_csv(index=False).encode()
        except _DAMAGE as error:
            raise RecordingError(f"The Parquet file is damaged or incomplete ({_first_line(error)}). Export it again.") from error
    return replace(source, size=len(text), opener=lambda: io.BytesIO(text))


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its index as columns where it says anything: it has a name, or is times; numbers of rows are left out."""
    if any(name is not None for name in frame.index.names):
        return frame.reset_index()
    times = isinstance(frame.index, pd.DatetimeIndex) and "timestamp" not in frame.columns
    return frame.reset_index(names="timestamp") if times else frame.reset_index(drop=True)


def _frame(file: pq.ParquetFile, source: Source) -> pd.DataFrame:
    """The whole table. Raises RecordingError where equal cells, kept once in the file, grow into more than any recording has."""
    meta = file.metadata
    rows, cells = meta.num_rows, meta.num_rows * meta.num_columns
    batches, size = [], 8 * cells
    if not is_bomb(size, source.size):
        size = 0
        for batch in file.iter_batches(batch_size=LONG_ROWS_AT_ONCE):
            columns = [column.dictionary_decode() if pa.types.is_dictionary(column.type) else column for column in batch.columns]
            batches.append(pa.RecordBatch.from_arrays(columns, batch.schema.names))
            size += batches[-1].nbytes
            if is_bomb(size, source.size):
                break
    refuse_unless(
        not is_bomb(size, source.size),
        f"The Parquet file of {source.size / 1024**2:.1f} MB holds {rows:,} rows, which unpack to more than {size / 1024**2:.0f} MB, as "
        "no recording does. Write it as CSV and import that, if you trust it.",
    )
    if not batches:
        return file.schema_arrow.empty_table().to_pandas()
    return pa.Table.from_batches(batches).replace_schema_metadata(file.schema_arrow.metadata).to_pandas()


def _rows(file: pq.ParquetFile, layout: wide_table.Layout) -> Iterator[wide_table.Row]:
    """The rows: a batch's minutes are turned over at once, the few other columns cell by cell."""
    number, names, taken = 0, file.schema_arrow.names, set(layout.minutes.tolist())
    others = [i for i in range(layout.width) if i not in taken]
    for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
        minutes = np.empty((batch.num_rows, layout.minutes.size), np.float32)
        for to, index in enumerate(layout.minutes):
            minutes[:, to] = _floats(batch.column(int(index)), names[index])
        facts = {i: batch.column(i).to_pylist() for i in others}
        for row in range(batch.num_rows):
            number += 1
            yield wide_table.Row(number, {i: facts[i][row] for i in others}, minutes[row])


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")[:120] if str(error).strip() else type(error).__name__


def _floats(column: pa.Array, name: str) -> np.ndarray:
    """(rows,) float32 of one minute column, nulls as NaN."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_null(column.type)):
        raise RecordingError(f"The minute column {name} holds {column.type} where numbers were expected. Convert it and import again.")
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float32)


FORMAT = Format("Parquet table", recognises, read)
