"""Stamped values onto a regular grid of epochs: gaps become NaN, order is restored, repeated times keep their first value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from pat_core.errors import RecordingError
from pat_core.plurals import counted

LONGEST_DAYS = 400
"""A recording that spans more than this has a wrong date in it, or would fill memory with gaps."""
NO_ROW = "without a row"
"""Marks the note on absent epochs, which readers drop whose format leaves out minutes of zero."""
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Some exports move their dates back by a hundred years, or on."""
_EARLIEST, _LATEST = (int(np.datetime64(f"{year}-01-01", "s").astype(np.int64)) for year in (FIRST_YEAR, LAST_YEAR + 1))
"""Seconds since 1970."""
_MOST_CROWDED = 0.1
"""A tenth of the rows lost because another row stands in their epoch: the rows are not evenly spaced, and no grid fits them."""
_PARTS = 12
"""Parts of an epoch among which its usual beginning is looked for."""


_MOST_REPEATED, _MOST_OTHER = 0.1, 0.1
"""Shares: of the rows that stand at a time that was there already, and among those that moved of the ones with another value."""
_ONE_HOUR = 3_600_000
"""In ms: an hour comes twice where a clock is set back."""


class MixedRows(RecordingError):
    """Rows of several people, or devices, stand together as if they were one's."""


@dataclass(frozen=True)
class Grid:
    """values: (epochs,) float32, NaN in gaps. repeated: rows dropped because their time was there already; crowded: because another row
    lies nearer to their epoch's time.

    absent: epochs that no row stands for. disordered: rows earlier than one before them in the file. turns: places where the times go
    back; turned: the times around the first of them, None where there is none.
    """

    start: datetime
    values: np.ndarray
    epoch_seconds: int
    repeated: int
    crowded: int = 0
    absent: int = 0
    disordered: int = 0
    turns: int = 0
    turned: tuple[datetime, datetime] | None = None


