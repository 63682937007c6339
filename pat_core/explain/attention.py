"""Reading attention out of the encoder, a block at a time, so that no more than one block's weights exist at once."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from pat_core.errors import ExplanationError
from pat_core.model import Encoder

PEOPLE_AT_ONCE = 4
"""Weeks whose attention is formed together: one block of large is 60 MB a week."""


def as_weeks(encoder: Encoder, z: np.ndarray) -> Tensor:
    """Standardized weeks (people, minutes), or one (minutes,), as a batch on the encoder's device; refuses what no patch covers."""
    weeks = np.atleast_2d(np.asarray(z, dtype=np.float32))
    if weeks.shape[1] < encoder.config.patch:
        raise ExplanationError(
            f"An explanation needs at least one patch of {encoder.config.patch} minutes, but this week has {weeks.shape[1]}. "
            "Bring a longer recording."
        )
    return torch.from_numpy(np.ascontiguousarray(weeks)).to(next(encoder.parameters()).device)


@torch.no_grad()
def attention_received(encoder: Encoder, z: np.ndarray) -> np.ndarray:
    """(blocks, people, heads, patches): attention each patch receives, summed over the queries, so that the mean over patches is 1.

    This is the axis that the authors' code sums over; the sum over keys would be 1 for every query and show nothing.
    """
    return encode(encoder, z, tokens=False)[1]


@torch.no_grad()
def encode(encoder: Encoder, z: np.ndarray, tokens: bool = True) -> tuple[np.ndarray | None, np.ndarray]:
    """Tokens (people, patches, 96) or None, and `attention_received`, in one pass a few people at a time."""
    weeks = as_weeks(encoder, z)
    people, patches = weeks.shape[0], encoder.config.tokens(weeks.shape[1])
    received = np.empty((encoder.config.blocks, people, encoder.config.heads, patches), dtype=np.float32)
    kept = np.empty((people, patches, encoder.blocks[0].norm1.normalized_shape[0]), dtype=np.float32) if tokens else None
    for first in range(0, people, PEOPLE_AT_ONCE):
        rows = slice(first, first + PEOPLE_AT_ONCE)

        def read(block: int, weights: Tensor, rows: slice = rows) -> None:
            received[block, rows] = weights.sum(dim=-2).cpu().numpy()

        encoded = encoder(weeks[rows], read)
        if kept is not None:
            kept[rows] = encoded.cpu().numpy()
    return kept, received


def over_minutes(per_patch: np.ndarray, patch: int, minutes: int) -> np.ndarray:
    """(patches,) -> (minutes,): each value repeated over its patch; NaN on minutes that no whole patch covers."""
    spread = np.full(minutes, np.nan, dtype=np.float32)
    spread[: per_patch.size * patch] = np.repeat(per_patch, patch)
    return spread
