"""The times of a long table: one column, a date beside a clock time, or counters of hours, minutes and epochs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.recordings.clock import serials, zones
from pat_core.recordings.clock.times import offsets_of, parse_times
from pat_core.recordings.clock.zones import UTC_OFFSET
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.coded_text import Coded, coded, pairs

TIMES = (*columns.DATE, *columns.MINUTE, *columns.HOUR, *columns.SECOND, *columns.COUNTER)
"""Names of columns that say when, beside those of whole times: what they hold is no fact on a person."""
_YEAR, _MONTH = ("year", "yyyy", "yr"), ("month", "mm", "mon", "mo")
_DAY_OF_MONTH = ("day", "dayofmonth", "dd", "mday", "dom")
_NO_TIME = np.datetime64("NaT")
_CLOCK_NAMES = ("time", "clock", "localtime")
_WITH_DATE = r"^\d{4}[-/.]\d{1,2}[-/.]|^\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2}\s)"
NO_DAY = r"^(?:1899-12-3[01]|1900-01-0[01]|(?:3[01][/.]12|12/3[01])[/.]1899)[ T]+"
"""The day that spreadsheets write before a clock time without one."""
IDLE_MIDNIGHT = r"[ T]00?:00(?::00)?(?:\.0+)?$|\s12:00(?::00)? AM$"
"""The midnight that spreadsheets write behind a date without a clock time."""
_MOST_DAYS = 1000
_BARE = r"(?!(?:19|20)\d{10}(?:\d\d)?$)\d+(?:[.,]\d*)?"
"""A number that is not a date and a clock time in 12 or 14 digits."""
_EXPECTED = "Write the local time as YYYY-MM-DD HH:MM:SS"


@dataclass(frozen=True)
class Times:
    """stamps: (rows,) datetime64. dated: a clock, not a counter. offsets: from UTC, as the file writes them. zone: as the type names it.

    notes: what the reader must know of how they are written.
    """

    stamps: np.ndarray
    dated: bool
    offsets: tuple[str, ...] = ()
    zone: str | None = None
    notes: tuple[str, ...] = ()


def time_columns(names: list[str]) -> list[int]:
    """Index of the time column; of a date and a time column where they stand apart; of a date (if any), an hour (if any), a minute and a
    second (if any); of a counter of epochs; or nothing."""
    time, date = columns.find(names, columns.TIME), columns.find(names, columns.DATE)
    if time is not None and date is not None and columns.key(names[time]) in _CLOCK_NAMES:
        return [date, time]
    if time is not None:
        return [time]
    hour, minute, second = (columns.find(names, wanted) for wanted in (columns.HOUR, columns.MINUTE, columns.SECOND))
    if minute is not None:
        return [i for i in (date, hour, minute, None if hour is None else second) if i is not None]
    counter = columns.find(names, columns.COUNTER)
    column = counter if counter is not None else date
    return [] if column is None else [column]


def with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose date stands in three columns (year, month, day) with it in the column of the day, YYYY-MM-DD; any other as it is."""
    keys = [columns.key(name) for name in frame.columns]
    parts = [columns.find(keys, wanted) for wanted in (_YEAR, _MONTH, _DAY_OF_MONTH)]
    if None in parts or columns.find(keys, ("date", "calendardate", "localdate", *columns.TIME[:2])) is not None:
        return frame
    year, month, day = (pd.to_numeric(frame.iloc[:, at], errors="coerce") for at in parts)
    known = year.between(1900, 2199) & month.between(1, 12) & day.between(1, 31)
    if not known.any() or not (known | frame.iloc[:, parts].isna().all(axis=1)).all():
        return frame
    digits = (part.where(known, 0).astype(np.int64).astype("str").str.zfill(2) for part in (year, month, day))
    written = next(digits).str.cat(list(digits), sep="-").where(known)
    dated = frame.copy(deep=False)
    dated.isetitem(parts[2], written)
    dated.columns = ["date" if i == parts[2] else name for i, name in enumerate(frame.columns)]
    return dated.drop(columns=[frame.columns[parts[0]], frame.columns[parts[1]]])


def times_of(frame: pd.DataFrame, when: list[int], lines: np.ndarray) -> Times:
    """The rows' times in these columns (see time_columns); counters alone give stamps that mean nothing but their order.

    Raises RecordingError for numbers that name no clock time, and for epochs whose length the file does not say.
    """
    names = [columns.key(frame.columns[i]) for i in when]
    column = frame.iloc[:, when[0]]
    if len(when) == 1 and pd.api.types.is_datetime64_any_dtype(column):
        # Wall clock: an aware column keeps the clock of its own zone.
        named = str(column.dt.tz) if column.dt.tz is not None else None
        offsets = UTC_OFFSET if named in ("UTC", "UTC+00:00") else ()
        stamps = column.dt.tz_localize(None).to_numpy().astype("datetime64[ms]")
        return Times(stamps, True, offsets, named if named and not offsets and zones.is_zone(named) else None)
    if names[-1] in columns.COUNTER:
        return _epochs(frame, when[0])
    if any(name in columns.MINUTE for name in names):
        return _minutes(frame, dict(zip(names, when, strict=True)), lines)
    cells = coded(column)
    serial_note = serials.note(cells.texts)
    if len(when) == 2:
        cells = date_and_clock(cells, coded(frame.iloc[:, when[1]]))
    elif not cells.texts.empty and re.fullmatch(_BARE, str(cells.texts.iloc[0])) and serials.moments(cells.texts) is None:
        raise _bare(str(frame.columns[when[0]]), str(cells.texts.iloc[0]))
    stamps = parse_times(cells.texts, lines[cells.first_rows()])
    return Times(cells.spread(stamps, _NO_TIME), True, offsets_of(cells.texts), zone_in(cells.texts), serial_note)


