"""Lesson 2, patches and tokens: how many there are, what they lose and keep, what they cost, and where their borders lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pat_core import settings
from pat_core.progress import Progress
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weeks.standardizer import apply
from pat_core.workflows.lessons.lesson_files import read_arrays, write_arrays
from pat_core.workflows.lessons.lesson_people import FIRST, lesson_people

NAME = "patches"
PATCHES = (5, 9, 18, 30, 60, 120)
"""Minutes. 18 is that of PAT-S and PAT-M, 9 of PAT-L; all divide a week."""
PATCH = 18
WINDOW = (2, 12 * 60, 6 * 60)
"""What the figures show: day (a Tuesday, from 1), its first minute, and how many minutes."""
ENCODER = "pat-s-lifelike"


def build_patches(folder: Path, progress: Progress) -> Path:
    """Keep the patch embedding of a bundled encoder: its weights alone, so that this lesson waits for no network; the file."""
    from pat_core.weights import load

    progress.at(0.0, "Reading the patch embedding")
    network: Any = load(settings.ASSETS / "models" / f"{ENCODER}.safetensors").network
    projection = network.encoder.patches.projection
    return write_arrays(folder, NAME, {"weight": projection.weight.detach().numpy(), "bias": projection.bias.detach().numpy()})


def tokens(patch: int) -> int:
    """Of a week."""
    return MINUTES_PER_WEEK // patch


def pairs(patch: int) -> int:
    """Comparisons that attention makes in one head: every token with every token."""
    return tokens(patch) ** 2


def window_of(values: np.ndarray) -> np.ndarray:
    """The part of a week (minutes,) that the figures show."""
    day, first, length = WINDOW
    start = (day - 1) * 1440 + first
    return values[start : start + length]


@dataclass(frozen=True, eq=False)
class Means:
    """values: (minutes,) each minute as the mean of its patch. kept: share of the variance between minutes that is left."""

    values: np.ndarray
    kept: float


def as_means(counts: np.ndarray, patch: int) -> Means:
    """A week of counts if a token were no more than its patch's mean."""
    values = np.repeat(counts.reshape(-1, patch).mean(axis=1), patch)
    return Means(values, float(values.var() / counts.var()))


@lru_cache(maxsize=2)
def embedding(folder: Path | None = None) -> tuple[np.ndarray, np.ndarray]:
    """weight (96, patch), bias (96,): token = weight @ minutes + bias. PatError where the lesson's file is missing."""
    arrays = read_arrays(NAME, folder)
    return arrays["weight"].astype(np.float64), arrays["bias"].astype(np.float64)


@lru_cache(maxsize=1)
def standardized() -> np.ndarray:
    """(minutes,) z of the person of the first lesson."""
    people = lesson_people()
    return apply(people.standardizer, people.people[FIRST].counts[None])[0]


@dataclass(frozen=True, eq=False)
class Restored:
    """values: (minutes,) z computed back from the tokens. error: largest difference to the true z. explained: share of their variance."""

    values: np.ndarray
    error: float
    explained: float


def restored(numbers: int) -> Restored:
    """The week computed back from the first `numbers` (1 to 96) of each token: the minutes, smallest in squares,
    that have these numbers."""
    z, (weight, bias) = standardized().astype(np.float64), embedding()
    written = z.reshape(-1, PATCH) @ weight[:numbers].T + bias[:numbers]
    values = ((written - bias[:numbers]) @ np.linalg.pinv(weight[:numbers]).T).reshape(-1)
    return Restored(values, float(np.abs(values - z).max()), float(1 - np.square(values - z).mean() / z.var()))


def shared_tokens(later: int, patch: int = PATCH) -> int:
    """How many tokens of a week hold the very minutes of a token of the same week read from `later` minutes on."""
    first = {range(start, start + patch) for start in range(0, MINUTES_PER_WEEK, patch)}
    other = {range(start, start + patch) for start in range(later, MINUTES_PER_WEEK - patch + 1, patch)}
    return len(first & other)


def shared_out(first: int, length: int, shift: int, patch: int = PATCH) -> dict[int, int]:
    """Token -> how many minutes of a bout (from minute `first`, so long) it holds, if patches begin at minute `shift`."""
    numbers, counts = np.unique((np.arange(first, first + length) - shift) // patch, return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))
