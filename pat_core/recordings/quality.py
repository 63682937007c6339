"""What can be said of a recording's quality from its values alone: flat runs, non-wear, and minutes made of shorter epochs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from ..errors import RecordingError
from ..records import MG, UNKNOWN_UNIT, Recording

CHOI_WINDOW, CHOI_STREAM, CHOI_SPIKE = 90, 30, 2
"""Minutes of Choi et al. 2011 (doi 10.1249/MSS.0b013e3181ed61a3): shortest period, zeros around a spike, longest spike."""


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


def nonwear(
    minutes: np.ndarray, window: int = CHOI_WINDOW, stream: int = CHOI_STREAM, spike: int = CHOI_SPIKE
) -> np.ndarray:
    """Minutes when the device was probably not worn (Choi et al. 2011): (n,) bool.

    minutes: (n,) activity, NaN where missing. A period is `window` or more minutes of zeros; an interruption of up to `spike` minutes is
    part of it where at least `stream` zero minutes stand on either side. Made for counts, where rest on the body still shows; with units
    that are never exactly zero it finds nothing. Missing minutes are never marked.
    """
    minutes = np.asarray(minutes)
    mask = np.zeros(minutes.size, bool)
    starts, lengths = runs(minutes == 0)
    quiet = (minutes[starts] == 0) & (lengths >= min(stream, window)) if starts.size else np.zeros(0, bool)
    begins, ends = starts[quiet], (starts + lengths)[quiet]
    if begins.size == 0:
        return mask
    # Quiet runs an interruption apart are one period, where both of them are long enough to stand beside it.
    long = ends - begins >= stream
    apart = (begins[1:] - ends[:-1] > spike) | ~long[1:] | ~long[:-1]
    firsts = np.concatenate(([True], apart))
    lasts = np.concatenate((apart, [True]))
    for begin, end in zip(begins[firsts], ends[lasts], strict=True):
        if end - begin >= window:
            mask[begin:end] = True
    return mask & ~np.isnan(minutes)


def to_minutes(recording: Recording) -> Recording:
    """The same recording with one value a minute: shorter epochs summed (counts, MIMS, steps) or averaged (mg).

    Minutes are clock minutes where the start is known; a minute with a missing epoch is missing; unfinished minutes at either end are
    left out. Raises RecordingError for epochs that do not divide a minute, and for shorter epochs of unknown unit.
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
            f"{recording.participant} has one value every {epoch} seconds, and the file does not say in which unit: counts have to be "
            "summed to minutes, mg averaged. Name the unit in the column's name (counts, mims, mg, steps) or export 60-second epochs."
        )
    per_minute, skip = 60 // epoch, 0
    start = recording.start
    if start is not None:
        skip = (-start.second % 60) // epoch if start.second % epoch == 0 else 0
        start = start + timedelta(seconds=skip * epoch)
    values = recording.values[skip:]
    whole = values[: values.size // per_minute * per_minute].reshape(-1, per_minute).astype(np.float64)
    minutes = whole.mean(axis=1) if recording.unit == MG else whole.sum(axis=1)
    return replace(recording, values=minutes.astype(np.float32), start=start, epoch_seconds=60)
