"""NHANES 2003-06 accelerometer files (PAXRAW_C, PAXRAW_D): one row a minute, read as a stream, one person after another.

Weekday and clock of each minute are known (PAXDAY 1 = Sunday, PAXHOUR, PAXMINUT), the date is not: weeks are laid on the one that began
on Sunday 2003-01-05. Columns as in the CDC's documentation of PAXRAW_C.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from ..errors import RecordingError
from ..progress import Progress
from ..records import COUNTS, Reading, Recording, Refusal
from . import xpt
from .source import Format, Source

REFERENCE_SUNDAY = datetime(2003, 1, 5)
"""Stands for the unknown Sunday of a recording that only knows its weekdays."""

NEEDED = ("SEQN", "PAXDAY", "PAXHOUR", "PAXMINUT", "PAXINTEN")
OPTIONAL = ("PAXN", "PAXSTAT", "PAXCAL")
_WEEK = 7 * 1440
_LONGEST = 60 * 1440


def recognises(head: bytes, filename: str) -> bool:
    """A SAS transport file, whatever is in it."""
    return head.startswith((xpt.MAGIC, xpt.MAGIC_V8))


def read(source: Source, progress: Progress) -> Reading:
    """Every person of the file. A file that breaks off gives the people before the break and a refusal for the rest.

    Raises RecordingError where the file is damaged from the start or holds no minutes.
    """
    recordings: list[Recording] = []
    refused: list[Refusal] = []
    with source.open() as stream:
        if stream.read(len(xpt.MAGIC_V8)) == xpt.MAGIC_V8:
            raise RecordingError("This SAS transport file is of version 8; NHANES writes version 5. Export it as version 5 (XPORT).")
    with source.open() as stream:
        layout = xpt.read_layout(stream)
        there = [variable.name for variable in layout.variables if variable.numeric]
        if "PAXMTSM" in there:
            raise RecordingError(
                "These are the minutes of NHANES 2011-14 (PAXMIN), 8 to 9 GB of them, with the clock in no column. "
                "`python -m pat_core nhanes --cycles 2011 --files FOLDER --out DIR` brings them in (2013 for PAXMIN_H)."
            )
        if missing := [name for name in NEEDED if name not in there]:
            raise RecordingError(
                f"Expected the minutes of NHANES' PAXRAW_C or PAXRAW_D with the columns {', '.join(NEEDED)}; {', '.join(missing)} "
                f"{'is' if len(missing) == 1 else 'are'} not among {', '.join(there[:10])}. Tables of people are joined as labels instead."
            )
        names = [*NEEDED, *(name for name in OPTIONAL if name in there)]
        try:
            for rows in _people(xpt.read_columns(stream, layout, names), layout.row_bytes, source, progress):
                person = _code(rows[0, 0])
                try:
                    recordings.append(_recording(person, dict(zip(names, rows.T, strict=True)), source.name))
                except RecordingError as error:
                    refused.append(Refusal(f"{source.name}: {person}", str(error)))
        except _Broken as error:
            refused.append(Refusal(f"{source.name}: {error.person}", f"{error} Whoever comes before that is read."))
    if not recordings and not refused:
        raise RecordingError("The file has NHANES' columns and not one row. Download it again.")
    return Reading(tuple(recordings), tuple(refused))


class _Broken(RecordingError):
    """The stream broke off inside this person."""

    def __init__(self, message: str, person: str) -> None:
        super().__init__(message)
        self.person = person


def _people(blocks: Iterator[np.ndarray], row_bytes: int, source: Source, progress: Progress) -> Iterator[np.ndarray]:
    """The rows of each person in turn, (minutes, columns): blocks cut where SEQN changes."""
    held: list[np.ndarray] = []
    done = 0
    try:
        for block in blocks:
            done += len(block)
            progress.at(min(done * row_bytes / max(source.size, 1), 1.0), f"Reading {source.filename}")
            cuts = np.flatnonzero(np.diff(block[:, 0]) != 0) + 1
            for part in np.split(block, cuts):
                if held and held[-1][-1, 0] != part[0, 0]:
                    yield np.concatenate(held)
                    held = []
                held.append(part)
    except (RecordingError, OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile) as error:
        raise _Broken(str(error), _code(held[-1][-1, 0]) if held else "its first rows") from error
    if held:
        yield np.concatenate(held)


def _recording(person: str, columns: dict[str, np.ndarray], where: str) -> Recording:
    """One person's minutes laid in the order of PAXN; the clock must run along with it."""
    clock = (columns["PAXDAY"] - 1) * 1440 + columns["PAXHOUR"] * 60 + columns["PAXMINUT"]
    count = columns.get("PAXN", np.arange(clock.size, dtype=np.float64))
    whole = np.isfinite(clock).all() and np.isfinite(count).all() and clock.min() >= 0 and clock.max() < _WEEK
    if not whole:
        raise RecordingError(
            "PAXDAY (1 to 7), PAXHOUR, PAXMINUT and PAXN are needed in every row; in some they are missing or out of range. "
            "Download the file again."
        )
    place = (count - count.min()).astype(np.int64)
    first = int(place.argmin())
    if place.max() >= _LONGEST or np.any((clock - clock[first] - place) % _WEEK != 0):
        raise RecordingError(
            "The minutes' numbers (PAXN) and their weekday and clock (PAXDAY, PAXHOUR, PAXMINUT) contradict one another, so the order of "
            "the minutes is not known. Download the file again."
        )
    kept, rows = np.unique(place, return_index=True)
    values = np.full(int(place.max()) + 1, np.nan, np.float32)
    values[kept] = columns["PAXINTEN"][rows]
    labels: dict[str, str | float | None] = {}
    if "PAXSTAT" in columns:
        labels["reliable"] = "yes" if np.all(columns["PAXSTAT"] == 1) else "no"
    if "PAXCAL" in columns:
        state = columns["PAXCAL"]
        labels["calibrated"] = "yes" if np.all(state == 1) else "no" if np.any(state == 2) else "not known"
    if place.size > kept.size:
        labels["repeated_minutes"] = float(place.size - kept.size)
    return Recording(
        participant=person, values=values, start=REFERENCE_SUNDAY + timedelta(minutes=int(clock[first])), unit=COUNTS,
        device="ActiGraph AM-7164", placement="hip", date_known=False, labels=labels, source=where,
    )  # fmt: skip


def _code(number: float) -> str:
    return str(int(number)) if np.isfinite(number) else "someone without a number"


FORMAT = Format("NHANES accelerometer file (XPT)", recognises, read)
