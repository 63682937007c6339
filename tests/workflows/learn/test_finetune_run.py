"""A run from a cohort's labels to a model that travels with all that must be known of it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pat_core import jobs
from pat_core.cohorts.cohort_records import Origin
from pat_core.errors import JobError, TrainingError, WeightsError, WorkspaceError
from pat_core.records import COUNTS, Week, WeekQuestion
from pat_core.reports import run_words
from pat_core.training import FinetuneSettings
from pat_core.weeks import report
from pat_core.weights import load, random_model
from pat_core.weights import save as save_weights
from pat_core.weights.provenance_claims import SEEN_2013, UNKNOWN_ORIGIN
from pat_core.workflows.explanations.week_maps import explain_week
from pat_core.workflows.learn.finetune_run import run_finetune, start_finetune
from pat_core.workflows.models.model_entries import add_model, resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.models.run_files import run_curves
from pat_core.workflows.week.labelled_weeks import RunRequest, label_counts, labelled_weeks
from tests.weights.keras_files import lively, write_keras
from tests.workflows.made import QUICK, REQUEST
from tests.workflows.runs import BRIEF, ROOT, with_people


@pytest.fixture
def people(workspace, twenty_four, tmp_path):
    """A workspace of the test's own with the cohort."""
    return with_people(workspace, twenty_four, tmp_path)


def test_the_model_travels_with_its_standardizer_and_its_card(trained, twenty_four):
    workspace, run = trained
    model = load(run.folder / "best.safetensors")
    assert model.has_head and model.standardizer is not None and model.sha256 == workspace.model("late risers").sha256
    split = json.loads((run.folder / "split.json").read_text())
    seen = [split[person] == "train" for person in twenty_four.participants]
    assert model.standardizer.people == sum(seen)
    np.testing.assert_allclose(model.standardizer.mean, twenty_four.weeks[seen].mean(axis=0), rtol=1e-4, atol=1e-3)
    card = model.card
    assert (card["label"], card["positive"], card["negative"], card["people"], card["unit"]) == ("group", "late", "early", 24, "counts/min")
    assert card["prevalence"] == pytest.approx(twenty_four.positive.mean())
    assert "not the published PAT weights" in card["first_line"]


def test_the_test_has_an_interval_around_it_and_is_on_people_held_out(trained):
    run = trained[1]
    auc, split = run.result["test"]["auc"], json.loads((run.folder / "split.json").read_text())
    tested = pd.read_csv(run.folder / "test.csv")
    assert 0 <= auc["low"] <= auc["value"] <= auc["high"] <= 1
    assert set(tested["participant"]) == {person for person, part in split.items() if part == "test"} and auc["n"] == len(tested)
    np.testing.assert_allclose(tested["logit"], run.result["test"]["logits"])
    positive = tested["positive"] == 1
    wins = np.mean([[(a > b) + 0.5 * (a == b) for b in tested["logit"][~positive]] for a in tested["logit"][positive]])
    assert auc["value"] == pytest.approx(wins), "the AUC is not the share of pairs in the right order"


def test_curves_hold_every_epoch(trained):
    run = trained[1]
    epochs = [step for step, name, _ in run_curves(trained[0], run) if name == "validation AUC"]
    assert epochs == list(range(1, 31)) and run.result["epochs"] == 30


def test_people_without_a_label_never_stand_for_a_group(people, twenty_four):
    people.set_labels("people", {person: {"group": None} for person in twenty_four.participants[:3]})
    with pytest.raises(TrainingError, match="got an empty one"):
        labelled_weeks(people, replace(REQUEST, negative=""))
    others, _ = labelled_weeks(people, replace(REQUEST, negative=None))
    assert len(others.people) == 21


