"""Whether a percentage may be shown."""

import re
from dataclasses import replace

import numpy as np
import pytest

from pat_core.evaluation import probability_figures, recalibration_effect, sigmoid, supports_percentage
from pat_core.records import Interval
from tests.evaluation.drawn_people import calibrated


@pytest.fixture(scope="module")
def right():
    labels, logits = calibrated(400)
    return probability_figures(labels, sigmoid(logits), resamples=200)


def test_right_probabilities_of_many_people_are_supported_and_the_sentence_says_how_far_off_they_were(right):
    supported, why = supports_percentage(right)
    assert supported and why.startswith("Among 400 people held out from training") and "points" in why and why.endswith(").")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"positives": 19}, "nobody can tell .* at least 20 of each kind"),
        ({"slope": Interval(np.nan, np.nan, np.nan)}, "slope cannot be measured"),
        ({"slope": Interval(0.9, 0.45, 1.3)}, r"slope is 0.90 \(0.45 to 1.30\); .* within 0.5 to 2"),
        ({"slope": Interval(1.5, 1.0, 2.1)}, "within 0.5 to 2"),
        ({"in_the_large": Interval(0.4, 0.0, 0.8)}, "too high or too low for everyone"),
        ({"ici": Interval(0.06, 0.03, 0.12)}, r"off by 6 points \(3 to 12\) on average; the upper end may be at most 10"),
    ],
)
def test_each_margin_holds_by_itself(right, changed, reason):
    supported, why = supports_percentage(replace(right, **changed))
    assert not supported
    assert re.search(reason, why) and why.endswith(".")


def test_too_extreme_probabilities_are_not_supported_until_they_are_recalibrated():
    labels, logits = calibrated(400, 1)
    made = recalibration_effect(labels, 3 * logits, resamples=100)
    assert not supports_percentage(made.before)[0] and supports_percentage(made.after)[0]


def test_right_probabilities_of_few_people_are_not_supported():
    labels, logits = calibrated(50, 2)
    assert not supports_percentage(probability_figures(labels, sigmoid(logits), resamples=100))[0]
