"""NHANES' minutes written as text (CSV): the columns of the CDC's transport files under their own names, read as those are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.source import Format, Source, refuse_unless
from pat_core.recordings.studies.nhanes_xpt import MOST_MIN_BYTES, code, recording
from pat_core.recordings.tables.csv_table import frame_in_shape, rows_in_shape
from pat_core.recordings.tables.nhanes_days import NEEDED, OPTIONAL
from pat_core.recordings.tables.report_table import split
from pat_core.recordings.tables.text_shape import TextShape, is_text, shape_of
from pat_core.records import Reading, Recording, Refusal
from pat_core.settings import COMMAND


def recognises(head: bytes, filename: str) -> bool:
    """Text whose first line names SEQN, the minute's number and its activity as the CDC does."""
    if not is_text(head) or b"SEQN" not in head[:4000].upper():
        return False
    shape = shape_of(head)
    first = head.decode(shape.encoding, errors="ignore").lstrip("\ufeff\r\n ").split("\n", 1)[0]
    return _kind(split(first, shape.separator)) is not None


def read(source: Source, progress: Progress) -> Reading:
    """Every person of the file, in any order of rows. Raises RecordingError where a column that is needed is not there."""
    refuse_unless(
        source.size <= MOST_MIN_BYTES,
        f"These are {source.size / 1024**3:.1f} GB of NHANES minutes as text. Import the CDC's own files instead: `{COMMAND} nhanes`.",
    )
    head = shape_of(source.head())
    shape = TextShape("latin-1" if head.encoding == "utf-8-sig" else head.encoding, head.separator)
    names = [name.strip().lstrip("\ufeffï»¿").upper() for name in next(rows_in_shape(source, shape))[1]]
    kind = _kind(names) or "PAXRAW"
    missing = [name for name in NEEDED[kind] if name not in names]
    refuse_unless(
        not missing,
        f"NHANES minutes as text need the columns {', '.join(NEEDED[kind])}; {', '.join(missing)} "
        f"{('is' if len(missing) == 1 else 'are')} missing. Write the file with them, or say what its columns mean.",
    )
    progress.at(0.1, f"Reading {source.filename}")
    frame = frame_in_shape(source, shape, ())
    frame.columns = names
    wanted = [name for name in (*NEEDED[kind], *OPTIONAL[kind]) if name in names]
    cells = {name: pd.to_numeric(frame[name].astype(object), errors="coerce").to_numpy(np.float64) for name in wanted}
    return _people(cells, kind, source)


def _people(cells: dict[str, np.ndarray], kind: str, source: Source) -> Reading:
    recordings: list[Recording] = []
    refused: list[Refusal] = []
    numbers, owners = np.unique(cells["SEQN"], return_inverse=True)
    order = np.argsort(owners, kind="stable")
    bounds = np.searchsorted(owners[order], np.arange(numbers.size + 1))
    for at, number in enumerate(numbers):
        rows = order[bounds[at] : bounds[at + 1]]
        person = code(number)
        try:
            refuse_unless(
                bool(np.isfinite(number)), f"{counted(rows.size, 'row has', 'rows have')} no person number (SEQN), so nobody to belong to."
            )
            recordings.append(recording(person, kind, {name: column[rows] for name, column in cells.items()}, source.name))
        except RecordingError as error:
            refused.append(Refusal(f"{source.name}: {person}", str(error)))
    return Reading(tuple(recordings), tuple(refused))


def _kind(names: Sequence[str]) -> str | None:
    present = {name.strip().upper() for name in names}
    if "SEQN" not in present:
        return None
    if {"PAXINTEN", "PAXN"} <= present:
        return "PAXRAW"
    return "PAXMIN" if {"PAXMTSM", "PAXSSNMP"} <= present else None


FORMAT = Format("NHANES accelerometer file as text (CSV)", recognises, read)
