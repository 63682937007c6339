"""What every raw format is read into: blocks of samples with the device's time stamps, and the even runs made of them.

Nothing here holds a whole recording: a reader yields Blocks of minutes to hours, `runs` turns them into stretches without a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from pat_core.errors import RecordingError
from pat_core.recordings.clock.grid import LONGEST_DAYS

BRIDGED_SECONDS = 3.0
"""A pause up to this long (one lost block) is crossed by a straight line; a longer one is a gap of missing minutes."""
STRETCH = 0.05
"""A sensor's own clock may run this much faster or slower than its nominal rate."""
SETTLING_SECONDS = 60
"""A held pause is written out as samples for so long at either end; filters have settled by then."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """Samples as the device stored them.

    starts: (blocks,) float64, seconds since 1970 by the device's clock, of each block's first sample. counts: (blocks,) int64, samples in
    each. xyz: (samples, 3) float32 in g. held: (blocks,) bool, whether the pause before the block was the device's idle sleep.
    """

    starts: np.ndarray
    counts: np.ndarray
    xyz: np.ndarray
    held: np.ndarray


@dataclass(eq=False)
class RawFile:
    """An open raw recording.

    rate: nominal samples a second. vertical: column of xyz that points along a standing hip, None where the maker defines none.
    participant: who the file says it is of. wrist: whether such devices are worn there as a rule.
    utc_offset: of the place where the device was set up, as the file has it (-05:00).
    shift_seconds: what turns the device's clock into wall clock; in_utc: nothing does, it is universal time. worn: (seconds since 1970 by
    the device's clock, state) at every change of its own wear sensor. notes: what was found. These, and participant, are complete
    once the blocks have been read.
    """

    device: str
    rate: float
    blocks: Iterator[Blocks]
    serial: str | None = None
    placement: str | None = None
    utc_offset: str | None = None
    vertical: int | None = None
    participant: str | None = None
    wrist: bool = True
    shift_seconds: int = 0
    in_utc: bool = False
    worn: list[tuple[int, bool]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Run:
    """Samples without a gap: times (n,) float64 in seconds since the origin, xyz (n, 3) in g, end: when the last sample is over.

    fresh: nothing that came before reaches up to this run, so filters start anew.
    """

    times: np.ndarray
    xyz: np.ndarray
    end: float
    fresh: bool


@dataclass(frozen=True, eq=False)
class Hold:
    """One reading (3,) in g that stood still from `start` to `end`, in seconds since the origin."""

    start: float
    end: float
    xyz: np.ndarray


@dataclass
class Pauses:
    """What `runs` met. origin: seconds since 1970 of the minute that holds the first sample; lengths in seconds, numbers of pauses."""

    origin: float = 0.0
    samples: int = 0
    repeated: int = 0
    bridged: int = 0
    bridged_seconds: float = 0.0
    held: int = 0
    held_seconds: float = 0.0
    missing: int = 0
    missing_seconds: float = 0.0
    longest: float = 0.0
    longest_from: float = 0.0


def runs(blocks: Iterator[Blocks], rate: float, pauses: Pauses) -> Iterator[Run | Hold]:
    """Samples on one time axis that only goes forward; `pauses` is filled on the way.

    Within a block, samples are spread evenly up to the next block's start, so a sensor that runs a little slow keeps the device's clock.
    Raises RecordingError where the time stamps span more than LONGEST_DAYS.
    """
    axis = _Axis(rate, pauses)
    waiting: Blocks | None = None
    for batch in blocks:
        if batch.counts.size == 0:
            continue
        if waiting is None:
            pauses.origin = float(np.floor(batch.starts[0] / 60) * 60)
        joined = batch if waiting is None else _join(waiting, batch)
        last = joined.counts.size - 1
        yield from axis.lay(_part(joined, 0, last), float(joined.starts[last]), bool(joined.held[last]))
        # How long a block lasts shows in the next one's start, so the last one waits.
        waiting = _part(joined, last, last + 1)
    if waiting is not None:
        yield from axis.lay(waiting, None, False)


class _Axis:
    """Lays blocks one after another and decides at every pause what it is."""

    def __init__(self, rate: float, pauses: Pauses) -> None:
        self.rate, self.pauses = rate, pauses
        self.end, self.last, self.fresh = -np.inf, np.zeros(3, np.float32), True

    def lay(self, blocks: Blocks, following: float | None, following_held: bool) -> Iterator[Run | Hold]:
        """The runs of these blocks; following: start of the block after them, held: whether the pause before that one was idle sleep."""
        if blocks.counts.size == 0:
            return
        starts = blocks.starts - self.pauses.origin
        self._refuse_long(starts)
        nominal = blocks.counts / self.rate
        after = np.append(starts[1:], starts[-1] + nominal[-1] if following is None else following - self.pauses.origin)
        held_after = np.append(blocks.held[1:], following_held)
        span = after - starts
        even = np.abs(span - nominal) <= STRETCH * nominal + 2 / self.rate
        lengths = np.where(even, span, nominal)
        firsts = np.concatenate(([0], np.cumsum(blocks.counts)))
        within = np.arange(firsts[-1]) - np.repeat(firsts[:-1], blocks.counts)
        times = np.repeat(starts, blocks.counts) + within * np.repeat(lengths / blocks.counts, blocks.counts)
        begin = 0
        for at in [*np.flatnonzero(~even), blocks.counts.size - 1]:
            if at + 1 > begin:
                piece = slice(int(firsts[begin]), int(firsts[at + 1]))
                yield from self._emit(times[piece], blocks.xyz[piece], float(starts[at] + lengths[at]))
                begin = at + 1
                if not even[at]:
                    yield from self._pause(float(after[at]), bool(held_after[at]))

    def _emit(self, times: np.ndarray, xyz: np.ndarray, end: float) -> Iterator[Run]:
        self.pauses.samples += times.size
        if times[0] < self.end - 1.5 / self.rate:
            ahead = times >= self.end
            self.pauses.repeated += int(times.size - ahead.sum())
            times, xyz, self.fresh = times[ahead], xyz[ahead], True
        if times.size:
            yield Run(times, xyz, end, self.fresh)
            self.end, self.last, self.fresh = end, xyz[-1], False

    def _pause(self, until: float, held: bool) -> Iterator[Run | Hold]:
        length = until - self.end
        if length <= 0:
            return
        pauses = self.pauses
        if held:
            pauses.held += 1
            pauses.held_seconds += length
            yield from self._held(self.end, until)
        elif length <= BRIDGED_SECONDS:
            pauses.bridged += 1
            pauses.bridged_seconds += length
        else:
            pauses.missing += 1
            pauses.missing_seconds += length
            if length > pauses.longest:
                pauses.longest, pauses.longest_from = length, self.end
            self.fresh = True

    def _held(self, start: float, until: float) -> Iterator[Run | Hold]:
        self._refuse_long(np.array([until]))
        if until - start <= 2 * SETTLING_SECONDS:
            yield self._still(start, until, False)
        else:
            yield self._still(start, start + SETTLING_SECONDS, False)
            yield Hold(start + SETTLING_SECONDS, until - SETTLING_SECONDS, self.last)
            yield self._still(until - SETTLING_SECONDS, until, True)
        self.end = until

    def _still(self, start: float, until: float, fresh: bool) -> Run:
        times = start + np.arange(max(1, round((until - start) * self.rate))) / self.rate
        return Run(times, np.repeat(self.last[None], times.size, axis=0), until, fresh)

    def _refuse_long(self, starts: np.ndarray) -> None:
        if float(starts.max()) > LONGEST_DAYS * 86400:
            raise RecordingError(
                f"A recording of at most {LONGEST_DAYS} days was expected, but a time stamp is {float(starts.max()) / 86400:.0f} days "
                "after the first one. The clock was probably lost: download the recording again, or export the good part as epochs."
            )


def _part(blocks: Blocks, first: int, last: int) -> Blocks:
    """Blocks first to last - 1."""
    ends = np.concatenate(([0], np.cumsum(blocks.counts)))
    xyz = blocks.xyz[int(ends[first]) : int(ends[last])]
    return Blocks(blocks.starts[first:last], blocks.counts[first:last], xyz, blocks.held[first:last])


def _join(first: Blocks, then: Blocks) -> Blocks:
    names = ("starts", "counts", "xyz", "held")
    return Blocks(*(np.concatenate((getattr(first, name), getattr(then, name))) for name in names))
