"""Marks by hand: what is marked is no longer read, by anybody, and taking a mark back gives the former answer again."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import ExplanationError, WorkspaceError
from pat_core.records import COUNTS, MIMS, Note, Period, Week, WeekQuestion
from pat_core.reports import cohort_tables
from pat_core.wear import QualitySettings, Troiano
from pat_core.weeks import apply, marked, report
from pat_core.workflows.explanations.map_quality import sealed
from pat_core.workflows.explanations.week_maps import explain_week
from pat_core.workflows.models import predictions
from pat_core.workflows.models.model_entries import models
from pat_core.workflows.models.predictions import cohort_standardizer, predict_cohort, predict_logits, read_week
from pat_core.workflows.people import participants_table
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.people.participant_week import receipt, week_view
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.read.worn_days import keep_quality_settings, quality_settings, week_quality
from pat_core.workflows.receipts.receipt_check import check_receipt
from pat_core.workflows.week import cohort_weeks
from pat_core.workflows.week.cohort_weeks import unfit_rows
from pat_core.workflows.week.week_marks import add_mark, last_marker, marks_table, undo_mark, week_marks
from pat_core.workflows.week.week_nights import rhythm_spread, week_nights

WHO = "sim-0001"
MORNING = Period(600, 1200, "exclude")


@pytest.fixture
def marking(demo):
    """Marks a period of the first person's week, and takes everything back in the end."""

    def mark(period: Period):
        return add_mark(demo, COHORT, (WHO, 0), period, who="Ada", why="another person wore it")

    yield mark
    for one in demo.marks(COHORT):
        if one.in_force:
            undo_mark(demo, one.id, who="Ada")


def test_the_answer_is_of_the_week_without_the_marked_minutes_and_comes_back_when_the_mark_is_taken_back(demo, model, marking):
    before = week_view(demo, model, WeekQuestion(COHORT, WHO))
    mark = marking(MORNING)
    view = week_view(demo, model, WeekQuestion(COHORT, WHO))
    values = before.week.values.copy()
    values[600:1200] = np.nan
    np.testing.assert_array_equal(view.week.values, values)
    np.testing.assert_array_equal(view.z, apply(model.standardizer, values[None])[0])
    assert view.prediction.logit == predict_logits(model, view.z[None])[0] != before.prediction.logit
    undo_mark(demo, mark.id, who="Grace", why="it was her after all")
    again = week_view(demo, model, WeekQuestion(COHORT, WHO))
    assert again.prediction == before.prediction and again.week.report == before.week.report


def test_the_list_of_people_says_what_the_page_of_one_says_with_marks_and_after_them(demo, model, marking):
    first = {one.row.participant: one.prediction.logit for one in predict_cohort(demo, model, COHORT)}
    mark = marking(MORNING)
    listed = {one.row.participant: one.prediction.logit for one in predict_cohort(demo, model, COHORT)}
    assert listed[WHO] == pytest.approx(week_view(demo, model, WeekQuestion(COHORT, WHO)).prediction.logit, abs=1e-5)
    assert [who for who in first if listed[who] != first[who]] == [WHO]
    undo_mark(demo, mark.id, who="Ada")
    assert {one.row.participant: one.prediction.logit for one in predict_cohort(demo, model, COHORT)} == first


def test_a_week_that_marks_alter_is_missing_from_what_is_predicted_until_it_was_read_once_with_them(demo, model, marking, monkeypatch):
    entry = next(one for one in models(demo) if one.reference == MODEL)

    def missing() -> int:
        return participants_table.predictions_missing(demo, entry, COHORT, "model")

    before = predict_cohort(demo, model, COHORT)
    marking(Period(0, 300, "rest"))
    assert missing() == 0, "rest leaves the answer as it was"
    mark = marking(Period(2000, 2600, "exclude"))
    assert missing() == 1
    listed = predict_cohort(demo, model, COHORT)
    assert missing() == 0 and listed[0].prediction != before[0].prediction
    monkeypatch.setattr(predictions, "predict_logits", lambda *_: pytest.fail("read through the model again"))
    assert [one.prediction for one in predict_cohort(demo, model, COHORT)] == [one.prediction for one in listed]
    undo_mark(demo, mark.id, who="Ada")
    assert missing() == 0
    assert [one.prediction for one in predict_cohort(demo, model, COHORT)] == [one.prediction for one in before]


