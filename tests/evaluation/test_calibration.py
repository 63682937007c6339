"""Calibration, Wilson's interval, and people scored alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from pat_core.errors import PatError
from pat_core.evaluation import brier, calibration, correct_logit, frequency_near, log_odds, sigmoid, wilson


def drawn(n, seed=0, spread=1.5):
    rng = np.random.default_rng(seed)
    logits = rng.normal(-0.5, spread, n)
    return logits, rng.random(n) < sigmoid(logits)


def test_wilson_gives_the_closed_form_at_none_of_n():
    made = wilson(0, 10)
    assert made.value == made.low == 0.0
    assert made.high == pytest.approx(1.959964**2 / (10 + 1.959964**2), rel=1e-6)


def test_wilson_gives_a_published_example():
    made = wilson(81, 263)  # Newcombe 1998, Statistics in Medicine 17: 857, table I
    assert (made.low, made.high) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_stays_within_zero_and_one(pair):
    positives, n = pair
    made, mirror = wilson(positives, n), wilson(n - positives, n)
    assert 0 <= made.low <= made.value <= made.high <= 1
    assert made.low == pytest.approx(1 - mirror.high, abs=1e-12)


def test_without_people_anything_is_possible():
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


def test_brier_is_that_of_scikit_learn():
    logits, labels = drawn(200)
    assert brier(labels, sigmoid(logits)) == pytest.approx(brier_score_loss(labels, sigmoid(logits)))
    assert brier(labels, labels.astype(float)) == 0.0
    assert brier(labels, np.full(200, 0.5)) == 0.25


def test_true_probabilities_have_slope_one_and_intercept_zero():
    logits, labels = drawn(20_000)
    made = calibration(labels, sigmoid(logits))
    assert made.slope == pytest.approx(1.0, abs=0.06)
    assert made.intercept == pytest.approx(0.0, abs=0.06)
    assert made.expected_error < 0.02
    assert sum(part.observed.low <= part.predicted <= part.observed.high for part in made.bins) >= 8


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_logits_that_are_too_large_have_a_slope_below_one_by_as_much(factor):
    logits, labels = drawn(20_000)
    assert calibration(labels, sigmoid(factor * logits)).slope == pytest.approx(1 / factor, rel=0.08)


def test_the_line_is_the_logistic_regression_of_scikit_learn():
    logits, labels = drawn(300, seed=4)
    made = calibration(labels, sigmoid(3 * logits + 2))
    fit = LogisticRegression(C=np.inf, tol=1e-10).fit((3 * logits + 2)[:, None], labels)
    assert made.slope == pytest.approx(fit.coef_[0, 0], rel=1e-4)
    assert made.intercept == pytest.approx(fit.intercept_[0], rel=1e-4, abs=1e-4)


def test_bins_hold_everyone_once_in_rising_order():
    logits, labels = drawn(103)
    made = calibration(labels, sigmoid(logits), bins=7)
    assert sum(part.n for part in made.bins) == 103
    assert {part.n for part in made.bins} <= {14, 15, 16}
    assert np.all(np.diff([part.predicted for part in made.bins]) > 0)
    total = sum(part.n * part.observed.value for part in made.bins)
    assert total == pytest.approx(labels.sum())


def test_equal_probabilities_share_one_bin_and_have_no_slope():
    made = calibration(np.array([1, 0, 0, 1, 0]), np.full(5, 0.3), bins=4)
    assert [part.n for part in made.bins] == [5]
    assert made.bins[0].observed.value == 0.4
    assert made.mean_error == pytest.approx(-0.1)
    assert np.isnan(made.slope)


def test_perfect_separation_has_no_finite_slope():
    assert np.isnan(calibration(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.7, 0.9])).slope)


def test_certain_probabilities_are_allowed():
    assert np.isfinite(calibration(np.array([0, 1, 0, 1, 1]), np.array([0.0, 1.0, 0.4, 0.3, 0.9])).slope)


@pytest.mark.parametrize("probabilities", [[-0.1, 0.5], [0.5, 1.2]])
def test_logits_given_as_probabilities_are_refused(probabilities):
    with pytest.raises(PatError, match="not logits"):
        calibration(np.array([0, 1]), np.array(probabilities))


def test_people_alike_are_a_tenth_of_a_large_test_set():
    logits, labels = drawn(5000)
    made = frequency_near(logits, labels, -0.5)
    assert made.n == 500
    assert made.low < sigmoid(-0.5) < made.high


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(-6, 6))
def test_people_alike_are_the_nearest_counted_by_hand(seed, logit):
    logits, labels = drawn(60, seed)
    nearest = np.argsort(np.abs(logits - logit), kind="stable")[:20]
    made = frequency_near(logits, labels, logit)
    assert made == wilson(int(labels[nearest].sum()), 20)


def test_the_interval_covers_the_true_frequency_about_as_often_as_it_says():
    covered = []
    for seed in range(150):
        logits, labels = drawn(400, seed, spread=1.0)
        made = frequency_near(logits, labels, 0.0)
        covered.append(made.low <= 0.5 <= made.high)
    assert 0.88 <= np.mean(covered) <= 1.0


def test_with_few_people_all_are_taken_and_the_interval_is_wide():
    made = frequency_near(np.array([-1.0, 0.0, 2.0]), np.array([0, 1, 1]), 5.0)
    assert made == wilson(2, 3)
    assert made.high - made.low > 0.6


def test_everyone_as_near_as_the_last_counts():
    logits = np.repeat([0.0, 1.0], 50)
    assert frequency_near(logits, np.arange(100) % 2, 0.1).n == 50


def test_at_the_test_sets_own_prevalence_nothing_moves():
    logits, labels = drawn(200)
    plain, same = frequency_near(logits, labels, 0.3), frequency_near(logits, labels, 0.3, labels.mean())
    assert (same.value, same.low, same.high) == pytest.approx((plain.value, plain.low, plain.high))
    assert same.n == plain.n


def test_at_another_prevalence_odds_move_by_the_ratio_of_prior_odds():
    logits, labels = drawn(300)
    plain, rare = frequency_near(logits, labels, 0.3), frequency_near(logits, labels, 0.3, 0.08)
    for name in ("value", "low", "high"):
        expected = sigmoid(correct_logit(log_odds(getattr(plain, name)), 0.08, labels.mean()))
        assert getattr(rare, name) == pytest.approx(expected)
    assert rare.low < rare.value < rare.high < plain.value


def test_none_positive_stays_none_at_another_prevalence():
    made = frequency_near(np.r_[np.zeros(20), np.full(20, 9.0)], np.r_[np.zeros(20), np.ones(20)], 0.0, 0.08)
    assert made.value == made.low == 0.0
    assert 0 < made.high < 0.1


@pytest.mark.parametrize(
    ("logits", "labels", "logit", "prevalence"),
    [([], [], 0.0, None), ([0.0, 1.0], [0, 1], float("nan"), None), ([0.0, 1.0], [0, 1], 0.0, 1.0), ([0.0, 1.0], [1, 1], 0.0, 0.1)],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(logits, labels, logit, prevalence):
    with pytest.raises(PatError, match=r"\.$"):
        frequency_near(np.array(logits), np.array(labels), logit, prevalence)
