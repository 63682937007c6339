"""When a simulated person sleeps: the two-process model of sleep regulation.

Homeostatic pressure S rises towards 1 while awake and falls towards 0 asleep; sleep begins where S meets an upper threshold and ends where
it meets a lower one, both thresholds moving with the circadian clock (Borbely 1982; Daan, Beersma & Borbely 1984, doi
10.1152/ajpregu.1984.246.2.R161: time constants 18.2 h and 4.2 h). Added: an alarm clock on working days, and staying up before free days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.settings import MINUTES_PER_DAY

_RISE, _FALL = 18.2 * 60, 4.2 * 60
_UPPER, _LOWER, _SWING = 0.67, 0.17, 0.10
_PRESSURE_AT_START = 0.2
_SHORTEST_DAY, _LONGEST_DAY = 11 * 60, 22 * 60
_SHORTEST_NIGHT, _LONGEST_NIGHT = 4 * 60, 11 * 60
_FIRST_WAKE = -2 * MINUTES_PER_DAY + 8 * 60
"""The model starts two days early, so that its first night has forgotten how it was started."""

_SINCE = np.arange(_LONGEST_DAY + 1)
_GAP_LEFT = np.exp(-_SINCE / _RISE)
_PRESSURE_LEFT = np.exp(-_SINCE[: _LONGEST_NIGHT + 1] / _FALL)


@dataclass(frozen=True)
class Sleeper:
    """One person's sleep. clock_shift: minutes later than average; need: added to the lower threshold (negative sleeps longer);
    alarm: minute of the day on working days; weekend_up: added to the upper threshold on Friday and Saturday evenings; unrest: deviation
    of the thresholds from night to night."""

    clock_shift: float
    need: float
    alarm: float
    weekend_up: float
    unrest: float


def draw_sleeper(rng: np.random.Generator) -> Sleeper:
    """A person's sleep, drawn."""
    shift = rng.normal(0, 60)
    return Sleeper(
        clock_shift=shift,
        need=rng.normal(0, 0.02),
        alarm=float(np.clip(rng.normal(7 * 60 + 30 + 0.5 * shift, 45), 5 * 60, 10 * 60)),
        weekend_up=rng.uniform(0.0, 0.05),
        unrest=rng.uniform(0.01, 0.03),
    )


def nights(sleeper: Sleeper, rng: np.random.Generator, days: int) -> tuple[np.ndarray, np.ndarray]:
    """(onsets, wakes), int minutes from a Monday 00:00, for every night that touches `days` days; the first may begin before minute 0."""
    noise = rng.normal(0, 1, (2 * days + 8, 3))
    onsets, wakes = [], []
    wake, pressure = _FIRST_WAKE, _PRESSURE_AT_START
    for night in range(len(noise)):
        onset, pressure = _fall_asleep(sleeper, wake, pressure, sleeper.unrest * noise[night, 0])
        wake, pressure = _wake_up(sleeper, onset, pressure, sleeper.unrest * noise[night, 1], 10 * noise[night, 2])
        if onset >= days * MINUTES_PER_DAY:
            break
        if wake > 0:
            onsets.append(onset)
            wakes.append(wake)
    return np.array(onsets), np.array(wakes)


def _clock(sleeper: Sleeper, minutes: np.ndarray) -> np.ndarray:
    """The circadian process, -1 to 1, highest in the late afternoon."""
    return np.cos(2 * np.pi * (minutes - 17 * 60 - sleeper.clock_shift) / MINUTES_PER_DAY)


def _fall_asleep(sleeper: Sleeper, wake: int, pressure: float, noise: float) -> tuple[int, float]:
    rising = 1 - (1 - pressure) * _GAP_LEFT
    evening = (wake // MINUTES_PER_DAY) % 7
    late = sleeper.weekend_up if evening in (4, 5) else 0.0
    threshold = _UPPER + _SWING * _clock(sleeper, wake + _SINCE) + noise + late
    awake = _first(rising >= threshold, _SHORTEST_DAY, _LONGEST_DAY)
    return wake + awake, float(rising[awake])


def _wake_up(sleeper: Sleeper, onset: int, pressure: float, noise: float, snooze: float) -> tuple[int, float]:
    falling = pressure * _PRESSURE_LEFT
    minutes = onset + np.arange(len(falling))
    threshold = _LOWER + sleeper.need + _SWING * _clock(sleeper, minutes) + noise
    asleep = _first(falling <= threshold, _SHORTEST_NIGHT, _LONGEST_NIGHT)
    morning = (onset + MINUTES_PER_DAY // 4) // MINUTES_PER_DAY
    if morning % 7 < 5:
        rings = int(morning * MINUTES_PER_DAY + sleeper.alarm + snooze)
        asleep = min(asleep, max(rings - onset, _SHORTEST_NIGHT))
    return onset + asleep, float(falling[asleep])


def _first(met: np.ndarray, earliest: int, latest: int) -> int:
    """The first index from `earliest` on where the condition is met, at most `latest`."""
    first = int(np.argmax(met[earliest : latest + 1]))
    return earliest + first if met[earliest + first] else latest
