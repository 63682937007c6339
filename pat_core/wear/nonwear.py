"""What can be said of a recording's quality from its values alone: flat runs, non-wear, and minutes made of shorter epochs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from pat_core.errors import RecordingError
from pat_core.records import MG, UNKNOWN_UNIT, Recording


@dataclass(frozen=True)
class Choi:
    """Non-wear of Choi et al. 2011 (doi 10.1249/MSS.0b013e3181ed61a3), by default with the paper's minutes.

    window: shortest period. stream: zeros that must stand on either side of a spike. spike: longest interruption, of any height.
    """

    window: int = 90
    stream: int = 30
    spike: int = 2


@dataclass(frozen=True)
class Troiano:
    """Non-wear of Troiano et al. 2008 (doi 10.1249/mss.0b013e31815a51b3), by default with the paper's minutes and counts.

    window: shortest period. spike: minutes that may be above zero. stop: counts a minute above which the device was worn. consecutive: the
    minutes above zero are counted anew after each zero, as in the programs of the NHANES; False: over the whole period.
    """

    window: int = 60
    spike: int = 2
    stop: float = 100.0
    consecutive: bool = True


def runs(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Starts and lengths of the runs of equal values in a (n,) array without NaN; both (runs,) int64."""
    if keys.size == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts = np.concatenate(([0], np.flatnonzero(keys[1:] != keys[:-1]) + 1))
    return starts, np.diff(np.concatenate((starts, [keys.size])))


def longest_flat_run(values: np.ndarray) -> tuple[int, int]:
    """Longest run of one repeated value, zeros included, in (n,) values: (length, start), the first of equals.

    Missing values belong to no run; (0, 0) where there is no value at all.
    """
    values = np.asarray(values)
    present = np.isfinite(values)
    if not present.any():
        return 0, 0
    # NaN differs from itself, so every missing value is a run of its own, of no weight.
    starts, lengths = runs(values)
    lengths = np.where(present[starts], lengths, 0)
    longest = int(np.argmax(lengths))
    return int(lengths[longest]), int(starts[longest])


def flat_start(values: np.ndarray) -> int:
    """Length of the stretch of one value that (n,) values begin with; 0 where the first is missing, or there is none."""
    other = np.flatnonzero(values != values[0]) if values.size else np.zeros(0, np.int64)  # NaN differs from itself
    return int(other[0]) if other.size else values.size


def flat_at_an_edge(values: np.ndarray) -> tuple[int, int]:
    """The longer of the stretches of one value that (n,) values begin and end with: (length, first minute), the beginning of equals.

    Missing values belong to no stretch; (0, 0) where both ends are missing.
    """
    values = np.asarray(values)
    head, tail = flat_start(values), flat_start(values[::-1])
    return (head, 0) if head >= tail else (tail, values.size - tail)


def nonwear(minutes: np.ndarray, rule: Choi | Troiano | None = None) -> np.ndarray:
    """Minutes when the device was probably not worn: (n,) bool, by Choi et al. 2011 unless another rule is given.

    minutes: (n,) activity, NaN where missing. A period begins and ends with a zero. Choi: an interruption of up to `spike` minutes is part
    of it where at least `stream` zero minutes stand on either side. Troiano: one of up to `spike` minutes, none above `stop`. Made for
    counts, where rest on the body still shows; with units that are never exactly zero both find nothing. A missing minute interrupts like
    one above zero, and is never marked.
    """
    minutes = np.asarray(minutes)
    mask = np.zeros(minutes.size, bool)
    rule = rule or Choi()
    periods = _choi(minutes, rule) if isinstance(rule, Choi) else _troiano(minutes, rule)
    for begin, end in periods:
        mask[begin:end] = True
    return mask & ~np.isnan(minutes)


def _choi(minutes: np.ndarray, rule: Choi) -> list[tuple[int, int]]:
    begins, ends = _zeros(minutes, min(rule.stream, rule.window))
    # Quiet runs an interruption apart are one period, where both of them are long enough to stand beside it.
    long = ends - begins >= rule.stream
    apart = (begins[1:] - ends[:-1] > rule.spike) | ~long[1:] | ~long[:-1]
    return _periods(begins, ends, apart, rule.window)


