"""The masked autoencoder's task on some of the patches, at a part of the cost: what a week is rebuilt from stays the same.

Of the patches, hidden and visible alike, some are drawn to be rebuilt: the mean squared error over them is an unbiased estimate of that
over all minutes, and only they go through the decoder.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from pat_core.models.pat.encoder import cut_patches, positions
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder, draw_visible
from pat_core.models.pat.pat_config import MASK_RATIO, PatConfig
from pat_core.models.shared_keys import attend, attend_alike, fold
from pat_core.training.masked_pretraining import reconstruction_loss
from pat_core.training.objective import AfterBatch, Examples, Objective, Rows


class SampledReconstruction(Objective):
    """Rebuild `asked` (a share) of the patches of standardized weeks of which `mask_ratio` are hidden. Validation is over all minutes."""

    def __init__(self, config: PatConfig, asked: float = 0.25, mask_ratio: float = MASK_RATIO, seed: int = 0) -> None:
        self.config, self.asked, self.mask_ratio, self.seed = config, asked, mask_ratio, seed

    def loss(self, network: nn.Module, examples: Examples, rows: Rows, draws: torch.Generator) -> Tensor:
        week = examples.inputs(rows)
        tokens = self.config.tokens(week.shape[1])
        visible = draw_visible(tokens, draws, self.mask_ratio)
        asked = draw_visible(tokens, draws, 1 - self.asked)
        patches = cut_patches(week, self.config.patch)[:, asked]
        return torch.mean((rebuilt_patches(cast("MaskedAutoencoder", network), week, visible, asked) - patches) ** 2)

    def evaluate(self, network: nn.Module, held_out: Examples, batch: int, after_batch: AfterBatch) -> dict[str, float]:
        draws = torch.Generator().manual_seed(self.seed)  # the same masks every epoch, so that epochs compare
        losses, sizes = [], []
        for rows in held_out.batches(batch):
            week = held_out.inputs(rows)
            tokens = self.config.tokens(week.shape[1])
            visible = draw_visible(tokens, draws, self.mask_ratio)
            losses.append(float(reconstruction_loss(week, network(week, visible)).detach()))
            sizes.append(rows.stop - rows.start)
            after_batch(rows.stop)
        return {"loss": float(np.average(losses, weights=sizes))}


def rebuilt_patches(network: MaskedAutoencoder, week: Tensor, visible: Tensor, asked: Tensor) -> Tensor:
    """(batch, asked, patch): what `network(week, visible)` has at these patches. week (batch, minutes); visible, asked: sorted indices."""
    encoded = network.encoder.run_blocks(network.encoder.embed(week, visible))
    at = positions(week.shape[1] // network.config.patch, week)
    hidden = torch.ones(len(at), dtype=torch.bool).index_fill(0, visible, False).nonzero()[:, 0]
    own, alike = torch.isin(visible, asked), torch.isin(hidden, asked)
    seen, blank = encoded + at[visible], network.mask_token + at[hidden]
    everything = torch.cat([seen, blank.expand(len(seen), *blank.shape)], dim=1)
    asking = torch.cat([seen[:, own], blank[alike].expand(len(seen), -1, -1)], dim=1)
    into, back = fold(network.decoder.attention)
    mixed = torch.cat([attend(into(seen[:, own]), everything), attend_alike(into(blank[alike]), seen, blank)], dim=1)
    decoded = network.decoder.after(asking, back(mixed))
    return (torch.tanh(network.output(decoded)) * 2)[:, torch.cat([visible[own], hidden[alike]]).argsort()]
