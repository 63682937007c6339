"""Sleep periods of any length from a sleep score, as ActiLife finds them (Tudor-Locke et al. 2014, doi 10.1139/apnm-2013-0173)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.rhythms.rest import bounds


@dataclass(frozen=True)
class TudorLocke:
    """Settings in minutes, by default those of the paper and of ActiLife.

    asleep: minutes asleep in a row that begin a period; awake: minutes not asleep in a row that end it. shortest, longest: a period outside
    is none. moving: minutes above zero that it must have, so that a device on a table has no period.
    """

    asleep: int = 5
    awake: int = 10
    shortest: int = 160
    longest: int = 1440
    moving: int = 0


@dataclass(frozen=True)
class SleepPeriod:
    """One period from minute `start` to before minute `end`, counted from the first minute scored.

    sleep, waso: minutes scored asleep, and awake. missing: minutes of neither. awakenings: stretches awake. efficiency: sleep in percent of
    the minutes known. A period begins with its first minute asleep, so it has no latency.
    """

    start: int
    end: int
    sleep: int
    waso: int
    missing: int
    awakenings: int
    efficiency: float


def sleep_periods(asleep: np.ndarray, counts: np.ndarray | None = None, settings: TudorLocke | None = None) -> tuple[SleepPeriod, ...]:
    """Periods in a (minutes,) bool sleep score. counts: (minutes,), NaN where missing; without them every minute is known and moving.

    From the first of so many minutes asleep to the first of so many not asleep; a missing minute is not asleep. What has not ended when
    the recording does is no period, as in ActiLife.
    """
    settings = settings or TudorLocke()
    asleep = np.asarray(asleep, dtype=bool)
    counts = np.ones(asleep.size) if counts is None else np.asarray(counts, dtype=np.float64)
    # Runs are looked up, not walked through: the start of the next long run of either state follows from sorted starts.
    begins = np.array([first for first, end in bounds(asleep) if end - first >= settings.asleep], dtype=np.int64)
    ends = np.array([first for first, end in bounds(~asleep) if end - first >= settings.awake], dtype=np.int64)
    found, after = [], 0
    while (place := np.searchsorted(begins, after)) < begins.size:
        first = int(begins[place])
        next_end = np.searchsorted(ends, first)
        if next_end == ends.size:
            break
        after = int(ends[next_end])
        moving = int((counts[first:after] > 0).sum())
        if settings.shortest <= after - first <= settings.longest and moving >= settings.moving:
            found.append(_measured(asleep, np.isfinite(counts), first, after))
    return tuple(found)


def _measured(asleep: np.ndarray, known: np.ndarray, first: int, end: int) -> SleepPeriod:
    awake = ~asleep[first:end] & known[first:end]
    sleep, waso = int(asleep[first:end].sum()), int(awake.sum())
    return SleepPeriod(first, end, sleep, waso, end - first - sleep - waso, len(bounds(awake)), 100 * sleep / (sleep + waso))
