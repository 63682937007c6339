"""Figures at a threshold, at a fixed specificity, and average precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from pat_core.errors import PatError
from pat_core.evaluation import average_precision, predictive_values, sensitivity_at_specificity, threshold_figures, wilson
from tests.evaluation.drawn_people import two_normals

EVERYTHING = (
    "sensitivity", "specificity", "balanced_accuracy", "accuracy", "f1", "ppv", "npv", "positive_likelihood_ratio",
    "negative_likelihood_ratio",
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=4, max_size=50), st.integers(-2, 2))
def test_shares_are_those_of_scikit_learn_and_lie_in_their_intervals(rows, threshold):
    labels, scores = (np.array(part) for part in zip(*rows, strict=True))
    figures, called = threshold_figures(labels, scores, threshold), scores >= threshold
    if labels.any() and not labels.all():
        assert figures.sensitivity.value == pytest.approx(metrics.recall_score(labels, called))
        assert figures.balanced_accuracy.value == pytest.approx(metrics.balanced_accuracy_score(labels, called))
        if (labels | called).any():
            assert figures.f1.value == pytest.approx(metrics.f1_score(labels, called))
    assert figures.accuracy.value == pytest.approx(metrics.accuracy_score(labels, called))
    for name in EVERYTHING:
        part = getattr(figures, name)
        assert np.isnan(part.value) or part.low <= part.value <= part.high


def test_with_a_row_a_person_shares_have_wilsons_interval():
    labels, scores = two_normals(60, 1.0, 0)
    made, expected = threshold_figures(labels, scores, 0.5), wilson(int((scores[labels] >= 0.5).sum()), int(labels.sum()))
    assert (made.sensitivity.low, made.sensitivity.high) == pytest.approx((expected.low, expected.high))
    assert (made.positives, made.negatives, made.sensitivity.n) == (24, 36, 24)


def test_balanced_accuracy_adds_the_reach_of_both_by_squares():
    # 9 of 10 and 3 of 10; Newcombe 1998, Statistics in Medicine 17: 873, table II (h): the difference of two shares is .6, .1705 to .8090
    labels, scores = np.arange(20) < 10, np.r_[np.ones(9), 0, np.ones(3), np.zeros(7)]
    made = threshold_figures(labels, scores, 0.5).balanced_accuracy
    assert (2 * made.low - 1, 2 * made.high - 1) == (pytest.approx(0.1705, abs=5e-5), pytest.approx(0.8090, abs=5e-5))


def test_likelihood_ratios_are_those_of_simel():
    labels = np.arange(200) < 100
    scores = np.r_[np.ones(80), np.zeros(20), np.ones(10), np.zeros(90)]
    made = threshold_figures(labels, scores, 1)
    reach = np.exp(1.959964 * np.sqrt(1 / 80 - 1 / 100 + 1 / 10 - 1 / 100))
    assert made.positive_likelihood_ratio.value == pytest.approx(8)
    assert (made.positive_likelihood_ratio.low, made.positive_likelihood_ratio.high) == pytest.approx((8 / reach, 8 * reach))
    assert made.negative_likelihood_ratio.value == pytest.approx(0.2 / 0.9)


def test_a_ratio_to_nobody_is_infinite_with_a_lower_bound():
    made = threshold_figures(np.arange(40) < 20, np.r_[np.ones(15), np.zeros(25)], 1).positive_likelihood_ratio
    assert made.value == made.high == np.inf
    assert 1 < made.low < 31


def test_a_persons_further_weeks_do_not_narrow_anything():
    labels, scores = two_normals(50, 1.0, 2)
    once = threshold_figures(labels, scores, 0.4)
    four = threshold_figures(np.tile(labels, 4), np.tile(scores, 4), 0.4, np.tile(np.arange(50), 4))
    for name in EVERYTHING:
        assert (getattr(four, name).low, getattr(four, name).high) == pytest.approx((getattr(once, name).low, getattr(once, name).high))


def test_predictive_values_follow_bayes_and_stay_at_the_samples_own_prevalence():
    labels, scores = two_normals(500, 1.0, 1)
    made = threshold_figures(labels, scores, 0.5)
    ppv, npv = predictive_values(made, labels.mean())
    assert (ppv.value, npv.value) == pytest.approx((made.ppv.value, made.npv.value))
    rare, rare_npv = predictive_values(made, 0.02)
    sensitivity, specificity = made.sensitivity.value, made.specificity.value
    assert rare.value == pytest.approx(0.02 * sensitivity / (0.02 * sensitivity + 0.98 * (1 - specificity)))
    assert rare.low < rare.value < rare.high < ppv.value < npv.value < rare_npv.value
    with pytest.raises(PatError, match="For 8 % give 0.08"):
        predictive_values(made, 8)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5000), st.sampled_from([0.5, 0.8, 0.9, 0.99]))
def test_the_threshold_has_the_specificity_and_no_lower_one_has(seed, specificity):
    labels, scores = two_normals(45, 1.0, seed)
    scores = np.round(scores, 1)
    made = sensitivity_at_specificity(labels, scores, specificity, resamples=20)
    assert made.specificity == (scores[~labels] < made.threshold).mean() >= specificity
    assert made.sensitivity.value == (scores[labels] >= made.threshold).mean()
    lower = scores[scores < made.threshold]
    assert not len(lower) or (scores[~labels] < lower.max()).mean() < specificity
    assert made.sensitivity.low <= made.sensitivity.value <= made.sensitivity.high


def test_average_precision_is_that_of_scikit_learn():
    labels, scores = two_normals(80, 1.0, 3)
    scores = np.round(scores, 1)
    made = average_precision(labels, scores)
    assert made.value == pytest.approx(metrics.average_precision_score(labels, scores))
    assert made.low < made.value < made.high


def test_a_perfect_order_of_few_positives_is_not_certain_and_none_has_no_precision():
    made = average_precision(np.arange(20) >= 17, np.arange(20))
    assert made.value == made.high == 1.0 and made.low < 0.7
    assert np.isnan(average_precision(np.zeros(5), np.arange(5)).value)


@pytest.mark.parametrize(("labels", "specificity"), [([0, 1], 1.0), ([0, 1], 90), ([1, 1], 0.9)])
def test_a_specificity_that_cannot_be_reached_is_refused(labels, specificity):
    with pytest.raises(PatError, match="For 90 % give 0.9"):
        sensitivity_at_specificity(np.array(labels), np.array([0.1, 0.2]), specificity)


def test_a_threshold_that_is_no_number_and_people_who_do_not_fit_are_refused():
    with pytest.raises(PatError, match="A threshold is a number"):
        threshold_figures(np.array([0, 1]), np.array([0.0, 1.0]), float("nan"))
    with pytest.raises(PatError, match="Each of the 2 rows needs a person; got 3"):
        threshold_figures(np.array([0, 1]), np.array([0.0, 1.0]), 0.5, np.arange(3))
