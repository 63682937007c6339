"""Attention of one block: the authors' map, attention weighed by the size of what it carries (value norms, Kobayashi et al. 2020), the
query-by-key matrix, and who attends where, head by head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import (
    EVEN,
    attention_map,
    attention_received,
    block_inputs,
    by_head,
    mean_row,
    one_week,
    per_key,
    rows_to_one,
    through_output,
    weights_by_queries,
)
from pat_core.explain.matrix_record import SIDE, AttentionMatrix
from pat_core.explain.method_registry import block_number, head_number
from pat_core.explain.of_members import averaged, each_member
from pat_core.models.ensemble import Ensemble
from pat_core.models.pat import PatConfig
from pat_core.models.pat.encoder import Attention
from pat_core.models.pat.heads import Classifier
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution


@torch.no_grad()
def authors_map(
    network: Classifier, z: np.ndarray, *, block: int = -1, head: int | str | None = None, progress: Progress | None = None
) -> Attribution:
    """a_j = (1 / heads) sum over heads and queries of A[head, query, j]: mean over patches 1, the uniform level.

    z: (minutes,) standardized. block: which one, 0 the first, -1 (the default) the last, as the authors take it. head: which one,
    or None for the mean, as the authors take it. The authors divide by the sum and show shares; here 1 stands for the uniform
    share, so that sizes can be compared. Raises ExplanationError for a block or head the model does not have.
    """
    block, head = block_number(network.config, block), head_number(network.config, head)
    (progress or Silent()).at(0.0, "Reading the attention")
    tokens = block_inputs(network.encoder, one_week(network, z), block)[block]
    received = tokens.new_zeros(len(tokens))
    for _, weights in weights_by_queries(network.encoder.blocks[block].attention, tokens, head):
        received += weights.sum(dim=1).mean(dim=0)
    settings = {"block": block, "head": "mean" if head is None else head}
    heads = "mean over heads" if head is None else f"head {head + 1} of {network.config.heads}"
    note = f"Attention each patch receives in {block_words(network.config, block)}, {heads}; {EVEN}"
    return attention_map("authors", received, network, z, settings, note)


def block_words(config: PatConfig, block: int) -> str:
    """A block in words; people count from one."""
    return "the last block" if block == config.blocks - 1 else f"block {block + 1} of {config.blocks}"


@torch.no_grad()
def attention_matrix(
    network: Classifier | Ensemble, z: np.ndarray, *, block: int = -1, head: int | str | None = None, side: int = SIDE
) -> AttentionMatrix:
    """Of one standardized week (minutes,): one block (-1 the last) and one head, or the mean over heads (None or "mean").

    side: cells a side at most. Only the weights asked for are formed, a few queries at a time. Of an ensemble, the mean over its members.
    Raises ExplanationError for a block or head the model does not have, or a side below 1.
    """
    if isinstance(network, Ensemble):
        each = [attention_matrix(member, own, block=block, head=head, side=side) for member, own in each_member(network, z)]
        return replace(each[0], values=averaged([one.values for one in each]))
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


def heads_overview(network: Classifier | Ensemble, z: np.ndarray) -> np.ndarray:
    """(blocks, heads, patches): attention each patch receives, in multiples of the uniform level, of one standardized week (minutes,).

    Of an ensemble, the mean over its members: they began with the same heads.
    """
    one_week(network, z)  # refuses what is not one whole week of numbers
    each = [attention_received(member.encoder, own)[:, 0] for member, own in each_member(network, z)]
    return averaged(each)


def norms(weights: Tensor, carried: Tensor) -> Tensor:
    """||sum over heads of A_hij v_hj W_O^h||: weights (heads, queries, keys), carried (heads, keys, 96) -> (queries, keys)."""
    return torch.linalg.vector_norm(per_key(weights, carried), dim=-1).T


@torch.no_grad()
def value_norms(attention: Attention, tokens: Tensor) -> Tensor:
    """(N, N) of one block that reads `tokens` (N, 96), query by key, not normalised; a few queries at a time.

    The values' bias belongs to the values and is in; the output projection's bias belongs to no token and is out.
    """
    carried = through_output(attention, by_head(attention.value(tokens), attention.heads))
    sizes = tokens.new_empty(len(tokens), len(tokens))
    for rows, weights in weights_by_queries(attention, tokens):
        sizes[rows] = norms(weights, carried)
    return sizes


@torch.no_grad()
def value_norm_map(network: Classifier, z: np.ndarray, *, block: int = -1, progress: Progress | None = None) -> Attribution:
    """Mean over queries of the row-normalised norms of one block (the last by default), of one standardized week (minutes,).

    Scaled so that 1 is the uniform level. Raises ExplanationError for a block the model does not have.
    """
    block = block_number(network.config, block)
    (progress or Silent()).at(0.0, "Measuring what the attention carries")
    tokens = block_inputs(network.encoder, one_week(network, z), block)[block]
    shares, empty = rows_to_one(value_norms(network.encoder.blocks[block].attention, tokens))
    flag = f"In {empty} rows the attention carries nothing; they count as attending to themselves." if empty else ""
    note = f"Attention weighed by the size of what it carries, in {block_words(network.config, block)}, all heads together; {EVEN}"
    return attention_map("value_norm", mean_row([shares]) * len(shares), network, z, {"block": block}, note, flag)
