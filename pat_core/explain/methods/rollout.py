"""Rollout: attention followed through all blocks and their residual paths (Abnar & Zuidema 2020), and attention that raised the score
(gradient-weighted, Chefer et al., ICCV 2021)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import (
    EVEN,
    attention_map,
    block_inputs,
    by_head,
    leave,
    mean_row,
    mix,
    one_week,
    rows_to_one,
    weights_by_queries,
)
from pat_core.explain.method_registry import FUSIONS, Fusion
from pat_core.models.pat.encoder import Attention, Block
from pat_core.models.pat.heads import Classifier, ClassifierHead
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


NOTHING = "No attention of this model raised the score of this week, so the map is zero everywhere."


def chefer(from_last: Iterable[Tensor]) -> Tensor:
    """(N,) mean row of R, minus 1/N, where R = (I + Ā_L) ... (I + Ā_1), from R = I and R <- R + Ā R.

    from_last: Ā = mean over heads of (gradient * attention)+, (N, N), the LAST block first, so that one matrix is needed at a time and
    R is never formed: row <- row + row Ā. The row is kept as what it holds beyond 1/N, for gradients make Ā small beside I: taking 1/N
    off at the end would leave rounding errors of the 1/N.
    """
    beyond: Tensor | None = None
    for raised in from_last:
        if beyond is None:
            beyond = raised.new_zeros(len(raised))
        beyond = beyond + (beyond + 1.0 / len(beyond)) @ raised
    if beyond is None:
        raise ValueError("expected the attention of at least one block, got none")
    return beyond


def gradient_rollout_map(network: Classifier, z: np.ndarray, *, progress: Progress | None = None) -> Attribution:
    """Of the logit of one standardized week (minutes,), scaled to a mean of 1 over patches; all zero where nothing raised the score.

    The blocks are gone through twice: forward, keeping each block's tokens, and backward, one block's attention at a time.
    Raises ExplanationError where the score is not a number.
    """
    tell, blocks = progress or Silent(), network.encoder.blocks
    with torch.no_grad():
        inputs = block_inputs(network.encoder, one_week(network, z))

    def from_last():
        gradient = at_the_head(network.head, inputs.pop())
        for number, block in enumerate(reversed(blocks)):
            tell.at(number / len(blocks), "Following the gradient back through the blocks")
            raised, gradient = raised_attention(block, inputs.pop(), gradient)
            yield raised

    beyond = chefer(from_last())
    level = float(beyond.mean())
    return attention_map(
        "gradient_rollout",
        beyond / level if level else beyond,
        network,
        z,
        {"target": "logit"},
        "Attention that raised the score, followed through all blocks, mean over heads; attention that lowered it left out; "
        "1 is the mean over the week.",
        "" if level else NOTHING,
        passes=2,
    )


def at_the_head(head: ClassifierHead, tokens: Tensor) -> Tensor:
    """Gradient of the logit with respect to the encoder's tokens (N, 96); no dropout."""
    with torch.enable_grad():
        tokens = tokens.detach().requires_grad_()
        logit = head.output(head.hidden(tokens.mean(dim=0)).relu()).squeeze(-1)
        if not torch.isfinite(logit):
            raise ExplanationError(
                "The model's score for this week is not a number, so there is nothing to explain. Check the week on the Data page."
            )
        return torch.autograd.grad(logit, tokens)[0]


def raised_attention(block: Block, tokens: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """Ā (N, N) of one block that read `tokens` (N, 96), and the gradient of the logit with respect to them.

    gradient: of the logit with respect to what the block leaves. The weights need not be differentiated: a head's values are
    mixed as m_hi = sum over j of A_hij v_hj, so the gradient of A_hij is that of m_hi times v_hj.
    """
    attention = block.attention
    with torch.enable_grad():
        tokens = tokens.detach().requires_grad_()
        mixed = mix(attention, tokens)
        of_mixed, of_tokens = torch.autograd.grad(leave(block, tokens, mixed), (mixed, tokens), gradient)
    with torch.no_grad():
        of_mixed, values = by_head(of_mixed, attention.heads), by_head(attention.value(tokens), attention.heads)
        raised = tokens.new_empty(len(tokens), len(tokens))
        for rows, weights in weights_by_queries(attention, tokens):
            raised[rows] = (of_mixed[:, rows] @ values.transpose(-2, -1)).mul_(weights).relu_().mean(dim=0)
    return raised, of_tokens
