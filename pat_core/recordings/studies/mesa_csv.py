"""Epoch files of the MESA Sleep study (NSRR): 30 s of an Actiwatch Spectrum a row, dates removed, weekday and clock kept.

Columns as the NSRR describes them: line (epoch number), linetime (clock), offwrist (1 = off), activity, marker, interval, dayofweek (1 =
Sunday). Weeks are laid on the one that began on Sunday 2003-01-05, like NHANES'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.grid import LONGEST_DAYS
from pat_core.recordings.clock.row_times import LONGEST_STRAY, MOST_ROWS, MOST_SHARE
from pat_core.recordings.devices.device_rows import Amounts, Column, Parser, Table, flags, gather, head_lines, lay, lines
from pat_core.recordings.source import Format, Source, refuse_unless
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.nhanes_days import REFERENCE_SUNDAY
from pat_core.recordings.tables.text_shape import is_text
from pat_core.records import COUNTS, Reading, Recording, Refusal

NEEDED = ("mesaid", "linetime", "activity", "dayofweek")
_DAY, _MOST_PEOPLE = 86_400, 10_000
UNREAD = -1
"""In place of a clock time or weekday that cannot be read."""


def recognises(head: bytes, filename: str) -> bool:
    """The NSRR's columns in the first line."""
    return is_text(head) and set(NEEDED) <= set(_names((head_lines(head, 1) or [""])[0]))


def read(source: Source, progress: Progress) -> Reading:
    """Everyone in the file, by mesaid; a person whose rows cannot be put in order is refused.

    Raises RecordingError where the columns or a row cannot be read, or where the only person is refused.
    """
    rows = lines(source, progress)
    names = _names(next(rows, (1, ""))[1])
    refuse_unless(
        set(NEEDED) <= set(names), f"The columns {', '.join(NEEDED)} were expected; there are {', '.join(names)[:200]}. Download it again."
    )
    parsers: dict[str, Parser] = {
        "mesaid": _texts,
        "linetime": _clocks,
        "activity": Amounts("activity", "whole"),
        "dayofweek": _weekdays,
        "line": _line_numbers,
        "offwrist": flags,
        "marker": flags,
        "interval": _excluded,
    }
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
    first, elapsed, notes = _elapsed(part["linetime"], part.get("line"), part["dayofweek"], line)
    stamps = np.datetime64(REFERENCE_SUNDAY, "s") + (first + elapsed).astype("timedelta64[s]")
    off = part.get("offwrist", np.zeros(line.size, bool)) | part.get("interval", np.zeros(line.size, bool))
    flagged = "offwrist" in part or "interval" in part
    grid, worn, laid = lay(stamps, part["activity"], ~off if flagged else None, line)
    labels: dict[str, str | float | None] = {}
    if "marker" in part:
        labels["markers"] = float(part["marker"].sum())
    return Recording(
        participant=person,
        values=grid.values,
        start=grid.start,
        epoch_seconds=grid.epoch_seconds,
        unit=COUNTS,
        device="Actiwatch Spectrum",
        placement="wrist",
        date_known=False,
        labels=labels,
        source=source.name,
        worn=worn,
        notes=(*table.notes, *notes, *laid),
    )


def _elapsed(
    clock: np.ndarray, number: np.ndarray | None, weekday: np.ndarray, line: np.ndarray
) -> tuple[int, np.ndarray, tuple[str, ...]]:
    """(second of the week of the first row, seconds from it (rows,) int64, notes): by the epochs' numbers where the clock agrees with all
    of them, else by the clock.

    clock in seconds of the day and weekday 1 to 7, UNREAD where a cell is neither; line: where each row stands. By the clock alone every
    weekday has to agree, so that rows of two recordings are not laid end to end. Raises RecordingError where they do not, and where a time
    that cannot be read has no place by its neighbours.
    """
    refuse_unless(
        bool((weekday != UNREAD).any()),
        f"dayofweek was expected as 1 (Sunday) to 7; no row of this person has one, from line {line[0]} on. Download the file again.",
    )
    read = clock != UNREAD
    both = read[1:] & read[:-1]
    steps = (np.diff(clock) % _DAY)[both]
    epoch = int(np.median(steps[steps > 0])) if (steps > 0).any() else 30
    notes: list[str] = []
    if number is not None and np.isfinite(number).all() and np.ptp(number) * epoch <= LONGEST_DAYS * _DAY and read.any():
        elapsed = (number - number[0]).astype(np.int64) * epoch
        first = int(clock[read][0] - elapsed[read][0]) % _DAY
        if np.all((first + elapsed - clock)[read] % _DAY == 0):
            away = _weekdays_away(first, elapsed, weekday)
            if away.any():
                notes.append(
                    f"{counted(int(away.sum()), 'row gives', 'rows give')} another weekday than number and clock; number and clock were "
                    "followed."
                )
            if not read.all():
                notes.append(_unread_words(read, line, "their numbers (line) show it"))
            return _of_week(first, elapsed, weekday), elapsed, tuple(notes)
        notes.append("The epochs' numbers (line) and clock times do not agree; the clock was followed.")
    if not read.all():
        clock = _between(clock, read, epoch, line)
        notes.append(_unread_words(read, line, "the rows around leave exactly the space for them"))
    elapsed = np.concatenate(([0], np.cumsum(np.diff(clock) % _DAY)))
    away = _weekdays_away(clock[0], elapsed, weekday)
    if away.any():
        raise RecordingError(
            f"Clock and weekday contradict each other, first in line {line[int(away.argmax())]}, so the order of the epochs is unknown. "
            "Rows of two recordings may share the file: keep one of them."
        )
    return _of_week(int(clock[0]), elapsed, weekday), elapsed, tuple(notes)


