"""The path integral on scores whose attributions are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pat_core.explain.methods.gradient_path import integrate
from pat_core.explain.methods.integrated_gradients import missed
from pat_core.progress import Silent


def turn(x: torch.Tensor) -> torch.Tensor:
    """A sharp turn a third of the way along a path from 0 to 1, off every point that halving visits."""
    return torch.tanh(12 * (x - 1 / 3))


def opposed(points: torch.Tensor) -> torch.Tensor:
    """Two entries whose turns cancel in the score, at every point of the path."""
    return turn(points[:, 0]) - turn(points[:, 1])


def walked(most: int, tolerance: float = 0.01):
    start, end = torch.zeros((1, 2), dtype=torch.float64), torch.ones((1, 2), dtype=torch.float64)
    return integrate(opposed, start, end, tolerance=tolerance, most=most, at_once=4, progress=Silent())


def test_errors_that_cancel_in_the_score_are_refined_all_the_same():
    made = walked(200)
    one = float(turn(torch.tensor(1.0, dtype=torch.float64)) - turn(torch.tensor(0.0, dtype=torch.float64)))
    assert made.delta == pytest.approx(0.0, abs=1e-12) and made.bound == pytest.approx(0.0, abs=1e-9), "the score tells of no error"
    np.testing.assert_allclose(made.values, [one, -one], rtol=0.01)
    assert made.evaluations > 9 and made.met and made.unsettled <= 0.0075


def test_a_map_that_was_cut_short_says_that_it_has_not_settled():
    made = walked(9)
    assert not made.met and made.evaluations == 9
    assert "has not settled yet: after 9 steps about" in missed(made, 0.01)


def test_a_finer_tolerance_settles_the_map_further():
    one = float(turn(torch.tensor(1.0, dtype=torch.float64)) - turn(torch.tensor(0.0, dtype=torch.float64)))
    coarse, fine = (abs(walked(400, tolerance).values[0] / one - 1) for tolerance in (0.05, 5e-4))
    assert fine < 1e-3 and fine < coarse / 5


def test_a_path_that_goes_nowhere_is_settled_at_once():
    still = torch.ones((1, 2), dtype=torch.float64)
    made = integrate(opposed, still, still, tolerance=0.01, most=200, at_once=4, progress=Silent())
    assert made.met and made.unsettled == 0.0 and not made.values.any()
