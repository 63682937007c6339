"""NHANES accelerometer files: one row a minute, read as a stream, one person after another.

PAXRAW_C and PAXRAW_D (2003-06, hip, counts) give weekday and clock of each minute (PAXDAY 1 = Sunday, PAXHOUR, PAXMINUT); PAXMIN_G and
PAXMIN_H (2011-14, wrist, MIMS) give the day of wear and what the CDC makes of each minute (PAXPREDM 1 wake, 2 sleep, 3 not worn, 4 not
known). The date is in neither: weeks are laid on the one that began on Sunday 2003-01-05. Columns as in the CDC's documentation.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.source import Format, Source, refuse_unless
from pat_core.recordings.tables import xpt
from pat_core.recordings.tables.csv_table import frame_in_shape, rows_in_shape
from pat_core.recordings.tables.nhanes_days import (
    FLAGGED,
    MONITORS,
    NEEDED,
    NOT_WORN,
    OPTIONAL,
    WEAR_NOT_KNOWN,
    Block,
    Person,
    as_numbers,
    columns,
)
from pat_core.recordings.tables.report_table import split
from pat_core.recordings.tables.text_shape import TextShape, is_text, shape_of
from pat_core.records import COUNTS, MIMS, Reading, Recording, Refusal
from pat_core.settings import COMMAND

MOST_MIN_BYTES = 1024**3
"""Of PAXMIN's minutes, some 850 people: whoever comes in this way is held in memory. The whole files have 8 and 9 GB."""


def recognises(head: bytes, filename: str) -> bool:
    """A SAS transport file, whatever is in it."""
    return head.startswith((xpt.MAGIC, xpt.MAGIC_V8))


def read(source: Source, progress: Progress) -> Reading:
    """Every person of the file. A file that breaks off gives the people before the break and a refusal for the rest.

    Raises RecordingError where the file is damaged from the start or holds no minutes.
    """
    recordings: list[Recording] = []
    refused: list[Refusal] = []
    came: set[float] = set()
    with source.open() as stream:
        if stream.read(len(xpt.MAGIC_V8)) == xpt.MAGIC_V8:
            raise RecordingError("This SAS transport file is of version 8; NHANES writes version 5. Export it as version 5 (XPORT).")
    with source.open() as stream:
        layout = xpt.read_layout(stream)
        wrist = "PAXMTSM" in layout.names
        refuse_unless(
            not wrist or source.size <= MOST_MIN_BYTES,
            f"These are the minutes of NHANES 2011-14 (PAXMIN), {source.size / 1024**3:.1f} GB of them. `{COMMAND} nhanes --cycles 2011 "
            "--files FOLDER --out DIR` imports them (2013 for PAXMIN_H).",
        )
        kind = "PAXMIN" if wrist else "PAXRAW"
        names = _names(layout, kind)
        try:
            for rows in _people(_rows(stream, layout, names), layout.row_bytes, source, progress):
                number = float(rows[0, 0])
                person = code(number)
                refuse_unless(
                    number not in came,
                    f"Rows sorted by SEQN were expected; those of {person} are in several places. Sort the file by SEQN, or import it "
                    f"with `{COMMAND} nhanes --cycles YEAR --files FOLDER --out DIR`, which takes rows in any order.",
                )
                came.add(number)
                try:
                    recordings.append(recording(person, kind, dict(zip(names, rows.T, strict=True)), source.name))
                except RecordingError as error:
                    refused.append(Refusal(f"{source.name}: {person}", str(error)))
        except _Broken as error:
            refused.append(Refusal(f"{source.name}: {error.person}", f"{error} Everyone before that was read."))
    if not recordings and not refused:
        raise RecordingError("The file has NHANES' columns but no rows. Download it again.")
    return Reading(tuple(recordings), tuple(refused))


def _names(layout: xpt.Layout, kind: str) -> list[str]:
    """The columns to be read. Raises RecordingError where one that is needed is not there."""
    names, missing = columns(layout, kind)
    letters = {"PAXRAW": "CD", "PAXMIN": "GH"}[kind]
    refuse_unless(
        not missing,
        f"Expected the minutes of NHANES' {kind}_{letters[0]} or {kind}_{letters[1]} with the columns {', '.join(NEEDED[kind])}; "
        f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not among {', '.join(layout.names[:10])}. Tables of people are "
        "joined as labels instead.",
    )
    return names


