"""How well scores put positives before negatives, with intervals by person.

Coverage of the intervals was measured on test sets of 20 to 400 people (benchmarks/coverage.py, benchmarks/results). 95 % intervals held
the true AUC in 91 % (at worst 73 %) by the percentile bootstrap, 94 % (77 %) by BCa, 90 % (68 %) by bootstrap-t, 95 % (84 %) by DeLong's
on the log-odds scale, and 96 % (92 %) by the last with Welch's degrees of freedom, which misses alike on both sides and draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.resampling import Sample, acceleration, bca_interval, percentile_interval, resampled, sample_of
from pat_core.records import Interval

AUC_METHOD = "logit"
"""The method that measured best: see `within_folds_auc_interval`."""
AUC_METHODS = ("logit", "bca", "percentile")


@dataclass(frozen=True, eq=False)
class AucParts:
    """An AUC and what its variance is computed from.

    value: over the pairs within folds, NaN without any. influence: (people,) how much more weight for a person moves it. positive:
    (people,) bool. variances: of the positives' and of the negatives' share (DeLong); their sum is the AUC's variance.
    """

    value: float
    influence: np.ndarray
    positive: np.ndarray
    variances: tuple[float, float]

    @property
    def counts(self) -> tuple[int, int]:
        """Positive and negative people."""
        return int(self.positive.sum()), int((~self.positive).sum())

    @property
    def varies(self) -> bool:
        """Whether the variance says anything: two people of each kind, and an order that is neither perfect nor all ties."""
        return sum(self.variances) > 1e-24 and min(self.counts) > 1


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Share of (positive, negative) pairs in which the positive scores higher; ties count half. NaN unless both kinds are present.

    labels: (n,) bool or 0/1. scores: (n,) higher = more positive. Raises PatError where they do not fit together or a score is NaN.
    """
    labels, scores = checked(labels, scores)
    won, pairs = pairs_won(labels, scores, np.ones((1, len(labels))))
    return float(won[0] / pairs[0]) if pairs[0] else float("nan")


def auc_interval(
    labels: np.ndarray,
    scores: np.ndarray,
    people: np.ndarray | None = None,
    resamples: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
    method: str = AUC_METHOD,
) -> Interval:
    """AUC with its interval over people, by the method that measured best (`AUC_METHOD`).

    labels, scores: (n,), a row a week. people: (n,) which person's week it is; every row its own person where left out. n of the result:
    people. All NaN unless both kinds are present. More at `within_folds_auc_interval`, of which this is the case of one fold.
    """
    labels, scores = checked(labels, scores)
    return within_folds_auc_interval(labels, scores, people, np.zeros(len(labels), dtype=int), resamples, seed, confidence, method)[0]


def within_folds_auc_interval(
    labels: np.ndarray,
    scores: np.ndarray,
    people: np.ndarray | None,
    fold: np.ndarray,
    resamples: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
    method: str = AUC_METHOD,
) -> tuple[Interval, tuple[float, ...]]:
    """AUC over the pairs within each fold, all folds together, with its interval, and the AUC of each fold.

    Each fold has a model of its own, whose logits have their own scale, so that pairs across folds say nothing. The interval speaks of
    these models; `repeated_auc` has a wider one of what other training people would give. fold: (n,) the fold in which a row was tested.
    The rest as for `auc_interval`. A fold without both kinds adds no pair and is not among the AUCs.

    method: "logit" (the default): DeLong's variance (1988, doi 10.2307/2531595), summed over each person's rows and over all folds, so
    that differences between folds are in it; on the log-odds scale, with the degrees of freedom of Welch and Satterthwaite (Brunner &
    Munzel 2000, doi 10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U). "bca" and "percentile": people drawn anew, positives
    and negatives apart; `resamples` and `seed` are of these two. Where the variance says nothing (a perfect or perfectly wrong order, equal
    scores, one person of a kind) the interval is Newcombe's (2006, doi 10.1002/sim.2324, method 5), which depends on the number of people.
    Raises PatError for another method, or where lengths differ.
    """
    labels, scores = checked(labels, scores)
    if method not in AUC_METHODS:
        raise PatError(f"The interval of an AUC is one of {', '.join(AUC_METHODS)}; got '{method}'.")
    sample = sample_of(len(labels), people, labels)
    members = rows_of_folds(fold, len(labels))
    each = [pairs_won(labels[rows], scores[rows], np.ones((1, len(rows)))) for rows in members]
    folds = tuple(float(won[0] / pairs[0]) for won, pairs in each if pairs[0])
    parts = auc_parts(labels, scores, sample, members)
    if not np.isfinite(parts.value):
        return Interval(float("nan"), float("nan"), float("nan"), sample.people), folds
    if method == "logit" or not parts.varies:
        return logit_interval(parts, sample.people, confidence), folds
    draws = resampled(lambda weights: within_folds(labels, scores, members, weights)[:, None], sample, resamples, seed)[:, 0]
    if method == "percentile":
        return percentile_interval(parts.value, draws, sample.people, confidence), folds
    return bca_interval(parts.value, draws, acceleration(parts.influence), sample.people, confidence), folds


