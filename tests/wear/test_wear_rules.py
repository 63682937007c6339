"""Wear, the tail of a device that was switched off, the ceiling of a device, and which unit values look like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.records import COUNTS, MG, STEPS, UNKNOWN_UNIT, Period
from pat_core.wear import (
    SOURCES,
    Choi,
    QualitySettings,
    Troiano,
    covered,
    flat_at_an_edge,
    flat_tail,
    guess_unit,
    periods,
    saturation,
    wear_hours,
    wear_of,
)

DAY = 1440
DEFAULTS = QualitySettings()


def awake(minutes: int, seed: int = 0) -> np.ndarray:
    """Counts of somebody who never sleeps: no zero among them."""
    return np.random.default_rng(seed).integers(100, 2000, minutes).astype(np.float32)


def resting(minutes: int) -> np.ndarray:
    """A movement every ten minutes, as in sleep on the body."""
    return np.where(np.arange(minutes) % 10 == 0, 20, 0).astype(np.float32)


def test_every_setting_says_where_its_default_comes_from():
    assert set(SOURCES) == set(vars(DEFAULTS))
    assert "Troiano et al. 2008" in SOURCES["hours_a_day"] and DEFAULTS.hours_a_day == 10


@pytest.mark.parametrize(
    "wrong", [{"hours_a_day": 0}, {"hours_a_day": 25}, {"days_needed": 0}, {"days_needed": 8}, {"tail_minutes": 0}, {"ceiling_minutes": 1}]
)
def test_settings_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(RecordingError, match="Choose"):
        QualitySettings(**wrong)


def test_a_device_taken_off_between_active_minutes_is_not_worn_and_its_hours_are_missing_from_the_day():
    values = awake(7 * DAY)
    values[600:840] = 0
    wear = wear_of(values, DEFAULTS)
    assert wear.off == (Period(600, 840, "Choi 2011"),) and wear.still == ()
    np.testing.assert_array_equal(wear_hours(wear.worn), [20] + [24] * 6)


def test_a_still_stretch_within_sleep_counts_as_worn_and_one_beside_activity_does_not():
    values = awake(2 * DAY)
    values[200:600] = resting(400)
    values[300:400] = 0
    assert wear_of(values, DEFAULTS).still == (Period(291, 400, "Choi 2011"),)
    values[400:600] = awake(200)
    assert wear_of(values, DEFAULTS).still == () and wear_of(values, DEFAULTS).off == (Period(291, 400, "Choi 2011"),)


def test_a_touch_between_two_periods_off_the_body_is_no_sleep():
    values = awake(2 * DAY)
    values[200:400] = 0
    values[290:305] = 3
    found = wear_of(values, QualitySettings(rule=Choi(window=60)))
    assert found.still == () and found.off == (Period(200, 290, "Choi 2011"), Period(305, 400, "Choi 2011"))


def test_no_sleep_lies_still_for_longer_than_the_longest():
    values = awake(2 * DAY)
    values[200:1000] = resting(800)
    values[300 : 301 + DEFAULTS.still_longest] = 0
    wear = wear_of(values, DEFAULTS)
    assert wear.still == () and len(wear.off) == 1


def test_the_devices_own_word_goes_before_the_rule_in_both_directions_unless_it_is_not_trusted():
    values = awake(DAY)
    values[600:840] = 0
    assert wear_of(values, DEFAULTS, np.ones(DAY, bool)).off == ()
    flags = np.ones(DAY, bool)
    flags[100:160] = False
    told = wear_of(values, DEFAULTS, flags)
    assert told.off == (Period(100, 160, "device"),) and told.still == (Period(600, 840, "Choi 2011"),)
    distrusted = wear_of(values, QualitySettings(trust_flags=False), flags)
    assert distrusted.off == (Period(600, 840, "Choi 2011"),)


def test_the_rule_is_the_one_that_is_asked_for():
    values = awake(DAY)
    values[600:670] = 0
    assert wear_of(values, DEFAULTS).off == ()
    assert wear_of(values, QualitySettings(rule=Troiano())).off == (Period(600, 670, "Troiano 2008"),)


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_flat_tail_begins_after_the_last_change_and_is_no_wear(value):
    values = awake(3 * DAY)
    values[2000:] = value
    assert flat_tail(values) == 2000
    wear = wear_of(values, DEFAULTS)
    assert not wear.worn[2000:].any() and wear.worn[:2000].all()


def test_a_tail_shorter_than_half_a_day_or_without_values_is_none():
    values = awake(2 * DAY)
    values[-DEFAULTS.tail_minutes + 1 :] = 0
    assert flat_tail(values) is None
    broken_off = awake(2 * DAY)
    broken_off[-1000:] = np.nan
    assert flat_tail(broken_off) is None and flat_tail(np.full(2 * DAY, np.nan)) is None and flat_tail(np.zeros(0)) is None


def test_missing_minutes_neither_end_a_tail_nor_lengthen_it():
    values = awake(2 * DAY)
    values[1000:] = 0
    values[1500:1600] = np.nan
    assert flat_tail(values) == 1000
    assert flat_tail(values, 1780) == 1000 and flat_tail(values, 1781) is None


def test_a_week_of_one_value_is_a_tail_from_its_first_minute():
    assert flat_tail(np.zeros(DAY)) == 0


def test_values_cut_off_at_a_ceiling_are_found_and_a_lone_maximum_is_not():
    values = np.random.default_rng(1).exponential(300, 10_080).astype(np.float32)
    assert saturation(values) == (0.0, None)
    cut_off = np.minimum(values, 1000)
    share, ceiling = saturation(cut_off)
    assert ceiling == 1000 and share == pytest.approx(np.mean(values >= 1000))


def test_no_ceiling_is_seen_in_nothing_in_zeros_or_in_one_value():
    assert saturation(np.full(100, np.nan)) == saturation(np.zeros(100)) == saturation(np.full(100, 7.0)) == (0.0, None)


def test_saturation_is_a_share_of_the_minutes_that_have_a_value():
    values = np.minimum(np.random.default_rng(1).exponential(300, 4000), 1000)
    padded = np.concatenate([values, np.full(4000, np.nan)])
    assert saturation(padded) == saturation(values)


@given(st.lists(st.booleans(), max_size=200))
def test_periods_are_the_true_stretches_of_a_mask(mask):
    laid = np.zeros(len(mask), bool)
    found = periods(np.array(mask, bool))
    for period in found:
        assert not laid[period.first : period.end].any() and period.minutes > 0
        laid[period.first : period.end] = True
    assert laid.tolist() == mask
    assert all(one.end < other.first for one, other in zip(found, found[1:], strict=False))


def test_hours_of_a_day_that_is_cut_short_are_those_it_has():
    np.testing.assert_array_equal(wear_hours(np.ones(DAY + 60, bool)), [24, 1])


def test_units_are_guessed_from_values_and_not_from_too_few():
    draw = np.random.default_rng(2)
    size = 10_080
    still = draw.random(size) < 0.4
    counts = np.where(still, 0, draw.exponential(600, size).round())
    steps = np.where(draw.random(size) < 0.8, 0, draw.integers(1, 130, size))
    mims = np.where(still, 0.2 * draw.random(size), draw.exponential(15, size)).clip(0, 120)
    mg = draw.exponential(35, size) * np.where(draw.random(size) < 0.05, 12, 1)
    assert [guess_unit(values)[0] for values in (counts, steps, mims, mg)] == [COUNTS, STEPS, UNKNOWN_UNIT, MG]
    ordinary = (mg / mg.mean() * 19).clip(0, 240)
    assert {guess_unit(values)[0] for values in (mims, ordinary)} == {UNKNOWN_UNIT} and "can be MIMS or mg" in guess_unit(ordinary)[1]
    assert guess_unit(counts[:500])[0] == guess_unit(np.zeros(size))[0] == guess_unit(np.log1p(counts) / 9)[0] == UNKNOWN_UNIT
    assert guess_unit(counts - 5)[0] == UNKNOWN_UNIT


def test_values_that_are_no_activity_have_no_unit_and_steps_are_what_the_gate_calls_steps():
    draw = np.random.default_rng(3)
    beats = draw.integers(50, 140, 10_080)
    warmth = 33 + draw.random(10_080)
    logarithms = np.log1p(draw.exponential(600, 10_080))
    assert {guess_unit(values)[0] for values in (beats, warmth, logarithms, beats > 90)} == {UNKNOWN_UNIT}
    still = draw.random(10_080) < 0.45
    assert guess_unit(np.where(still, 0, draw.integers(1, 130, 10_080)))[0] == STEPS
    assert guess_unit(np.where(still, 0, draw.integers(1, 400, 10_080)))[0] == COUNTS


@given(st.lists(st.sampled_from([0.0, 1.0, float("nan")]), min_size=1, max_size=12))
def test_the_longer_flat_edge_is_the_one_found_by_counting(values):
    def leading(side):
        length = 0
        while length < len(side) and side[length] == side[0]:
            length += 1
        return length

    head, tail = leading(values), leading(values[::-1])
    assert flat_at_an_edge(np.array(values)) == ((head, 0) if head >= tail else (tail, len(values) - tail))


@given(st.lists(st.booleans(), max_size=60))
def test_what_periods_cover_is_the_mask_they_came_from(mask):
    assert covered(periods(np.array(mask, bool)), len(mask)).tolist() == mask
