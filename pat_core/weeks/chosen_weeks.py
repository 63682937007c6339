"""Some of the weeks of a cohort, in an order of their own, which stay where they lie until they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from pat_core.weeks.standardizer import Weeks


class ChosenWeeks:
    """Rows of weeks (people, minutes) that lie on the disk, as an array of their own: (rows, minutes), read when it is indexed.

    A copy of the rows would be a second cohort in memory: 1.2 GB of 30,000 people. An index gives an array, as it does of an array.
    """

    def __init__(self, weeks: Weeks, rows: np.ndarray) -> None:
        self._weeks, self._rows = weeks, np.asarray(rows, dtype=int)
        self.ndim, self.shape = 2, (len(self._rows), weeks.shape[1])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any, /) -> np.ndarray:
        """As of an array; only the rows that are named are read."""
        if isinstance(index, tuple):
            return np.asarray(self._weeks[self._rows[index[0]]])[(..., *index[1:])]
        return np.asarray(self._weeks[self._rows[index]])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype=dtype)
