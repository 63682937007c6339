import copy
import math

import numpy as np
import pytest
import torch

from pat_core.errors import ExplanationError
from pat_core.explain.methods.rollout import gradient_rollout_map
from tests.explain.closed_forms import BOUND, GRADIENT_ROLLOUT, N, small_network, week


def plain_statement(network, z: np.ndarray) -> np.ndarray:
    """(N,) mean over rows of R, minus 1/N: every weight formed and kept, one backward pass, R formed as a matrix."""
    kept, tokens = [], network.encoder.embed(torch.from_numpy(z)[None])
    for block in network.encoder.blocks:
        attention = block.attention
        q, k, v = (
            layer(tokens).unflatten(-1, (attention.heads, 96)).transpose(1, 2)
            for layer in (attention.query, attention.key, attention.value)
        )
        kept.append(torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(96), dim=-1))
        kept[-1].retain_grad()
        tokens = block.norm1(tokens + attention.output((kept[-1] @ v).transpose(1, 2).flatten(2)))
        tokens = block.norm2(tokens + block.feed_forward2(block.feed_forward1(tokens).relu()))
    network.head(tokens.mean(dim=1)).sum().backward()
    rolled = torch.eye(len(tokens[0]), dtype=tokens.dtype)
    for weights in kept:
        rolled = rolled + (weights.grad * weights)[0].relu().mean(dim=0).detach() @ rolled
    return (rolled.mean(dim=0) - 1 / len(rolled)).numpy()


@pytest.mark.parametrize("closed_form", GRADIENT_ROLLOUT.values(), ids=GRADIENT_ROLLOUT)
def test_closed_forms_of_the_gradient_rollout(closed_form):
    assert closed_form() <= BOUND


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_it_equals_a_plain_statement_that_forms_everything(blocks):
    network = small_network(blocks)
    expected = plain_statement(copy.deepcopy(network), week(40))
    made = gradient_rollout_map(network, week(40))
    np.testing.assert_allclose(made.values.reshape(40, 18)[:, 0], expected / expected.mean(), rtol=1e-6)


def test_it_follows_the_logit_and_not_its_size():
    network, doubled = small_network(1), small_network(1)
    with torch.no_grad():
        doubled.head.output.weight *= 2
    np.testing.assert_allclose(gradient_rollout_map(doubled, week()).values, gradient_rollout_map(network, week()).values, rtol=1e-5)


def test_what_lowers_the_score_is_another_map():
    network, opposite = small_network(), small_network()
    with torch.no_grad():
        opposite.head.output.weight *= -1
    assert np.abs(gradient_rollout_map(network, week()).values - gradient_rollout_map(opposite, week()).values).max() > 1e-2


def test_where_nothing_raised_the_score_the_map_is_zero_and_flagged():
    network = small_network()
    with torch.no_grad():
        network.head.output.weight.zero_()
    made = gradient_rollout_map(network, week())
    assert not made.values.any() and "zero everywhere" in made.flag


def test_it_is_made_inside_a_block_without_gradients_too():
    network = small_network()
    with torch.no_grad():
        inside = gradient_rollout_map(network, week()).values
    np.testing.assert_array_equal(inside, gradient_rollout_map(network, week()).values)
    assert inside.size == N * 18


def test_a_score_that_is_not_a_number_is_refused_in_a_sentence():
    network = small_network(1)
    with torch.no_grad():
        network.head.output.bias.fill_(float("nan"))
    with pytest.raises(ExplanationError, match="not a number"):
        gradient_rollout_map(network, week())
