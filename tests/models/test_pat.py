"""PAT's network: counts, positions, shapes, attention and order, by closed forms and properties (arXiv 2411.15240)."""

from __future__ import annotations

import math

import pytest
import torch

from pat_core.models.pat import SIZES, PatConfig, config_for
from pat_core.models.pat.encoder import Encoder, cut_patches, positions
from pat_core.models.pat.heads import Classifier, seeded

TINY = PatConfig("custom", 60, 2, 2)
TINY_CONV = PatConfig("custom", 60, 2, 2, "conv")


def weeks(people=2, minutes=10080, seed=0):
    return torch.randn(people, minutes, generator=torch.Generator().manual_seed(seed))


def network(config, seed=0):
    return seeded(lambda: Classifier(config), seed).eval()


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("size", "linear", "conv", "linear_head", "conv_head"),
    [
        ("small", 274_720, 273_280, 287_265, 285_825),
        ("medium", 993_440, 992_000, 1_005_985, 1_004_545),
        ("large", 1_984_192, 1_983_616, 1_996_737, 1_996_161),
    ],
)
def test_published_parameter_counts(size, linear, conv, linear_head, conv_head):
    with torch.device("meta"):
        for embedding, encoder, whole in (("linear", linear, linear_head), ("conv", conv, conv_head)):
            classifier = Classifier(config_for(size, embedding))
            assert (parameters(classifier.encoder), parameters(classifier)) == (encoder, whole)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("embedding", ["linear", "conv"])
def test_parameter_counts_in_closed_form(size, embedding):
    patch, heads, blocks = SIZES[size]
    wide = heads * 96
    block = 3 * (96 * wide + wide) + wide * 96 + 96 + 2 * 2 * 96 + 96 * 256 + 256 + 256 * 96 + 96
    first = patch * 96 + 96 if embedding == "linear" else 3 * 96 + 96
    with torch.device("meta"):
        assert parameters(Encoder(config_for(size, embedding))) == first + blocks * block


def test_an_unknown_size_is_refused():
    with pytest.raises(ValueError, match="small, medium, large, huge"):
        config_for("giant")


@pytest.mark.parametrize(("size", "tokens"), [("small", 560), ("medium", 560), ("large", 1120), ("huge", 2016)])
def test_tokens_of_a_week(size, tokens):
    assert config_for(size).tokens(10080) == tokens
    assert config_for(size).leftover(10080) == 0


def test_positions_are_sines_and_then_cosines():
    table = positions(2016, torch.zeros(0))
    for position in (0, 1, 17, 560, 2015):
        for pair in (0, 1, 23, 47):
            angle = position / 10000 ** (2 * pair / 96)
            assert table[position, pair].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert table[position, 48 + pair].item() == pytest.approx(math.cos(angle), abs=1e-6)
    torch.testing.assert_close((table[:, :48] ** 2 + table[:, 48:] ** 2), torch.ones(2016, 48))


def test_positions_do_not_depend_on_how_many_there_are():
    like = torch.zeros(0)
    assert torch.equal(positions(10, like), positions(1000, like)[:10])
    assert positions(3, torch.zeros(0, dtype=torch.float64)).dtype == torch.float64


@pytest.mark.parametrize("config", [TINY, TINY_CONV])
def test_shapes_from_week_to_logit(config):
    model, week = network(config), weeks(3)
    with torch.no_grad():
        assert model.encoder(week).shape == (3, 168, 96)
        assert model.pool(week).shape == (3, 96)
        assert model(week).shape == (3,)


@pytest.mark.parametrize("config", [TINY, TINY_CONV])
def test_the_pooled_embedding_is_the_mean_over_tokens_and_the_logit_reads_nothing_else(config):
    model, week = network(config), weeks()
    with torch.no_grad():
        pooled = model.encoder(week).mean(dim=1)
        torch.testing.assert_close(model.pool(week), pooled)
        torch.testing.assert_close(model(week), model.head(pooled))


