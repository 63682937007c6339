"""A run from a cohort's labels to a model that travels with all that must be known of it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pat_core import jobs, workflows
from pat_core.errors import Cancelled, JobError, TrainingError, WeightsError, WorkspaceError
from pat_core.training import FinetuneSettings
from pat_core.training import loop as training_loop
from pat_core.weights import load
from tests.weights.keras_files import lively, write_keras
from tests.workflows.made import QUICK, REQUEST, Told, label_table, weeks_file


@pytest.fixture
def people(workspace, twenty_four, tmp_path):
    """A workspace of the test's own with the cohort."""
    files = weeks_file(tmp_path / "people.npz", twenty_four), label_table(tmp_path / "groups.csv", twenty_four)
    workflows.import_recordings(workspace, [files[0]], "people", labels=files[1])
    return workspace


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
    epochs = [step for step, name, _ in workflows.run_curves(trained[0], run) if name == "validation AUC"]
    assert epochs == list(range(1, 31)) and run.result["epochs"] == 30


def test_a_request_comes_back_from_a_job_as_it_was():
    asked = replace(REQUEST, weeks="all", settings=FinetuneSettings("full", folds=3, seed=4))
    assert workflows.RunRequest.from_spec(json.loads(json.dumps(asked.as_spec()))) == asked


def test_everyone_else_or_one_named_group_is_compared_with(people, twenty_four):
    third = {person: {"group": "unsure"} for person in twenty_four.participants[:3]}
    people.set_labels("people", third)
    named, _ = workflows.labelled_weeks(people, REQUEST)
    others, order = workflows.labelled_weeks(people, replace(REQUEST, negative=None))
    assert len(named.people) == 21 and len(others.people) == 24
    late = workflows.label_counts(people, "people", "group")["late"]
    assert named.positive.sum() == others.positive.sum() == late
    np.testing.assert_array_equal(others.weeks, people.weeks_array("people")[order])


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"positive": "tall"}, TrainingError, "late"),
        ({"negative": "tall"}, TrainingError, "early"),
        ({"label": "height"}, TrainingError, "Its values are: none"),
        ({"cohort": "nobody"}, WorkspaceError, "nobody"),
        ({"model": "nothing"}, WeightsError, "nothing"),
        ({"settings": replace(QUICK, folds=20)}, TrainingError, "20 people of each kind"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_is_written(people, change, error, said):
    for start in (workflows.run_finetune, workflows.start_finetune):
        with pytest.raises(error, match=said):
            start(people, replace(REQUEST, **change))
    assert people.runs() == () and people.jobs() == ()


def test_a_job_that_cannot_start_leaves_no_run_behind(people, monkeypatch):
    def broken(*_):
        raise JobError("no process")

    monkeypatch.setattr(jobs, "launch", broken)
    with pytest.raises(JobError):
        workflows.start_finetune(people, REQUEST)
    assert people.runs() == ()


def test_a_run_that_is_done_is_not_trained_over(trained):
    before = trained[0].model("late risers").sha256
    with pytest.raises(WorkspaceError, match="done already"):
        workflows.run_finetune(trained[0], REQUEST)
    assert trained[0].model("late risers").sha256 == before


def test_a_run_stopped_in_the_middle_goes_on_to_the_same_model(people, trained, monkeypatch):
    monkeypatch.setattr(training_loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(training_loop, "SECONDS_BETWEEN_REPORTS", 0.0)

    class Stopped(Told):
        def metric(self, step: int, values) -> None:
            super().metric(step, values)
            if step == 12:
                raise Cancelled("stop")

    with pytest.raises(Cancelled):
        workflows.run_finetune(people, REQUEST, Stopped())
    assert people.models() == ()
    with pytest.raises(WorkspaceError, match="other settings"):
        workflows.run_finetune(people, replace(REQUEST, settings=replace(QUICK, seed=1)))
    told = Told()
    run = workflows.run_finetune(people, REQUEST, told)
    assert told.steps == list(range(13, 31)), "epochs were trained again, or left out"
    whole, resumed = (load(one.folder / "best.safetensors").network.state_dict() for one in (trained[1], run))
    for name, value in whole.items():
        np.testing.assert_array_equal(resumed[name].numpy(), value.numpy())
    assert run.result["test"]["logits"] == trained[1].result["test"]["logits"]


@pytest.mark.parametrize("name", ["mine", "pat-s-simulated", "random-small"])
def test_a_run_never_takes_the_name_of_a_model_that_is_there(people, tmp_path, name):
    workflows.add_model(people, write_keras(tmp_path / "mine.h5", lively("small"), "finetuned_full"))
    for start in (workflows.run_finetune, workflows.start_finetune):
        with pytest.raises(WorkspaceError, match=name):
            start(people, replace(REQUEST, name=name))
    assert people.runs() == () and [info.name for info in people.models()] == ["mine"]


def test_a_head_on_a_random_encoder_says_so(people):
    run = workflows.run_finetune(people, replace(REQUEST, name="null", model="random-small", settings=replace(QUICK, max_epochs=2)))
    model = workflows.resolve(people, run.name)
    assert not model.encoder_trained and "never trained" in model.card["first_line"]


def test_folds_test_everyone_once(people):
    run = workflows.run_finetune(people, replace(REQUEST, name="folds", settings=replace(QUICK, folds=3, max_epochs=5)))
    tested = pd.read_csv(run.folder / "test.csv")
    assert len(tested) == tested["participant"].nunique() == 24 and set(tested["fold"]) == {0, 1, 2}
    assert len(run.result["fold_aucs"]) == 3 and "3-fold" in run.result["test"]["how"]
    split = json.loads((run.folder / "split.json").read_text())
    assert set(split.values()) == {"train", "validation"}, "the kept model is trained on everyone"
