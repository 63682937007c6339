"""Planning."""

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.evaluation import auc_interval, people_needed, sigmoid, study_size, wilson
from pat_core.evaluation.probability_figures import calibration_line
from pat_core.evaluation.resampling import sample_of
from tests.evaluation.drawn_people import two_normals

SHIFT = 1.1902  # two normals of this distance have an AUC of 0.8


def test_intervals_are_as_wide_as_those_that_tests_have():
    planned, widths, slopes = study_size(40, 60), [], []
    for seed in range(100):
        labels, scores = two_normals(100, SHIFT, seed)
        made = auc_interval(labels, scores)
        widths.append(made.high - made.low)
        probabilities = sigmoid(SHIFT * scores - SHIFT**2 / 2 + np.log(40 / 60))
        slope = calibration_line(labels, probabilities, sample_of(100, None))[2]
        slopes.append(slope.high - slope.low)
    assert planned.auc.high - planned.auc.low == pytest.approx(np.median(widths), rel=0.1)
    assert planned.slope.high - planned.slope.low == pytest.approx(np.median(slopes), rel=0.1)
    assert (planned.sensitivity.low, planned.sensitivity.high) == pytest.approx((wilson(32, 40).low, wilson(32, 40).high))


def test_more_people_show_more():
    few, many = study_size(20, 20, parameters=7), study_size(80, 80, parameters=7)
    for name in ("auc", "sensitivity", "specificity", "slope"):
        small, large = getattr(few, name), getattr(many, name)
        assert large.high - large.low < 0.65 * (small.high - small.low)
    assert (few.events_per_parameter, many.events_per_parameter) == (pytest.approx(20 / 7), pytest.approx(80 / 7))
    assert study_size(20, 20).events_per_parameter is None


@pytest.mark.parametrize("prevalence", [0.5, 0.1])
def test_as_many_people_as_needed_are_enough_and_one_fewer_are_not(prevalence):
    positives, negatives = people_needed(0.8, 0.15, prevalence)
    enough = study_size(positives, negatives).auc
    assert enough.high - enough.low <= 0.15
    fewer = study_size(positives - 1, negatives).auc
    assert fewer.high - fewer.low > 0.149 and positives / (positives + negatives) == pytest.approx(prevalence, abs=0.01)


@pytest.mark.parametrize(
    "call",
    [
        lambda: study_size(1, 50),
        lambda: study_size(20, 20, 0.5),
        lambda: study_size(20, 20, 0.8, 80),
        lambda: people_needed(0.8, 15),
        lambda: people_needed(1.0, 0.1),
    ],
)
def test_what_cannot_be_planned_is_refused_in_a_sentence(call):
    with pytest.raises(PatError, match=r"\.$"):
        call()
