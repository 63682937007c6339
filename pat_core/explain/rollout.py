"""Attention rollout (Abnar & Zuidema 2020): attention followed through all blocks and their residual paths."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from pat_core.explain.attention import as_weeks, over_minutes
from pat_core.model import Classifier
from pat_core.records import Attribution


def rollout(per_block: list[Tensor]) -> Tensor:
    """per_block: head-averaged attention (N, N) of each block, first block first; rows sum to 1.

    R = Â_L ... Â_1 with Â = A/2 + I/2 (later blocks on the LEFT). Returns the mean over query rows, (N,), which sums to 1,
    because the classifier's mean pooling weighs every row 1/N.
    """
    size = per_block[0].shape[-1]
    row = torch.full((size,), 1.0 / size, dtype=per_block[0].dtype, device=per_block[0].device)
    for attention in reversed(per_block):  # mean row of R, one vector-matrix product a block: R itself is never formed
        row = 0.5 * (row @ attention) + 0.5 * row
    return row


@torch.no_grad()
def rollout_map(network: Classifier, z: np.ndarray) -> Attribution:
    """Rollout of one standardized week (minutes,), scaled so that 1 is the level of evenly spread attention."""
    config = network.config
    per_block: list[Tensor] = []
    network.encoder(as_weeks(network.encoder, z), lambda block, weights: per_block.append(weights[0].mean(dim=0)))
    share = rollout(per_block)
    note = "Attention followed through all blocks, mean over heads; 1 is the level of evenly spread attention."
    if config.blocks == 1:
        note += " With one block it ranks the patches exactly as the authors' map does: the two agreeing is no evidence."
    return Attribution(
        method="rollout",
        kind="attention",
        values=over_minutes((share * share.numel()).cpu().numpy(), config.patch, z.shape[-1]),
        patch=config.patch,
        settings={"method": "rollout", "heads": "mean"},
        note=note,
    )
