"""The PAT encoder: a standardized week in, tokens out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor, nn

from pat_core.models.pat.attention import Attention, AttentionReader
from pat_core.models.pat.pat_config import DROPOUT, FEED_FORWARD, LAYER_NORM_EPSILON, WIDTH, PatConfig
from pat_core.models.pat.patches import cut_patches, patch_embedding, positions


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
        x = self.norm1(x + self.dropout(self.attention(x, read)))
        return self.norm2(x + self.dropout(self.feed_forward2(self.feed_forward1(x).relu())))


class Encoder(nn.Module):
    """PAT's encoder (arXiv 2411.15240): patch embedding, fixed positions, `config.blocks` post-norm blocks.

    Input: (batch, minutes) float32, standardized, at least one patch long. Output: (batch, minutes // patch, 96).
    """

    def __init__(self, config: PatConfig) -> None:
        super().__init__()
        self.config, self.minutes_per_token = config, config.patch
        self.patches = patch_embedding(config)
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

    def embed(self, week: Tensor) -> Tensor:
        """(batch, minutes) -> (batch, tokens, 96): the tokens before the first block, positions added."""
        tokens = self.patches(cut_patches(week, self.config.patch))
        return tokens + positions(tokens.shape[1], tokens)

    def run_blocks(self, tokens: Tensor, read: AttentionReader | None = None) -> Tensor:
        """The blocks alone, on tokens that are embedded already."""
        for index, block in enumerate(self.blocks):
            hook = None if read is None else (lambda weights, index=index: read(index, weights))
            tokens = block(tokens, hook)
        return tokens
