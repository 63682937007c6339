"""Reading the encoder: its attention, a block at a time, and what each block reads, so that no more than a block's weights exist at once.

Maps of one week read the blocks a few queries at a time, in less memory yet: one block's weights are 60 MB in large and 195 MB in huge.
Dropout is left out, as in evaluation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from pat_core.errors import ExplanationError
from pat_core.models.contract import TokenNetwork, minutes_read
from pat_core.models.pat.encoder import Attention, Block, Encoder
from pat_core.models.pat.pat_config import WIDTH
from pat_core.records import Attribution

PEOPLE_AT_ONCE = 4
"""Weeks whose attention is formed together: one block of large is 60 MB a week."""


def as_weeks(network: TokenNetwork, z: np.ndarray) -> Tensor:
    """Standardized weeks (people, minutes), or one (minutes,), as a batch on the network's device and in its precision.

    Refuses what no patch covers.
    """
    first = next(network.parameters())
    weeks = np.atleast_2d(np.asarray(z, dtype=np.float64 if first.dtype == torch.float64 else np.float32))
    if weeks.shape[1] < network.minutes_per_token:
        raise ExplanationError(
            f"An explanation needs at least one patch of {network.minutes_per_token} minutes, but this week has {weeks.shape[1]}. "
            "Bring a longer recording."
        )
    return torch.from_numpy(np.ascontiguousarray(weeks)).to(first)


@torch.no_grad()
def attention_received(encoder: Encoder, z: np.ndarray) -> np.ndarray:
    """(blocks, people, heads, patches): attention each patch receives, summed over the queries, so that the mean over patches is 1.

    This is the axis that the authors' code sums over; the sum over keys would be 1 for every query and show nothing.
    """
    return _received(encoder, as_weeks(encoder, z), None)


@torch.no_grad()
def attention_entropy(encoder: Encoder, z: np.ndarray) -> np.ndarray:
    """(blocks, people): Shannon entropy of where each patch attends, over that of attention spread evenly over all patches, so 0 to 1; the
    mean over patches and heads. 1: it attends to everything alike, near 0: each patch to one other."""
    weeks = as_weeks(encoder, z)
    people, patches = weeks.shape[0], encoder.config.tokens(weeks.shape[1])
    entropy = np.empty((encoder.config.blocks, people))
    for first in range(0, people, PEOPLE_AT_ONCE):
        rows = slice(first, first + PEOPLE_AT_ONCE)

        def read(block: int, weights: Tensor, rows: slice = rows) -> None:
            entropy[block, rows] = torch.special.entr(weights).sum(dim=-1).mean(dim=(1, 2)).double().cpu().numpy()

        encoder(weeks[rows], read)
    return entropy / math.log(patches)


@torch.no_grad()
def encode(encoder: Encoder, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tokens (people, patches, 96) and `attention_received`, in one pass."""
    weeks = as_weeks(encoder, z)
    tokens = np.empty((weeks.shape[0], encoder.config.tokens(weeks.shape[1]), WIDTH), dtype=np.float32)
    return tokens, _received(encoder, weeks, tokens)


def _received(encoder: Encoder, weeks: Tensor, tokens: np.ndarray | None) -> np.ndarray:
    """See `attention_received`; a few people at a time. tokens: takes the tokens (people, patches, 96) where these are wanted."""
    people, patches = weeks.shape[0], encoder.config.tokens(weeks.shape[1])
    received = np.empty((encoder.config.blocks, people, encoder.config.heads, patches), dtype=np.float32)
    for first in range(0, people, PEOPLE_AT_ONCE):
        rows = slice(first, first + PEOPLE_AT_ONCE)

        def read(block: int, weights: Tensor, rows: slice = rows) -> None:
            received[block, rows] = weights.sum(dim=-2).cpu().numpy()

        encoded = encoder(weeks[rows], read)
        if tokens is not None:
            tokens[rows] = encoded.cpu().numpy()
    return received


def over_minutes(per_patch: np.ndarray, patch: int, minutes: int) -> np.ndarray:
    """(patches,) -> (minutes,): each value repeated over its patch; NaN on minutes that no whole patch covers."""
    spread = np.full(minutes, np.nan, dtype=np.float32)
    spread[: per_patch.size * patch] = np.repeat(per_patch, patch)
    return spread


EVEN = "1 is the level of evenly spread attention."


def attention_map(
    method: str,
    levels: Tensor,
    network: TokenNetwork,
    z: np.ndarray,
    settings: Mapping[str, object],
    note: str,
    flag: str = "",
    passes: int = 1,
) -> Attribution:
    """The record of a map of attention. levels: (patches,), mean 1. note: with what a level of 1 means, such as EVEN."""
    patch = network.minutes_per_token
    return Attribution(
        method=method,
        kind="attention",
        values=over_minutes(levels.detach().cpu().numpy(), patch, np.shape(z)[-1]),
        patch=patch,
        settings={"method": method, **settings},
        note=note,
        resolution=patch,
        evaluations=passes,
        flag=flag,
    )


