"""How well scores put positives before negatives, with intervals that resample people; and whether a map finds evidence of known place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.records import Interval

_AT_ONCE = 2_000_000
"""Weights held at once while resampling: resamples times weeks."""


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Share of (positive, negative) pairs in which the positive scores higher; ties count half. NaN unless both kinds are present.

    labels: (n,) bool or 0/1. scores: (n,) higher = more positive. Raises PatError where they do not fit together or a score is NaN.
    """
    labels, scores = checked(labels, scores)
    won, pairs = _pairs(labels, scores, np.ones((1, len(labels))))
    return float(won[0] / pairs[0]) if pairs[0] else float("nan")


def auc_interval(
    labels: np.ndarray, scores: np.ndarray, people: np.ndarray | None = None, resamples: int = 2000, seed: int = 0, confidence: float = 0.95
) -> Interval:
    """AUC with a percentile bootstrap interval over people, positives and negatives resampled apart so that both always occur.

    labels, scores: (n,), a row a week. people: (n,) whose week it is; every row its own person where left out. n of the result: people.
    With a perfect (or perfectly wrong) order every resample is the same; the interval is then Newcombe's (2006, doi 10.1002/sim.2324,
    method 5), which depends on the number of people. All NaN unless both kinds are present.
    """
    labels, scores = checked(labels, scores)
    return within_folds_auc_interval(labels, scores, people, np.zeros(len(labels), dtype=int), resamples, seed, confidence)[0]


