"""The per-minute standardizer against its definition."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from pat_core.errors import WeekError
from pat_core.records import COUNTS
from pat_core.weeks import apply, fit, standardizer, standardizer_sha, steadied


def _weeks(people: int, minutes: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).gamma(0.5, 400, (people, minutes)).astype(np.float32)


@given(st.integers(10, 60), st.integers(1, 30), st.integers(0, 1000), st.integers(1, 70))
@settings(max_examples=40, deadline=None)
def test_it_is_scikit_learns_standard_scaler_whatever_the_block(people: int, minutes: int, seed: int, block: int) -> None:
    weeks = _weeks(people, minutes, seed)
    before, standardizer.PEOPLE_AT_ONCE = standardizer.PEOPLE_AT_ONCE, block
    try:
        made = fit(weeks, "test", COUNTS)
        z = apply(made, weeks)
    finally:
        standardizer.PEOPLE_AT_ONCE = before
    reference = StandardScaler().fit(weeks.astype(np.float64))
    np.testing.assert_allclose(made.mean, reference.mean_, rtol=1e-6)
    np.testing.assert_allclose(made.scale, reference.scale_, rtol=1e-5)
    np.testing.assert_allclose(z, reference.transform(weeks.astype(np.float64)), atol=2e-4)
    assert z.dtype == np.float32 and (made.people, made.unit, made.source) == (people, COUNTS, "test")


def test_missing_values_are_left_out_of_the_fit_and_become_the_mean() -> None:
    weeks = _weeks(20, 6)
    weeks[3, 2], weeks[7, 2], weeks[:, 5] = np.nan, np.inf, np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = fit(weeks, "test", COUNTS)
        z = apply(made, weeks)
    present = weeks[np.isfinite(weeks[:, 2]), 2].astype(np.float64)
    assert made.mean[2] == pytest.approx(present.mean()) and made.scale[2] == pytest.approx(present.std())
    assert (made.mean[5], made.scale[5]) == (0, 1) and z[3, 2] == z[7, 2] == 0 and np.isfinite(z).all()


@pytest.mark.parametrize("value", [0.0, 0.1, 12345.67])
def test_a_minute_that_is_the_same_for_everybody_gets_scale_one(value: float) -> None:
    weeks = _weeks(50, 3)
    weeks[:, 1] = value
    made = fit(weeks, "test", COUNTS)
    assert made.scale[1] == 1 and np.abs(apply(made, weeks)[:, 1]).max() < 1e-2 and made.scale[0] != 1


def test_fewer_than_ten_people_are_refused() -> None:
    with pytest.raises(WeekError, match="at least 10 people; there are 9"):
        fit(_weeks(9, 5), "test", COUNTS)


def test_other_shapes_are_refused_in_a_sentence() -> None:
    made = fit(_weeks(10, 5), "test", COUNTS)
    with pytest.raises(WeekError, match="people, minutes"):
        apply(made, np.zeros(5, np.float32))
    with pytest.raises(WeekError, match="has 5 minutes; the weeks have 6"):
        apply(made, np.zeros((2, 6), np.float32))


def test_weeks_on_disk_are_read_in_place(tmp_path) -> None:
    np.save(tmp_path / "w.npy", _weeks(30, 8))
    weeks = np.load(tmp_path / "w.npy", mmap_mode="r")
    assert np.array_equal(apply(fit(weeks, "test", COUNTS), weeks), apply(fit(_weeks(30, 8), "test", COUNTS), _weeks(30, 8)))


def test_of_many_weeks_only_the_rows_that_are_asked_for_count() -> None:
    weeks, rows = _weeks(700, 6), list(range(0, 700, 2))
    made, wanted = fit(weeks, "test", COUNTS, rows), fit(weeks[rows], "test", COUNTS)
    assert made.people == 350
    assert np.array_equal(made.mean, wanted.mean) and np.array_equal(made.scale, wanted.scale)
    with pytest.raises(WeekError, match="there are 9"):
        fit(weeks, "test", COUNTS, range(9))


class Windows:
    """Windows of different lengths, a row at a time."""

    ndim = 2

    def __init__(self, rows: list[np.ndarray]) -> None:
        self.rows, self.shape = rows, (len(rows), max(row.size for row in rows))

    def __getitem__(self, row: int) -> np.ndarray:
        return self.rows[row]


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 5]), st.integers(0, 1439)), min_size=10, max_size=14), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_per_day_it_is_the_mean_and_deviation_of_each_minute_of_the_day_over_all_days(windows, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [rng.gamma(0.5, 400, days * 1440).astype(np.float32) for days, _ in windows]
    begins = np.array([begin for _, begin in windows])
    made = fit(Windows(rows), "test", COUNTS, per="day", starts=begins)
    clock = np.concatenate([(begin + np.arange(row.size)) % 1440 for row, begin in zip(rows, begins, strict=True)])
    values, count = np.concatenate(rows).astype(np.float64), np.bincount(clock, minlength=1440)
    mean = np.bincount(clock, values) / count
    deviation = np.sqrt(np.bincount(clock, (values - mean[clock]) ** 2) / count)
    assert (made.mean.size, made.people, made.per) == (1440, len(rows), "day")
    np.testing.assert_allclose(made.mean, mean, rtol=1e-5)
    np.testing.assert_allclose(made.scale, deviation, rtol=1e-4)
    for row, begin in zip(rows, begins, strict=True):
        at = (begin + np.arange(row.size)) % 1440
        np.testing.assert_allclose(
            apply(made, row[None], [begin_at(begin)])[0], (row - made.mean[at]) / made.scale[at], rtol=1e-4, atol=1e-5
        )


def begin_at(minute: int) -> datetime:
    return datetime(2024, 3, 5) + timedelta(minutes=int(minute))


@pytest.mark.parametrize("days", [1, 3, 5, 14])
def test_per_day_a_part_of_a_window_reads_as_it_does_in_the_whole(days: int) -> None:
    made = fit(_weeks(12, 2880), "test", COUNTS, per="day", starts=np.zeros(12, int))
    whole = _weeks(1, days * 1440, seed=3)
    z = apply(made, whole, [begin_at(0)])[0]
    np.testing.assert_array_equal(apply(made, whole[:, 600:], [begin_at(600)])[0], z[600:])
    np.testing.assert_array_equal(apply(made, whole, [None])[0], z)
    assert made.reads(days * 1440) and made.reads(7)


def test_per_day_it_has_to_be_known_when_windows_begin_and_the_hash_says_which_it_is() -> None:
    weeks = _weeks(12, 1440)
    by_day, by_window = fit(weeks, "test", COUNTS, per="day", starts=[None] * 12), fit(weeks, "test", COUNTS)
    np.testing.assert_array_equal(by_day.mean, by_window.mean)
    assert standardizer_sha(by_day) != standardizer_sha(by_window)
    with pytest.raises(ValueError, match="when each window begins"):
        apply(by_day, weeks)


def test_one_that_was_kept_before_there_was_a_choice_is_of_the_window() -> None:
    made = fit(_weeks(12, 1440), "test", COUNTS)
    before = replace(made, per=None)
    np.testing.assert_array_equal(before.laid_out(1440, begin_at(600))[0], made.mean)
    assert standardizer_sha(before) == standardizer_sha(made) and before.reads(1440) and not before.reads(2880)


def test_steadied_scales_hold_those_near_who_were_not_among_the_people() -> None:
    """Where nobody of few moves, the scale is that of all minutes; with many people it stays as it was."""
    weeks = _weeks(40, 200)
    weeks[:, :20] = 0.0
    raw = fit(weeks, "test", COUNTS)
    even = steadied(raw)
    least = np.sqrt(np.mean(raw.scale.astype(float) ** 2))
    np.testing.assert_allclose(even.scale, np.maximum(raw.scale, least), rtol=1e-6)
    other = np.full((1, 200), 1000.0, np.float32)
    assert np.abs(apply(raw, other)).max() == 1000.0 and np.abs(apply(even, other)).max() < 10
    np.testing.assert_array_equal(steadied(even).scale >= even.scale, True)
    assert steadied(replace(raw, people=10**8)).scale == pytest.approx(raw.scale)
