"""The quality of a week in full, and marks put into effect."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT, Period, Recording, Week
from pat_core.wear import QualitySettings, Troiano, covered
from pat_core.weeks import apply_marks, cut, marked, not_worn, quality_report, report

DAY, WEEK = 1440, 10_080


def values_of(seed: int = 0) -> np.ndarray:
    """Counts of a person who is always awake: nothing there looks like non-wear."""
    return np.random.default_rng(seed).integers(1, 2000, WEEK).astype(np.float32)


def week_of(values: np.ndarray, unit: str = COUNTS, worn: np.ndarray | None = None) -> Week:
    return Week("p", 0, values, datetime(2024, 3, 4), True, unit, None, "start", report(values, unit, worn), worn)


def test_a_good_week_has_seven_valid_days_and_nothing_to_say():
    made = quality_report(week_of(values_of()))
    assert (made.valid_days, made.enough, made.nonwear, made.gaps, made.flat_tail_from) == (7, True, (), (), None)
    assert made.sentences == () and made.unit_guess == COUNTS
    assert [(day.first, day.hours_worn) for day in made.days] == [(day * DAY, 24) for day in range(7)]


def test_worn_missing_and_not_worn_hours_make_a_day():
    values = values_of()
    values[DAY : DAY + 300] = 0
    values[DAY + 400 : DAY + 1000] = np.nan
    made = quality_report(week_of(values))
    assert (made.days[1].hours_worn, made.days[1].hours_missing) == ((DAY - 900) / 60, 10)
    assert made.nonwear == (Period(DAY, DAY + 300, "Choi 2011"),) and made.gaps == (Period(DAY + 400, DAY + 1000),)
    assert not made.days[1].valid and made.valid_days == 6 and not made.enough
    assert quality_report(week_of(values), QualitySettings(days_needed=6)).enough
    assert quality_report(week_of(values), QualitySettings(hours_a_day=9)).valid_days == 7


def test_the_stored_report_has_the_same_valid_days_tail_and_saturation_as_the_full_one():
    for seed in range(5):
        values, draw = values_of(seed), np.random.default_rng(seed)
        for first in draw.integers(0, WEEK, 6):
            values[first : first + draw.integers(60, 900)] = draw.choice([0.0, np.nan])
        values = np.minimum(values, 1500)
        values[WEEK - 800 * (seed % 2) :] = 3
        full, short = quality_report(week_of(values)), report(values, COUNTS)
        assert short.valid_days == full.valid_days and short.saturated_share == full.saturated_share > 0
        assert short.flat_tail_minutes == (0 if full.flat_tail_from is None else WEEK - full.flat_tail_from)


def test_a_flat_tail_is_said_first_with_the_day_it_begins():
    values = values_of()
    values[5 * DAY + 120 :] = 0
    made = quality_report(week_of(values))
    assert made.flat_tail_from == 5 * DAY + 120 and made.valid_days == 5
    assert "last 1 day 22 hours (from day 6, 2 h into it)" in made.sentences[0]


def test_values_at_a_ceiling_are_said_with_it():
    made = quality_report(week_of(np.minimum(values_of(), 1200)))
    assert made.ceiling == 1200 and any("are at 1,200" in sentence for sentence in made.sentences)


def test_the_unit_is_held_against_the_values_and_against_the_model():
    values = values_of()
    assert any("values look like counts/min" in one for one in quality_report(week_of(values, UNKNOWN_UNIT)).sentences)
    assert any("file says MIMS/min, but" in one for one in quality_report(week_of(values, MIMS)).sentences)
    assert any("The model learned from MIMS/min" in one for one in quality_report(week_of(values), model_unit=MIMS).sentences)
    assert any("looks like counts/min" in one for one in quality_report(week_of(values, UNKNOWN_UNIT), model_unit=MIMS).sentences)
    assert quality_report(week_of(values), model_unit=COUNTS).sentences == ()


def test_flags_and_notes_of_a_recording_come_with_its_weeks():
    flags = np.ones(2 * WEEK + 5, bool)
    flags[WEEK + 100 : WEEK + 160] = False
    values = np.concatenate([values_of(1), values_of(2), values_of(3)[:5]])
    weeks = cut(Recording("p", values, datetime(2024, 3, 4), unit=COUNTS, worn=flags, notes=("A gap was filled.",)))
    assert [week.notes for week in weeks] == [("A gap was filled.",)] * 2
    assert weeks[0].worn.all() and np.flatnonzero(~weeks[1].worn).tolist() == list(range(100, 160))
    assert quality_report(weeks[1]).nonwear == (Period(100, 160, "device"),)
    assert np.flatnonzero(not_worn(weeks[1])).tolist() == list(range(100, 160))


def test_marks_take_minutes_out_and_are_told_from_gaps():
    values = values_of()
    values[0:60] = np.nan
    week = apply_marks(week_of(values), (Period(100, 200, "exclude"), Period(150, 300, "non-wear"), Period(400, 500, "rest")))
    assert np.flatnonzero(np.isnan(week.values)).tolist() == [*range(60), *range(100, 300)]
    assert week.report.minutes_missing == 260
    made = quality_report(week)
    assert made.gaps == (Period(0, 60),) and made.excluded == (Period(100, 200, "exclude"),)
    assert made.nonwear == (Period(150, 300, "by hand"),)
    assert made.days[0].hours_worn == pytest.approx((DAY - 260) / 60)
    assert np.flatnonzero(marked(week, "rest")).tolist() == list(range(400, 500))
    assert np.flatnonzero(not_worn(week)).tolist() == list(range(150, 300))


def test_a_week_without_marks_is_itself_and_marking_leaves_the_given_week_alone():
    week = week_of(values_of())
    assert apply_marks(week, ()) is week
    apply_marks(week, (Period(0, 10, "exclude"),))
    assert np.isfinite(week.values).all()


def test_what_is_not_worn_is_one_mask_by_rule_flags_tail_settings_and_hand():
    values, flags = values_of(), np.ones(WEEK, bool)
    values[2000:2126] = 0
    values[4000:4070] = 0
    values[9000:] = 3
    week = apply_marks(week_of(values, worn=flags), (Period(100, 200, "non-wear"),))
    believed, doubted = QualitySettings(), QualitySettings(trust_flags=False, rule=Troiano())
    assert np.flatnonzero(not_worn(week)).tolist() == [*range(100, 200), *range(9000, WEEK)]
    ruled = [*range(2000, 2126), *range(4000, 4070)]
    assert np.flatnonzero(not_worn(week, doubted)).tolist() == [*range(100, 200), *ruled, *range(9000, WEEK)]
    for settings in (believed, doubted):
        made = quality_report(week, settings)
        assert np.array_equal(not_worn(week, settings), covered(made.nonwear, WEEK))
    assert week.report.nonwear_share == pytest.approx((WEEK - 9000) / WEEK), "what was marked is missing, not non-wear, in the figures"


@pytest.mark.parametrize("unit", [MG, MIMS, STEPS])
def test_where_no_rule_holds_and_no_flag_tells_wear_is_not_known(unit):
    draw = np.random.default_rng(5)
    values = draw.exponential(19, WEEK).astype(np.float32).clip(0.2, 240)
    values[2 * DAY : 6 * DAY] = 0.4 + 0.1 * draw.random(4 * DAY)  # on a table, which hums
    made = quality_report(week_of(values, unit))
    assert (made.valid_days, made.enough, week_of(values, unit).report.valid_days) == (None, False, None)
    assert {day.hours_worn for day in made.days} == {None} and not any(day.valid for day in made.days)
    assert any("It is unknown when the device was worn" in one for one in made.sentences)
    assert week_of(values, unit).report.nonwear_share is None and not not_worn(week_of(values, unit)).any()
    flags = np.ones(WEEK, bool)
    flags[2 * DAY : 6 * DAY] = False
    told = week_of(values, unit, flags)
    assert quality_report(told).valid_days == told.report.valid_days == 3 and told.report.nonwear_share == pytest.approx(4 / 7)
    assert quality_report(told, QualitySettings(trust_flags=False)).valid_days is None


def test_an_unknown_unit_is_judged_where_it_can_be_counts_alone():
    whole = values_of()
    whole[:600] = 0
    assert quality_report(week_of(whole, UNKNOWN_UNIT)).days[0].hours_worn == 14
    assert quality_report(week_of(np.float32(0.37) * whole, UNKNOWN_UNIT)).valid_days is None


@pytest.mark.parametrize("said", [MG, MIMS])
@pytest.mark.parametrize(("mean", "largest"), [(16, 134), (22, 240), (60, 900)])
def test_mg_and_mims_are_never_said_to_look_like_one_another(said, mean, largest):
    draw = np.random.default_rng(mean)
    values = (draw.exponential(mean, WEEK) * np.where(draw.random(WEEK) < 0.05, 3, 1)).clip(0.1, largest).astype(np.float32)
    assert not any("look like" in one for one in quality_report(week_of(values, said)).sentences)
