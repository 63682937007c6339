import numpy as np
import pytest
import torch

from pat_core.errors import ExplanationError
from pat_core.explain.methods.integrated_gradients import contrast
from tests.explain.scores import linear
from tests.lively import lively


def weeks(seed: int, minutes: int = 18 * 30) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=minutes).astype(np.float32)


def test_of_a_linear_score_each_minute_gets_its_weight_times_the_difference_of_the_two_people():
    network, weight = linear(180)
    made = contrast(network, weeks(0, 180), weeks(1, 180), "B")
    np.testing.assert_allclose(made.values, weight * (weeks(0, 180) - weeks(1, 180)), atol=1e-6)


@pytest.mark.parametrize("size", ["small", "medium"])
def test_the_minutes_sum_to_the_difference_of_the_two_scores_up_to_the_gap(size):
    network, a, b = lively(size), weeks(2), weeks(3)
    made = contrast(network, a, b, "B")
    with torch.no_grad():
        delta = float(network(torch.from_numpy(a)[None]) - network(torch.from_numpy(b)[None]))
    assert made.delta == pytest.approx(delta, abs=1e-5)
    assert np.nansum(made.values, dtype=np.float64) == pytest.approx(delta + made.completeness_gap, abs=1e-5)
    assert made.relative_gap <= 0.01 and made.flag == ""


def test_changing_the_two_people_over_changes_every_sign():
    network, a, b = lively("medium"), weeks(4), weeks(5)
    np.testing.assert_allclose(contrast(network, a, b, "B").values, -contrast(network, b, a, "A").values, atol=1e-6)


def test_a_person_and_themselves_differ_nowhere():
    assert not contrast(lively(), weeks(6), weeks(6), "the same").values.any()


def test_it_says_whom_it_compares_with_and_by_which_week():
    made, other = contrast(lively(), weeks(7), weeks(8), "person 12"), contrast(lively(), weeks(7), weeks(9), "person 12")
    assert made.method == made.settings["method"] == "contrast"
    assert made.settings["baseline_of"] == "person 12" and "person 12" in made.note
    assert made.settings["baseline_sha256"] != other.settings["baseline_sha256"]


def test_weeks_of_two_lengths_are_refused():
    with pytest.raises(ExplanationError, match="540 and 180 minutes"):
        contrast(lively(), weeks(0), weeks(1, 180), "B")
