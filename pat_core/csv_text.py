"""The one way in which tables become CSV: a text that a spreadsheet would take for a formula is kept a text.

A cell, column name or index entry that begins with = + - @, a tab or a carriage return gets an apostrophe before it, which spreadsheets
take for "this is text" (OWASP, CSV injection). Numbers stay numbers. `as_meant` takes the apostrophe away again, so that ids and labels
come back from our own files as they went out; a text that begins with an apostrophe and such a character gets another, to tell the two.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd

_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")  # the last four: full-width, which some spreadsheets read as the first
_MARKED = re.compile("'+[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def as_text(value: object) -> object:
    """A cell as it is written; all but text as it is."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def as_meant(value: str) -> str:
    """A cell of such a file as it was before it was written."""
    return value[1:] if _MARKED.match(value) else value


def csv_text(table: pd.DataFrame, index: bool = False) -> str:
    """The table as CSV. index: with the row labels as a first column."""
    return _safe(table, index).to_csv(index=index)


def write_csv(table: pd.DataFrame, path: Path, index: bool = False) -> None:
    """The same into a file."""
    _safe(table, index).to_csv(path, index=index)


def without_rows(text: str, column: str, value: str) -> str:
    """Such a file without the rows that mean this value in this column; the other cells stay as they are written."""
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    at, out = head.index(column), io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([head, *(row for row in rows if as_meant(row[at]) != value)])
    return out.getvalue()


def _safe(table: pd.DataFrame, index: bool) -> pd.DataFrame:
    safe = table.rename(columns=_name)
    for position, kind in enumerate(table.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            safe.isetitem(position, safe.iloc[:, position].astype(object).map(as_text))
    if index:
        safe = safe.rename(index=_name)
        safe.index.names = [_name(name) if name is not None else None for name in table.index.names]
    return safe


def _name(name: Any) -> Any:
    return as_text(name)
