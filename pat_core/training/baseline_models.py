"""Baselines that a PAT must beat before its size is worth anything."""

from __future__ import annotations

import numpy as np

from pat_core.evaluation import folds as person_folds
from pat_core.evaluation import logistic_baseline, within_folds_auc_interval
from pat_core.records import Interval
from pat_core.training.labelled_people import LabelledWeeks


def rhythm_baseline(data: LabelledWeeks, features: np.ndarray, folds: int, seed: int) -> tuple[Interval, tuple[float, ...]]:
    """Logistic regression on rhythm features (rows, k), cross-validated by person on the same folds as `finetune` takes."""
    people = data.units()
    tests, scores, fold = [], [], []
    for number, (train, test) in enumerate(person_folds(people, data.positive, folds, seed)):
        tests.append(test)
        scores.append(logistic_baseline(features[train], data.positive[train], features[test]))
        fold.append(np.full(len(test), number))
    rows = np.concatenate(tests)
    return within_folds_auc_interval(data.positive[rows], np.concatenate(scores), people[rows], np.concatenate(fold), seed=seed)
