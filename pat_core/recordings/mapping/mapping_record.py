"""What the columns of a table mean: the record, what is wrong with one, and the record as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Literal, get_args, get_type_hints

from pat_core.errors import RecordingError
from pat_core.recordings.clock import zones
from pat_core.recordings.tables.text_shape import SEPARATORS
from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT
from pat_core.settings import MINUTES_PER_DAY

DateOrder = Literal["year", "day", "month", "named", "seconds", "milliseconds", "epochs"]
"""How times are written: the year, the day or the month first; another form, such as month names; whole seconds or ms since 1970, UTC;
the number of the epoch, from a moment that is told."""
Rows = Literal["epoch", "day"]
"""What one row of the table is: an epoch, or a day with its 1,440 minutes in columns."""
ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
COUNTED: tuple[DateOrder, ...] = ("seconds", "milliseconds")
WornSays = Literal["worn", "not worn"]
UNITS = (COUNTS, MIMS, MG, STEPS, UNKNOWN_UNIT)
MOST_SKIPPED, MOST_COLUMNS, LONGEST_NAME = 1000, 2000, 200
LONGEST_EPOCH = 60
LATER = {"rows": "epoch", "epoch_seconds": 60, "begins": ""}
"""Fields that mappings of earlier versions did not have, and what those meant."""


class MappingError(RecordingError):
    """A table does not hold what one field of its mapping says. field: the name of that field of Mapping."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Mapping:
    """What the columns of a table mean, and how the table is written.

    columns: all names, in the file's order. time: the column of date and clock time, or of the date alone where `clock` names the column
    of clock times. participant: None where each file is one person's, named after the file. activity: one number an epoch, in `unit`.
    order: how dates are written. zone: IANA time zone, or None. runs: what the times are (see zones.Clock). worn: a column of marks, 0 or
    empty for no; worn_says: what its other marks mean. separator, decimal: signs. skip: lines above the table. header: whether its first
    line names the columns. rows: what one row is; of a day, time is the column of its date and activity that of its first minute, which
    1,439 more follow. epoch_seconds, begins: of epochs that are numbered, how long each is, and the time of the one with the smallest
    number, YYYY-MM-DD HH:MM.
    """

    columns: tuple[str, ...]
    time: str
    activity: str
    clock: str | None = None
    participant: str | None = None
    unit: str = UNKNOWN_UNIT
    order: DateOrder = "year"
    zone: str | None = None
    runs: zones.Clock = "wall"
    worn: str | None = None
    worn_says: WornSays = "worn"
    separator: str = ","
    decimal: Literal[".", ","] = "."
    skip: int = 0
    header: bool = True
    rows: Rows = "epoch"
    epoch_seconds: int = 60
    begins: str = ""

    @property
    def taken(self) -> dict[str, str]:
        """Field -> the column that it names; fields that name none are left out."""
        named = ((field, getattr(self, field)) for field in ("time", "clock", "participant", "activity", "worn"))
        return {field: column for field, column in named if column}

    @property
    def minutes(self) -> tuple[str, ...]:
        """The columns of a day's minutes, from the first on, at most 1,440."""
        first = self.columns.index(self.activity)
        return self.columns[first : first + MINUTES_PER_DAY]


def problems(mapping: Mapping) -> dict[str, str]:
    """Field -> what is wrong with it, in a sentence; empty for a mapping that can be tried on a file."""
    wrong: dict[str, str] = {}
    if not mapping.time:
        wrong["time"] = "Choose the column with the time of each row."
    if not mapping.activity:
        wrong["activity"] = "Choose the column that holds the activity."
    first: dict[str, str] = {}
    for field, column in mapping.taken.items():
        if column not in mapping.columns:
            wrong[field] = f"The table has no column {column[:60]}. Choose one of its columns."
        elif column in first:
            wrong[field] = f"{column[:60]} is already chosen for {_WORDS[first[column]]}. Choose another column."
        first.setdefault(column, field)
    if repeated := next((name for name in mapping.columns if mapping.columns.count(name) > 1), None):
        wrong["separator"] = f"Every column needs its own name; {repeated[:60]} appears twice. Rename or remove one of them."
    if mapping.zone is not None:
        try:
            zones.zone_named(mapping.zone)
        except RecordingError as error:
            wrong["zone"] = str(error)
    elif mapping.runs == "steady":
        wrong["runs"] = "A clock that was never changed can be converted to local time only where the time zone is known. Choose the zone."
    if mapping.order in COUNTED and mapping.runs != "utc":
        wrong["runs"] = "Times counted since 1970 are in UTC. Choose UTC, or another way of writing dates."
    if mapping.order in COUNTED and mapping.clock:
        wrong["clock"] = "Times counted since 1970 already include the clock time. Choose no column for it."
    return wrong | (_of_days(mapping) if mapping.rows == "day" else _of_numbers(mapping) if mapping.order == "epochs" else {})


