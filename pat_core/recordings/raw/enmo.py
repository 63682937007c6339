"""ENMO: how far the acceleration vector reaches beyond gravity, by clock minute (van Hees et al. 2013, doi 10.1371/journal.pone.0061691).

max(|a| - 1 g, 0) of every sample, mean over the minute, in mg. Nothing is calibrated: a sensor that reads 1.02 g at rest rests at 20 mg.
"""

from __future__ import annotations

import numpy as np

from pat_core.recordings.raw.minute_sums import MinuteSums
from pat_core.recordings.raw.stream import Hold, Run


def enmo(xyz: np.ndarray) -> np.ndarray:
    """(n,) mg of (n, 3) g."""
    wide = np.asarray(xyz, np.float64)
    return 1000 * np.maximum(np.sqrt((wide**2).sum(axis=1)) - 1, 0)


class EnmoMinutes:
    """Mean ENMO a clock minute, in mg, over the samples that were measured or held."""

    def __init__(self, rate: float) -> None:
        self.rate, self.minutes = rate, MinuteSums(2)

    def run(self, run: Run) -> None:
        values = enmo(run.xyz)
        self.minutes.add((run.times // 60).astype(np.int64), np.stack((values, np.ones_like(values)), axis=1))
        self.minutes.cover(float(run.times[0]), run.end)

    def hold(self, hold: Hold) -> None:
        """The held reading weighs as many samples as it lasted."""
        samples = self.rate * self.minutes.cover(hold.start, hold.end)
        value = float(enmo(hold.xyz[None])[0])
        self.minutes.add(int(hold.start // 60) + np.arange(samples.size), np.stack((samples * value, samples), axis=1))

    def finished(self) -> tuple[int, np.ndarray]:
        """First whole minute since the origin, and mg (minutes, 1), NaN where missing."""
        first, sums = self.minutes.finished()
        return first, sums[:, :1] / sums[:, 1:]