def test_everyone_else_or_one_named_group_is_compared_with(people, twenty_four):
    third = {person: {"group": "unsure"} for person in twenty_four.participants[:3]}
    people.set_labels("people", third)
    named, _ = labelled_weeks(people, REQUEST)
    others, order = labelled_weeks(people, replace(REQUEST, negative=None))
    assert len(named.people) == 21 and len(others.people) == 24
    late = label_counts(people, "people", "group")["late"]
    assert named.positive.sum() == others.positive.sum() == late
    np.testing.assert_array_equal(others.weeks, people.weeks_array("people")[order])


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"positive": "tall"}, TrainingError, "late"),
        ({"negative": "tall"}, TrainingError, "early"),
        ({"label": "height"}, TrainingError, "has a label height"),
        ({"label": ""}, TrainingError, "label column by name"),
        ({"positive": " "}, TrainingError, "positive value by name"),
        ({"negative": ""}, TrainingError, "Leave it out to compare with everyone else"),
        ({"settings": replace(QUICK, device="tpu")}, TrainingError, "'tpu'"),
        ({"cohort": "nobody"}, WorkspaceError, "nobody"),
        ({"model": "nothing"}, WeightsError, "nothing"),
        ({"settings": replace(QUICK, folds=20)}, TrainingError, "20 people of each kind"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_is_written(people, change, error, said):
    for start in (run_finetune, start_finetune):
        with pytest.raises(error, match=said):
            start(people, replace(REQUEST, **change))
    assert people.runs() == () and people.jobs() == ()


def test_a_job_that_cannot_start_leaves_no_run_behind(people, monkeypatch):
    def broken(*_, on):
        raise JobError("no process")

    monkeypatch.setattr(jobs.Task, "launch", broken)
    with pytest.raises(JobError):
        start_finetune(people, REQUEST)
    assert people.runs() == ()


def test_a_run_that_is_done_is_not_trained_over(trained):
    before = trained[0].model("late risers").sha256
    with pytest.raises(WorkspaceError, match="done already"):
        run_finetune(trained[0], REQUEST)
    assert trained[0].model("late risers").sha256 == before


def test_blanks_around_the_name_of_a_run_are_no_part_of_it(people, monkeypatch):
    asked = []

    def launch(task, ws, request, title, on):
        asked.append(request.as_spec())
        return ws.add_job(task.kind, title, asked[-1])

    monkeypatch.setattr(jobs.Task, "launch", launch)
    run, _ = start_finetune(people, replace(BRIEF, name=" late risers "))
    done = run_finetune(people, RunRequest.from_spec(asked[0]))
    assert run.name == done.name == "late risers" and done.state == "done" and people.model("late risers")


@pytest.mark.parametrize(
    "name", ["mine", "pat-s-simulated", "random-small", "random-tiny-conv", "PAT-L_21k", "README.md", "~/../etc/hosts"]
)
def test_a_run_never_takes_the_name_of_a_model_or_file_that_is_there(people, tmp_path, monkeypatch, name):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("HOME", "/usr")
    add_model(people, write_keras(tmp_path / "mine.h5", lively("small"), "finetuned_full"))
    for start in (run_finetune, start_finetune):
        with pytest.raises(WorkspaceError, match=name):
            start(people, replace(REQUEST, name=name))
    assert people.runs() == () and [info.name for info in people.models()] == ["mine"]


def test_a_head_on_a_random_encoder_says_so(people):
    run = run_finetune(people, replace(REQUEST, name="null", model="random-small", settings=replace(QUICK, max_epochs=2)))
    model = resolve(people, run.name)
    assert not model.encoder_trained and not model.card["encoder_trained"] and "never trained" in model.card["first_line"]
    assert not run.result["encoder_trained"] and run.result["first_line"] == model.card["first_line"]


def test_full_fine_tuning_from_random_weights_says_so_and_has_learned(people):
    settings = FinetuneSettings("full", learning_rate=1e-3, max_epochs=1, recipe="paper")
    run = run_finetune(people, replace(REQUEST, name="scratch", model="random-small", settings=settings))
    assert run.result["first_line"] == "Started from random weights, not from a pretrained encoder." and run.result["encoder_trained"]


def test_the_card_and_the_result_say_whose_people_and_how_it_was_made(trained):
    workspace, run = trained
    card, result, info = workspace.model("late risers").card, run.result, workspace.cohort("people")
    assert (card["cohort_id"], card["tested_on_simulated"], card["encoder_trained"], card["device"]) == (info.id, False, True, None)
    assert (card["style"], card["computed_on"], card["started_from"]) == ("linear_probe", "cpu", "PAT-S on simulated weeks")
    split = json.loads((run.folder / "split.json").read_text())
    people = list(split.values()).count("train")
    assert card["standardizer"] == {"source": "training people of cohort people", "people": people, "per": "window", "held_up": False}
    assert len(card["test"]["people"]) == len(card["test"]["logits"]) == len(card["test"]["labels"]) == len(card["test"]["fold"])
    told = {"label", "positive", "negative", "cohort", "started_from", "first_line", "style", "tested_on_simulated", "computed_on", "test"}
    assert {key: result[key] for key in told} == {key: card[key] for key in told} and card["warning"] == ""


def test_a_model_that_learned_from_a_cohort_before_warns_when_it_is_tested_there_again(people):
    for name, model in (("one", "pat-s-simulated"), ("two", "one"), ("three", "two")):
        run = run_finetune(people, replace(BRIEF, name=name, model=model))
        again = [leak for leak in run.result["leaks"] if "has learned from the recordings of" in leak]
        assert len(again) == (name != "one") and "itself fine-tuned" not in run.result["warning"]


def with_more_weeks(workspace, made):
    """The cohort "more": a third of the people have three weeks, the first person's first window was empty; worn on two devices."""
    weeks = []
    for number, person in enumerate(made.participants):
        for index in range(3 if number % 3 == 0 else 1):
            values = made.weeks[number] * (1 + index)
            device = "ankle" if number == 1 else "wrist"
            at = index + 1 if number == 0 else index
            weeks.append(Week(person, at, values, None, False, COUNTS, device, "start", report(values, COUNTS)))
    groups = {person: {"group": "late" if late else "early"} for person, late in zip(made.participants, made.positive, strict=True)}
    return workspace.create_cohort("more", weeks, groups, origin=Origin(simulated=True))


def test_a_person_whose_first_window_was_empty_is_trained_on_like_everyone_else(workspace, twenty_four):
    with_more_weeks(workspace, twenty_four)
    data, _ = labelled_weeks(workspace, replace(REQUEST, cohort="more"))
    assert list(data.people) == list(twenty_four.participants) and list(data.week) == [1] + [0] * 23
    np.testing.assert_array_equal(data.weeks, twenty_four.weeks)


def test_with_all_weeks_the_card_counts_people_and_the_table_weeks(workspace, twenty_four):
    cohort = with_more_weeks(workspace, twenty_four)
    run = run_finetune(workspace, replace(BRIEF, cohort="more", weeks="all", settings=replace(BRIEF.settings, folds=2)))
    card, tested = workspace.model(run.name).card, pd.read_csv(run.folder / "test.csv")
    assert (
        list(tested.columns) == ["participant", "week", "positive", "fold", "repeat", "logit", "marked_away"]
        and len(tested) == cohort.weeks == 40
    )
    assert len(set(zip(tested["participant"], tested["week"], strict=True))) == 40 and tested["week"].max() == 3
    mean = tested.groupby("participant")["logit"].mean()
    mean.index = workspace.codes("more", mean.index)  # the card names nobody
    np.testing.assert_allclose([mean[person] for person in card["test"]["people"]], card["test"]["logits"], atol=1e-6)
    assert card["test"]["auc"]["n"] == len(card["test"]["people"]) == card["people"] == 24
    assert card["prevalence"] == pytest.approx(twenty_four.positive.mean()) and card["standardizer"]["people"] < 24
    assert card["device"] == "wrist" and card["tested_on_simulated"] and card["cohort_id"] == cohort.id


def test_an_encoder_that_now_has_a_head_does_not_say_that_it_has_none_and_its_unknown_origin_goes_along(people, tmp_path):
    start = random_model("small")
    card = {"first_line": "Pretrained on many. It has no head yet.", "started_from": "PAT-S_29k"}
    path = tmp_path / "start.safetensors"
    save_weights(path, start.network, has_head=False, standardizer=None, card=card, name="start", origin="own")
    run = run_finetune(people, replace(BRIEF, model=str(path)))
    assert run.result["first_line"] == "A small linear encoder, added from a file."
    warning = resolve(people, run.name).card["warning"]
    assert UNKNOWN_ORIGIN in warning and SEEN_2013 in warning


def test_folds_test_everyone_once(people):
    run = run_finetune(people, replace(REQUEST, name="folds", settings=replace(QUICK, folds=3, patience=2)))
    tested = pd.read_csv(run.folder / "test.csv")
    assert len(tested) == tested["participant"].nunique() == 24 and set(tested["fold"]) == {0, 1, 2}
    assert len(run.result["fold_aucs"]) == 3 and "3-fold" in run.result["test"]["how"]
    split = json.loads((run.folder / "split.json").read_text())
    assert set(split.values()) == {"train", "validation"}, "the kept model is trained on everyone"
    curves = run_curves(people, run)
    steps = {name: [step for step, other, _ in curves if other == name] for _, name, _ in curves}
    plain = ["train loss", "validation AUC", "validation loss"]
    assert set(steps) == {*plain, *(f"fold {fold} {name}" for fold in (1, 2, 3) for name in plain)}
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in steps.values())
    assert len({len(numbers) for numbers in steps.values()}) > 1, "folds that end at different epochs were meant"
    assert np.isfinite([value for _, _, value in curves]).all() and len(steps["train loss"]) == run.result["epochs"]