def zone_in(texts: pd.Series) -> str | None:
    """The zone that all of (n,) texts of times end in, as 2024-03-04T10:00+01:00[Europe/Berlin]; None without one."""
    named = texts[texts != ""].str.extract(r"\[([A-Za-z_]+/[A-Za-z0-9_+/-]+)\]$", expand=False).unique()
    return str(named[0]) if len(named) == 1 and isinstance(named[0], str) and zones.is_zone(named[0]) else None


def date_and_clock(date: Coded, clock: Coded) -> Coded:
    """A date's column and a clock's as one; the clock's alone where it holds the date too. Either may be a spreadsheet's number of days."""
    clock = replace(clock, texts=clock.texts.str.replace(NO_DAY, "", regex=True))
    if not clock.texts.empty and re.match(_WITH_DATE, str(clock.texts.iloc[0])):
        return clock
    plain = date.texts.str.replace(IDLE_MIDNIGHT, "", regex=True)
    days, clocks = serials.dates(plain), serials.clocks(clock.texts)
    return pairs(replace(date, texts=plain if days is None else days), clock if clocks is None else replace(clock, texts=clocks))


def _bare(name: str, first: str) -> RecordingError:
    return RecordingError(
        f"The time column {name} holds plain numbers ({first}, ...), which are not clock times. {_EXPECTED}, or call the column `minute` "
        "if it counts minutes."
    )


def _minutes(frame: pd.DataFrame, at: dict[str, int], lines: np.ndarray) -> Times:
    """Times of a minute that counts on, of a minute of the day beside a date, or of hour and minute; without a date they are counters."""

    def of(known: Sequence[str]) -> list[int]:
        return [place for name, place in at.items() if name in known][:1]

    hours = [3600 * _counts(frame, place) for place in of(columns.HOUR)]
    minute = _counts(frame, of(columns.MINUTE)[0])
    within = sum([*hours, 60 * minute, *(_counts(frame, place) for place in of(columns.SECOND))], np.zeros(len(frame)))
    dates = of(columns.DATE)
    if not dates:
        return _counted(within)
    date = coded(frame.iloc[:, dates[0]])
    days = pd.to_numeric(date.texts, errors="coerce").to_numpy(np.float64)
    if days.size and np.isfinite(days).all() and (days < _MOST_DAYS).all():
        return _counted(86_400 * date.spread(days, np.nan) + within)
    if not hours and np.nanmax(minute, initial=0) >= 1440:  # it counts on over the days, from a clock time that the file does not give
        return _counted(within)
    written = serials.dates(date.texts)
    midnight = parse_times(date.texts if written is None else written, lines[date.first_rows()])
    since = np.where((within >= 0) & (within < 86_400), within, np.nan)
    return Times(date.spread(midnight, _NO_TIME) + _milliseconds(since), True, notes=serials.note(date.texts))


def _epochs(frame: pd.DataFrame, counter: int) -> Times:
    """Counters of epochs whose length another column says. Raises RecordingError where none does: they may be minutes or seconds."""
    keys = [columns.key(name) for name in frame.columns]
    name = str(frame.columns[counter])
    length = next((i for i, key in enumerate(keys) if key in columns.EPOCH_LENGTH), None)
    lengths = [] if length is None else frame.iloc[:, length].dropna().astype("str").str.strip().unique()
    seconds = length_of(str(lengths[0]), columns.EPOCH_LENGTH[keys[length]]) if length is not None and len(lengths) == 1 else None
    if seconds is None:
        raise RecordingError(
            f"The column {name} counts epochs, but nothing in the file says how long one is or when it was. {_EXPECTED} in a column "
            "`timestamp`, or add a column `epoch_seconds` (60 if a row is a minute, 30 if it is half a minute)."
        )
    return _counted(_counts(frame, counter) * seconds)


def length_of(text: str, unit: int | None) -> float | None:
    """The seconds of an epoch that is 60, 30 s or 1 min long; None where the unit is named neither by the column nor in the cell."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|secs?|seconds?|m|mins?|minutes?)?\.?", text, re.IGNORECASE)
    if not match:
        return None
    factor = unit if match[2] is None else 60 if match[2].lower().startswith("m") else 1
    if factor is None:
        return None
    return float(match[1]) * factor if float(match[1]) > 0 else None


def _counts(frame: pd.DataFrame, at: int) -> np.ndarray:
    """(rows,) float64 of a column of whole or broken numbers, NaN where a cell is none. Raises RecordingError for numbers of no counter."""
    cells = coded(frame.iloc[:, at])
    numbers = pd.to_numeric(cells.texts, errors="coerce").to_numpy(np.float64)
    if numbers.size and np.nanmax(numbers, initial=0) > 10_000_000:
        raise _bare(str(frame.columns[at]), str(cells.texts.iloc[0]))
    return cells.spread(numbers, np.nan)


def _counted(seconds: np.ndarray) -> Times:
    stamps = np.datetime64(0, "ms") + _milliseconds(seconds)
    return Times(stamps, False)


def _milliseconds(seconds: np.ndarray) -> np.ndarray:
    """(rows,) timedelta64[ms], NaT where NaN."""
    known = np.isfinite(seconds)
    milliseconds = np.rint(np.where(known, seconds, 0) * 1000).astype(np.int64).astype("timedelta64[ms]")
    milliseconds[~known] = np.timedelta64("NaT")
    return milliseconds
