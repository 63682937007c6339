"""The input gate on simulated people: every mistake that PAT's users make is caught, and weeks without one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT, Finding, Week
from pat_core.simulate import simulate
from pat_core.weeks import apply, check, check_standardized, fit, report
from pat_core.weeks.value_checks import longest_repeat

DAY, WEEK = 1440, 10080
MADE = simulate(40, 5)
OWN = fit(simulate(60, 6).weeks, "simulated people", COUNTS)
GOOD = [
    Week(who, 0, values, MADE.start, True, COUNTS, None, "start", report(values, COUNTS))
    for who, values, off in zip(MADE.participants, MADE.weeks, MADE.distractors["nonwear_day"], strict=True)
    if not off
]
FEW = GOOD[:8]
MINUTE = np.arange(WEEK)


def _with(week: Week, values: np.ndarray, unit: str = COUNTS) -> Week:
    values = np.asarray(values, np.float32)
    return replace(week, values=values, unit=unit, report=report(values, unit))


def _severities(found: tuple[Finding, ...], code: str) -> list[str]:
    return [finding.severity for finding in found if finding.code == code]


def _all(code: str, severity: str, make: Callable[[Week], tuple[Finding, ...]]) -> None:
    for week in FEW:
        found = make(week)
        assert _severities(found, code) == [severity], (week.participant, found)


@pytest.mark.parametrize("week", GOOD, ids=lambda week: week.participant)
def test_a_simulated_week_without_a_mistake_passes(week: Week) -> None:
    said = {finding.code for finding in check(week, OWN, COUNTS)}
    assert said <= {"scale_extreme"}  # a nightly movement that hardly any of 60 people made
    assert not {finding.code for finding in check_standardized(apply(OWN, week.values[None])[0])} - {"scale_large", "scale_extreme"}


def test_a_planted_day_without_the_device_is_always_said() -> None:
    off = [values for values, day in zip(MADE.weeks, MADE.distractors["nonwear_day"], strict=True) if day]
    assert off
    for values in off:
        found = check(_with(GOOD[0], values), OWN, COUNTS)
        assert {finding.code for finding in found} & {"flat_run", "filled_up", "day_off"}


@pytest.mark.parametrize(("hours", "severities"), [(0, []), (12, ["warn"]), (10, ["warn"]), (-10, ["warn"]), (-2, [])])
def test_a_clock_that_is_wrong_by_half_a_day_is_only_warned_of(hours: int, severities: list[str]) -> None:
    for week in FEW:
        found = check(replace(week, start=week.start + timedelta(hours=hours)), OWN, COUNTS)
        assert _severities(found, "clock") == severities


def test_without_a_start_nothing_is_said_of_the_clock() -> None:
    night = _with(GOOD[0], np.roll(GOOD[0].values, 720))
    assert _severities(check(night, None, None), "clock") == ["warn"]
    assert _severities(check(replace(night, start=None), None, None), "clock") == []


def test_the_sentence_about_the_clock_names_the_hours_and_the_start() -> None:
    (said,) = [one.message for one in check(_with(GOOD[0], np.roll(GOOD[0].values, 720)), None, None) if one.code == "clock"]
    assert "10:00 to 20:00" in said and "Monday at 00:00" in said and "work at night" in said


@pytest.mark.parametrize("unit", [COUNTS, UNKNOWN_UNIT])
def test_a_day_copied_over_another_is_refused_with_both_places(unit: str) -> None:
    for number, week in enumerate(FEW):
        one, other = number % 7, (number + 3) % 7
        values = week.values.copy()
        values[other * DAY : (other + 1) * DAY] = values[one * DAY : (one + 1) * DAY]
        found = check(_with(week, values, unit), None, None)
        assert _severities(found, "repeated") == ["refuse"]
        (said,) = [finding.message for finding in found if finding.code == "repeated"]
        place = longest_repeat(values)
        assert place is not None and place.later - place.first == abs(other - one) * DAY and place.minutes >= DAY
        assert all(f"{week.start + timedelta(minutes=at):%A %H:%M}" in said for at in (place.first, place.later))


@pytest.mark.parametrize("minutes", [DAY, 3 * DAY, 4 * DAY + 300, 5 * DAY + 77, 6 * DAY])
def test_a_short_recording_repeated_to_a_week_is_refused(minutes: int) -> None:
    _all("repeated", "refuse", lambda week: check(_with(week, np.resize(week.values[:minutes], WEEK)), None, None))


def test_the_place_and_length_of_a_repetition_are_exact() -> None:
    values = GOOD[0].values.copy()
    values[8000:8700] = values[1234:1934]
    found = longest_repeat(values)
    assert found is not None
    assert found.first <= 1234 and found.first + found.minutes >= 1934 and found.later - found.first == 8000 - 1234
    assert np.array_equal(values[found.first : found.first + found.minutes], values[found.later : found.later + found.minutes])


def test_a_few_hours_that_come_twice_are_not_refused() -> None:
    values = GOOD[0].values.copy()
    values[5 * DAY + 600 : 5 * DAY + 900] = values[DAY + 600 : DAY + 900]
    assert longest_repeat(values) is not None
    assert _severities(check(_with(GOOD[0], values), None, None), "repeated") == []


def test_equal_days_of_zeros_and_of_missing_minutes_are_no_repetition() -> None:
    zeros = np.where((MINUTE // DAY == 1) | (MINUTE // DAY == 4), 0, GOOD[0].values)
    gaps = np.where((MINUTE // DAY == 1) | (MINUTE // DAY == 4), np.nan, GOOD[0].values)
    nights = np.where((MINUTE % DAY < 600), 0, GOOD[0].values)
    assert [longest_repeat(values) for values in (zeros, gaps, nights)] == [None, None, None]


@pytest.mark.parametrize(("hours", "severity"), [(19, "warn"), (24, "warn"), (47, "warn"), (49, "refuse"), (72, "refuse")])
@pytest.mark.parametrize("end", ["first", "last"])
def test_a_short_recording_filled_up_to_a_week_is_said(hours: int, severity: str, end: str) -> None:
    for week in FEW:
        minute = MINUTE if end == "first" else WEEK - 1 - MINUTE
        found = check(_with(week, np.where(minute < hours * 60, 0, week.values + 1)), None, None)
        assert _severities(found, "filled_up") == [severity if end == "last" else "warn"]
        assert any(f"The {end} " in finding.message for finding in found)


def test_a_night_at_the_end_of_a_week_is_not_taken_for_filling() -> None:
    assert _severities(check(_with(GOOD[0], np.where(MINUTE >= WEEK - 12 * 60, 0, GOOD[0].values)), None, None), "filled_up") == []


def test_a_day_on_a_table_that_is_knocked_is_warned_of() -> None:
    def shelved(week: Week) -> tuple[Finding, ...]:
        values = week.values.copy()
        values[3000 : 3000 + DAY] = 0
        values[3050 : 3000 + DAY : 200] = 90
        return check(_with(week, values), OWN, COUNTS)

    _all("day_off", "warn", shelved)


@pytest.mark.parametrize(("nights", "severities"), [(4, []), (5, ["warn"]), (6, ["warn"])])
def test_nights_without_the_device_are_said_from_five_on(nights: int, severities: list[str]) -> None:
    values = GOOD[0].values.copy()
    for night in range(nights):
        values[night * DAY + 22 * 60 + 30 : (night + 1) * DAY + 7 * 60] = 0
    found = check(_with(GOOD[0], values), None, None)
    assert _severities(found, "nights_off") == severities
    assert all(finding.value == nights for finding in found if finding.code == "nights_off")


def test_a_device_that_is_taken_off_by_day_says_nothing_of_nights() -> None:
    values = np.where((MINUTE % DAY > 600) & (MINUTE % DAY < 960), 0, GOOD[0].values)
    assert _severities(check(_with(GOOD[0], values), None, None), "nights_off") == []


def _steps(week: Week) -> np.ndarray:
    rng = np.random.default_rng(1)
    walking = week.values > np.quantile(week.values, 0.8)
    return np.where(walking, np.where(rng.random(WEEK) < 0.5, rng.integers(4, 40, WEEK), rng.integers(60, 131, WEEK)), 0)


@pytest.mark.parametrize("unit", [COUNTS, UNKNOWN_UNIT, MIMS, MG])
def test_steps_under_another_name_are_warned_of(unit: str) -> None:
    _all("looks_like_steps", "warn", lambda week: check(_with(week, _steps(week), unit), None, None))


def test_steps_by_their_own_name_are_not_suspected_but_counts_by_theirs_are() -> None:
    assert _severities(check(_with(GOOD[0], _steps(GOOD[0]), STEPS), None, None), "looks_like_steps") == []
    _all("looks_like_counts", "warn", lambda week: check(_with(week, week.values, STEPS), None, None))


@pytest.mark.parametrize("unit", [COUNTS, UNKNOWN_UNIT])
@pytest.mark.parametrize("gaps", [0, 600])
def test_a_heart_rate_is_refused_also_with_gaps_of_zeros(unit: str, gaps: int) -> None:
    def heart(week: Week) -> tuple[Finding, ...]:
        smooth = np.convolve(np.sqrt(week.values), np.ones(15) / 15, "same")
        beats = np.rint(55 + 80 * smooth / smooth.max() + np.random.default_rng(2).normal(0, 2, WEEK))
        return check(_with(week, np.where(np.resize(np.arange(5000), WEEK) < gaps, 0, beats), unit), None, None)

    _all("looks_like_heart_rate", "refuse", heart)


def test_a_temperature_is_refused_and_activity_with_an_offset_warned_of() -> None:
    wave = np.cos(2 * np.pi * MINUTE / DAY)
    noise = np.random.default_rng(3).normal(0, 0.2, WEEK)
    assert _severities(check(_with(GOOD[0], 33 + 2 * wave + noise, UNKNOWN_UNIT), None, None), "looks_like_temperature") == ["refuse"]
    gravity = _with(GOOD[0], 1000 + GOOD[0].values / 20, MG)
    assert _severities(check(gravity, None, None), "never_rests") == ["warn"]


@pytest.mark.parametrize("scale", [100, 1000])
def test_rounded_logarithms_of_a_whole_cohort_are_warned_of(scale: int) -> None:
    _all("looks_transformed", "warn", lambda week: check(_with(week, np.rint(scale * np.log1p(week.values))), None, None))


@pytest.mark.parametrize("make", [lambda x: (x - x.mean()) / x.std(), lambda x: x / 1000, lambda x: (x - 210) / 400])
def test_values_scaled_by_one_mean_are_refused_as_standardized(make: Callable[[np.ndarray], np.ndarray]) -> None:
    for week in FEW:
        assert any(one.severity == "refuse" and one.code in ("one_scale", "scale_large") for one in check_standardized(make(week.values)))


def test_standardized_values_that_were_filled_up_are_said() -> None:
    z = apply(OWN, GOOD[0].values[None])[0]
    z[-DAY:] = 0
    assert _severities(check_standardized(z), "filled_up") == ["warn"]


@pytest.mark.parametrize("varies", [0, 21])
def test_a_standardizer_with_hard_coded_means_is_refused(varies: int) -> None:
    mean, scale = np.full(WEEK, OWN.mean.mean()), np.full(WEEK, OWN.scale.mean())
    mean[:varies] += np.arange(varies)
    _all("standardizer_spread", "refuse", lambda week: check(week, replace(OWN, mean=mean, scale=scale), COUNTS))


def test_shuffled_simulated_minutes_are_refused_and_nothing_is_said_of_their_hours() -> None:
    rng = np.random.default_rng(4)
    for week in FEW:
        found = check(_with(week, rng.permutation(week.values)), None, None)
        assert _severities(found, "shuffled") == ["refuse"] and not {one.code for one in found} & {"clock", "nights_off"}


@pytest.mark.parametrize("minutes", [2, 45, 46, 700, DAY, DAY + 1])
def test_weeks_of_another_length_are_looked_at_without_a_crash(minutes: int) -> None:
    for values in (GOOD[0].values[600 : 600 + minutes], np.arange(minutes)):
        found = check(_with(GOOD[0], values), None, None)
        assert all(finding.message.endswith(".") for finding in found)
