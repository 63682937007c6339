"""Optimism and instability."""

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.evaluation import bootstrap_optimism, instability
from tests.evaluation.drawn_people import two_normals


def nearest_means(labels, x):
    """A classifier that learns the direction between the two means."""

    def refit(rows):
        y, known = labels[rows], x[rows]
        direction = known[y].mean(0) - known[~y].mean(0)
        return (x - known.mean(0)) @ direction

    return refit


def test_what_learns_from_noise_is_mostly_optimism():
    rng = np.random.default_rng(0)
    labels = np.arange(60) < 30
    made = bootstrap_optimism(labels, nearest_means(labels, rng.normal(size=(60, 40))), resamples=60)
    assert made.apparent.value > 0.8 and made.optimism > 0.15 and made.corrected.value == pytest.approx(made.apparent.value - made.optimism)
    assert made.slope < 0.7 and made.draws == 60 and made.instability.mean_error > 0.05
    assert made.corrected.low < made.corrected.value < made.corrected.high


def test_what_learns_nothing_has_none():
    labels, scores = two_normals(60, 1.0, 0)
    made = bootstrap_optimism(labels, lambda rows: scores, resamples=40)
    assert abs(made.optimism) < 0.02 and made.instability.mean_error == 0
    people = np.arange(60) // 2
    assert bootstrap_optimism(np.arange(60) < 30, lambda rows: scores, people, resamples=3).apparent.n == 30


def test_instability_is_the_mean_distance_from_the_original():
    predictions = np.array([[0.1, 0.5], [0.3, 0.5], [0.2, 0.8]])
    made = instability(predictions, np.array([0.2, 0.5]))
    assert made.error == pytest.approx([0.2 / 3, 0.1]) and made.mean_error == pytest.approx((0.2 / 3 + 0.1) / 2)
    assert instability(predictions).original == pytest.approx([0.2, 0.6]) and (made.low <= made.high).all()


def test_one_kind_and_a_single_model_are_refused():
    with pytest.raises(PatError, match="people of both kinds"):
        bootstrap_optimism(np.ones(4), lambda rows: np.arange(4.0))
    with pytest.raises(PatError, match="at least two models"):
        instability(np.zeros((1, 4)))