def one_week(network: TokenNetwork, z: np.ndarray) -> Tensor:
    """One standardized week (minutes,) as (1, minutes); refuses several weeks, and minutes that are not numbers."""
    week = as_weeks(network, z)
    if week.ndim != 2 or week.shape[0] != 1:
        raise ExplanationError(f"A map explains one week at a time, got an array of shape {np.shape(z)}. Give one week's minutes.")
    read = week[:, : minutes_read(network, week.shape[1])]
    if missing := int((~torch.isfinite(read)).sum()):
        raise ExplanationError(
            f"An explanation needs a number for every minute, but {missing} of the {read.shape[1]} minutes of this week have none. "
            "Fill the gaps on the Data page, or choose another week."
        )
    return week


QUERIES_AT_ONCE = 32
"""Queries whose weights a map forms together: 96 numbers for each of their (query, key) pairs are 14 MB in large."""


def by_head(projected: Tensor, heads: int) -> Tensor:
    """(tokens, heads * 96) -> (heads, tokens, 96)."""
    return projected.reshape(len(projected), heads, WIDTH).transpose(0, 1)


def mix(attention: Attention, x: Tensor) -> Tensor:
    """(tokens, 96) -> (tokens, heads * 96): values mixed by the weights, which are never formed; before the output projection."""
    q, k, v = (by_head(layer(x), attention.heads)[None] for layer in (attention.query, attention.key, attention.value))
    return scaled_dot_product_attention(q, k, v)[0].transpose(0, 1).flatten(1)


def leave(block: Block, x: Tensor, mixed: Tensor) -> Tensor:
    """What a block makes of its tokens x (tokens, 96) and of what `mix` gave; no dropout, whatever the network's mode."""
    x = block.norm1(x + block.attention.output(mixed))
    return block.norm2(x + block.feed_forward2(block.feed_forward1(x).relu()))


def block_inputs(encoder: Encoder, week: Tensor, blocks: int | None = None) -> list[Tensor]:
    """Tokens (tokens, 96) that each block reads, first block first, and those that the last one leaves: blocks + 1 of them.

    week: (1, minutes). blocks: how many to go through, all by default.
    """
    tokens = [encoder.embed(week)[0]]
    for block in encoder.blocks[:blocks]:
        tokens.append(leave(block, tokens[-1], mix(block.attention, tokens[-1])))
    return tokens


def weights_by_queries(attention: Attention, x: Tensor, head: int | None = None) -> Iterator[tuple[slice, Tensor]]:
    """(rows, weights) for a few queries at a time: weights (heads, queries, keys), or (1, queries, keys) of one head; rows sum to 1."""
    wanted = slice(None) if head is None else slice(head, head + 1)
    q, k = (by_head(layer(x), attention.heads)[wanted] for layer in (attention.query, attention.key))
    for first in range(0, len(x), QUERIES_AT_ONCE):
        rows = slice(first, min(first + QUERIES_AT_ONCE, len(x)))
        yield rows, torch.softmax(q[:, rows] @ k.transpose(-2, -1) / math.sqrt(WIDTH), dim=-1)


def through_output(attention: Attention, values: Tensor) -> Tensor:
    """v_hj W_O^h: each head's values (heads, tokens, 96) through its own part of the output projection, without the bias."""
    by_head_output = attention.output.weight.reshape(WIDTH, attention.heads, WIDTH).permute(1, 2, 0)  # (heads, 96 in, 96 out)
    return values @ by_head_output


def per_key(weights: Tensor, carried: Tensor) -> Tensor:
    """sum over heads of weights[h, i, j] * carried[h, j]: (heads, queries, keys) and (heads, keys, 96) -> (keys, queries, 96)."""
    return torch.bmm(weights.permute(2, 1, 0), carried.transpose(0, 1))


def rows_to_one(matrix: Tensor) -> tuple[Tensor, int]:
    """(N, N) >= 0 with every row divided by its sum, and how many rows had nothing to divide: those are left to their own token."""
    sums = matrix.sum(dim=-1, keepdim=True)
    empty = sums == 0
    divided = matrix / torch.where(empty, torch.ones_like(sums), sums)
    divided.diagonal().masked_fill_(empty[:, 0], 1.0)
    return divided, int(empty.sum())


def mean_row(from_last: Iterable[Tensor], residual: float = 0.0) -> Tensor:
    """Mean over the rows of M_L ... M_1 (later blocks on the LEFT), M = (1 - residual) A + residual I. The mean, for the head pools so.

    from_last: each block's A (N, N), the LAST block first, so that one matrix is needed at a time: the row 1/N goes through
    the blocks backwards, one vector-matrix product each, and the product of matrices is never formed. Returns (N,).
    """
    row: Tensor | None = None
    for matrix in from_last:
        if row is None:
            row = matrix.new_full((len(matrix),), 1.0 / len(matrix))
        row = (1.0 - residual) * (row @ matrix) + residual * row
    if row is None:
        raise ValueError("expected the attention of at least one block, got none")
    return row


def layer_norm_parts(norm: nn.LayerNorm, x: Tensor) -> tuple[Tensor, Tensor]:
    """(output (tokens, 96), deviation (tokens, 1)) of a LayerNorm at x: with the deviation held, it is linear."""
    deviation = (x.var(dim=-1, unbiased=False, keepdim=True) + norm.eps).sqrt()
    return norm(x), deviation
