"""Whether probabilities mean what they say, at which prevalence, and what happened to people scored alike.

A network trained with class weights answers as if positives and negatives were equally frequent. By Bayes' rule, the answer at another
prevalence has the same evidence and other prior odds, so the logit moves by the difference of the log-odds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from pat_core.errors import PatError
from pat_core.evaluation.discrimination import checked
from pat_core.evaluation.reliability import STRAIGHT
from pat_core.records import Interval

FEWEST_ALIKE = 20
"""Fewer people scored alike say too little; all are taken where there are no more."""
_SHARE_ALIKE = 0.1


@dataclass(frozen=True)
class CalibrationBin:
    """People with similar probabilities. predicted: their mean probability; observed: share positive, with its interval; n: people."""

    predicted: float
    observed: Interval

    @property
    def n(self) -> int:
        return self.observed.n


@dataclass(frozen=True)
class Calibration:
    """How probabilities met what happened.

    bins: in rising order, about equally full. slope, intercept: of label on log-odds (1 and 0 are perfect; a slope below 1: too extreme;
    NaN where labels or probabilities do not vary, or the labels are perfectly separated). mean_error: mean probability minus the share
    of positives. expected_error: |predicted - observed| of a bin, averaged over people. brier: mean squared error.
    """

    bins: tuple[CalibrationBin, ...]
    slope: float
    intercept: float
    mean_error: float
    expected_error: float
    brier: float


def calibration(labels: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> Calibration:
    """Calibration of (n,) probabilities against (n,) labels 0/1, in at most `bins` bins; equal probabilities share a bin.

    Raises PatError where the two do not fit together or a probability lies outside 0 to 1.
    """
    labels, probabilities = probabilities_checked(labels, probabilities)
    if bins < 1:
        raise PatError(f"Calibration needs at least 1 bin; got {bins}.")
    edges = np.unique(np.quantile(probabilities, np.linspace(0, 1, bins + 1)[1:-1]))
    which = np.searchsorted(edges, probabilities, side="right")
    members = [np.flatnonzero(which == number) for number in np.unique(which)]
    calibrated = tuple(CalibrationBin(float(probabilities[rows].mean()), wilson(int(labels[rows].sum()), len(rows))) for rows in members)
    slope, intercept = _line(labels, np.asarray(log_odds(np.clip(probabilities, STRAIGHT, 1 - STRAIGHT))))
    return Calibration(
        bins=calibrated,
        slope=slope,
        intercept=intercept,
        mean_error=float(probabilities.mean() - labels.mean()),
        expected_error=float(sum(part.n * abs(part.predicted - part.observed.value) for part in calibrated) / len(labels)),
        brier=brier(labels, probabilities),
    )


def brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean squared difference between (n,) probabilities and (n,) labels 0/1: 0 is perfect, 0.25 is a coin."""
    labels, probabilities = probabilities_checked(labels, probabilities)
    return float(np.mean((probabilities - labels) ** 2))


def wilson(positives: int, n: int, confidence: float = 0.95) -> Interval:
    """Share positives / n with Wilson's interval (1927, doi 10.1080/01621459.1927.10502953); without people 0 to 1, value NaN."""
    if n == 0:
        return Interval(float("nan"), 0.0, 1.0, 0)
    from scipy.stats import binomtest  # slow to import, for those alone who need an interval

    # tested against the share itself: its p is 1 without a search, which would take ten times as long as the interval
    test = binomtest(int(positives), int(n), positives / n)
    interval = test.proportion_ci(confidence, method="wilson")
    return Interval(float(test.statistic), float(interval.low), float(interval.high), int(n))


