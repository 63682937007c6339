"""People more like real ones, for encoders to learn from: on the wrist all day and night, or on the hip and taken off for the night.

Movement is one hidden process: a level for being awake or asleep, the person's own day, the day's mood, and noise that lasts minutes, a
quarter of an hour and hours (Ornstein-Uhlenbeck processes of three time constants; activity has no single time scale, Hu et al. 2004, doi
10.1016/j.physa.2004.01.042). Counts are a power of what exceeds a threshold, and zero below it, so that still and moving minutes, and the
lengths of their bouts, come out of the same process. When people sleep is the two-process model of sleep.py, with more spread between
people, and with people whom no alarm wakes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pat_core.settings import MINUTES_PER_DAY
from pat_core.simulate.person import MOST_COUNTS, Person, cover, draw_planted, draw_wake_ups
from pat_core.simulate.sleep import Sleeper, draw_sleeper, nights

HARMONICS = 4
"""Of a day, that a person's own day is made of: 24, 12, 8 and 6 hours."""
MOST_DAYS_OFF = 0.5
"""Share of the days that anybody is without the device."""


@dataclass(frozen=True)
class Population:
    """People of one kind, in numbers. counts = level * max(0, x) ** power for the hidden x (minutes,).

    level: median of people (counts a minute at x = 1), level_spread: deviation of its logarithm between people. awake, asleep: mean of x
    and its deviation between people. noise: deviation of x that lasts `lasting` minutes each, awake; asleep_noise: the same asleep.
    noise_spread: deviation between people of the logarithm of a factor on it. day: amplitude of the cosine that all share, highest at
    `peak` (minute of the day). own_day: deviation of a person's own first harmonic (higher ones fall with their number). day_spread:
    deviation of x between days. shift, unrest, need: factors on the spread of `draw_sleeper`. no_alarm: share whom no alarm wakes. unlike:
    deviation between people of the logarithm of a factor on how much their days and nights differ, and on how often the device is off.
    night_off: share of people who take the device off for the night; before, after: median minutes between taking off and sleep, waking
    and putting on. day_off: chance of a day without the device. breaks: number a day of half an hour to two hours without it. most_counts:
    the device's highest.
    """

    level: float
    level_spread: float
    power: float
    awake: tuple[float, float]
    asleep: tuple[float, float]
    noise: tuple[float, float, float]
    asleep_noise: tuple[float, float, float]
    lasting: tuple[float, float, float]
    noise_spread: float
    day: float
    peak: float
    own_day: float
    day_spread: float
    shift: float
    unrest: float
    need: float
    no_alarm: float
    unlike: float
    night_off: float = 0.0
    before: float = 30.0
    after: float = 30.0
    day_off: float = 0.0
    breaks: float = 0.0
    most_counts: int = MOST_COUNTS


WRIST = Population(
    level=278.0, level_spread=0.31, power=1.82, awake=(0.75, 0.13), asleep=(-1.17, 0.29), noise=(0.45, 0.49, 0.27),
    asleep_noise=(0.93, 0.27, 0.16), lasting=(1.4, 20.0, 66.0), noise_spread=0.15, day=0.15, peak=943.0, own_day=0.18, day_spread=0.09,
    shift=1.78, unrest=1.51, need=2.0, no_alarm=0.31, unlike=0.85,
)  # fmt: skip
HIP = Population(
    level=260.0, level_spread=0.33, power=2.5, awake=(0.3, 0.28), asleep=(-1.3, 0.36), noise=(0.55, 0.5, 0.45),
    asleep_noise=(0.75, 0.3, 0.19), lasting=(1.5, 10.7, 150.0), noise_spread=0.25, day=0.22, peak=900.0, own_day=0.25, day_spread=0.07,
    shift=1.3, unrest=1.39, need=2.28, no_alarm=0.3, unlike=0.9, night_off=0.9, before=83.0, after=35.0, day_off=0.03, breaks=0.37,
    most_counts=20_000,
)  # fmt: skip
POPULATIONS = {"wrist": WRIST, "hip": HIP}
"""Where the device is worn -> people who wear it there. The numbers were chosen by a random search over all of them and a few trials by
hand, which lowered the mean Kolmogorov-Smirnov distance of figures of 60 people (zeros, logarithms of counts, bouts, autocorrelation,
rhythm; and means, spread and zeros by the clock) from those of 83 people with an Actiwatch on the wrist (OBF-Psychiatric, whatever their
group) and of 141 of NHANES 2003-04 with an ActiGraph on the hip: `benchmarks/lifelike.py` has what is left. No label had a part in it."""


