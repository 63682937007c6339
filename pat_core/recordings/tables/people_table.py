"""Tables about people (group, sex, scales, ...): one row a person, joined to recordings by the column that holds their codes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from pat_core.csv_text import as_meant
from pat_core.errors import RecordingError
from pat_core.recordings.person_names import match
from pat_core.recordings.source import Source, file_source
from pat_core.recordings.tables import columns, excel, xpt
from pat_core.recordings.tables.csv_table import frame_of
from pat_core.recordings.tables.text_shape import is_text

Labels = dict[str, dict[str, str | float | None]]
"""Participant -> column -> value."""

_NAMED = re.compile(r"(^|.*[-_ .])(info|labels?|participants?|demographics?|scores|people|subjects|metadata)", re.IGNORECASE)
_LARGEST = 64 * 1024**2
_LIKE_A_NAME = re.compile(r"[^\W\d_][\w .()/%°²-]{0,39}|")


def named_as_table(source: Source) -> bool:
    """Whether a file's name says that it tells of people (control-info.csv, scores.csv, participants.tsv, ...)."""
    ending = source.filename.lower().rsplit(".", 1)[-1]
    return ending in ("csv", "tsv", "txt", "xpt") and bool(_NAMED.fullmatch(source.stem)) and source.size <= _LARGEST


def read_labels(path: str | Path) -> Labels:
    """Labels from a table of people (text or SAS transport): participant -> column -> number, word or None.

    The participants' column is the one named so (participant, subject, id, SEQN, number, ...). Raises RecordingError where the file is
    not there, is no table, has no such column, or names a person twice.
    """
    path = Path(path)
    if not path.is_file():
        raise RecordingError(f"There is no file {path}. Check the name and the folder.")
    return table_of(file_source(path), None)


def table_of(source: Source, participants: Collection[str] | None) -> Labels:
    """Labels of a source; participants: the codes to be found, which decide the column to join by (empty where no column holds any).

    Without codes the column is found by its name. Raises RecordingError where it is no table, no column is named so, or somebody
    stands in it twice.
    """
    head = source.head()
    if not head:
        raise RecordingError("The file is empty. Export the table again.")
    if excel.is_workbook(head, source.filename):
        with ExitStack() as opened:
            return table_of(excel.only_sheet(source, opened, "the table of people"), participants)
    names, rows = _xpt_cells(source) if head.startswith(xpt.MAGIC) else _text_cells(source, head)
    if not rows:
        raise RecordingError("The table of people has no rows. Export it again.")
    if participants is None:
        by = _named_column(names)
    else:
        joining_column = _joining_column(names, rows, set(participants))
        if joining_column is None:
            return {}
        by = joining_column
    known = {i: columns.labels([row[i] for row in rows]) for i, name in enumerate(names) if i != by and name}
    table: Labels = {}
    for at, row in enumerate(rows):
        person = "" if row[by] is None else str(row[by]).strip()
        if not person or person.lower() == "nan":
            continue
        if person in table:
            raise RecordingError(f"A table with one row a person was expected; {person} appears in it twice. Keep one of the rows.")
        table[person] = {names[i]: values[at] for i, values in known.items()}
    return table


def _joining_column(names: list[str], rows: list[tuple[object, ...]], known: set[str]) -> int | None:
    """The column that names the most of the known people; one named as theirs before others, and in other ways of writing too."""
    hits = [len({str(row[i]).strip() for row in rows} & known) for i in range(len(names))]
    best, named = int(np.argmax(hits)), columns.find(names, columns.PARTICIPANT)
    if named is not None:
        matched = match((str(row[named]).strip() for row in rows if row[named] is not None), known)
        if len(matched.pairs) + len(matched.doubtful) >= max(hits[best] / 2, 1):
            return named
    return best if hits[best] else None


def _named_column(names: list[str]) -> int:
    """The column whose name says that it holds participants' codes. Never a guess: a guess would label the wrong people."""
    column = columns.find(names, columns.PARTICIPANT)
    column = columns.find(names, columns.FILE) if column is None else column
    if column is None:
        shown = ", ".join(repr(name) for name in names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
        if sum(map(bool, names)) < 2 or not all(_LIKE_A_NAME.fullmatch(name) for name in names):
            shown = f"not column names ({len(names)} of them)"  # the first line may be anybody's secret: it is not repeated
        raise RecordingError(
            "A table of people needs a column that says who each row is about, called participant (or subject, id, seqn, number, "
            f"person, patient, code); the columns found are {shown}. Rename the one with the participants' codes."
        )
    return column


def join(labels: Mapping[str, str | float | None], more: Mapping[str, str | float | None]) -> dict[str, str | float | None]:
    """Labels of both; what is known already stays."""
    return {**more, **labels}


def _text_cells(source: Source, head: bytes) -> tuple[list[str], list[tuple[object, ...]]]:
    if source.size > _LARGEST:
        raise RecordingError(f"A table of people of at most {_LARGEST // 1024**2} MB was expected; this file is larger.")
    if not is_text(head):
        raise RecordingError("A table of people as text (CSV) was expected; this file is not text. Save the table as CSV.")
    frame = frame_of(source)
    frame = frame[~frame.isna().all(axis=1)].astype(object)
    names = [as_meant(str(name)) for name in frame.columns]
    rows = frame.where(frame.notna(), None).itertuples(index=False, name=None)
    return names, [tuple(as_meant(cell) if isinstance(cell, str) else cell for cell in row) for row in rows]


def _xpt_cells(source: Source) -> tuple[list[str], list[tuple[object, ...]]]:
    """The numeric columns of a SAS transport file; codes without a decimal point."""
    with source.open() as stream:
        layout = xpt.read_layout(stream)
        names = [variable.name for variable in layout.variables if variable.numeric]
        blocks = list(xpt.read_columns(stream, layout, names))
    cells = np.concatenate(blocks) if blocks else np.zeros((0, len(names)))
    return names, [tuple(None if np.isnan(x) else int(x) if x == int(x) else float(x) for x in row) for row in cells]
