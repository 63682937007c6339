"""Epoch files of the MESA Sleep study (NSRR): 30 s of an Actiwatch Spectrum a row, dates removed, weekday and clock kept.

Columns as the NSRR describes them: line (epoch number), linetime (clock), offwrist (1 = off), activity, marker, interval, dayofweek (1 =
Sunday). Weeks are laid on the one that began on Sunday 2003-01-05, like NHANES'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from ..errors import RecordingError
from ..progress import Progress
from ..records import COUNTS, Reading, Recording, Refusal
from . import columns
from .device_rows import Amounts, Column, Table, flags, gather, head_lines, lay, lines
from .grid import LONGEST_DAYS
from .nhanes_days import REFERENCE_SUNDAY
from .source import Format, Source, refuse_unless
from .text import is_text

NEEDED = ("mesaid", "linetime", "activity", "dayofweek")
_DAY, _MOST_PEOPLE = 86_400, 10_000


def recognises(head: bytes, filename: str) -> bool:
    """The NSRR's columns in the first line."""
    return is_text(head) and set(NEEDED) <= set(_names((head_lines(head, 1) or [""])[0]))


def read(source: Source, progress: Progress) -> Reading:
    """Everyone in the file, by mesaid; somebody whose rows cannot be put in order is refused.

    Raises RecordingError where the columns or a row cannot be read, or where the only person is refused.
    """
    rows = lines(source, progress)
    names = _names(next(rows, (1, ""))[1])
    refuse_unless(
        set(NEEDED) <= set(names), f"The columns {', '.join(NEEDED)} were expected; there are {', '.join(names)[:200]}. Download it again."
    )
    parsers = {
        "mesaid": _texts, "linetime": _clocks, "activity": Amounts("activity", "whole"), "dayofweek": _weekdays, "line": _line_numbers,
        "offwrist": flags, "marker": flags, "interval": _excluded,
    }  # fmt: skip
    table = gather(rows, ",", len(names), {name: Column((names.index(name),), parsers[name]) for name in parsers if name in names})
    recordings: list[Recording] = []
    refused: list[Refusal] = []
    for person, at in _people(table.columns["mesaid"]):
        try:
            recordings.append(_recording(person or source.stem, table, at, source))
        except RecordingError as error:
            if at.size == table.lines.size:
                raise
            refused.append(Refusal(f"{source.name}: {person}", str(error)))
    return Reading(tuple(recordings), tuple(refused))


def _names(line: str) -> list[str]:
    return [columns.key(name) for name in line.split(",")]


def _people(ids: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Each person with the indices of their rows, in the file's order."""
    known: dict[str, int] = {}
    codes = np.array([known.setdefault(person, len(known)) for person in ids], np.int64)
    refuse_unless(
        len(known) <= _MOST_PEOPLE, f"At most {_MOST_PEOPLE:,} people were expected in mesaid; there are {len(known):,}. Split it."
    )
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(known) + 1))
    for code, person in enumerate(known):
        yield person, order[bounds[code] : bounds[code + 1]]


def _recording(person: str, table: Table, at: np.ndarray, source: Source) -> Recording:
    part = {name: column[at] for name, column in table.columns.items()}
    line = table.lines[at]
    elapsed, notes = _elapsed(part["linetime"], part.get("line"), part["dayofweek"], line)
    first = (part["dayofweek"][0] - 1) * _DAY + part["linetime"][0]
    stamps = np.datetime64(REFERENCE_SUNDAY, "s") + (first + elapsed).astype("timedelta64[s]")
    off = part.get("offwrist", np.zeros(line.size, bool)) | part.get("interval", np.zeros(line.size, bool))
    flagged = "offwrist" in part or "interval" in part
    grid, worn, laid = lay(stamps, part["activity"], ~off if flagged else None, line)
    labels: dict[str, str | float | None] = {}
    if "marker" in part:
        labels["markers"] = float(part["marker"].sum())
    return Recording(
        participant=person, values=grid.values, start=grid.start, epoch_seconds=grid.epoch_seconds, unit=COUNTS,
        device="Actiwatch Spectrum", placement="wrist", date_known=False, labels=labels, source=source.name, worn=worn,
        notes=(*table.notes, *notes, *laid),
    )  # fmt: skip