def test_the_cohorts_own_standardizer_stays_that_of_the_weeks_as_they_came_in(demo, model, marking):
    before = cohort_standardizer(demo, COHORT, model, "cohort")
    marking(Period(0, 10_080, "exclude"))
    after = cohort_standardizer(demo, COHORT, model, "cohort")
    np.testing.assert_array_equal(before.mean, after.mean)


def test_the_input_check_looks_at_the_marked_week_wherever_it_is_asked(demo, model, marking):
    by = cohort_standardizer(demo, COHORT, model, "model")
    rows = demo.week_rows(COHORT)
    before = cohort_weeks.cohort_findings(demo, model, COHORT, rows, "model", by)
    assert not unfit_rows(demo, COHORT)
    marking(Period(0, 6000, "exclude"))
    rows = demo.week_rows(COHORT)
    after = cohort_weeks.cohort_findings(demo, model, COHORT, rows, "model", by)
    assert "missing" in {finding.code for finding in after[0]} and after[1:] == before[1:]
    assert after[0] == week_view(demo, model, WeekQuestion(COHORT, WHO)).findings
    assert list(unfit_rows(demo, COHORT).values()) == ["missing"]
    assert week_view(demo, model, WeekQuestion(COHORT, WHO)).refused and read_week(demo, model, WeekQuestion(COHORT, WHO)).refused


def test_after_a_mark_the_input_check_looks_at_that_week_alone(demo, model, marking, monkeypatch):
    by, looked = cohort_standardizer(demo, COHORT, model, "model"), []
    cohort_weeks.cohort_findings(demo, model, COHORT, demo.week_rows(COHORT), "model", by)
    marking(MORNING)
    plain = cohort_weeks.findings
    monkeypatch.setattr(cohort_weeks, "findings", lambda week, *rest: (looked.append(week.participant), plain(week, *rest))[1])
    found = cohort_weeks.cohort_findings(demo, model, COHORT, demo.week_rows(COHORT), "model", by)
    assert looked == [WHO] and found[0] == week_view(demo, model, WeekQuestion(COHORT, WHO)).findings


def test_maps_and_rhythms_are_made_again_with_a_mark(demo, model, marking):
    before, spread = explain_week(demo, model, WeekQuestion(COHORT, WHO), "rollout"), rhythm_spread(demo, COHORT)
    marking(MORNING)
    assert not np.array_equal(explain_week(demo, model, WeekQuestion(COHORT, WHO), "rollout").values, before.values, equal_nan=True)
    again = rhythm_spread(demo, COHORT)
    assert again["m10"][0] != spread["m10"][0]
    np.testing.assert_array_equal(again["m10"][1:], spread["m10"][1:])


def test_marked_rest_overrides_the_estimate_and_leaves_the_answer_as_it_was(demo, model, marking):
    before = week_view(demo, model, WeekQuestion(COHORT, WHO))
    night = int(np.flatnonzero(before.sleep)[0])
    marking(Period(night + 60, night + 120, "rest"))
    view = week_view(demo, model, WeekQuestion(COHORT, WHO))
    assert view.prediction == before.prediction
    assert not view.sleep[night : night + 60].any() and view.sleep[night + 60 : night + 120].all()
    np.testing.assert_array_equal(view.sleep, view.nights.report.rest | marked(view.week, "rest"))


def test_rest_can_be_marked_where_the_unit_allows_no_estimate(workspace):
    values = np.random.default_rng(0).gamma(1.0, 9.0, 10_080).astype(np.float32)
    workspace.create_cohort("m", [Week("p", 0, values, None, True, MIMS, None, "start", report(values, MIMS))], {})
    assert week_nights(workspace.week("m", "p")).rest is None and week_nights(workspace.week("m", "p")).in_bed is None
    add_mark(workspace, "m", ("p", 0), Period(10, 500, "rest"), who="Ada", why="diary")
    add_mark(workspace, "m", ("p", 0), Period(600, 700, "rest"), who="Ada", why="nap")
    found = week_nights(workspace.week("m", "p"))
    assert np.flatnonzero(found.rest).tolist() == [*range(10, 500), *range(600, 700)]
    assert np.flatnonzero(found.in_bed).tolist() == list(range(10, 500))


