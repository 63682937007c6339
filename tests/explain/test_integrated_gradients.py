import numpy as np
import pytest
import torch
from torch import nn

from pat_core.errors import ExplanationError, UntrainedError
from pat_core.explain import METHODS, explain
from pat_core.explain.integrated_gradients import integrated_gradients
from pat_core.model import config_for
from tests.lively import lively


class Linear(nn.Module):
    """f(x) = w x + b, with the parts of a classifier that the method asks for."""

    def __init__(self, minutes: int) -> None:
        super().__init__()
        self.config = config_for("small")
        self.weight = nn.Parameter(torch.randn(minutes, generator=torch.Generator().manual_seed(0)))
        self.encoder = nn.Linear(1, 1)
        self.encoder.config = self.config

    def forward(self, week):
        return week @ self.weight + 0.7


def test_of_a_linear_score_each_minute_gets_its_weight_times_its_distance_from_the_baseline():
    network, week = Linear(36), np.random.default_rng(0).normal(size=36).astype(np.float32)
    made = integrated_gradients(network, week)
    np.testing.assert_allclose(made.values, network.weight.detach().numpy() * week, atol=1e-5)
    assert abs(made.completeness_gap) < 1e-5


@pytest.mark.parametrize("size", ["small", "medium"])
def test_the_minutes_sum_to_the_change_of_the_logit_up_to_the_stated_gap(size):
    network, week = lively(size), np.random.default_rng(1).normal(size=18 * 30).astype(np.float32)
    made = integrated_gradients(network, week)
    with torch.no_grad():
        delta = float(network(torch.from_numpy(week)[None]) - network(torch.zeros(1, week.size)))
    assert made.delta == pytest.approx(delta, abs=1e-6)
    assert np.nansum(made.values.astype(np.float64)) - delta == pytest.approx(made.completeness_gap, abs=1e-6)
    assert made.relative_gap <= 0.01


def test_the_mean_week_itself_gets_nothing():
    made = integrated_gradients(lively(), np.zeros(180, dtype=np.float32))
    assert made.delta == 0.0
    assert not np.nan_to_num(made.values).any()


def test_few_steps_leave_a_gap_that_is_reported_and_not_rescaled_away():
    network, week = lively("medium", seed=4), 4 * np.random.default_rng(2).normal(size=18 * 40).astype(np.float32)
    coarse, fine = integrated_gradients(network, week, steps=2), integrated_gradients(network, week, steps=128)
    assert abs(coarse.completeness_gap) > abs(fine.completeness_gap)
    assert coarse.settings["steps"] == 2


def test_minutes_that_no_whole_patch_covers_are_left_blank():
    made = integrated_gradients(lively(), np.random.default_rng(0).normal(size=18 * 3 + 5).astype(np.float32))
    assert np.isnan(made.values[54:]).all() and np.isfinite(made.values[:54]).all()


def test_a_model_without_a_trained_head_is_refused_in_so_many_words():
    with pytest.raises(UntrainedError, match="no trained head"):
        explain(lively(), np.zeros(180, dtype=np.float32), "integrated_gradients", has_head=False)


def test_an_unknown_method_is_refused_with_the_ones_there_are():
    with pytest.raises(ExplanationError, match=", ".join(METHODS)):
        explain(lively(), np.zeros(180, dtype=np.float32), "magic", has_head=True)
