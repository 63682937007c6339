"""How well several classes are recognised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.discrimination import AucParts, auc_parts, logit_interval, rows_of_folds
from pat_core.evaluation.resampling import Sample, Statistic, bca_intervals, sample_of
from pat_core.evaluation.thresholds import share
from pat_core.records import Interval


@dataclass(frozen=True)
class ClassFigures:
    """Of n people in K classes, numbered in order.

    people: by class. confusion: rows, true class by called class. accuracy, balanced_accuracy (mean sensitivity), kappa (Cohen 1960, doi
    10.1177/001316446002000104). macro_auc: mean over the classes that occur of each one's AUC against all others (chance: 0.5).
    aucs, sensitivities: of each class; NaN where nobody is of it.
    """

    people: tuple[int, ...]
    confusion: tuple[tuple[int, ...], ...]
    accuracy: Interval
    balanced_accuracy: Interval
    kappa: Interval
    macro_auc: Interval
    aucs: tuple[Interval, ...]
    sensitivities: tuple[Interval, ...]


def class_figures(
    targets: np.ndarray,
    probabilities: np.ndarray,
    people: np.ndarray | None = None,
    fold: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> ClassFigures:
    """targets (n,) 0 to K - 1; probabilities (n, K), or scores of which the highest is called; people (n,), fold (n,) or None.

    AUCs are taken within folds and have intervals as `within_folds_auc_interval`; that of the macro AUC adds up each person's influence
    on all of them, and has the log-odds scale and Welch's degrees of freedom too. Accuracy and sensitivities: Wilson by person. Balanced
    accuracy: their reaches added by squares. Kappa: BCa. Raises PatError where rows do not fit together, a target is no class, or fewer
    than two classes occur.
    """
    targets, probabilities = _classes(targets, probabilities)
    number_of = probabilities.shape[1]
    sample, members = sample_of(len(targets), people, targets), rows_of_folds(fold, len(targets))
    called = probabilities.argmax(1)
    sensitivities = tuple(share(called == number, targets == number, sample, confidence) for number in range(number_of))
    confusion = np.zeros((number_of, number_of), dtype=int)
    np.add.at(confusion, (targets, called), 1)
    parts = [
        auc_parts(targets == number, probabilities[:, number], Sample(sample.index, (sample.stratum == number).astype(int)), members)
        for number in range(number_of)
    ]
    nothing = Interval(float("nan"), float("nan"), float("nan"), sample.people)
    aucs = tuple(logit_interval(part, sample.people, confidence) if np.isfinite(part.value) else nothing for part in parts)
    return ClassFigures(
        people=tuple(np.bincount(sample.stratum, minlength=number_of).tolist()),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        accuracy=share(called == targets, np.ones(len(targets), bool), sample, confidence),
        balanced_accuracy=_mean_of(sensitivities, sample.people),
        kappa=bca_intervals(kappa_of(targets, called, number_of), sample, resamples, seed, confidence)[0],
        macro_auc=_macro(parts, aucs, sample, confidence),
        aucs=aucs,
        sensitivities=sensitivities,
    )


def kappa_of(targets: np.ndarray, called: np.ndarray, classes: int, power: int | None = None) -> Statistic:
    """A statistic, weights (draws, n) -> (draws, 1): Cohen's kappa of targets and called classes (n,) below `classes`; with a power, errors
    count by their distance to it (2: quadratic weights, Cohen 1968, doi 10.1037/h0026256). NaN where only one class is there and called."""
    true, answered = np.eye(classes)[targets], np.eye(classes)[called]
    distance = np.abs(np.subtract.outer(np.arange(classes), np.arange(classes)))
    cost = (distance > 0).astype(float) if power is None else distance.astype(float) ** power
    own = cost[targets, called]

    def statistic(weights: np.ndarray) -> np.ndarray:
        total = weights.sum(1)
        expected = np.einsum("bi,ij,bj->b", weights @ true, cost, weights @ answered) / total**2
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 0, 1 - weights @ own / total / expected, np.nan)[:, None]

    return statistic


def _mean_of(parts: tuple[Interval, ...], people: int) -> Interval:
    """The mean of independent shares of those classes that occur; their reaches are added by squares."""
    there = [part for part in parts if np.isfinite(part.value)]
    value = float(np.mean([part.value for part in there]))
    reaches = np.array([(part.value - part.low, part.high - part.value) for part in there])
    down, up = np.sqrt(np.sum(reaches**2, axis=0)) / len(there)
    return Interval(value, max(0.0, float(value - down)), min(1.0, float(value + up)), people)


def _macro(parts: list[AucParts], aucs: tuple[Interval, ...], sample: Sample, confidence: float) -> Interval:
    known = [number for number, part in enumerate(parts) if np.isfinite(part.value)]
    if not known:  # no fold has two classes
        return aucs[0]
    from scipy.special import expit, logit, stdtrit  # slow to import, for those alone who need an interval

    influence = np.mean([parts[number].influence for number in known], axis=0)
    value, variances, freedoms = float(np.mean([parts[number].value for number in known])), [], []
    for number in np.unique(sample.stratum):
        own = influence[sample.stratum == number]
        variances.append(np.sum((own - own.mean()) ** 2) * len(own) / max(len(own) - 1, 1))
        freedoms.append(max(len(own) - 1, 1))
    variance = float(np.sum(variances))
    if variance < 1e-24 or not 0 < value < 1:  # a perfect order: as unsure as the class of which least is known
        return Interval(value, min(aucs[number].low for number in known), max(aucs[number].high for number in known), sample.people)
    freedom = variance**2 / np.sum(np.square(variances) / freedoms)
    reach = stdtrit(freedom, (1 + confidence) / 2) * np.sqrt(variance) / (value * (1 - value))
    low, high = expit(logit(value) + np.array([-reach, reach]))
    return Interval(value, float(low), float(high), sample.people)


def _classes(targets: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    probabilities, whole = np.asarray(probabilities, dtype=np.float64), np.asarray(targets).astype(int)
    if probabilities.ndim != 2 or whole.shape != (len(probabilities),) or not np.isfinite(probabilities).all():
        raise PatError(f"Expected a class a row and finite scores (rows, classes); got {whole.shape} and {probabilities.shape}.")
    if (whole != np.asarray(targets)).any() or whole.min() < 0 or whole.max() >= probabilities.shape[1] or len(np.unique(whole)) < 2:
        raise PatError(f"Targets are the numbers of at least two classes, 0 to {probabilities.shape[1] - 1}; got {np.unique(whole)[:9]}.")
    return whole, probabilities
