"""The simulated people of the first lessons, with what is known of every minute: asleep, awake, or without the device.

They are people of `simulate/lifelike.py` who wear it on the wrist. One of them takes it off where `OFF` says, so that there is
non-wear whose truth is known; their standardizer is fitted on `OTHERS` further people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from pat_core.progress import Progress
from pat_core.records import COUNTS, Standardizer, Week
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pat_core.simulate.cohort import START
from pat_core.simulate.compose import compose
from pat_core.simulate.lifelike import POPULATIONS, draw_lifelike
from pat_core.simulate.person import Person, cover
from pat_core.weeks import report
from pat_core.weeks.standardizer import fit
from pat_core.workflows.lessons.lesson_files import Arrays, read_arrays, write_arrays

NAME = "people"
SEED, OTHERS_SEED = 11, 12
PEOPLE, OTHERS = 12, 200
FIRST = 3
"""The person of the first lesson: bed at about 22:30, up at about 6:00, and two fifths of the minutes without a count."""
OFF = ((1, 7.0, 0.4), (2, 13.2, 4.5), (4, 21.0, 0.5), (5, 9.5, 1.6))
"""When that person takes the device off: day (from 0, a Monday), clock (hours), for how many hours."""


@dataclass(frozen=True, eq=False)
class LessonPerson:
    """counts: (minutes,) float32 a minute. asleep, off: (minutes,) bool, what is true of each minute; off the body outdoes asleep."""

    number: int
    counts: np.ndarray
    asleep: np.ndarray
    off: np.ndarray

    @property
    def awake(self) -> np.ndarray:
        """(minutes,) bool: neither asleep nor without the device."""
        return ~self.asleep & ~self.off


@dataclass(frozen=True, eq=False)
class LessonPeople:
    """people, and the standardizer of others like them, per minute of the week."""

    people: tuple[LessonPerson, ...]
    standardizer: Standardizer


def build_people(folder: Path, progress: Progress) -> Path:
    """Draw them, and write what the lessons need; the file."""
    progress.at(0.0, "Drawing the people of the lessons")
    drawn = [_person(number) for number in range(PEOPLE)]
    others = np.stack([counts for counts, _ in _others()])
    means = fit(others, source="simulated people", unit=COUNTS)
    arrays: Arrays = {
        "counts": np.stack([person.counts for person in drawn]).astype(np.uint16),
        "asleep": np.packbits(np.stack([person.asleep for person in drawn]), axis=1),
        "off": np.packbits(np.stack([person.off for person in drawn]), axis=1),
        "mean": means.mean.astype(np.float16),
        "scale": means.scale.astype(np.float16),
    }
    return write_arrays(folder, NAME, arrays)


@lru_cache(maxsize=2)
def _read(folder: Path | None) -> LessonPeople:
    arrays = read_arrays(NAME, folder)
    asleep, off = (np.unpackbits(arrays[key], axis=1)[:, :MINUTES_PER_WEEK].astype(bool) for key in ("asleep", "off"))
    rows = zip(arrays["counts"].astype(np.float32), asleep, off, strict=True)
    people = tuple(LessonPerson(number, *row) for number, row in enumerate(rows))
    mean, scale = arrays["mean"].astype(np.float32), arrays["scale"].astype(np.float32)
    return LessonPeople(people, Standardizer(mean, scale, OTHERS, "simulated people", COUNTS))


def lesson_people(folder: Path | None = None) -> LessonPeople:
    """Those of the lessons' files. PatError where these are missing. folder: None for the one that they ship in."""
    return _read(folder)


def as_week(person: LessonPerson, values: np.ndarray | None = None) -> Week:
    """For the week sheet: counts, or other values (minutes,), from a Monday 00:00 that is known."""
    shown = person.counts if values is None else np.asarray(values, np.float32)
    return Week(f"sim-{person.number + 1:04d}", 0, shown, START, False, COUNTS, None, "start", report(shown, COUNTS))


def _person(number: int) -> LessonPerson:
    person = draw_lifelike(SEED, number, POPULATIONS["wrist"])
    if number == FIRST:
        starts = np.array([day * MINUTES_PER_DAY + round(60 * clock) for day, clock, _ in OFF])
        ends = starts + np.array([round(60 * hours) for *_, hours in OFF])
        person = replace(person, off=cover(starts, ends, MINUTES_PER_WEEK))
    counts, asleep = _week(person)
    return LessonPerson(number, counts, asleep & ~person.off, person.off)


def _others() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    return (_week(draw_lifelike(OTHERS_SEED, number, POPULATIONS["wrist"])) for number in range(OTHERS))


def _week(person: Person) -> tuple[np.ndarray, np.ndarray]:
    counts, _ = compose(person, [], distractors=False)
    return counts, cover(person.onsets, person.wakes, MINUTES_PER_WEEK)
