"""Floors: what a handful of figures reaches without a network, on the very splits of a run. A model that stays below learned little.

All are fitted on all people of a split who are not tested (the network's validation people too, since a floor needs none):
logistic regression on six rhythm features; gradient boosting (scikit-learn's HistGradientBoostingClassifier) on all figures of
rhythm, sleep and wear; and logistic regression on age, sex and hours of wear, as far as they are known. Their settings are fixed here
and were tuned on nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation import logistic_baseline, paired_aucs, within_folds_auc_interval
from pat_core.progress import Progress, Silent
from pat_core.records import Interval
from pat_core.training.finetuning import of_repeats
from pat_core.training.labelled_people import HeldOut, LabelledWeeks, Split, by_person

Fit = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(training figures (rows, k), labels (rows,), test figures (n, k)) -> test logits (n,)."""


def boosted(train_x: np.ndarray, train_y: np.ndarray, test_x: np.ndarray) -> np.ndarray:
    """(n,) logits of small boosted trees, classes balanced; NaN is a value of its own, as scikit-learn has it."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # a second to import, for those alone who train

    known = np.isfinite(train_x).any(axis=0)
    model = HistGradientBoostingClassifier(**BOOSTING)
    return model.fit(train_x[:, known], train_y.astype(bool)).decision_function(test_x[:, known])


BOOSTING: dict[str, Any] = {
    "learning_rate": 0.05,
    "max_iter": 150,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 5,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "class_weight": "balanced",
    "random_state": 0,
}
FLOORS: dict[str, tuple[str, Fit]] = {
    "rhythm_logistic": ("Six rhythm features", logistic_baseline),
    "gradient_boosting": ("Rhythm, sleep and wear figures", boosted),
    "age_sex_wear": ("Age, sex and hours of wear", logistic_baseline),
}
"""Name -> title, and how it is fitted."""


@dataclass(frozen=True)
class Floor:
    """One floor on a run's test. difference: the model's AUC minus this one, with its interval over the same people; None where it cannot
    be had. fold_aucs: one a fold."""

    name: str
    title: str
    auc: Interval
    difference: Interval | None
    fold_aucs: tuple[float, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a run's result."""
        return asdict(self)


def floors(
    data: LabelledWeeks,
    splits: Sequence[Split],
    figures: Mapping[str, np.ndarray],
    model: HeldOut,
    seed: int,
    progress: Progress | None = None,
) -> tuple[Floor, ...]:
    """The floors on these splits, beside a model that was tested on them.

    splits: those that test somebody. figures: name of a floor -> (rows of `data`, k), NaN where missing; of others there is no floor.
    model: its test by person, the people and folds of which are compared with.
    """
    answers = []
    for name, (title, fit) in FLOORS.items():
        if name not in figures:
            continue
        scores = []
        for number, split in enumerate(splits):
            (progress or Silent()).at(number / len(splits), f"Floor: {title.lower()}, {number + 1} of {len(splits)}")
            known = np.concatenate([split.train, split.validation])
            scores.append(fit(figures[name][known], data.positive[known], figures[name][split.test]))
        answers.append(_beside((name, title), (data, splits, scores), model, seed))
    return tuple(answers)


def _beside(named: tuple[str, str], answered: tuple[LabelledWeeks, Sequence[Split], list[np.ndarray]], model: HeldOut, seed: int) -> Floor:
    """A floor's test as the run's own: pairs within a fold alone, and of repeats the mean over their folds."""
    data, splits, scores = answered
    rows, logits = np.concatenate([split.test for split in splits]), np.concatenate(scores)
    sizes = [len(split.test) for split in splits]
    fold, repeat = (np.repeat([getattr(split, place) for split in splits], sizes) for place in ("fold", "repeat"))
    floor = by_person(data, rows, logits, fold)
    if len(np.unique(repeat)) > 1:
        figures, fold_aucs = of_repeats(data, rows, logits, fold, repeat)
        auc = figures["AUC"]
    else:
        auc, fold_aucs = within_folds_auc_interval(floor.positive, floor.logits, floor.people, floor.fold, seed=seed)
    return Floor(*named, auc, _difference(floor, model, seed), fold_aucs)


def _difference(floor: HeldOut, model: HeldOut, seed: int) -> Interval | None:
    """The model's AUC less the floor's, a logit a person in each; None where they were not tested on the same people of both kinds."""
    place = {str(person): number for number, person in enumerate(floor.people)}
    order = [place.get(str(person), -1) for person in model.people]
    if -1 in order or len(order) != len(place):
        return None
    try:
        return paired_aucs(model.positive, model.logits, floor.logits[order], model.people, model.fold, seed=seed).difference
    except PatError:  # one kind alone: then there is no AUC to compare either
        return None