def _rows(stream: IO[bytes], layout: xpt.Layout, names: list[str]) -> Iterator[np.ndarray]:
    """Blocks of (rows, names) float64; PAXMIN's codes are text of one digit."""
    for block in map(as_numbers, xpt.read_blocks(stream, layout, names)):
        yield np.stack([block[name] for name in names], axis=1)


class _Broken(RecordingError):
    """The stream broke off inside this person."""

    def __init__(self, message: str, person: str) -> None:
        super().__init__(message)
        self.person = person


def _people(blocks: Iterator[np.ndarray], row_bytes: int, source: Source, progress: Progress) -> Iterator[np.ndarray]:
    """The rows of each person in turn, (minutes, columns): blocks cut where SEQN changes."""
    pending: list[np.ndarray] = []
    done = 0
    try:
        for block in blocks:
            done += len(block)
            progress.at(min(done * row_bytes / max(source.size, 1), 1.0), f"Reading {source.filename}")
            cuts = np.flatnonzero(np.diff(block[:, 0]) != 0) + 1
            for part in np.split(block, cuts):
                if pending and pending[-1][-1, 0] != part[0, 0]:
                    yield np.concatenate(pending)
                    pending = []
                pending.append(part)
    except (RecordingError, OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile) as error:
        raise _Broken(str(error), code(pending[-1][-1, 0]) if pending else "its first rows") from error
    if pending:
        yield np.concatenate(pending)


def recording(name: str, kind: str, rows: Block, where: str) -> Recording:
    """One person's minutes, from the first that came to the last; of a minute that comes twice, the first. With what the CDC says of it."""
    person = Person()
    laid = person.lay(kind, rows)
    if laid is None:
        raise RecordingError(f"{person.trouble} Download the file again.")
    places, at = np.unique(laid.place, return_index=True)
    begin = int(places[0])
    values = np.full(int(places[-1]) - begin + 1, np.nan, np.float32)
    states = np.zeros(values.size, np.uint8)
    values[places - begin], states[places - begin] = laid.values[at], laid.states[at]
    start = person.start(begin)
    device, placement = MONITORS[kind]
    return Recording(
        participant=name,
        values=values,
        start=start,
        unit=COUNTS if kind == "PAXRAW" else MIMS,
        device=device,
        placement=placement,
        date_known=False,
        labels=_labels(person, rows, laid.place.size - places.size),
        source=where,
        worn=(states & NOT_WORN) == 0 if person.wear_told else None,
        notes=tuple(_notes(states, start is not None)),
    )


def _labels(person: Person, rows: Block, repeated: int) -> dict[str, str | float | None]:
    words = {True: "yes", False: "no", None: "not known"}
    labels: dict[str, str | float | None] = {}
    if "PAXSTAT" in rows:
        labels["reliable"] = words[person.reliable]
    if "PAXCAL" in rows:
        labels["calibrated"] = words[person.calibrated]
    return labels | ({"repeated_minutes": float(repeated)} if repeated else {})


def _notes(states: np.ndarray, clock_known: bool) -> Iterator[str]:
    """What is to be known of (minutes,) states, in sentences."""
    if flagged := int(np.count_nonzero(states & FLAGGED)):
        yield f"The CDC's review gave quality flags to {counted(flagged, 'minute')} (PAXQFM); the values are kept."
    if unknown := int(np.count_nonzero(states & WEAR_NOT_KNOWN)):
        yield f"For {counted(unknown, 'minute')} the CDC does not know whether the device was worn (PAXPREDM 4): counted as worn."
    if not clock_known:
        yield "The minutes around the first midnight are missing, so weekday and clock of this recording are unknown."


def code(number: float) -> str:
    return str(int(number)) if np.isfinite(number) else "someone without a number"


XPT = Format("NHANES accelerometer file (XPT)", recognises, read)


def recognises_text(head: bytes, filename: str) -> bool:
    """Text whose first line names SEQN, the minute's number and its activity as the CDC does."""
    if not is_text(head) or b"SEQN" not in head[:4000].upper():
        return False
    shape = shape_of(head)
    first = head.decode(shape.encoding, errors="ignore").lstrip("\ufeff\r\n ").split("\n", 1)[0]
    return _kind(split(first, shape.separator)) is not None


def read_text(source: Source, progress: Progress) -> Reading:
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
    return _people_of_text(cells, kind, source)


def _people_of_text(cells: dict[str, np.ndarray], kind: str, source: Source) -> Reading:
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


TEXT = Format("NHANES accelerometer file as text (CSV)", recognises_text, read_text)
