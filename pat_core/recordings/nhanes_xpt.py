"""NHANES accelerometer files: one row a minute, read as a stream, one person after another.

PAXRAW_C and PAXRAW_D (2003-06, hip, counts) give weekday and clock of each minute (PAXDAY 1 = Sunday, PAXHOUR, PAXMINUT); PAXMIN_G and
PAXMIN_H (2011-14, wrist, MIMS) give the day of wear and what the CDC makes of each minute (PAXPREDM 1 wake, 2 sleep, 3 not worn, 4 not
known). The date is in neither: weeks are laid on the one that began on Sunday 2003-01-05. Columns as in the CDC's documentation.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO

import numpy as np

from ..errors import RecordingError
from ..progress import Progress
from ..records import COUNTS, MIMS, Reading, Recording, Refusal
from . import xpt
from .nhanes_days import REFERENCE_SUNDAY, Days, digits
from .source import Format, Source, refuse_unless

NEEDED = ("SEQN", "PAXDAY", "PAXHOUR", "PAXMINUT", "PAXINTEN")
OPTIONAL = ("PAXN", "PAXSTAT", "PAXCAL")
NEEDED_MIN = ("SEQN", "PAXSSNMP", "PAXDAYM", "PAXDAYWM", "PAXMTSM")
OPTIONAL_MIN = ("PAXPREDM", "PAXQFM")
MOST_MIN_BYTES = 1024**3
"""Of PAXMIN's minutes, some 850 people: whoever comes in this way is held in memory. The whole files have 8 and 9 GB."""
NOT_WORN, NOT_KNOWN = 3, 4
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
        wrist = "PAXMTSM" in layout.names
        refuse_unless(
            not wrist or source.size <= MOST_MIN_BYTES,
            f"These are the minutes of NHANES 2011-14 (PAXMIN), {source.size / 1024**3:.1f} GB of them. "
            "`python -m pat_core nhanes --cycles 2011 --files FOLDER --out DIR` brings them in (2013 for PAXMIN_H).",
        )
        names = _names(layout, wrist)
        lay = _wrist if wrist else _recording
        try:
            for rows in _people(_rows(stream, layout, names), layout.row_bytes, source, progress):
                person = _code(rows[0, 0])
                try:
                    recordings.append(lay(person, dict(zip(names, rows.T, strict=True)), source.name))
                except RecordingError as error:
                    refused.append(Refusal(f"{source.name}: {person}", str(error)))
        except _Broken as error:
            refused.append(Refusal(f"{source.name}: {error.person}", f"{error} Whoever comes before that is read."))
    if not recordings and not refused:
        raise RecordingError("The file has NHANES' columns and not one row. Download it again.")
    return Reading(tuple(recordings), tuple(refused))


def _names(layout: xpt.Layout, wrist: bool) -> list[str]:
    """The columns to be read. Raises RecordingError where one that is needed is not there."""
    files, needed, optional = ("PAXMIN_G or PAXMIN_H", NEEDED_MIN, OPTIONAL_MIN) if wrist else ("PAXRAW_C or PAXRAW_D", NEEDED, OPTIONAL)
    there = [variable.name for variable in layout.variables if wrist or variable.numeric]
    missing = [name for name in needed if name not in there]
    refuse_unless(
        not missing,
        f"Expected the minutes of NHANES' {files} with the columns {', '.join(needed)}; {', '.join(missing)} "
        f"{'is' if len(missing) == 1 else 'are'} not among {', '.join(there[:10])}. Tables of people are joined as labels instead.",
    )
    return [*needed, *(name for name in optional if name in there)]


def _rows(stream: BinaryIO, layout: xpt.Layout, names: list[str]) -> Iterator[np.ndarray]:
    """Blocks of (rows, names) float64; PAXMIN's codes are text of one digit."""
    for block in xpt.read_blocks(stream, layout, names):
        yield np.stack([digits(column) if column.dtype.kind == "S" else column for column in map(block.get, names)], axis=1)


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


def _wrist(person: str, columns: dict[str, np.ndarray], where: str) -> Recording:
    """One person's minutes of PAXMIN in the order of their samples, with what the CDC says of wear."""
    days = Days()
    place = days.add(columns["PAXSSNMP"], columns["PAXDAYM"], columns["PAXDAYWM"])
    if place is None:
        raise RecordingError(
            "PAXSSNMP, PAXDAYM (1 to 9) and PAXDAYWM (1 to 7) are needed in every row; in some they are missing or out of range. "
            "Download the file again."
        )
    kept, rows = np.unique(place, return_index=True)
    begin, notes = int(kept[0]), []
    values = np.full(int(kept[-1]) - begin + 1, np.nan, np.float32)
    found = columns["PAXMTSM"][rows]
    found = np.where(found >= 0, found, np.nan)  # -0.01 is what the CDC writes where MIMS could not be computed
    if "PAXQFM" in columns and (bad := columns["PAXQFM"][rows] != 0).any():
        found = np.where(bad, np.nan, found)
        notes.append(f"{int(bad.sum()):,} minutes that the CDC's review marked invalid (PAXQFM) are missing.")
    values[kept - begin] = found
    worn = None
    if "PAXPREDM" in columns:
        state = columns["PAXPREDM"][rows]
        worn = np.ones(values.size, bool)
        worn[kept - begin] = state != NOT_WORN
        if unknown := int(np.count_nonzero(state == NOT_KNOWN)):
            notes.append(f"Of {unknown:,} minutes the CDC does not know whether the device was worn (PAXPREDM 4); they count as worn.")
    start = days.start(begin)
    if start is None:
        notes.append("The minutes around the first midnight are missing, so weekday and clock of this recording are not known.")
    labels: dict[str, str | float | None] = {} if place.size == kept.size else {"repeated_minutes": float(place.size - kept.size)}
    return Recording(
        participant=person, values=values, start=start, unit=MIMS, device="ActiGraph GT3X+", placement="wrist", date_known=False,
        labels=labels, source=where, worn=worn, notes=tuple(notes),
    )  # fmt: skip


def _code(number: float) -> str:
    return str(int(number)) if np.isfinite(number) else "someone without a number"


FORMAT = Format("NHANES accelerometer file (XPT)", recognises, read)
