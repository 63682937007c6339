"""The demonstration: there at the first start, true to what the code computes, and gone for good once deleted."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core import settings
from pat_core.cohorts import Workspace
from pat_core.explain import explain
from pat_core.records import WeekQuestion
from pat_core.reports.cohort_tables import first_person
from pat_core.simulate import simulate
from pat_core.weeks import apply
from pat_core.workflows.explanations.week_maps import MAPS, explain_week, map_question
from pat_core.workflows.models import predictions
from pat_core.workflows.models.model_entries import models, resolve
from pat_core.workflows.models.predictions import predict_cohort, predict_logits
from pat_core.workflows.people.demo import COHORT, LABEL, MODEL, PREMADE, SHOWN_PEOPLE, SHOWN_SEED, TRAINING_SEED, build_demo, ensure_demo
from tests.workflows.made import QUICK


def test_the_people_shown_are_those_of_the_seed_and_are_marked_as_simulated(demo):
    made = simulate(SHOWN_PEOPLE, SHOWN_SEED, label=LABEL)
    np.testing.assert_array_equal(demo.weeks_array(COHORT), made.weeks)
    assert demo.cohort(COHORT).simulated and SHOWN_SEED != TRAINING_SEED


def test_every_shipped_prediction_is_what_the_model_says_now(demo, model):
    kept = demo.predictions(model.sha256, COHORT, "model")
    logits = predict_logits(model, apply(model.standardizer, demo.weeks_array(COHORT)))
    assert len(kept) == SHOWN_PEOPLE
    np.testing.assert_allclose([kept[row].logit for row in range(SHOWN_PEOPLE)], logits, atol=1e-4)


def test_the_first_look_computes_nothing(demo, model, monkeypatch):
    def never(*_, **__):
        raise AssertionError("computed although it is shipped")

    monkeypatch.setattr(predictions, "predict_logits", never)
    monkeypatch.setattr("pat_core.workflows.explanations.week_maps.explain", never)
    assert len(predict_cohort(demo, model, COHORT)) == SHOWN_PEOPLE
    for method in PREMADE:
        assert explain_week(demo, model, WeekQuestion(COHORT, "sim-0040"), method).values.shape == (10080,)


@pytest.mark.parametrize("method", PREMADE)
def test_a_shipped_explanation_is_what_the_method_says_now(demo, model, method):
    z = apply(model.standardizer, demo.weeks_array(COHORT)[:1])[0]
    assert demo.kept(map_question(model, z, method, {}), MAPS) is not None
    kept = explain_week(demo, model, WeekQuestion(COHORT, "sim-0001"), method)
    now = explain(model.network, z, method, has_head=True)
    np.testing.assert_allclose(kept.values, now.values, atol=1e-4 * np.nanmax(np.abs(now.values)))
    shipped, made = dict(kept.settings), dict(now.settings)
    for error in ("gap_bound", "map_error"):
        assert shipped.pop(error, 0.0) == pytest.approx(made.pop(error, 0.0), rel=1e-2)
    assert shipped == made


def test_every_shipped_attribution_is_complete_to_one_percent(demo, model):
    gaps = [
        explain_week(demo, model, WeekQuestion(COHORT, person.participant), "integrated_gradients").relative_gap
        for person in demo.people(COHORT)
    ]
    assert max(gaps) <= 0.01


def test_the_demonstration_says_that_it_is_not_the_published_model(model):
    assert "not the published PAT weights" in model.card["first_line"] and model.card["simulated"]
    assert model.card["test"]["auc"]["low"] > 0.5, "the model that is shown first tells nobody apart"


def test_it_opens_with_somebody_who_carries_the_planted_trait(demo):
    entries = {entry.reference: entry for entry in models(demo)}
    person = first_person(demo, entries)
    labels = {one.participant: one.labels for one in demo.people(COHORT)}[person]
    assert labels["late wake"] == "planted"


def test_once_deleted_it_stays_deleted(tmp_path):
    workspace = Workspace(tmp_path)
    assert ensure_demo(workspace) and not ensure_demo(workspace)
    workspace.delete_cohort(COHORT)
    assert not ensure_demo(Workspace(tmp_path)) and workspace.cohorts() == ()
    assert first_person(workspace, {entry.reference: entry for entry in models(workspace)}) is None


def test_an_installation_without_the_files_has_no_demonstration_and_says_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "ASSETS", tmp_path / "none")
    workspace = Workspace(tmp_path / "workspace")
    assert not ensure_demo(workspace) and workspace.cohorts() == ()


def test_people_who_are_there_already_are_kept_when_the_demonstration_is_put_in_again(tmp_path):
    workspace = Workspace(tmp_path)
    ensure_demo(workspace)
    workspace.keep_setting("demo", None)  # as if killed before the end
    assert ensure_demo(workspace) and [cohort.name for cohort in workspace.cohorts()] == [COHORT]


def test_a_demonstration_is_built_with_a_whole_card_on_other_people_than_those_it_shows(tmp_path, monkeypatch):
    monkeypatch.setattr("pat_core.workflows.people.demo.TRAINING_PEOPLE", 40)
    monkeypatch.setattr("pat_core.workflows.people.demo.SHOWN_PEOPLE", 2)
    out = tmp_path / "assets" / "demo"
    build_demo("pat-s-simulated", out, QUICK)
    monkeypatch.setattr("pat_core.workflows.people.demo.demo_folder", lambda: out)
    workspace = Workspace(tmp_path / "workspace")
    assert ensure_demo(workspace)
    card = resolve(workspace, MODEL).card
    assert card["tested_on_simulated"] and card["encoder_trained"] and card["device"] == "simulated"
    assert len(card["test"]["people"]) == len(card["test"]["logits"]) == card["test"]["auc"]["n"]
    assert card["cohort_id"] and card["cohort_id"] not in {cohort.id for cohort in workspace.cohorts()}
    made = simulate(40, TRAINING_SEED, label=LABEL).weeks
    assert not any((made == week).all(axis=1).any() for week in np.array(workspace.weeks_array(COHORT)))
    (first, _) = predict_cohort(workspace, resolve(workspace, MODEL), COHORT)
    assert first.split is None, "one of the people shown is taken for one of those it was trained on"
