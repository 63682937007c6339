import numpy as np
import pytest
import torch

from pat_core.errors import ExplanationError
from pat_core.explain.methods.one_block import authors_map
from pat_core.explain.methods.rollout import FUSIONS, rollout, rollout_map, stochastic
from tests.explain.closed_forms import BOUND, IDENTITY, ROLLOUT, UNIFORM, N, drawn, random_attention, small_network
from tests.explain.closed_forms import week as short_week
from tests.explain.numpy_statement import numpy_attention
from tests.lively import lively


@pytest.mark.parametrize("closed_form", ROLLOUT.values(), ids=ROLLOUT)
def test_closed_forms_of_the_rollout(closed_form):
    assert closed_form() <= BOUND


def test_the_order_of_blocks_matters():
    first, second = random_attention(1), random_attention(2)
    assert not np.allclose(rollout([first, second]), rollout([second, first]), atol=1e-4)


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("discard", [0.0, 0.6])
def test_the_map_of_a_network_equals_a_numpy_statement_that_forms_every_matrix(fusion, discard):
    network, week = small_network(2), short_week()
    rolled = np.eye(N)
    for block in range(2):
        fused = getattr(numpy_attention(network, week, block), fusion)(axis=0)
        if discard:
            kept = fused >= np.sort(fused, axis=None)[int(discard * fused.size)]
            fused = np.where(kept | (fused == fused.max(axis=1, keepdims=True)), fused, 0.0)
        rolled = (fused / fused.sum(axis=1, keepdims=True) / 2 + np.eye(N) / 2) @ rolled
    made = rollout_map(network, week, fusion=fusion, discard=discard)
    np.testing.assert_allclose(made.values.reshape(N, 18)[:, 0] / N, rolled.mean(axis=0), atol=1e-7)
    assert (made.settings["fusion"], made.settings["discard"]) == (fusion, discard)


@pytest.mark.parametrize("discard", [0.25, 0.5, 0.9])
def test_discarding_sets_that_share_of_different_entries_to_zero_where_no_row_would_be_emptied(discard):
    attention = random_attention(4, heads=1)[0]
    kept, _ = stochastic(attention, "mean", discard)
    lowest = attention.flatten().sort().values[int(discard * N * N)]
    emptied_rows = int((attention.amax(dim=1) < lowest).sum())
    assert int((kept == 0).sum()) == int(discard * N * N) - emptied_rows


def test_discarding_nearly_everything_leaves_each_row_its_largest_entry():
    attention = random_attention(5, heads=1)[0]
    attention[0] = UNIFORM[0] * (1 + 1e-3 * drawn(0, N))  # the row whose entries are all among the lowest
    kept, _ = stochastic(attention, "mean", 0.99)
    assert torch.equal(kept.argmax(dim=1), attention.argmax(dim=1))
    assert (kept.sum(dim=1) - 1).abs().max() <= 1e-12 and int((kept[0] > 0).sum()) == 1


def test_equal_entries_are_discarded_together_or_not_at_all():
    assert torch.equal(stochastic(UNIFORM, "mean", 0.9)[0] > 0, torch.ones(N, N, dtype=torch.bool))


def test_rows_that_no_head_shares_are_left_to_their_own_token_and_counted():
    disjoint = torch.stack([IDENTITY.roll(1, dims=1), IDENTITY.roll(2, dims=1)])
    matrix, empty = stochastic(disjoint.amin(dim=0), "min", 0.0)
    assert empty == N and torch.equal(matrix, IDENTITY)


def test_rows_that_no_head_shares_are_flagged_with_the_map():
    network = small_network(1)
    with torch.no_grad():  # each head looks along one direction of the tokens, opposite to the other's, and so hard that all else is 0
        query, key = network.encoder.blocks[0].attention.query, network.encoder.blocks[0].attention.key
        query.weight.zero_(), key.weight.zero_(), query.bias.zero_(), key.bias.zero_()
        query.bias[0], query.bias[96] = 1e7, -1e7
        key.weight[0] = key.weight[96] = drawn(0, 96)
    made = rollout_map(network, short_week(), fusion="min")
    assert f"In {N} rows no patch was attended to by all heads" in made.flag
    np.testing.assert_allclose(made.values, 1.0, atol=1e-6)


@pytest.mark.parametrize(
    "settings", [{"fusion": "sum"}, {"discard": 1.0}, {"discard": -0.1}, {"discard": "much"}, {"discard": float("nan")}]
)
def test_a_fusion_or_a_discard_ratio_that_there_is_not_is_refused_in_a_sentence(settings):
    with pytest.raises(ExplanationError, match="Expected"):
        rollout_map(small_network(1), short_week(), **settings)


def test_with_one_block_rollout_is_half_the_authors_map_and_half_uniform_and_says_so():
    network = lively("small")
    week = np.random.default_rng(0).normal(size=10080).astype(np.float32)
    rolled = rollout_map(network, week)
    np.testing.assert_allclose(rolled.values, authors_map(network, week).values / 2 + 0.5, atol=1e-5)
    assert "half of that map and half of the uniform level" in rolled.note and "no evidence" in rolled.note


@pytest.mark.parametrize(("blocks", "settings"), [(2, {}), (1, {"fusion": "max"}), (1, {"discard": 0.5})])
def test_nothing_is_said_of_the_authors_map_where_the_ranking_is_another(blocks, settings):
    assert "authors' map" not in rollout_map(small_network(blocks), short_week(), **settings).note


def test_attention_of_no_block_at_all_is_refused():
    with pytest.raises(ValueError, match="at least one block"):
        rollout([])
