"""What can be planted in a simulated week, and who carries it.

A label follows one trait ("late_wake"), an interaction of two ("late_wake+night_activity": positive only with both), or nothing ("none").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError

TRAITS: dict[str, str] = {
    "late_wake": "Sleeps in: two and a half to three and a half hours of activity are missing in the morning.",
    "night_activity": "Gets up at night: bouts of activity of about a quarter of an hour within the sleep of most nights.",
    "low_amplitude": "Damped days: about two fifths of the usual activity while awake, at unchanged hours of sleep.",
    "fragmented_nights": "Broken sleep: bursts of one to four minutes of movement several times an hour, all night.",
    "delayed_phase": "A later rhythm: sleep, waking and everything between happen two and a half to four hours later.",
}
"""Trait name -> what a reader would see, in one sentence."""

DISTRACTORS: dict[str, str] = {
    "evening_sport": "Two to four bouts of conspicuous exercise in the evenings.",
    "weekend_nap": "A nap of one to two hours on a weekend afternoon.",
    "nonwear_day": "A whole day without the device: nothing but zeros from midnight to midnight.",
    "high_level": "Activity one and a half times as high as usual, all week.",
}
"""Things that catch the eye and carry no label -> what a reader would see, in one sentence."""

NO_SIGNAL = "none"
_BLOCK = 20
"""Labels are drawn in blocks of this many people, so that small cohorts have positives too."""


@dataclass(frozen=True, eq=False)
class Roles:
    """Who is positive and who carries which trait: (people,) bool each."""

    positive: np.ndarray
    traits: dict[str, np.ndarray]


def parse_label(label: str) -> tuple[str, ...]:
    """The traits that a label follows: none, one or two. Raises PatError for a name that is not in TRAITS."""
    if label == NO_SIGNAL:
        return ()
    names = tuple(part.strip() for part in label.split("+"))
    unknown = [name for name in names if name not in TRAITS]
    if unknown or len(names) > 2 or len(set(names)) != len(names):
        raise PatError(
            f"A simulated label is one of {', '.join(TRAITS)}, two different ones joined by '+', or '{NO_SIGNAL}'; got '{label}'. "
            "Choose one of these."
        )
    return names


def assign(people: int, seed: int, label: str, prevalence: float) -> Roles:
    """Labels and carriers for `people` people; whoever comes first keeps their role when more people are drawn.

    An interaction's negatives are in equal parts (by chance) carriers of the first trait only, of the second only, and of neither.
    """
    names = parse_label(label)
    positive = _labels(people, seed, prevalence)
    if len(names) == 2:
        kind = np.concatenate([_block_rng(seed, block, 1).integers(0, 3, _BLOCK) for block in _blocks(people)])[:people]
        carried = {names[0]: positive | (kind == 0), names[1]: positive | (kind == 1)}
    else:
        carried = {name: positive.copy() for name in names}
    return Roles(positive, carried)


def _labels(people: int, seed: int, prevalence: float) -> np.ndarray:
    """(people,) bool. Cumulative counts follow the prevalence to within one person a block; the order within a block is random."""
    parts = []
    for block in _blocks(people):
        count = int(np.floor((block + 1) * _BLOCK * prevalence + 0.5) - np.floor(block * _BLOCK * prevalence + 0.5))
        parts.append(_block_rng(seed, block, 0).permutation(_BLOCK) < count)
    return np.concatenate(parts)[:people]


def _blocks(people: int) -> range:
    return range(-(-people // _BLOCK))


def _block_rng(seed: int, block: int, purpose: int) -> np.random.Generator:
    """A generator of a block's own; the leading 1 keeps its stream apart from those of the people (leading 0)."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, block, purpose)))
