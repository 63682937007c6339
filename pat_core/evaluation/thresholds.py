"""What a threshold on the score means for people: who is found and who is alarmed for nothing, with intervals by person.

Every share is a share of people (of their rows, where they have several), and its interval is Wilson's with as many people as the share's
variance by person is worth, at most as many as there are (Rao & Scott 1992, doi 10.2307/2532311): a person's second week adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.discrimination import checked
from pat_core.evaluation.resampling import Sample, resampled, sample_of
from pat_core.records import Interval


@dataclass(frozen=True)
class ThresholdFigures:
    """What becomes of people when everyone who scores at least `threshold` is called positive.

    positives, negatives: people by class. true_positives, false_positives, false_negatives, true_negatives: rows. ppv, npv: at the share of
    positives among those tested, which in a case-control sample says nothing about anyone else (see `predictive_values`). Likelihood ratios
    are infinite where nobody is alarmed for nothing. A share of nobody has the value NaN and the interval 0 to 1.
    """

    threshold: float
    positives: int
    negatives: int
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    sensitivity: Interval
    specificity: Interval
    balanced_accuracy: Interval
    accuracy: Interval
    f1: Interval
    ppv: Interval
    npv: Interval
    positive_likelihood_ratio: Interval
    negative_likelihood_ratio: Interval


@dataclass(frozen=True)
class SensitivityAtSpecificity:
    """The sensitivity at the lowest threshold that has at least this specificity in these very people.

    asked: the specificity that was asked for. specificity: what the threshold reached. positives, negatives: people by class.
    sensitivity: with an interval that counts the threshold's own uncertainty.
    """

    asked: float
    threshold: float
    specificity: float
    positives: int
    negatives: int
    sensitivity: Interval


def threshold_figures(
    labels: np.ndarray, scores: np.ndarray, threshold: float, people: np.ndarray | None = None, confidence: float = 0.95
) -> ThresholdFigures:
    """Figures at a threshold chosen elsewhere (on other people, or by the question): scores from it on are called positive.

    labels (n,) 0/1, scores (n,), people (n,) or None (every row its own person). Sensitivity, specificity, accuracy, PPV and NPV: Wilson.
    Balanced accuracy: Newcombe's square-and-add of the two (1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I).
    F1 = 2J / (1 + J), where J is the share of true positives among all but true negatives, so its interval is J's. Likelihood ratios: on
    the log scale (Simel 1991, doi 10.1016/0895-4356(91)90128-V), with half a person added to each cell where one is empty. A threshold
    chosen on the same people flatters all of them. Raises PatError where the three do not fit together or the threshold is NaN.
    """
    labels, scores = checked(labels, scores)
    if np.isnan(threshold):
        raise PatError("A threshold is a number on the scale of the scores; got none. Choose one, or ask for a specificity.")
    sample, called = sample_of(len(labels), people, labels), scores >= threshold
    sensitivity = share(called, labels, sample, confidence)
    specificity = share(~called, ~labels, sample, confidence)
    jaccard = share(called & labels, called | labels, sample, confidence)
    return ThresholdFigures(
        threshold=float(threshold),
        positives=int(sample.stratum.sum()),
        negatives=int((sample.stratum == 0).sum()),
        true_positives=int((called & labels).sum()),
        false_positives=int((called & ~labels).sum()),
        false_negatives=int((~called & labels).sum()),
        true_negatives=int((~called & ~labels).sum()),
        sensitivity=sensitivity,
        specificity=specificity,
        balanced_accuracy=_mean_of_two(sensitivity, specificity, sample.people),
        accuracy=share(called == labels, np.ones(len(labels), bool), sample, confidence),
        f1=Interval(_dice(jaccard.value), _dice(jaccard.low), _dice(jaccard.high), sample.people),
        ppv=share(labels, called, sample, confidence),
        npv=share(~labels, ~called, sample, confidence),
        positive_likelihood_ratio=_ratio(called, labels, sample, confidence),
        negative_likelihood_ratio=_ratio(~called, labels, sample, confidence),
    )


def sensitivity_at_specificity(
    labels: np.ndarray,
    scores: np.ndarray,
    specificity: float = 0.9,
    people: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> SensitivityAtSpecificity:
    """Sensitivity where at least this share of negatives is called negative; the threshold is set in each draw of people anew.

    Interval: Wilson's, with the number of positives that the variance over draws is worth, at most all of them; in the simulations of
    benchmarks/coverage.py it covered 95 % on average and 88 % at worst, percentile and BCa 90 % and 68 %.
    Raises PatError without both kinds, or for a specificity that is not above 0 and below 1.
    """
    labels, scores = checked(labels, scores)
    if not 0 < specificity < 1 or labels.all() or not labels.any():
        raise PatError(
            f"Expected a specificity above 0 and below 1 and people of both kinds; got {specificity} with {int(labels.sum())} positive "
            f"rows of {len(labels)}. For 90 % give 0.9."
        )
    sample = sample_of(len(labels), people, labels)
    curve = FallingScores(labels, scores)
    place, value = curve.reached(np.ones((1, len(labels))), specificity)
    draws = resampled(lambda weights: curve.reached(weights, specificity)[1][:, None], sample, resamples, seed)[:, 0]
    positives, sensitivity = int(sample.stratum.sum()), float(value[0])
    spread = max(sensitivity * (1 - sensitivity), 0.25 / positives)
    worth = min(positives, spread / max(float(draws.var()), 1e-12))
    low, high = wilson_bounds(sensitivity, worth, confidence)
    threshold = curve.scores[place[0]] if place[0] >= 0 else np.nextafter(curve.scores[0], np.inf)
    return SensitivityAtSpecificity(
        asked=specificity,
        threshold=float(threshold),
        specificity=float(np.mean(scores[~labels] < threshold)),
        positives=positives,
        negatives=sample.people - positives,
        sensitivity=Interval(sensitivity, low, high, positives),
    )


def average_precision(labels: np.ndarray, scores: np.ndarray, people: np.ndarray | None = None, confidence: float = 0.95) -> Interval:
    """Average precision: mean precision over the positives, ties together; chance level is the share of positives. n: people.

    Interval on the log-odds scale with the number of positive people, of Boyd, Eng & Page (2013, doi 10.1007/978-3-642-40994-3_29), who
    found what benchmarks/coverage.py shows again: intervals from people drawn anew lie too high, for with few positives the figure itself
    does. Raises PatError where the two do not fit together; NaN without a positive.
    """
    labels, scores = checked(labels, scores)
    sample = sample_of(len(labels), people, labels)
    positives = int(sample.stratum.sum())
    if not positives:
        return Interval(float("nan"), float("nan"), float("nan"), sample.people)
    from scipy.special import expit, logit, ndtri  # slow to import, for those alone who need an interval

    value = float(FallingScores(labels, scores).precision(np.ones((1, len(labels))))[0])
    inside = np.clip(value, 0.5 / (positives + 1), (positives + 0.5) / (positives + 1))  # a perfect order of few people is not certain
    reach = ndtri((1 + confidence) / 2) / np.sqrt(positives * inside * (1 - inside))
    low, high = expit(logit(inside) + np.array([-reach, reach]))
    return Interval(value, float(min(low, value)), float(max(high, value)), sample.people)


def predictive_values(figures: ThresholdFigures, prevalence: float) -> tuple[Interval, Interval]:
    """(PPV, NPV) at another prevalence, by Bayes' rule from the likelihood ratios; the prevalence counts as known.

    Raises PatError unless the prevalence lies above 0 and below 1.
    """
    if not 0 < prevalence < 1:
        raise PatError(f"A prevalence is a share above 0 and below 1; got {prevalence}. For 8 % give 0.08.")
    prior = prevalence / (1 - prevalence)
    up, down = figures.positive_likelihood_ratio, figures.negative_likelihood_ratio
    with np.errstate(divide="ignore"):
        ppv = [float(1 / (1 + 1 / np.float64(prior * ratio))) for ratio in (up.value, up.low, up.high)]
    npv = [1 / (1 + prior * ratio) for ratio in (down.value, down.high, down.low)]
    return Interval(ppv[0], ppv[1], ppv[2], up.n), Interval(npv[0], npv[1], npv[2], down.n)


def share(hits: np.ndarray, among: np.ndarray, sample: Sample, confidence: float = 0.95) -> Interval:
    """The share of `hits` (rows,) bool among the rows of `among`, with Wilson's interval by person; n: people with such a row."""
    rows = sample.summed(among)
    people, total = int((rows > 0).sum()), float(rows.sum())
    if not total:
        return Interval(float("nan"), 0.0, 1.0, 0)
    value = float((hits & among).sum() / total)
    spread = float(np.sum(sample.summed((hits - value) * among) ** 2)) / total**2
    worth = min(people, value * (1 - value) / spread) if spread > 1e-12 and 0 < value < 1 else people
    return Interval(value, *wilson_bounds(value, worth, confidence), people)


