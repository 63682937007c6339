"""Lesson 5, gradients and baselines: a walk from a baseline to a week, what its steps sum to, and what a baseline hides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.progress import Progress
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weeks.standardizer import apply
from pat_core.workflows.lessons.lesson_attention import PATCH, TOKENS, two_models
from pat_core.workflows.lessons.lesson_files import Arrays, read_arrays, write_arrays
from pat_core.workflows.lessons.lesson_models import first_model

NAME = "gradients"
POINTS = 65
"""Places of the walk, both ends with them."""
STEPS = (1, 2, 4, 8, 16, 32, 64)
MIXES = tuple(range(0, 101, 10))
"""Percent of the way from the mean week to a device that is not worn, as the baseline."""
WHO = 0
"""Of the people shown in lesson 4."""


@dataclass(frozen=True, eq=False)
class Walk:
    """The straight way from the mean week to a week of standardized minutes.

    scores: (POINTS,) logits on it. slopes: (POINTS,) by how much the logit rises along it. so_far: (POINTS, patches) what each patch has
    added until there, in logits. sums: (STEPS,) what so many steps of equal length add up to, each with the gradient at its middle. mixes:
    (MIXES, patches) what each patch adds from another baseline; deltas: (MIXES,) the change of the logit from that. counts, evidence:
    (minutes,) of the person, and where the truth was planted."""

    scores: np.ndarray
    slopes: np.ndarray
    so_far: np.ndarray
    sums: np.ndarray
    mixes: np.ndarray
    deltas: np.ndarray
    counts: np.ndarray
    evidence: np.ndarray

    @property
    def delta(self) -> float:
        """By how much the logit changes from the mean week to the week."""
        return float(self.scores[-1] - self.scores[0])

    def gap(self, steps: int) -> float:
        """What so many steps miss, as a share of the change."""
        return abs(float(self.sums[STEPS.index(steps)]) - self.delta) / abs(self.delta)

    @property
    def planted(self) -> np.ndarray:
        """(patches,) bool: mostly planted minutes."""
        return self.evidence.reshape(TOKENS, PATCH).mean(axis=1) > 0.5

    def on_planted(self, mix: int) -> float:
        """What the planted patches add from this baseline, in logits."""
        return float(self.mixes[MIXES.index(mix)][self.planted].sum())


@lru_cache(maxsize=1)
def walk() -> Walk:
    """Of the lesson's file. PatError where it is missing."""
    arrays, shown = read_arrays(NAME), two_models()
    kept = {key: values.astype(np.float64) for key, values in arrays.items()}
    return Walk(**kept, counts=shown.counts[WHO], evidence=shown.evidence[WHO])


def build_gradients(folder: Path, progress: Progress) -> Path:
    """Walk the path with the demonstration's model, from every baseline; the file. Needs that of lesson 4 in `folder`."""
    model: Any = first_model()
    counts = read_arrays("attention", folder)["counts"][WHO].astype(np.float32)
    z = apply(model.standardizer, counts[None])[0]
    nonwear = (-model.standardizer.mean / model.standardizer.scale).astype(np.float32)
    baseline = np.zeros(MINUTES_PER_WEEK, np.float32)
    progress.at(0.0, "Walking from the mean week")
    places = np.linspace(0, 1, POINTS)
    scores, slopes = _along(model.network, baseline, z, places)
    so_far = np.concatenate([np.zeros((1, TOKENS)), np.cumsum((slopes[1:] + slopes[:-1]) / 2 / (POINTS - 1), axis=0)])
    sums = [_along(model.network, baseline, z, (np.arange(steps) + 0.5) / steps)[1].mean(axis=0).sum() for steps in STEPS]
    mixes, deltas = [], []
    for number, percent in enumerate(MIXES):
        progress.at((number + 1) / (len(MIXES) + 1), f"Walking from {percent} % non-wear")
        values, delta = _settled(model.network, nonwear * percent / 100, z)
        mixes.append(values)
        deltas.append(delta)
    arrays: Arrays = {
        "scores": scores,
        "slopes": slopes.sum(axis=1),
        "so_far": so_far.astype(np.float16),
        "sums": np.array(sums),
        "mixes": np.array(mixes, np.float32),
        "deltas": np.array(deltas),
    }
    return write_arrays(folder, NAME, arrays)


def _along(network: Any, start: np.ndarray, end: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(places,) logits on the way from start to end, and (places, patches) what each patch adds to the slope there."""
    import torch

    from pat_core.explain.logit_function import twin

    score, step = twin(network).score, end - start
    scores, slopes = [], []
    for some in np.array_split(places, -(-len(places) // 8)):
        points = torch.from_numpy((start + some[:, None] * step).astype(np.float32)).requires_grad_()
        logits = score(points)
        (gradients,) = torch.autograd.grad(logits.sum(), points)
        scores.append(logits.detach().numpy().astype(np.float64))
        slopes.append((gradients.numpy().astype(np.float64) * step).reshape(len(some), TOKENS, PATCH).sum(axis=2))
    return np.concatenate(scores), np.concatenate(slopes)


def _settled(network: Any, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, float]:
    """(patches,) integrated gradients to 1 %, and the change of the logit."""
    from pat_core.explain.baselines import Baseline
    from pat_core.explain.methods.integrated_gradients import integrated_gradients

    attribution = integrated_gradients(network, end, baseline=Baseline("lesson", start[None]), tolerance=0.01)
    return attribution.values.reshape(TOKENS, PATCH).sum(axis=1), float(attribution.delta or 0.0)
