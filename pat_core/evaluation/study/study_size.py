"""What so many people can show at all, before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.thresholds import wilson_bounds
from pat_core.records import Interval


@dataclass(frozen=True)
class StudySize:
    """The 95 % intervals to expect of a test on so many people. value: what is supposed to be true.

    auc: DeLong's on the log-odds scale. sensitivity, specificity: Wilson. slope: of calibration, where probabilities are right. events for
    each parameter: people of the rarer kind for each weight that is fitted; None where no number of parameters is given. For models of a
    few features 10 to 20 were long asked for; Riley et al. (2019, doi 10.1002/sim.7992) show that no one number serves.
    """

    positives: int
    negatives: int
    auc: Interval
    sensitivity: Interval
    specificity: Interval
    slope: Interval
    events_per_parameter: float | None


def study_size(
    positives: int, negatives: int, area: float = 0.8, sensitivity: float = 0.8, parameters: int | None = None, confidence: float = 0.95
) -> StudySize:
    """What to expect of a test on so many people if the true AUC is `area` and sensitivity and specificity are `sensitivity`.

    Scores of both kinds are taken for normal with equal variance, which gives the AUC's variance (Hanley & McNeil 1982,
    doi 10.1148/radiology.143.1.7063747) and the information on the calibration slope. In cross-validation everyone is tested, but not
    independently: intervals are then somewhat wider. Raises PatError for fewer than 2 of a kind, or an area not above 0.5 and below 1.
    """
    _check(positives, negatives, area)
    if not 0 < sensitivity < 1:
        raise PatError(f"A sensitivity is a share above 0 and below 1; got {sensitivity}. For 80 % give 0.8.")
    low, high = _auc_bounds(area, positives, negatives, confidence)
    people = positives + negatives
    slope = _reach(confidence) * _slope_error(area, positives, negatives)
    return StudySize(
        positives=positives,
        negatives=negatives,
        auc=Interval(area, low, high, people),
        sensitivity=Interval(sensitivity, *wilson_bounds(sensitivity, positives, confidence), positives),
        specificity=Interval(sensitivity, *wilson_bounds(sensitivity, negatives, confidence), negatives),
        slope=Interval(1.0, 1.0 - slope, 1.0 + slope, people),
        events_per_parameter=min(positives, negatives) / parameters if parameters else None,
    )


def people_needed(area: float, width: float, prevalence: float = 0.5, confidence: float = 0.95) -> tuple[int, int]:
    """(positive, negative) people of whom a test has an AUC interval no wider than `width` if the true AUC is `area`.

    Raises PatError where the area is not above 0.5 and below 1, or width and prevalence are not above 0 and below 1.
    """
    if not 0 < width < 1 or not 0 < prevalence < 1:
        raise PatError(f"Width and prevalence lie above 0 and below 1; got {width} and {prevalence}. For 8 % give 0.08.")
    _check(2, 2, area)
    low, high = 4, 8

    def counts(people: int) -> tuple[int, int]:
        positives = min(max(2, round(people * prevalence)), people - 2)
        return positives, people - positives

    def wide(people: int) -> bool:
        bounds = _auc_bounds(area, *counts(people), confidence)
        return bounds[1] - bounds[0] > width

    while wide(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if wide(middle) else (low, middle)
    return counts(high)


def _auc_bounds(area: float, positives: int, negatives: int, confidence: float) -> tuple[float, float]:
    from scipy.special import expit, logit  # slow to import, for those alone who plan

    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area) + (positives - 1) * (first - area**2) + (negatives - 1) * (second - area**2)
    ) / (positives * negatives)  # fmt: skip
    reach = _reach(confidence) * np.sqrt(variance) / (area * (1 - area))
    return float(expit(logit(area) - reach)), float(expit(logit(area) + reach))


def _slope_error(area: float, positives: int, negatives: int) -> float:
    """Standard error of the calibration slope: from the information of all people on (intercept, slope), by integration over scores."""
    from scipy.special import expit, ndtri  # slow to import, for those alone who plan

    apart = np.sqrt(2) * ndtri(area)
    x = np.linspace(-8, 8 + apart, 4001)
    logits = apart * x - apart**2 / 2 + np.log(positives / negatives)
    people = (positives * np.exp(-((x - apart) ** 2) / 2) + negatives * np.exp(-(x**2) / 2)) / np.sqrt(2 * np.pi)
    weight = people * expit(logits) * expit(-logits)
    whole, first, second = (np.trapezoid(weight * logits**power, x) for power in (0, 1, 2))
    return float(np.sqrt(whole / (whole * second - first**2)))


def _reach(confidence: float) -> float:
    from scipy.special import ndtri  # slow to import, for those alone who plan

    return float(ndtri((1 + confidence) / 2))


def _check(positives: int, negatives: int, area: float) -> None:
    if min(positives, negatives) < 2 or not 0.5 < area < 1:
        raise PatError(
            f"Planning needs at least 2 people of each kind and a supposed AUC above 0.5 and below 1; got {positives}, {negatives} "
            f"and {area}."
        )
