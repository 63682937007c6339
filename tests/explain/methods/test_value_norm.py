import numpy as np
import pytest
import torch

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import block_inputs, one_week
from pat_core.explain.methods.one_block import value_norm_map, value_norms
from tests.explain.closed_forms import BOUND, VALUE_NORM, small_network, week
from tests.explain.numpy_statement import numpy_attention

PATCHES = 40
"""More than are taken together, so that the seams between chunks are crossed."""


def brute_force(network, z: np.ndarray, block: int) -> np.ndarray:
    """(N, N), pair by pair and head by head."""
    attention, weights = network.encoder.blocks[block].attention, numpy_attention(network, z, block)
    tokens = block_inputs(network.encoder, one_week(network, z))[block].detach().numpy()
    value, bias, output = (part.detach().numpy() for part in (attention.value.weight, attention.value.bias, attention.output.weight))
    sizes = np.empty((len(tokens), len(tokens)))
    for i in range(len(tokens)):
        for j in range(len(tokens)):
            carried = np.zeros(96)
            for head in range(attention.heads):
                part = slice(96 * head, 96 * head + 96)
                carried += weights[head, i, j] * (output[:, part] @ (value[part] @ tokens[j] + bias[part]))
            sizes[i, j] = np.sqrt((carried**2).sum())
    return sizes


@pytest.mark.parametrize("closed_form", VALUE_NORM.values(), ids=VALUE_NORM)
def test_closed_forms_of_the_value_norms(closed_form):
    assert closed_form() <= BOUND


@pytest.mark.parametrize("block", [0, 1])
def test_it_equals_a_loop_over_pairs_and_heads(block):
    network, z = small_network(), week(PATCHES)
    sizes = brute_force(network, z, block)
    tokens = block_inputs(network.encoder, one_week(network, z))[block]
    np.testing.assert_allclose(value_norms(network.encoder.blocks[block].attention, tokens), sizes, rtol=1e-9)
    shares = sizes / sizes.sum(axis=1, keepdims=True)
    made = value_norm_map(network, z, block=block)
    np.testing.assert_allclose(made.values.reshape(PATCHES, 18)[:, 0], shares.mean(axis=0) * PATCHES, rtol=1e-6)


def test_the_last_block_is_read_where_none_is_named_and_one_that_there_is_not_is_refused():
    network = small_network()
    np.testing.assert_array_equal(value_norm_map(network, week()).values, value_norm_map(network, week(), block=1).values)
    with pytest.raises(ExplanationError, match="2 blocks"):
        value_norm_map(network, week(), block=2)


def test_attention_that_carries_nothing_is_flagged_and_shown_as_even():
    network = small_network(1)
    with torch.no_grad():
        network.encoder.blocks[0].attention.output.weight.zero_()
    made = value_norm_map(network, week())
    assert "carries nothing" in made.flag
    np.testing.assert_allclose(made.values, 1.0, atol=1e-6)
