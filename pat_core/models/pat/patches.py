"""From minutes to tokens: patch embedding and positions."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from pat_core.models.pat.pat_config import WIDTH, PatConfig


class LinearPatches(nn.Module):
    """Each patch of minutes through one dense layer: (batch, tokens, patch) -> (batch, tokens, 96)."""

    def __init__(self, patch: int) -> None:
        super().__init__()
        self.projection = nn.Linear(patch, WIDTH)

    def forward(self, patches: Tensor) -> Tensor:
        return self.projection(patches)


class ConvPatches(nn.Module):
    """Each patch as a signal of its own: 96 filters of 3 minutes, ReLU, mean over the patch's minutes.

    (batch, tokens, patch) -> (batch, tokens, 96). Patches do not see one another's minutes: the padding is zero at both ends.
    """

    def __init__(self) -> None:
        super().__init__()
        self.projection = nn.Conv1d(1, WIDTH, kernel_size=3, padding=1)

    def forward(self, patches: Tensor) -> Tensor:
        batch, tokens, patch = patches.shape
        filtered = torch.relu(self.projection(patches.reshape(batch * tokens, 1, patch)))  # (B*N, 96, patch)
        return filtered.mean(dim=-1).reshape(batch, tokens, WIDTH)


def patch_embedding(config: PatConfig) -> nn.Module:
    """The patch embedding of a configuration."""
    return LinearPatches(config.patch) if config.embedding == "linear" else ConvPatches()


def cut_patches(week: Tensor, patch: int) -> Tensor:
    """(batch, minutes) -> (batch, tokens, patch); minutes that fill no whole patch are left out."""
    tokens = week.shape[1] // patch
    return week[:, : tokens * patch].reshape(week.shape[0], tokens, patch)


def positions(tokens: int, like: Tensor) -> Tensor:
    """(tokens, 96) fixed positions: 48 sines and THEN 48 cosines (concatenated, not interleaved).

    angle(position, i) = position * exp(2i * -ln(10000) / 96), i = 0..47 (authors' notebooks).
    """
    index = torch.arange(tokens, dtype=torch.float64, device="cpu")[:, None]
    rate = torch.exp(torch.arange(0, WIDTH, 2, dtype=torch.float64) * (-math.log(10000.0) / WIDTH))[None, :]
    angle = index * rate
    return torch.cat([torch.sin(angle), torch.cos(angle)], dim=-1).to(like)
