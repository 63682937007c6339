"""Value-norm attention (Kobayashi et al. 2020): attention weighed by the size of what it carries."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from pat_core.explain.attention_reading import EVEN, attention_map, one_week
from pat_core.explain.encoder_blocks import block_inputs, by_head, mean_row, per_key, rows_to_one, through_output, weights_by_queries
from pat_core.explain.method_settings import block_number
from pat_core.explain.methods.authors_attention import block_words
from pat_core.models.pat.attention import Attention
from pat_core.models.pat.heads import Classifier
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution


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
