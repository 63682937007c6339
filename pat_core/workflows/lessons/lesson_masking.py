"""Lesson 3, masking: what a masked autoencoder guesses of hidden minutes, beside a straight line and the mean day."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pat_core import settings
from pat_core.errors import PatError
from pat_core.progress import Progress
from pat_core.settings import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pat_core.weeks.standardizer import apply
from pat_core.workflows.learn.rebuilt_weeks import WAYS, RebuiltWeek, beside_simple_ways, rebuild
from pat_core.workflows.lessons.lesson_files import read_arrays, write_arrays
from pat_core.workflows.lessons.lesson_people import lesson_people

if TYPE_CHECKING:
    from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder
    from pat_core.weights import Model

NAME = "masking"
ENCODER = "pat-s-lifelike"
WHO = 11
"""The person of this lesson."""
RATIOS = (10, 20, 30, 40, 50, 60, 70, 80, 90)
"""Percent of the patches."""
GAP = 180
"""Minutes of the gaps that are tried all over the week."""
MASKS = 3
"""Draws for each person and ratio."""
SPORT = (3, 18, 60)
"""What is planted in hidden minutes: day (from 0), clock (hours), minutes."""


def model() -> Model:
    """The bundled encoder with its decoder. WeightsError where its file is not there."""
    from pat_core.weights import load

    return _model(settings.ASSETS / "models" / f"{ENCODER}.safetensors", load)


@lru_cache(maxsize=1)
def _model(path: Path, load: Callable[[Path], Model]) -> Model:
    return load(path)


def network() -> MaskedAutoencoder:
    """Of `model`."""
    from pat_core.weights.networks import autoencoder_of

    return autoencoder_of(model())


@lru_cache(maxsize=1)
def weeks() -> np.ndarray:
    """(people, minutes) z of the lessons' people, as the encoder's own standardizer reads them."""
    means = model().standardizer
    if means is None:
        raise PatError(f"{ENCODER} came without its means, so it cannot read the people of this lesson. Fetch PAT Explorer again.")
    return apply(means, np.stack([person.counts for person in lesson_people().people]))


def hide_minutes(first: int, end: int) -> np.ndarray:
    """(tokens,) bool: the patches that any of these minutes of the week lies in."""
    patch = network().config.patch
    starts = np.arange(MINUTES_PER_WEEK // patch) * patch
    return (starts + patch > first) & (starts < end)


def guessed(z: np.ndarray, hidden: np.ndarray) -> RebuiltWeek:
    """A week z (minutes,) with these patches hidden, (tokens,) bool, rebuilt. PatError where all of them or none are."""
    import torch

    if not 0 < hidden.sum() < hidden.size:
        raise PatError("Hide some of the week, and leave some of it: there is nothing to guess from, or nothing to guess.")
    with torch.no_grad():
        output = network()(torch.from_numpy(np.asarray(z, np.float32))[None], torch.from_numpy(np.flatnonzero(~hidden)))[0].numpy()
    return beside_simple_ways(z, np.repeat(hidden, network().config.patch), output)


@lru_cache(maxsize=64)
def gap(first: int, end: int) -> RebuiltWeek:
    """The lesson's person with the minutes from `first` to `end` hidden."""
    return guessed(weeks()[WHO], hide_minutes(first, end))


@lru_cache(maxsize=64)
def covered(hidden: bytes) -> RebuiltWeek:
    """The same with any patches hidden. hidden: the bytes of (tokens,) bool."""
    return guessed(weeks()[WHO], np.frombuffer(hidden, bool))


@lru_cache(maxsize=1)
def activity() -> np.ndarray:
    """(tokens,) mean counts of the lesson's person, a patch each."""
    return np.asarray(lesson_people().people[WHO].counts, float).reshape(-1, network().config.patch).mean(axis=1)


@lru_cache(maxsize=16)
def masked(percent: int) -> RebuiltWeek:
    """The same with so many percent of the patches hidden, drawn once."""
    return rebuild(network(), weeks()[WHO], percent / 100, seed=0)


@lru_cache(maxsize=16)
def with_sport(height: float) -> RebuiltWeek:
    """The same with an hour of sport planted, of `height` standard deviations, in minutes that are hidden."""
    day, clock, minutes = SPORT
    first = day * MINUTES_PER_DAY + clock * 60
    z = weeks()[WHO].copy()
    z[first : first + minutes] = np.maximum(z[first : first + minutes], height)
    return guessed(z, hide_minutes(first - 60, first + minutes + 60))


def errors() -> tuple[np.ndarray, np.ndarray]:
    """(gaps, ways) and (ratios, ways) mean squared errors on hidden minutes, ways in the order of WAYS: of every gap of GAP minutes of the
    lesson's person, and of all people by RATIOS. PatError where the lesson's file is missing."""
    arrays = read_arrays(NAME)
    return arrays["gaps"].astype(np.float64), arrays["ratios"].astype(np.float64)


def build_masking(folder: Path, progress: Progress) -> Path:
    """Try all gaps and ratios, and write the errors; the file."""
    of_gaps = []
    for first in range(0, MINUTES_PER_WEEK, GAP):
        progress.at(first / MINUTES_PER_WEEK / 2, "Hiding every three hours")
        of_gaps.append(_errors(gap(first, first + GAP)))
    of_ratios = np.zeros((len(RATIOS), len(WAYS)))
    for row, percent in enumerate(RATIOS):
        progress.at(0.5 + row / len(RATIOS) / 2, f"Hiding {percent} % of everybody's week")
        each = [_errors(rebuild(network(), z, percent / 100, seed)) for z in weeks() for seed in range(MASKS)]
        of_ratios[row] = np.mean(each, axis=0)
    return write_arrays(folder, NAME, {"gaps": np.array(of_gaps, np.float32), "ratios": of_ratios.astype(np.float32)})


def _errors(week: RebuiltWeek) -> list[float]:
    return [week.figures[way].mse for way in WAYS]
