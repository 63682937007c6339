"""Multi-head self-attention with 96 dimensions for each head (torch.nn.MultiheadAttention cannot hold this shape)."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from pat_core.models.pat.pat_config import WIDTH

AttentionReader = Callable[[int, Tensor], None]
"""Called with (block, weights (batch, heads, query, key)) where attention is asked for; rows sum to 1."""


class Attention(nn.Module):
    """(batch, tokens, 96) -> (batch, tokens, 96). Query, key, value: 96 -> heads * 96; output: heads * 96 -> 96; all with bias."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(WIDTH, heads * WIDTH)
        self.key = nn.Linear(WIDTH, heads * WIDTH)
        self.value = nn.Linear(WIDTH, heads * WIDTH)
        self.output = nn.Linear(heads * WIDTH, WIDTH)

    def forward(self, x: Tensor, read: Callable[[Tensor], None] | None = None) -> Tensor:
        """`read` gets the weights (batch, heads, query, key). Without it they are never formed."""
        q, k, v = (self._by_head(layer(x)) for layer in (self.query, self.key, self.value))  # (B, heads, N, 96)
        if read is None:
            mixed = scaled_dot_product_attention(q, k, v)  # scale 1/sqrt(96)
        else:
            weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(WIDTH), dim=-1)  # (B, heads, N, N)
            read(weights)
            mixed = weights @ v
        return self.output(mixed.transpose(1, 2).flatten(2))

    def _by_head(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], x.shape[1], self.heads, WIDTH).transpose(1, 2)
