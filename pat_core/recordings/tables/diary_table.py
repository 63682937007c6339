"""Tables of sleep diaries (CSV, Excel): a row a night, with who, which date and the times of going to bed, sleeping and getting up.

Here cells become times. Which evening they belong to is decided by `diary_night`, once it is known whether a date is the evening's or the
morning's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from pat_core.csv_text import as_meant
from pat_core.errors import RecordingError
from pat_core.recordings.clock import serials
from pat_core.recordings.clock.times import parse_times
from pat_core.recordings.source import Source, quoted
from pat_core.recordings.tables import columns, excel
from pat_core.recordings.tables.clock_texts import clock_minutes, fractions, is_empty, length_minutes, nap_minutes, of_fraction
from pat_core.recordings.tables.csv_table import rows_in_shape
from pat_core.recordings.tables.text_shape import TextShape, is_text, shape_of
from pat_core.records import Refusal
from pat_core.rhythms.sleep_diary import SEQUENCE, DiaryNight

NightDate = Literal["evening", "morning"]
LARGEST = 16 * 1024**2
MOST_ROWS = 100_000
ABOVE = 20
"""Rows over the names of the columns that may hold a title."""
LONGEST = 16 * 60
"""Minutes in bed, or between two times of a night: more is a slip, such as 11:40 for 23:40."""
TITLES = {
    "participant": "participant", "date": "date", "bed": "in bed", "lights_out": "lights out", "asleep": "asleep", "awake": "awake",
    "rise": "out of bed", "latency": "minutes to fall asleep", "waso": "minutes awake", "naps": "naps",
}  # fmt: skip
"""Role of a column -> its words."""
_DATES = (
    "date|datum|fecha|dato|day|night|nacht|nuit|nachtvom|nightof|eveningof|"
    "(diary|sleep|night|evening|bed|morning|wake|entry)date|datum(abend|morgen)"
)
_NAMES = {
    "date": f"{_DATES}|dateof(the)?(night|evening|morning|waking|wakeup|goingtobed|entry|diary)|(evening|morning)",
    "latency": "sol(min|mins|minutes)?|(sleep)?(onset)?latency(min|mins|minutes)?|(minutes|min|mins|time|howlong)"
    "(needed|taken|did(it)?take(you)?)?tofallasleep(min|mins|minutes)?|einschlaf(dauer|latenz)(min)?",
    "waso": "waso(min|mins|minutes)?|(minutes|mins?|time)awake.*|awake(min|mins|minutes)|"
    "wach(liege)?(zeit|dauer|minuten)(min)?|nightwakemin",
    "bed": "(went|go|going|got|get|getting|time)?(in|to|into)bed(time|at)?|(time)?(you)?(got|went)(in|to|into)?bed|bed|bedtime|timetobed|"
    "tibstart|inbedat|timeinbedstart|(zeit)?(zubett|insbett)(gegangen|gehzeit)?|bett(geh)?zeit|zubettgehen",
    "lights_out": "(time)?lights?(out|off)(time|at)?|(time)?(tried|try|trying|attempted)tosleep(time|at)?|sleepattempt|lichtaus",
    "asleep": "(time)?(fell|fall|fallen|falling)?asleep(time|at)?|sleep(onset|start|began|begin|begins)(time)?|onset(time)?|"
    "(zeit)?eingeschlafen(um)?|einschlafzeit(punkt)?",
    "awake": "(time)?(final|last)?(awake|awakening|woke(up)?|wake(up)?|waking(up)?|wakingtime)(time|at)?|sleep(offset|end(ed|s)?)(time)?|"
    "offset(time)?|(zeit)?aufgewacht(um)?|aufwachzeit(punkt)?",
    "rise": "(time)?(got|get|getting)?(out(of)?|up(from)?)(bed)?(time|at)?|(time)?(got|get|getting)up(time|at)?|rise(time)?|roseat|"
    "aufgestanden(um)?|aufstehzeit(punkt)?|aufstehen|outofbed",
    "naps": "naps?(yesterday|today|time|times|min|mins|minutes|duration|total)*|nickerchen(min)?|mittagsschlaf(min)?|daytimesleep(min)?",
}  # fmt: skip
_EVENINGS = re.compile("evening|nightof|nachtvom|abend|bed")
_MORNINGS = re.compile("morning|wak|morgen")


@dataclass(frozen=True)
class DiaryRow:
    """One row. participant: "" where no column says who. date: as it stands there, evening's or morning's; number: of the night, where
    nights are counted in place of dates.

    times: role of SEQUENCE -> minutes after midnight, or a moment with its date. minutes: "latency", "waso", "naps" -> minutes.
    """

    line: int
    participant: str
    date: date | None
    number: int | None
    times: Mapping[str, int | datetime]
    minutes: Mapping[str, int]


@dataclass(frozen=True)
class DiaryTable:
    """rows: those that can be read. columns: role -> name of the column, "" for `date` where moments bring it along. header: the names of
    all columns. refused: line by line, why not. blank: rows in which nothing was filled in. date_of: what the name of the date's
    column says, "" where nothing."""

    columns: Mapping[str, str]
    header: tuple[str, ...]
    rows: tuple[DiaryRow, ...]
    refused: tuple[Refusal, ...] = ()
    blank: int = 0
    date_of: NightDate | Literal[""] = ""


def read_diary(source: Source, named: Mapping[str, str] | None = None) -> DiaryTable:
    """The table of a source: text, or a workbook with one sheet that has content. named: role of TITLES -> the name of its column, where
    the names do not say it; "" takes none.

    RecordingError where it is no table, where a column that is needed is not there, and where the order of day and month cannot be told.
    """
    head = source.head()
    if not head:
        raise RecordingError("The file is empty. Export the diary again.")
    if excel.is_workbook(head, source.filename):
        with ExitStack() as opened:
            return read_diary(excel.only_sheet(source, opened, "the diary"), named)
    if source.size > LARGEST:
        raise RecordingError(f"A diary of at most {LARGEST // 1024**2} MB was expected; this file is larger. Split it by people.")
    if not is_text(head):
        raise RecordingError("A diary as a table was expected, CSV or Excel (.xlsx); this file is neither. Save the table as CSV.")
    lines = _lines(source, head)
    at, places = _header(lines, named or {})
    names = [cell.strip() for cell in lines[at][1]]
    cells = [_Cells(line, row, places) for line, row in lines[at + 1 :]]
    written = [row for row in cells if any(not is_empty(text) for role, text in row.by_role.items() if role not in ("participant", "date"))]
    if not written:
        raise RecordingError("The table has the columns of a diary, but no row in which a time was filled in. Choose another file.")
    rows, refused = _rows(written, places)
    date_column = names[places["date"]] if "date" in places else ""
    return DiaryTable(
        {role: names[column] for role, column in places.items()},
        tuple(names),
        tuple(rows),
        tuple(refused),
        len(cells) - len(written),
        _date_of(date_column),
    )


@dataclass(frozen=True)
class _Cells:
    """One line of the file, by the roles of its cells."""

    line: int
    cells: Sequence[str]
    places: Mapping[str, int]
    by_role: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        by_role = {role: as_meant(self.cells[column].strip()) if column < len(self.cells) else "" for role, column in self.places.items()}
        object.__setattr__(self, "by_role", by_role)


def _lines(source: Source, head: bytes) -> list[tuple[int, list[str]]]:
    shape = shape_of(head)
    try:
        lines = list(rows_in_shape(source, shape))
    except UnicodeDecodeError:
        lines = list(rows_in_shape(source, TextShape("latin-1", shape.separator)))
    if len(lines) > MOST_ROWS:
        raise RecordingError(f"A diary has a row a night; this table has {len(lines):,} rows. Choose the file with the diary.")
    return lines


def _header(lines: Sequence[tuple[int, list[str]]], named: Mapping[str, str]) -> tuple[int, dict[str, int]]:
    """Which line names the columns, and the column of each role. Titles over it are passed by."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, (_, cells) in enumerate(lines[:ABOVE]):
        places = _roles([cell.strip() for cell in cells], named)
        if len(places) > len(best[1]):
            best = at, places
    at, places = best
    timed = [role for role in SEQUENCE if role in places]
    if not ({"bed", "lights_out"} & set(timed)) or not ({"rise", "awake"} & set(timed)):
        first = lines[at][1] if lines else []
        shown = ", ".join(repr(cell.strip()[:30]) for cell in first[:12] if cell.strip()) if len(first) > 1 else "no columns"
        raise RecordingError(
            "A diary needs a column for going to bed (in bed, bedtime or lights out) and one for getting up (out of bed, got up, awake); "
            f"the columns here are: {shown}. Say which columns these are, or rename them."
        )
    return at, places


