"""Floors of what is no two classes: the same figures without a network, for several classes, an order or a value.

Ridge regression or a multinomial logistic regression on six rhythm features, and boosted trees on all figures; classes in order are
learned as the numbers of their places. Judged by the run's own main figure (see `kind_figures`); settings fixed, tuned on nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pat_core.progress import Progress
from pat_core.records import Interval
from pat_core.training.floors import BOOSTING, FLOORS
from pat_core.training.kind_figures import figures_of
from pat_core.training.labelled_people import LabelledWeeks, Split, by_person
from pat_core.training.target import MAIN, Target

UNLIKELY = -20.0
"""Logit of a class that nobody of the training people has."""


@dataclass(frozen=True)
class KindFloor:
    """One floor on a run's test. figure: what `value` is, by name; fold_figures: of each fold."""

    name: str
    title: str
    figure: str
    value: Interval
    fold_figures: tuple[float, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a run's result."""
        return asdict(self)


def kind_floors(
    data: LabelledWeeks, splits: Sequence[Split], figures: Mapping[str, np.ndarray], seed: int, progress: Progress
) -> tuple[KindFloor, ...]:
    """As `floors.floors`, of every target but two classes. figures: name of a floor -> (rows of `data`, k), NaN where missing."""
    targets, answers = data.targets(), []
    for name, (title, _) in FLOORS.items():
        if name not in figures:
            continue
        x, outputs = figures[name], []
        for number, split in enumerate(splits):
            progress.at(number / len(splits), f"Floor: {title.lower()}, {number + 1} of {len(splits)}")
            known = np.concatenate([split.train, split.validation])
            outputs.append(_answers(data.task, name, x[known], targets[known], x[split.test]))
        fold = np.concatenate([np.full(len(split.test), split.fold or 0) for split in splits])
        held_out = by_person(data, np.concatenate([split.test for split in splits]), np.concatenate(outputs), fold)
        tested, each = figures_of(data.task, held_out, seed)
        main = MAIN[data.task.kind]
        answers.append(KindFloor(name, title, main, tested[main], each))
    return tuple(answers)


def _answers(task: Target, name: str, train_x: np.ndarray, train_y: np.ndarray, test_x: np.ndarray) -> np.ndarray:
    """(n, count) what a head of this target would answer (`Outputs`)."""
    known = np.isfinite(train_x).any(axis=0)
    model = _MODELS[name, task.kind == "classes"]().fit(train_x[:, known], train_y)
    if task.kind != "classes":  # steps of an order share their score: the main figure looks at the order alone
        return np.repeat(model.predict(test_x[:, known])[:, None], task.outputs().count, axis=1)
    logits = np.full((len(test_x), task.outputs().count), UNLIKELY)
    decided = model.decision_function(test_x[:, known])
    two = decided.ndim == 1  # of the training people two classes alone
    logits[:, model.classes_.astype(int)] = np.stack([-decided / 2, decided / 2], axis=1) if two else decided
    return logits


def _linear(several: bool) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    last = LogisticRegression(class_weight="balanced", max_iter=1000) if several else Ridge()
    return make_pipeline(StandardScaler(), SimpleImputer(strategy="constant", fill_value=0.0), last)


def _trees(several: bool) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    if several:
        return HistGradientBoostingClassifier(**BOOSTING)
    return HistGradientBoostingRegressor(**{key: value for key, value in BOOSTING.items() if key != "class_weight"})


_MODELS: dict[tuple[str, bool], Callable[[], Any]] = {
    ("rhythm_logistic", True): lambda: _linear(True),
    ("rhythm_logistic", False): lambda: _linear(False),
    ("age_sex_wear", True): lambda: _linear(True),
    ("age_sex_wear", False): lambda: _linear(False),
    ("gradient_boosting", True): lambda: _trees(True),
    ("gradient_boosting", False): lambda: _trees(False),
}
"""(floor, whether classes without an order are learned) -> the model, not fitted yet."""
