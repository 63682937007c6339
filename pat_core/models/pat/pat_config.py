"""PAT's sizes as a table (arXiv 2411.15240 and the authors' notebooks)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

WIDTH = 96
"""Width of a token. Query, key and value have this width FOR EACH HEAD, so heads do not share it out."""

FEED_FORWARD = 256
HEAD_UNITS = 128
DROPOUT = 0.1
LAYER_NORM_EPSILON = 1e-6
MASK_RATIO = 0.90
"""Share of the patches that pretraining hides."""

Embedding = Literal["linear", "conv"]


@dataclass(frozen=True)
class PatConfig:
    """One PAT: minutes a patch, attention heads, transformer blocks, and how a patch becomes a token."""

    size: str
    patch: int
    heads: int
    blocks: int
    embedding: Embedding = "linear"

    def tokens(self, minutes: int) -> int:
        """Whole patches in `minutes`; what is left over is not read (see `leftover`)."""
        return minutes // self.patch

    def leftover(self, minutes: int) -> int:
        """Minutes at the end that fill no whole patch and that the model therefore does not see."""
        return minutes % self.patch

    def as_dict(self) -> dict[str, object]:
        """Plain values, for metadata."""
        return asdict(self)


# size: patch (min), heads, blocks
SIZES: dict[str, tuple[int, int, int]] = {"small": (18, 6, 1), "medium": (18, 12, 2), "large": (9, 12, 4), "huge": (5, 12, 8)}

LARGEST_SEED = 2**32 - 1
"""Seeds are whole numbers from 0 to this: what every generator that is drawn from takes (NumPy's older ones take the least)."""


def config_for(size: str, embedding: Embedding = "linear") -> PatConfig:
    """The published configuration of a size: "small", "medium", "large" or "huge"."""
    if size not in SIZES:
        raise ValueError(f"expected a size out of {', '.join(SIZES)}, got {size!r}")
    patch, heads, blocks = SIZES[size]
    return PatConfig(size, patch, heads, blocks, embedding)
