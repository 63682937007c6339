"""Gradient-weighted rollout (Chefer et al., ICCV 2021, generic attention explainability): attention that raised the score."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import attention_map, one_week
from pat_core.explain.encoder_blocks import block_inputs, by_head, leave, mix, weights_by_queries
from pat_core.models.pat.encoder import Block
from pat_core.models.pat.heads import Classifier, ClassifierHead
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution

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
