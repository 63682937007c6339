"""A test at one threshold, and at one prevalence: quick enough to follow a threshold that a reader moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pat_core.errors import EvaluationError
from pat_core.evaluation.decision_curve import DecisionCurve, decision_curve
from pat_core.evaluation.thresholds import (
    SensitivityAtSpecificity,
    ThresholdFigures,
    predictive_values,
    sensitivity_at_specificity,
    threshold_figures,
)
from pat_core.records import Interval
from pat_core.workflows.evaluate.tested_people import TestedPeople

BENEFIT_RESAMPLES = 300


@dataclass(frozen=True)
class OperatingPoint:
    """threshold: on the probability; people from it on are called positive. figures: at it. fixed: where it follows from a specificity.

    prevalence: as stated by the reader, else the share among the tested (stated False). ppv, npv: at this prevalence.
    """

    threshold: float
    figures: ThresholdFigures
    fixed: SensitivityAtSpecificity | None
    prevalence: float
    stated: bool
    ppv: Interval
    npv: Interval


def operating_point(
    people: TestedPeople, threshold: float, specificity: float | None = None, prevalence: float | None = None, seed: int = 0
) -> OperatingPoint:
    """At a threshold on the probability or, where a specificity is given, at the lowest threshold that has it in these people.

    EvaluationError for a threshold outside 0 to 1, PatError for a specificity or a prevalence that is no share between 0 and 1.
    """
    if not 0 <= threshold <= 1:
        raise EvaluationError(f"A threshold on the probability lies between 0 and 1; got {threshold}. For 40 % give 0.4.")
    fixed = None
    if specificity is not None:
        fixed = sensitivity_at_specificity(people.positive, people.probabilities, specificity, seed=seed)
        threshold = fixed.threshold
    figures = threshold_figures(people.positive, people.probabilities, threshold)
    if prevalence is None:
        positives, negatives = people.counts
        share = positives / (positives + negatives)
        return OperatingPoint(threshold, figures, fixed, share, False, figures.ppv, figures.npv)
    ppv, npv = predictive_values(figures, prevalence)
    return OperatingPoint(threshold, figures, fixed, prevalence, True, ppv, npv)


def benefit_of(people: TestedPeople, prevalence: float | None = None, seed: int = 0) -> DecisionCurve:
    """The decision curve of these people at a stated prevalence, None as among them. PatError for a prevalence that is no share."""
    return decision_curve(people.positive, people.probabilities, prevalence=prevalence, resamples=BENEFIT_RESAMPLES, seed=seed)


MOST_RANGES = 3
"""Of thresholds, that a sentence names."""


def useful_words(curve: DecisionCurve) -> str:
    """Between which thresholds acting on the model does more good than the two simple policies, in a sentence."""
    if not curve.useful:
        return "At no threshold does acting on the model do more good than treating everyone or no one."
    ranges = _ranges([round(100 * threshold) for threshold in curve.useful])
    shown = ", ".join(f"{low} %" if low == high else f"{low} % to {high} %" for low, high in ranges[:MOST_RANGES])
    more = f", and in {len(ranges) - MOST_RANGES} more ranges" if len(ranges) > MOST_RANGES else ""
    return (
        f"Acting on the model does more good than treating everyone or no one at thresholds of {shown}{more} "
        "(decision curve, Vickers & Elkin 2006)."
    )


def _ranges(steps: Sequence[int]) -> list[tuple[int, int]]:
    """Rising whole numbers as (first, last) of each run without a gap."""
    ranges: list[tuple[int, int]] = []
    for step in steps:
        if ranges and step == ranges[-1][1] + 1:
            ranges[-1] = ranges[-1][0], step
        else:
            ranges.append((step, step))
    return ranges
