"""Sums by clock minute, grown as a recording is read; a minute counts where nearly all of it was measured."""

from __future__ import annotations

import numpy as np

LEAST_SECONDS = 57.0
"""A minute of which less was measured (or held in idle sleep) is missing: 95 %, so that one lost block does not cost a minute."""


class MinuteSums:
    """sums: (minutes, width) float64 and seconds: (minutes,) float64 measured, both from the origin's minute on."""

    def __init__(self, width: int) -> None:
        self.sums, self.seconds = np.zeros((1440, width)), np.zeros(1440)
        self.used = 0

    def add(self, minutes: np.ndarray, values: np.ndarray) -> None:
        """Add (n, width) values to the (n,) minutes, which do not fall."""
        if minutes.size == 0:
            return
        self._reach(int(minutes[-1]) + 1)
        firsts = np.flatnonzero(np.concatenate(([True], np.diff(minutes) > 0)))
        self.sums[minutes[firsts]] += np.add.reduceat(values, firsts, axis=0, dtype=np.float64)

    def cover(self, start: float, end: float) -> np.ndarray:
        """Note that start to end (seconds since the origin) was measured. Gives its seconds in each minute, from start's minute on."""
        first, last = int(start // 60), int(np.ceil(end / 60))
        self._reach(last)
        shares = np.diff(np.clip(np.arange(first, last + 1) * 60.0, start, end))
        self.seconds[first:last] += shares
        return shares

    def finished(self) -> tuple[int, np.ndarray]:
        """First minute that was measured whole, and sums (minutes, width) from there to the last such one; NaN where not measured whole."""
        whole = self.seconds[: self.used] >= LEAST_SECONDS
        if not whole.any():
            return 0, np.zeros((0, self.sums.shape[1]))
        first, last = int(whole.argmax()), self.used - int(whole[::-1].argmax())
        return first, np.where(whole[first:last, None], self.sums[first:last], np.nan)

    def _reach(self, minutes: int) -> None:
        if minutes > self.seconds.size:
            more = max(minutes, 2 * self.seconds.size) - self.seconds.size
            self.sums = np.pad(self.sums, ((0, more), (0, 0)))
            self.seconds = np.pad(self.seconds, (0, more))
        self.used = max(self.used, minutes)
