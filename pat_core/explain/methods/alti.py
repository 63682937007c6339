"""ALTI (Ferrando et al. 2022): how near each token's share alone comes to what a block makes of a token, here for post-norm blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pat_core.explain.attention_reading import (
    EVEN,
    attention_map,
    block_inputs,
    by_head,
    layer_norm_parts,
    mean_row,
    mix,
    one_week,
    per_key,
    rows_to_one,
    through_output,
    weights_by_queries,
)
from pat_core.models.pat.encoder import Block
from pat_core.models.pat.heads import Classifier
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution


@dataclass(frozen=True, eq=False)
class Sublayer:
    """A block's attention sublayer at its tokens. made: y (N, 96), what norm1 leaves. deviation: (N, 1), norm1's, at y.

    carried: (heads, N, 96), each token's value through the output projection; own: (N, 96), its residual; both centred and
    multiplied by norm1's gain, so that dividing by a query's deviation is all that is left of norm1.
    """

    output: Tensor
    deviation: Tensor
    carried: Tensor
    own: Tensor


def sublayer(block: Block, tokens: Tensor) -> Sublayer:
    """norm1(x + attention(x)) held linear at its deviation. No bias is in `carried`: not the values', the output's, nor the norm's."""
    attention = block.attention
    output, deviation = layer_norm_parts(block.norm1, tokens + attention.output(mix(attention, tokens)))
    values = by_head(tokens @ attention.value.weight.T, attention.heads)
    carried, own = ((part - part.mean(dim=-1, keepdim=True)) * block.norm1.weight for part in (through_output(attention, values), tokens))
    return Sublayer(output, deviation, carried, own)


def shares(parts: Sublayer, rows: slice, weights: Tensor) -> Tensor:
    """T_i(x_j), (N keys, queries, 96): the share of token j in y_i, with the residual for j = i.

    weights: (heads, queries, N) of the queries `rows`. Over j they sum to y_i less the share of the biases.
    """
    split = per_key(weights, parts.carried)
    queries = torch.arange(rows.start, rows.stop, device=split.device)
    split[queries, queries - rows.start] += parts.own[rows]
    return split.div_(parts.deviation[rows])


def nearness(split: Tensor, output: Tensor) -> Tensor:
    """c_ij = max(0, |y_i|_1 - |y_i - T_i(x_j)|_1): split (keys, queries, 96) and made (queries, 96) -> (queries, keys).

    `split` is overwritten.
    """
    away = split.neg_().add_(output).abs_().sum(dim=-1)  # in place: one such array is 14 MB in large
    return (output.abs().sum(dim=-1) - away).relu_().T


@torch.no_grad()
def contributions(block: Block, tokens: Tensor) -> Tensor:
    """(N, N), query by key: c_ij of one block that reads `tokens` (N, 96), not normalised; a few queries at a time."""
    parts = sublayer(block, tokens)
    near = tokens.new_empty(len(tokens), len(tokens))
    for rows, weights in weights_by_queries(block.attention, tokens):
        near[rows] = nearness(shares(parts, rows, weights), parts.output[rows])
    return near


@torch.no_grad()
def alti_map(network: Classifier, z: np.ndarray, *, progress: Progress | None = None) -> Attribution:
    """Row-normalised contributions, multiplied over blocks (later on the left), mean over rows; one standardized week (minutes,).

    y_i is what norm1 leaves; LayerNorm is linear once its deviation is held at y_i. Left out: the feed-forward part and norm2 (they
    mix no tokens) and all biases, of values, output and norm (they belong to no token). 1 is the uniform level.
    """
    tell, blocks = progress or Silent(), network.encoder.blocks
    inputs = block_inputs(network.encoder, one_week(network, z), len(blocks) - 1)
    emptied = 0

    def from_last():
        nonlocal emptied
        for number, block in enumerate(reversed(blocks)):
            tell.at(number / len(blocks), "Taking the tokens' shares apart")
            matrix, empty = rows_to_one(contributions(block, inputs.pop()))
            emptied += empty
            yield matrix

    share = mean_row(from_last())
    return attention_map(
        "alti",
        share * len(share),
        network,
        z,
        {"feed_forward": "left out", "biases": "left out"},
        f"How near each patch's share alone comes to what the model's attention makes of the week, followed through all blocks; {EVEN}",
        f"In {emptied} rows no patch's share came near; they count as attending to themselves." if emptied else "",
    )
