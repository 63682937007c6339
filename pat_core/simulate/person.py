"""One simulated person: everything that chance decides, drawn once, so that a week with and without a trait differ by the trait alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.settings import MINUTES_PER_DAY
from pat_core.simulate.activity import asleep_layer, awake_layer, draw_mover
from pat_core.simulate.sleep import draw_sleeper, nights
from pat_core.simulate.traits import DISTRACTORS

_SHARES = {"evening_sport": 0.3, "weekend_nap": 0.25, "nonwear_day": 0.08, "high_level": 0.15}
"""How many of 1 carry each distractor."""
MOST_COUNTS = 6000
"""A minute, of an Actiwatch."""


@dataclass(frozen=True, eq=False)
class Planted:
    """What each trait would do to this person, drawn whether or not they carry it. Minutes, factors, and places within a night (0 to 1)."""

    lie_in: np.ndarray
    delay: int
    damping: float
    bouts: np.ndarray
    bout_counts: np.ndarray
    burst_gaps: np.ndarray
    burst_lengths: np.ndarray
    burst_counts: np.ndarray


@dataclass(frozen=True, eq=False)
class Person:
    """The drawn person. days: length. onsets, wakes: of each night, minutes. awake, asleep: the two layers of counts, (minutes,).
    wake_ups: minutes awake within sleep. off: minutes off the wrist. planted: windows and sizes that traits would use.
    distractors: names that this person carries. windows: distractor -> minutes it covers. most_counts: the device's highest."""

    days: int
    onsets: np.ndarray
    wakes: np.ndarray
    awake: np.ndarray
    asleep: np.ndarray
    wake_ups: np.ndarray
    off: np.ndarray
    planted: Planted
    distractors: frozenset[str]
    windows: dict[str, np.ndarray]
    sport: np.ndarray
    most_counts: int = MOST_COUNTS


def draw_person(seed: int, number: int, days: int = 7) -> Person:
    """Person `number` (from 0) of the cohort with this seed; the same whoever else is drawn."""
    streams = np.random.SeedSequence(seed, spawn_key=(0, number)).spawn(6)
    sleep_rng, move_rng, awake_rng, asleep_rng, trait_rng, other_rng = (np.random.default_rng(stream) for stream in streams)
    mover = draw_mover(move_rng)
    onsets, wakes = nights(draw_sleeper(sleep_rng), sleep_rng, days)
    carried = frozenset(name for name in DISTRACTORS if other_rng.random() < _SHARES[name])
    windows, sport = _distractor_windows(other_rng, days)
    return Person(
        days=days,
        onsets=onsets,
        wakes=wakes,
        awake=awake_layer(mover, awake_rng, days),
        asleep=asleep_layer(mover, asleep_rng, days),
        wake_ups=draw_wake_ups(sleep_rng, onsets, wakes, days),
        off=_off_wrist(other_rng, days),
        planted=draw_planted(trait_rng, days, len(onsets)),
        distractors=carried,
        windows=windows,
        sport=sport,
    )


def cover(starts: np.ndarray, ends: np.ndarray, minutes: int) -> np.ndarray:
    """(minutes,) bool: within any [start, end); what lies outside the recording is left out."""
    edges = np.zeros(minutes + 1, dtype=np.int32)
    starts, ends = np.clip(starts, 0, minutes), np.clip(np.maximum(ends, starts), 0, minutes)
    np.add.at(edges, starts.astype(np.int64), 1)
    np.add.at(edges, ends.astype(np.int64), -1)
    return np.cumsum(edges[:-1]) > 0


def draw_planted(rng: np.random.Generator, days: int, night_count: int) -> Planted:
    """What each trait would do to a person of so many nights."""
    # A fixed number of draws, so that one person's nights do not move another draw of the same person.
    slots = 2 * days + 3
    lie_in = np.clip(rng.normal(rng.uniform(150, 210), 25, slots), 60, 300) * (rng.random(slots) < 0.92)
    delay = int(rng.uniform(150, 240))
    damping = rng.uniform(0.33, 0.5)
    bouts = np.stack([rng.random((slots, 3)), rng.uniform(10, 26, (slots, 3)), rng.random((slots, 3))], axis=-1)
    minutes = days * MINUTES_PER_DAY
    return Planted(
        lie_in=np.round(lie_in[:night_count]).astype(np.int64),
        delay=delay,
        damping=damping,
        bouts=bouts[:night_count],
        bout_counts=rng.lognormal(np.log(450), 0.5, minutes),
        burst_gaps=rng.uniform(8, 26, minutes // 8).astype(np.int64),
        burst_lengths=rng.integers(1, 5, minutes // 8),
        burst_counts=rng.lognormal(np.log(180), 0.6, minutes),
    )


def draw_wake_ups(rng: np.random.Generator, onsets: np.ndarray, wakes: np.ndarray, days: int) -> np.ndarray:
    """(minutes,) bool: none to three short awakenings a night."""
    place, length, chance = rng.random((3, len(onsets), 3))
    starts = (onsets[:, None] + 30 + place * (wakes - onsets - 60)[:, None]).astype(np.int64)
    happens = chance < 0.55
    return cover(starts[happens], (starts + 2 + 12 * length**2).astype(np.int64)[happens], days * MINUTES_PER_DAY)


def _off_wrist(rng: np.random.Generator, days: int) -> np.ndarray:
    """(minutes,) bool: a shower on most evenings; for one person in eight, some hours or a night without the device."""
    midnight = np.arange(days) * MINUTES_PER_DAY
    starts = midnight + rng.integers(18 * 60, 22 * 60, days)
    happens = rng.random(days) < 0.6
    showers = cover(starts[happens], (starts + rng.integers(8, 25, days))[happens], days * MINUTES_PER_DAY)
    start, length, chance = rng.integers(0, days * MINUTES_PER_DAY), rng.integers(120, 540), rng.random()
    return showers | cover(np.array([start]), np.array([start + length]), days * MINUTES_PER_DAY) if chance < 0.125 else showers


def _distractor_windows(rng: np.random.Generator, days: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Minutes of each distractor that has a place in time, and the counts of sport, (minutes,)."""
    minutes = days * MINUTES_PER_DAY
    evenings = rng.permutation(np.arange(days) * MINUTES_PER_DAY + rng.integers(17 * 60, 20 * 60, days))[: rng.integers(2, 5)]
    sport = cover(evenings, evenings + rng.integers(35, 90), minutes)
    free = np.flatnonzero(np.arange(days) % 7 >= 5)
    nap_day = int(rng.choice(free)) if len(free) else days - 1
    nap = nap_day * MINUTES_PER_DAY + int(rng.integers(13 * 60, 15 * 60))
    off = int(rng.integers(0, days)) * MINUTES_PER_DAY
    windows = {
        "evening_sport": sport,
        "weekend_nap": cover(np.array([nap]), np.array([nap + int(rng.integers(60, 120))]), minutes),
        "nonwear_day": cover(np.array([off]), np.array([off + MINUTES_PER_DAY]), minutes),
    }
    return windows, rng.lognormal(np.log(1900), 0.3, minutes)
