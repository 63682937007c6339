"""Rows onto epochs: none is lost where a device began, or began again, between two even times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.recordings.clock.grid import Grid, order_notes, to_grid

BEGIN = np.datetime64("2024-01-05T00:00", "ms").astype(np.int64)
WEEK = 10_080


def _grid(milliseconds: np.ndarray) -> Grid:
    """The grid of rows at so many ms after BEGIN, each with its own number as its value."""
    return to_grid((BEGIN + milliseconds).astype("datetime64[ms]"), np.arange(milliseconds.size, dtype=np.float32))


def _rows_of(grid: Grid) -> np.ndarray:
    """The numbers of the rows that were kept, in order."""
    return grid.values[np.isfinite(grid.values)].astype(int)


def test_a_first_row_half_a_minute_early_loses_no_later_one() -> None:
    times = np.concatenate(([30], 60 * np.arange(1, WEEK))) * 1000
    grid = _grid(times)
    assert _rows_of(grid).tolist() == list(range(1, WEEK)) and grid.values.size == WEEK - 1
    assert (grid.start.second, grid.crowded) == (0, 1)


@pytest.mark.parametrize("late", range(1, 60))
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_device_that_begins_again_between_two_minutes_loses_at_most_one(late: int, share: float) -> None:
    cut = int(share * 2000)
    times = 60_000 * np.arange(2000)
    times[cut:] += 1000 * late
    grid = _grid(times)
    assert _rows_of(grid).size >= 1999 and grid.crowded <= 1
    assert (grid.start.second == 0) == (share >= 0.5)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([1, 5, 10, 15, 30, 60]), st.integers(0, 59_999), st.randoms(use_true_random=False), st.integers(0, 3))
def test_rows_that_stray_by_less_than_half_an_epoch_all_stay_where_they_belong(epoch: int, phase: int, chance, restarts: int) -> None:
    """Each stretch keeps its own place in the epoch; rows stray by a sixteenth of it."""
    times, at = [], phase
    for _ in range(restarts + 1):
        length = chance.randint(50, 400)
        times += [at + 1000 * epoch * i + chance.randint(-1000 * epoch // 16, 1000 * epoch // 16) for i in range(length)]
        at = times[-1] + 2000 * epoch + (0 if restarts == 1 else 1000 * epoch * chance.randint(0, 3))
    grid = _grid(np.array(times))
    assert grid.epoch_seconds == epoch
    if restarts == 0:
        assert _rows_of(grid).tolist() == list(range(len(times))) and grid.absent == 0
    first = np.datetime64(grid.start, "ms").astype(np.int64) - BEGIN
    slots = np.flatnonzero(np.isfinite(grid.values))
    away = np.abs(np.array(times)[_rows_of(grid)] - (first + 1000 * epoch * slots))
    assert away.max() <= 500 * epoch + 500  # half an epoch; the start is given in whole seconds


def test_of_several_rows_in_an_epoch_the_nearest_is_kept_and_the_others_are_counted() -> None:
    times = np.sort(np.concatenate((60_000 * np.arange(500), [60_000 * 7 + 9_000, 60_000 * 90 - 20_000])))
    grid = _grid(times)
    assert grid.crowded == 2 and grid.repeated == 0 and _rows_of(grid).size == 500
    assert np.array_equal(times[_rows_of(grid)], 60_000 * np.arange(500))
    (said,) = order_notes(grid)
    assert said.startswith("2 rows fall into an epoch of 60 s")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_rows_without_an_even_step_are_refused_and_not_thinned_out(seed: int) -> None:
    steps = np.random.default_rng(seed).choice([10, 60, 110], 2000)
    with pytest.raises(RecordingError, match="Evenly spaced rows were expected.* of 2,000 rows"):
        _grid(1000 * np.cumsum(steps))


def test_rows_of_two_devices_between_each_other_are_refused() -> None:
    times = np.concatenate((60_000 * np.arange(2000), 60_000 * np.arange(300) + 20_000))
    with pytest.raises(RecordingError, match="300 of 2,300 rows"):
        _grid(times)
