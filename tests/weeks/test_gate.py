"""The input gate: what PAT's users get wrong is caught, and good weeks pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.errors import WeekError
from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT, Finding, Recording, Standardizer, Week
from pat_core.weeks import apply, check, check_standardized, cut, fit, report, too_short
from tests.shared import real_study

WEEK = 10080


def _values(seed: int) -> np.ndarray:
    """A made week of counts: quiet nights, skewed days, stretches of 20 minutes that hang together."""
    rng = np.random.default_rng(seed)
    clock = np.arange(WEEK) % 1440
    awake = (clock > 420) & (clock < 1380)
    stretch = np.repeat(rng.gamma(0.8, 1.0, WEEK // 20), 20)
    counts = stretch * rng.gamma(0.8, 500, WEEK) * awake + rng.gamma(0.2, 40, WEEK)
    return np.rint(counts).astype(np.float32)


PEOPLE = np.stack([_values(seed) for seed in range(60)])
FITTED = fit(PEOPLE, "made people", COUNTS)


def _week(values: np.ndarray | None = None, unit: str = COUNTS) -> Week:
    values = _values(99) if values is None else values.astype(np.float32)
    return Week("p", 0, values, datetime(2024, 3, 5), True, unit, None, "start", report(values, unit))


def _codes(findings: tuple[Finding, ...], severity: str) -> set[str]:
    return {finding.code for finding in findings if finding.severity == severity}


def test_a_good_week_passes_without_a_word() -> None:
    assert check(_week(), FITTED, COUNTS) == () and check(_week(), None, None) == ()


def test_the_cohorts_own_standardizer_is_noted() -> None:
    (finding,) = check(_week(), FITTED, COUNTS, cohort_fitted=True)
    assert (finding.code, finding.severity) == ("cohort_standardizer", "note") and "60 people" in finding.message


@pytest.mark.parametrize("days", [1, 3, 5, 14])
def test_any_length_that_fills_a_patch_is_read(days: int) -> None:
    minutes = days * 1440
    people = np.concatenate([PEOPLE, PEOPLE[::-1]], axis=1)[:, :minutes]
    values = np.concatenate([_values(99), _values(98)])[:minutes]
    assert check(_week(values), fit(people, "made people", COUNTS), COUNTS) == ()
    assert _codes(check(_week(values), FITTED, COUNTS), "refuse") == {"standardizer_length"}


def test_a_window_that_cannot_be_read_is_refused_and_not_padded() -> None:
    refusal = too_short(17, "It needs at least one patch of 18 minutes, and this week has 17.")
    assert (refusal.code, refusal.severity, refusal.value) == ("length", "refuse", 17) and "Nothing is padded" in refusal.message


@pytest.mark.parametrize(
    ("week_unit", "fitted_unit", "model_unit", "own", "severity"),
    [
        (COUNTS, COUNTS, COUNTS, False, None),
        (MIMS, COUNTS, MIMS, False, "refuse"),
        (STEPS, COUNTS, None, True, "refuse"),
        (COUNTS, COUNTS, MIMS, True, "warn"),
        (COUNTS, COUNTS, MIMS, False, "refuse"),
        (COUNTS, UNKNOWN_UNIT, None, False, None),
    ],
)
def test_units_are_never_mixed(week_unit: str, fitted_unit: str, model_unit: str | None, own: bool, severity: str | None) -> None:
    found = check(_week(unit=week_unit), replace(FITTED, unit=fitted_unit), model_unit, cohort_fitted=own)
    assert [finding.severity for finding in found if finding.code == "unit"] == ([severity] if severity else [])


def test_an_unknown_unit_and_steps_are_warned_of() -> None:
    assert "unit_unknown" in _codes(check(_week(unit=UNKNOWN_UNIT), FITTED, COUNTS), "warn")
    assert "unit" in _codes(check(_week(unit=STEPS), None, None), "warn")


@pytest.mark.parametrize(("share", "severity"), [(0.04, None), (0.06, "warn"), (0.49, "warn"), (0.51, "refuse"), (1.0, "refuse")])
def test_missing_minutes_are_warned_of_and_then_refused(share: float, severity: str | None) -> None:
    values = _values(3)
    values[: int(share * WEEK)] = np.nan
    found = [finding for finding in check(_week(values), FITTED, COUNTS) if finding.code == "missing"]
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_zeros_and_constants_are_refused() -> None:
    assert "all_zero" in _codes(check(_week(np.zeros(WEEK)), FITTED, COUNTS), "refuse")
    assert "constant" in _codes(check(_week(np.full(WEEK, 7.0)), FITTED, COUNTS), "refuse")


@pytest.mark.parametrize(("hours", "severity"), [(20, None), (30, "warn"), (90, "refuse")])
def test_a_device_that_was_off_is_said_with_its_time(hours: int, severity: str | None) -> None:
    values = _values(4)
    values[3000 : 3000 + hours * 60] = 0
    found = [finding for finding in check(_week(values), FITTED, COUNTS) if finding.code == "flat_run"]
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    assert all("Thursday" in finding.message for finding in found)


@pytest.mark.parametrize(("worn", "severity"), [(0.5, None), (0.25, "warn"), (0.05, "refuse")])
def test_a_device_that_was_hardly_worn_is_warned_of_and_then_refused(worn: float, severity: str | None) -> None:
    clock = np.arange(WEEK) % 1440
    values = np.where(clock < worn * 1440, _values(5) + 1, 0)
    found = [finding for finding in check(_week(values), None, COUNTS) if finding.code == "nonwear"]
    assert [finding.severity for finding in found] == ([severity] if severity else [])


@pytest.mark.parametrize("unit", [COUNTS, UNKNOWN_UNIT])
@pytest.mark.parametrize("change", [np.log1p, np.log10, lambda x: x / 1000], ids=["log1p", "log10", "thousandths"])
def test_logarithms_and_other_scales_are_refused(unit: str, change) -> None:
    assert any(finding.severity == "refuse" for finding in check(_week(change(_values(6) + 1), unit), FITTED, COUNTS))


def test_values_far_too_large_for_the_standardizer_are_refused() -> None:
    assert "scale_large" in _codes(check(_week(_values(7) * 20), FITTED, COUNTS), "refuse")


def test_fractions_under_the_name_of_counts_are_warned_of() -> None:
    assert "not_whole" in _codes(check(_week(_values(8) + 0.3), FITTED, COUNTS), "warn")


def test_g_under_the_name_of_mg_is_warned_of() -> None:
    assert "looks_like_g" in _codes(check(_week(_values(8) / 4000, MG), None, None), "warn")


@pytest.mark.parametrize(("people", "severity"), [(9, "refuse"), (20, "warn"), (60, None)])
def test_a_standardizer_of_too_few_people_is_caught(people: int, severity: str | None) -> None:
    found = check(_week(), replace(FITTED, people=people), COUNTS)
    assert [finding.severity for finding in found if finding.code == "standardizer_people"] == ([severity] if severity else [])


def test_a_standardizer_that_varies_in_a_handful_of_minutes_is_refused() -> None:
    mean, scale = np.full(WEEK, 200, np.float32), np.full(WEEK, 400, np.float32)
    mean[:21] += np.arange(21)
    found = check(_week(), Standardizer(mean, scale, 5000, "somebody", COUNTS), COUNTS)
    assert "standardizer_spread" in _codes(found, "refuse")


def test_a_standardizer_of_another_length_is_refused_without_a_crash() -> None:
    assert "standardizer_length" in _codes(check(_week(), fit(PEOPLE[:, :100], "x", COUNTS), COUNTS), "refuse")


def test_refusals_come_first_and_every_finding_is_a_sentence() -> None:
    values = _values(9)
    values[:700] = np.nan
    values[3000:9000] = 0
    found = check(_week(values), replace(FITTED, people=20), MIMS, cohort_fitted=True)
    ranks = [("refuse", "warn", "note").index(finding.severity) for finding in found]
    assert ranks == sorted(ranks) and set(ranks) == {0, 1, 2}
    assert all(len(finding.message) > 30 and finding.message.endswith(".") for finding in found)


def test_standardized_values_pass_and_raw_ones_are_refused() -> None:
    assert check_standardized(apply(FITTED, _values(10)[None])[0]) == ()
    assert _codes(check_standardized(_values(10)), "refuse") == {"scale_large"}
    assert _codes(check_standardized(np.zeros((5, 3))), "refuse") == {"length"}
    assert _codes(check_standardized(np.zeros(WEEK)), "refuse") == {"constant"}
    assert _codes(check_standardized(np.full(WEEK, np.nan)), "refuse") == {"missing"}
    assert "scale_faint" in _codes(check_standardized(apply(FITTED, np.log1p(_values(10))[None])[0]), "refuse")


def test_shuffled_minutes_are_refused_raw_and_standardized() -> None:
    shuffled = np.random.default_rng(0).permutation(_values(10))
    assert _codes(check(_week(shuffled), FITTED, COUNTS), "refuse") == {"shuffled"}
    z = np.random.default_rng(1).permutation(apply(FITTED, _values(10)[None])[0])
    assert _codes(check_standardized(z), "refuse") == {"shuffled"}


def test_the_order_of_a_week_in_which_hardly_anything_moves_is_not_judged() -> None:
    still = np.zeros(WEEK)
    still[::500] = 300
    assert "shuffled" not in _codes(check(_week(still), None, None), "refuse")


def test_evenly_spread_values_hint_at_logarithms() -> None:
    assert _codes(check_standardized(np.random.default_rng(0).normal(0, 1, WEEK)), "warn") == {"scale_even"}


@pytest.mark.shared
def test_real_weeks_pass_raw_and_are_stopped_when_transformed() -> None:
    weeks = [_first(r) for r in real_study().recordings]
    weeks = [week for week in weeks if week is not None]
    own = fit(np.stack([week.values for week in weeks]), "real people", COUNTS)
    for week in weeks:
        assert not _codes(check(week, own, COUNTS), "refuse"), week.participant
        logged = replace(week, values=np.log1p(week.values), unit=UNKNOWN_UNIT)
        assert "scale_faint" in _codes(check(logged, own, COUNTS), "refuse")


def _first(recording: Recording) -> Week | None:
    try:
        return cut(recording, "midnight", first_only=True)[0]
    except WeekError:
        return None
