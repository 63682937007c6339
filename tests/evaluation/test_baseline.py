"""The logistic baseline."""

import numpy as np
import pytest

from pat_core.errors import TrainingError
from pat_core.evaluation import auc, logistic_baseline


def two_groups(n, seed, share=0.5):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) < share * n)
    x = rng.normal(size=(n, 4))
    x[:, 1] += 1.5 * labels
    return x, labels


def test_a_feature_that_differs_is_found():
    train_x, train_y = two_groups(300, 0)
    test_x, test_y = two_groups(300, 1)
    assert auc(test_y, logistic_baseline(train_x, train_y, test_x)) == pytest.approx(0.856, abs=0.05)


def test_scores_do_not_depend_on_the_units_of_the_features():
    train_x, train_y = two_groups(100, 0)
    test_x, _ = two_groups(20, 1)
    scale, offset = np.array([1e-4, 1.0, 1e5, 60.0]), np.array([0.0, 3.0, -1e6, 900.0])
    plain = logistic_baseline(train_x, train_y, test_x)
    assert np.allclose(logistic_baseline(train_x * scale + offset, train_y, test_x * scale + offset), plain, atol=1e-5)


def test_a_person_is_scored_the_same_whoever_else_is_tested():
    train_x, train_y = two_groups(100, 0)
    test_x, _ = two_groups(20, 1)
    together = logistic_baseline(train_x, train_y, test_x)
    assert np.allclose([logistic_baseline(train_x, train_y, row[None])[0] for row in test_x], together)


def test_balanced_weights_put_the_boundary_between_the_groups_and_not_at_the_larger_one():
    train_x, train_y = two_groups(2000, 0, share=0.05)
    test_x, test_y = two_groups(2000, 1, share=0.05)
    scores = logistic_baseline(train_x, train_y, test_x)
    assert 0.65 < (scores[test_y] > 0).mean() < 0.9
    assert 0.65 < (scores[~test_y] < 0).mean() < 0.9


def test_a_missing_feature_counts_as_the_training_mean_and_an_absent_one_as_nothing():
    train_x, train_y = two_groups(100, 0)
    test_x, _ = two_groups(5, 1)
    mean = train_x.mean(0)
    holes, filled = test_x.copy(), test_x.copy()
    holes[:, 1], filled[:, 1] = np.nan, mean[1]
    assert np.allclose(logistic_baseline(train_x, train_y, holes), logistic_baseline(train_x, train_y, filled))
    absent = np.column_stack([train_x, np.full(100, np.nan)])
    with_absent = logistic_baseline(absent, train_y, np.column_stack([test_x, np.ones(5)]))
    assert np.allclose(with_absent, logistic_baseline(train_x, train_y, test_x))


@pytest.mark.parametrize(
    ("train", "labels", "test"),
    [((4, 2), [0, 1, 0, 1], (3, 3)), ((4, 2), [0, 1, 0], (3, 2)), ((4, 2), [1, 1, 1, 1], (3, 2)), ((4,), [0, 1, 0, 1], (3, 2))],
)
def test_what_does_not_fit_is_refused_in_a_sentence(train, labels, test):
    with pytest.raises(TrainingError, match=r"\.$"):
        logistic_baseline(np.zeros(train), np.array(labels), np.zeros(test))
