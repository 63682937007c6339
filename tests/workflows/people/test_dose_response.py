"""What-if: the answer to an edited week is the network's own, and a week that is not changed has no change at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import UntrainedError, WeekError
from pat_core.records import COUNTS, MIMS, Week, WeekQuestion
from pat_core.weeks import apply, not_worn, report
from pat_core.weeks.edits import EDITS
from pat_core.workflows.explanations.unusual_weeks import NOT_YET
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import as_prediction, predict_logits
from pat_core.workflows.people.demo import COHORT, MODEL, ensure_demo
from pat_core.workflows.people.dose_response import _readings
from pat_core.workflows.people.participant_week import week_view
from pat_core.workflows.week.week_marks import lane_words, week_days, window_minutes, window_words
from pat_core.workflows.week.week_nights import week_nights
from tests.workflows.made import Told, curve_of, edited

WINDOW = (2280, 2400)
START = datetime(2024, 1, 3, 15, 37)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """(workspace, model): the demonstration, and "few" with a good week, one of zeros, one without a clock; one in MIMS."""
    space = Workspace(tmp_path_factory.mktemp("what-if") / "workspace")
    ensure_demo(space)
    values = np.array(space.weeks_array(COHORT)[0])
    weeks = [_week("counts", values, COUNTS), _week("off", np.zeros_like(values), COUNTS)]
    weeks.append(_week("half off", np.where(np.arange(10080) < 4500, 0, values + 1), COUNTS))
    weeks.append(replace(_week("no clock", values, COUNTS), start=None))
    space.create_cohort("few", weeks, {})
    space.create_cohort("other unit", [_week("mims", values / 100, MIMS)], {})
    return space, resolve(space, MODEL)


def _week(person: str, values: np.ndarray, unit: str) -> Week:
    values = values.astype(np.float32)
    return Week(person, 0, values, START, True, unit, None, "start", report(values, unit))


@pytest.mark.parametrize("name", EDITS)
def test_a_dose_of_zero_changes_nothing_at_all(demo, name):
    made = edited(*demo, COHORT, "sim-0001", edit=name, dose=0, window=WINDOW)
    assert made.change == 0.0 and made.changed_minutes == 0
    assert made.place_after == made.place_before


@pytest.mark.parametrize("dose", [-60, 60, 90, 180])
def test_minutes_that_an_edit_leaves_alone_stay_not_worn(demo, dose):
    recorded = not_worn(demo[0].week(COHORT, "sim-0001", 0))
    made = edited(*demo, COHORT, "sim-0001", edit="shift_wake", dose=dose)
    assert recorded.any() and made.changed.any()
    assert (made.nonwear | made.changed | ~recorded).all()


def test_the_curve_holds_the_very_answers_of_single_doses_and_zero_at_zero(demo):
    curve = curve_of(*demo, COHORT, "sim-0001", edit="shift_wake", doses=(-60, 0, 60))
    single = [edited(*demo, COHORT, "sim-0001", edit="shift_wake", dose=dose) for dose in (-60, 0, 60)]
    assert curve.changes.tolist() == [one.change for one in single] and curve.changes[1] == 0.0
    assert curve.distances.tolist() == [one.place_after.distance for one in single]
    assert curve.nearer.tolist() == [one.place_after.nearer for one in single]
    assert not curve.refused.any() and curve.changes[0] != 0 != curve.changes[2]


def test_waking_later_raises_the_score_of_a_model_that_was_trained_on_late_waking(demo):
    early = [person.participant for person in demo[0].people(COHORT) if person.labels["late wake"] == "not planted"][:8]
    changes = [edited(*demo, COHORT, person, edit="shift_wake", dose=120).change for person in early]
    assert np.mean(np.array(changes) > 0) >= 0.75 and np.median(changes) > 0.5


def test_before_and_after_are_what_the_page_of_one_person_would_say(demo):
    space, model = demo
    view = week_view(space, model, WeekQuestion(COHORT, "sim-0002"))
    made = edited(space, model, COHORT, "sim-0002", edit="damp_night", dose=1.0)
    assert made.before == view.prediction
    logit = float(predict_logits(model, apply(view.standardizer, made.edited.values[None]))[0])
    assert made.after == as_prediction(model, "sim-0002", 0, logit)
    assert np.array_equal(made.z, apply(view.standardizer, made.edited.values[None])[0])
    assert np.array_equal(made.changed, made.edited.values != view.week.values)
    assert made.changed_minutes == np.count_nonzero(made.edited.values != view.week.values) > 0
    assert made.edited.report == report(made.edited.values, COUNTS) and made.week.report == view.week.report


def test_nobody_is_compared_with_themselves(demo):
    assert edited(*demo, COHORT, "sim-0001", dose=0).whom == "the 39 other people of “Demo: simulated people”"


def test_with_too_few_people_no_distance_is_made_up_and_it_is_said_why(demo):
    made = edited(*demo, "few", "counts", edit="damp_night", dose=1.0)
    assert made.place_before is None and made.place_after is None and "at least 20" in made.whom
    curve = curve_of(*demo, "few", "counts", edit="damp_night")
    assert np.isnan(curve.distances).all() and np.isnan(curve.nearer).all() and np.isfinite(curve.changes).all()


def test_a_refused_week_is_edited_only_where_it_is_asked_for(demo):
    with pytest.raises(WeekError, match="Every minute is zero"):
        edited(*demo, "few", "off", edit="insert_nonwear", dose=60, window=WINDOW)
    with pytest.raises(WeekError, match="unfit for the model"):
        curve_of(*demo, "few", "off", edit="insert_nonwear", window=WINDOW)
    assert edited(*demo, "few", "off", edit="insert_nonwear", dose=60, window=WINDOW, anyway=True).change == 0.0


def test_doses_whose_week_is_refused_have_no_change_unless_asked_for(demo):
    asked = {"edit": "insert_nonwear", "window": (4500, 4501)}
    curve = curve_of(*demo, "few", "half off", **asked)
    assert curve.refused.tolist() == (4500 + curve.doses > 5040).tolist(), "more than half of the week without one change is refused"
    assert np.isnan(curve.changes).tolist() == curve.refused.tolist()
    assert edited(*demo, "few", "half off", dose=720, **asked).refused
    assert np.isfinite(curve_of(*demo, "few", "half off", **asked, anyway=True).changes).all()


def test_what_this_week_does_not_allow_is_said(demo):
    with pytest.raises(WeekError, match="unit"):
        edited(*demo, "other unit", "mims", edit="shift_wake", dose=60, anyway=True)
    with pytest.raises(WeekError, match="when it began"):
        edited(*demo, "few", "no clock", edit="swap_weekend", dose=1)
    with pytest.raises(WeekError, match="no edit called"):
        edited(*demo, COHORT, "sim-0001", edit="more_sport", dose=1)
    with pytest.raises(UntrainedError):
        edited(demo[0], resolve(demo[0], "random-small"), COHORT, "sim-0001")


def test_a_device_on_a_table_has_no_nights():
    random = np.random.default_rng(1)
    values = np.where(np.arange(10080) % 1440 < 420, random.choice([0, 20], 10080, p=[0.8, 0.2]), 300).astype(np.float32)
    values[1440 : 1440 + 420] = 0
    rest = week_nights(_week("one", values, COUNTS)).rest
    assert rest[30:390].all() and not rest[1440 : 1440 + 420].any() and rest[2880 + 30 : 2880 + 390].all()


def rests(*periods: tuple[int, int]) -> np.ndarray:
    rest = np.zeros(10080, bool)
    for first, end in periods:
        rest[first:end] = True
    return rest


def _napping(start: datetime | None, bed: int = 660) -> Week:
    """Noon to noon, in bed for 480 minutes from `bed`, with a nap of 190 minutes five hours after getting up."""
    random = np.random.default_rng(0)
    values = 300 + random.exponential(400, 10080).round().astype(np.float32)
    for first, length in ((bed, 480), (bed + 780, 190)):
        for day in range(-1, 7):
            place = np.arange(max(day * 1440 + first, 0), max(day * 1440 + first + length, 0))
            place = place[place < 10080]
            values[place] = np.where(place % 20, 0, random.integers(1, 30, place.size))
    return replace(_week("napper", values, COUNTS), start=start)


@pytest.mark.parametrize("bed", [0, 660])
@pytest.mark.parametrize("start", [datetime(2024, 1, 1, 12), None])
def test_edits_of_nights_work_on_the_nights_of_the_table_and_on_no_nap(demo, start, bed):
    """Who goes to bed at noon too: their sleep is moved as everybody's is."""
    space, model = demo
    week = _napping(start, bed)
    name = f"nap {bed} {start}"
    space.create_cohort(name, [week], {})
    made = edited(space, model, name, "napper", edit="damp_night", dose=1.0, anyway=True)
    told = week_nights(space.week(name, "napper")).report
    long = [night for night in told.nights if night.end - night.first > 400]
    assert len(long) >= 6 and len(told.naps) >= 5 and np.array_equal(made.rest, told.rest)
    assert made.changed.any() and not made.changed[~told.rest].any() and made.nights == len(told.nights)
    space.delete_cohort(name)


