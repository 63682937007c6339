"""Two models on the same people: is one better than the other, and is either better than chance?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.discrimination import auc_parts, checked, rows_of_folds, within_folds
from pat_core.evaluation.resampling import acceleration, bca_interval, resampled, sample_of
from pat_core.records import Interval


@dataclass(frozen=True)
class PairedAucs:
    """The AUCs of two models on the same people. positives, negatives: people by class.

    difference: first minus second, with its BCa interval over people, who are drawn with both of their scores. z, p: DeLong's test that
    there is none, two-sided; NaN where neither AUC varies.
    """

    first: float
    second: float
    positives: int
    negatives: int
    difference: Interval
    z: float
    p: float


@dataclass(frozen=True)
class PermutationTest:
    """auc: as measured. p: how often shuffled labels reach it, itself counted: (1 + as high) / (1 + draws), one-sided (Phipson & Smyth
    2010, doi 10.2202/1544-6115.1585). chance_low, chance_high: the middle 95 % of AUCs of shuffled labels."""

    auc: float
    p: float
    chance_low: float
    chance_high: float
    draws: int


def paired_aucs(
    labels: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    people: np.ndarray | None = None,
    fold: np.ndarray | None = None,
    resamples: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> PairedAucs:
    """DeLong's test (1988, doi 10.2307/2531595) and the paired bootstrap difference of two models' AUCs.

    labels (n,) 0/1; first, second (n,) scores of the same rows, in the same order; people (n,) or None; fold (n,) or None: pairs count
    within folds alone, as in `within_folds_auc_interval`. Of models trained on overlapping people (cross-validation) the test speaks of
    these fitted models, not of the recipes. Raises PatError where the rows do not fit together or one kind is missing.
    """
    labels, first = checked(labels, first)
    labels, second = checked(labels, second)
    sample, members = sample_of(len(labels), people, labels), rows_of_folds(fold, len(labels))
    one, other = (auc_parts(labels, scores, sample, members) for scores in (first, second))
    positives, negatives = one.counts
    if not np.isfinite(one.value):
        raise PatError(f"Two models are compared over people of both kinds; got {positives} positive and {negatives} negative people.")
    from scipy.special import ndtr  # slow to import, for those alone who compare

    moved = one.influence - other.influence
    variance = sum(float(np.sum(moved[kind] ** 2)) * kind.sum() / max(kind.sum() - 1, 1) for kind in (one.positive, ~one.positive))
    value = one.value - other.value
    z = value / np.sqrt(variance) if variance > 1e-24 else float("nan")

    def difference(weights: np.ndarray) -> np.ndarray:
        return (within_folds(labels, first, members, weights) - within_folds(labels, second, members, weights))[:, None]

    draws = resampled(difference, sample, resamples, seed)[:, 0]
    return PairedAucs(
        first=one.value,
        second=other.value,
        positives=positives,
        negatives=negatives,
        difference=bca_interval(value, draws, acceleration(moved), sample.people, confidence),
        z=float(z),
        p=float(2 * ndtr(-abs(z))),
    )


SHUFFLED_AT_ONCE = 2_000_000
"""Labels held at once: draws times rows, 16 MB."""


def permutation_test(
    labels: np.ndarray,
    scores: np.ndarray,
    people: np.ndarray | None = None,
    fold: np.ndarray | None = None,
    draws: int = 2000,
    seed: int = 0,
) -> PermutationTest:
    """Whether the AUC is above chance: labels are shuffled among people, within folds where `fold` is given.

    The model is not trained again, so this tests its scores, on people whom it was not trained on. Arrays as in `paired_aucs`; a person's
    rows keep one label together. Raises PatError where rows do not fit together, a kind is missing, or a person is in two folds.
    """
    labels, scores = checked(labels, scores)
    sample, members = sample_of(len(labels), people, labels), rows_of_folds(fold, len(labels))
    value = auc_parts(labels, scores, sample, members).value
    groups = [np.unique(sample.index[rows]) for rows in members]
    if not np.isfinite(value) or sum(len(group) for group in groups) != sample.people:
        raise PatError("Shuffling labels needs people of both kinds in a fold, each person in one fold. Test each repeat on its own.")
    from scipy.stats import rankdata  # slow to import, for those alone who test

    rng = np.random.default_rng(seed)
    won, pairs = np.zeros(draws), np.zeros(draws)
    for group, rows in zip(groups, members, strict=True):
        ranks, place = rankdata(scores[rows]), np.searchsorted(group, sample.index[rows])
        at_once = max(1, SHUFFLED_AT_ONCE // len(rows))
        for first in range(0, draws, at_once):
            part = slice(first, min(first + at_once, draws))
            shuffled = rng.permuted(np.broadcast_to(sample.stratum[group], (part.stop - first, len(group))), axis=1)
            positive = shuffled[:, place]
            count = positive.sum(1)
            won[part] += positive @ ranks - count * (count + 1) / 2
            pairs[part] += count * (len(rows) - count)
    chance = won / np.maximum(pairs, 1)
    low, high = np.quantile(chance, [0.025, 0.975])
    return PermutationTest(value, float((1 + np.sum(chance >= value - 1e-12)) / (1 + draws)), float(low), float(high), draws)
