"""Nights from the two-process model."""

import numpy as np
import pytest

from pat_core.simulate.sleep import Sleeper, nights

STEADY = Sleeper(clock_shift=0.0, need=0.0, alarm=9 * 60.0, weekend_up=0.0, unrest=0.0)
DAY = 1440


def make(sleeper: Sleeper, days: int = 14) -> tuple[np.ndarray, np.ndarray]:
    return nights(sleeper, np.random.default_rng(0), days)


def test_without_noise_and_alarm_every_night_is_the_same():
    onsets, wakes = make(STEADY)
    assert np.ptp(np.diff(onsets[2:])) <= 2
    assert np.ptp(np.diff(wakes[2:])) <= 2
    assert np.allclose(np.diff(onsets[2:]), DAY, atol=2)


def test_sleep_comes_late_in_the_evening_and_lasts_six_to_nine_hours():
    onsets, wakes = make(STEADY)
    assert np.all((wakes - onsets > 6 * 60) & (wakes - onsets < 9 * 60))
    clock = (onsets + DAY // 2) % DAY - DAY // 2
    assert np.all((clock > -3 * 60) & (clock < 2 * 60))


def test_nights_alternate_with_days_in_order():
    onsets, wakes = nights(Sleeper(30.0, 0.01, 400.0, 0.05, 0.03), np.random.default_rng(4), 28)
    assert np.all(wakes > onsets)
    assert np.all(onsets[1:] > wakes[:-1])


@pytest.mark.parametrize("shift", [-90.0, 90.0, 180.0])
def test_a_later_clock_moves_sleep_by_as_much(shift):
    moved, _ = make(Sleeper(shift, 0.0, 24 * 60.0, 0.0, 0.0))
    usual, _ = make(Sleeper(0.0, 0.0, 24 * 60.0, 0.0, 0.0))
    difference = moved[3:12] - usual[3:12] if len(moved) == len(usual) else (moved[3:12] % DAY - usual[3:12] % DAY)
    assert np.allclose((difference + DAY / 2) % DAY - DAY / 2, shift, atol=5)


def test_an_early_alarm_ends_sleep_on_working_days_alone():
    _, wakes = make(Sleeper(0.0, 0.0, 5.5 * 60, 0.0, 0.0))
    day, clock = wakes // DAY, wakes % DAY
    assert np.all(clock[day % 7 < 5] < 6.2 * 60)
    assert np.all(clock[day % 7 >= 5] > 6.2 * 60)


def test_staying_up_moves_the_nights_before_free_days():
    late, _ = make(Sleeper(0.0, 0.0, 9 * 60.0, 0.05, 0.0), 7)
    usual, _ = make(STEADY, 7)
    evening = (usual - DAY // 2) // DAY
    assert np.all(np.abs(late - usual)[(evening >= 0) & (evening < 4)] < 15)
    assert (late - usual)[evening == 4][0] > 45
