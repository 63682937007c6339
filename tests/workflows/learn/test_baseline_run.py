"""A baseline is trained, listed, asked and explained as a PAT is; and what has no network stands beside every run."""

from dataclasses import replace

import numpy as np
import pytest

from pat_core.errors import ExplanationError, WeekError, WeightsError, WorkspaceError
from pat_core.records import WeekQuestion
from pat_core.reports import run_words
from pat_core.reports.model_tables import model_table
from pat_core.training import FinetuneSettings
from pat_core.workflows.explanations.week_maps import applicable, explain_week
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.model_entries import free_name, models, resolve
from pat_core.workflows.models.predictions import predict_cohort, predict_logits
from tests.workflows.made import REQUEST
from tests.workflows.runs import with_people


def test_a_baseline_runs_like_a_pat(workspace, twenty_four, tmp_path):
    space = with_people(workspace, twenty_four, tmp_path)
    settings = FinetuneSettings("full", max_epochs=2, learning_rate=1e-3, batch=8)
    run = run_finetune(space, replace(REQUEST, name="small net", model="cnn_1d-smoothed", settings=settings))
    model = resolve(space, "small net")
    assert (model.config.family, model.config.smoothed, model.encoder_trained) == ("cnn_1d", True, True)
    assert run.result["style"] == "full" and run.result["first_line"] == "A baseline of the paper, trained from nothing: CNN-1D, smoothed."
    row = model_table(space, [entry for entry in models(space) if entry.reference == "small net"]).iloc[0]
    assert row["Parameters"] == 10_561 and row["Size"] == "baseline"
    predicted = predict_cohort(space, model, "people")
    assert len(predicted) == 24 and np.isfinite([one.prediction.logit for one in predicted]).all()
    reasons = applicable(model)
    assert "neither" in reasons["rollout"] and not reasons["integrated_gradients"] and not reasons["shapley_day"]
    question = WeekQuestion("people", twenty_four.participants[0])
    gradient = explain_week(space, model, question, "gradient")
    assert gradient.values.shape == (10_080,) and np.isfinite(gradient.values).all()
    with pytest.raises(ExplanationError, match="baseline"):
        explain_week(space, model, question, "rollout")
    with pytest.raises(WeekError, match="windows of 10,080 minutes"):
        predict_logits(model, np.zeros((1, 1440), np.float32))
    _has_floors(run)


def _has_floors(run):
    floors = run.result["floors"]
    assert [floor["name"] for floor in floors] == ["rhythm_logistic", "gradient_boosting", "age_sex_wear"]
    assert floors[2]["title"] == "Hours of wear", "neither age nor sex is known of these people"
    for floor in floors:
        assert floor["auc"]["n"] == run.result["test"]["auc"]["n"]
        assert floor["difference"]["value"] == pytest.approx(run.result["test"]["auc"]["value"] - floor["auc"]["value"])
    assert run_words.floor_words(run.result).startswith("Without a network, on the same people: six rhythm features ")


def test_a_floor_stands_beside_a_pat_too_and_runs_of_before_say_that_they_have_none(trained):
    space, run = trained
    _has_floors(run)
    assert resolve(space, run.name).card["floors"] == run.result["floors"]
    before = {name: value for name, value in run.result.items() if name != "floors"}
    assert run_words.floor_lines(before) == [] and run_words.floor_words(before) == run_words.NO_FLOOR


def test_wherever_a_model_is_judged_its_floors_stand_beside_it(trained):
    space, run = trained
    (entry,) = [entry for entry in models(space) if entry.reference == run.name]
    words = run_words.floors_alone(entry.card)
    for floor in run.result["floors"]:
        assert f"{floor['title']} alone: {floor['auc']['value']:.2f} (" in words

    def beside(own, *floors):
        card = [{"title": title, "auc": dict.fromkeys(("value", "low", "high"), auc), "difference": None} for title, auc in floors]
        return run_words.floors_alone({"test": {"auc": {"value": own}}, "floors": card})

    assert beside(0.8, ("Age", 0.8)) == "Age alone: 0.80 (0.80 to 0.80). As much as the model, or more: age. So the model may have " + (
        "learned nothing beyond."
    )
    assert beside(0.9, ("Age", 0.8)) == "Age alone: 0.80 (0.80 to 0.80)." and beside(0.9) == ""
    close = {"title": "Age", "auc": dict.fromkeys(("value", "low", "high"), 0.8), "difference": {"value": 0.1, "low": -0.1, "high": 0.3}}
    assert run_words.floor_verdict({"test": {"auc": {"value": 0.9}}, "floors": [close]}) == (
        "The model is not shown to do better than age alone."
    )


def test_age_that_tells_the_groups_apart_by_itself_is_a_floor_beside_the_run(workspace, twenty_four, tmp_path):
    space = with_people(workspace, twenty_four, tmp_path)
    late = {person.participant: person.labels[REQUEST.label] for person in space.people("people")}
    space.set_labels("people", {who: {"Age": 70 if value == REQUEST.positive else 30} for who, value in late.items()})
    run = run_finetune(space, replace(REQUEST, name="with ages", settings=FinetuneSettings("linear_probe")))
    floor = run.result["floors"][2]
    assert (
        floor["title"] == "Age and hours of wear" and floor["auc"]["value"] == 1.0 and floor["auc"]["n"] == run.result["test"]["auc"]["n"]
    )
    assert "As much as the model, or more: " in run_words.floor_words(run.result)


def test_a_floor_is_no_model_to_start_from(workspace):
    with pytest.raises(WeightsError, match="beside every run's AUC"):
        resolve(workspace, "gradient_boosting")


def test_no_run_may_be_called_as_a_baseline():
    with pytest.raises(WorkspaceError, match="a baseline that can be trained"):
        free_name("lstm", "run")
