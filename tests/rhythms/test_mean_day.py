"""The mean day, L5 and M10."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.rhythms import least_active, mean_day, most_active
from pat_core.rhythms.figures import relative_amplitude, window_means


def block_day(start: int, length: int, inside: float, outside: float) -> np.ndarray:
    day = np.full(1440, outside)
    day[(start + np.arange(length)) % 1440] = inside
    return day


@pytest.mark.parametrize("start", [0, 77, 600, 1139, 1300, 1439])
def test_l5_finds_five_quiet_hours_wherever_they_lie(start):
    value, found = least_active(block_day(start, 300, 1.0, 100.0))
    assert found == start
    assert value == pytest.approx(1.0)


@pytest.mark.parametrize("start", [0, 450, 840, 1000, 1439])
def test_m10_finds_ten_lively_hours_wherever_they_lie(start):
    value, found = most_active(block_day(start, 600, 300.0, 10.0))
    assert found == start
    assert value == pytest.approx(300.0)


def test_a_flat_day_has_the_same_l5_and_m10_and_the_earliest_start():
    day = np.full(1440, 0.1)
    assert least_active(day) == (pytest.approx(0.1), 0.0)
    assert most_active(day) == (pytest.approx(0.1), 0.0)


def test_relative_amplitude_goes_from_zero_to_one():
    assert relative_amplitude(100.0, 100.0) == 0.0
    assert relative_amplitude(100.0, 0.0) == 1.0
    assert np.isnan(relative_amplitude(0.0, 0.0))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 1440))
def test_window_means_are_plain_means_across_midnight(seed, minutes):
    day = np.random.default_rng(seed).gamma(1, 100, 1440)
    first = seed % 1440
    assert window_means(day, minutes)[first] == pytest.approx(day[(first + np.arange(minutes)) % 1440].mean())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1439), st.integers(0, 1000))
def test_the_mean_day_depends_on_the_clock_and_not_on_when_recording_began(begin, seed):
    day = np.random.default_rng(seed).gamma(1, 100, 1440)
    recording = np.tile(day, 8)[begin : begin + 7 * 1440]
    assert np.allclose(mean_day(recording, begin), day)


def test_the_mean_day_averages_the_days_present():
    values = np.concatenate([np.full(1440, 2.0), np.full(1440, 4.0), np.full(1440, np.nan)])
    values[10] = np.nan
    values[[20, 1460]] = np.nan
    day = mean_day(values)
    assert day[0] == 3.0 and day[10] == 4.0 and np.isnan(day[20])


def test_a_device_taken_off_every_night_gives_no_five_quiet_hours_out_of_nothing():
    day = block_day(0, 480, np.nan, 200.0)
    day[700:1000] = 50.0
    assert least_active(day) == (pytest.approx(50.0), 700.0)


def test_without_any_minute_there_is_no_window():
    assert np.isnan(least_active(np.full(1440, np.nan))).all()
    assert np.isnan(most_active(np.full(1440, np.nan))).all()