def rows_of_folds(fold: np.ndarray | None, rows: int) -> list[np.ndarray]:
    """The rows of each fold; one of all rows where `fold` is None. Raises PatError where not every row has a fold."""
    if fold is None:
        return [np.arange(rows)]
    fold = np.asarray(fold)
    if fold.shape != (rows,):
        raise PatError(f"Each of the {rows} scores needs a fold; got {len(fold)}. Give the fold in which each was tested.")
    return [np.flatnonzero(fold == name) for name in np.unique(fold)]


def within_folds(labels: np.ndarray, scores: np.ndarray, members: list[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """(draws,) the AUC over pairs within folds, for weights (draws, rows); NaN where a draw has no pair."""
    parts = [pairs_won(labels[rows], scores[rows], weights[:, rows]) for rows in members]
    won, pairs = sum(w for w, _ in parts), sum(p for _, p in parts)
    return np.where(pairs > 0, won / np.maximum(pairs, 1e-300), np.nan)


def auc_parts(labels: np.ndarray, scores: np.ndarray, sample: Sample, members: list[np.ndarray]) -> AucParts:
    """The AUC within folds, and the influence of each person on it, from which DeLong's variance follows.

    A row's wins are its pairs won within its fold (a negative's: the pairs it lost). A person's influence is (wins - AUC pairs) / all
    pairs, over their rows; the variance is the sum of its squares over positives and over negatives, each times n / (n - 1).
    """
    from scipy.stats import rankdata  # slow to import, for those alone who need an interval

    wins, pairs = np.zeros(len(labels)), np.zeros(len(labels))
    for rows in members:
        y, ranks = labels[rows], rankdata(scores[rows])
        own = np.zeros(len(rows))
        for kind in (True, False):
            own[y == kind] = rankdata(scores[rows][y == kind]) if (y == kind).any() else 0.0
        beaten = ranks - own  # rows of the other kind with a lower score, ties by half
        pairs[rows] = np.where(y, np.sum(~y), np.sum(y))
        wins[rows] = np.where(y, beaten, pairs[rows] - beaten)
    total = float(pairs[labels].sum())
    positive = sample.stratum == 1
    if not total:
        return AucParts(float("nan"), np.zeros(sample.people), positive, (0.0, 0.0))
    value = float(wins[labels].sum()) / total
    influence = sample.summed(wins - value * pairs) / total
    first, second = (float(np.sum(influence[kind] ** 2)) * kind.sum() / max(kind.sum() - 1, 1) for kind in (positive, ~positive))
    return AucParts(value, influence, positive, (first, second))


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


def logit_interval(parts: AucParts, people: int, confidence: float) -> Interval:
    """The interval "logit" of `within_folds_auc_interval`, and Newcombe's where the variance says nothing. n: `people`."""
    if not parts.varies:
        return Interval(parts.value, *_newcombe(parts.value, *parts.counts, (1 - confidence) / 2), people)
    from scipy.special import expit, logit, stdtrit  # slow to import, for those alone who need an interval

    variances, counts = np.array(parts.variances), np.array(parts.counts)
    freedom = variances.sum() ** 2 / np.sum(variances**2 / (counts - 1))
    reach = stdtrit(freedom, (1 + confidence) / 2) * np.sqrt(variances.sum()) / (parts.value * (1 - parts.value))
    low, high = expit(logit(parts.value) + np.array([-reach, reach]))
    return Interval(parts.value, float(low), float(high), people)


def pairs_won(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(won, all), (resamples,) each: weighted pairs of a positive and a negative, ties won by half. weights: (resamples, n)."""
    order = np.argsort(scores, kind="stable")
    labels, scores, weights = labels[order], scores[order], weights[:, order]
    starts = np.flatnonzero(np.concatenate([[True], scores[1:] != scores[:-1]]))
    positives = np.add.reduceat(weights * labels, starts, axis=1)
    negatives = np.add.reduceat(weights * ~labels, starts, axis=1)
    below = np.cumsum(negatives, axis=1) - negatives / 2
    return (positives * below).sum(1), positives.sum(1) * negatives.sum(1)


def _newcombe(value: float, positives: int, negatives: int, tail: float) -> tuple[float, float]:
    """Newcombe's interval: the furthest areas on either side of which the own standard error still reaches the value."""
    if positives == 0 or negatives == 0:
        return 0.0, 1.0
    from scipy.optimize import brentq  # slow to import, for the rare areas without a variance of their own
    from scipy.special import ndtri

    z, half = -ndtri(tail), (positives + negatives) / 2 - 1

    def excess(area: float) -> float:
        spread = area * (1 - area) * (1 + half * (1 - area) / (2 - area) + half * area / (1 + area)) / (positives * negatives)
        return (value - area) ** 2 - z**2 * spread

    # The excess is negative at the value and next to 0 or 1, and positive far from both; without a positive end nothing is ruled out.
    edge = 1e-9
    low = brentq(excess, edge, min(value, 1 - edge)) if value > edge and excess(edge) > 0 > excess(min(value, 1 - edge)) else 0.0
    high = brentq(excess, max(value, edge), 1 - edge) if value < 1 - edge and excess(1 - edge) > 0 > excess(max(value, edge)) else 1.0
    return low, high


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
