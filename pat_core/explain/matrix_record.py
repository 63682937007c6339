"""The query-by-key map of one block, as a record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIDE = 140
"""Cells a side at most: more are not told apart on a screen, and 560 and 1,120 patches divide by it."""


@dataclass(frozen=True, eq=False)
class AttentionMatrix:
    """Attention of one block, query by key, in multiples of the uniform level 1/N.

    values: (cells, cells) float32, rows queries, columns keys, each cell the mean over its patches; the last row and column hold fewer
    patches where the division is not whole (see `patches_in`). block: index from 0. head: index from 0, None for the mean over heads.
    patches_a_cell: a side. patches: N. patch: minutes. heads, blocks: how many the model has.
    """

    values: np.ndarray
    block: int
    head: int | None
    patches_a_cell: int
    patches: int
    patch: int
    heads: int
    blocks: int

    @property
    def patches_in(self) -> np.ndarray:
        """(cells,) patches along a side of each cell. The mean of a row, weighted by these, is 1."""
        starts = np.arange(0, self.patches, self.patches_a_cell)
        return np.diff(starts, append=self.patches)