def test_the_devices_flags_go_with_an_edit_that_takes_it_off_or_moves_days(demo):
    space, model = demo
    values = np.array(space.weeks_array(COHORT)[0])
    flags = np.ones(10080, bool)
    flags[3 * 1440 : 4 * 1440] = False
    space.create_cohort("flags", [replace(_week("p", values, COUNTS), worn=flags)], {})
    off = edited(space, model, "flags", "p", edit="insert_nonwear", dose=480, window=(1000, 1001))
    assert off.nonwear[1000:1480].all() and off.nonwear[3 * 1440 : 4 * 1440].all() and "nonwear" not in {one.code for one in off.findings}
    moved = edited(space, model, "flags", "p", edit="swap_weekend", dose=1)
    assert moved.edited.worn.sum() == flags.sum() and not np.array_equal(moved.edited.worn, flags)
    assert np.array_equal(edited(space, model, "flags", "p", edit="damp_night", dose=1).edited.worn, flags)
    space.delete_cohort("flags")


def test_a_nap_is_not_moved_and_the_nights_that_are_moved_are_counted(demo):
    made = edited(*demo, COHORT, "sim-0001", edit="shift_wake", dose=90)
    nights = week_nights(made.week).in_bed
    ends = np.flatnonzero(nights[:-1] & ~nights[1:]) + 1
    assert made.nights == ends.size > 0 and made.room is None
    moved = rests(*((end, end + 90) for end in ends))
    assert made.changed.any() and not made.changed[~moved].any()