def _of_days(mapping: Mapping) -> dict[str, str]:
    """What is wrong with a mapping of days."""
    wrong: dict[str, str] = {}
    if mapping.order in (*COUNTED, "epochs"):
        wrong["order"] = "Rows of one day each have a date: choose how it is written."
    if mapping.activity in mapping.columns:
        minutes = mapping.minutes
        if len(minutes) < MINUTES_PER_DAY:
            wrong["activity"] = (
                f"1,440 columns for a day were expected from {mapping.activity[:60]} on; there are {len(minutes):,}. Choose the column of "
                "the minute 00:00."
            )
        elif within := set(minutes) & {mapping.time, mapping.participant}:
            wrong["activity"] = f"The 1,440 columns from {mapping.activity[:60]} on include {within.pop()[:60]}. Choose the minute 00:00."
    return wrong


def _of_numbers(mapping: Mapping) -> dict[str, str]:
    """What is wrong with a mapping whose epochs are numbered."""
    wrong: dict[str, str] = {}
    if not 1 <= mapping.epoch_seconds <= LONGEST_EPOCH:
        wrong["epoch_seconds"] = f"An epoch of 1 to {LONGEST_EPOCH} seconds was expected, as longer ones cannot be read."
    if mapping.clock:
        wrong["clock"] = "Numbered epochs have no clock time. Choose no column for it."
    try:
        if datetime.fromisoformat(mapping.begins.strip()).tzinfo is not None:
            raise ValueError("a zone of its own")
    except ValueError:
        wrong["begins"] = "Say when the first epoch began, in local time, as 2024-03-04 08:00."
    return wrong


_WORDS = {"time": "the time", "clock": "the clock time", "participant": "the participant", "activity": "the activity", "worn": "worn"}


def fingerprint(header: Sequence[str]) -> str:
    """The same for files with the same columns, in whatever order: sha256 of their names without case and outer spaces."""
    names = sorted(str(name).strip().casefold() for name in header)
    return sha256(json.dumps(names).encode()).hexdigest()


def to_json(mapping: Mapping) -> dict[str, object]:
    """Plain values, for from_json."""
    return asdict(mapping) | {"columns": list(mapping.columns)}


def from_json(value: object) -> Mapping:
    """The mapping back from plain values. Raises RecordingError in a sentence where they are damaged or of another version."""
    known = {field.name for field in fields(Mapping)}
    if not isinstance(value, dict) or not known - set(LATER) <= set(value) <= known:
        raise _damaged("it does not have the fields of a mapping")
    value = {**LATER, **value}
    names = value["columns"]
    if not isinstance(names, list | tuple) or not 0 < len(names) <= MOST_COLUMNS or not all(_is_name(name) for name in names):
        raise _damaged("its list of columns is not a list of names")
    for field in ("time", "activity"):
        if not _is_name(value[field]):
            raise _damaged(f"it has no column for the {field}")
    for field in ("clock", "participant", "worn", "zone"):
        if value[field] is not None and not _is_name(value[field]):
            raise _damaged(f"its {field} is not a name")
    allowed = get_type_hints(Mapping)
    choices = {field: get_args(allowed[field]) for field in ("order", "runs", "worn_says", "decimal", "rows")}
    for field, options in (choices | {"unit": UNITS, "separator": tuple(SEPARATORS), "header": (True, False)}).items():
        if not any(value[field] is option or (isinstance(option, str) and value[field] == option) for option in options):
            raise _damaged(f"its {field} is {str(value[field])[:40]!r}, not one of {', '.join(repr(option) for option in options)}")
    if type(value["skip"]) is not int or not 0 <= value["skip"] <= MOST_SKIPPED:
        raise _damaged(f"it skips {str(value['skip'])[:40]} lines; 0 to {MOST_SKIPPED} were expected")
    if type(value["epoch_seconds"]) is not int or not isinstance(value["begins"], str) or len(value["begins"]) > LONGEST_NAME:
        raise _damaged("its numbered epochs have no valid length or first time")
    mapping = Mapping(**(value | {"columns": tuple(names)}))
    if wrong := problems(mapping):
        raise _damaged(next(iter(wrong.values())).rstrip(".")[:200])
    return mapping


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME


def _damaged(why: str) -> RecordingError:
    return RecordingError(f"What was remembered about these columns cannot be used: {why}. Forget it and say again what the columns mean.")


def summary(mapping: Mapping) -> str:
    """One sentence: which column means what."""
    when = f"{mapping.time} and {mapping.clock}" if mapping.clock else mapping.time
    participant = mapping.participant or "the file's name"
    ran = {"wall": "", "steady": ", times on a device's clock that was never changed", "utc": ", times in UTC"}[mapping.runs]
    zone = "" if mapping.zone is None else f", converted to {mapping.zone}" if ran else f", times of {mapping.zone}"
    if mapping.order == "epochs" and mapping.rows == "epoch":
        when += f" (numbered epochs of {mapping.epoch_seconds} s, from {mapping.begins} on)"
    activity = f"activity from {mapping.activity}"
    if mapping.rows == "day":
        when, activity = f"{mapping.time}, a row a day", f"the minutes from {mapping.activity} on"
    return f"Participant from {participant}, time from {when}, {activity} ({unit_words(mapping.unit)}){ran}{zone}."


def unit_words(unit: str) -> str:
    """The unit, or that none is known."""
    return "unit not known" if unit == UNKNOWN_UNIT else unit
