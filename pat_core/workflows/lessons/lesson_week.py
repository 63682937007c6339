"""Lesson 1, what a week looks like: averages, the 24-hour wave, zeros and what they mean, and deviations from other people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.records import Standardizer
from pat_core.rhythms.figures import mean_day
from pat_core.settings import MINUTES_PER_DAY
from pat_core.workflows.lessons.lesson_people import LessonPerson

CLASSES = (0, 1, 50, 200, 500, 1000)
"""Where the classes of counts begin: zero is one of its own."""
HOUR = 60


@dataclass(frozen=True, eq=False)
class Averaged:
    """values: (minutes,) each minute as the mean of its stretch. highest: of `values`; mean: of the week; contrast: mean while awake over
    that while asleep."""

    values: np.ndarray
    highest: float
    mean: float
    contrast: float


def averaged(person: LessonPerson, minutes: int) -> Averaged:
    """The week with each stretch of `minutes` as its mean. minutes: a divisor of a day."""
    values = np.repeat(person.counts.reshape(-1, minutes).mean(axis=1), minutes)
    contrast = values[person.awake].mean() / values[person.asleep].mean()
    return Averaged(values, float(values.max()), float(values.mean()), float(contrast))


@dataclass(frozen=True, eq=False)
class Wave:
    """day: (1440,) mean day. wave: (1440,) the cosine of 24 hours, of amplitude 0 or more, that fits the week best with its peak at `peak`
    (hours). explained: share of the variation from minute to minute over the week that it explains."""

    day: np.ndarray
    wave: np.ndarray
    peak: float
    explained: float


def wave_at(counts: np.ndarray, peak: float) -> Wave:
    """The best wave whose peak is fixed. counts: (minutes,) whole days."""
    clock = 2 * np.pi * (np.arange(MINUTES_PER_DAY) / HOUR - peak) / 24
    cosine, mean = np.cos(clock), float(counts.mean())
    day = mean_day(counts)
    amplitude = max(0.0, float(2 * (day * cosine).mean()))  # least squares: cosines over whole days have mean 0 and mean square 1/2
    wave = mean + amplitude * cosine
    rest = counts - np.tile(wave, counts.size // MINUTES_PER_DAY)
    return Wave(day, wave, peak, 1 - float(np.square(rest).mean() / np.square(counts - mean).mean()))


def best_peak(counts: np.ndarray) -> float:
    """Clock (hours) of the peak of the cosine that fits best: the acrophase."""
    angle = 2 * np.pi * np.arange(MINUTES_PER_DAY) / MINUTES_PER_DAY
    day = mean_day(counts)
    return float(np.arctan2((day * np.sin(angle)).sum(), (day * np.cos(angle)).sum()) % (2 * np.pi)) * 24 / (2 * np.pi)


def shares(counts: np.ndarray, hour: int | None = None) -> np.ndarray:
    """(classes,) share of the minutes in each of CLASSES, over the week, or over this hour of all days."""
    days = counts.reshape(-1, MINUTES_PER_DAY)
    chosen = days if hour is None else days[:, hour * HOUR : (hour + 1) * HOUR]
    return np.bincount(np.digitize(chosen.ravel(), CLASSES) - 1, minlength=len(CLASSES)) / chosen.size


@dataclass(frozen=True, eq=False)
class ZeroRule:
    """What "so many zeros in a row are non-wear" takes for it: flagged, (minutes,) bool; and of these the minutes that are truly off the
    body, asleep, and awake. missed: minutes off the body that it leaves."""

    flagged: np.ndarray
    off: int
    asleep: int
    awake: int
    missed: int

    @property
    def wrong(self) -> int:
        """Minutes that it judges wrongly, either way."""
        return self.asleep + self.awake + self.missed


def zero_rule(person: LessonPerson, minutes: int) -> ZeroRule:
    """Every stretch of at least so many minutes of zero counts."""
    flagged = np.zeros(person.counts.size, bool)
    for first, end in stretches(person.counts == 0):
        flagged[first:end] = end - first >= minutes
    off, asleep, awake = (int((flagged & truth).sum()) for truth in (person.off, person.asleep, person.awake))
    return ZeroRule(flagged, off, asleep, awake, missed=int((person.off & ~flagged).sum()))


def stretches(mask: np.ndarray) -> list[tuple[int, int]]:
    """(first, end) of every run of True in (minutes,) bool."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Compared:
    """One hour (from 0, of the week): this person's mean counts a minute, the mean of others, their deviation, and z."""

    counts: float
    others: float
    deviation: float
    z: float


def compared(person: LessonPerson, standardizer: Standardizer, hour: int) -> Compared:
    """z is the hour's mean difference to others in their mean deviation for a minute of it."""
    at = slice(hour * HOUR, (hour + 1) * HOUR)
    counts, others = float(person.counts[at].mean()), float(standardizer.mean[at].mean())
    deviation = float(standardizer.scale[at].mean())
    return Compared(counts, others, deviation, (counts - others) / deviation)