def _elapsed(clock: np.ndarray, number: np.ndarray | None, weekday: np.ndarray, line: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Seconds from the first row, (rows,) int64: by the epochs' numbers where the clock agrees with all of them, else by the clock.

    clock in seconds of the day, weekday 1 to 7, line: where each row stands. By the clock alone every weekday has to agree, so that
    rows of two recordings are not laid end to end. Raises RecordingError where they do not.
    """
    steps = np.diff(clock) % _DAY
    epoch = int(np.median(steps[steps > 0])) if (steps > 0).any() else 30
    notes: list[str] = []
    if number is not None and np.isfinite(number).all() and np.ptp(number) * epoch <= LONGEST_DAYS * _DAY:
        elapsed = (number - number[0]).astype(np.int64) * epoch
        if np.all((clock[0] + elapsed - clock) % _DAY == 0):
            away = _weekdays_away(clock[0], elapsed, weekday)
            if away.any():
                notes.append(f"{int(away.sum()):,} rows give another weekday than their number and clock; number and clock were followed.")
            return elapsed, tuple(notes)
        notes.append("The epochs' numbers (line) and clock times do not run together; the clock was followed.")
    elapsed = np.concatenate(([0], np.cumsum(steps)))
    away = _weekdays_away(clock[0], elapsed, weekday)
    if away.any():
        raise RecordingError(
            f"Clock and weekday contradict one another, first in line {line[int(away.argmax())]}, so the order of the epochs is not known. "
            "Rows of two recordings may stand in one file: keep one of them."
        )
    return elapsed, tuple(notes)


def _weekdays_away(first_clock: int, elapsed: np.ndarray, weekday: np.ndarray) -> np.ndarray:
    """(rows,) bool: rows whose weekday is not the one that the time since the first row leads to."""
    return (weekday[0] - 1 + (first_clock + elapsed) // _DAY) % 7 != weekday - 1


def _texts(cells: list[str], at: np.ndarray) -> np.ndarray:
    known: dict[str, str] = {}
    stripped = (cell.strip().strip('"') for cell in cells)
    return np.array([known.setdefault(cell, cell) for cell in stripped], object)


def _clocks(cells: list[str], at: np.ndarray) -> np.ndarray:
    """(rows,) int64 seconds of the day of hh:mm:ss."""
    matches = [re.fullmatch(r'\s*"?([01]?[0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])"?\s*', cell) for cell in cells]
    if None in matches:
        first = matches.index(None)
        raise RecordingError(f"linetime was expected as hh:mm:ss; line {at[first]} says “{cells[first][:30]}”. Download the file again.")
    return np.array([int(m[1]) * 3600 + int(m[2]) * 60 + int(m[3]) for m in matches], np.int64)


def _weekdays(cells: list[str], at: np.ndarray) -> np.ndarray:
    """(rows,) int64, 1 (Sunday) to 7."""
    days = [cell.strip().removesuffix(".0") for cell in cells]
    for day, line in zip(days, at, strict=True):
        if len(day) != 1 or day not in "1234567":
            raise RecordingError(f"dayofweek was expected as 1 (Sunday) to 7; line {line} says “{day[:30]}”. Download the file again.")
    return np.array(days, np.int64)


def _line_numbers(cells: list[str], at: np.ndarray) -> np.ndarray:
    """(rows,) float64 numbers of the epochs, NaN for anything else: the clock decides then."""
    plain = (cell.strip().removesuffix(".0") for cell in cells)
    return np.array([float(cell) if cell.isascii() and cell.isdecimal() and len(cell) < 10 else np.nan for cell in plain], np.float64)


def _excluded(cells: list[str], at: np.ndarray) -> np.ndarray:
    """(rows,) bool, True where the scorers left the epoch out."""
    return np.array([cell.strip().strip('"').upper() == "EXCLUDED" for cell in cells], bool)


FORMAT = Format("MESA actigraphy (NSRR CSV)", recognises, read)