def within_folds_auc_interval(
    labels: np.ndarray,
    scores: np.ndarray,
    people: np.ndarray | None,
    fold: np.ndarray,
    resamples: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> tuple[Interval, tuple[float, ...]]:
    """AUC over the pairs within each fold, all folds together, with its interval, and the AUC of each fold.

    Each fold has a model of its own, whose logits have their own scale, so that pairs across folds say nothing.
    fold: (n,) the fold in which a row was tested. The rest as for `auc_interval`. A fold without both kinds
    adds no pair and is not among the AUCs.
    """
    labels, scores = checked(labels, scores)
    fold = np.asarray(fold)
    person_index = np.arange(len(labels)) if people is None else np.unique(np.asarray(people), return_inverse=True)[1]
    if len(fold) != len(labels) or len(person_index) != len(labels):
        raise PatError(f"Each of the {len(labels)} scores needs a person and a fold; got {len(person_index)} people and {len(fold)} folds.")
    members = [np.flatnonzero(fold == name) for name in np.unique(fold)]
    each = [_pairs(labels[rows], scores[rows], np.ones((1, len(rows)))) for rows in members]
    won, pairs = sum(float(w[0]) for w, _ in each), sum(float(p[0]) for _, p in each)
    folds = tuple(float(w[0] / p[0]) for w, p in each if p[0])
    count = len(np.unique(person_index))
    if not pairs:
        return Interval(float("nan"), float("nan"), float("nan"), count), folds
    value = won / pairs
    positive = np.zeros(count, dtype=bool)
    np.logical_or.at(positive, person_index, labels)
    tail = (1 - confidence) / 2
    if value in (0.0, 1.0):
        low, high = _newcombe(value, int(positive.sum()), int((~positive).sum()), tail)
    else:
        low, high = np.nanquantile(_resampled(labels, scores, person_index, members, positive, resamples, seed), [tail, 1 - tail])
    return Interval(float(value), float(low), float(high), count), folds


def likely_range(area: float, tested: Sequence[tuple[int, int]], confidence: float = 0.95) -> tuple[float, float]:
    """Where a measured AUC falls, with this probability, if the true one is `area`; cut to 0 and 1. For planning: nothing was measured yet.

    tested: (positive, negative) people of each group that is compared within itself: one for a held-out test, one a fold.
    The standard error of Hanley & McNeil (1982, doi 10.1148/radiology.143.1.7063747), groups weighed by their pairs as in
    `within_folds_auc_interval`. Raises PatError where no group has both kinds or the area does not lie between 0 and 1.
    """
    counts = np.array([(p, n) for p, n in tested if p > 0 and n > 0], dtype=float).reshape(-1, 2)
    if not len(counts) or not 0 < area < 1:
        raise PatError(f"Expected people of both kinds and an area between 0 and 1; got {list(tested)} and {area}.")
    from scipy.special import ndtri  # slow to import, for those alone who plan a training

    positives, negatives = counts.T
    pair, other = area / (2 - area), 2 * area**2 / (1 + area)
    pairs = positives * negatives
    variance = (area * (1 - area) + (positives - 1) * (pair - area**2) + (negatives - 1) * (other - area**2)) / pairs
    reach = -ndtri((1 - confidence) / 2) * np.sqrt(np.sum(pairs**2 * variance)) / pairs.sum()
    return max(0.0, float(area - reach)), min(1.0, float(area + reach))


def _resampled(
    labels: np.ndarray,
    scores: np.ndarray,
    person_index: np.ndarray,
    members: list[np.ndarray],
    positive: np.ndarray,
    resamples: int,
    seed: int,
) -> np.ndarray:
    """(resamples,) the AUC within folds of people drawn with replacement among the positives and among the negatives."""
    rng = np.random.default_rng(seed)
    values = []
    step = max(1, _AT_ONCE // len(labels))
    for first in range(0, resamples, step):
        counts = np.zeros((min(step, resamples - first), len(positive)))
        for group in (np.flatnonzero(positive), np.flatnonzero(~positive)):
            if len(group):
                counts[:, group] = rng.multinomial(len(group), np.full(len(group), 1 / len(group)), len(counts))
        weights = counts[:, person_index]
        parts = [_pairs(labels[rows], scores[rows], weights[:, rows]) for rows in members]
        won, pairs = sum(w for w, _ in parts), sum(p for _, p in parts)
        values.append(np.where(pairs > 0, won / np.maximum(pairs, 1), np.nan))
    return np.concatenate(values)


def _pairs(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(won, all), (resamples,) each: weighted pairs of a positive and a negative, ties won by half. weights: (resamples, n)."""
    order = np.argsort(scores, kind="stable")
    labels, scores, weights = labels[order], scores[order], weights[:, order]
    starts = np.flatnonzero(np.concatenate([[True], scores[1:] != scores[:-1]]))
    positives = np.add.reduceat(weights * labels, starts, axis=1)
    negatives = np.add.reduceat(weights * ~labels, starts, axis=1)
    below = np.cumsum(negatives, axis=1) - negatives / 2
    return (positives * below).sum(1), positives.sum(1) * negatives.sum(1)


def _newcombe(value: float, positives: int, negatives: int, tail: float) -> tuple[float, float]:
    """Interval of an AUC of exactly 0 or 1: the furthest area whose own standard error still reaches it."""
    if positives == 0 or negatives == 0:
        return 0.0, 1.0
    from scipy.optimize import brentq  # slow to import, for the rare area of exactly 0 or 1
    from scipy.special import ndtri

    z, half = -ndtri(tail), (positives + negatives) / 2 - 1

    def excess(area: float) -> float:
        spread = area * (1 - area) * (1 + half * (1 - area) / (2 - area) + half * area / (1 + area)) / (positives * negatives)
        return (1 - area) ** 2 - z**2 * spread

    # By symmetry the interval of 0 is the mirror image of that of 1. The excess is positive far below 1 and negative just below it.
    low = brentq(excess, 1e-9, 1 - 1e-9)
    return (low, 1.0) if value == 1.0 else (0.0, 1 - low)


def checked(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(labels bool, scores float64), (n,) each; raises PatError where they do not fit together, or are not labels and numbers."""
    labels, scores = np.asarray(labels), np.asarray(scores, dtype=np.float64)
    if labels.ndim != 1 or labels.shape != scores.shape or len(labels) == 0:
        raise PatError(f"Labels and scores are two rows of equal length, at least 1; got {labels.shape} and {scores.shape}.")
    if not np.isfinite(scores).all():
        raise PatError(f"{int((~np.isfinite(scores)).sum())} of {len(scores)} scores are not numbers. Leave those weeks out and try again.")
    if not np.isin(labels, (0, 1)).all():
        raise PatError("Labels are 0 or 1 (positive); other values were found. Choose which value is the positive one.")
    return labels.astype(bool), scores


@dataclass(frozen=True)
class Localization:
    """auprc: area under the precision-recall curve (average precision). auroc: under the ROC curve. chance: share of evidence patches,
    which a random order has as its auprc."""

    auprc: float
    auroc: float
    chance: float


def evidence_share(mask: np.ndarray, patch: int) -> np.ndarray:
    """(minutes,) bool evidence -> (patches,) share of each patch that is evidence; a last part of a patch is left out."""
    whole = len(mask) // patch
    return np.asarray(mask[: whole * patch], bool).reshape(whole, patch).mean(axis=1)


def localization(strength: np.ndarray, share: np.ndarray, *, least: float = 0.5, edges: bool = True) -> Localization | None:
    """strength: (patches,), higher where evidence is held to be; share: (patches,) of each patch that is evidence.

    A patch counts as evidence from `least` on (for evidence scattered in single minutes, take any share above zero). Patches with less
    count as none; edges False leaves them out instead, as unclear borders are in image segmentation, which is kinder to every map.
    None where all or no patch is evidence.
    """
    if strength.shape != share.shape:
        raise PatError(f"Expected one strength for each of {share.size} patches, got {strength.size}. Use the model's own patches.")
    if not np.isfinite(strength).all():
        raise PatError("The map has patches without a value, so it cannot be held against the evidence. Explain the week again.")
    counted = np.ones(share.size, bool) if edges else (share == 0) | (share >= least)
    evidence, strength = share[counted] >= least, strength[counted]
    if not 0 < evidence.sum() < evidence.size:
        return None
    from sklearn.metrics import average_precision_score, roc_auc_score  # a second to import, for those alone who know the evidence

    return Localization(
        float(average_precision_score(evidence, strength)), float(roc_auc_score(evidence, strength)), float(evidence.mean())
    )
