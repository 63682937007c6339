"""Rebuilding some of the patches is the masked autoencoder's own task, at a part of the cost."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pat_core.models.pat import config_for
from pat_core.models.pat.heads import seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder, draw_visible
from pat_core.training.masked.sampled_reconstruction import SampledReconstruction, rebuilt_patches
from pat_core.training.masked_pretraining import reconstruction_loss
from pat_core.training.objective import Examples

MINUTES = 40 * 18


@pytest.fixture(scope="module", params=["small", "medium"])
def network(request):
    return seeded(lambda: MaskedAutoencoder(config_for(request.param)), 3).eval()


@pytest.fixture(scope="module")
def week():
    return torch.randn(3, MINUTES, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("mask_ratio", [0.9, 0.5])
@pytest.mark.parametrize("asked", [1.0, 0.25])
def test_the_patches_asked_for_are_those_of_the_whole_reconstruction(network, week, mask_ratio, asked):
    draws = torch.Generator().manual_seed(2)
    visible, some = draw_visible(40, draws, mask_ratio), draw_visible(40, draws, 1 - asked)
    whole = network(week, visible).reshape(3, 40, 18)
    torch.testing.assert_close(rebuilt_patches(network, week, visible, some), whole[:, some], atol=2e-5, rtol=0)


def test_asked_for_all_patches_loss_and_gradients_are_the_autoencoders(network, week):
    examples = Examples(lambda rows: week[rows], np.zeros(3))
    loss = SampledReconstruction(network.config, asked=1.0).loss(network, examples, slice(0, 3), torch.Generator().manual_seed(5))
    visible = draw_visible(40, torch.Generator().manual_seed(5), 0.9)
    whole = reconstruction_loss(week, network(week, visible))
    torch.testing.assert_close(loss, whole, atol=1e-6, rtol=0)
    for own, theirs in zip(*(torch.autograd.grad(one, list(network.parameters())) for one in (loss, whole)), strict=True):
        torch.testing.assert_close(own, theirs, atol=1e-5, rtol=1e-3)


def test_validation_is_over_all_minutes_with_the_same_masks_every_time(network, week):
    held_out, objective = Examples(lambda rows: week[rows], np.zeros(3)), SampledReconstruction(network.config, seed=4)
    first = objective.evaluate(network, held_out, 2, lambda _: None)
    draws = torch.Generator().manual_seed(4)
    with torch.no_grad():
        parts = [
            float(reconstruction_loss(week[rows], network(week[rows], draw_visible(40, draws)))) for rows in (slice(0, 2), slice(2, 3))
        ]
    assert set(first) == {"loss"} and first["loss"] == pytest.approx(np.average(parts, weights=[2, 1]), abs=1e-5)
    assert objective.evaluate(network, held_out, 2, lambda _: None) == first
