"""Measures of raw acceleration by the clock minute: ActiGraph counts and ENMO. A minute counts where nearly all of it was measured.

ActiGraph counts as published by their maker (Neishabouri et al. 2022, doi 10.1038/s41598-022-16003-x): resample to 30 Hz, round to
0.001 g, band-pass by the published filter, scale, rectify, drop what lies below the dead band, cap at eight bits, floor, average to 10
Hz, floor, sum over the epoch. The filter's numbers are those that the paper publishes.

ENMO (van Hees et al. 2013, doi 10.1371/journal.pone.0061691): max(|a| - 1 g, 0) of every sample, mean over the minute, in mg. Nothing is
calibrated: a sensor that reads 1.02 g at rest rests at 20 mg.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from pat_core.recordings.raw.stream import Hold, Run

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


INPUT = np.array([
    -0.009341062898525, -0.025470289659360, -0.004235264826105, 0.044152415456420,
    0.036493718347760, -0.011893961934740, -0.022917390623150, -0.006788163862310,
])  # fmt: skip
OUTPUT = np.array([
    1.0, -3.63367395910957, 5.03689812757486, -3.09612247819666, 0.50620507633883, 0.32421701566682, -0.15685485875559, 0.0194913020589,
])  # fmt: skip
GAIN = (3 / 4096) / (2.6 / 256) * 237.5
"""Counts per g: steps of the first device's converter over those of its successors, times the gain that makes them agree."""
DEAD_BAND, CAP = 4.0, 128.0
RATE, TENTHS = 30, 10
"""Hz that the filter was made for, and Hz of the sums."""
LOWEST_RATE = 20.0
"""Slower samples do not hold the movement that the filter passes."""


class CountStream:
    """Counts a tenth of a second, run after run: the same numbers as from the whole at once, with the memory of one run."""

    def __init__(self, rate: float) -> None:
        from scipy.signal import lfilter, lfilter_zi  # half a second to import, for those alone who have raw acceleration

        self.filter = lfilter
        # The published method knows 30, 40, ..., 100 Hz; others are first interpolated to the next of these.
        self.grid = int(np.clip(np.ceil(rate / 10 - 1e-6) * 10, RATE, 100))
        ratio = Fraction(RATE, self.grid)
        self.up, self.down = ratio.numerator, ratio.denominator
        self.zero = lfilter_zi(INPUT, OUTPUT)[:, None]
        self.first = 0
        self.state: np.ndarray | None = None
        self.left = np.zeros((0, 3))

    def feed(self, run: Run) -> tuple[int, np.ndarray]:
        """Tenth of a second (since the origin) of the first counts, and the counts (n, 3) of the three axes in it and those that follow."""
        if run.fresh:
            self._restart(run)
        at_30 = np.round(self._at_30(self._even(run.times, run.xyz)), 3)
        if at_30.shape[0] == 0:
            return self.first, np.zeros((0, 3))
        if self.state is None:
            self.state = self.zero * at_30[0]
        passed, self.state = self.filter(INPUT, OUTPUT, at_30, axis=0, zi=self.state)
        size = np.abs(passed * GAIN)
        counted = np.concatenate((self.left, np.floor(np.where(size < DEAD_BAND, 0.0, np.minimum(size, CAP)))))
        whole = counted.shape[0] // 3 * 3
        self.left = counted[whole:]
        tenths = np.floor(counted[:whole].reshape(-1, 3, 3).mean(axis=1))
        first = self.first
        self.first += tenths.shape[0]
        return first, tenths

    def _restart(self, run: Run) -> None:
        # Both grids meet on whole tenths of a second, so that is where a run begins.
        self.first = int(np.ceil(run.times[0] * TENTHS - 1e-4))
        self.start, self.next, self.taken = self.first / TENTHS, 0, 0
        self.before: tuple[np.ndarray, np.ndarray] = (run.times[:0], run.xyz[:0])
        self.smooth, self.state, self.left = np.zeros((1, 3)), None, np.zeros((0, 3))

    def _even(self, times: np.ndarray, xyz: np.ndarray) -> np.ndarray:
        """(n, 3) float64 at the grid's even steps, by straight lines between samples; the samples themselves where they lie on it."""
        last = int(np.floor((times[-1] - self.start) * self.grid + 1e-4))
        steps = self.start + np.arange(self.next, last + 1) / self.grid
        self.next = max(self.next, last + 1)
        known, values = np.concatenate((self.before[0], times)), np.concatenate((self.before[1], xyz))
        self.before = (times[-1:], xyz[-1:])
        if steps.size == times.size and np.abs(steps - times).max() * self.grid < 1e-3:
            return xyz.astype(np.float64)
        return np.stack([np.interp(steps, known, values[:, axis]) for axis in range(3)], axis=1)

    def _at_30(self, even: np.ndarray) -> np.ndarray:
        """(n, 3) at 30 Hz: zeros put between samples, a first-order low-pass at the input's half rate, then every so-manieth kept."""
        if self.up > 1:
            raised = np.zeros((even.shape[0] * self.up, 3))
            raised[:: self.up] = even * self.up
            lead, back = np.pi / (np.pi + 2 * self.up), (np.pi - 2 * self.up) / (np.pi + 2 * self.up)
            even, self.smooth = self.filter([lead, lead], [1.0, back], raised, axis=0, zi=self.smooth)
        sampled = even[-self.taken % self.down :: self.down]
        self.taken += even.shape[0]
        return sampled


class CountMinutes:
    """Counts a clock minute of the three axes."""

    def __init__(self, rate: float) -> None:
        self.stream, self.minutes = CountStream(rate), MinuteSums(3)

    def run(self, run: Run) -> None:
        first, tenths = self.stream.feed(run)
        self.minutes.add((first + np.arange(tenths.shape[0])) // (60 * TENTHS), tenths)
        self.minutes.cover(float(run.times[0]), run.end)

    def hold(self, hold: Hold) -> None:
        """A reading that stands still is no movement: nothing to add."""
        self.minutes.cover(hold.start, hold.end)

    def finished(self) -> tuple[int, np.ndarray]:
        """First whole minute since the origin, and counts (minutes, 3), NaN where missing."""
        return self.minutes.finished()


def counts(xyz: np.ndarray, rate: float) -> np.ndarray:
    """Counts a tenth of a second, (n, 3), of evenly sampled acceleration (samples, 3) in g."""
    times = np.arange(xyz.shape[0]) / rate
    return CountStream(rate).feed(Run(times, xyz, xyz.shape[0] / rate, True))[1]


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
