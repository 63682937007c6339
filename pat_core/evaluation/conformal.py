"""Sets that hold the truth as often as they say, whatever the model: split conformal prediction (Vovk, Gammerman & Shafer 2005).

Classes: class by class (Mondrian; Vovk 2012, arXiv 1209.2673), so that the rarer class is covered as often as the frequent one. Values: an
interval of one width around the prediction. The promise holds for people drawn like those it was calibrated on, over many such draws; what
a person's set contains is measured, not proven, for any single one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.resampling import sample_of
from pat_core.evaluation.splits import at_most_folds, by_score
from pat_core.evaluation.thresholds import share
from pat_core.records import Interval


@dataclass(frozen=True)
class ConformalClasses:
    """Fitted on people held out. scores: for each class, in order, the rising nonconformity (1 - probability of the own class) of its
    people. Plain values: kept with a model as they are."""

    scores: tuple[tuple[float, ...], ...]

    def p_values(self, probabilities: np.ndarray) -> np.ndarray:
        """(n, classes) how usual each class would be for people with probabilities (n, classes): (1 + people of the class at least as
        strange) / (1 + people of the class)."""
        probabilities = _per_class(probabilities, len(self.scores))
        columns = []
        for number, known in enumerate(self.scores):
            strange = 1 - probabilities[:, number]
            columns.append((1 + len(known) - np.searchsorted(np.array(known), strange - 1e-12, "left")) / (1 + len(known)))
        return np.column_stack(columns)

    def sets(self, probabilities: np.ndarray, coverage: float = 0.9) -> np.ndarray:
        """(n, classes) bool: the classes that stay possible with this coverage; none or several can. A class of fewer than about
        coverage / (1 - coverage) people is never ruled out."""
        return self.p_values(probabilities) > 1 - _share_of(coverage) + 1e-12


@dataclass(frozen=True)
class ConformalValues:
    """Fitted on people held out. residuals: rising |observed - predicted|."""

    residuals: tuple[float, ...]

    def half_width(self, coverage: float = 0.9) -> float:
        """What to add to and take from a prediction; infinite where there are too few people for this coverage."""
        rank = int(np.ceil((len(self.residuals) + 1) * _share_of(coverage) - 1e-9))
        return self.residuals[rank - 1] if rank <= len(self.residuals) else float("inf")


@dataclass(frozen=True)
class MeasuredCoverage:
    """How often sets or intervals held the truth, on people they were not fitted on. asked: the coverage asked for. overall: measured.
    by_class: the same for the people of each class, () for values. size: mean number of classes in a set, mean width for values.
    single, empty: shares of sets with one class and with none; NaN for values."""

    asked: float
    overall: Interval
    by_class: tuple[Interval, ...]
    size: float
    single: float = float("nan")
    empty: float = float("nan")


def fit_conformal_classes(targets: np.ndarray, probabilities: np.ndarray) -> ConformalClasses:
    """From targets (n,) 0 to classes - 1 and probabilities (n, classes), or (n,) of the positive class of two, of people held out."""
    probabilities = _per_class(probabilities, None)
    targets = _targets(targets, probabilities)
    own = 1 - probabilities[np.arange(len(targets)), targets]
    return ConformalClasses(tuple(tuple(np.sort(own[targets == number]).tolist()) for number in range(probabilities.shape[1])))


def fit_conformal_values(observed: np.ndarray, predicted: np.ndarray) -> ConformalValues:
    """From observed and predicted values (n,) of people held out. Raises PatError where they do not fit together."""
    observed, predicted = _values(observed, predicted)
    return ConformalValues(tuple(np.sort(np.abs(observed - predicted)).tolist()))


def coverage_of_classes(
    targets: np.ndarray, probabilities: np.ndarray, people: np.ndarray | None = None, coverage: float = 0.9, k: int = 10, seed: int = 0
) -> MeasuredCoverage:
    """The coverage of class sets among people held out, each with sets fitted on the others: k folds by person.

    targets, probabilities as in `fit_conformal_classes`; people (n,) or None. Fewer folds where a class has fewer people than k.
    Raises PatError where rows do not fit together or a class has fewer than 2 people.
    """
    probabilities = _per_class(probabilities, None)
    targets = _targets(targets, probabilities)
    order = by_score(targets, probabilities)
    targets, probabilities, people = targets[order], probabilities[order], None if people is None else np.asarray(people)[order]
    sets = np.zeros(probabilities.shape, dtype=bool)
    for train, test in at_most_folds(people, targets, k, seed):
        sets[test] = fit_conformal_classes(targets[train], probabilities[train]).sets(probabilities[test], coverage)
    held, sample = sets[np.arange(len(targets)), targets], sample_of(len(targets), people)
    return MeasuredCoverage(
        asked=coverage,
        overall=share(held, np.ones(len(held), bool), sample),
        by_class=tuple(share(held, targets == number, sample) for number in range(probabilities.shape[1])),
        size=float(sets.sum(1).mean()),
        single=float((sets.sum(1) == 1).mean()),
        empty=float((sets.sum(1) == 0).mean()),
    )


def coverage_of_values(
    observed: np.ndarray, predicted: np.ndarray, people: np.ndarray | None = None, coverage: float = 0.9, k: int = 10, seed: int = 0
) -> MeasuredCoverage:
    """The coverage of intervals among people held out, each with a width fitted on the others, as for `coverage_of_classes`."""
    observed, predicted = _values(observed, predicted)
    order = by_score(observed, predicted)
    observed, predicted, people = observed[order], predicted[order], None if people is None else np.asarray(people)[order]
    width = np.empty(len(observed))
    for train, test in at_most_folds(people, np.zeros(len(observed), int), k, seed):
        width[test] = fit_conformal_values(observed[train], predicted[train]).half_width(coverage)
    held = np.abs(observed - predicted) <= width
    measured = share(held, np.ones(len(held), bool), sample_of(len(held), people))
    return MeasuredCoverage(coverage, measured, (), float(2 * width.mean()))


def _share_of(coverage: float) -> float:
    if not 0 < coverage < 1:
        raise PatError(f"A coverage is a share above 0 and below 1; got {coverage}. For 90 % give 0.9.")
    return coverage


def _per_class(probabilities: np.ndarray, classes: int | None) -> np.ndarray:
    """(n, classes), from (n,) of the positive class of two."""
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim == 1:
        probabilities = np.column_stack([1 - probabilities, probabilities])
    fits = probabilities.ndim == 2 and len(probabilities) and probabilities.shape[1] == (classes or probabilities.shape[1])
    if not fits or not (probabilities.min() >= 0 and probabilities.max() <= 1):
        raise PatError(f"Sets need probabilities between 0 and 1 (people, {classes or 'classes'}); got {probabilities.shape}.")
    return probabilities


def _targets(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    whole = np.asarray(targets).astype(int)
    classes = probabilities.shape[1]
    if whole.shape != (len(probabilities),) or (whole != np.asarray(targets)).any() or whole.min() < 0 or whole.max() >= classes:
        raise PatError(f"Each of the {len(probabilities)} people needs a class from 0 to {classes - 1}. Give each one's number.")
    return whole


def _values(observed: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    observed, predicted = np.asarray(observed, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if observed.ndim != 1 or observed.shape != predicted.shape or not len(observed) or not np.isfinite([observed, predicted]).all():
        raise PatError(f"Observed and predicted values are numbers, one of each a row; got {observed.shape} and {predicted.shape}.")
    return observed, predicted
