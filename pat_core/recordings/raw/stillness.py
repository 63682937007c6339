"""Non-wear from the acceleration itself: windows of an hour in which two of the three axes lie still (van Hees et al. 2011, 2013).

doi 10.1371/journal.pone.0022922 and 10.1371/journal.pone.0061691: windows of 60 minutes, moved on by 15; an axis lies still where its
standard deviation is below 13 mg and its range below 50 mg. A window that lies still is not worn in all its four blocks. The papers ask for
either of the two; both are asked for here, as in their authors' own program, for either alone takes quiet sleep for non-wear.
"""

from __future__ import annotations

import numpy as np

from pat_core.recordings.raw.stream import Hold, Run

BLOCK_SECONDS, BLOCKS_A_WINDOW = 900, 4
LEAST_SD, LEAST_RANGE = 0.013, 0.050
"""g from which on an axis does not lie still."""
STILL_AXES = 2
LEAST_MEASURED = 0.9
"""Share of a window that has to be measured (or held in idle sleep) before it is judged: a choice of this project."""
SAID = (
    "Of {minutes} minutes, {off} count as not worn: windows of an hour, moved on by 15 minutes, in which two of the three axes hardly "
    "changed (standard deviation below 13 mg and range below 50 mg; van Hees et al. 2011 and 2013)."
)

TOO_SHORT = "Whether the device was worn cannot be judged from less than an hour of acceleration without a gap."


class StillBlocks:
    """Samples, sums, squares, least and largest of each axis by block of 15 minutes since the origin: all that the rule needs."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.used = 0
        self.samples = np.zeros(96)
        self.sums, self.squares = np.zeros((96, 3)), np.zeros((96, 3))
        self.least, self.largest = np.full((96, 3), np.inf), np.full((96, 3), -np.inf)

    def run(self, run: Run) -> None:
        blocks = (run.times // BLOCK_SECONDS).astype(np.int64)
        firsts = np.flatnonzero(np.diff(blocks, prepend=-1) > 0)
        samples = np.diff(firsts, append=blocks.size)
        xyz = run.xyz.astype(np.float64)
        sums, squares = np.add.reduceat(xyz, firsts), np.add.reduceat(xyz**2, firsts)
        self._add(blocks[firsts], samples, sums, squares, np.minimum.reduceat(xyz, firsts), np.maximum.reduceat(xyz, firsts))

    def hold(self, hold: Hold) -> None:
        """The held reading weighs as many samples as it lasted."""
        blocks = np.arange(int(hold.start // BLOCK_SECONDS), int(np.ceil(hold.end / BLOCK_SECONDS)))
        seconds = np.diff(np.clip(np.append(blocks, blocks[-1] + 1) * float(BLOCK_SECONDS), hold.start, hold.end))
        samples, xyz = self.rate * seconds, np.asarray(hold.xyz, np.float64)
        self._add(blocks, samples, samples[:, None] * xyz, samples[:, None] * xyz**2, xyz, xyz)

    def worn(self, first: int, minutes: int) -> np.ndarray | None:
        """(minutes,) bool from this minute since the origin on; None where no window is long enough to be judged.

        Minutes that no judged window holds count as worn: those of gaps, which are missing, and what is left of a block at the end.
        """
        judged, still = self._windows()
        if not judged.any():
            return None
        off = np.zeros(self.used, bool)
        for block in range(BLOCKS_A_WINDOW):
            off[block : block + still.size] |= still
        at = (first + np.arange(minutes)) * 60 // BLOCK_SECONDS
        return ~off[np.minimum(at, self.used - 1)]

    def _windows(self) -> tuple[np.ndarray, np.ndarray]:
        """(windows,) bool, measured long enough; and (windows,) bool, not worn."""
        if self.used < BLOCKS_A_WINDOW:
            return np.zeros(0, bool), np.zeros(0, bool)
        samples, sums, squares = (self._moved(values).sum(axis=-1) for values in (self.samples, self.sums, self.squares))
        judged = samples >= LEAST_MEASURED * BLOCK_SECONDS * BLOCKS_A_WINDOW * self.rate
        counted = np.maximum(samples, 1)[:, None]
        deviation = np.sqrt(np.maximum(squares / counted - (sums / counted) ** 2, 0))
        span = self._moved(self.largest).max(axis=-1) - self._moved(self.least).min(axis=-1)
        axes = (deviation < LEAST_SD) & (span < LEAST_RANGE)
        return judged, judged & (axes.sum(axis=1) >= STILL_AXES)

    def _moved(self, values: np.ndarray) -> np.ndarray:
        return np.lib.stride_tricks.sliding_window_view(values[: self.used], BLOCKS_A_WINDOW, axis=0)

    def _add(
        self, blocks: np.ndarray, samples: np.ndarray, sums: np.ndarray, squares: np.ndarray, least: np.ndarray, largest: np.ndarray
    ) -> None:
        """Add what was met in each of (n,) blocks, no two of them the same."""
        self._reach(int(blocks[-1]) + 1)
        self.samples[blocks] += samples
        self.sums[blocks] += sums
        self.squares[blocks] += squares
        self.least[blocks] = np.minimum(self.least[blocks], least)
        self.largest[blocks] = np.maximum(self.largest[blocks], largest)

    def _reach(self, blocks: int) -> None:
        self.used = max(self.used, blocks)
        more = max(blocks, 2 * self.samples.size) - self.samples.size if blocks > self.samples.size else 0
        if more:
            self.samples = np.pad(self.samples, (0, more))
            self.sums, self.squares = (np.pad(values, ((0, more), (0, 0))) for values in (self.sums, self.squares))
            self.least = np.pad(self.least, ((0, more), (0, 0)), constant_values=np.inf)
            self.largest = np.pad(self.largest, ((0, more), (0, 0)), constant_values=-np.inf)