@pytest.mark.parametrize("config", [TINY, TINY_CONV])
@pytest.mark.parametrize("minutes", [60, 61, 119, 120, 1440, 12345])
def test_any_length_of_one_patch_and_more_is_read_and_leftover_minutes_are_not(config, minutes):
    model, week = network(config), weeks(1, minutes)
    other = week.clone()
    other[:, minutes - config.leftover(minutes) :] = 1e6
    with torch.no_grad():
        tokens = model.encoder(week)
        assert tokens.shape == (1, minutes // 60, 96)
        assert torch.equal(tokens, model.encoder(other))
    assert config.tokens(minutes) * 60 + config.leftover(minutes) == minutes


@pytest.mark.parametrize("shape", [(1, 59), (1, 0), (10080,), (1, 1, 10080)])
def test_too_short_or_misshapen_input_is_refused(shape):
    with pytest.raises(ValueError, match="at least 60 minutes"):
        network(TINY)(torch.zeros(shape))


def test_patches_are_consecutive_minutes():
    week = torch.arange(200.0)[None]
    patches = cut_patches(week, 60)
    assert patches.shape == (1, 3, 60)
    assert torch.equal(patches[0, 1], torch.arange(60.0, 120.0))


def test_conv_patches_are_filtered_in_closed_form():
    """Zero padding inside each patch, ReLU, mean: written out minute by minute."""
    model, week = network(TINY_CONV), weeks(1, 120)
    projection = model.encoder.patches.projection
    with torch.no_grad():
        projection.bias.normal_(generator=torch.Generator().manual_seed(5))
        minutes = torch.cat([torch.zeros(1), week[0, 60:120], torch.zeros(1)])
        filtered = [(projection.weight[:, 0] @ minutes[at : at + 3] + projection.bias).relu() for at in range(60)]
        expected = torch.stack(filtered).mean(dim=0)
        torch.testing.assert_close(model.encoder.patches(cut_patches(week, 60))[0, 1], expected)


@pytest.mark.parametrize("config", [TINY, TINY_CONV])
def test_one_patch_embeds_without_its_neighbours(config):
    model, week = network(config), weeks(1)
    other = week.clone()
    other[:, 600:660] += 1
    with torch.no_grad():
        changed = (model.encoder.embed(week) != model.encoder.embed(other)).any(dim=-1)[0]
    assert changed.nonzero().flatten().tolist() == [10]


@pytest.mark.parametrize("config", [config_for("small"), TINY, TINY_CONV])
def test_both_attention_paths_give_the_same_tokens_and_rows_sum_to_one(config):
    model, week = network(config), weeks(1)
    seen = {}
    with torch.no_grad():
        fused = model.encoder(week)
        explicit = model.encoder(week, lambda block, weights: seen.update({block: weights}))
        torch.testing.assert_close(explicit, fused, atol=2e-5, rtol=1e-5)
        tokens = config.tokens(10080)
        assert list(seen) == list(range(config.blocks))
        for weights in seen.values():
            assert weights.shape == (1, config.heads, tokens, tokens)
            assert weights.min() >= 0
            torch.testing.assert_close(weights.sum(dim=-1), torch.ones(1, config.heads, tokens))


def test_attention_is_the_softmax_of_scaled_products_head_by_head():
    model, tokens = network(TINY), weeks(1, 5 * 96).reshape(1, 5, 96)
    attention = model.encoder.blocks[0].attention
    got = []
    with torch.no_grad():
        out = attention(tokens, got.append)
        mixed = []
        for head in range(2):
            rows = slice(head * 96, (head + 1) * 96)
            q, k, v = (tokens[0] @ layer.weight[rows].T + layer.bias[rows] for layer in (attention.query, attention.key, attention.value))
            weights = torch.softmax(q @ k.T / 96**0.5, dim=-1)
            torch.testing.assert_close(got[0][0, head], weights)
            mixed.append(weights @ v)
        torch.testing.assert_close(out[0], attention.output(torch.cat(mixed, dim=-1)))


def test_blocks_do_not_know_the_order_of_tokens():
    """Only positions carry order: a permutation of embedded tokens permutes the output."""
    model, week = network(TINY), weeks(1)
    order = torch.randperm(168, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        embedded = model.encoder.embed(week)
        straight, permuted = model.encoder.run_blocks(embedded), model.encoder.run_blocks(embedded[:, order])
        torch.testing.assert_close(permuted, straight[:, order], atol=1e-5, rtol=1e-4)


def test_blocks_end_in_a_norm():
    """Post-norm: with untouched norms every token has mean 0 and variance 1."""
    with torch.no_grad():
        tokens = network(TINY).encoder(weeks())
    torch.testing.assert_close(tokens.mean(dim=-1), torch.zeros(2, 168), atol=1e-5, rtol=0)
    torch.testing.assert_close(tokens.var(dim=-1, unbiased=False), torch.ones(2, 168), atol=1e-3, rtol=0)


def test_weeks_of_a_batch_do_not_see_one_another():
    model, week = network(TINY), weeks(3)
    with torch.no_grad():
        together = model(week)
        alone = torch.cat([model(week[index : index + 1]) for index in range(3)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


def test_the_same_seed_gives_the_same_network_without_touching_the_global_generator():
    torch.manual_seed(7)
    expected = torch.rand(4)
    torch.manual_seed(7)
    first, second, other = network(TINY, 1), network(TINY, 1), network(TINY, 2)
    assert torch.equal(torch.rand(4), expected)
    states = [module.state_dict() for module in (first, second, other)]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert not torch.equal(states[0]["head.hidden.weight"], states[2]["head.hidden.weight"])


def test_first_weights_are_those_keras_would_draw():
    """Glorot uniform: within sqrt(6 / (in + out)), with its variance; biases zero."""
    for module in network(config_for("small")).modules():
        if isinstance(module, torch.nn.Linear):
            bound = math.sqrt(6 / sum(module.weight.shape))
            assert module.weight.abs().max() <= bound
            assert not module.bias.any()
            if module.weight.numel() > 10_000:
                assert module.weight.var().item() == pytest.approx(bound**2 / 3, rel=0.05)


def test_dropout_works_in_training_and_rests_in_evaluation():
    model, week = network(TINY), weeks(1)
    with torch.no_grad():
        assert torch.equal(model(week), model(week))
        model.train()
        assert not torch.equal(model(week), model(week))
