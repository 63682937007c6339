"""Lesson 5: the sum closes, and the claims of the screens against the arrays that they show."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.workflows.lessons import lesson_gradients as gradients


@pytest.fixture(scope="module")
def walk() -> gradients.Walk:
    return gradients.walk()


def test_the_sum_closes_within_one_percent(walk):
    added = walk.so_far.sum(axis=1)
    assert added[0] == 0 and added[-1] == pytest.approx(walk.delta, rel=0.01)
    change = walk.scores - walk.scores[0]
    assert np.abs(added - change).max() < 0.01 * abs(walk.delta), "and on the whole way there"
    assert abs(walk.delta - walk.scores[-1]) > 1 < abs(walk.delta - 1), "the other two answers are wrong"


def test_more_steps_miss_less_and_a_map_from_any_baseline_closes_too(walk):
    gaps = [walk.gap(steps) for steps in gradients.STEPS]
    assert gaps[0] > 0.1 > 0.01 > gaps[gradients.STEPS.index(16)] and max(gaps[-3:]) < 0.01
    np.testing.assert_allclose(walk.mixes.sum(axis=1), walk.deltas, atol=0.01 * max(1.0, np.abs(walk.deltas).max()))
    np.testing.assert_allclose(walk.mixes[0].sum(), walk.delta, rtol=0.01)


def test_the_slope_is_that_of_the_score(walk):
    along = np.gradient(walk.scores, 1 / (gradients.POINTS - 1))
    np.testing.assert_allclose(walk.slopes[1:-1], along[1:-1], atol=1.5)
    steepest = walk.slopes.argmax() / (gradients.POINTS - 1)
    assert 0.6 < steepest < 0.9 and walk.slopes[0] < walk.slopes[-1] < walk.slopes[round(0.75 * (gradients.POINTS - 1))]


def test_planted_mornings_add_most_from_the_mean_week_and_nothing_from_non_wear(walk):
    share = walk.so_far[-1][walk.planted].sum() / walk.delta
    assert 0.65 < share < 0.9 and walk.planted.mean() < 0.2
    assert walk.on_planted(0) == pytest.approx(walk.so_far[-1][walk.planted].sum(), rel=0.02)
    assert abs(walk.on_planted(100)) < walk.on_planted(0) / 5


def test_a_walk_of_a_linear_score_is_exact_in_one_step():
    import torch
    from torch import nn

    class Line(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.linspace(-1, 1, 10080))

        def score(self, weeks: torch.Tensor) -> torch.Tensor:
            return weeks @ self.weight

    start, end = np.zeros(10080, np.float32), np.random.default_rng(0).normal(size=10080).astype(np.float32)
    scores, slopes = gradients._along(Line(), start, end, np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(slopes.sum(axis=1), scores[2] - scores[0], rtol=1e-4)
    np.testing.assert_allclose(slopes[0], slopes[2], rtol=1e-5)
