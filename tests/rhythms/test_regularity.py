"""Interdaily stability and intradaily variability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pat_core.rhythms import hourly_means, interdaily_stability, intradaily_variability

WEEK = arrays(np.float64, 168, elements=st.floats(0, 1000, width=16)).filter(lambda hours: np.ptp(hours) > 1)


def test_identical_days_are_perfectly_stable():
    assert interdaily_stability(np.tile(np.arange(24.0), 7)) == pytest.approx(1.0, abs=1e-12)


def test_days_that_differ_in_level_alone_are_not_stable_at_all():
    assert interdaily_stability(np.repeat(np.arange(7.0), 24)) == pytest.approx(0.0, abs=1e-12)


def test_stability_follows_the_published_formula_and_not_sample_variances():
    hours = np.random.default_rng(0).gamma(2, 50, 168)
    mean = hours.mean()
    published = 168 * np.sum((hours.reshape(7, 24).mean(0) - mean) ** 2) / (24 * np.sum((hours - mean) ** 2))
    sampled = hours.reshape(7, 24).mean(0).var(ddof=1) / hours.var(ddof=1)
    assert interdaily_stability(hours) == pytest.approx(published, rel=1e-12)
    assert sampled == pytest.approx(interdaily_stability(hours) * 24 / 23 * 167 / 168, rel=1e-12)


def test_alternating_hours_vary_four_times_as_much_as_their_spread():
    assert intradaily_variability(np.tile([0.0, 1.0], 84)) == pytest.approx(4.0, rel=1e-12)


def test_a_slow_wave_varies_as_the_closed_form_of_a_cosine_says():
    hours = 10 + np.cos(2 * np.pi * np.arange(24 * 400) / 24)
    assert intradaily_variability(hours) == pytest.approx(2 * (1 - np.cos(2 * np.pi / 24)), rel=1e-3)


def test_noise_has_a_variability_of_two_and_little_stability():
    hours = np.random.default_rng(1).normal(size=24 * 365)
    assert intradaily_variability(hours) == pytest.approx(2.0, abs=0.06)
    assert interdaily_stability(hours) < 0.02


@pytest.mark.parametrize("constant", [0.0, 0.1, 312.7])
def test_constant_activity_has_neither(constant):
    hours = np.full(168, constant)
    assert np.isnan(interdaily_stability(hours))
    assert np.isnan(intradaily_variability(hours))


def test_nothing_present_gives_nothing():
    assert np.isnan(interdaily_stability(np.full(168, np.nan)))
    assert np.isnan(intradaily_variability(np.full(168, np.nan)))


@settings(max_examples=40, deadline=None)
@given(WEEK)
def test_stability_lies_between_zero_and_one_and_variability_between_zero_and_four(hours):
    assert -1e-9 <= interdaily_stability(hours) <= 1 + 1e-9
    assert 0 <= intradaily_variability(hours) <= 4 * 168 / 167 + 1e-9


@settings(max_examples=40, deadline=None)
@given(WEEK, st.floats(0.1, 50), st.floats(-100, 100))
def test_neither_depends_on_the_unit(hours, factor, offset):
    other = factor * hours + offset
    assert interdaily_stability(other) == pytest.approx(interdaily_stability(hours), rel=1e-6)
    assert intradaily_variability(other) == pytest.approx(intradaily_variability(hours), rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(WEEK, st.integers(1, 6))
def test_stability_does_not_depend_on_which_day_comes_first(hours, days):
    assert interdaily_stability(np.roll(hours, 24 * days)) == pytest.approx(interdaily_stability(hours), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(WEEK, st.sets(st.integers(0, 167), max_size=60))
def test_with_missing_hours_stability_stays_between_zero_and_one(hours, missing):
    hours = hours.copy()
    hours[list(missing)] = np.nan
    value = interdaily_stability(hours)
    assert np.isnan(value) or -1e-9 <= value <= 1 + 1e-9


def test_a_missing_hour_breaks_two_differences_and_no_more():
    hours = np.array([1.0, 2.0, np.nan, 4.0, 6.0])
    present = np.array([1.0, 2.0, 4.0, 6.0])
    assert intradaily_variability(hours) == pytest.approx(4 * (1 + 4) / (2 * np.sum((present - present.mean()) ** 2)))


def test_hourly_means_use_the_minutes_present_and_leave_a_last_part_of_an_hour_out():
    values = np.concatenate([np.full(30, 2.0), np.full(30, np.nan), np.full(60, np.nan), np.arange(60.0), np.full(20, 9.0)])
    means = hourly_means(values)
    assert means[0] == 2.0 and np.isnan(means[1]) and means[2] == 29.5 and len(means) == 3


def test_hourly_means_are_of_the_hours_of_the_clock():
    values = np.concatenate([np.full(23, 7.0), np.repeat([1.0, 2.0], 60)])
    assert hourly_means(values, 10 * 60 + 37).tolist() == [1.0, 2.0]
    assert hourly_means(values, 0)[0] != 1.0
