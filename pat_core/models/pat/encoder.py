"""The encoder of PAT: patches of a week, attention between them, and its blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import torch
from torch import Tensor, nn

from pat_core.models.pat.pat_config import DROPOUT, FEED_FORWARD, LAYER_NORM_EPSILON, WIDTH, PatConfig
from pat_core.models.shared_keys import attend, fold


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


def cut_patches(week: Tensor, patch: int) -> Tensor:
    """(batch, minutes) -> (batch, tokens, patch); minutes that fill no whole patch are left out."""
    return week[:, : week.shape[1] // patch * patch].unflatten(1, (-1, patch))


@lru_cache(maxsize=16)
def _table(tokens: int) -> Tensor:
    """See `positions`; float64."""
    index = torch.arange(tokens, dtype=torch.float64, device="cpu")[:, None]
    rate = torch.exp(torch.arange(0, WIDTH, 2, dtype=torch.float64, device="cpu") * (-math.log(10000.0) / WIDTH))[None, :]
    return torch.cat([torch.sin(index * rate), torch.cos(index * rate)], dim=-1)


def positions(tokens: int, like: Tensor) -> Tensor:
    """(tokens, 96) fixed positions: 48 sines and THEN 48 cosines (concatenated, not interleaved).

    angle(position, i) = position * exp(2i * -ln(10000) / 96), i = 0..47 (authors' notebooks).
    """
    return _table(tokens).to(like)


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
        """`read` gets the weights (batch, heads, query, key), of the published equations. Without it they are never formed, and the same
        is computed with folded weights."""
        if read is None:
            into, back = fold(self)
            return back(attend(into(x), x))
        q, k, v = (layer(x).unflatten(-1, (self.heads, WIDTH)).transpose(1, 2) for layer in (self.query, self.key, self.value))
        weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(WIDTH), dim=-1)  # (B, heads, N, N), of q and k (B, heads, N, 96)
        read(weights)
        return self.output((weights @ v).transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Post-norm transformer block: attention, add, norm; feed-forward (256, ReLU), add, norm."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.attention = Attention(heads)
        self.norm1 = nn.LayerNorm(WIDTH, eps=LAYER_NORM_EPSILON)
        self.feed_forward1 = nn.Linear(WIDTH, FEED_FORWARD)
        self.feed_forward2 = nn.Linear(FEED_FORWARD, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=LAYER_NORM_EPSILON)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor, read: Callable[[Tensor], None] | None = None) -> Tensor:
        return self.after(x, self.attention(x, read))

    def after(self, x: Tensor, attended: Tensor) -> Tensor:
        """What follows the attention: x (batch, tokens, 96), and what it made of them."""
        x = self.norm1(x + self.dropout(attended))
        return self.norm2(x + self.dropout(self.feed_forward2(self.feed_forward1(x).relu())))


class Encoder(nn.Module):
    """PAT's encoder (arXiv 2411.15240): patch embedding, fixed positions, `config.blocks` post-norm blocks.

    Input: (batch, minutes) float32, standardized, at least one patch long. Output: (batch, minutes // patch, 96).
    """

    def __init__(self, config: PatConfig) -> None:
        super().__init__()
        self.config, self.minutes_per_token = config, config.patch
        self.patches = LinearPatches(config.patch) if config.embedding == "linear" else ConvPatches()
        self.blocks: Sequence[Block] = nn.ModuleList(  # type: ignore[assignment]  # torch does not say what its list holds
            Block(config.heads) for _ in range(config.blocks)
        )

    def forward(self, week: Tensor, read: AttentionReader | None = None) -> Tensor:
        """`read(block, weights)` is called for each block where attention is wanted; else none is ever formed."""
        if week.ndim != 2 or week.shape[1] < self.config.patch:
            raise ValueError(
                f"expected standardized weeks of shape (people, minutes) with at least {self.config.patch} minutes "
                f"(one patch), got shape {tuple(week.shape)}"
            )
        return self.run_blocks(self.embed(week), read)

    tokens = forward

    def embed(self, week: Tensor, visible: Tensor | slice = slice(None)) -> Tensor:
        """(batch, minutes) -> (batch, tokens, 96): the tokens before the first block, or the `visible` ones of them, positions added."""
        patches = cut_patches(week, self.config.patch)
        return self.patches(patches[:, visible]) + positions(patches.shape[1], patches)[visible]

    def run_blocks(self, tokens: Tensor, read: AttentionReader | None = None) -> Tensor:
        """The blocks alone, on tokens that are embedded already."""
        for index, block in enumerate(self.blocks):
            hook = None if read is None else (lambda weights, index=index: read(index, weights))
            tokens = block(tokens, hook)
        return tokens
