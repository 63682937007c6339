"""The query-by-key map of one block, on demand; and who attends where, head by head."""

from __future__ import annotations

import numpy as np
import torch

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import attention_received, one_week
from pat_core.explain.encoder_blocks import block_inputs, weights_by_queries
from pat_core.explain.matrix_record import SIDE, AttentionMatrix
from pat_core.explain.method_settings import block_number, head_number
from pat_core.models.pat.heads import Classifier


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