def _unread_words(read: np.ndarray, line: np.ndarray, why: str) -> str:
    count = int((~read).sum())
    where = f"line {line[int((~read).argmax())]}"
    return f"The clock time of {f'{where} cannot' if count == 1 else f'{count:,} rows (first in {where}) cannot'} be read; {why}."


def _between(clock: np.ndarray, read: np.ndarray, epoch: int, line: np.ndarray) -> np.ndarray:
    """(rows,) clock times, those that cannot be read laid between their neighbours where exactly so many epochs fit there."""
    known = np.flatnonzero(read)
    before, after = known[:-1], known[1:]
    apart = after - before
    fits = (apart > 1) & ((clock[after] - clock[before]) % _DAY == apart * epoch) & (apart - 1 <= LONGEST_STRAY)
    count = int((apart - 1)[fits].sum())
    if count < int((~read).sum()) or count > max(MOST_ROWS, MOST_SHARE * read.size):
        raise RecordingError(
            f"linetime was expected as hh:mm:ss; {counted(int((~read).sum()), 'row holds', 'rows hold')} something else, first line "
            f"{line[int((~read).argmax())]}, and the rows around do not show the times. Download the file again."
        )
    whole = clock.copy()
    for first, size in zip(before[fits], apart[fits], strict=True):
        whole[first + 1 : first + size] = (clock[first] + np.arange(1, size) * epoch) % _DAY
    return whole


def _of_week(first: int, elapsed: np.ndarray, weekday: np.ndarray) -> int:
    """The second of the week at which the first row stands; the weekday is that of the first row that says one."""
    at = int((weekday != UNREAD).argmax())
    days = (first + int(elapsed[at])) // _DAY
    return (int(weekday[at]) - 1 - days) % 7 * _DAY + first


def _weekdays_away(first_clock: int, elapsed: np.ndarray, weekday: np.ndarray) -> np.ndarray:
    """(rows,) bool: rows whose weekday is not the one that the time since the first row leads to."""
    stated = weekday != UNREAD
    days = (first_clock + elapsed) // _DAY
    at = int(stated.argmax())
    return stated & ((weekday[at] - 1 + days - days[at]) % 7 != weekday - 1)


def _texts(cells: list[str], at: np.ndarray) -> np.ndarray:
    known: dict[str, str] = {}
    stripped = (cell.strip().strip('"') for cell in cells)
    return np.array([known.setdefault(cell, cell) for cell in stripped], object)


def _clocks(cells: list[str], at: np.ndarray) -> np.ndarray:
    """(rows,) int64 seconds of the day of hh:mm:ss, UNREAD for anything else."""
    matches = (re.fullmatch(r'\s*"?([01]?[0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])"?\s*', cell) for cell in cells)
    return np.array([int(m[1]) * 3600 + int(m[2]) * 60 + int(m[3]) if m else UNREAD for m in matches], np.int64)


def _weekdays(cells: list[str], at: np.ndarray) -> np.ndarray:
    """(rows,) int64, 1 (Sunday) to 7, UNREAD for anything else."""
    days = (cell.strip().strip('"').removesuffix(".0") for cell in cells)
    return np.array([int(day) if len(day) == 1 and day in "1234567" else UNREAD for day in days], np.int64)


def _line_numbers(cells: list[str], at: np.ndarray) -> np.ndarray:
    """(rows,) float64 numbers of the epochs, NaN for anything else: the clock decides then."""
    plain = (cell.strip().removesuffix(".0") for cell in cells)
    return np.array([float(cell) if cell.isascii() and cell.isdecimal() and len(cell) < 10 else np.nan for cell in plain], np.float64)


def _excluded(cells: list[str], at: np.ndarray) -> np.ndarray:
    """(rows,) bool, True where the scorers left the epoch out."""
    return np.array([cell.strip().strip('"').upper() == "EXCLUDED" for cell in cells], bool)


FORMAT = Format("MESA actigraphy (NSRR CSV)", recognises, read)