def _troiano(minutes: np.ndarray, rule: Troiano) -> list[tuple[int, int]]:
    begins, ends = _zeros(minutes, 1)
    between = begins[1:] - ends[:-1]
    edges = np.stack([ends[:-1], begins[1:]], axis=1).ravel()
    peaks = np.maximum.reduceat(np.nan_to_num(minutes), edges)[::2] if edges.size else np.zeros(0)
    if rule.consecutive:
        return _periods(begins, ends, (between > rule.spike) | (peaks > rule.stop), rule.window)
    return _troiano_in_all(begins, ends, between, peaks, rule)


def _troiano_in_all(begins: np.ndarray, ends: np.ndarray, between: np.ndarray, peaks: np.ndarray, rule: Troiano) -> list[tuple[int, int]]:
    """Periods in which at most `spike` minutes are above zero altogether: the first that is long enough, then the first after it, ..."""
    high = np.flatnonzero(peaks > rule.stop)
    above = np.concatenate(([0], np.cumsum(between)))
    periods, run = [], 0
    while run < begins.size:
        last = int(np.searchsorted(above, above[run] + rule.spike, side="right")) - 1
        stop = np.searchsorted(high, run)
        last = min(last, int(high[stop])) if stop < high.size else last
        if ends[last] - begins[run] >= rule.window:
            periods.append((int(begins[run]), int(ends[last])))
            run = last
        run += 1
    return periods


def _zeros(minutes: np.ndarray, at_least: int) -> tuple[np.ndarray, np.ndarray]:
    """Starts of the runs of so many zeros, and the minutes after their ends."""
    starts, lengths = runs(minutes == 0)
    quiet = (minutes[starts] == 0) & (lengths >= at_least) if starts.size else np.zeros(0, bool)
    return starts[quiet], (starts + lengths)[quiet]


def _periods(begins: np.ndarray, ends: np.ndarray, apart: np.ndarray, window: int) -> list[tuple[int, int]]:
    """Runs of zeros joined where they are not `apart` (one flag between each two), those of at least `window` minutes."""
    if begins.size == 0:
        return []
    firsts, lasts = np.concatenate(([True], apart)), np.concatenate((apart, [True]))
    return [(begin, end) for begin, end in zip(begins[firsts].tolist(), ends[lasts].tolist(), strict=True) if end - begin >= window]


EPOCHS_NOTE = "Epochs of"
"""How the note on epochs shorter than a minute begins."""


def to_minutes(recording: Recording) -> Recording:
    """The same recording with one value a minute: shorter epochs summed (counts, MIMS, steps) or averaged (mg).

    Minutes are clock minutes where the start is known: an epoch counts to the minute in which it begins. A minute with a missing epoch is
    missing, one with an epoch not worn is not worn; unfinished minutes at either end are left out; a note says what was done. Epochs of a
    minute stay as they are. Raises RecordingError for epochs that do not divide a minute, and for shorter epochs of unknown unit.
    """
    epoch = recording.epoch_seconds
    if epoch == 60:
        return recording
    if epoch < 1 or epoch > 60 or 60 % epoch:
        raise RecordingError(
            f"PAT needs one value a minute. {recording.participant} has one every {epoch} seconds, from which minutes cannot be made. "
            "Export the recording again in epochs of 60 seconds or of 1, 2, 3, 5, 6, 10, 12, 15, 20 or 30."
        )
    if recording.unit == UNKNOWN_UNIT:
        raise RecordingError(
            f"{recording.participant} has one value every {epoch} seconds, and the file does not give the unit: counts must be summed to "
            "minutes, mg averaged. Name the unit in the column's name (counts, mims, mg, steps) or export 60-second epochs."
        )
    per_minute, skip = 60 // epoch, 0
    start, shift = recording.start, 0
    if start is not None:
        shift = start.second % epoch
        skip = -(start.second // epoch) % per_minute
        start = (start + timedelta(seconds=skip * epoch)).replace(second=0, microsecond=0)
    values = recording.values[skip:]
    whole = values[: values.size // per_minute * per_minute].reshape(-1, per_minute).astype(np.float64)
    minutes = whole.mean(axis=1) if recording.unit == MG else whole.sum(axis=1)
    worn = recording.worn
    if worn is not None:
        worn = np.all(worn[skip:][: whole.size].reshape(-1, per_minute), axis=1)
    late = f", each to the clock minute in which it begins ({shift} s after the even time)" if shift else ""
    note = f"{EPOCHS_NOTE} {epoch} seconds were {'averaged' if recording.unit == MG else 'summed'} to minutes{late}."
    return replace(recording, values=minutes.astype(np.float32), start=start, epoch_seconds=60, worn=worn, notes=(*recording.notes, note))
