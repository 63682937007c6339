"""The authors' map: attention that each patch receives in the last block (their notebooks, np.sum(attention[0], axis=1))."""

from __future__ import annotations

import numpy as np

from pat_core.explain.attention import attention_received, over_minutes
from pat_core.model import Classifier
from pat_core.records import Attribution


def authors_map(network: Classifier, z: np.ndarray, block: int = -1) -> Attribution:
    """a_j = (1 / heads) sum over heads and queries of A[head, query, j]: mean over patches 1, the uniform level.

    z: (minutes,) standardized. block: which one, the last by default. The authors divide by the sum and show shares;
    here 1 stands for the uniform share, so that sizes can be compared.
    """
    received = attention_received(network.encoder, z)[block, 0].mean(axis=0)  # (patches,)
    config = network.config
    return Attribution(
        method="authors",
        kind="attention",
        values=over_minutes(received, config.patch, z.shape[-1]),
        patch=config.patch,
        settings={"method": "authors", "block": block % config.blocks},
        note="Attention each patch receives in the last block, mean over heads; 1 is the level of evenly spread attention.",
    )
