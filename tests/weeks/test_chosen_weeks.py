"""Rows of a cohort as an array of their own, read when they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, Period, Standardizer
from pat_core.weeks import ChosenWeeks, JoinedWeeks, StandardizedWeeks, apply, fit
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import weeks_file


class Asked:
    """Weeks that remember which rows were read."""

    def __init__(self, weeks: np.ndarray) -> None:
        self.weeks, self.shape, self.ndim = weeks, weeks.shape, 2
        self.read: list[int] = []

    def __getitem__(self, rows):
        self.read += np.atleast_1d(np.arange(len(self.weeks))[rows]).tolist()
        return self.weeks[rows]


def test_every_index_is_that_of_the_copied_rows_and_reads_no_others():
    weeks = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)
    rows = np.random.default_rng(1).permutation(40)[:25]
    copied = weeks[rows]
    for index in (3, -1, slice(2, 9), np.array([5, 1, 1]), rows[:25] < 20, (slice(0, 4), slice(3, 9)), (2, 5)):
        asked = Asked(weeks)
        np.testing.assert_array_equal(ChosenWeeks(asked, rows)[index], copied[index])
        first = index[0] if isinstance(index, tuple) else index
        assert asked.read == np.atleast_1d(rows[first]).tolist()
    chosen = ChosenWeeks(weeks, rows)
    assert len(chosen) == 25 and chosen.shape == copied.shape
    np.testing.assert_array_equal(np.array(chosen), copied)
    whole, some = fit(copied, "x", COUNTS), fit(chosen, "x", COUNTS, np.arange(25))
    np.testing.assert_array_equal(apply(whole, copied), apply(some, chosen))


def test_rows_of_a_cohort_are_read_from_the_file_and_bear_its_marks(simulated, tmp_path):
    space = Workspace()
    import_recordings(space, [weeks_file(tmp_path / "a.npz", simulated, slice(4))], "people")
    space.add_mark("people", (simulated.participants[1], 0), Period(10, 60, "exclude"), who="Ada", why="broken strap")
    weeks, marked = space.weeks_array("people"), simulated.weeks[:4].copy()
    marked[1, 10:60] = np.nan
    np.testing.assert_array_equal(weeks[[2, 1, 0]], marked[[2, 1, 0]])
    np.testing.assert_array_equal(weeks[np.array([-1, 1])], marked[[-1, 1]])
    np.testing.assert_array_equal(ChosenWeeks(weeks, np.array([3, 1]))[:], marked[[3, 1]])
    assert not weeks[1].flags.writeable
    np.testing.assert_array_equal(weeks[1], marked[1])


def test_joined_weeks_are_those_of_their_parts_in_the_order_asked_for():
    rng = np.random.default_rng(0)
    first, second = (rng.normal(size=(rows, 30)).astype(np.float32) for rows in (5, 3))
    source = np.array([0, 1, 0, 0, 1, 0, 1, 0])
    scalers = [Standardizer(np.full(30, mean, np.float32), np.full(30, scale, np.float32), 10, "x") for mean, scale in ((1, 2), (-3, 0.5))]
    joined = JoinedWeeks([StandardizedWeeks(weeks, scaler) for weeks, scaler in zip((first, second), scalers, strict=True)], source)
    whole = np.empty((8, 30), np.float32)
    for number, weeks in enumerate((first, second)):
        whole[source == number] = apply(scalers[number], weeks)
    for index in (3, slice(1, 7), np.array([6, 0, 1, 1]), np.array([0, 2]), slice(0, 0)):
        np.testing.assert_array_equal(joined[index], whole[index])
    assert len(joined) == 8
    with pytest.raises(ValueError, match="expected 5 rows of part 0, got 4"):
        JoinedWeeks([StandardizedWeeks(first, scalers[0])], [0] * 4)
