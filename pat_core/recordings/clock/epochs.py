"""Epochs of device exports: how many and how long they may be, and their way onto a regular grid with the device's flags beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.recordings.clock.grid import LONGEST_DAYS, Grid, order_notes, to_grid
from pat_core.recordings.clock.row_times import settled
from pat_core.recordings.source import refuse_unless

MOST_EPOCHS = 3_000_000
"""34 days of seconds; more rows than this would take more than half a gigabyte of memory."""
BLOCK = 50_000
"""Rows that are worked on at once."""


@dataclass(frozen=True)
class Epochs:
    """A regular grid with the device's flag beside it. worn: (epochs,) bool or None; epochs in gaps count as worn, and are missing."""

    grid: Grid
    worn: np.ndarray | None
    notes: tuple[str, ...]


def on_grid(
    times: np.ndarray, values: np.ndarray, worn: np.ndarray | None = None, stated: int | None = None, lines: np.ndarray | None = None
) -> Epochs:
    """Lay (n,) values, and (n,) bool flags, at (n,) datetime64 on a regular grid, with notes on the order of the rows.

    stated: the epoch in seconds that the file itself names. lines: where the rows stand; times may be NaT (see row_times.settled). Raises
    RecordingError where the rows' own step contradicts it, for more epochs than a recording has, and for what settled and to_grid refuse.
    """
    times, corrections = settled(times, lines)
    _refuse_many(times)
    grid = to_grid(times, values)
    if stated is not None and grid.values.size == 1:
        grid = replace(grid, epoch_seconds=check_epoch(stated, "the file"))
    refuse_unless(
        stated in (None, grid.epoch_seconds),
        f"The file says that its epochs are {stated} s long, but its rows are {grid.epoch_seconds} s apart. Export the recording again.",
    )
    flags = None if worn is None else to_grid(times, worn.astype(np.float32)).values != 0
    return Epochs(grid, flags, (*corrections, *order_notes(grid)))


def _refuse_many(times: np.ndarray) -> None:
    """Refuse times that would make more epochs than fit, before these are laid; a span that is too long by itself is left to to_grid."""
    seconds = np.sort(np.asarray(times).astype("datetime64[s]").astype(np.int64))
    steps = np.diff(seconds)
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 60.0
    span = int(seconds[-1] - seconds[0])
    epochs = span / max(usual, 1.0)
    refuse_unless(
        epochs <= MOST_EPOCHS or span > LONGEST_DAYS * 86400,
        f"At most {MOST_EPOCHS:,} epochs were expected; from the first time to the last there are {epochs:,.0f}. Export it with longer "
        "epochs.",
    )


def check_epoch(seconds: float, where: str) -> int:
    """An epoch that `where` in the file names, in whole seconds. Raises RecordingError unless it divides a minute."""
    if 1 <= seconds <= 60 and 60 % seconds == 0 and seconds == int(seconds):
        return int(seconds)
    shown = f"{seconds / 60:g} minutes" if seconds > 60 else f"{seconds:g} seconds"
    raise RecordingError(
        f"PAT needs one value a minute; {where} gives epochs of {shown}, from which minutes cannot be made. Record or export it in epochs "
        "of 60 seconds, or of a shorter length that divides a minute."
    )


def check_length(epochs: int, epoch_seconds: int) -> None:
    """Raise RecordingError for more epochs than a recording has."""
    refuse_unless(
        epochs <= MOST_EPOCHS and epochs * epoch_seconds <= LONGEST_DAYS * 86400,
        f"A recording of at most {LONGEST_DAYS} days and {MOST_EPOCHS:,} epochs was expected; this one is longer. Export it in parts.",
    )


def empty_note(values: np.ndarray) -> tuple[str, ...]:
    """A note on (rows,) values that are NaN."""
    empty = int(np.isnan(values).sum())
    return (f"{empty:,} of {counted(values.size, 'row')} without a value: counted as missing.",) if empty else ()


def differing_epoch(grid: Grid, header_seconds: float | None) -> tuple[str, ...]:
    """A note where the header names another epoch than the times show; nothing for a single row."""
    if header_seconds is None or grid.values.size < 2 or header_seconds == grid.epoch_seconds:
        return ()
    return (f"The header gives epochs of {header_seconds:g} s, but the times are {grid.epoch_seconds} s apart; the times were used.",)
