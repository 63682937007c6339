"""The authors' map: attention that each patch receives in the last block (their notebooks, np.sum(attention[0], axis=1))."""

from __future__ import annotations

import numpy as np
import torch

from pat_core.explain.attention_reading import EVEN, attention_map, one_week
from pat_core.explain.encoder_blocks import block_inputs, weights_by_queries
from pat_core.explain.method_settings import block_number, head_number
from pat_core.models.pat import PatConfig
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
