"""Whether a percentage may be shown."""

import re
from dataclasses import replace

import numpy as np
import pytest

from pat_core.evaluation import (
    RecalibrationChange,
    probability_figures,
    recalibration_change,
    recalibration_effect,
    sigmoid,
    supports_percentage,
)
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


@pytest.mark.parametrize(
    ("change", "worse", "harmful"),
    [
        (RecalibrationChange((0.2, 0.18), (0.4, 0.9), (0.1, 0.03)), (), False),
        (RecalibrationChange((0.18, 0.2), (0.4, 0.9), (0.1, 0.03)), ("brier",), True),
        (RecalibrationChange((0.153, 0.157), (0.43, 1.05), (0.152, 0.085)), ("brier",), False),
        (RecalibrationChange((0.153, 0.157), (0.43, 0.43), (0.152, 0.085)), ("brier",), True),
        (RecalibrationChange((0.2, 0.18), (0.4, 0.9), (0.03, 0.1)), ("ici",), True),
        (RecalibrationChange((0.2, 0.2), (0.9, 1.2), (0.03, 0.03)), ("slope",), True),
        (RecalibrationChange((0.2, 0.18), (1.02, 0.95), (0.1, 0.03)), ("slope",), False),
        (RecalibrationChange((0.2, 0.2), (0.8, 1.2), (0.03, 0.03)), (), False),
        (RecalibrationChange((0.2, 0.18), (np.nan, np.nan), (np.nan, np.nan)), (), False),
    ],
)
def test_a_recalibration_that_moves_a_figure_away_from_right_did_harm(change, worse, harmful):
    assert (change.worse, change.harmful) == (worse, harmful)
    words = change.words("Platt", True)
    assert ("made these probabilities worse" in words and "use the model's own probability" in words) is harmful
    assert ("use the rank" in change.words("Platt", False)) is harmful and words.endswith(".")


def test_right_probabilities_are_mostly_made_worse_by_recalibration_and_stretched_ones_better():
    def change(times, seed):
        labels, logits = calibrated(300, seed)
        effect = recalibration_effect(labels, times * logits, "isotonic", resamples=2)
        return recalibration_change(effect.before, effect.after)

    assert sum(change(1, seed).harmful for seed in range(6)) >= 5, "nothing is to be gained, and the fit adds its own error"
    stretched = [change(4, seed) for seed in range(6)]
    assert {one.better for one in stretched} == {("brier", "slope", "ici")} and not any(one.harmful for one in stretched)