def wilson_bounds(value: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share observed in n people; n need not be whole."""
    from scipy.special import ndtri  # slow to import, for those alone who need an interval

    z = float(ndtri((1 + confidence) / 2))
    middle, reach = value + z**2 / (2 * n), z * np.sqrt(value * (1 - value) / n + z**2 / (4 * n**2))
    low, high = (middle - reach) / (1 + z**2 / n), (middle + reach) / (1 + z**2 / n)
    return max(0.0, float(low)) if value > 0 else 0.0, min(1.0, float(high)) if value < 1 else 1.0


def _dice(jaccard: float) -> float:
    return 2 * jaccard / (1 + jaccard)


def _mean_of_two(first: Interval, second: Interval, people: int) -> Interval:
    value = (first.value + second.value) / 2
    low = value - np.hypot(first.value - first.low, second.value - second.low) / 2
    high = value + np.hypot(first.high - first.value, second.high - second.value) / 2
    return Interval(value, float(low), float(high), people)


def _ratio(called: np.ndarray, labels: np.ndarray, sample: Sample, confidence: float) -> Interval:
    """P(called | positive) / P(called | negative) with its interval on the log scale."""
    from scipy.special import ndtri  # slow to import, for those alone who need an interval

    if labels.all() or not labels.any():
        return Interval(float("nan"), 0.0, float("inf"), sample.people)
    rates: list[tuple[float, float]] = []
    empty = False
    for kind in (labels, ~labels):
        rate, counted = float(called[kind].mean()), sample.summed(kind)
        spread = float(np.sum(sample.summed((called - rate) * kind) ** 2)) / counted.sum() ** 2
        present = int((counted > 0).sum())
        rates.append((rate, min(present, rate * (1 - rate) / spread) if spread > 1e-12 else present))
        empty |= rate in (0.0, 1.0)
    above, below = rates[0][0], rates[1][0]
    value = above / below if below else float("inf") if above else float("nan")
    smooth = [((rate * n + 0.5) / (n + 1), n + 1) if empty else (rate, n) for rate, n in rates]
    variance = sum((1 - rate) / (rate * n) for rate, n in smooth)
    middle, reach = np.log(smooth[0][0] / smooth[1][0]), ndtri((1 + confidence) / 2) * np.sqrt(variance)
    low, high = float(np.exp(middle - reach)), float(np.exp(middle + reach))
    if np.isnan(value):
        return Interval(value, low, high, sample.people)
    return Interval(float(value), min(low, value), max(high, value), sample.people)


class FallingScores:
    """Rows by falling score, equal scores together: what lies at or above each score, for weights (draws, rows)."""

    def __init__(self, labels: np.ndarray, scores: np.ndarray) -> None:
        self.order = np.argsort(-scores, kind="stable")
        falling = scores[self.order]
        self.starts = np.flatnonzero(np.concatenate([[True], falling[1:] != falling[:-1]]))
        self.scores, self.labels = falling[self.starts], labels[self.order]

    def above(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(positives, negatives), (draws, scores) each, at or above each score."""
        weights = weights[:, self.order]
        both = [np.add.reduceat(weights * kind, self.starts, axis=1).cumsum(1) for kind in (self.labels, ~self.labels)]
        return both[0], both[1]

    def reached(self, weights: np.ndarray, specificity: float) -> tuple[np.ndarray, np.ndarray]:
        """(place, sensitivity), (draws,) each: the place of the lowest score with this specificity, -1 where even the highest has less."""
        positives, negatives = self.above(weights)
        place = (negatives <= (1 - specificity) * negatives[:, -1:] + 1e-9).sum(1) - 1
        reached = np.take_along_axis(positives, np.maximum(place, 0)[:, None], 1)[:, 0] / positives[:, -1]
        return place, np.where(place >= 0, reached, 0.0)

    def precision(self, weights: np.ndarray) -> np.ndarray:
        """(draws,) average precision."""
        positives, negatives = self.above(weights)
        new = np.diff(positives, axis=1, prepend=0.0)
        return (new * positives / np.maximum(positives + negatives, 1e-300)).sum(1) / positives[:, -1]
