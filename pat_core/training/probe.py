"""The linear probe's own form: a regularised regression on the pooled embeddings of a frozen encoder.

Convex, so that it has one answer, which no rate or number of epochs can miss: logistic for two classes, multinomial for more, proportional
odds for classes in order, ridge for a value. How strongly it is regularised is chosen by an inner cross-validation by person among the
people it learns from, so that whoever tests it has no part in the choice (nested).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from pat_core.evaluation import folds as person_folds
from pat_core.models.pat.heads import ClassifierHead
from pat_core.training.linear_fits import Linear, fit_linear, losses
from pat_core.training.target import Target

STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)
"""C: one over the weight of the squared coefficients of standardized embeddings, so the smaller, the more regularised."""
INNER_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Probe:
    """head: the regression as a head of the network. strength: C, out of `losses`: C -> mean loss of people left out."""

    head: ClassifierHead
    strength: float
    losses: tuple[tuple[float, float], ...]


def fit_probe(
    embedded: np.ndarray,
    target: np.ndarray,
    people: np.ndarray,
    strata: np.ndarray,
    task: Target,
    seed: int,
    after_fold: Callable[[int, int], None],
) -> Probe:
    """Fit on (rows, width) embeddings, a row a week. target, people, strata: (rows,), see `LabelledWeeks`.

    Each person weighs the same, however many weeks they have, and so does each class, as with the class weights of a training in epochs
    (classes in order have none there, and none here). after_fold: called with the inner folds done and all of them.
    """
    x, y = np.asarray(embedded, np.float64), np.asarray(target, np.float64)
    weights = _weights(y, people, task)
    once = np.unique(people, return_index=True)[1]
    rarest = int(np.unique(strata[once], return_counts=True)[1].min())
    inner = person_folds(people, strata, max(2, min(INNER_FOLDS, rarest)), seed)
    lost = np.zeros(len(STRENGTHS))
    for done, (train, test) in enumerate(inner, start=1):
        for number, strength in enumerate(STRENGTHS):
            fitted = fit_linear(x[train], y[train], weights[train], task, strength)
            lost[number] += float(weights[test] @ losses(fitted, x[test], y[test], task))
        after_fold(done, len(inner))
    lost /= weights.sum()
    strength = STRENGTHS[int(np.argmin(lost))]  # of equal ones the most regularised
    head = linear_head(fit_linear(x, y, weights, task, strength))
    return Probe(head, strength, tuple(zip(STRENGTHS, lost.tolist(), strict=True)))


def linear_head(linear: Linear) -> ClassifierHead:
    """A linear map as a head of the paper's form, so that whatever reads such a head reads it.

    Each number takes two of the 128 units: w x = relu(w x) - relu(-w x), exactly.
    """
    numbers, thresholds = len(linear.weight), linear.thresholds
    head = ClassifierHead(len(thresholds) or numbers, ordinal=len(thresholds) > 0)
    with torch.no_grad():
        for part in head.parameters():
            part.zero_()
        head.hidden.weight[: 2 * numbers] = torch.as_tensor(np.concatenate([linear.weight, -linear.weight]), dtype=torch.float32)
        head.output.weight[:, :numbers] = torch.eye(numbers)
        head.output.weight[:, numbers : 2 * numbers] = -torch.eye(numbers)
        head.output.bias[:] = torch.as_tensor(linear.bias, dtype=torch.float32)
        if len(thresholds):
            steps = np.concatenate([thresholds[:1], np.log(np.diff(thresholds))])
            head.steps[:] = torch.as_tensor(steps, dtype=torch.float32)
    return head.eval()


def _weights(target: np.ndarray, people: np.ndarray, task: Target) -> np.ndarray:
    """(rows,) that sum to the number of people, a person's weeks sharing theirs out; of two classes and more, the same to each class."""
    _, person, weeks = np.unique(people, return_inverse=True, return_counts=True)
    weights = 1.0 / weeks[person]
    if task.kind in ("two classes", "classes"):
        total, classes = weights.sum(), np.unique(target)
        for one in classes:
            weights[target == one] *= total / len(classes) / weights[target == one].sum()
    return weights
