"""The week of every person, off the tapes into one array (people, 10,080), in the order of their numbers; who has none, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from pat_core.errors import WeekError
from pat_core.nhanes.minutes import WIDTHS, Collected, Person
from pat_core.nhanes.rows import write_rows
from pat_core.nhanes.tapes import FLAGGED, NOT_WORN, SEEN, Tapes
from pat_core.progress import Progress
from pat_core.recordings.nhanes_days import REFERENCE_SUNDAY
from pat_core.records import Alignment, Refusal
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pat_core.weeks import in_days

_NO_MIDNIGHT = (
    "The minutes around the first midnight are missing, so it is not known when the second day began. `--alignment start` takes the week "
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
    collected: Collected, kind: str, tapes: Tapes, path: Path, progress: Progress, alignment: Alignment = "midnight", short: bool = False
) -> Cut:
    """Write (people, 10080) float32 weeks to path (.npy), NaN where a minute is missing, never padded with zeros.

    alignment: from the first midnight, or from the first minute. short: also people whose recording ends before the seventh day does; else
    they are refused by name. Raises WeekError where nobody has a week.
    """
    kept: list[NhanesWeek] = []
    refused: list[Refusal] = []
    in_week = 0

    def rows() -> Iterator[np.ndarray]:
        nonlocal in_week
        for done, number in enumerate(sorted(collected.people)):
            progress.at(done / len(collected.people), f"Cutting weeks: {done + 1} of {len(collected.people)} people")
            person = collected.people[number]
            begin, reason = _begin(person, kind, alignment)
            if begin is not None:
                values, states = (part[begin : begin + MINUTES_PER_WEEK] for part in tapes.read(number))
                seen = np.flatnonzero(states & SEEN)
                in_week += bool(seen.size)
                reason = _unfit(values, seen, short)
            if reason:
                refused.append(Refusal(str(number), reason))
                continue
            week = np.full(MINUTES_PER_WEEK, np.nan, np.float32)
            week[: values.size] = values
            kept.append(_week(number, person, _start(person, kind, begin), week, states, tapes.repeated.get(number, 0)))
            yield week

    write_rows(path, rows(), MINUTES_PER_WEEK)
    if not kept:
        raise WeekError(f"Nobody has a week. The first: {refused[0].what}: {refused[0].reason}")
    return Cut(tuple(kept), tuple(refused), len(collected.people), in_week)


def _begin(person: Person, kind: str, alignment: Alignment) -> tuple[int | None, str]:
    """The tape's minute at which the week begins; or None and the reason."""
    if person.trouble:
        return None, f"{person.trouble} Download the file again."
    if kind == "PAXRAW":
        begin = 0 if alignment == "start" else -person.offset % MINUTES_PER_DAY
    else:
        begin = 0 if alignment == "start" else person.days.midnight()
    return (None, _NO_MIDNIGHT) if begin is None or begin >= WIDTHS[kind] else (begin, "")


def _unfit(values: np.ndarray, seen: np.ndarray, short: bool) -> str:
    if seen.size == 0 or np.isnan(values).all():
        return "There is no value in that week, only missing minutes."
    spanned = int(seen[-1]) + 1
    if short or (spanned == MINUTES_PER_WEEK and seen[0] == 0):
        return ""
    return f"A full week of 7 days was expected; the recording lasts {in_days(spanned - int(seen[0]))} of it. Nothing is filled in."


def _start(person: Person, kind: str, begin: int) -> datetime | None:
    if kind == "PAXRAW":
        return REFERENCE_SUNDAY + timedelta(minutes=(person.offset + begin) % MINUTES_PER_WEEK)
    return person.days.start(begin)


def _week(number: int, person: Person, start: datetime | None, week: np.ndarray, states: np.ndarray, repeated: int) -> NhanesWeek:
    def count(bit: int) -> int:
        return int(np.count_nonzero(states & bit))

    missing = int(np.isnan(week).sum())
    return NhanesWeek(number, start, missing, count(FLAGGED), count(NOT_WORN), repeated, person.reliable, person.calibrated)
