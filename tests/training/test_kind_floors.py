"""Floors of several classes, an order and a value: scikit-learn on the run's splits, judged as the run is."""

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pat_core.progress import Silent
from pat_core.training import FinetuneSettings
from pat_core.training.kind_floors import kind_floors
from pat_core.training.labelled_people import plan
from pat_core.training.target import Target
from tests.training.test_kinds import CLASSES, people


def of(task):
    """(data, splits, figures): the first of six figures follows what is planted, with noise; four more say nothing."""
    data = people(task)
    rng = np.random.default_rng(4)
    six = rng.normal(size=(len(data.people), 6))
    six[:, 0] = (data.targets() - data.targets().mean()) / data.targets().std() + 0.3 * six[:, 0]
    six[2, 1] = np.nan
    figures = {"rhythm_logistic": six, "gradient_boosting": np.concatenate([six, rng.normal(size=(len(six), 4))], axis=1)}
    return data, [split for split in plan(data, FinetuneSettings("full", folds=3)) if len(split.test)], figures


@pytest.mark.parametrize(
    ("task", "main"),
    [
        (Target("amount", "value"), "R2"),
        (Target("third", "ordinal", CLASSES), "concordance"),
        (Target("third", "classes", CLASSES), "macro AUC"),
    ],
    ids=["value", "ordinal", "classes"],
)
def test_a_floor_is_judged_as_the_run_is(task, main):
    data, splits, figures = of(task)
    linear, trees = kind_floors(data, splits, figures, 0, Silent())
    for floor in (linear, trees):
        assert floor.figure == main and floor.value.low <= floor.value.value <= floor.value.high
        assert floor.value.value > 0.6 and len(floor.fold_figures) == 3 and floor.value.n == len(data.people)
    assert (linear.name, trees.name) == ("rhythm_logistic", "gradient_boosting")


def test_the_floor_of_a_value_is_a_ridge_regression():
    data, splits, figures = of(Target("amount", "value"))
    linear = kind_floors(data, splits, figures, 0, Silent())[0]
    x, y = figures["rhythm_logistic"], data.targets()
    for split, r2 in zip(splits, linear.fold_figures, strict=True):
        known = np.concatenate([split.train, split.validation])
        direct = make_pipeline(StandardScaler(), SimpleImputer(strategy="constant", fill_value=0.0), Ridge()).fit(x[known], y[known])
        assert r2 == pytest.approx(r2_score(y[split.test], direct.predict(x[split.test])))
