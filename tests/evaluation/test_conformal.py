"""Conformal sets and intervals, and their coverage."""

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.evaluation import coverage_of_classes, coverage_of_values, fit_conformal_classes, fit_conformal_values, sigmoid
from tests.evaluation.drawn_people import two_normals


def three_classes(n, seed):
    rng = np.random.default_rng(seed)
    targets = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    logits = rng.normal(size=(n, 3)) + 1.5 * np.eye(3)[targets]
    return targets, np.exp(logits) / np.exp(logits).sum(1, keepdims=True)


def test_p_values_count_people_of_the_class_who_are_at_least_as_strange():
    targets, probabilities = np.array([1, 1, 1, 0, 0]), np.array([0.9, 0.6, 0.4, 0.2, 0.5])
    made = fit_conformal_classes(targets, probabilities)
    assert made.scores == (pytest.approx((0.2, 0.5)), pytest.approx((0.1, 0.4, 0.6)))
    assert made.p_values(np.array([0.5, 0.95, 0.6])) == pytest.approx(np.array([[2 / 3, 2 / 4], [1 / 3, 1.0], [1 / 3, 3 / 4]]))


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_new_people_are_covered_in_every_class_also_by_a_model_that_is_wrong(coverage):
    held = []
    for seed in range(60):
        targets, probabilities = three_classes(400, seed)
        probabilities = probabilities[:, [0, 1, 2]] ** 3  # far too sure of itself, and no distribution any more
        made = fit_conformal_classes(targets[:200], probabilities[:200])
        sets = made.sets(probabilities[200:], coverage)
        held.append([sets[targets[200:] == number, number].mean() for number in range(3)])
    assert np.abs(np.mean(held, axis=0) - coverage).max() < 0.04


def test_a_class_of_too_few_people_is_never_ruled_out():
    labels, scores = two_normals(60, 1.0, 0)
    few = np.r_[np.flatnonzero(labels)[:5], np.flatnonzero(~labels)]
    sets = fit_conformal_classes(labels[few], sigmoid(scores)[few]).sets(np.array([0.0, 0.01]), 0.9)
    assert sets[:, 1].all() and not fit_conformal_classes(labels, sigmoid(scores)).sets(np.array([0.0]), 0.8)[0, 1]


def test_measured_coverage_is_that_of_people_who_were_not_fitted_on():
    targets, probabilities = three_classes(600, 1)
    made = coverage_of_classes(targets, probabilities, coverage=0.9)
    assert made.overall.low < 0.9 < made.overall.high and len(made.by_class) == 3 and made.by_class[2].n == (targets == 2).sum()
    assert 1 < made.size < 3 and 0 < made.single < 1 and made.empty < 0.05
    people = np.repeat(np.arange(300), 2)
    assert coverage_of_classes(np.repeat(targets[:300], 2), np.repeat(probabilities[:300], 2, axis=0), people).overall.n == 300


def test_the_width_of_values_is_the_quantile_with_one_more_person():
    made = fit_conformal_values(np.arange(1.0, 10.0), np.zeros(9))
    assert made.half_width(0.9) == 9 and made.half_width(0.8) == 8 and made.half_width(0.5) == 5 and made.half_width(0.95) == np.inf


def test_intervals_of_values_cover_new_people():
    rng = np.random.default_rng(0)
    predicted = rng.normal(50, 10, 500)
    observed = predicted + rng.standard_t(3, 500)
    made = coverage_of_values(observed, predicted, coverage=0.9)
    assert made.overall.low < 0.9 < made.overall.high and made.by_class == () and 3 < made.size < 8 and np.isnan(made.single)


def test_the_order_in_which_a_test_is_stored_has_no_part_in_the_coverage():
    targets, probabilities = three_classes(120, 0)
    rng = np.random.default_rng(0)
    moved, values = rng.permutation(120), rng.normal(size=120)
    assert coverage_of_classes(targets, probabilities) == coverage_of_classes(targets[moved], probabilities[moved])
    assert coverage_of_values(values, values**2).overall == coverage_of_values(values[moved], values[moved] ** 2).overall


@pytest.mark.parametrize(
    "call",
    [
        lambda: fit_conformal_classes(np.array([0, 3]), np.array([0.2, 0.4])),
        lambda: fit_conformal_classes(np.array([0, 1]), np.array([0.2, 1.4])),
        lambda: fit_conformal_classes(np.array([0, 1]), np.array([0.2, 0.4])).sets(np.array([0.3]), 90),
        lambda: fit_conformal_values(np.array([1.0]), np.array([np.nan])),
        lambda: coverage_of_classes(np.array([0, 1, 1]), np.array([0.2, 0.4, 0.5])),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(call):
    with pytest.raises(PatError, match=r"\.$"):
        call()
