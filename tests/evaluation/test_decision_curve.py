"""Net benefit."""

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.evaluation import decision_curve, sigmoid
from tests.evaluation.drawn_people import calibrated

LABELS = np.array([0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1])
PROBABILITIES = np.array([0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.5, 0.55, 0.6, 0.65, 0.8, 0.9])
CUTS = (0.1, 0.2, 0.3, 0.5, 0.7)


@pytest.mark.parametrize(
    ("prevalence", "model", "treat_all"),
    [
        (None, (0.361111, 0.229167, 0.190476, -0.166667, -0.111111), (0.351852, 0.270833, 0.166667, -0.166667, -0.944444)),
        (0.1, (0.014286, -0.080714, -0.140408, -0.474286, -0.28), (0.0, -0.125, -0.285714, -0.8, -2.0)),
    ],
)
def test_net_benefit_is_that_of_dcurves(prevalence, model, treat_all):
    """The figures are those that dcurves 1.1.7 printed for these people."""
    made = decision_curve(LABELS, PROBABILITIES, CUTS, prevalence=prevalence, resamples=50)
    assert made.model == pytest.approx(model, abs=1e-6)
    assert made.treat_all == pytest.approx(treat_all, abs=1e-6)
    assert all(low <= value <= high for low, value, high in zip(made.low, made.model, made.high, strict=True))


def test_right_probabilities_never_do_worse_than_treating_all_or_none_by_more_than_chance():
    labels, logits = calibrated(5000)
    made = decision_curve(labels, sigmoid(logits), resamples=20)
    assert np.all(np.array(made.model) > np.maximum(made.treat_all, 0) - 0.004)
    assert len(made.useful) > 70 and (made.positives + made.negatives) == 5000


def test_a_model_that_calls_everyone_is_treating_everyone_and_knows_of_no_useful_threshold():
    made = decision_curve(LABELS, np.full(12, 0.99), CUTS, resamples=5)
    assert made.model == pytest.approx(made.treat_all) and made.useful == ()


@pytest.mark.parametrize(
    ("labels", "cuts", "prevalence"), [(LABELS, (0.0, 0.5), None), (LABELS, (0.5, 0.2), None), (LABELS, (), None), (LABELS, CUTS, 8.0)]
)
def test_what_is_no_probability_is_refused(labels, cuts, prevalence):
    with pytest.raises(PatError, match=r"give 0\.\d+\.$"):
        decision_curve(labels, PROBABILITIES, cuts, prevalence=prevalence)
