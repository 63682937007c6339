"""A person's week with the traits they carry, and the minutes where each trait shows."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from pat_core.settings import MINUTES_PER_DAY
from pat_core.simulate.person import Person, cover

_HIGH_LEVEL = 1.5
_AWAKE_IN_BED = 0.35
"""Activity in an awakening at night, as a share of the day's."""


def compose(
    person: Person, carried: Collection[str], distractors: bool = True, strength: float = 1.0, length: float = 1.0
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(counts, evidence): (minutes,) float32 whole counts, and for each carried trait the (minutes,) bool where it shows.

    late_wake, night_activity, fragmented_nights: the planted windows; outside them the counts equal those of the week without the trait.
    low_amplitude: the minutes whose count is lower. delayed_phase: the minutes where sleep and waking changed places (the bouts
    between them move too). Minutes off the wrist, or under a nap or sport, show no trait and are in no mask.
    """
    minutes = person.days * MINUTES_PER_DAY
    evidence: dict[str, np.ndarray] = {}
    onsets, wakes, awake, wake_ups = person.onsets, person.wakes, person.awake, person.wake_ups
    asleep = cover(onsets, wakes, minutes)
    if "delayed_phase" in carried:
        onsets, wakes = onsets + person.planted.delay, wakes + person.planted.delay
        awake, wake_ups = np.roll(awake, person.planted.delay), np.roll(wake_ups, person.planted.delay)
        asleep, before = cover(onsets, wakes, minutes), asleep
        evidence["delayed_phase"] = asleep != before
    core = asleep
    if "late_wake" in carried:
        asleep = cover(onsets, wakes + person.planted.lie_in, minutes)
        evidence["late_wake"] = asleep & ~core
    usual = person.asleep + np.where(wake_ups & core, _AWAKE_IN_BED * awake, 0.0)
    level = _HIGH_LEVEL if distractors and "high_level" in person.distractors else 1.0
    values = np.where(asleep, usual, level * awake)
    if "low_amplitude" in carried:
        damped = np.where(asleep, values, person.planted.damping * values)
        evidence["low_amplitude"] = _whole(damped, person) != _whole(values, person)
        values = damped
    values = _disturb_nights(person, carried, onsets, wakes, values, evidence, strength, length)
    values, hidden = _distract(person, values, distractors)
    return _whole(values, person), {name: mask & ~hidden for name, mask in evidence.items()}


def _disturb_nights(
    person: Person,
    carried: Collection[str],
    onsets: np.ndarray,
    wakes: np.ndarray,
    values: np.ndarray,
    evidence: dict[str, np.ndarray],
    strength: float,
    length: float,
) -> np.ndarray:
    """Activity planted within sleep, `strength` times as high as usual, bouts `length` times as long; adds the minutes to `evidence`."""
    planted = person.planted
    if "fragmented_nights" in carried:
        bursts = _bursts(person) & cover(onsets + 15, wakes - 10, len(values))
        evidence["fragmented_nights"] = bursts
        values = np.where(bursts, values + strength * planted.burst_counts, values)
    if "night_activity" in carried:
        bouts = _night_bouts(person, onsets, wakes, length)
        evidence["night_activity"] = bouts
        values = np.where(bouts, values + strength * planted.bout_counts, values)
    return values


def _night_bouts(person: Person, onsets: np.ndarray, wakes: np.ndarray, longer: float) -> np.ndarray:
    """(minutes,) bool: up to three bouts a night, inside the sleep."""
    place, length, chance = np.moveaxis(person.planted.bouts, -1, 0)
    starts = onsets[:, None] + 45 + place * np.maximum(wakes - onsets - 110, 1)[:, None]
    happens = chance < 0.68
    return cover(starts[happens].astype(np.int64), (starts + longer * length)[happens].astype(np.int64), person.days * MINUTES_PER_DAY)


def _bursts(person: Person) -> np.ndarray:
    """(minutes,) bool: short bursts over all minutes, of which the nights are used."""
    lengths, gaps = person.planted.burst_lengths, person.planted.burst_gaps
    starts = np.cumsum(gaps + lengths) - lengths
    return cover(starts, starts + lengths, person.days * MINUTES_PER_DAY)


def _distract(person: Person, values: np.ndarray, distractors: bool) -> tuple[np.ndarray, np.ndarray]:
    """The week with what carries no label, and the minutes that it covers."""
    hidden = person.off.copy()
    carried = person.distractors if distractors else frozenset()
    if "evening_sport" in carried:
        window = person.windows["evening_sport"]
        values, hidden = np.where(window, person.sport, values), hidden | window
    if "weekend_nap" in carried:
        window = person.windows["weekend_nap"]
        values, hidden = np.where(window, person.asleep, values), hidden | window
    off = person.off | person.windows["nonwear_day"] if "nonwear_day" in carried else person.off
    return np.where(off, 0.0, values), hidden | off


def _whole(values: np.ndarray, person: Person) -> np.ndarray:
    """Whole counts within the range of the device."""
    return np.clip(np.rint(values), 0, person.most_counts).astype(np.float32)
