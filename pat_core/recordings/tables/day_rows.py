"""Tables with a row a day: 1,440 minutes in columns, or as many shorter epochs as make a day. The days of one person are laid in a row, by
their dates, weekdays or numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.recordings.clock import serials
from pat_core.recordings.clock.grid import LONGEST_DAYS
from pat_core.recordings.clock.times import parse_times
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.nhanes_days import MONITORS, REFERENCE_SUNDAY
from pat_core.records import COUNTS, UNKNOWN_UNIT, Reading, Recording, Refusal
from pat_core.settings import MINUTES_PER_DAY

SIZES = tuple(86_400 // seconds for seconds in (60, 30, 20, 15, 12, 10, 6, 5))
"""Epochs that make a day."""
_DATE = ("date", "calendardate", "localdate", "datum", "fecha", "data", "dato", "day", "timestamp", "datetime", "time")
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 80_000
"""Days of 2000-01-01 and of 2119 as spreadsheets count them."""
_WEEKDAY = ("weekday", "paxday", "paxdaywm", "dayofweek", "dow", "wday", "wochentag")
_NUMBER = ("day", "daynumber", "dayno", "daynr", "studyday", "paxdaym", "tag", "jour", "dia")
_DAYS = ("su", "mo", "tu", "we", "th", "fr", "sa")
_CLOCK = re.compile(r"\D{0,12}?(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?")


def whole_day(names: Sequence[str]) -> np.ndarray | None:
    """Indices, in time order, of 1,440 columns named by each minute of a day in signs that other names have too: 00.00, t_00_00, and the
    fractions that Excel makes of clock times; None for any other names."""
    for minute_of in (_in_signs, _in_fractions):
        columns = {minute: i for i, name in reversed(list(enumerate(names))) if (minute := minute_of(str(name).strip())) is not None}
        if len(columns) == MINUTES_PER_DAY:
            return np.array([columns[minute] for minute in range(MINUTES_PER_DAY)])
    return None


def _in_signs(name: str) -> int | None:
    """The minute of the day of 00.00, t_00_00, X00.00.00; None where it is none."""
    at = re.fullmatch(r"\D{0,12}?(\d{1,2})[._-](\d{2})(?:[._-]00)?", name)
    return 60 * int(at[1]) + int(at[2]) if at and int(at[1]) < 24 and int(at[2]) < 60 else None


def _in_fractions(name: str) -> int | None:
    """The minute of the day of 0,5 or 0.000694444; None where it is none."""
    at = re.fullmatch(r"[A-Za-z]?(0|0?[.,]\d{1,22}|\d(?:\.\d+)?[eE]-0?\d)", name)
    if not at:
        return None
    minutes = float(at[1].replace(",", ".")) * MINUTES_PER_DAY
    return round(minutes) if abs(minutes - round(minutes)) < 0.01 and minutes < MINUTES_PER_DAY - 0.5 else None


def clock_columns(names: Sequence[str]) -> tuple[np.ndarray, str, None] | None:
    """Columns named by a clock time alone (00:00 to 23:59): their indices in time order. None where there are not enough.

    Raises RecordingError where minutes of the day are missing or come twice.
    """
    if (every := whole_day(names)) is not None:
        return _in_order(every, names), "", None
    by_minute: dict[int, int] = {}
    seconds: set[int] = set()
    for i, name in enumerate(names):
        at = _CLOCK.fullmatch(name)
        if at and int(at[2]) < 60 and int(at[1]) <= 24:
            seconds.add(int(at[3] or 0))
            by_minute.setdefault(3600 * int(at[1]) + 60 * int(at[2]) + int(at[3] or 0), i)
    if len(by_minute) < 24:
        return None
    if len(seconds) > 1:
        raise RecordingError(
            f"The columns are named by clock times; 1,440 were expected, one for every minute of a day, but there are {len(by_minute):,}, "
            f"with seconds between the minutes ({names[by_minute[min(by_minute)]]}, ...). Export one value a minute."
        )
    by_minute = {second // 60: by_minute[second] for second in by_minute}
    minutes = sorted(by_minute)
    if len(minutes) != MINUTES_PER_DAY or np.any(np.diff(minutes) != 1):
        steps = np.diff(minutes)
        apart = f", here {int(steps[0])} minutes apart" if steps.size and np.all(steps == steps[0]) and steps[0] > 1 else ""
        raise RecordingError(
            "The columns are named by clock times; 1,440 were expected, one for every minute of a day, but there are "
            f"{len(minutes):,}{apart}. Export one value a minute."
        )
    return _in_order(np.array([by_minute[minute] for minute in minutes]), names), "", None


def _in_order(where: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """(1440,) columns of the minutes from midnight on. Raises RecordingError where they stand in the file as days from another hour on:
    their later columns are of the day after the row's date."""
    turns = np.flatnonzero(np.diff(where) < 0)
    if turns.size == 1 and where[-1] < where[0]:
        first, last = names[where[turns[0] + 1]], names[where[turns[0]]]
        raise RecordingError(
            f"The columns run from {first} past midnight to {last}, so a row holds parts of two days, and its date may be either. Export "
            "days from midnight to midnight, or a row a minute."
        )
    return where


