"""What would make a test look better than the model is, said before a training begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.cohorts.cohort_records import Origin
from pat_core.records import COUNTS, Week
from pat_core.wear import QualitySettings
from pat_core.weeks import report
from pat_core.workflows.learn.leakage import cycles_of, leaks
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.people.simulated_people import label_name, simulate_cohort, trait_of
from pat_core.workflows.read.worn_days import keep_quality_settings
from pat_core.workflows.week.labelled_weeks import RunRequest, as_named, labelled_people

START = datetime(2024, 1, 1)
REQUEST = RunRequest("r", "c", "group", "ill", "pat-s-simulated", "well")


def cohort(space: Workspace, weeks: dict[str, np.ndarray], group: dict[str, str], origin: Origin | None = None) -> Workspace:
    rows = [Week(name, 0, v, START, True, COUNTS, "ActiGraph GT3X", "midnight", report(v, COUNTS)) for name, v in weeks.items()]
    space.create_cohort("c", rows, {name: {"group": group[name]} for name in weeks}, origin=origin or Origin())
    return space


@pytest.fixture
def people(workspace, twenty_four):
    """Twelve ill and twelve well; of the well, five devices were off."""
    weeks = {f"p{at:03d}": week.copy() for at, week in enumerate(twenty_four.weeks)}
    group = {name: "ill" if at < 12 else "well" for at, name in enumerate(weeks)}
    for name in list(weeks)[12:17]:
        weeks[name][:] = 0
    return cohort(workspace, weeks, group)


def codes(space: Workspace, request: RunRequest = REQUEST, **card) -> dict[str, str]:
    start = resolve(space, "pat-s-simulated")
    return {leak.code: leak.message for leak in leaks(space, request, replace(start, card={**start.card, **card}))}


def test_weeks_refused_in_one_group_are_left_out_and_named_unless_they_are_asked_for(people):
    said = codes(people)["refused_by_group"]
    assert said.startswith("The input check refuses 5 of 12 weeks of “well”, but 0 of 12 of “ill” (mostly: every minute is zero).")
    assert "left out" in said and len(labelled_people(people, REQUEST).people) == 19
    kept = replace(REQUEST, unfit="keep")
    assert "They stay in, as was asked" in codes(people, kept)["refused_by_group"] and len(labelled_people(people, kept).people) == 24
    assert "unfit" not in REQUEST.as_spec() and RunRequest.from_spec(kept.as_spec()) == kept


def test_weeks_with_too_few_valid_days_take_part_and_are_counted(workspace, twenty_four):
    weeks = {f"p{at:03d}": week.copy() for at, week in enumerate(twenty_four.weeks)}
    for name in ("p003", "p020"):
        weeks[name][2 * 1440 :] = 0  # taken off after two days
        weeks[name][2 * 1440 + 397 :: 397] = 1
    space = cohort(workspace, weeks, {name: "ill" if at < 12 else "well" for at, name in enumerate(weeks)})
    said = codes(space)["few_days"]
    assert said.startswith("2 of 24 weeks have too few valid days, so their people get no answer.")
    assert len(labelled_people(space, REQUEST).people) == 24
    keep_quality_settings(space, QualitySettings(days_needed=1))
    assert "few_days" not in codes(space)


def test_a_cohort_of_the_cycle_that_an_encoder_was_pretrained_on_is_named(workspace, twenty_four):
    weeks = {f"{20000 + at}": week for at, week in enumerate(twenty_four.weeks)}
    cohort(workspace, weeks, {name: "ill" if at % 2 else "well" for at, name in enumerate(weeks)}, Origin(source="NHANES 2013-2014"))
    assert cycles_of(workspace.cohort("c")) == ("2013-2014",)
    said = codes(workspace, pretrained_on="NHANES 2003-2004, 2005-2006, 2011-2012, 2013-2014")["pretrained_on"]
    assert "NHANES 2013-2014" in said and "Its 21k version" in said
    assert "pretrained_on" not in codes(workspace, pretrained_on="NHANES 2003-2004, 2005-2006, 2011-2012")


def test_simulated_people_with_the_seed_of_the_pretraining_are_named(workspace):
    simulate_cohort(workspace, "c", 24, seed=1)
    request = replace(REQUEST, label="late wake", positive="planted", negative="not planted")
    assert "seed 1" in codes(workspace, request)["pretrained_on"]
    simulate_cohort(workspace, "other", 24, seed=7)
    assert codes(workspace, replace(request, cohort="other")) == {}


def test_names_that_look_like_parts_of_one_recording_are_named_and_ordinary_ones_are_not(workspace, twenty_four):
    parts = [f"P{at // 3 + 1:02d}_{at % 3 + 1}" for at in range(24)]
    group = {name: "ill" if at < 12 else "well" for at, name in enumerate(parts)}
    cohort(workspace, dict(zip(parts, twenty_four.weeks, strict=True)), group)
    assert "Names such as P01_1, P01_2, P01_3 look like parts" in codes(workspace)["parts_of_one"]


def test_ordinary_names_and_even_groups_have_nothing_to_be_known(workspace, twenty_four):
    names = [f"control_{at + 1}" for at in range(24)]
    cohort(
        workspace, dict(zip(names, twenty_four.weeks, strict=True)), {name: "ill" if at % 2 else "well" for at, name in enumerate(names)}
    )
    assert codes(workspace) == {}


def test_a_planted_trait_is_named_alike_where_people_are_simulated_and_where_they_are_learned_from(workspace):
    for trait in ("late_wake", "late_wake+night_activity", "none"):
        assert trait_of(label_name(trait)) == trait_of(trait) == trait
    simulate_cohort(workspace, "c", 12, seed=3)
    assert as_named(workspace, replace(REQUEST, label="late_wake")).label == "late wake"
    assert as_named(workspace, replace(REQUEST, label="late wake")).label == "late wake"


def test_windows_that_begin_at_other_times_of_day_in_one_group_are_said(workspace, twenty_four):
    hours = [9] * 12 + [9] * 5 + [15] * 7  # all of the ill at nine, of the well some
    rows = [
        Week(f"p{at:03d}", 0, week, START.replace(hour=hours[at]), True, COUNTS, "Actiwatch", "start", report(week, COUNTS))
        for at, week in enumerate(twenty_four.weeks)
    ]
    group = {row.participant: {"group": "ill" if at < 12 else "well"} for at, row in enumerate(rows)}
    workspace.create_cohort("c", rows, group)
    message = codes(workspace)["begins_apart"]
    assert "(half of them by: “well” 15:00 and “ill” 09:00)" in message and "with an AUC of 0.79 (0." in message
    workspace.create_cohort("midnight", [replace(row, start=START) for row in rows], group)
    assert "begins_apart" not in codes(workspace, replace(REQUEST, cohort="midnight"))
