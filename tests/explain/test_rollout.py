import numpy as np
import pytest
import torch

from pat_core.explain import explain
from pat_core.explain.rollout import rollout
from tests.lively import lively

N = 12


def stochastic(seed: int) -> torch.Tensor:
    return torch.softmax(torch.randn(N, N, generator=torch.Generator().manual_seed(seed), dtype=torch.float64), dim=-1)


@pytest.mark.parametrize("blocks", [1, 2, 4])
def test_uniform_attention_rolls_out_to_one_over_n(blocks):
    uniform = torch.full((N, N), 1.0 / N, dtype=torch.float64)
    np.testing.assert_allclose(rollout([uniform] * blocks), 1.0 / N, atol=1e-12)


@pytest.mark.parametrize("blocks", [1, 3])
def test_attention_to_oneself_changes_nothing(blocks):
    np.testing.assert_allclose(rollout([torch.eye(N, dtype=torch.float64)] * blocks), 1.0 / N, atol=1e-12)


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_all_rows_on_one_token_follow_the_closed_form(blocks):
    to_k = torch.zeros(N, N, dtype=torch.float64)
    to_k[:, 5] = 1.0
    expected = np.full(N, 2.0**-blocks / N)
    expected[5] = 1 - 2.0**-blocks + 2.0**-blocks / N
    np.testing.assert_allclose(rollout([to_k] * blocks), expected, atol=1e-12)


def test_the_vector_form_equals_the_product_of_matrices_with_later_blocks_on_the_left():
    first, second = stochastic(1), stochastic(2)
    identity = torch.eye(N, dtype=torch.float64)
    product = (0.5 * second + 0.5 * identity) @ (0.5 * first + 0.5 * identity)
    np.testing.assert_allclose(product.sum(dim=-1), 1.0, atol=1e-12)
    np.testing.assert_allclose(rollout([first, second]), product.mean(dim=0), atol=1e-12)


def test_the_order_of_blocks_matters():
    assert not np.allclose(rollout([stochastic(1), stochastic(2)]), rollout([stochastic(2), stochastic(1)]), atol=1e-4)


def test_with_one_block_rollout_is_half_the_authors_map_and_half_uniform():
    network = lively("small")
    week = np.random.default_rng(0).normal(size=10080).astype(np.float32)
    rolled = explain(network, week, "rollout", has_head=False).values
    authors = explain(network, week, "authors", has_head=False).values
    np.testing.assert_allclose(rolled, authors / 2 + 0.5, atol=1e-5)


def test_rollout_is_one_on_average_and_constant_on_each_patch():
    week = np.random.default_rng(1).normal(size=18 * 30 + 7).astype(np.float32)
    made = explain(lively("medium"), week, "rollout", has_head=False)
    covered = made.values[: 18 * 30].reshape(30, 18)
    assert np.isnan(made.values[18 * 30 :]).all()
    assert (covered == covered[:, :1]).all()
    assert covered.mean() == pytest.approx(1.0, abs=1e-5)