def gathered(reading: Reading, named: bool, stem: str, where: str) -> Reading:
    """Recordings of one day each, in the order of their rows, as one a person; anything else as it was.

    named: whether a column says whose the rows are; without one they are of `stem`, if they have dates. Raises RecordingError where rows
    are days of an unknown person, and where dates cannot be read.
    """
    days = reading.recordings
    sizes = {day.values.size for day in days}
    if len(sizes) != 1 or not sizes <= set(SIZES):
        return reading
    when = _column(days, _DATE, _is_date), _column(days, _WEEKDAY, _is_weekday), _column(days, _NUMBER, _is_number)
    several = len({day.participant for day in days}) < len(days)
    if not any(when) and not (named and several):
        if named or len(days) == 1 or sizes != {MINUTES_PER_DAY}:
            return reading
        raise RecordingError(
            f"There are {len(days)} rows of 1,440 minutes: days of one person, or one day of several people? Add a column `participant` "
            "that says who each row is, and a column `date`."
        )
    dates = np.full(len(days), np.datetime64("NaT", "ms"))
    if when[0]:
        written = pd.Series([_text(day.labels[when[0]]) for day in days], dtype="str")
        counted = serials.dates(written)
        dates = parse_times(written if counted is None else counted)
    if sizes != {MINUTES_PER_DAY} and not _a_day_apart(days, dates):
        return reading
    people: dict[str, list[int]] = {}
    for at, day in enumerate(days):
        people.setdefault(day.participant if named else stem, []).append(at)
    recordings, refused = [], list(reading.refused)
    for person, rows in people.items():
        try:
            recordings.append(_laid(person, [days[at] for at in rows], dates[rows], when, where))
        except RecordingError as error:
            refused.append(Refusal(f"{where}: {person}", str(error)))
    return Reading(tuple(recordings), tuple(refused))


