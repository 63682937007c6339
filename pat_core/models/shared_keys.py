"""Attention with keys and values that all heads share: the tokens themselves (multi-query attention, Shazeer 2019, arXiv 1911.02150).

What a network's attention means is stated in its own folder; here it is brought into a form with less work, exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, scaled_dot_product_attention
from torch.utils.checkpoint import checkpoint

MOST_KEPT = 8_000_000
"""Scores of `attend_alike` that are kept for gradients; of more, `AT_ONCE` are held at a time, which stay in the cache, and are computed
again: a step of 16 weeks of large takes three quarters of the time."""
AT_ONCE = 1_000_000
Dense = Callable[[Tensor], Tensor]


class Projections(Protocol):
    """Multi-head attention whose heads are as wide as a token: query, key, value: width -> heads * width; output: the way back."""

    heads: int
    query: nn.Linear
    key: nn.Linear
    value: nn.Linear
    output: nn.Linear


def fold(attention: Projections) -> tuple[Dense, Dense]:
    """Tokens (..., width) -> queries (..., heads * width) for which the tokens are the keys; what `attend` makes of them -> the output.

    Exact: q_i . k_j = (W_k' (W_q x_i + b_q)) . x_j + (what is the same for all j, b_k with it, and cancels in the softmax); weights sum to
    1, so that W_o (A (x W_v' + b_v)) = (W_o W_v) (A x) + W_o b_v. Two layers do the work of four. Differentiable in all eight weights.
    """
    shape = (attention.heads, -1)
    query, key, value = (part.weight.unflatten(0, shape) for part in (attention.query, attention.key, attention.value))  # (heads, w, w)
    output = attention.output.weight.unflatten(1, shape).transpose(0, 1)
    turned = (key * attention.query.bias.unflatten(0, (*shape, 1))).sum(1).flatten()
    idle = 0.0 * attention.key.bias  # its gradient is 0 rather than missing: optimizers and several processes wait for one of each weight
    into = partial(linear, weight=(key.transpose(1, 2) @ query).flatten(0, 1), bias=turned + idle)
    carried = linear(attention.value.bias, attention.output.weight, attention.output.bias)
    return into, partial(linear, weight=(output @ value).transpose(0, 1).flatten(1), bias=carried)


def attend(queries: Tensor, tokens: Tensor) -> Tensor:
    """queries (batch, some, heads * width), tokens (batch, n, width) -> what each head of each query mixes of them, shaped as the queries.

    Weights: softmax over the tokens of query . token / sqrt(width); never formed. To the product, all heads are more queries of one, which
    is the fastest on a CPU; but gradients share their work out by week and head, so a few are left where some of it would lie idle.
    """
    batch, n, width = tokens.shape
    left = _left(batch, queries.shape[-1] // width, queries.device.type) if torch.is_grad_enabled() else 1
    split = queries.reshape(batch, -1, left, width).transpose(1, 2)
    shared = tokens[:, None].expand(batch, left, n, width)
    return scaled_dot_product_attention(split, shared, shared).transpose(1, 2).reshape(queries.shape)


def _left(batch: int, heads: int, device: str) -> int:
    """Into how many heads to divide the queries: the fewest that occupy all threads evenly; on other devices all there are."""
    even = (left for left in range(1, heads) if heads % left == 0 and batch * left % torch.get_num_threads() == 0)
    return next(even, heads) if device == "cpu" else heads


def attend_alike(queries: Tensor, own: Tensor, alike: Tensor) -> Tensor:
    """`attend` where queries (some, heads * width) are the same in the whole batch, and so are the tokens `alike` (n, width) beside
    each week's own (batch, k, width): (batch, some, heads * width).

    Tokens that are alike are mixed once. To a week they are one more token: its score is the logarithm of their summed exponentials, its
    value is their mix. A week costs k / (k + n) of what it would by itself.
    """
    each = queries.reshape(-1, own.shape[-1])  # (some * heads, width)
    scores = own.shape[0] * (own.shape[1] + 1) + len(alike)  # of a query
    if len(each) * scores <= MOST_KEPT:
        return _mixed(each, own, alike).reshape(len(own), *queries.shape)
    few = each.split(max(1, AT_ONCE // scores))
    parts = [checkpoint(_mixed, some, own, alike, use_reentrant=False, preserve_rng_state=False) for some in few]
    return torch.cat(parts, dim=1).reshape(len(own), *queries.shape)


def _mixed(queries: Tensor, own: Tensor, alike: Tensor) -> Tensor:
    """(batch, queries, width) of some queries (queries, width) of one head each; see `attend_alike`."""
    batch, kept, width = own.shape
    scaled = queries / math.sqrt(width)
    scores = scaled @ alike.T
    together, mixed = torch.logsumexp(scores, dim=-1)[:, None, None], torch.softmax(scores, dim=-1) @ alike
    of_own = (scaled @ own.flatten(0, 1).T).unflatten(1, (batch, kept))  # (queries, batch, kept), in one product
    weights = torch.softmax(torch.cat([together.expand(-1, batch, 1), of_own], dim=-1), dim=-1).transpose(0, 1)
    return weights[..., :1] * mixed + weights[..., 1:] @ own
