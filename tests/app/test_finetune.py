"""The page that trains: refusals in a sentence, a run that really runs, and what stands beside its test."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pages.components.shared.session_names import Key
from pages.components.train import training_form
from pat_core.cohorts import Workspace
from pat_core.reports import run_words
from pat_core.simulate import simulate
from pat_core.training import FinetuneSettings
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.people.simulated_people import store_simulated
from pat_core.workflows.week.labelled_weeks import RunRequest
from tests.app.made import opened_at, unopened

QUICK = FinetuneSettings("linear_probe", learning_rate=1e-2, max_epochs=3, patience=3, recipe="paper")


def button(app, label: str):
    return next(one for one in app.button if one.label == label)


def box(app, label: str):
    return next(one for one in [*app.selectbox, *app.text_input, *app.radio] if one.label == label)


def said(app) -> str:
    return "\n".join(one.value for one in [*app.success, *app.warning, *app.error, *app.info, *app.main.markdown, *app.main.caption])


@pytest.fixture
def workspace() -> Workspace:
    """24 simulated people, half of them with the planted trait, and no demonstration."""
    space = Workspace()
    space.keep_setting("demo", "deleted")
    store_simulated(space, "made", simulate(24, seed=5, prevalence=0.5))
    return space


def train(space: Workspace, name: str = "probe", model: str = "pat-s-simulated"):
    request = RunRequest(name, "made", "late wake", "planted", model, "not planted", settings=QUICK)
    return run_finetune(space, request)


def test_a_run_starts_is_followed_and_shows_its_test():
    app = opened_at("pages/finetune.py")
    box(app, "Label").select("late wake").run()
    box(app, "Test on").select("0").run()
    box(app, "Name of the run").set_value("first").run()
    button(app, "Start fine-tuning").click().run()
    assert not app.exception and not app.error
    assert box(app, "Run").value == "first" and box(app, "Name of the run").value != "first"
    assert "It is shown above, where it was started." in said(app)
    space = Workspace()
    until = time.monotonic() + 120
    while space.run("first").state in ("queued", "running") and time.monotonic() < until:
        time.sleep(0.2)
    assert space.run("first").state == "done"
    app.run()
    assert not app.exception
    assert {metric.label for metric in app.metric} >= {"Test AUC on simulated people", "95 % interval", "People tested"}
    assert {metric.label for metric in app.metric} >= {"Floor: six rhythm features", "Floor: hours of wear"}
    button(app, "See the people").click().run()
    assert not app.exception


def test_a_label_with_too_few_people_is_refused_and_leaves_no_run():
    app = opened_at("pages/finetune.py")
    box(app, "Label").select("nonwear day").run()
    box(app, "Test on").select("10").run()
    assert any("at least 10 people of each kind" in warning.value for warning in app.warning)
    assert button(app, "Start fine-tuning").disabled and Workspace().runs() == ()


def test_a_name_that_is_taken_is_refused_in_a_sentence():
    app = opened_at("pages/finetune.py")
    box(app, "Name of the run").set_value("demo-late-wake").run()
    button(app, "Start fine-tuning").click().run()
    assert any("already called" in error.value for error in app.error)


def test_every_new_choice_proposes_another_name_and_none_that_is_taken(workspace):
    app = opened_at("pages/finetune.py")
    box(app, "The group to recognise").select("planted").run()
    assert box(app, "Name of the run").value == "late wake: planted, probe, pat-s-simulated"
    box(app, "What learns").set_value("full").run()
    box(app, "Model size").select("large").run()
    assert box(app, "Name of the run").value == "late wake: planted, full, random-large"
    train(workspace, "Late wake: planted,  probe, pat-s-simulated")
    proposed = run_words.proposed_name(workspace, "late wake: planted", "linear_probe", "pat-s-simulated")
    assert proposed == "late wake: planted (2), probe, pat-s-simulated", "a name that only looks like another is no new one"
    assert len(run_words.proposed_name(workspace, "p" * 200, "full", "m" * 200)) <= 80


def test_a_result_says_what_was_asked_of_whom_and_what_must_be_read_with_it(workspace):
    tested = train(workspace).result["test"]["auc"]["n"]
    words = said(opened_at("pages/finetune.py"))
    assert "late wake: planted against not planted, in the cohort “made”" in words
    assert "PAT-S on simulated weeks" in words and "linear probe" in words and "first full window of each person" in words
    assert "not the published PAT weights" in words
    assert "This score was tested on simulated people only" in words and f"tested on only {tested} people" in words


def test_the_head_on_a_random_encoder_says_so_where_its_number_stands(workspace):
    run = train(workspace, model="random-small")
    app = opened_at("pages/finetune.py")
    assert "random and untrained" in app.warning[0].value and "only as a comparison" in app.warning[0].value
    workspace.delete_model(run.name)
    assert "random and untrained" in run_words.cautions(workspace, run)[0], "the run forgot it with its model"
    workspace.delete_cohort("made")
    assert run_words.tested_on_simulated(workspace, workspace.run(run.name)), "the run forgot it with its cohort"


def test_what_differs_from_the_papers_recipe_is_said_exactly(workspace):
    assert run_words.recipe_words(FinetuneSettings(recipe="paper"), "small").startswith("As in the paper")
    full = run_words.recipe_words(FinetuneSettings("full", learning_rate=1e-5, max_epochs=200, recipe="paper"), "small")
    assert "at most 200 epochs instead of 10,000" in full and "waits 250 epochs" in full and "learning rate" not in full
    assert "learning rate of 0.01 instead of 1e-06" in run_words.recipe_words(FinetuneSettings(learning_rate=0.01, recipe="paper"), "large")
    order = run_words.recipe_words(FinetuneSettings(recipe="paper"), "small", "ordinal")
    assert "without a better validation concordance" in order and "AUC" not in order
    assert "without a better validation R2" in run_words.recipe_words(FinetuneSettings("full"), "small", "value")
    app = opened_at("pages/finetune.py")
    box(app, "What learns").set_value("full").run()
    assert "at most 200 epochs instead of 10,000" in said(app)


def test_what_minutes_are_compared_with_is_said_before_and_after_training(workspace):
    even = run_words.recipe_words(FinetuneSettings(standardize="day"), "small")
    assert "the same minute of the day among the people that it learns from" in even and "the deviation is held up" in even
    raw = run_words.recipe_words(FinetuneSettings(recipe="paper"), "small")
    assert "the same minute of the window" in raw and "deviations are as measured" in raw
    assert run_words.minutes_words({"source": "a file", "people": 1, "per": "day"}) == (
        "Each minute is compared with the same minute of the day among the 1 person that it learned from, by their mean and deviation"
    )
    assert run_words.minutes_words(None) is run_words.minutes_words("in the file") is run_words.minutes_words({"per": []}) is None
    run = train(workspace)
    assert dict(run_words.facts(workspace, run))["Recipe"] == "The paper's, but for the learning rate, the most epochs and the patience"
    words = dict(run_words.facts(workspace, run))["Minutes"]
    assert words == run_words.minutes_words(workspace.model(run.name).card["standardizer"]) and words.endswith("as measured")
    app = opened_at("pages/models.py", model=run.name)
    assert words in said(app) and not app.exception


def test_every_full_week_can_be_trained_on_and_the_folds_kept_together(workspace, monkeypatch):
    asked = []

    def start(space, request, on):
        asked.append(request)
        return space.create_run("r", "made", {}), None

    monkeypatch.setattr(training_form, "start_finetune", start)
    app = opened_at("pages/finetune.py")
    assert "chosen by a cross-validation among the people it learns from" in said(app)
    assert "Validation" not in str(app.table[0].value), "a regression needs nobody to stop it"
    box(app, "Weeks").set_value("all").run()
    box(app, "What is kept").select("ensemble").run()
    app.number_input(key="box.repeats").set_value(2).run()
    button(app, "Start fine-tuning").click().run()
    assert [request.weeks for request in asked] == ["all"]
    assert asked[0].settings == FinetuneSettings("linear_probe", folds=5, keep="ensemble", repeats=2)


def test_an_address_of_a_run_that_is_not_here_is_said_and_not_swapped_in_silence(workspace):
    train(workspace)
    app = opened_at("pages/finetune.py")
    app.query_params["run"] = "long gone"
    app.run()
    assert any("long gone" in warning.value for warning in app.warning)


@pytest.mark.parametrize(("state", "words"), [("running", "its process is gone"), ("failed", "failed there")])
def test_a_run_of_the_command_line_says_where_it_was_started_and_how_it_goes_on(workspace, state, words):
    workspace.create_run("elsewhere", "made", {"label": "late wake", "positive": "planted"})
    workspace.update_run("elsewhere", state=state)
    app = opened_at("pages/finetune.py")
    assert not app.exception
    assert "started on the command line" in said(app) and words in said(app) and "same command again" in said(app)


def test_a_live_run_of_the_command_line_says_so(workspace, monkeypatch):
    workspace.create_run("elsewhere", "made", {})
    workspace.claim_run("elsewhere")
    app = opened_at("pages/finetune.py")
    assert "is in progress on the command line" in said(app) and "; running." in said(app)
    assert not [one for one in app.button if one.label.startswith("Delete elsewhere")]


def test_a_run_is_deleted_and_its_model_stays(workspace):
    train(workspace)
    app = opened_at("pages/finetune.py")
    assert "stays on the Models page" in said(app)
    button(app, "Delete probe").click().run()
    assert not app.exception and "The run probe was deleted." in said(app)
    assert workspace.runs() == () and [info.name for info in workspace.models()] == ["probe"]


def test_runs_are_shown_also_where_the_chosen_cohort_has_no_label(workspace):
    train(workspace)
    workspace.create_cohort("unlabelled", [workspace.week("made", "sim-0001")], {})
    app = opened_at("pages/finetune.py")
    box(app, "Cohort").select("unlabelled").run()
    assert not app.exception and "no label with at least two values" in said(app)
    assert box(app, "Run").value == "probe" and "Start fine-tuning" not in [one.label for one in app.button]
    workspace.delete_cohort("made")
    assert "The cohort “made” was deleted" in said(app.run())


def test_the_split_is_counted_before_start_and_is_the_one_that_is_trained_on(workspace):
    app = opened_at("pages/finetune.py", **{"train-group": "planted", "folds": "0", "recipe": "linear_probe"})
    counted = app.table[0].value
    assert [name.replace("\\", "") for name in counted.columns] == ["Part", "Group: planted", "Against: not planted", "People"]
    run = train(workspace)
    parts = pd.Series(json.loads((run.folder / "split.json").read_text()), name="part")
    planted = {person.participant: person.labels["late wake"] == "planted" for person in workspace.people("made")}
    for row, part in zip(counted.itertuples(index=False), ("train", "validation", "test"), strict=True):
        people = [planted[person] for person in parts[parts == part].index]
        assert list(row)[1:] == [str(sum(people)), str(len(people) - sum(people)), str(len(people))], part


def test_with_few_people_cross_validation_is_proposed_with_a_reason_and_a_number(workspace):
    app = opened_at("pages/finetune.py")
    assert box(app, "Test on").value == "5" and "Each of the 24 people is tested once" in said(app)
    box(app, "Test on").select("0").run()
    assert "Only 4 people would be tested" in said(app) and "With 5-fold cross-validation all 24 are tested" in said(app)
    assert "If the true AUC is 0.80, such a test measures 0.30 to 1.00" in said(app)


def test_the_classroom_preset_is_a_probe_of_few_epochs_and_the_others_keep_the_papers_numbers(workspace):
    app = opened_at("pages/finetune.py", recipe="classroom")
    assert [app.number_input(key=f"box.{name}").value for name in ("rate", "epochs", "patience")] == [3e-3, 300, 300]
    assert "About a minute on two cores" in said(app) and box(app, "Name of the run").value.split(", ")[1] == "probe"
    box(app, "What learns").set_value("linear_probe").run()
    assert [app.number_input(key=f"box.{name}").value for name in ("rate", "epochs", "patience")] == [1e-5, 10_000, 250]


def test_the_last_trained_model_of_a_cohort_is_chosen_on_every_page(workspace):
    for name in ("zebra", "ant"):
        train(workspace, name)
    for page in ("participants", "participant", "explain", "what_if", "models"):
        app = opened_at(f"pages/{page}.py")
        assert not app.exception and box(app, "Model").value == "ant", page
        if page in ("participants", "participant", "models"):
            assert "Six rhythm features alone: " in said(app), f"{page} shows the AUC, so the floor stands beside it"


def test_a_run_that_ended_is_shown_where_it_was_started_and_its_model_is_chosen_next(workspace):
    train(workspace, "older")
    app = unopened("pages/finetune.py")
    app.session_state["chosen.model"] = "older"
    app.session_state[Key.RUN_STARTED] = train(workspace, "newer").name
    app.run()
    assert app.session_state["chosen.model"] == "newer" and "It is shown above, where it was started." in said(app)
    app.session_state["chosen.model"] = "older"
    app.run()
    assert app.session_state["chosen.model"] == "older", "what the reader chose since then holds"


def test_weeks_that_the_input_check_refuses_are_kept_in_only_where_that_is_chosen(workspace):
    off = [np.zeros(10080, np.float32) if at == 0 else week for at, week in enumerate(simulate(24, 8).weeks)]
    store_simulated(workspace, "some off", replace(simulate(24, 8), weeks=np.stack(off)))
    app = opened_at("pages/finetune.py", cohort="some off")
    (box,) = [radio for radio in app.radio if radio.label == "What the input check refuses"]
    assert box.value == "leave out" and any("1 week is left out" in info.value for info in app.info)
    box.set_value("keep").run()
    assert not app.exception and not any("left out" in info.value for info in app.info)
