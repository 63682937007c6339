"""A test at one threshold, and at one prevalence: quick enough to follow a threshold that a reader moves."""

from __future__ import annotations

from dataclasses import dataclass

from pat_core.errors import EvaluationError
from pat_core.evaluation.thresholds import (
    SensitivityAtSpecificity,
    ThresholdFigures,
    predictive_values,
    sensitivity_at_specificity,
    threshold_figures,
)
from pat_core.records import Interval
from pat_core.workflows.evaluate.tested_people import TestedPeople


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
