"""A cohort of simulated people whose truth is known; on disk one .npz that also reads as a recording file (`weeks`, `participants`)."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.errors import PatError, RecordingError
from pat_core.files import make_folder, replacing
from pat_core.records import SimulatedCohort
from pat_core.settings import MINUTES_PER_DAY
from pat_core.simulate.compose import compose
from pat_core.simulate.lifelike import POPULATIONS, draw_lifelike
from pat_core.simulate.person import Person, draw_person
from pat_core.simulate.traits import DISTRACTORS, NO_SIGNAL, Roles, assign

START = datetime(2024, 1, 1)
"""Minute 0 of every simulated week: a Monday, 00:00."""

_MOST_DAYS = 60


def simulate(
    people: int,
    seed: int,
    label: str = "late_wake",
    prevalence: float = 0.4,
    distractors: bool = True,
    days: int = 7,
    strength: float = 1.0,
    length: float = 1.0,
) -> SimulatedCohort:
    """Weeks of `people` people in counts a minute, with a label whose cause is planted and known.

    label: a name in TRAITS, two joined by "+" (positive only with both), or "none" (labels at random, nothing planted).
    prevalence: share of positives. distractors: also plant what carries no label. days: (people, days * 1440) minutes from Monday 00:00.
    strength: factor on the counts of planted bouts and bursts (1 is hard to see among the people's own movements at night).
    length: factor on the length of planted bouts (1 is 10 to 26 minutes, little more than one patch).
    The same arguments give the same arrays, and a person's week does not depend on how many people follow. traits and evidence hold only
    what the label follows. Raises PatError when an argument is out of range.
    """
    _check(people, seed, prevalence, days, strength, length)
    plan = _Plan(seed, label, assign(people, seed, label, prevalence), distractors, strength, length)
    return _cohort(plan, people, days, draw_person)


def simulate_lifelike(people: int, seed: int, worn: str, label: str = NO_SIGNAL, prevalence: float = 0.4, days: int = 7) -> SimulatedCohort:
    """As `simulate`, of people whose days and nights are more like those of real people (lifelike.py), without distractors.

    worn: where the device is, a name in POPULATIONS: "wrist", all day and night, or "hip", taken off for most nights. Traits can be
    planted in them too; what stands off the body is no evidence. Raises PatError when an argument is out of range.
    """
    _check(people, seed, prevalence, days, 1.0, 1.0)
    if worn not in POPULATIONS:
        raise PatError(f"Lifelike people wear their device on the {' or the '.join(POPULATIONS)}; got {worn!r}. Choose one of these.")
    plan = _Plan(seed, label, assign(people, seed, label, prevalence), False, 1.0, 1.0)
    return _cohort(plan, people, days, lambda seed, number, days: draw_lifelike(seed, number, POPULATIONS[worn], days))


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is planted in whom; see `simulate`."""

    seed: int
    label: str
    roles: Roles
    distractors: bool
    strength: float
    length: float


def _cohort(plan: _Plan, people: int, days: int, draw: Callable[[int, int, int], Person]) -> SimulatedCohort:
    """Everybody drawn by (seed, number, days), one after another, with what the plan has for them."""
    weeks = np.empty((people, days * MINUTES_PER_DAY), dtype=np.float32)
    evidence = {name: np.zeros(weeks.shape, dtype=bool) for name in plan.roles.traits}
    carriers = {name: np.zeros(people, dtype=bool) for name in DISTRACTORS}
    for number in range(people):
        person = draw(plan.seed, number, days)
        carried = [name for name, who in plan.roles.traits.items() if who[number]]
        weeks[number], shown = compose(person, carried, plan.distractors, plan.strength, plan.length)
        for name, mask in shown.items():
            evidence[name][number] = mask
        for name in person.distractors if plan.distractors else ():
            carriers[name][number] = True
    return SimulatedCohort(
        participants=tuple(f"sim-{number:04d}" for number in range(1, people + 1)),
        weeks=weeks,
        start=START,
        traits=plan.roles.traits,
        evidence=evidence,
        distractors=carriers,
        label=plan.label,
        positive=plan.roles.positive,
        seed=plan.seed,
    )


def _check(people: int, seed: int, prevalence: float, days: int, strength: float, length: float) -> None:
    if people < 1:
        raise PatError(f"A simulated cohort needs at least 1 person; got {people}. Ask for more people.")
    if seed < 0:
        raise PatError(f"A seed is a whole number from 0 up; got {seed}. Choose another seed.")
    if not 0 < prevalence < 1:
        raise PatError(f"A prevalence is a share above 0 and below 1; got {prevalence}. For 40 % give 0.4.")
    if not 1 <= days <= _MOST_DAYS:
        raise PatError(f"Simulated recordings last 1 to {_MOST_DAYS} days; got {days}. PAT needs 7.")
    if not 0 < strength <= 20:
        raise PatError(f"The strength of planted bouts is a factor above 0, at most 20; got {strength}. For usual ones give 1.")
    if not 0 < length <= 2.5:
        raise PatError(
            f"The length of planted bouts is a factor above 0, at most 2.5 (longer ones would outlast the sleep); got {length}. "
            "For usual ones give 1."
        )


_GROUPS = ("traits", "evidence", "distractors")


def save_simulated(simulated: SimulatedCohort, path: Path) -> None:
    """Write weeks, labels and planted evidence to `path` (.npz, no pickle), atomically."""
    arrays: dict[str, Any] = {  # numpy wants the names of its own arguments typed too
        "weeks": simulated.weeks.astype(np.int32),
        "participants": np.array(simulated.participants),
        "start": np.array(simulated.start.isoformat()),
        "label": np.array(simulated.label),
        "positive": simulated.positive,
        "seed": np.array(simulated.seed),
    }
    for group in _GROUPS:
        arrays |= {f"{group}.{name}": values for name, values in getattr(simulated, group).items()}
    make_folder(path.parent)
    with replacing(path) as waiting:
        np.savez_compressed(waiting, **arrays)


def load_simulated(path: Path) -> SimulatedCohort:
    """Read what `save_simulated` wrote. Raises RecordingError where the file is something else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        groups = {
            group: {name.split(".", 1)[1]: values for name, values in arrays.items() if name.startswith(f"{group}.")} for group in _GROUPS
        }
        return SimulatedCohort(
            participants=tuple(str(name) for name in arrays["participants"]),
            weeks=arrays["weeks"].astype(np.float32),
            start=datetime.fromisoformat(str(arrays["start"])),
            label=str(arrays["label"]),
            positive=arrays["positive"],
            seed=int(arrays["seed"]),
            **groups,
        )
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise RecordingError(f"{path.name} is not a file of simulated people as `simulate` writes it ({error}).") from error