def test_by_default_the_curve_has_no_dose_that_the_end_of_the_week_cuts_short(demo):
    curve = curve_of(*demo, COHORT, "sim-0001", edit="insert_nonwear", window=(10080 - 600, 10080 - 599))
    assert curve.doses.tolist() == [0, 60, 120, 240, 360, 480]
    assert edited(*demo, COHORT, "sim-0001", edit="insert_nonwear", dose=1440, window=(9480, 9481)).room == 600


def test_a_curve_is_kept_and_its_places_come_when_the_people_were_read(tmp_path, monkeypatch):
    space = Workspace(tmp_path / "own")
    ensure_demo(space)
    asked = (space, resolve(space, MODEL), COHORT, "sim-0003")
    first = curve_of(*asked, edit="damp_night", only_kept=True)
    assert first.whom == NOT_YET and np.isnan(first.nearer).all() and np.isfinite(first.changes).all()
    assert edited(*asked, edit="damp_night", dose=1.0, only_kept=True).whom == NOT_YET
    edited(*asked, edit="damp_night", dose=1.0)
    monkeypatch.setattr("pat_core.workflows.people.dose_response._readings", None)
    second = curve_of(*asked, edit="damp_night", only_kept=True)
    assert second.changes.tolist() == first.changes.tolist() and np.isfinite(second.nearer).all()


def test_a_curve_of_another_version_of_the_gate_is_read_again(demo, monkeypatch):
    read = []
    monkeypatch.setattr("pat_core.workflows.people.dose_response._readings", lambda *of: read.append(1) or _readings(*of))
    for version in (0, 0, -1):
        monkeypatch.setattr("pat_core.workflows.people.dose_response.GATE_VERSION", version)
        curve_of(*demo, COHORT, "sim-0004", edit="damp_night", doses=(0, 1), only_kept=True)
    assert len(read) == 2


def test_progress_goes_on_to_the_last_dose(demo):
    told = Told()
    curve_of(*demo, COHORT, "sim-0005", edit="damp_night", progress=told)
    assert told.fractions == sorted(told.fractions) and 0.5 <= told.fractions[-1] < 1


def test_windows_are_found_by_the_wall_clock(demo):
    week = demo[0].week("few", "counts")
    assert week_days(week)[:2] == ("Wed 3 Jan", "Thu 4") and len(week_days(week)) == 8
    first, end = window_minutes(week, 1, 14 * 60, 16 * 60)
    assert (first, end) == (1440 - 937 + 840, 1440 - 937 + 960), "the week begins 937 minutes after midnight"
    assert window_words(week, first, end) == "Thu 4 Jan, 14:00 to 16:00" and window_words(week, first) == "Thu 4 Jan, 14:00"
    assert window_minutes(week, 1, 1380, 60) == (first + 540, first + 660), "an earlier end is of the next day"
    with pytest.raises(WeekError, match="goes from Wed 3 Jan, 15:37 to Wed 10 Jan, 15:36"):
        window_minutes(week, 0, 14 * 60, 16 * 60)
    with pytest.raises(WeekError, match="Choose another"):
        window_minutes(week, 7, 15 * 60, 16 * 60)
    assert lane_words(week, "midnight", first, end) == "Thu 4"
    assert lane_words(week, "noon", first - 180, end) == "Wed 3 Jan to Thu 4 and Thu 4 to Fri 5", "11:00 to 16:00"
    unknown = demo[0].week("few", "no clock")
    assert week_days(unknown)[0] == "Day 1" and window_minutes(unknown, 1, 60, 120) == (1500, 1560)
    assert window_words(unknown, 1500, 1560) == "Day 2, 1 h 0 min, 60 min long"
