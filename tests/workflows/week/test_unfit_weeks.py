"""Weeks that no model is to read: counted after an import, left out where people are compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.records import COUNTS, Week
from pat_core.weeks import report
from pat_core.workflows.learn.planned_split import split_before
from pat_core.workflows.week import cohort_weeks
from pat_core.workflows.week.cohort_weeks import unfit_words, why_unfit
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_people, labelled_weeks
from pat_core.workflows.week.week_nights import rhythm_spread, week_nights, week_rhythm

START = datetime(2024, 1, 1)


def a_week(name: str, values: np.ndarray) -> Week:
    values = np.asarray(values, np.float32)
    return Week(name, 0, values, START, True, COUNTS, None, "midnight", report(values, COUNTS))


@pytest.fixture
def weeks(twenty_four) -> dict[str, Week]:
    """Three who wore it, one device that never measured, one that always said the same, one worn for half a day of the week."""
    made = {f"p{number}": twenty_four.weeks[number] for number in range(3)}
    made |= {"zero": np.zeros(10080), "flat": np.full(10080, 5.0)}
    made |= {"shelf": np.where(np.arange(10080) < 720, twenty_four.weeks[0], 0)}
    return {name: a_week(name, values) for name, values in made.items()}


def test_a_week_is_unfit_for_its_values_without_any_model(weeks):
    assert {name: why_unfit(week) for name, week in weeks.items()} == {
        "p0": "",
        "p1": "",
        "p2": "",
        "zero": "all_zero",
        "flat": "constant",
        "shelf": "nonwear",
    }


def test_after_an_import_unfit_weeks_are_counted_with_their_reasons_and_the_count_is_kept(workspace, weeks, monkeypatch):
    workspace.create_cohort("ward", list(weeks.values()), {})
    said = unfit_words(workspace, "ward")
    assert said.startswith("The input check finds 3 of 6 weeks unfit for any model") and "every minute is zero: 1" in said
    monkeypatch.setattr(cohort_weeks, "check", lambda *_, **__: pytest.fail("counted before"))
    assert unfit_words(workspace, "ward") == said


@pytest.mark.parametrize(("days", "name"), [(3, "3-day window"), (7, "week"), (14, "14-day window")])
def test_unfit_windows_of_other_lengths_are_no_weeks_and_were_not_filled_up(workspace, twenty_four, days, name):
    values = np.concatenate([twenty_four.weeks[0], twenty_four.weeks[1]])[: days * 1440].copy()
    gone = values.copy()
    gone[-min(2 * 1440 + 60, days * 1440 // 2 - 1) :] = 0  # the device lay somewhere for its last days
    rows = {
        "worn": values,
        "zero": np.zeros(days * 1440),
        "gone": gone,
        "flat": np.where(np.arange(values.size) < 0.45 * values.size, values, 3),
    }
    groups = {who: {"group": "a" if who in ("worn", "zero") else "b"} for who in rows}
    workspace.create_cohort("ward", [a_week(who, row) for who, row in rows.items()], groups)
    left_out = labelled_people(workspace, RunRequest("run", "ward", "group", "a", "random-small")).left_out
    assert left_out.startswith(f"{2 if days == 3 else 3} {name}s are left out") and f"no other {name}, so" in left_out
    said = unfit_words(workspace, "ward")
    assert said.startswith(f"The input check finds {2 if days == 3 else 3} of 4 {name}s unfit for any model")
    assert "filled" not in said and ("week" in said) == (days == 7)
    reports = {who: week_nights(workspace.week("ward", who, 0)) for who in rows}
    assert reports["zero"].why == f"No nights are reported for this {name}: every minute is zero."


def test_nobody_trains_or_is_tested_on_an_unfit_week_and_it_is_said(workspace, weeks):
    later = replace(weeks["p1"], participant="zero", index=1)
    workspace.create_cohort("ward", [*weeks.values(), later], {name: {"group": "a" if name < "p2" else "b"} for name in weeks})
    asked = RunRequest("run", "ward", "group", "a", "random-small")
    first, every = (labelled_people(workspace, replace(asked, weeks=which)) for which in ("first", "all"))
    assert first.people.tolist() == every.people.tolist() == ["p0", "p1", "p2", "zero"]
    data, order = labelled_weeks(workspace, asked)
    assert data.indices().tolist() == [0, 0, 0, 1] and not (set(order.tolist()) & set(cohort_weeks.unfit_rows(workspace, "ward")))
    expected = (
        "3 weeks are left out: the input check finds them unfit for any model; 2 people have no other week, so they are left out as well."
    )
    assert first.left_out == data.left_out == expected
    assert first.left_out in split_before(workspace, asked).refused, "so few people cannot be split"
    workspace.create_cohort("fit", [weeks["p0"], weeks["p1"]], {"p0": {"group": "a"}, "p1": {"group": "b"}})
    assert labelled_people(workspace, replace(asked, cohort="fit")).left_out == ""


def test_where_every_week_is_fit_nothing_is_said(workspace, weeks):
    workspace.create_cohort("ward", [weeks["p0"], weeks["p1"]], {})
    assert unfit_words(workspace, "ward") == ""


def test_unfit_weeks_are_not_among_the_people_that_others_are_compared_with(workspace, weeks):
    workspace.create_cohort("ward", list(weeks.values()), {})
    spread = rhythm_spread(workspace, "ward")
    assert all(len(values) == 3 and np.isfinite(values).all() for values in spread.values())
    assert np.isnan(week_rhythm(weeks["shelf"]).sri) and np.isfinite(week_rhythm(weeks["p0"]).sri)
    workspace.create_cohort("shelves", [weeks["zero"], weeks["flat"]], {})
    assert all(len(values) == 0 for values in rhythm_spread(workspace, "shelves").values())
