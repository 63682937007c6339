"""Platt, isotonic and Venn-Abers recalibration."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression

from pat_core.errors import PatError
from pat_core.evaluation import Recalibration, fit_recalibration, recalibration_effect, sigmoid
from pat_core.evaluation.recalibration import METHODS, WORDS
from pat_core.evaluation.venn_abers import venn_abers
from tests.evaluation.drawn_people import calibrated


def test_platt_is_that_of_scikit_learn():
    labels, logits = calibrated(120, 1)
    made, other = fit_recalibration(labels, 3 * logits + 1), _SigmoidCalibration().fit(3 * logits + 1, labels)
    assert (made.slope, made.intercept) == pytest.approx((-other.a_, -other.b_), rel=1e-3, abs=1e-3)


def test_platt_of_separated_people_is_finite():
    made = fit_recalibration(np.arange(30) >= 15, np.linspace(-300, 300, 30))
    assert 0 < made.slope < 1 and 0.9 < made.probability(np.array([300.0]))[0] < 1


def test_isotonic_is_that_of_scikit_learn_but_for_certainty():
    labels, logits = calibrated(100, 2)
    made, grid = fit_recalibration(labels, logits, "isotonic"), np.linspace(-6, 6, 50)
    other = IsotonicRegression(out_of_bounds="clip").fit(logits, labels).predict(grid)
    assert made.probability(grid) == pytest.approx(np.clip(other, 1 / 102, 101 / 102), abs=0.02)
    assert made.probability(grid).min() == pytest.approx(1 / 102)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 1)), min_size=1, max_size=25),
    st.lists(st.sampled_from([-9.0, -2.5, -1.0, 0.0, 0.5, 2.0, 3.5]), min_size=1, max_size=6),
)
def test_venn_abers_is_two_isotonic_regressions_with_the_person_among_them(rows, scores):
    known, labels = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    low, high = venn_abers(known, labels, np.array(scores))
    for place, score in enumerate(scores):
        for label, bound in ((0.0, low), (1.0, high)):
            fit = IsotonicRegression().fit(np.r_[known, score], np.r_[labels, label])
            assert bound[place] == pytest.approx(fit.predict([score])[0], abs=1e-9)


def test_the_interval_holds_the_probability_and_narrows_with_people():
    few, many = (fit_recalibration(*calibrated(n), "venn-abers") for n in (60, 3000))
    grid = np.linspace(-3, 2, 20)
    widths = []
    for made in (few, many):
        low, high = made.interval(grid)
        assert (low <= made.probability(grid)).all() and (made.probability(grid) <= high).all()
        widths.append((high - low).mean())
    assert widths[1] < widths[0] / 4 and np.abs(many.probability(grid) - sigmoid(grid)).mean() < 0.05
    assert fit_recalibration(*calibrated(60)).interval(grid) is None


@pytest.mark.parametrize("method", METHODS)
def test_a_recalibration_survives_json_and_rises_with_the_logit(method):
    made = fit_recalibration(*calibrated(80), method)
    again = Recalibration.from_values(json.loads(json.dumps(made.as_values())))
    grid = np.linspace(-20, 20, 101)
    assert again == made and method in WORDS and np.array_equal(again.probability(grid), made.probability(grid))
    assert (np.diff(made.probability(grid)) >= 0).all() and ((made.probability(grid) > 0) & (made.probability(grid) < 1)).all()
    assert made.prevalence == made.positives / 80


@pytest.mark.parametrize("method", METHODS)
def test_too_extreme_probabilities_become_right(method):
    labels, logits = calibrated(600, 3)
    made = recalibration_effect(labels, 4 * logits + 2, method, resamples=60)
    assert made.before.slope.high < 0.5 and made.before.ici.value > 0.1
    assert made.after.ici.value < 0.05 and made.after.brier.value < made.before.brier.value
    assert (made.recalibration.method, len(made.probabilities)) == (method, 600)


def test_after_is_measured_on_people_who_were_not_in_the_fit():
    rng = np.random.default_rng(0)
    labels, logits = np.arange(60) < 30, rng.normal(size=60)  # noise: in the fit, isotonic steps would look far better than the prevalence
    inside = fit_recalibration(labels, logits, "isotonic").probability(logits)
    made = recalibration_effect(labels, logits, "isotonic", resamples=20)
    assert np.mean((inside - labels) ** 2) < 0.25 < made.after.brier.value
    people = np.repeat(np.arange(30), 2)
    assert recalibration_effect(labels, logits, people=people, resamples=20).after.people == 30


@pytest.mark.parametrize("method", METHODS)
def test_the_order_in_which_a_test_is_stored_has_no_part_in_its_figures(method):
    labels, logits = calibrated(80, 3)
    moved = np.random.default_rng(0).permutation(80)
    first, second = (recalibration_effect(labels[rows], logits[rows], method, resamples=20) for rows in (np.arange(80), moved))
    assert first.after == second.after and np.array_equal(np.array(first.probabilities)[moved], second.probabilities)


def test_too_few_people_another_method_and_damaged_values_are_refused():
    labels, logits = np.arange(20) < 5, np.arange(20.0)
    with pytest.raises(PatError, match="5 positive and 15 negative. Show ranks"):
        fit_recalibration(labels, logits)
    with pytest.raises(PatError, match="got 'beta'"):
        fit_recalibration(np.arange(40) < 20, np.arange(40.0), "beta")
    with pytest.raises(PatError, match="on a part of the people"):
        recalibration_effect(np.arange(22) < 11, np.arange(22.0) % 7, k=5)
    good = fit_recalibration(np.arange(40) < 20, np.arange(40.0)).as_values()
    for changed in ({"method": "beta"}, {"slope": "x"}, {"people": 0}, {"other": 1}, {"logits": [1.0]}, {"method": "isotonic"}):
        with pytest.raises(PatError, match="Fit it again"):
            Recalibration.from_values(good | changed)
