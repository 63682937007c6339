"""The query-by-key map of one block, on demand; and who attends where, head by head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import attention_received, block_number, head_number, one_week
from pat_core.explain.encoder_blocks import block_inputs, weights_by_queries
from pat_core.models.pat import Classifier

SIDE = 140
"""Cells a side at most: more are not told apart on a screen, and 560 and 1,120 patches divide by it."""


@dataclass(frozen=True, eq=False)
class AttentionMatrix:
    """Attention of one block, query by key, in multiples of the uniform level 1/N.

    values: (cells, cells) float32, rows queries, columns keys, each cell the mean over its patches; the last row and column hold fewer
    patches where the division is not whole (see `patches_in`). block: index from 0. head: index from 0, None for the mean over heads.
    patches_a_cell: a side. patches: N. patch: minutes. heads, blocks: how many the model has.
    """

    values: np.ndarray
    block: int
    head: int | None
    patches_a_cell: int
    patches: int
    patch: int
    heads: int
    blocks: int

    @property
    def patches_in(self) -> np.ndarray:
        """(cells,) patches along a side of each cell. The mean of a row, weighted by these, is 1."""
        starts = np.arange(0, self.patches, self.patches_a_cell)
        return np.diff(starts, append=self.patches)


@torch.no_grad()
def attention_matrix(
    network: Classifier, z: np.ndarray, *, block: int = -1, head: int | str | None = None, side: int = SIDE
) -> AttentionMatrix:
    """Of one standardized week (minutes,): one block (-1 the last) and one head, or the mean over heads (None or "mean").

    side: cells a side at most. Only the weights asked for are formed, a few queries at a time.
    Raises ExplanationError for a block or head the model does not have, or a side below 1.
    """
    config = network.config
    block, head = block_number(config, block), head_number(config, head)
    if side < 1:
        raise ExplanationError(f"Expected at least 1 cell a side, got {side}. Choose a larger side.")
    tokens = block_inputs(network.encoder, one_week(network, z), block)[block]
    patches = len(tokens)
    width = -(-patches // side)
    narrow = [  # columns first, so that a (queries, cells) strip is all that is kept
        cell_means(weights.mean(dim=0).cpu().double().numpy(), width, axis=1)
        for _, weights in weights_by_queries(network.encoder.blocks[block].attention, tokens, head)
    ]
    values = cell_means(np.concatenate(narrow), width, axis=0) * patches
    return AttentionMatrix(values.astype(np.float32), block, head, width, patches, config.patch, config.heads, config.blocks)


def cell_means(values: np.ndarray, width: int, axis: int) -> np.ndarray:
    """Means of `width` neighbours along an axis of a 2-D array; the last mean is over those that are left."""
    starts = np.arange(0, values.shape[axis], width)
    sizes = np.diff(starts, append=values.shape[axis])
    return np.add.reduceat(values, starts, axis=axis) / (sizes if axis == 1 else sizes[:, None])


def heads_overview(network: Classifier, z: np.ndarray) -> np.ndarray:
    """(blocks, heads, patches): attention each patch receives, in multiples of the uniform level, of one standardized week (minutes,)."""
    one_week(network, z)  # refuses what is not one whole week of numbers
    return attention_received(network.encoder, z)[:, 0]
