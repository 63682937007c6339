"""The per-minute standardizer against its definition."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from pat_core.errors import WeekError
from pat_core.records import COUNTS
from pat_core.weeks import apply, fit, standardizer


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
