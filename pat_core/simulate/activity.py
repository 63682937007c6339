"""Counts a minute, awake and asleep, as two layers over all minutes; sleep decides which one shows.

Awake: bouts with log-normal lengths, each sedentary, light or active, with log-normal intensities; the mix follows a circadian drive,
the hours of meals and ways to work, and the day. Minutes within a bout vary, and quiet ones are often zero. Asleep: zeros with small,
clustered movements. The numbers were set so that profiles, zeros, autocorrelation and spread resemble wrist Actiwatch recordings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.settings import MINUTES_PER_DAY

_INTENSITY = np.array([120.0, 420.0, 900.0])
"""Median counts a minute of sedentary, light and active bouts."""
_SPREAD = np.array([0.9, 0.55, 0.4])
_BOUT_MEDIAN, _BOUT_SPREAD = 6.0, 1.1
_WORKDAY = ((7.9, 0.35, 0.7), (12.6, 0.4, 0.5), (17.4, 0.5, 0.7), (19.2, 0.5, 0.3))
_FREE_DAY = ((11.0, 1.0, 0.4), (13.2, 0.6, 0.3), (15.5, 1.5, 0.4), (19.3, 0.6, 0.2))
"""Bumps of a day: hour, width in hours, height (log-odds of activity)."""


@dataclass(frozen=True)
class Mover:
    """How one person moves. level: factor on counts; amplitude, acrophase: of the circadian drive (log-odds, minute of the day);
    calm: log-odds of sitting; restless: chance of movement in a minute asleep; day_spread: deviation between days."""

    level: float
    amplitude: float
    acrophase: float
    calm: float
    restless: float
    day_spread: float


def draw_mover(rng: np.random.Generator) -> Mover:
    """How a person moves, drawn."""
    return Mover(
        level=float(np.exp(rng.normal(0, 0.2))),
        amplitude=rng.uniform(0.2, 0.8),
        acrophase=rng.normal(15 * 60, 60),
        calm=rng.normal(0, 0.3),
        restless=float(np.clip(rng.lognormal(np.log(0.17), 0.35), 0.05, 0.4)),
        day_spread=rng.uniform(0.1, 0.4),
    )


def awake_layer(mover: Mover, rng: np.random.Generator, days: int) -> np.ndarray:
    """(minutes,) counts a minute as if awake all the time, not yet rounded."""
    minutes = days * MINUTES_PER_DAY
    lengths = np.maximum(rng.lognormal(np.log(_BOUT_MEDIAN), _BOUT_SPREAD, minutes // 3), 1).astype(np.int64)
    bout = np.repeat(np.arange(len(lengths)), lengths)[:minutes]
    starts = np.minimum(np.cumsum(lengths) - lengths, minutes - 1)
    drive = _drive(mover, rng, days)[starts]
    kind = _kinds(mover, drive, rng.random(len(lengths)))
    intensity = _INTENSITY[kind] * np.exp(_SPREAD[kind] * rng.normal(size=len(lengths)) + 0.08 * drive)
    level = mover.level * np.resize(intensity[bout], minutes)
    wobble = _wobble(rng, minutes)
    counts = level * np.exp(0.5 * wobble - 0.12)
    still = rng.random(minutes) < 0.5 * np.exp(-counts / 60)
    return np.where(still, 0.0, counts)


def asleep_layer(mover: Mover, rng: np.random.Generator, days: int) -> np.ndarray:
    """(minutes,) counts a minute as if asleep all the time, not yet rounded: movements come in clusters."""
    minutes = days * MINUTES_PER_DAY
    latent = _wobble(rng, minutes)
    moving = latent > np.quantile(latent, 1 - mover.restless)
    return np.where(moving, rng.lognormal(np.log(35), 1.2, minutes), 0.0)


def _wobble(rng: np.random.Generator, minutes: int) -> np.ndarray:
    """(minutes,) noise of mean 0 and variance 1 in which each minute keeps 0.6 of the one before."""
    from scipy.signal import lfilter  # half a second to import, for those alone who simulate

    return lfilter([0.8], [1, -0.6], rng.normal(size=minutes))


def _drive(mover: Mover, rng: np.random.Generator, days: int) -> np.ndarray:
    """(minutes,) log-odds of being active: circadian cosine, the bumps of the day, and how lively each day is."""
    minute = np.arange(MINUTES_PER_DAY)
    cosine = mover.amplitude * np.cos(2 * np.pi * (minute - mover.acrophase) / MINUTES_PER_DAY)
    drive = np.tile(cosine, (days, 1))
    drive += mover.day_spread * rng.normal(size=(days, 1))
    late = rng.normal(0, 0.5, (days, 1))
    height = rng.uniform(0.3, 1.7, (days, 4))
    for shape, chosen in ((_WORKDAY, np.arange(days) % 7 < 5), (_FREE_DAY, np.arange(days) % 7 >= 5)):
        for index, (hour, width, size) in enumerate(shape):
            distance = (minute / 60 - hour - late[chosen]) / width
            drive[chosen] += size * height[chosen, index : index + 1] * np.exp(-0.5 * distance**2)
    return drive.ravel()


def _kinds(mover: Mover, drive: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """0 sedentary, 1 light, 2 active for each bout."""
    sedentary = 1 / (1 + np.exp(drive - mover.calm - 0.25))
    active = (1 - sedentary) * 0.3 / (1 + np.exp(-drive))
    return np.where(chance < sedentary, 0, np.where(chance > 1 - active, 2, 1))
