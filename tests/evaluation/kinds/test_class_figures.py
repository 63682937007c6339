"""Several classes."""

import numpy as np
import pytest
from sklearn import metrics

from pat_core.errors import PatError
from pat_core.evaluation import class_figures, within_folds_auc_interval


def people(n, seed, strength=1.2):
    rng = np.random.default_rng(seed)
    targets = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    scores = rng.normal(size=(n, 3)) + strength * np.eye(3)[targets]
    return targets, np.exp(scores) / np.exp(scores).sum(1, keepdims=True)


def test_figures_are_those_of_scikit_learn():
    targets, probabilities = people(90, 0)
    made, called = class_figures(targets, probabilities, resamples=200), probabilities.argmax(1)
    assert made.accuracy.value == pytest.approx(metrics.accuracy_score(targets, called))
    assert made.balanced_accuracy.value == pytest.approx(metrics.balanced_accuracy_score(targets, called))
    assert made.kappa.value == pytest.approx(metrics.cohen_kappa_score(targets, called))
    assert made.macro_auc.value == pytest.approx(metrics.roc_auc_score(targets, probabilities, multi_class="ovr"))
    assert np.array_equal(made.confusion, metrics.confusion_matrix(targets, called))
    assert made.people == tuple(np.bincount(targets))
    for part in (made.accuracy, made.balanced_accuracy, made.kappa, made.macro_auc, *made.aucs, *made.sensitivities):
        assert part.low < part.value < part.high


def test_two_classes_have_the_auc_and_interval_of_two_classes():
    targets, probabilities = people(80, 1)
    two, positive = (targets > 0).astype(int), 1 - probabilities[:, 0]
    fold = np.arange(80) % 4
    made = class_figures(two, np.column_stack([1 - positive, positive]), fold=fold, resamples=50)
    plain = within_folds_auc_interval(two, positive, None, fold)[0]
    assert made.aucs[1] == plain
    assert (made.macro_auc.value, made.macro_auc.low, made.macro_auc.high) == pytest.approx((plain.value, plain.low, plain.high), abs=0.01)


def test_the_macro_interval_covers_about_as_often_as_it_says():
    targets, probabilities = people(40_000, 9)
    truth = metrics.roc_auc_score(targets, probabilities, multi_class="ovr")
    made = [class_figures(*people(60, seed), resamples=2).macro_auc for seed in range(80)]
    assert 0.9 <= np.mean([one.low <= truth <= one.high for one in made]) <= 0.99


def test_a_persons_further_weeks_and_a_class_of_nobody():
    targets, probabilities = people(50, 2)
    four = np.column_stack([probabilities, np.zeros(50)])
    once = class_figures(targets, four, resamples=50)
    twice = class_figures(np.tile(targets, 2), np.tile(four, (2, 1)), np.tile(np.arange(50), 2), resamples=50)
    assert (twice.macro_auc.low, twice.balanced_accuracy.high) == pytest.approx((once.macro_auc.low, once.balanced_accuracy.high))
    assert once.people[3] == 0 and np.isnan(once.aucs[3].value) and np.isnan(once.sensitivities[3].value)


def test_a_perfect_order_of_few_people_is_not_certain_and_folds_of_one_class_have_no_auc():
    targets = np.repeat(np.arange(3), 4)
    made = class_figures(targets, np.eye(3)[targets], resamples=20)
    assert made.macro_auc.value == made.macro_auc.high == 1 and made.macro_auc.low < 0.8
    assert np.isnan(class_figures(targets, np.eye(3)[targets], fold=targets, resamples=20).macro_auc.value)


@pytest.mark.parametrize("targets", [[0, 1, 3], [0, 0, 0], [0, 1], [0.5, 1, 2]])
def test_targets_that_are_no_classes_are_refused(targets):
    with pytest.raises(PatError, match=r"\.$"):
        class_figures(np.array(targets), np.full((3, 3), 1 / 3))
