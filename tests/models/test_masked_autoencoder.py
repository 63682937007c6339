"""The pretraining task: hidden patches stay hidden, the rebuilt week is bounded, the loss covers every minute."""

from __future__ import annotations

import pytest
import torch

from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder, draw_visible
from pat_core.training.masked_pretraining import reconstruction_loss

TINY = PatConfig("custom", 60, 2, 1)
TINY_CONV = PatConfig("custom", 60, 2, 1, "conv")


def build(config=TINY, seed=0):
    return seeded(lambda: MaskedAutoencoder(config), seed).eval()


def weeks(people=2, minutes=10080, seed=0):
    return torch.randn(people, minutes, generator=torch.Generator().manual_seed(seed))


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("tokens", "ratio", "kept"), [(560, 0.9, 56), (1120, 0.9, 112), (2016, 0.9, 202), (10, 0.5, 5), (7, 0.0, 7)])
def test_so_many_patches_stay_visible(tokens, ratio, kept):
    visible = draw_visible(tokens, generator(), ratio)
    assert visible.shape == (kept,)
    assert torch.equal(visible, visible.unique())  # sorted, each once
    assert visible.min() >= 0 and visible.max() < tokens


def test_the_draw_follows_its_generator_and_reaches_every_patch():
    assert torch.equal(draw_visible(560, generator(1)), draw_visible(560, generator(1)))
    assert not torch.equal(draw_visible(560, generator(1)), draw_visible(560, generator(2)))
    one = generator(3)
    assert len(set(torch.cat([draw_visible(50, one) for _ in range(200)]).tolist())) == 50


@pytest.mark.parametrize("config", [TINY, TINY_CONV])
def test_hidden_minutes_change_nothing(config):
    model, week, visible = build(config), weeks(), draw_visible(168, generator())
    hidden = torch.ones(168, dtype=torch.bool)
    hidden[visible] = False
    other = week + 100 * hidden.repeat_interleave(60)
    assert not torch.equal(week, other)
    with torch.no_grad():
        assert torch.equal(model(week, visible), model(other, visible))


def test_visible_minutes_change_the_rebuilt_week():
    model, week, visible = build(), weeks(), draw_visible(168, generator())
    other = week.clone()
    other[:, visible[0] * 60] += 3
    with torch.no_grad():
        assert not torch.equal(model(week, visible), model(other, visible))


def test_the_encoder_works_on_visible_patches_alone():
    model, visible = build(), draw_visible(168, generator())
    seen = []
    handle = model.encoder.blocks[0].register_forward_pre_hook(lambda module, given: seen.append(given[0].shape))
    with torch.no_grad():
        model(weeks(), visible)
    handle.remove()
    assert seen == [(2, len(visible), 96)]


@pytest.mark.parametrize("minutes", [10080, 10100, 600])
def test_the_rebuilt_week_covers_whole_patches_and_lies_within_two(minutes):
    model = build()
    with torch.no_grad():
        rebuilt = model(1000 * weeks(3, minutes), draw_visible(minutes // 60, generator(), 0.5))
        assert rebuilt.shape == (3, minutes // 60 * 60)
        assert rebuilt.abs().max() < 2
        model.output.bias.fill_(50.0)  # tanh saturated: the bound is reached, not passed
        assert model(weeks(1, minutes), draw_visible(minutes // 60, generator(), 0.5)).max() == 2


def test_with_all_patches_visible_the_tokens_are_the_encoders():
    """Then no mask token is read, so its value cannot matter."""
    model, week, everything = build(), weeks(), torch.arange(168)
    with torch.no_grad():
        before = model(week, everything)
        model.mask_token += 10
        assert torch.equal(model(week, everything), before)
        assert not torch.equal(model(week, everything[:100]), model(week, everything))


def test_the_loss_is_the_mean_square_over_all_covered_minutes():
    week = weeks(2, 130)
    assert reconstruction_loss(week, week[:, :120]).item() == 0
    assert reconstruction_loss(week, week[:, :120] + 0.5).item() == pytest.approx(0.25, rel=1e-5)
    rebuilt = week[:, :120].clone()
    rebuilt[1, 7] += 3  # one minute of 240, visible or hidden alike
    assert reconstruction_loss(week, rebuilt).item() == pytest.approx(9 / 240, rel=1e-4)


def test_every_parameter_learns_from_the_loss():
    model, week = build(), weeks()
    reconstruction_loss(week, model(week, draw_visible(168, generator()))).backward()
    # a softmax does not see what is added to every key alike, so key biases alone have no gradient to speak of
    idle = [name for name, value in model.named_parameters() if value.grad is None or not value.grad.abs().max() > 1e-7]
    assert all(name.endswith("attention.key.bias") for name in idle)


def test_the_same_seed_gives_the_same_network():
    first, second, other = build(seed=1).state_dict(), build(seed=1).state_dict(), build(seed=2).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert not torch.equal(first["mask_token"], other["mask_token"])