def frequency_near(test_logits: np.ndarray, test_labels: np.ndarray, logit: float, prevalence: float | None = None) -> Interval:
    """Of the people of a test set who scored like this one, the share that were positive, with Wilson's interval. n: how many they are.

    Alike are the nearest in logit: a tenth of the test set, at least 20, or everyone where there are no more; whoever is as near as the
    last of them counts too. prevalence: for a population with another share of positives than the test set, the odds are moved by
    the ratio of prior odds (None: as in the test set). Raises PatError without test people or for a logit that is no number.
    """
    labels, logits = checked(test_labels, test_logits)
    if not np.isfinite(logit):
        raise PatError(f"A score to compare with must be a number; got {logit}. Check the week that was scored.")
    count = min(len(logits), max(FEWEST_ALIKE, int(np.ceil(_SHARE_ALIKE * len(logits)))))
    distance = np.abs(logits - logit)
    near = distance <= np.partition(distance, count - 1)[count - 1]
    share = wilson(int(labels[near].sum()), int(near.sum()))
    if prevalence is None:
        return share
    if not 0 < prevalence < 1 or not 0 < labels.mean() < 1:
        raise PatError(
            f"Another prevalence needs a share above 0 and below 1 (got {prevalence}) and a test set with both kinds "
            f"(got {int(labels.sum())} positives of {len(labels)})."
        )
    moved = log_odds(prevalence) - log_odds(labels.mean())
    value, low, high = (float(sigmoid(log_odds(bound) + moved)) for bound in (share.value, share.low, share.high))
    return Interval(value, low, high, share.n)


def _line(labels: np.ndarray, logits: np.ndarray) -> tuple[float, float]:
    """(slope, intercept) of a logistic regression of labels on one logit, unpenalised; NaN where it has no finite answer."""
    if separated(labels, logits):
        return float("nan"), float("nan")
    from sklearn.linear_model import LogisticRegression  # a second to import, for those alone who look at calibration

    line = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10).fit(logits[:, None], labels)
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def separated(labels: np.ndarray, logits: np.ndarray) -> bool:
    """Whether a logistic regression of (n,) labels bool on (n,) logits has no finite answer: one kind alone, or no overlap."""
    above, below = logits[labels], logits[~labels]
    return len(above) == 0 or len(below) == 0 or bool(above.min() >= below.max() or below.min() >= above.max())


def probabilities_checked(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(labels bool, probabilities float64), (n,) each; raises PatError as `checked` does, or where one lies outside 0 to 1."""
    labels, probabilities = checked(labels, probabilities)
    if probabilities.min() < 0 or probabilities.max() > 1:
        extent = f"{probabilities.min():g} to {probabilities.max():g}"
        raise PatError(f"Probabilities lie between 0 and 1; got {extent}. Give probabilities, not logits.")
    return labels, probabilities


@overload
def sigmoid(logit: float) -> float: ...
@overload
def sigmoid(logit: np.ndarray) -> np.ndarray: ...
def sigmoid(logit: ArrayLike) -> np.ndarray | float:
    """1 / (1 + exp(-logit)), exact and silent for large logits; a float for a float."""
    from scipy.special import expit  # slow to import, for those alone who make a probability

    result = expit(np.asarray(logit, dtype=np.float64))
    return float(result) if result.ndim == 0 else result


@overload
def log_odds(probability: float) -> float: ...
@overload
def log_odds(probability: np.ndarray) -> np.ndarray: ...
def log_odds(probability: ArrayLike) -> np.ndarray | float:
    """log(p / (1 - p)), the inverse of `sigmoid`; infinite at 0 and 1."""
    probability = np.asarray(probability, dtype=np.float64)
    with np.errstate(divide="ignore"):
        result = np.log(probability) - np.log1p(-probability)
    return float(result) if result.ndim == 0 else result


@overload
def correct_logit(logit: float, prevalence: float, trained_prior: float = 0.5) -> float: ...
@overload
def correct_logit(logit: np.ndarray, prevalence: float, trained_prior: float = 0.5) -> np.ndarray: ...
def correct_logit(logit: ArrayLike, prevalence: float, trained_prior: float = 0.5) -> np.ndarray | float:
    """The logit at `prevalence`, from one trained at `trained_prior` (class weights: 0.5). PatError unless both are within 0 and 1."""
    for name, share in (("prevalence", prevalence), ("prior of training", trained_prior)):
        if not 0 < share < 1:
            raise PatError(f"A {name} is a share above 0 and below 1; got {share}. For 8 % give 0.08.")
    result = np.asarray(logit, dtype=np.float64) + log_odds(prevalence) - log_odds(trained_prior)
    return float(result) if result.ndim == 0 else result
