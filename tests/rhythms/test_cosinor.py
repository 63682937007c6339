"""The cosinor fit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.rhythms import Cosinor, cosinor

MINUTE = np.arange(10080)


def wave(mesor, amplitude, acrophase, start=0):
    return mesor + amplitude * np.cos(2 * np.pi * (start + MINUTE - acrophase) / 1440)


def clock_distance(one, other):
    return abs((one - other + 720) % 1440 - 720)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 500), st.floats(0.5, 500), st.floats(0, 1439.9), st.integers(0, 1439))
def test_a_pure_wave_is_recovered_wherever_the_recording_begins(mesor, amplitude, acrophase, start):
    fit = cosinor(wave(mesor, amplitude, acrophase, start), start)
    assert fit.mesor == pytest.approx(mesor, abs=1e-6)
    assert fit.amplitude == pytest.approx(amplitude, rel=1e-6)
    assert clock_distance(fit.acrophase, acrophase) < 1e-4


def test_missing_minutes_do_not_move_the_fit():
    values = wave(170.0, 160.0, 843.0)
    values[np.random.default_rng(0).random(10080) < 0.4] = np.nan
    values[2000:3500] = np.nan
    fit = cosinor(values)
    assert (fit.mesor, fit.amplitude, fit.acrophase) == (pytest.approx(170), pytest.approx(160), pytest.approx(843))


@pytest.mark.parametrize("constant", [0.0, 5.0, 312.7])
def test_a_flat_week_has_a_mesor_and_no_peak(constant):
    fit = cosinor(np.full(10080, constant))
    assert fit.mesor == pytest.approx(constant)
    assert fit.amplitude == 0.0
    assert np.isnan(fit.acrophase)


def test_harmonics_of_the_day_do_not_enter():
    values = wave(100.0, 50.0, 900.0) + 80 * np.cos(2 * np.pi * MINUTE / 720)
    assert cosinor(values).amplitude == pytest.approx(50.0)


def test_shifting_by_an_hour_moves_the_acrophase_by_an_hour_and_nothing_else():
    values = np.random.default_rng(2).gamma(1, 100, 10080) + wave(100, 80, 900)
    before, after = cosinor(values), cosinor(np.roll(values, 60))
    assert clock_distance(after.acrophase, before.acrophase + 60) < 1e-6
    assert after.amplitude == pytest.approx(before.amplitude)
    assert after.mesor == pytest.approx(before.mesor)


def test_the_curve_passes_through_a_pure_wave():
    values = wave(170.0, 160.0, 843.0)
    assert np.allclose(cosinor(values).curve(MINUTE), values)
    assert np.array_equal(Cosinor(7.0, 0.0, float("nan")).curve(MINUTE[:3]), [7.0, 7.0, 7.0])


def test_two_minutes_are_too_few():
    values = np.full(10080, np.nan)
    values[:2] = 1.0
    assert np.isnan(cosinor(values).mesor)
