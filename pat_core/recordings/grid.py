"""Stamped values onto a regular grid of epochs: gaps become NaN, order is restored, repeated epochs keep their first value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ..errors import RecordingError

LONGEST_DAYS = 400
"""A recording that spans more than this has a wrong date in it, or would fill memory with gaps."""
_EARLIEST, _LATEST = (int(np.datetime64(day, "s").astype(np.int64)) for day in ("1900-01-01", "2200-01-01"))
"""Seconds since 1970; some exports move their dates back by a hundred years."""


@dataclass(frozen=True)
class Grid:
    """values: (epochs,) float32, NaN in gaps. repeated: rows dropped because their epoch was there already.

    absent: epochs that no row stands for. disordered: rows earlier than one before them in the file. turns: places where the times go
    back; turned: the times around the first of them, None where there is none.
    """

    start: datetime
    values: np.ndarray
    epoch_seconds: int
    repeated: int
    absent: int = 0
    disordered: int = 0
    turns: int = 0
    turned: tuple[datetime, datetime] | None = None


def to_grid(stamps: np.ndarray, values: np.ndarray) -> Grid:
    """Regularise (n,) datetime64 stamps with their (n,) values.

    The epoch is the median step between different stamps (60 s for a single row). Wall clock as written: the hour that a clock set
    forward leaves out is a gap, the hour that a clock set back gives twice keeps its first reading.
    Raises RecordingError for epochs longer than a minute or not dividing it, for spans over LONGEST_DAYS and for years that are none.
    """
    seconds = np.asarray(stamps).astype("datetime64[ms]").astype(np.int64) / 1000.0
    _refuse_far(seconds)
    order, disorder = None, {}
    if seconds.size > 1 and not np.all(np.diff(seconds) > 0):
        disorder = _disorder(seconds)
        order = np.argsort(seconds, kind="stable")
        seconds = seconds[order]
    span = seconds[-1] - seconds[0]
    _refuse_long(span, stamps if order is None else np.asarray(stamps)[order])
    epoch = _epoch(np.diff(seconds))
    slots = np.rint((seconds - seconds[0]) / epoch).astype(np.int64)
    kept, first = np.unique(slots, return_index=True)
    ordered = np.asarray(values, np.float32) if order is None else np.asarray(values, np.float32)[order]
    grid = np.full(int(slots[-1]) + 1, np.nan, np.float32)
    grid[kept] = ordered[first]
    return Grid(_datetime(seconds[0]), grid, epoch, slots.size - kept.size, grid.size - kept.size, **disorder)


def order_notes(grid: Grid) -> tuple[str, ...]:
    """Sentences on what was mended in the order of the rows: gaps, times out of order, times that come twice."""
    notes = []
    if grid.absent:
        notes.append(f"{grid.absent:,} of {grid.values.size:,} epochs have no row; they are missing.")
    if grid.turned:
        before, after = grid.turned
        places = "one place" if grid.turns == 1 else f"{grid.turns:,} places"
        first = "" if grid.turns == 1 else "first "
        notes.append(
            f"The times go back at {places} ({first}from {before:%Y-%m-%d %H:%M:%S} to {after:%Y-%m-%d %H:%M:%S}): "
            f"{grid.disordered:,} rows were out of order and have been sorted by their times."
        )
    if grid.repeated:
        notes.append(f"{grid.repeated:,} rows give a time that was there already; the first reading of each was kept.")
    return tuple(notes)


def _disorder(seconds: np.ndarray) -> dict[str, object]:
    """Grid's facts on the order of (n,) times as the file has them."""
    turns = np.flatnonzero(np.diff(seconds) < 0)
    if turns.size == 0:
        return {}
    early = int((seconds < np.maximum.accumulate(seconds)).sum())
    return {"disordered": early, "turns": turns.size, "turned": (_datetime(seconds[turns[0]]), _datetime(seconds[turns[0] + 1]))}


def _datetime(seconds: float) -> datetime:
    return datetime.fromisoformat(str(np.datetime64(int(round(seconds)), "s")))


def _epoch(steps: np.ndarray) -> int:
    """The epoch in whole seconds from (n - 1,) steps between sorted stamps."""
    steps = steps[steps > 0]
    if steps.size == 0:
        return 60
    epoch = int(round(float(np.median(steps))))
    if epoch > 60:
        raise RecordingError(
            f"PAT needs one value a minute; here the usual step between two rows is {_duration(epoch)}. "
            "Finer values cannot be made from coarser ones: export the recording again with 60-second epochs."
        )
    if epoch < 1 or 60 % epoch:
        raise RecordingError(
            f"PAT needs one value a minute; here the usual step between two rows is {float(np.median(steps)):g} s, which does not divide "
            "a minute. Export the recording again with 60-second epochs."
        )
    return epoch


def _refuse_far(seconds: np.ndarray) -> None:
    far = (seconds < _EARLIEST) | (seconds >= _LATEST)
    if far.any():
        at = int(far.argmax())
        raise RecordingError(
            f"Times from 1900 to 2199 were expected; that of row {at + 1} is {np.datetime64(int(seconds[at]), 's')}. Correct the rows."
        )


def _refuse_long(span: float, stamps: np.ndarray) -> None:
    if span > LONGEST_DAYS * 86400:
        first, last = (str(np.datetime64(stamps[i], "D")) for i in (0, -1))
        raise RecordingError(
            f"A recording of at most {LONGEST_DAYS} days was expected; its times run from {first} to {last} ({span / 86400:.0f} days). "
            + (
                "The device's clock was set only after it had begun: take out the rows of 1970, whose times are not known."
                if first.startswith("1970")
                else "Probably one date is wrong: mend it, or cut the recording into parts."
            )
        )


def _duration(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"
