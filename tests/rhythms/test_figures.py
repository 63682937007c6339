"""All figures of a week together, and the six features."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import WeekError
from pat_core.rhythms import FEATURE_NAMES, figures, six_features

MINUTE = np.arange(10080)


def office_week() -> np.ndarray:
    """Seven identical days: nothing from 23:00 to 07:00, 100 otherwise, 400 from 08:00 to 18:00."""
    day = np.full(1440, 100.0)
    day[np.r_[0 : 7 * 60, 23 * 60 : 1440]] = 0.0
    day[8 * 60 : 18 * 60] = 400.0
    return np.tile(day, 7)


def test_an_office_week_has_the_figures_one_reads_off_it():
    week = figures(office_week())
    assert week.interdaily_stability == pytest.approx(1.0)
    assert (week.l5, week.l5_start) == (pytest.approx(0.0, abs=1e-9), 0.0)
    assert (week.m10, week.m10_start) == (pytest.approx(400.0), 480.0)
    assert week.relative_amplitude == pytest.approx(1.0)
    assert week.mesor == pytest.approx((10 * 400 + 6 * 100) / 24)
    assert 13 * 60 < week.acrophase < 15 * 60


def test_clock_times_do_not_depend_on_when_the_week_began():
    values = office_week()
    midnight, evening = figures(values), figures(np.roll(values, -20 * 60), 20 * 60)
    for name in ("l5", "l5_start", "m10", "m10_start", "mesor", "amplitude", "acrophase", "interdaily_stability", "relative_amplitude"):
        assert getattr(evening, name) == pytest.approx(getattr(midnight, name)), name


def test_twice_the_activity_doubles_levels_and_leaves_shapes():
    values = np.random.default_rng(0).gamma(0.5, 100, 10080) * (1 + np.cos(2 * np.pi * (MINUTE - 900) / 1440))
    once, twice = figures(values), figures(2 * values)
    for name in ("l5", "m10", "mesor", "amplitude"):
        assert getattr(twice, name) == pytest.approx(2 * getattr(once, name)), name
    for name in ("interdaily_stability", "intradaily_variability", "relative_amplitude", "l5_start", "m10_start", "acrophase"):
        assert getattr(twice, name) == pytest.approx(getattr(once, name)), name


def test_a_few_missing_minutes_hardly_move_the_figures():
    values = office_week() + np.random.default_rng(1).gamma(1, 20, 10080)
    holes = values.copy()
    holes[np.random.default_rng(2).random(10080) < 0.05] = np.nan
    whole, part = figures(values), figures(holes)
    for name in ("interdaily_stability", "relative_amplitude", "m10", "mesor", "amplitude", "acrophase"):
        assert getattr(part, name) == pytest.approx(getattr(whole, name), rel=0.03), name


def test_six_features_are_the_figures_with_levels_as_logarithms_and_the_acrophase_in_hours():
    values = office_week() + np.random.default_rng(1).gamma(1, 20, 10080)
    week, features = figures(values), dict(zip(FEATURE_NAMES, six_features(values), strict=True))
    assert features["interdaily_stability"] == week.interdaily_stability
    assert features["intradaily_variability"] == week.intradaily_variability
    assert features["relative_amplitude"] == week.relative_amplitude
    assert np.expm1(features["log_l5"]) == pytest.approx(week.l5)
    assert np.expm1(features["log_m10"]) == pytest.approx(week.m10)
    assert features["acrophase_from_15h"] == pytest.approx((week.acrophase - 900) / 60)


@pytest.mark.parametrize(("peak", "hours"), [(15, 0), (14, -1), (23, 8), (0.5, 9.5), (2.5, 11.5), (3.5, -11.5), (9, -6)])
def test_the_acrophase_feature_grows_through_midnight(peak, hours):
    values = 100 + 90 * np.cos(2 * np.pi * (MINUTE - peak * 60) / 1440)
    assert six_features(values)[-1] == pytest.approx(hours, abs=1e-6)


def test_features_of_an_empty_week_are_missing_without_an_error():
    assert np.isnan(six_features(np.full(10080, np.nan))).all()
    assert np.isfinite(six_features(np.zeros(10080))[3:5]).all()


@pytest.mark.parametrize("level", [0.0, 3.0, np.nan])
def test_a_week_without_any_change_defines_no_figure_least_of_all_a_perfect_one(level):
    week = figures(np.full(10080, level), sri=100.0)
    assert all(np.isnan(value) for value in vars(week).values())
    assert figures(np.full(10080, level)).sri is None


def test_of_one_day_all_is_defined_but_the_likeness_of_days():
    day = figures(np.random.default_rng(0).gamma(1, 90, 1440))
    assert np.isnan(day.interdaily_stability) and np.isfinite([day.intradaily_variability, day.m10, day.l5, day.acrophase]).all()


@pytest.mark.parametrize("shape", [(10,), (7, 1440), (1439,)])
def test_less_than_a_day_or_another_shape_is_refused_in_a_sentence(shape):
    with pytest.raises(WeekError, match="one day"):
        figures(np.zeros(shape))


def lively(seed: int, days: int = 5) -> np.ndarray:
    """Days that differ, lively about 15:00, with a quiet night."""
    rng = np.random.default_rng(seed)
    return rng.gamma(0.5, 100, days * 1440) * (1.05 + np.cos(2 * np.pi * (np.arange(days * 1440) - 900) / 1440))


LEVELS, SHAPES = ("l5", "m10", "mesor", "amplitude"), ("interdaily_stability", "intradaily_variability", "relative_amplitude")
TIMES = ("l5_start", "m10_start", "acrophase")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 23))
def test_a_clock_set_forward_by_hours_moves_the_times_by_that_much_and_nothing_else(seed, shift):
    values = lively(seed)
    before, after = figures(values, 0), figures(values, 60 * shift)
    for name in TIMES:
        assert (getattr(after, name) - getattr(before, name) - 60 * shift + 720) % 1440 == pytest.approx(720, abs=1e-6), name
    for name in (*LEVELS, *SHAPES):
        assert getattr(after, name) == pytest.approx(getattr(before, name)), name


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_another_scale_changes_levels_alone(seed, factor):
    values = lively(seed)
    before, after = figures(values), figures(factor * values)
    for name in LEVELS:
        assert getattr(after, name) == pytest.approx(factor * getattr(before, name)), name
    for name in SHAPES + TIMES:
        assert getattr(after, name) == pytest.approx(getattr(before, name)), name


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.sets(st.integers(0, 1439), max_size=700))
def test_minutes_missing_on_one_of_identical_days_change_no_figure_of_the_mean_day(seed, missing):
    values = np.tile(lively(seed, 1), 5)
    holes = values.copy()
    holes[1440 + np.array(sorted(missing), dtype=int)] = np.nan
    whole, part = figures(values), figures(holes)
    for name in ("l5", "l5_start", "m10", "m10_start", "relative_amplitude"):
        assert getattr(part, name) == pytest.approx(getattr(whole, name)), name
    assert whole.interdaily_stability == pytest.approx(1.0)
    # What an infinity stands for is as unknown as what is missing.
    assert figures(np.where(np.isnan(holes), np.inf, holes)) == part


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 59))
def test_stability_and_variability_are_of_the_hours_of_the_clock_whatever_minute_a_recording_starts_at(seed, late):
    values = lively(seed)
    one, other = figures(values[60:], 60), figures(values[late:], late)
    if late:  # the hour in which it began is not whole
        assert other.interdaily_stability == pytest.approx(one.interdaily_stability)
        assert other.intradaily_variability == pytest.approx(one.intradaily_variability)
