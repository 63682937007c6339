"""Some of the weeks of a cohort, in an order of their own, which stay where they lie until they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pat_core.records import Standardizer
from pat_core.weeks.standardizer import Weeks, apply


def lengths_of(weeks: Weeks) -> np.ndarray:
    """(people,) minutes of each week."""
    lengths = getattr(weeks, "lengths", None)
    return np.full(weeks.shape[0], weeks.shape[1]) if lengths is None else np.asarray(lengths)


class ChosenWeeks:
    """Rows of weeks (people, minutes) that lie on the disk, as an array of their own: (rows, minutes), read when it is indexed.

    A copy of the rows would be a second cohort in memory: 1.2 GB of 30,000 people. An index gives an array, as it does of an array.
    lengths: (rows,) minutes of each; where they differ, `shape` has the longest, and only rows of one length come at once.
    """

    def __init__(self, weeks: Weeks, rows: np.ndarray) -> None:
        self._weeks, self._rows = weeks, np.asarray(rows, dtype=int)
        self.lengths = lengths_of(weeks)[self._rows]
        self.ndim, self.shape = 2, (len(self._rows), int(self.lengths.max(initial=0)) or weeks.shape[1])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any, /) -> np.ndarray:
        """As of an array; only the rows that are named are read."""
        if isinstance(index, tuple):
            return np.asarray(self._weeks[self._rows[index[0]]])[(..., *index[1:])]
        return np.asarray(self._weeks[self._rows[index]])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype=dtype)


class StandardizedWeeks:
    """Weeks (rows, minutes) of one length, standardized when they are indexed: (rows, minutes) float32."""

    def __init__(self, weeks: Weeks, standardizer: Standardizer) -> None:
        self._weeks, self._standardizer = weeks, standardizer

    def __len__(self) -> int:
        return self._weeks.shape[0]

    def __getitem__(self, rows: Any, /) -> np.ndarray:
        if isinstance(rows, int | np.integer):
            return self[[rows]][0]
        return apply(self._standardizer, np.asarray(self._weeks[rows]))


class JoinedWeeks:
    """Weeks of several sources as one: (rows, minutes) float32, read when it is indexed.

    parts: each (rows, minutes), all with the same minutes. source: (rows,) the number of the part that a row is from; the rows of a part
    stand in its own order.
    """

    def __init__(self, parts: Sequence[StandardizedWeeks], source: Sequence[int] | np.ndarray) -> None:
        self._parts, self._source = parts, np.asarray(source, dtype=int)
        self._place = np.zeros(len(self._source), dtype=int)
        for number, part in enumerate(parts):
            there = np.flatnonzero(self._source == number)
            if len(there) != len(part):
                raise ValueError(f"expected {len(part)} rows of part {number}, got {len(there)}")
            self._place[there] = np.arange(len(there))

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, rows: Any, /) -> np.ndarray:
        if isinstance(rows, int | np.integer):
            return self[[rows]][0]
        chosen = np.arange(len(self))[rows]
        pieces = {number: self._parts[number][self._place[chosen[self._source[chosen] == number]]] for number in self._numbers(chosen)}
        if len(pieces) == 1:
            return next(iter(pieces.values()))
        weeks = np.empty((len(chosen), *next(iter(pieces.values())).shape[1:]), np.float32)
        for number, piece in pieces.items():
            weeks[self._source[chosen] == number] = piece
        return weeks

    def _numbers(self, chosen: np.ndarray) -> list[int]:
        """Of the parts that these rows are from; the first where there is no row."""
        return np.unique(self._source[chosen]).tolist() or [0]


def by_length(lengths: Sequence[int] | np.ndarray) -> list[np.ndarray]:
    """Positions of the rows of each length, the shortest length first, in rising order: one array each."""
    lengths = np.asarray(lengths)
    return [np.flatnonzero(lengths == length) for length in np.unique(lengths)]