def _a_day_apart(days: Sequence[Recording], dates: np.ndarray) -> bool:
    """Whether rows of short epochs are days: as long as one by the epochs that they name, if any, and of days that follow one another."""
    if any(day.epoch_seconds not in (60, 86_400 // day.values.size) for day in days) or np.isnat(dates).any():
        return False
    follows = [days[at].participant == days[at - 1].participant for at in range(1, len(days))]
    steps = np.diff(dates.astype("datetime64[D]")).astype(int)[follows]
    return bool(steps.size and (steps == 1).any())


def _laid(person: str, days: list[Recording], dates: np.ndarray, when: Sequence[str | None], where: str) -> Recording:
    """The days of one person, missing ones empty."""
    date, weekday, number = when
    notes, start, known = [], None, True
    if date:
        if np.isnat(dates).any():
            raise RecordingError(
                f"A row a day was expected, each with its date; the column {date} is empty or unreadable in some of them. Fill it in."
            )
        place = (dates.astype("datetime64[D]") - dates.min().astype("datetime64[D]")).astype(int)
        start = dates.min().astype("datetime64[D]").astype(datetime)
        start = datetime(start.year, start.month, start.day)
    elif weekday:
        place = _by_weekday(days, weekday)
        first = _weekday(days[0].labels[weekday])
        if first is not None and _sunday_first(days, weekday):
            start, known = REFERENCE_SUNDAY + timedelta(days=first), False
    elif number:
        place = np.array([int(float(str(day.labels[number]))) for day in days])
        place = place - place.min()
    else:
        place = np.arange(len(days))
    if place.max() >= LONGEST_DAYS:
        raise RecordingError(
            f"At most {LONGEST_DAYS} days were expected; these rows span {place.max() + 1}. One date is probably wrong: correct it."
        )
    values = np.full((int(place.max()) + 1, days[0].values.size), np.nan, np.float32)
    for at, day in zip(place, days, strict=True):
        if np.isfinite(values[at]).any() and not np.array_equal(values[at], day.values, equal_nan=True):
            raise RecordingError(
                f"A row a day was expected; two rows with different values are both day {at + 1} of this person. Keep one."
            )
        values[at] = day.values
    if missing := len(values) - len(set(place.tolist())):
        notes.append(f"{missing} of {counted(len(values), 'day')} without a row: counted as missing.")
    if start is None:
        notes.append("Each row is a day from midnight on; the weekday of the first is unknown.")
    notes += dict.fromkeys(note for day in days for note in day.notes)
    away = {date, weekday, number}
    shared = {name for name in days[0].labels if name not in away and all(day.labels.get(name) == days[0].labels[name] for day in days)}
    whole = replace(
        days[0],
        participant=person,
        values=values.reshape(-1),
        start=start,
        epoch_seconds=86_400 // days[0].values.size,
        date_known=known,
        source=where,
        notes=tuple(notes),
        labels={name: days[0].labels[name] for name in days[0].labels if name in shared},
    )
    if _of_nhanes(days) and whole.unit == UNKNOWN_UNIT:
        device, placement = MONITORS["PAXRAW"]
        return replace(whole, unit=COUNTS, device=device, placement=placement)
    return whole


def _column(days: Sequence[Recording], names: Sequence[str], fits) -> str | None:
    """The column of one of these names in which every row fits."""
    by_key = {columns.key(name): name for name in days[0].labels}
    for name in names:
        if name in by_key and all(fits(day.labels.get(by_key[name])) for day in days):
            return by_key[name]
    return None


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _is_date(value: object) -> bool:
    if isinstance(value, float) and _FIRST_SERIAL <= value < _LAST_SERIAL:
        return value.is_integer()
    return bool(re.match(r"\d{4}[-/.]?\d{1,2}[-/.]?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[- ][A-Za-z]{3}", _text(value)))


def _is_weekday(value: object) -> bool:
    return _weekday(value) is not None


def _is_number(value: object) -> bool:
    match = re.search(r"\d{1,3}$", _text(value))
    return bool(match) and isinstance(value, float)


def _weekday(value: object) -> int | None:
    """0 for Sunday to 6, of numbers from 1 and of English names."""
    text = _text(value).strip().lower()
    if text.isdecimal():
        return int(text) - 1 if 1 <= int(text) <= 7 else None
    return _DAYS.index(text[:2]) if text[:2] in _DAYS else None


def _sunday_first(days: Sequence[Recording], name: str) -> bool:
    """Whether the weekday is told: by its name, or by a number of NHANES, where 1 is Sunday; elsewhere 1 may be Monday."""
    return isinstance(days[0].labels[name], str) or _of_nhanes(days)


def _of_nhanes(days: Sequence[Recording]) -> bool:
    return {"paxcal", "paxstat"} <= {columns.key(name) for name in days[0].labels}


def _by_weekday(days: Sequence[Recording], name: str) -> np.ndarray:
    """(days,) place of each day, in the order of the rows; a weekday that is left out is a day without a row."""
    weekdays = np.array([_weekday(day.labels[name]) for day in days])
    steps = np.mod(np.diff(weekdays) - 1, 7) + 1
    if np.any(steps == 7):
        at = int((steps == 7).argmax())
        raise RecordingError(f"Consecutive days were expected; rows {at + 1} and {at + 2} of this person have the same weekday. Add dates.")
    return np.concatenate(([0], np.cumsum(steps))).astype(int)
