"""Attention rollout (Abnar & Zuidema 2020): attention followed through all blocks and their residual paths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import EVEN, attention_map, one_week
from pat_core.explain.encoder_blocks import block_inputs, mean_row, rows_to_one, weights_by_queries
from pat_core.explain.method_settings import FUSIONS, Fusion
from pat_core.models.pat.attention import Attention
from pat_core.models.pat.heads import Classifier
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution

RESIDUAL = 0.5
"""Share of a token that a block hands on unmixed: its residual path counts as much as its attention."""


def rollout(per_block: Sequence[Tensor], *, fusion: Fusion = "mean", discard: float = 0.0) -> Tensor:
    """per_block: attention of each block, first block first: (heads, N, N), or (N, N) where the heads are fused already; rows sum to 1.

    R = Â_L ... Â_1 with Â = A/2 + I/2 (later blocks on the LEFT). Returns the mean over query rows, (N,), which sums to 1,
    because the classifier's mean pooling weighs every row 1/N. fusion, discard: see `rollout_map`.
    """
    heads = (fuse(block if block.ndim == 3 else block[None], fusion) for block in reversed(per_block))
    return mean_row((stochastic(block, fusion, discard)[0] for block in heads), RESIDUAL)


def fuse(weights: Tensor, fusion: Fusion) -> Tensor:
    """(heads, queries, keys) -> (queries, keys). Max and min break the row sums, which `stochastic` mends."""
    if fusion == "mean":
        return weights.mean(dim=0)
    return weights.amax(dim=0) if fusion == "max" else weights.amin(dim=0)


def stochastic(fused: Tensor, fusion: Fusion, discard: float) -> tuple[Tensor, int]:
    """(N, N) with its lowest entries discarded and rows that sum to 1 again; and how many rows had nothing left to divide.

    discard: the lowest share of all entries, 0 up to but not including 1. Entries as high as the first one that stays, stay, and every
    row keeps its highest, so that equal attention is treated equally and no row is emptied.
    """
    if discard:
        lowest = int(discard * fused.numel())
        first_to_stay = fused.flatten().kthvalue(lowest + 1).values  # lowest < numel, as discard < 1
        fused = fused.where((fused >= first_to_stay) | (fused >= fused.amax(dim=-1, keepdim=True)), fused.new_zeros(()))
    return (fused, 0) if fusion == "mean" and not discard else rows_to_one(fused)


@torch.no_grad()
def rollout_map(
    network: Classifier, z: np.ndarray, *, fusion: Fusion = "mean", discard: float = 0.0, progress: Progress | None = None
) -> Attribution:
    """Rollout of one standardized week (minutes,), scaled so that 1 is the level of evenly spread attention.

    fusion: "mean", "max" or "min" over heads, rows renormalised before the residual half is added. discard: the lowest share of
    each block's fused map that is set to 0 before that, from 0 (the default) to less than 1. Raises ExplanationError for others.
    """
    check(fusion, discard)
    tell, encoder = progress or Silent(), network.encoder
    inputs = block_inputs(encoder, one_week(network, z), network.config.blocks - 1)
    emptied = 0

    def from_last():
        nonlocal emptied
        for number, block in enumerate(reversed(encoder.blocks)):
            tell.at(number / len(encoder.blocks), "Following the attention through the blocks")
            matrix, empty = stochastic(fused_map(block.attention, inputs.pop(), fusion), fusion, discard)
            emptied += empty
            yield matrix

    share = mean_row(from_last(), RESIDUAL)
    settings = {"fusion": fusion, "discard": float(discard), "residual": RESIDUAL}
    flag = f"In {emptied} rows no patch was attended to by all heads; they count as attending to themselves." if emptied else ""
    return attention_map("rollout", share * len(share), network, z, settings, note(network, fusion, discard), flag)


def check(fusion: str, discard: float) -> None:
    """Refuse a fusion or a discard ratio that there is not."""
    if fusion not in FUSIONS:
        raise ExplanationError(f"Expected the heads to be fused by {', '.join(FUSIONS)}, got {fusion!r}. Choose one of these.")
    if isinstance(discard, bool) or not isinstance(discard, (int, float)) or not 0 <= discard < 1:
        raise ExplanationError(f"Expected a discard ratio from 0 to less than 1, got {discard!r}. 0 discards nothing.")


def fused_map(attention: Attention, tokens: Tensor, fusion: Fusion) -> Tensor:
    """(N, N): one block's attention with its heads fused, a few queries at a time; the heads' own maps are never kept."""
    fused = tokens.new_empty(len(tokens), len(tokens))
    for rows, weights in weights_by_queries(attention, tokens):
        fused[rows] = fuse(weights, fusion)
    return fused


def note(network: Classifier, fusion: Fusion, discard: float) -> str:
    """What a reader must know of the map."""
    words = {"mean": "mean", "max": "largest", "min": "smallest"}[fusion]
    text = f"Attention followed through all blocks, {words} over heads" + (f", lowest {100 * discard:.3g} % left out" if discard else "")
    if network.config.blocks == 1 and fusion == "mean" and not discard:
        text += (
            "; with one block it ranks the patches exactly as the authors' map does (it is half of that map and half of the uniform level),"
            " so the two agreeing is no evidence"
        )
    return f"{text}; {EVEN}"
