"""Floors are plain scikit-learn on a run's own splits, and are compared with the model person by person."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pat_core.evaluation import auc
from pat_core.records import COUNTS
from pat_core.training import FinetuneSettings, LabelledWeeks
from pat_core.training.floors import BOOSTING, floors
from pat_core.training.labelled_people import by_person, plan

PEOPLE = 60


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    positive = rng.permutation(np.arange(PEOPLE) < 24)
    weeks = np.zeros((PEOPLE, 10), np.float32)
    return LabelledWeeks(weeks, positive, np.array([f"p{number}" for number in range(PEOPLE)]), COUNTS, "people")


@pytest.fixture(scope="module")
def figures(data):
    rng = np.random.default_rng(1)
    six = rng.normal(size=(PEOPLE, 6)) + data.positive[:, None] * np.array([1.0, 0, 0, 0.5, 0, 0])
    six[3, 2] = np.nan
    return {"rhythm_logistic": six, "gradient_boosting": np.concatenate([six, rng.normal(size=(PEOPLE, 4))], axis=1)}


def test_without_folds_they_are_scikit_learns_on_everyone_who_is_not_tested(data, figures):
    splits = plan(data, FinetuneSettings("full"))
    (split,) = splits
    known = np.concatenate([split.train, split.validation])
    model = by_person(data, split.test, np.arange(len(split.test), dtype=float), np.zeros(len(split.test), int))
    logistic, boosting = floors(data, splits, figures, model, 0)
    labels, x = data.positive, figures["rhythm_logistic"]
    filled = SimpleImputer(strategy="constant", fill_value=0.0)
    direct = make_pipeline(StandardScaler(), filled, LogisticRegression(class_weight="balanced"))
    direct.fit(x[known], labels[known])
    assert logistic.auc.value == pytest.approx(auc(labels[split.test], direct.decision_function(x[split.test])))
    x = figures["gradient_boosting"]
    trees = HistGradientBoostingClassifier(**BOOSTING).fit(x[known], labels[known])
    assert boosting.auc.value == pytest.approx(auc(labels[split.test], trees.decision_function(x[split.test])))
    assert (logistic.name, boosting.name) == ("rhythm_logistic", "gradient_boosting") and logistic.auc.n == len(split.test)
    expected = auc(labels[split.test], np.arange(len(split.test))) - logistic.auc.value
    assert logistic.difference.value == pytest.approx(expected) and logistic.difference.low < expected < logistic.difference.high


def test_what_is_known_of_the_people_beside_their_movement_is_a_floor_of_its_own(data, figures):
    splits = plan(data, FinetuneSettings("full"))
    model = by_person(data, splits[0].test, np.arange(len(splits[0].test), dtype=float), np.zeros(len(splits[0].test), int))
    age = np.where(data.positive, 70.0, 30.0)[:, None]
    *_, third = floors(data, splits, figures | {"age_sex_wear": age}, model, 0)
    assert (third.name, third.auc.value) == ("age_sex_wear", 1.0)
    assert "age_sex_wear" not in {floor.name for floor in floors(data, splits, figures, model, 0)}, "nothing is known, so no floor"


def test_with_folds_everyone_is_tested_once_and_a_model_equal_to_a_floor_has_a_difference_of_zero(data, figures):
    settings = FinetuneSettings("full", folds=3)
    splits = [split for split in plan(data, settings) if len(split.test)]
    rows = np.concatenate([split.test for split in splits])
    fold = np.repeat(np.arange(3), [len(split.test) for split in splits])
    first = floors(data, splits, figures, by_person(data, rows, np.zeros(len(rows)), fold), 0)[0]
    assert first.auc.n == PEOPLE and len(first.fold_aucs) == 3
    from pat_core.evaluation import logistic_baseline

    scores = [
        logistic_baseline(figures[first.name][known], data.positive[known], figures[first.name][split.test])
        for split in splits
        for known in [np.concatenate([split.train, split.validation])]
    ]
    same = floors(data, splits, figures, by_person(data, rows, np.concatenate(scores), fold), 0)[0]
    assert same.difference.value == same.difference.low == same.difference.high == 0
