"""What age, sex and wear alone predict, and what the model's score adds to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.discrimination import checked, rows_of_folds, within_folds_auc_interval
from pat_core.evaluation.feature_floor import logistic_baseline
from pat_core.evaluation.paired_models import paired_aucs
from pat_core.evaluation.splits import at_most_folds
from pat_core.records import Interval


@dataclass(frozen=True)
class AdjustmentCheck:
    """AUCs on the same people, out of sample. positives, negatives: people by class.

    variables: of the other variables alone. score: of the model's score alone. both: of both together. gain: both - variables, with its
    interval over people; p: DeLong's test that there is none. complete: people with all variables known.
    """

    positives: int
    negatives: int
    complete: int
    variables: Interval
    score: Interval
    both: Interval
    gain: Interval
    p: float


def adjustment_check(
    labels: np.ndarray,
    scores: np.ndarray,
    variables: np.ndarray,
    people: np.ndarray | None = None,
    fold: np.ndarray | None = None,
    k: int = 5,
    seed: int = 0,
) -> AdjustmentCheck:
    """labels (n,) 0/1; scores (n,) of people held out; variables (n, count) numbers such as age, sex as 0/1 and wear, NaN where not known
    (counts as the mean); people (n,), fold (n,) or None: the fold whose model gave the score, so that scores can be put on one scale.

    Variables alone, and with the score, go through a logistic regression in k folds by person; AUCs are taken within these folds. The gain
    is of what a linear model can use; a little below 0 is what one useless variable more costs. Where there is none, DeLong's p is only
    a guide, for one model contains the other (Demler, Pencina & D'Agostino 2012, doi 10.1002/sim.5328): read the interval.
    Raises PatError where rows do not fit together, or a kind has fewer than 2 people.
    """
    labels, scores = checked(labels, scores)
    table = np.asarray(variables, dtype=np.float64)
    if table.ndim != 2 or len(table) != len(labels) or not table.shape[1]:
        raise PatError(f"Each of the {len(labels)} scores needs a row of variables (n, count); got {table.shape}.")
    level = scores.copy()
    for rows in rows_of_folds(fold, len(scores)):
        level[rows] = (scores[rows] - scores[rows].mean()) / (scores[rows].std() or 1.0)
    alone, both, part = np.empty(len(labels)), np.empty(len(labels)), np.empty(len(labels), dtype=int)
    together = np.column_stack([table, level])
    for number, (train, test) in enumerate(at_most_folds(people, labels, k, seed)):
        part[test] = number
        alone[test] = logistic_baseline(table[train], labels[train], table[test])
        both[test] = logistic_baseline(together[train], labels[train], together[test])
    compared = paired_aucs(labels, both, alone, people, part, seed=seed)
    known = np.isfinite(table).all(axis=1)
    intervals = [within_folds_auc_interval(labels, one, people, part)[0] for one in (alone, level, both)]
    return AdjustmentCheck(
        positives=compared.positives,
        negatives=compared.negatives,
        complete=int(known.sum() if people is None else len(np.unique(np.asarray(people)[known]))),
        variables=intervals[0],
        score=intervals[1],
        both=intervals[2],
        gain=compared.difference,
        p=compared.p,
    )