def to_grid(stamps: np.ndarray, values: np.ndarray) -> Grid:
    """Regularise (n,) datetime64 stamps with their (n,) values.

    The epoch is the median step between different stamps (60 s for a single row); epochs lie where most rows do, and a row belongs to the
    epoch whose time is nearest. Wall clock as written: the hour that a clock set forward leaves out is a gap, the hour that a clock set
    back gives twice keeps its first reading.
    Raises RecordingError for epochs longer than a minute or not dividing it, for rows so uneven that many would fall together, for spans
    over LONGEST_DAYS and for years that are none.
    """
    times = np.asarray(stamps).astype("datetime64[ms]").astype(np.int64)
    values = np.asarray(values, np.float32)
    _refuse_far(times)
    if contradicting(times, values):
        again = times.size - np.unique(times).size
        raise MixedRows(
            f"One row for each time was expected; {again:,} of {times.size:,} rows repeat an earlier time with different values. Several "
            "people or devices may share the table: add a column participant that tells them apart, or keep the rows of one."
        )
    disorder: dict[str, Any] = {}
    if times.size > 1 and not np.all(np.diff(times) > 0):
        disorder = _disorder(times)
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
    _refuse_long(times)
    epoch = _epoch(np.diff(times) / 1000)
    step = 1000 * epoch
    phase = _phase(times, step)
    slots = (times - phase + step // 2) // step
    first = slots[0]
    chosen, rows = _one_row_each(slots, np.abs(times - phase - slots * step))
    repeated = int(np.count_nonzero(np.diff(times) == 0))
    crowded = slots.size - chosen.size - repeated
    _refuse_crowded(crowded, times, epoch)
    grid = np.full(int(slots[-1] - first) + 1, np.nan, np.float32)
    grid[chosen - first] = values[rows]
    return Grid(_datetime(phase + first * step), grid, epoch, repeated, crowded, grid.size - chosen.size, **disorder)


def contradicting(times: np.ndarray, values: np.ndarray) -> bool:
    """Whether (n,) times, ms since 1970, come again so often with another of the (n,) values that the rows are not one recording's.

    The same rows twice are, and so is the hour that a clock set back gives twice.
    """
    if times.size < 2 or np.all(np.diff(times) > 0):
        return False
    order = np.argsort(times, kind="stable")
    times, values = times[order], np.asarray(values)[order]
    again = np.flatnonzero(np.diff(times) == 0)
    if again.size <= _MOST_REPEATED * times.size:
        return False
    if times[again[-1]] - times[again[0]] < _ONE_HOUR and 2 * again.size < times.size:
        return False
    first = np.flatnonzero(np.diff(times, prepend=times[0] - 1))
    values_kept = values[first[np.searchsorted(first, again + 1, side="right") - 1]]
    later = values[again + 1]
    moved = np.isfinite(values_kept) & np.isfinite(later) & ((values_kept != 0) | (later != 0))
    return bool((values_kept != later)[moved].sum() > _MOST_OTHER * moved.sum())


def _phase(times: np.ndarray, step: int) -> int:
    """Where in the epoch, in ms, most of (n,) times stand: the commonest place in the quarter of an epoch that holds the most of them."""
    places = times % step
    if np.all(places == places[0]):
        return int(places[0])
    parts = places * _PARTS // step
    rows = np.bincount(parts, minlength=_PARTS)
    middle = int((rows + np.roll(rows, 1) + np.roll(rows, -1)).argmax())
    fullest, times_found = np.unique(places[(parts - middle + 1) % _PARTS < 3], return_counts=True)
    return int(fullest[times_found.argmax()])


def _one_row_each(slots: np.ndarray, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ones of (n,) sorted slots, and the row of each: the nearest to it, of equals the first."""
    first = np.flatnonzero(np.diff(slots, prepend=slots[0] - 1))
    order = np.arange(slots.size) if first.size == slots.size else np.lexsort((distance, slots))
    return slots[first], order[first]


def order_notes(grid: Grid) -> tuple[str, ...]:
    """Sentences on what was corrected in the order of the rows: gaps, times out of order, times that come twice."""
    notes = []
    if grid.absent:
        notes.append(f"{grid.absent:,} of {counted(grid.values.size, 'epoch')} {NO_ROW}: counted as missing.")
    if grid.turned:
        before, after = grid.turned
        places = "one place" if grid.turns == 1 else f"{grid.turns:,} places"
        first = "" if grid.turns == 1 else "first "
        notes.append(
            f"The times go back at {places} ({first}from {before:%Y-%m-%d %H:%M:%S} to {after:%Y-%m-%d %H:%M:%S}): "
            f"{counted(grid.disordered, 'row was', 'rows were')} out of order, so all rows were sorted by time."
        )
    if grid.repeated:
        notes.append(f"{counted(grid.repeated, 'row repeats', 'rows repeat')} an earlier time; the first reading of each was kept.")
    if grid.crowded:
        notes.append(
            f"{counted(grid.crowded, 'row falls', 'rows fall')} into an epoch of {grid.epoch_seconds} s that another row is nearer to: "
            "left out."
        )
    return tuple(notes)


def _disorder(times: np.ndarray) -> dict[str, object]:
    """Grid's facts on the order of (n,) times (ms since 1970) as the file has them."""
    turns = np.flatnonzero(np.diff(times) < 0)
    if turns.size == 0:
        return {}
    early = int((times < np.maximum.accumulate(times)).sum())
    return {"disordered": early, "turns": turns.size, "turned": (_datetime(times[turns[0]]), _datetime(times[turns[0] + 1]))}


def _datetime(milliseconds: int) -> datetime:
    return datetime.fromisoformat(str(np.datetime64(int(round(milliseconds / 1000)), "s")))


def _epoch(steps: np.ndarray) -> int:
    """The epoch in whole seconds from (n - 1,) steps between sorted stamps."""
    steps = steps[steps > 0]
    if steps.size == 0:
        return 60
    epoch = int(round(float(np.median(steps))))
    if epoch > 60:
        raise RecordingError(
            f"PAT needs one value a minute, but rows here are usually {_duration(epoch)} apart. Finer values cannot be made from coarser "
            "ones: export the recording again with 60-second epochs."
        )
    if epoch < 1 or 60 % epoch:
        raise RecordingError(
            f"PAT needs one value a minute, but rows here are usually {float(np.median(steps)):g} s apart, which does not divide a "
            "minute. Export the recording again with 60-second epochs."
        )
    return epoch


def _refuse_far(times: np.ndarray) -> None:
    far = (times < 1000 * _EARLIEST) | (times >= 1000 * _LATEST)
    if far.any():
        at = int(far.argmax())
        time = np.datetime64(int(times[at]) // 1000, "s")
        raise RecordingError(f"Times from 1900 to 2199 were expected; row {at + 1} has {time}. Correct the rows.")


def _refuse_long(times: np.ndarray) -> None:
    span = (times[-1] - times[0]) / 1000
    if span > LONGEST_DAYS * 86400:
        first, last = (f"{_datetime(times[i]):%Y-%m-%d}" for i in (0, -1))
        raise RecordingError(
            f"A recording of at most {LONGEST_DAYS} days was expected; its times run from {first} to {last} ({span / 86400:.0f} days). "
            + (
                "The device's clock was set only after recording began: remove the rows of 1970, whose times are unknown."
                if first.startswith("1970")
                else "One date is probably wrong: correct it, or split the recording."
            )
        )


def _refuse_crowded(crowded: int, times: np.ndarray, epoch: int) -> None:
    if crowded > _MOST_CROWDED * times.size:
        raise RecordingError(
            f"Evenly spaced rows were expected, here every {epoch} s as most are; {crowded:,} of {times.size:,} rows fall into an epoch "
            "that already has a row, and would be lost. Export the recording again with one row per epoch, or keep the rows of one "
            "device."
        )


def _duration(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"
