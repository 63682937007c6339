import numpy as np
import pytest
import torch

from pat_core.explain.attention_reading import block_inputs, one_week
from pat_core.explain.methods.alti import alti_map, contributions, shares, sublayer
from tests.explain.closed_forms import ALTI, BOUND, small_network, week
from tests.explain.numpy_statement import numpy_attention

PATCHES = 40
"""More than are taken together, so that the seams between chunks are crossed."""


def stated_shares(network, z: np.ndarray, block: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(T (N queries, N keys, 96), y (N, 96), the biases' share (N, 96)) of a block's attention sublayer, all of it formed in NumPy."""
    tokens = block_inputs(network.encoder, one_week(network, z))[block].detach().numpy()
    part = {name: value.detach().numpy() for name, value in network.encoder.blocks[block].named_parameters()}
    weights, heads = numpy_attention(network, z, block), network.config.heads
    value = (tokens @ part["attention.value.weight"].T).reshape(len(tokens), heads, 96)
    output = part["attention.output.weight"].reshape(96, heads, 96)
    split = np.einsum("hij,jhd,ohd->ijo", weights, value, output)
    split[np.arange(len(tokens)), np.arange(len(tokens))] += tokens
    bias = part["attention.output.bias"] + part["attention.output.weight"] @ part["attention.value.bias"]
    whole = split.sum(axis=1) + bias
    deviation = np.sqrt(whole.var(axis=1) + 1e-6)

    def linear(x: np.ndarray, by: np.ndarray) -> np.ndarray:
        return (x - x.mean(axis=-1, keepdims=True)) * part["norm1.weight"] / by

    made = linear(whole, deviation[:, None]) + part["norm1.bias"]
    biases = linear(bias[None], deviation[:, None]) + part["norm1.bias"]
    return linear(split, deviation[:, None, None]), made, biases


@pytest.mark.parametrize("closed_form", ALTI.values(), ids=ALTI)
def test_closed_forms_of_alti(closed_form):
    assert closed_form() <= BOUND


@pytest.mark.parametrize("block", [0, 1])
def test_the_tokens_shares_and_the_share_of_the_biases_sum_to_what_the_sublayer_makes(block):
    network, z = small_network(), week(PATCHES)
    stated, made, biases = stated_shares(network, z, block)
    rows = slice(5, 17)
    with torch.no_grad():
        parts = sublayer(network.encoder.blocks[block], block_inputs(network.encoder, one_week(network, z))[block])
        split = shares(parts, rows, torch.from_numpy(numpy_attention(network, z, block)[:, rows]))
    np.testing.assert_allclose(parts.output, made, atol=1e-10)
    np.testing.assert_allclose(split.transpose(0, 1), stated[rows], atol=1e-10)
    np.testing.assert_allclose(split.sum(dim=0) + torch.from_numpy(biases[rows]), parts.output[rows], atol=1e-10)


def test_the_map_equals_a_numpy_statement_over_two_blocks_with_the_later_one_on_the_left():
    network, z = small_network(), week(PATCHES)
    product = np.eye(PATCHES)
    for block in range(2):
        split, made, _ = stated_shares(network, z, block)
        near = np.maximum(0, np.abs(made).sum(axis=1)[:, None] - np.abs(made[:, None] - split).sum(axis=2))
        found = contributions(network.encoder.blocks[block], block_inputs(network.encoder, one_week(network, z))[block])
        np.testing.assert_allclose(found, near, atol=1e-9)
        product = near / near.sum(axis=1, keepdims=True) @ product
    np.testing.assert_allclose(alti_map(network, z).values.reshape(PATCHES, 18)[:, 0], product.mean(axis=0) * PATCHES, rtol=1e-6)


def test_a_model_that_only_hands_its_tokens_on_gives_an_even_map():
    network = small_network()
    with torch.no_grad():
        for block in network.encoder.blocks:
            block.attention.value.weight.zero_()
    np.testing.assert_allclose(alti_map(network, week()).values, 1.0, atol=1e-6)


def test_rows_to_which_no_share_comes_near_are_flagged():
    network = small_network(1)
    with torch.no_grad():
        network.encoder.blocks[0].norm1.weight.zero_()  # only the bias is left of what the sublayer makes
    made = alti_map(network, week())
    assert "In 12 rows" in made.flag
    np.testing.assert_allclose(made.values, 1.0, atol=1e-6)
