"""Brier and its skill, the calibration line, ICI and the reliability curve."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss

from pat_core.errors import PatError
from pat_core.evaluation import probability_figures, sigmoid
from pat_core.evaluation.probability_figures import calibration_line
from pat_core.evaluation.reliability import Smoother, supported
from pat_core.evaluation.resampling import sample_of
from tests.evaluation.drawn_people import calibrated


def test_errors_are_those_of_scikit_learn_and_skill_is_measured_against_the_prevalence():
    labels, logits = calibrated(150)
    made, probabilities = probability_figures(labels, sigmoid(logits), resamples=200), sigmoid(logits)
    assert made.brier.value == pytest.approx(brier_score_loss(labels, probabilities))
    assert made.log_loss.value == pytest.approx(log_loss(labels, probabilities))
    assert made.brier_of_prevalence == pytest.approx(brier_score_loss(labels, np.full(150, labels.mean())))
    assert made.log_loss_of_prevalence == pytest.approx(log_loss(labels, np.full(150, labels.mean())))
    assert made.skill.value == pytest.approx(1 - made.brier.value / made.brier_of_prevalence)
    assert (made.people, made.positives + made.negatives) == (150, 150)
    for name in ("brier", "skill", "log_loss", "in_the_large", "intercept", "slope", "ici", "e50", "e90"):
        part = getattr(made, name)
        assert part.low <= part.value <= part.high


def test_right_probabilities_have_a_slope_of_one_and_the_ici_of_chance():
    labels, logits = calibrated(1500, 1)
    made = probability_figures(labels, sigmoid(logits), resamples=60)
    assert made.slope.low < 1 < made.slope.high and made.in_the_large.low < 0 < made.in_the_large.high
    assert made.ici.value < 2.5 * made.ici_by_chance < 0.04
    inside = [low <= p <= high for p, low, high in zip(made.curve.probability, made.curve.low, made.curve.high, strict=True)]
    assert np.mean(inside) > 0.8


def test_ici_of_a_known_distortion_is_its_mean_distance():
    labels, logits = calibrated(20_000)
    smoother = Smoother(labels, sigmoid(2 * logits + 0.5))
    ones = np.ones((1, len(labels)))
    ici, e50, e90 = smoother.errors(smoother.fits(ones), ones)[0]
    away = np.abs(sigmoid(2 * logits + 0.5) - sigmoid(logits))
    assert (ici, e50, e90) == pytest.approx((away.mean(), *np.quantile(away, [0.5, 0.9])), abs=0.015)


def test_the_line_is_that_of_scikit_learn_and_in_the_large_makes_the_mean_right():
    labels, logits = calibrated(300, seed=4)
    probabilities = sigmoid(3 * logits + 2)
    large, intercept, slope = calibration_line(labels, probabilities, sample_of(300, None))
    fit = LogisticRegression(C=np.inf, tol=1e-10).fit((3 * logits + 2)[:, None], labels)
    assert (slope.value, intercept.value) == pytest.approx((fit.coef_[0, 0], fit.intercept_[0]), rel=1e-3, abs=1e-4)
    assert sigmoid(3 * logits + 2 + large.value).mean() == pytest.approx(labels.mean(), abs=1e-6)


def test_the_slopes_interval_covers_the_truth_about_as_often_as_it_says():
    covered = []
    for seed in range(300):
        labels, logits = calibrated(80, seed)
        slope = calibration_line(labels, sigmoid(2 * logits), sample_of(80, None))[2]
        covered.append(slope.low <= 0.5 <= slope.high)
    assert 0.92 <= np.mean(covered) <= 0.99


def test_a_persons_further_weeks_do_not_narrow_anything():
    labels, logits = calibrated(100)
    once = probability_figures(labels, sigmoid(logits), resamples=300)
    people = np.tile(np.arange(100), 3)
    three = probability_figures(np.tile(labels, 3), np.tile(sigmoid(logits), 3), people, resamples=300)
    for name in ("brier", "slope", "in_the_large", "prevalence"):
        one, many = getattr(once, name), getattr(three, name)
        assert many.value == pytest.approx(one.value, rel=1e-6)
        assert many.high - many.low == pytest.approx(one.high - one.low, rel=0.25)
    assert (three.people, three.positives) == (100, once.positives)


def test_where_nothing_varies_there_is_no_line_and_no_curve():
    same = probability_figures(np.array([1, 0, 0, 1, 0]), np.full(5, 0.3), resamples=50)
    assert np.isnan(same.slope.value) and np.isnan(same.ici.value) and same.curve is None
    assert sigmoid(np.log(0.3 / 0.7) + same.in_the_large.value) == pytest.approx(0.4)
    alone = probability_figures(np.ones(4), np.array([0.2, 0.5, 0.6, 0.9]), resamples=50)
    assert np.isnan(alone.in_the_large.value) and np.isnan(alone.skill.value) and alone.curve is None


def test_separated_labels_have_a_curve_but_no_slope():
    made = probability_figures(np.arange(20) >= 10, np.linspace(0.02, 0.98, 20), resamples=50)
    assert np.isnan(made.slope.value) and np.isfinite(made.curve.observed).all() and np.isfinite(made.ici.high)


def test_five_people_lie_beyond_either_end_of_the_curve():
    labels, logits = calibrated(60)
    curve = probability_figures(labels, sigmoid(logits), resamples=50).curve
    shares = np.sort(sigmoid(logits))
    assert (curve.probability[0], curve.probability[-1]) == pytest.approx((shares[5], shares[-6]))
    people = np.r_[np.arange(5).repeat(3), np.arange(5, 55), np.arange(55, 60).repeat(3)]
    assert supported(shares[people], sample_of(80, people)) == pytest.approx((shares[5], shares[-6])), "people are counted, not rows"
    assert supported(shares[:12], sample_of(12, None)) == pytest.approx((shares[5], shares[6]))
    assert supported(shares[:11], sample_of(11, None)) is None and supported(np.r_[np.zeros(20), 0.5], sample_of(21, None)) is None


def test_two_people_whose_probability_is_nearly_0_make_no_spike_there():
    labels, logits = calibrated(40, seed=3)
    probabilities, labels = np.r_[sigmoid(logits), np.full(2, 1e-6)], np.r_[labels, True, True]
    smoother, curve = Smoother(labels, probabilities), probability_figures(labels, probabilities, resamples=50).curve
    at_the_end = sigmoid(smoother.columns(np.array([1e-6])) @ smoother.fits(np.ones((1, 42)))[0])
    assert at_the_end[0] > 0.5, "the smooth itself rises where these two are"
    assert curve.probability[0] > 0.02 and max(curve.observed[:20]) < 0.1


def test_logits_are_refused():
    with pytest.raises(PatError, match="not logits"):
        probability_figures(np.array([0, 1]), np.array([-1.0, 2.0]))
