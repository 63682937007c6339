"""A prediction is what the network says of the standardized week, and nothing else."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import torch

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled, UntrainedError, WeekError, WorkspaceError
from pat_core.records import COUNTS, Period, Week, WeekQuestion
from pat_core.simulate import simulate
from pat_core.wear import QualitySettings
from pat_core.weeks import apply, fit, report, standardizer_sha
from pat_core.workflows.explanations.week_maps import explain_week
from pat_core.workflows.models import predictions
from pat_core.workflows.models.model_entries import models, resolve
from pat_core.workflows.models.predictions import cohort_standardizer, predict_cohort
from pat_core.workflows.people import participant_week
from pat_core.workflows.people.participant_week import week_table, week_view
from pat_core.workflows.people.participants_table import participants_table, predictions_missing
from pat_core.workflows.read import worn_days
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week import cohort_weeks
from pat_core.workflows.week.week_marks import add_mark, undo_mark
from tests.workflows.made import Told, weeks_file, worn_for


@pytest.fixture(scope="module")
def model(trained):
    return resolve(trained[0], "late risers")


@pytest.fixture(scope="module")
def predicted(trained, model):
    return predict_cohort(trained[0], model, "people")


def test_logits_are_those_of_the_network_on_weeks_standardized_by_the_model(predicted, model, twenty_four):
    with torch.no_grad():
        wanted = model.network(torch.from_numpy(apply(model.standardizer, twenty_four.weeks))).numpy()
    np.testing.assert_allclose([one.prediction.logit for one in predicted], wanted, atol=1e-5)


def test_the_cohorts_own_standardizer_is_fitted_on_the_cohort(trained, model, twenty_four):
    made = predict_cohort(trained[0], model, "people", "cohort")
    z = apply(fit(twenty_four.weeks, "people", "counts/min"), twenty_four.weeks)
    with torch.no_grad():
        np.testing.assert_allclose([one.prediction.logit for one in made], model.network(torch.from_numpy(z)).numpy(), atol=1e-4)


def test_probabilities_are_corrected_to_the_training_prevalence(predicted, model):
    prevalence = model.card["prevalence"]
    for one in predicted:
        odds = one.prediction.probability / (1 - one.prediction.probability)
        raw = one.prediction.probability_raw / (1 - one.prediction.probability_raw)
        assert odds == pytest.approx(raw * prevalence / (1 - prevalence), rel=1e-6)


def test_what_was_predicted_before_is_read_back_without_the_network(trained, model, predicted, monkeypatch):
    def never(*_):
        raise AssertionError("predicted again")

    monkeypatch.setattr(predictions, "predict_logits", never)
    assert predict_cohort(trained[0], model, "people") == predicted
    entry = next(entry for entry in models(trained[0]) if entry.reference == "late risers")
    assert predictions_missing(trained[0], entry, "people", "model") == 0


def test_a_model_without_a_head_gives_no_prediction(trained):
    with pytest.raises(UntrainedError, match="no trained head"):
        predict_cohort(trained[0], resolve(trained[0], "pat-s-simulated"), "people")


def test_a_standardizer_that_is_not_there_is_never_replaced_by_another(trained, model):
    bare = replace(model, standardizer=None)
    with pytest.raises(WeekError, match="no standardizer of its own"):
        predict_cohort(trained[0], bare, "people", "model")


def test_fewer_people_than_a_standardizer_needs_are_refused(workspace, twenty_four, model, tmp_path):
    import_recordings(workspace, [weeks_file(tmp_path / "few.npz", twenty_four, slice(0, 9))], "few")
    with pytest.raises(WeekError, match="10"):
        predict_cohort(workspace, model, "few", "cohort")
    assert len(predict_cohort(workspace, model, "few", "model")) == 9


def test_the_part_a_person_had_in_training_is_that_of_the_run(trained, predicted):
    split = json.loads((trained[1].folder / "split.json").read_text())
    assert {one.row.participant: one.split for one in predicted} == split
    assert set(split.values()) == {"train", "validation", "test"}
    assert {one.row.participant for one in predicted if one.held_out is not None} == {who for who, part in split.items() if part == "test"}


def parts(trained) -> dict[str, str]:
    return json.loads((trained[1].folder / "split.json").read_text())


def test_people_of_another_cohort_are_told_by_their_weeks_and_not_by_their_names(trained, model, workspace, twenty_four, tmp_path):
    others = weeks_file(tmp_path / "others.npz", simulate(24, seed=77))
    import_recordings(workspace, [others], "people")
    assert {one.split for one in predict_cohort(workspace, model, "people")} == {None}
    import_recordings(workspace, [weeks_file(tmp_path / "same.npz", twenty_four)], "same")
    learned = {name for name, part in parts(trained).items() if part != "test"}
    assert {one.row.participant for one in predict_cohort(workspace, model, "same") if one.split == "copy"} == learned


@pytest.fixture
def copied(trained, tmp_path):
    """The workspace with its run, to change something in."""
    shutil.copytree(trained[0].folder, tmp_path / "copy")
    return Workspace(tmp_path / "copy")


def test_a_cohort_that_was_made_again_has_no_test_of_its_own_and_the_model_still_knows_whom_it_learned_from(
    trained, copied, model, twenty_four, tmp_path
):
    assert {one.split for one in predict_cohort(copied, model, "people")} == {"train", "validation", "test"}
    copied.delete_cohort("people")
    import_recordings(copied, [weeks_file(tmp_path / "again.npz", twenty_four)], "people")
    made = predict_cohort(copied, model, "people")
    told = {name: None if part == "test" else "copy" for name, part in parts(trained).items()}
    assert {one.row.participant: one.split for one in made} == told and not any(one.held_out for one in made)
    view = week_view(copied, model, WeekQuestion("people", "sim-0001"))
    assert (view.split, view.held_out) == (told["sim-0001"], None)


def test_once_a_run_is_deleted_its_people_are_not_taken_for_unseen(trained, copied, model):
    copied.delete_run("late risers")
    told = {name: "unknown" if part == "test" else "train" for name, part in parts(trained).items()}
    assert {one.row.participant: one.split for one in predict_cohort(copied, model, "people")} == told
    assert week_view(copied, model, WeekQuestion("people", "sim-0001")).split == told["sim-0001"]
    bare = replace(model, card={key: value for key, value in model.card.items() if key != "traces"})  # of before they were kept
    assert {one.split for one in predict_cohort(copied, bare, "people")} == {"unknown"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda table: table.drop(columns="week", errors="ignore"), True),
        (lambda table: table.assign(week=0), True),
        (lambda table: table.assign(week=1), False),
    ],
)
def test_a_held_out_answer_belongs_to_the_week_that_was_tested(copied, model, change, told):
    file = copied.run("late risers").folder / "test.csv"
    table = pd.read_csv(file)
    change(table).to_csv(file, index=False)
    made = {one.row.participant: one.held_out for one in predict_cohort(copied, model, "people")}
    wanted = dict(zip(table["participant"], table["logit"], strict=True))
    for person, value in made.items():
        if told and person in wanted:
            odds = np.log(value / (1 - value)) - np.log(model.card["prevalence"] / (1 - model.card["prevalence"]))
            assert odds == pytest.approx(wanted[person], abs=1e-5)
        else:
            assert value is None
    view = week_view(copied, model, WeekQuestion("people", table["participant"][0]))
    assert view.held_out == made[table["participant"][0]]


def test_a_held_out_answer_is_of_the_minutes_that_are_read_and_not_of_those_that_marks_have_taken_away(copied, model):
    def told() -> tuple:
        made = {one.row.participant: one.held_out for one in predict_cohort(copied, model, "people")}
        return made, week_view(copied, model, WeekQuestion("people", person)).held_out

    table = pd.read_csv(copied.run("late risers").folder / "test.csv", keep_default_na=False)
    person, others = table["participant"][0], set(table["participant"][1:])
    assert (table["marked_away"] == "").all()
    before = told()
    assert before[0][person] == before[1] is not None
    add_mark(copied, "people", (person, 0), Period(300, 360, "rest"), who="Ada", why="diary")
    assert told() == before
    mark = add_mark(copied, "people", (person, 0), Period(300, 3000, "exclude"), who="Ada", why="lent to a friend")
    made, of_page = told()
    assert made[person] is None and of_page is None and all(made[who] == before[0][who] for who in others)
    with_marks = table.assign(marked_away=["exclude 300 to 3000", *[""] * len(others)])
    with_marks.to_csv(copied.run("late risers").folder / "test.csv", index=False)
    assert told() == before, "trained with this very mark, the answer is of what is read"
    undo_mark(copied, mark.id, who="Ada")
    assert told()[0][person] is None


def test_of_several_weeks_the_standardizer_and_the_table_take_each_persons_first(workspace, twenty_four, model, tmp_path):
    both = np.concatenate([twenty_four.weeks[:12], twenty_four.weeks[12:]], axis=1)
    both[3, :10080] = np.nan
    import_recordings(workspace, [weeks_file(tmp_path / "two.npz", twenty_four, slice(0, 12), weeks=both)], "people")
    first = twenty_four.weeks[:12].copy()
    first[3] = twenty_four.weeks[15]
    made = cohort_standardizer(workspace, "people", model, "cohort")
    np.testing.assert_array_equal(made.mean, fit(first, "", "").mean)
    assert made.people == 12
    table = participants_table(workspace, "people", predict_cohort(workspace, model, "people"))
    assert list(table["Participant"]) == list(twenty_four.participants[:12])


def test_a_table_without_people_keeps_its_columns(trained, predicted):
    whole = participants_table(trained[0], "people", predicted, "group")
    empty = participants_table(trained[0], "people", [], "group")
    assert len(empty) == 0 and list(empty.columns) == list(whole.columns)


def test_the_list_counts_people_of_neither_group_of_the_model_among_what_is_to_know(trained, model, predicted):
    plain = participants_table(trained[0], "people", predicted, "group")
    side = plain["group"].iloc[0]
    strange = replace(model, card=model.card | {"label": "group", "positive": "another", "negative": side, "target": None})
    counted = participants_table(trained[0], "people", predict_cohort(trained[0], strange, "people"), "group")
    more = [after != before for before, after in zip(plain["Quality"], counted["Quality"], strict=True)]
    assert more == [group != side for group in plain["group"]] and any(more)


def test_predictions_are_stored_many_at_once_and_none_is_lost_when_the_reader_cancels(workspace, twenty_four, model, tmp_path, monkeypatch):
    import_recordings(workspace, [weeks_file(tmp_path / "a.npz", twenty_four)], "people")
    stored = []
    save = workspace.save_predictions
    monkeypatch.setattr(workspace, "save_predictions", lambda *given: (stored.append(len(given[3])), save(*given)))

    class Stopped(Told):
        def at(self, fraction: float, message: str) -> None:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        predict_cohort(workspace, model, "people", progress=Stopped())
    told = Told()
    predict_cohort(workspace, model, "people", progress=told)
    assert stored == [predictions.WEEKS_AT_ONCE, 24 - predictions.WEEKS_AT_ONCE]
    assert told.fractions == sorted(told.fractions) and told.fractions[0] > 0 and told.fractions[-1] <= 1
    assert predictions.KEPT_AT_ONCE >= 512


def test_the_input_of_a_cohort_is_looked_at_once(trained, model, predicted, monkeypatch):
    def never(*_, **__):
        raise AssertionError("looked again")

    monkeypatch.setattr(cohort_weeks, "check", never)
    assert [one.findings for one in predict_cohort(trained[0], model, "people")] == [one.findings for one in predicted]


def test_another_version_of_the_gate_looks_again(trained, model, predicted, monkeypatch):
    looked = []
    monkeypatch.setattr(cohort_weeks, "check", lambda *_, **__: looked.append(1) or ())
    monkeypatch.setattr(cohort_weeks, "GATE_VERSION", 0)
    predict_cohort(trained[0], model, "people")
    assert len(looked) == 24


def test_findings_are_of_the_standardizer_in_use(trained, model, predicted):
    codes = {finding.code for one in predict_cohort(trained[0], model, "people", "cohort") for finding in one.findings}
    assert "cohort_standardizer" in codes
    assert "cohort_standardizer" not in {finding.code for one in predicted for finding in one.findings}


def test_a_card_with_a_prevalence_that_is_no_share_gives_no_correction(model):
    for told in (0, 1, -2, "often", None, True, float("nan")):
        made = predictions.as_prediction(replace(model, card={"prevalence": told}), "p", 0, 1.0)
        assert (made.probability, made.prevalence) == (None, None)


def test_the_table_has_a_row_a_person_with_percentages_and_the_label(trained, predicted, twenty_four):
    table = participants_table(trained[0], "people", predicted, "group")
    assert list(table["Participant"]) == list(twenty_four.participants)
    np.testing.assert_allclose(table["Probability"], [100 * one.prediction.probability for one in predicted])
    assert list(table["group"]) == ["late" if late else "early" for late in twenty_four.positive]


def test_a_week_that_is_unfit_is_said_to_be_and_still_listed(workspace, twenty_four, model, tmp_path):
    weeks = twenty_four.weeks[:12].copy()
    weeks[4] = 0.0
    import_recordings(workspace, [weeks_file(tmp_path / "a.npz", twenty_four, slice(0, 12), weeks=weeks)], "people")
    made = predict_cohort(workspace, model, "people")
    refused = {one.row.participant for one in made if any(finding.severity == "refuse" for finding in one.findings)}
    assert refused == {twenty_four.participants[4]}
    table = participants_table(workspace, "people", made)
    assert list(table["Quality"]).count("Not fit for the model") == 1 and len(table) == 12
    unfit = table[table["Quality"] == "Not fit for the model"]
    assert unfit[["Answer", "Score", "Scored lower", "Probability"]].isna().all(axis=None)
    assert table.drop(index=unfit.index)["Probability"].notna().all()
    assert [one.refused for one in made] == [one.row.participant in refused for one in made]


def test_of_a_week_with_too_few_valid_days_no_answer_is_given_and_one_with_almost_enough_is_marked(workspace, twenty_four, model, tmp_path):
    weeks = twenty_four.weeks[:12].copy()
    weeks[0], weeks[1], weeks[2] = (worn_for(weeks[number], days) for number, days in enumerate((3, 4, 6)))
    import_recordings(workspace, [weeks_file(tmp_path / "a.npz", twenty_four, slice(0, 12), weeks=weeks)], "people")
    made = predict_cohort(workspace, model, "people")
    of_days = [[one.severity for one in item.findings if one.code == "few_days"] for item in made]
    assert of_days[:4] == [["refuse"], ["warn"], ["warn"], []]
    assert (
        made[0].answer() is None and "3 of 7 days have 10 hours of wear or more; this workspace asks for 7" in made[0].findings[0].message
    )
    views = [week_view(workspace, model, WeekQuestion("people", who)) for who in twenty_four.participants[:4]]
    assert [view.findings for view in views] == [item.findings for item in made[:4]] and views[0].refused and views[0].prediction is None
    assert [view.cautions for view in views] == [item.cautions for item in made[:4]]
    worn_days.keep_quality_settings(workspace, QualitySettings(days_needed=2))
    assert not any(one.code == "few_days" for item in predict_cohort(workspace, model, "people") for one in item.findings)


def test_a_week_without_any_value_has_no_probability_and_nobody_to_compare_with(workspace, twenty_four, model):
    weeks = [
        Week(
            who,
            0,
            np.full(10080, np.nan, np.float32) if n == 2 else twenty_four.weeks[n],
            None,
            True,
            COUNTS,
            None,
            "start",
            report(twenty_four.weeks[n], COUNTS),
        )
        for n, who in enumerate(twenty_four.participants)
    ]
    weeks[2] = replace(weeks[2], report=report(weeks[2].values, COUNTS))
    workspace.create_cohort("people", weeks, {}, [])
    view = week_view(workspace, model, WeekQuestion("people", "sim-0003"))
    assert view.refused and view.prediction is None and view.answer() is None and "unfit" in view.beside.why
    receipt = participant_week.receipt(view, model, [])
    assert receipt["refused"] and receipt["prediction"] is None and receipt["like_why"] == view.beside.why
    table = participants_table(workspace, "people", predict_cohort(workspace, model, "people"))
    assert table["Probability"].isna().tolist() == [who == "sim-0003" for who in table["Participant"]]


def test_one_persons_week_is_read_as_the_cohorts_is(trained, model, predicted, twenty_four):
    view = week_view(trained[0], model, WeekQuestion("people", "sim-0004"))
    assert view.prediction.logit == pytest.approx(predicted[3].prediction.logit, abs=1e-5)
    np.testing.assert_array_equal(view.week.values, twenty_four.weeks[3])
    np.testing.assert_allclose(view.z, apply(model.standardizer, twenty_four.weeks[3:4])[0])
    assert view.split == predicted[3].split and view.weeks == 1 and view.truth == {}


def test_a_person_who_is_not_there_is_named_in_the_refusal(trained, model):
    with pytest.raises(WorkspaceError, match="sim-9999"):
        week_view(trained[0], model, WeekQuestion("people", "sim-9999"))


def test_a_receipt_is_plain_values_and_names_the_model_by_its_hash(trained, model):
    view = week_view(trained[0], model, WeekQuestion("people", "sim-0001"))
    made = [explain_week(trained[0], model, WeekQuestion("people", "sim-0001"), "rollout")]
    told = json.loads(json.dumps(participant_week.receipt(view, model, made)))
    assert told["model"]["sha256"] == model.sha256 and told["prediction"]["logit"] == view.prediction.logit
    assert [one["method"] for one in told["explanations"]] == ["rollout"]
    info = trained[0].cohort("people")
    assert told["cohort"] == {"name": "people", "id": info.id, "simulated": False} and (told["week"], told["alignment"]) == (1, "start")
    assert (told["model"]["label"], told["model"]["positive"], told["model"]["negative"]) == ("group", "late", "early")
    assert told["model"]["test_auc"] == model.card["test"]["auc"] and {"value", "low", "high", "n"} == set(told["model"]["test_auc"])
    assert told["standardizer"] == {
        "whose": "model",
        "people": model.standardizer.people,
        "source": model.standardizer.source,
        "unit": "counts/min",
        "sha256": standardizer_sha(model.standardizer),
    }
    assert told["like"] is None and told["like_why"] == view.beside.why and told["probability_of"] == "group: late"
    assert [one["message"] for one in told["cautions"]] == [one.message for one in view.cautions] != []
    assert abs(datetime.now() - datetime.fromisoformat(told["made"])) < timedelta(minutes=5) and "." not in told["made"]
    assert told["versions"]["pat_core"] == told["pat_core"] and told["held_out"] == view.held_out
    table = week_table(view, made)
    assert len(table) == 10080 and list(table["rollout"]) == list(made[0].values)


def test_predictions_outlive_the_process(trained, predicted, model):
    again = Workspace(trained[0].folder).predictions(model.sha256, "people", "model")
    assert {row: one.logit for row, one in again.items()} == {one.row.row: one.prediction.logit for one in predicted}
