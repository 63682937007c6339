"""Rows of different lengths in one file: they lie one after another, each as long as it is, so that nothing is padded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pat_core.errors import WorkspaceError

DIFFER = "Windows of one length were expected at once; these differ in length. Read them one by one."


class RaggedRows:
    """A flat (minutes of all rows,) array as rows. lengths: (rows,) minutes of each. shape: (rows, minutes of the longest)."""

    ndim = 2

    def __init__(self, flat: np.ndarray, lengths: Sequence[int]) -> None:
        self.flat, self.lengths = flat, np.asarray(lengths, dtype=np.int64)
        self.begins = np.concatenate(([0], np.cumsum(self.lengths)[:-1]))
        self.shape, self.dtype = (len(self.lengths), int(self.lengths.max())), flat.dtype

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: Any) -> np.ndarray:
        """One row as a view of the file; several, where they are of one length, as a copy. WorkspaceError where they are not."""
        if isinstance(index, tuple):
            return (
                self[index[0]][index[1:]] if np.ndim(index[0]) == 0 and not isinstance(index[0], slice) else self[index[0]][:, *index[1:]]
            )
        chosen = np.arange(len(self))[index]
        if chosen.ndim == 0:
            return self.flat[self.begins[chosen] : self.begins[chosen] + self.lengths[chosen]]
        if np.unique(self.lengths[chosen]).size > 1:
            raise WorkspaceError(DIFFER)
        rows = [self[int(row)] for row in chosen]
        return np.stack(rows) if rows else np.empty((0, self.shape[1]), self.dtype)