def test_the_receipt_names_the_marks_and_fits_only_while_they_hold(demo, model, marking):
    plain = receipt(week_view(demo, model, WeekQuestion(COHORT, WHO)), model, [])
    assert "marks" not in plain
    mark = marking(MORNING)
    made = receipt(week_view(demo, model, WeekQuestion(COHORT, WHO)), model, [])
    said = {"first": 600, "end": 1200, "kind": "exclude", "who": mark.who, "why": mark.why, "made": mark.created.isoformat()}
    assert made["marks"] == [said] and mark.who and mark.why and made["week_sha256"] != plain["week_sha256"]
    for name in said:
        other = said | {name: 1300 if name in ("first", "end") else f"{said[name]}x"}
        with pytest.raises(ExplanationError, match=rf"marks\[0\].{name}"):
            check_receipt(json.dumps(sealed(made | {"marks": [other]})), demo)
    assert check_receipt(json.dumps(made), demo).fits
    with pytest.raises(ExplanationError, match="week_sha256"):
        check_receipt(json.dumps(plain), demo)
    undo_mark(demo, mark.id, who="Ada")
    assert check_receipt(json.dumps(plain), demo).fits


def test_marked_non_wear_is_shaded_as_not_worn(demo, model, marking):
    marking(Period(600, 700, "non-wear"))
    assert week_view(demo, model, WeekQuestion(COHORT, WHO)).nonwear[600:700].all()


def test_the_list_of_marks_says_who_when_why_and_who_took_it_back(demo, marking):
    there = len(week_marks(demo, COHORT, (WHO, 0)))
    mark = marking(MORNING)
    undo_mark(demo, mark.id, who="Grace", why="it was her after all")
    marks = week_marks(demo, COHORT, (WHO, 0))
    table = marks_table(demo.week(COHORT, WHO), marks)
    assert len(table) == there + 1
    last = table.iloc[-1]
    assert (last["Mark"], last["By"], last["Why"]) == ("exclude", "Ada", "another person wore it")
    assert last["From and until"].endswith("10:00 to 20:00") and last["Taken back"].startswith("by Grace, 2")
    assert last["Taken back"].endswith("it was her after all") and last["When"] == mark.created
    assert last_marker(demo) == "Grace"


def test_a_mark_without_a_reason_is_refused(demo):
    with pytest.raises(WorkspaceError, match="Expected a reason"):
        add_mark(demo, COHORT, (WHO, 0), MORNING, who="Ada", why="")


def test_quality_is_judged_by_the_settings_of_the_workspace(workspace):
    values = np.random.default_rng(0).integers(1, 900, 10_080).astype(np.float32)
    values[:900] = 0
    workspace.create_cohort("c", [Week("p", 0, values, datetime(2024, 1, 1), True, COUNTS, None, "start", report(values, COUNTS))], {})
    assert quality_settings(workspace) == QualitySettings()
    made = week_quality(workspace, workspace.week("c", "p"))
    assert (made.valid_days, made.enough) == (6, False) and made.nonwear[0].kind == "Choi 2011"
    keep_quality_settings(workspace, QualitySettings(rule=Troiano(spike=1), hours_a_day=8, days_needed=5))
    assert quality_settings(Workspace(workspace.folder)) == QualitySettings(rule=Troiano(spike=1), hours_a_day=8, days_needed=5)
    other = week_quality(workspace, workspace.week("c", "p"), MIMS)
    assert (other.valid_days, other.enough) == (7, True) and other.nonwear[0].kind == "Troiano 2008"
    assert any("The model learned from MIMS/min" in one for one in other.sentences)


def test_what_was_mended_on_the_way_in_is_in_the_report_and_stays_with_the_cohort(workspace, twenty_four, tmp_path):
    for person, values in zip(twenty_four.participants[:2], twenty_four.weeks, strict=False):
        stamps = pd.date_range("2024-01-01", periods=2 * 10_080, freq="30s")
        table = pd.DataFrame({"participant": person, "timestamp": stamps, "counts": np.repeat(values, 2)})
        table.to_csv(tmp_path / f"{person}.csv", index=False)
    files = sorted(tmp_path.glob("*.csv"))
    done = import_recordings(workspace, files, "people")
    assert {note.what for note in done.notes} == set(twenty_four.participants[:2])
    assert done.notes == workspace.notes("people")
    assert "sim-0001, sim-0002: Epochs of 30 seconds were summed to minutes." in cohort_tables.note_lines(done.notes)
    many = [Note(str(number), "Said of many.") for number in range(1200)]
    assert cohort_tables.note_lines([Note("one", "Said of one."), *many]) == ["1,200 recordings: Said of many.", "one: Said of one."]
