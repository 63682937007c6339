"""The week of every person, off the tapes into one array (people, 10,080), in the order of their numbers; who has none, and why."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from pat_core.errors import WeekError
from pat_core.nhanes.minute_collector import Collected
from pat_core.nhanes.minute_rows import FLAGS, RowFile
from pat_core.nhanes.tapes import Tapes
from pat_core.progress import Progress
from pat_core.recordings.tables.nhanes_days import FLAGGED, NOT_WORN, SEEN, Person
from pat_core.records import Alignment, Refusal
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weeks import in_days

WEEKS, WORN = "weeks.npy", "worn.npy"
_NO_MIDNIGHT = (
    "The minutes around the first midnight are missing, so it is unknown when the second day began. `--alignment start` takes the week "
    "from the first minute."
)


@dataclass(frozen=True)
class NhanesWeek:
    """What is known of one person's week. start: weekday and clock on the reference Sunday's week, since NHANES gives no date; None where
    the clock is not known. missing, flagged, not_worn: minutes of the week. repeated: rows of minutes that came twice."""

    number: int
    start: datetime | None
    missing: int
    flagged: int
    not_worn: int
    repeated: int
    reliable: bool | None
    calibrated: bool | None


@dataclass(frozen=True)
class Cut:
    """The weeks in the order of the array's rows. in_file: people in the minute file; in_week: those with any minute in the week."""

    weeks: tuple[NhanesWeek, ...]
    refused: tuple[Refusal, ...]
    in_file: int
    in_week: int


def cut_weeks(
    collected: Collected, tapes: Tapes, folder: Path, progress: Progress, alignment: Alignment = "midnight", short: bool = False
) -> Cut:
    """Write weeks.npy, (people, 10080) float32, NaN where a minute is missing, never padded with zeros; and, where the CDC says when the
    monitor was worn, worn.npy, as many bool: all but the minutes that it calls not worn.

    alignment: from the first midnight, or from the first minute. short: also people whose recording ends before the seventh day does; else
    they are refused by name. Raises WeekError where nobody has a week.
    """
    cut: list[NhanesWeek] = []
    refused: list[Refusal] = []
    in_week = 0
    with ExitStack() as stack:
        weeks = stack.enter_context(RowFile(folder / WEEKS, MINUTES_PER_WEEK))
        wear_known = any(person.wear_told for person in collected.people.values())
        worn = stack.enter_context(RowFile(folder / WORN, MINUTES_PER_WEEK, FLAGS)) if wear_known else None
        for done, number in enumerate(sorted(collected.people)):
            progress.at(done / len(collected.people), f"Cutting weeks: {done + 1} of {len(collected.people)} people")
            person = collected.people[number]
            begin, reason = _begin(person, tapes.width, alignment)
            if begin is not None:
                values, states = _week_at(begin, *tapes.read(number))
                recorded = np.flatnonzero(states & SEEN)
                in_week += bool(recorded.size)
                reason = _unfit(values, recorded, short)
            if begin is None or reason:
                refused.append(Refusal(str(number), reason))
                continue
            cut.append(_described(number, person, person.start(begin), values, states, tapes.repeated.get(number, 0)))
            weeks.add(values)
            if worn is not None:
                worn.add((states & NOT_WORN) == 0)
    if not cut:
        raise WeekError(f"Nobody has a week. The first: {refused[0].what}: {refused[0].reason}")
    return Cut(tuple(cut), tuple(refused), len(collected.people), in_week)


def _begin(person: Person, width: int, alignment: Alignment) -> tuple[int | None, str]:
    """The tape's minute at which the week begins; or None and the reason."""
    if person.trouble:
        return None, f"{person.trouble} Download the file again."
    begin = 0 if alignment == "start" else person.midnight()
    return (None, _NO_MIDNIGHT) if begin is None or begin >= width else (begin, "")


def _week_at(begin: int, values: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The week from a minute of the tape on, each (10080,): where the tape ends, minutes that did not come."""
    place = slice(begin, begin + MINUTES_PER_WEEK)
    lacking = (0, max(0, begin + MINUTES_PER_WEEK - values.size))
    return np.pad(values[place], lacking, constant_values=np.nan), np.pad(states[place], lacking)


def _unfit(values: np.ndarray, recorded: np.ndarray, short: bool) -> str:
    if recorded.size == 0 or np.isnan(values).all():
        return "That week has no value, only missing minutes."
    spanned = int(recorded[-1]) + 1
    if short or (spanned == MINUTES_PER_WEEK and recorded[0] == 0):
        return ""
    return f"A full week of 7 days was expected; the recording covers {in_days(spanned - int(recorded[0]))} of it. Nothing is filled in."


def _described(number: int, person: Person, start: datetime | None, week: np.ndarray, states: np.ndarray, repeated: int) -> NhanesWeek:
    def count(bit: int) -> int:
        return int(np.count_nonzero(states & bit))

    missing = int(np.isnan(week).sum())
    return NhanesWeek(number, start, missing, count(FLAGGED), count(NOT_WORN), repeated, person.reliable, person.calibrated)
