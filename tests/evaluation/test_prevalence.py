"""Logits, probabilities and prior odds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pat_core.errors import PatError
from pat_core.evaluation import calibration, correct_logit, log_odds, sigmoid

SHARES = st.floats(0.001, 0.999)


def test_the_sigmoid_is_stable_and_symmetric():
    with np.errstate(all="raise", under="ignore"):
        assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
    logits = np.linspace(-30, 30, 61)
    assert np.allclose(sigmoid(logits) + sigmoid(-logits), 1.0)
    assert isinstance(sigmoid(0.3), float)


@given(SHARES)
def test_log_odds_undo_the_sigmoid(share):
    assert sigmoid(log_odds(share)) == pytest.approx(share)


@given(st.floats(-20, 20))
def test_at_even_prevalence_nothing_changes(logit):
    assert correct_logit(logit, 0.5) == pytest.approx(logit, abs=1e-12)


@given(SHARES)
def test_without_evidence_the_probability_is_the_prevalence(share):
    assert sigmoid(correct_logit(0.0, share)) == pytest.approx(share)


@given(st.floats(-8, 8), SHARES, SHARES)
def test_the_corrected_probability_is_what_bayes_rule_gives(logit, prevalence, prior):
    likelihood_ratio = np.exp(logit) * (1 - prior) / prior
    expected = prevalence * likelihood_ratio / (prevalence * likelihood_ratio + 1 - prevalence)
    assert sigmoid(correct_logit(logit, prevalence, prior)) == pytest.approx(expected, rel=1e-9)


@given(st.floats(-8, 8), SHARES, SHARES)
def test_moving_to_another_prevalence_and_back_changes_nothing(logit, one, other):
    assert correct_logit(correct_logit(logit, one, other), other, one) == pytest.approx(logit, abs=1e-9)


@pytest.mark.parametrize(("prevalence", "prior"), [(0.0, 0.5), (1.0, 0.5), (8.0, 0.5), (0.08, 0.0), (float("nan"), 0.5)])
def test_shares_out_of_range_are_refused(prevalence, prior):
    with pytest.raises(PatError, match="above 0 and below 1"):
        correct_logit(0.0, prevalence, prior)


@pytest.mark.parametrize("prevalence", [0.08, 0.4])
def test_after_the_shift_of_prior_probabilities_are_calibrated_and_before_it_they_are_not(prevalence):
    rng = np.random.default_rng(0)
    labels = rng.random(40_000) < prevalence
    scores = rng.normal(size=len(labels)) + 1.5 * labels
    # Two normals of equal spread: the log likelihood ratio is the logit of a perfect classifier at even odds.
    balanced = 1.5 * scores - 1.5**2 / 2
    corrected = calibration(labels, sigmoid(correct_logit(balanced, prevalence)))
    assert 0.9 <= corrected.slope <= 1.1
    assert abs(corrected.intercept) < 0.1
    assert abs(corrected.mean_error) <= 0.01
    assert calibration(labels, sigmoid(balanced)).mean_error > 0.03