def _roles(names: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    """Role -> column: as the caller names it, else by the names. RecordingError for a name that no column has."""
    keys, places = [columns.key(name) for name in names], dict[str, int]()
    for role, name in named.items():
        if role not in TITLES:
            raise RecordingError(f"Expected a role of a column among {', '.join(TITLES)}, got {role!r}. Use one of these.")
        if name and name in names:
            places[role] = names.index(name)
    for role, pattern in _NAMES.items():
        fits = [i for i, key in enumerate(keys) if i not in places.values() and re.fullmatch(pattern, key)]
        if role not in named and fits:
            places[role] = fits[0]
    who = columns.find(["" if i in places.values() else name for i, name in enumerate(names)], columns.PARTICIPANT)
    if "participant" not in named and who is not None:
        places["participant"] = who
    return places


def _date_of(name: str) -> NightDate | Literal[""]:
    key = columns.key(name)
    evening, morning = bool(_EVENINGS.search(key)), bool(_MORNINGS.search(key))
    return "" if evening == morning else "evening" if evening else "morning"


def _rows(written: Sequence[_Cells], places: Mapping[str, int]) -> tuple[list[DiaryRow], list[Refusal]]:
    timed = [role for role in SEQUENCE if role in places]
    if fractions([row.by_role[role] for row in written for role in timed]):
        for row in written:
            row.by_role.update({role: of_fraction(row.by_role[role]) for role in timed if not is_empty(row.by_role[role])})
    _refuse_half_days([row.by_role[role] for row in written for role in timed], [row.by_role[timed[0]] for row in written])
    dates = _dates([row.by_role.get("date", "") for row in written])
    moments = {role: _moments([row.by_role[role] for row in written], [row.line for row in written]) for role in SEQUENCE if role in places}
    rows, refused = [], []
    for at, row in enumerate(written):
        try:
            times = {role: time for role in moments if (time := _time(row.by_role[role], moments[role][at], role)) is not None}
            rows.append(
                DiaryRow(row.line, row.by_role.get("participant", ""), *_night_of(row, dates[at], times), times, _lengths(row.by_role))
            )
        except RecordingError as error:
            refused.append(Refusal(f"Line {row.line}", str(error)))
    return rows, refused


def _refuse_half_days(texts: Sequence[str], going_to_bed: Sequence[str]) -> None:
    """RecordingError where times are of 12 hours and nothing tells morning from evening. texts: of all times of the table."""
    clocks = [clock_minutes(text) for text in texts]
    halved = any(re.search(r"[ap]\.?m", text.lower()) for text in texts)
    halves = not halved and all(clock is None or 60 <= clock < 13 * 60 for clock in clocks)
    evenings = [clock for text in going_to_bed if (clock := clock_minutes(text)) is not None and clock >= 8 * 60]
    if halves and evenings:
        at = f"{evenings[0] // 60}:{evenings[0] % 60:02d}"
        raise RecordingError(
            f"Times of 12 hours seem to stand in this diary without AM and PM: going to bed at {at}, and no time at or after 13:00. "
            "Write them as 23:40 or 11:40 PM."
        )


def _dates(texts: Sequence[str]) -> np.ndarray:
    """(rows,) datetime64, NaT where a cell is no date, such as the number of a night."""
    filled = pd.Series(["" if is_empty(text) or re.fullmatch(r"\d{1,3}", text) else text for text in texts], dtype="str")
    counted = serials.dates(filled[filled != ""])
    return parse_times(filled if counted is None else counted.reindex(filled.index, fill_value=""))


def _moments(texts: Sequence[str], lines: Sequence[int]) -> np.ndarray:
    """(rows,) datetime64 of the cells that bring their date along, NaT elsewhere."""
    whole = pd.Series(["" if is_empty(text) or clock_minutes(text) is not None else text for text in texts], dtype="str")
    utc = whole.str.contains(r"\d(?:Z|\s?UTC)$", regex=True)
    if utc.any():
        raise RecordingError(
            f"Diary times on the sleeper's clock were expected; line {lines[int(utc.to_numpy().argmax())]} has one in UTC. "
            "Write them as YYYY-MM-DD HH:MM in local time."
        )
    return parse_times(whole, lines)


def _time(text: str, moment: np.datetime64, role: str) -> int | datetime | None:
    if is_empty(text):
        return None
    minutes = clock_minutes(text)
    if minutes is not None:
        return minutes
    if np.isnat(moment):
        raise RecordingError(
            f"The time of {TITLES[role]} is {quoted(text)}, which is no clock time. Write it as 23:40, 11:40 PM or 2019-05-03 23:40."
        )
    return moment.astype("datetime64[m]").astype(datetime)  # type: ignore[no-any-return]


def _night_of(row: _Cells, stamp: np.datetime64, times: Mapping[str, int | datetime]) -> tuple[date | None, int | None]:
    text = row.by_role.get("date", "")
    if not np.isnat(stamp):
        return stamp.astype("datetime64[D]").astype(date), None
    if re.fullmatch(r"\d{1,3}", text) and int(text) >= 1:
        return None, int(text)
    if any(isinstance(time, datetime) for time in times.values()):
        return None, None
    what = "is empty" if is_empty(text) else f"is {quoted(text)}, which is no date"
    raise RecordingError(f"The date {what}. Write it as YYYY-MM-DD.")


def _lengths(by_role: Mapping[str, str]) -> dict[str, int]:
    lengths = {}
    for role, read in (("latency", length_minutes), ("waso", length_minutes), ("naps", nap_minutes)):
        text = by_role.get(role, "")
        if is_empty(text):
            continue
        minutes = read(text)
        if minutes is None:
            raise RecordingError(f"The cell of {TITLES[role]} holds {quoted(text)}, which is no length in minutes. Write it as 20 or 0:20.")
        lengths[role] = minutes
    return lengths


def diary_night(row: DiaryRow, date_of: NightDate, first: date | None = None) -> DiaryNight:
    """A row as a night. date_of: whose date stands there; first: the evening of night 1, for rows that count nights.

    A clock time is taken at its first turn after the time before it. A night of an evening begins at noon of that day at the earliest; one
    of a morning ends on that day. RecordingError where going to bed or getting up is not there, where the times come in another order, and
    for more than LONGEST in bed.
    """
    given = [(role, row.times[role]) for role in SEQUENCE if role in row.times]
    if not {"bed", "lights_out"} & set(row.times):
        raise RecordingError("The time of going to bed is empty. Fill it in, or leave the line out.")
    if not {"rise", "awake"} & set(row.times):
        raise RecordingError("The time of getting up is empty. Fill it in, or leave the line out.")
    moments = _placed(given, row, date_of, first)
    for (role, earlier), (after, later) in pairwise(moments.items()):
        if later < earlier or _minutes(later - earlier) > LONGEST:
            raise RecordingError(
                f"{TITLES[after].capitalize()} ({later:%H:%M}) comes before {TITLES[role]} ({earlier:%H:%M}), or 12-hour times stand there "
                "without AM and PM. Correct the line."
            )
    begin, end = moments.get("bed", moments.get("lights_out")), moments.get("rise", moments.get("awake"))
    if begin is None or end is None or end <= begin or _minutes(end - begin) > LONGEST:
        length = "" if begin is None or end is None else f" ({begin:%H:%M} to {end:%H:%M})"
        raise RecordingError(
            f"More than {LONGEST // 60} hours in bed{length}, or out of bed before in bed; perhaps 12-hour times without AM and PM. "
            "Correct the line."
        )
    asleep, latency, waso = moments.get("asleep"), row.minutes.get("latency"), row.minutes.get("waso")
    if asleep is None and latency is not None:
        asleep = moments.get("lights_out", begin) + timedelta(minutes=latency)
    night = DiaryNight(
        evening=(begin - timedelta(hours=12)).date(),
        bed=begin,
        rise=end,
        lights_out=moments.get("lights_out"),
        asleep=asleep,
        awake=moments.get("awake"),
        waso=waso,
        latency_given=latency,
        nap_minutes=row.minutes.get("naps"),
    )
    if any(length is not None and length > night.time_in_bed for length in (latency, waso)) or (night.sleep or 0) < 0:
        raise RecordingError("The minutes to fall asleep or awake are more than the night has. Correct the line.")
    return night


def _placed(given: Sequence[tuple[str, int | datetime]], row: DiaryRow, date_of: NightDate, first: date | None) -> dict[str, datetime]:
    """Role -> moment, from a time that has its date, or from the row's."""
    dated = next((i for i, (_, time) in enumerate(given) if isinstance(time, datetime)), None)
    moments: list[datetime | None] = [time if isinstance(time, datetime) else None for _, time in given]
    if dated is None:
        day = row.date
        if day is None:
            if first is None or row.number is None:
                raise RecordingError("The date is empty. Write it as YYYY-MM-DD.")
            day, date_of = first + timedelta(days=row.number - 1), "evening"
        dated = 0 if date_of == "evening" else len(given) - 1
        minutes = int(given[dated][1])  # type: ignore[arg-type]
        after_midnight = date_of == "evening" and minutes < 12 * 60
        moments[dated] = datetime(day.year, day.month, day.day) + timedelta(days=int(after_midnight), minutes=minutes)
    for at in range(dated + 1, len(given)):
        before = moments[at - 1]
        if moments[at] is None and before is not None:
            moments[at] = before + timedelta(minutes=(int(given[at][1]) - _of_day(before)) % (24 * 60))  # type: ignore[arg-type]
    for at in range(dated - 1, -1, -1):
        after = moments[at + 1]
        if moments[at] is None and after is not None:
            moments[at] = after - timedelta(minutes=(_of_day(after) - int(given[at][1])) % (24 * 60))  # type: ignore[arg-type]
    return {role: moment for (role, _), moment in zip(given, moments, strict=True) if moment is not None}


def _of_day(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _minutes(length: timedelta) -> int:
    return round(length.total_seconds() / 60)


def cells_named(table: DiaryTable) -> Iterator[str]:
    """Which columns were read as what: “Zubettgehen” as in bed."""
    for role, name in table.columns.items():
        yield f"“{name}” as {TITLES[role]}"
