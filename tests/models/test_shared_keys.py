"""Folded attention is the published attention: tokens, and gradients of every weight and of the week, by both ways through the network."""

from __future__ import annotations

import copy

import pytest
import torch

from pat_core.models import shared_keys
from pat_core.models.pat import SIZES, PatConfig, config_for
from pat_core.models.pat.encoder import Attention, positions
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder, draw_visible
from pat_core.models.shared_keys import attend, attend_alike, fold

TINY = PatConfig("custom", 60, 3, 2)


def lively(module, dtype=torch.float64, seed=3):
    """Weights as drawn, and no bias or gain left at its start: a bias that got lost would show."""
    draws = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for values in module.parameters():
            if values.ndim == 1:
                values += 0.5 * torch.randn(values.shape, generator=draws)
    return module.to(dtype).eval()


def weeks(people, minutes, dtype=torch.float64):
    return torch.randn(people, minutes, generator=torch.Generator().manual_seed(1), dtype=dtype)


def nobody(*_):
    """Reads weights, so that the published equations are gone through, and does nothing with them."""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("embedding", ["linear", "conv"])
def test_tokens_and_all_gradients_are_those_of_the_published_equations(size, embedding):
    config = config_for(size, embedding)
    network = lively(seeded(lambda: Classifier(config), 0))
    week = weeks(2, 24 * config.patch + 3).requires_grad_()
    wanted = dict(network.named_parameters()) | {"week": week}
    plain, folded = (network.encoder(week, read) for read in (nobody, None))
    torch.testing.assert_close(folded, plain, atol=1e-10, rtol=0)
    direction = torch.randn(plain.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    plain, folded = (
        torch.autograd.grad(network(week, read).sum() + (network.encoder(week, read) * direction).sum(), list(wanted.values()))
        for read in (nobody, None)
    )
    for name, one, other in zip(wanted, plain, folded, strict=True):
        torch.testing.assert_close(other, one, atol=1e-10, rtol=1e-10, msg=lambda text, name=name: f"{name}: {text}")
        if name.endswith("key.bias"):
            assert not other.any(), "what is added to every key alike cancels in the softmax, without a rounding error"


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_whole_week_in_single_precision_stays_within_rounding(size):
    network, week = lively(seeded(lambda: Classifier(config_for(size)), 0), torch.float32), weeks(1, 10080, torch.float32)
    with torch.no_grad():
        torch.testing.assert_close(network.encoder(week), network.encoder(week, nobody), atol=5e-5, rtol=0)


def test_weights_that_change_are_read_at_once_by_copies_too():
    network, week = lively(seeded(lambda: Classifier(TINY), 0)), weeks(1, 600)
    with torch.no_grad():
        before, other = network(week), copy.deepcopy(network)
        network.encoder.blocks[0].attention.value.weight.mul_(2)
        assert not torch.allclose(network(week), before)
        torch.testing.assert_close(network(week), network(week, nobody))
        assert torch.equal(other(week), before)
        other.load_state_dict(network.state_dict())
        assert torch.equal(other(week), network(week))


def test_folding_follows_precision_and_device():
    attention = Attention(2)
    for dtype in (torch.float32, torch.float64):
        into, back = fold(attention.to(dtype))
        assert back(into(torch.zeros(1, 3, 96, dtype=dtype))).dtype == dtype
    into, back = fold(attention.to("meta"))
    assert back(into(torch.zeros(2, 3, 96, device="meta"))).shape == (2, 3, 96)


def drawn(*shapes, scale=1.0):
    draws = torch.Generator().manual_seed(5)
    return [scale * torch.randn(shape, generator=draws, dtype=torch.float64) for shape in shapes]


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("batch", [1, 3])
def test_however_many_heads_are_left_the_mix_and_its_gradients_are_the_same(threads, batch, monkeypatch):
    given = [values.requires_grad_() for values in drawn((batch, 5, 4 * 96), (batch, 7, 96))]
    with torch.no_grad():
        expected = attend(*given)
    wanted = torch.autograd.grad(attend(*given).square().sum(), given)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    mixed = attend(*given)
    torch.testing.assert_close(mixed, expected, atol=1e-12, rtol=0)
    for one, other in zip(torch.autograd.grad(mixed.square().sum(), given), wanted, strict=True):
        torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize(("kept", "others", "some"), [(3, 11, 11), (1, 5, 2), (6, 1, 4), (4, 0, 3), (4, 3, 0)])
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_what_is_alike_may_be_mixed_once(kept, others, some, scale):
    """Scores up to thousands: neither way overflows."""
    queries, own, alike = drawn((some, 2 * 96), (3, kept, 96), (others, 96), scale=scale)
    tokens = torch.cat([own, alike.expand(3, others, 96)], dim=1)
    torch.testing.assert_close(attend_alike(queries, own, alike), attend(queries.expand(3, some, 2 * 96), tokens), atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize("kept", [8_000_000, 0])
def test_gradients_of_what_is_alike_are_those_of_every_week_together(kept, monkeypatch):
    """Also where scores are computed again, a few queries at a time."""
    monkeypatch.setattr(shared_keys, "MOST_KEPT", kept)
    monkeypatch.setattr(shared_keys, "AT_ONCE", 50)
    given = [values.requires_grad_() for values in drawn((5, 2 * 96), (3, 2, 96), (5, 96))]

    def by_itself(queries, own, alike):
        return attend(queries.expand(3, 5, 2 * 96), torch.cat([own, alike.expand(3, 5, 96)], dim=1))

    (direction,) = drawn((3, 5, 2 * 96))
    one, other = (torch.autograd.grad((way(*given) * direction).sum(), given) for way in (attend_alike, by_itself))
    for first, second in zip(one, other, strict=True):
        torch.testing.assert_close(first, second, atol=1e-10, rtol=1e-10)


def rebuilt_plainly(model: MaskedAutoencoder, week, visible):
    """The autoencoder of the paper, token by token, with the published attention in encoder and decoder."""
    embedded = model.encoder.embed(week)
    tokens = model.mask_token.expand(embedded.shape).clone()
    tokens[:, visible] = model.encoder.run_blocks(embedded[:, visible], nobody)
    decoded = model.decoder(tokens + positions(tokens.shape[1], tokens), nobody)
    return (torch.tanh(model.output(decoded)) * 2).flatten(1)


@pytest.mark.parametrize("embedding", ["linear", "conv"])
@pytest.mark.parametrize("ratio", [0.9, 0.5, 0.0])
def test_the_autoencoder_rebuilds_as_it_would_without_sharing(embedding, ratio):
    model = lively(seeded(lambda: MaskedAutoencoder(PatConfig("custom", 60, 3, 2, embedding)), 0))
    week, visible = weeks(3, 1230), draw_visible(20, torch.Generator().manual_seed(4), ratio)
    ways = [way(model, week, visible) for way in (MaskedAutoencoder.forward, rebuilt_plainly)]
    torch.testing.assert_close(*ways, atol=1e-10, rtol=0)
    one, other = (torch.autograd.grad((way**2).sum(), list(model.parameters()), materialize_grads=True) for way in ways)
    for name, first, second in zip(dict(model.named_parameters()), one, other, strict=True):
        torch.testing.assert_close(first, second, atol=1e-10, rtol=1e-10, msg=lambda text, name=name: f"{name}: {text}")
