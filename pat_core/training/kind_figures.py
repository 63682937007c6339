"""How good a test was, by what was learned: AUC of two classes, macro AUC of several, concordance of an order, R2 of a value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from pat_core.evaluation import auc, within_folds_auc_interval
from pat_core.records import Interval
from pat_core.training.labelled_people import HeldOut
from pat_core.training.objective import concordance
from pat_core.training.target import Target

MAIN = {"two classes": "AUC", "classes": "macro AUC", "ordinal": "concordance", "value": "R2"}
"""Kind -> the figure that a run is judged by."""
RESAMPLES = 500

Figures = dict[str, Callable[[np.ndarray, np.ndarray], float]]
"""Name -> of targets (n,) and outputs (n, count)."""


def figures_of(task: Target, held_out: HeldOut, seed: int) -> tuple[dict[str, Interval], tuple[float, ...]]:
    """(figures by name, that of `MAIN` first; the main figure of each fold).

    Each fold has a model of its own, so figures of order (AUC, concordance) are taken within a fold and averaged over the people.
    Intervals: of two classes as `within_folds_auc_interval`; else 95 % percentile bootstrap over people.
    """
    if task.two_classes:
        interval, folds = within_folds_auc_interval(held_out.positive, held_out.logits, held_out.people, held_out.fold, seed=seed)
        return {"AUC": interval}, folds
    outputs = held_out.outputs
    named = _figures(task)
    values = {name: _within(figure, held_out, np.arange(len(outputs))) for name, figure in named.items()}
    drawn: dict[str, list[float]] = {name: [] for name in named}
    for rows in _resamples(held_out, seed):
        for name, figure in named.items():
            drawn[name].append(_within(figure, held_out, rows))
    people = len(held_out.people)
    main = named[MAIN[task.kind]]
    each = (held_out.fold == number for number in np.unique(held_out.fold))
    return (
        {name: Interval(value, *_ends(drawn[name]), people) for name, value in values.items()},
        tuple(main(held_out.targets[fold], outputs[fold]) for fold in each),
    )


def _figures(task: Target) -> Figures:
    outputs = task.outputs()

    def likeliest(answers: np.ndarray) -> np.ndarray:
        return outputs.probabilities(answers).argmax(axis=1)

    if task.kind == "classes":
        return {
            "macro AUC": lambda targets, answers: _macro_auc(targets, outputs.probabilities(answers)),
            "balanced accuracy": lambda targets, answers: _balanced_accuracy(targets, likeliest(answers)),
        }
    if task.kind == "ordinal":
        return {
            "concordance": lambda targets, answers: concordance(targets, outputs.score(answers)),
            "weighted kappa": lambda targets, answers: _weighted_kappa(targets, likeliest(answers), len(task.classes)),
        }
    return {"R2": lambda targets, answers: _r2(targets, answers[:, 0]), "MAE": lambda targets, answers: _mae(targets, answers[:, 0])}


def _macro_auc(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean over the classes that are there of each one's AUC against all others."""
    there = [number for number in range(probabilities.shape[1]) if 0 < (targets == number).sum() < len(targets)]
    return float(np.mean([auc(targets == number, probabilities[:, number]) for number in there])) if there else math.nan


def _balanced_accuracy(targets: np.ndarray, called: np.ndarray) -> float:
    return float(np.mean([(called[targets == number] == number).mean() for number in np.unique(targets)]))


def _weighted_kappa(targets: np.ndarray, called: np.ndarray, classes: int) -> float:
    """Agreement beyond chance with quadratic weights (Cohen 1968, doi 10.1037/h0026256)."""
    table = np.zeros((classes, classes))
    np.add.at(table, (targets.astype(int), called.astype(int)), 1 / len(targets))
    apart = np.subtract.outer(np.arange(classes), np.arange(classes)) ** 2
    expected = float((apart * np.outer(table.sum(axis=1), table.sum(axis=0))).sum())
    return 1 - float((apart * table).sum()) / expected if expected else math.nan


def _r2(targets: np.ndarray, values: np.ndarray) -> float:
    variance = float(np.var(targets))
    return 1 - float(np.mean((values - targets) ** 2)) / variance if variance else math.nan


def _mae(targets: np.ndarray, values: np.ndarray) -> float:
    return float(np.mean(np.abs(values - targets)))


def _within(figure: Callable[[np.ndarray, np.ndarray], float], held_out: HeldOut, rows: np.ndarray) -> float:
    """A figure of these people, within each fold, averaged by how many people a fold has; folds where it has no value are left out."""
    values, weights = [], []
    fold = held_out.fold[rows]
    for number in np.unique(fold):
        own = rows[fold == number]
        value = figure(held_out.targets[own], held_out.outputs[own])
        if math.isfinite(value):
            values.append(value)
            weights.append(len(own))
    return float(np.average(values, weights=weights)) if values else math.nan


def _resamples(held_out: HeldOut, seed: int) -> Iterator[np.ndarray]:
    """Rows of people drawn with replacement within each fold."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(held_out.fold == number) for number in np.unique(held_out.fold)]
    for _ in range(RESAMPLES):
        yield np.concatenate([rng.choice(rows, len(rows)) for rows in members])


def _ends(drawn: list[float]) -> tuple[float, float]:
    finite = np.array(drawn)[np.isfinite(drawn)]
    if not len(finite):
        return math.nan, math.nan
    low, high = np.quantile(finite, [0.025, 0.975])
    return float(low), float(high)
