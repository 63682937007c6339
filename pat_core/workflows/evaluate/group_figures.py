"""A model's figures in parts of the people it was tested on. Never a ranking: small parts differ by chance alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pat_core.evaluation import wilson, within_folds_auc_interval
from pat_core.evaluation.probability_figures import calibration_line
from pat_core.evaluation.resampling import sample_of
from pat_core.records import Interval
from pat_core.workflows.evaluate.group_columns import MISSING, ordered
from pat_core.workflows.evaluate.tested_people import TestedPeople

FEW = 10
"""With fewer of the rarer group among them, figures of a part of the people are marked: they are mostly chance."""


@dataclass(frozen=True)
class GroupRow:
    """One part of the people. group: MISSING ("") for those of whom the column says nothing. positives, negatives: people.

    in_the_large, slope: see `ProbabilityFigures`; NaN, as the AUC, where a kind is missing, and the slope also where `no_slope`, a few
    words, says why; "" where it is known. few: too few of one kind to say much.
    """

    group: str
    people: int
    positives: int
    negatives: int
    prevalence: Interval
    auc: Interval
    in_the_large: Interval
    slope: Interval
    no_slope: str
    mean_probability: float
    few: bool


def group_rows(people: TestedPeople, groups: np.ndarray) -> tuple[GroupRow, ...]:
    """A row a group of (people,), in their own order, whoever has no value last."""
    return tuple(_row(people, group, groups == group) for group in ordered(groups))


def _row(people: TestedPeople, group: str, there: np.ndarray) -> GroupRow:
    labels, probabilities = people.positive[there], people.probabilities[there]
    positives, negatives = int(labels.sum()), int((~labels).sum())
    auc, _ = within_folds_auc_interval(labels, people.logits[there], None, people.fold[0][there])
    in_the_large, _, slope = calibration_line(labels, probabilities, sample_of(len(labels), None))
    few = min(positives, negatives) < FEW
    why = _no_slope(min(positives, negatives), slope)
    if why:
        slope = Interval(math.nan, math.nan, math.nan, len(labels))
    return GroupRow(
        group, len(labels), positives, negatives, wilson(positives, len(labels)), auc, in_the_large, slope, why,
        float(probabilities.mean()), few,
    )  # fmt: skip


def _no_slope(rarer: int, slope: Interval) -> str:
    """Why a part has no slope: two figures are fitted for it, and few people give any."""
    if not rarer:
        return "one of the groups is missing"
    if rarer < FEW:
        return f"fewer than {FEW} people in one of the groups"
    return "" if math.isfinite(slope.value) else "the scores divide the groups wholly"


def name_of(row: GroupRow) -> str:
    """The group in words."""
    return row.group if row.group != MISSING else "not known"