def draw_lifelike(seed: int, number: int, population: Population, days: int = 7) -> Person:
    """Person `number` (from 0) of the cohort with this seed; the same whoever else is drawn. Traits can be planted as in those of
    `draw_person`; there is nothing that distracts from them."""
    streams = np.random.SeedSequence(seed, spawn_key=(2, number)).spawn(6)
    sleep_rng, move_rng, awake_rng, asleep_rng, off_rng, trait_rng = (np.random.default_rng(stream) for stream in streams)
    unlike = float(np.exp(population.unlike * move_rng.normal()))
    onsets, wakes = nights(_sleeper(population, sleep_rng, unlike), sleep_rng, days)
    level = population.level * np.exp(population.level_spread * move_rng.normal())
    wilder = np.exp(population.noise_spread * move_rng.normal())
    awake = move_rng.normal(*population.awake) + _days(population, move_rng, days, unlike)
    asleep = move_rng.normal(*population.asleep)
    layers = [
        level * np.maximum(mean + wilder * _noise(rng, sizes, population.lasting, days), 0.0) ** population.power
        for mean, sizes, rng in ((awake, population.noise, awake_rng), (asleep, population.asleep_noise, asleep_rng))
    ]
    return Person(
        days=days,
        onsets=onsets,
        wakes=wakes,
        awake=layers[0],
        asleep=layers[1],
        wake_ups=draw_wake_ups(sleep_rng, onsets, wakes, days),
        off=_off(population, off_rng, onsets, wakes, days, unlike),
        planted=draw_planted(trait_rng, days, len(onsets)),
        distractors=frozenset(),
        windows={},
        sport=np.zeros(days * MINUTES_PER_DAY),
        most_counts=population.most_counts,
    )


def _sleeper(population: Population, rng: np.random.Generator, unlike: float) -> Sleeper:
    """One of `draw_sleeper`'s, further from the average by the population's factors; no alarm is one that rings after any sleep."""
    usual = draw_sleeper(rng)
    alarm = 2 * MINUTES_PER_DAY if rng.random() < population.no_alarm else usual.alarm
    return replace(
        usual,
        clock_shift=population.shift * usual.clock_shift,
        need=population.need * usual.need,
        unrest=population.unrest * unlike * usual.unrest,
        alarm=alarm,
    )


def _days(population: Population, rng: np.random.Generator, days: int, unlike: float) -> np.ndarray:
    """(minutes,) what the clock and the day add to x: the day that all share, the person's own, and each day's mood."""
    angle = 2 * np.pi * np.arange(MINUTES_PER_DAY) / MINUTES_PER_DAY
    day = population.day * np.cos(angle - 2 * np.pi * population.peak / MINUTES_PER_DAY)
    for number in range(1, HARMONICS + 1):
        cosine, sine = population.own_day / number * rng.normal(size=2)
        day += cosine * np.cos(number * angle) + sine * np.sin(number * angle)
    mood = population.day_spread * unlike * rng.normal(size=days)
    return np.tile(day, days) + np.repeat(mood, MINUTES_PER_DAY)


def _noise(rng: np.random.Generator, sizes: tuple[float, ...], lasting: tuple[float, ...], days: int) -> np.ndarray:
    """(minutes,) sum of Ornstein-Uhlenbeck processes of these deviations and time constants (minutes)."""
    from scipy.signal import lfilter  # half a second to import, for those alone who simulate

    total = np.zeros(days * MINUTES_PER_DAY)
    for size, minutes in zip(sizes, lasting, strict=True):
        kept = np.exp(-1 / minutes)
        total += size * lfilter([np.sqrt(1 - kept**2)], [1, -kept], rng.normal(size=total.size))
    return total


def _off(population: Population, rng: np.random.Generator, onsets: np.ndarray, wakes: np.ndarray, days: int, unlike: float) -> np.ndarray:
    """(minutes,) bool: nights, whole days and breaks without the device."""
    minutes = days * MINUTES_PER_DAY
    takes_off, own = rng.random() < population.night_off, np.exp(0.7 * rng.normal(size=2))
    each = np.exp(0.7 * rng.normal(size=(2, len(onsets)))) * (own * (population.before, population.after))[:, None]
    kept_on = rng.random(len(onsets)) < 0.05
    off = cover((onsets - each[0])[~kept_on], (wakes + each[1])[~kept_on], minutes) if takes_off else np.zeros(minutes, bool)
    empty = np.flatnonzero(rng.random(days) < min(unlike * population.day_off, MOST_DAYS_OFF)) * MINUTES_PER_DAY
    starts = rng.integers(0, minutes, rng.poisson(unlike * population.breaks * days))
    return off | cover(empty, empty + MINUTES_PER_DAY, minutes) | cover(starts, starts + rng.integers(30, 120, len(starts)), minutes)
