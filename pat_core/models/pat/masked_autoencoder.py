"""PAT's pretraining task: hide 90 % of the patches, rebuild the week."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pat_core.models.pat.encoder import Block, Encoder, positions
from pat_core.models.pat.pat_config import MASK_RATIO, WIDTH, PatConfig
from pat_core.models.shared_keys import attend, attend_alike, fold


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
        encoded = self.encoder.run_blocks(self.encoder.embed(week, visible))  # (B, kept, 96): hidden patches are never read
        at = positions(week.shape[1] // self.config.patch, week)
        hidden = torch.ones(len(at), dtype=torch.bool, device=week.device).index_fill(0, visible, False).nonzero()[:, 0]
        decoded = self.decoder.after(*self._attended(encoded + at[visible], self.mask_token + at[hidden]))
        order = torch.cat([visible, hidden])
        return (torch.tanh(self.output(decoded)) * 2)[:, order.argsort()].flatten(1)

    def _attended(self, seen: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """The decoder's tokens (B, tokens, 96), seen (B, kept, 96) before hidden ones (others, 96), which are alike in all weeks; and its
        attention on them, which does not know their order."""
        tokens = torch.cat([seen, hidden.expand(len(seen), *hidden.shape)], dim=1)
        into, back = fold(self.decoder.attention)
        mixed = attend(into(seen), tokens), attend_alike(into(hidden), seen, hidden)
        return tokens, torch.cat([back(part) for part in mixed], dim=1)


def draw_visible(tokens: int, generator: torch.Generator, mask_ratio: float = MASK_RATIO) -> Tensor:
    """(kept,) sorted indices of the patches that stay visible: a permutation drawn without replacement."""
    return torch.randperm(tokens, generator=generator)[: tokens - int(tokens * mask_ratio)].sort().values