def test_a_paper_probe_that_was_best_before_it_learned_says_so_wherever_its_score_stands(people):
    still = replace(BRIEF.settings, learning_rate=1e-9, max_epochs=25, patience=25)
    run = run_finetune(people, replace(BRIEF, name="still", settings=still))
    words = run.result["not_learned"]
    assert "was highest in epoch 1 of 25" in words and "a warning, not a result" in words
    assert words in run_words.cautions(people, run) and people.model("still").card["not_learned"] == words


def test_the_folds_kept_together_are_one_model_that_predicts_and_explains(people):
    run = run_finetune(people, replace(BRIEF, name="together", settings=FinetuneSettings(folds=3, keep="ensemble")))
    assert run.result["members"] == 3 and [model["fold"] for model in run.result["models"]] == [1, 2, 3]
    assert not run.result["not_learned"] and run.result["epochs"] is None
    model = resolve(people, "together")
    predicted = predict_cohort(people, model, "people")
    assert len(predicted) == people.cohort("people").weeks and all(np.isfinite(week.prediction.logit) for week in predicted)
    question = WeekQuestion("people", predicted[0].row.participant)
    for method in ("rollout", "occlusion_day"):
        assert np.isfinite(explain_week(people, model, question, method).values).any()
    with pytest.raises(TrainingError, match="is an ensemble of 3 models, and a training starts from one"):
        run_finetune(people, replace(BRIEF, name="further", model="together"))
