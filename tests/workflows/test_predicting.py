"""A prediction is what the network says of the standardized week, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from pat_core import workflows
from pat_core.cohorts import Workspace
from pat_core.errors import UntrainedError, WeekError, WorkspaceError
from pat_core.weeks import apply, fit
from pat_core.workflows import predicting
from tests.workflows.made import weeks_file


@pytest.fixture(scope="module")
def model(trained):
    return workflows.resolve(trained[0], "late risers")


@pytest.fixture(scope="module")
def predicted(trained, model):
    return workflows.predict_cohort(trained[0], model, "people")


def test_logits_are_those_of_the_network_on_weeks_standardized_by_the_model(predicted, model, twenty_four):
    with torch.no_grad():
        wanted = model.network(torch.from_numpy(apply(model.standardizer, twenty_four.weeks))).numpy()
    np.testing.assert_allclose([one.prediction.logit for one in predicted], wanted, atol=1e-5)


def test_the_cohorts_own_standardizer_is_fitted_on_the_cohort(trained, model, twenty_four):
    made = workflows.predict_cohort(trained[0], model, "people", "cohort")
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

    monkeypatch.setattr(predicting, "predict_logits", never)
    assert workflows.predict_cohort(trained[0], model, "people") == predicted
    entry = next(entry for entry in workflows.models(trained[0]) if entry.reference == "late risers")
    assert workflows.predictions_missing(trained[0], entry, "people", "model") == 0


def test_a_model_without_a_head_gives_no_prediction(trained):
    with pytest.raises(UntrainedError, match="no trained head"):
        workflows.predict_cohort(trained[0], workflows.resolve(trained[0], "pat-s-simulated"), "people")


def test_a_standardizer_that_is_not_there_is_never_replaced_by_another(trained, model):
    bare = replace(model, standardizer=None)
    with pytest.raises(WeekError, match="no standardizer of its own"):
        workflows.predict_cohort(trained[0], bare, "people", "model")


def test_fewer_people_than_a_standardizer_needs_are_refused(workspace, twenty_four, model, tmp_path):
    workflows.import_recordings(workspace, [weeks_file(tmp_path / "few.npz", twenty_four, slice(0, 9))], "few")
    with pytest.raises(WeekError, match="10"):
        workflows.predict_cohort(workspace, model, "few", "cohort")
    assert len(workflows.predict_cohort(workspace, model, "few", "model")) == 9


def test_the_part_a_person_had_in_training_is_that_of_the_run(trained, predicted):
    split = json.loads((trained[1].folder / "split.json").read_text())
    assert {one.row.participant: one.split for one in predicted} == split
    assert set(split.values()) == {"train", "validation", "test"}
    assert {one.row.participant for one in predicted if one.held_out is not None} == {who for who, part in split.items() if part == "test"}


def test_another_cohort_is_nobody_the_model_has_seen(trained, model, workspace, twenty_four, tmp_path):
    workflows.import_recordings(workspace, [weeks_file(tmp_path / "same.npz", twenty_four)], "people")
    assert {one.split for one in workflows.predict_cohort(workspace, model, "people")} == {None}


def test_the_table_has_a_row_a_person_with_percentages_and_the_label(trained, predicted, twenty_four):
    table = workflows.participants_table(trained[0], "people", predicted, "group")
    assert list(table["Participant"]) == list(twenty_four.participants)
    np.testing.assert_allclose(table["Probability"], [100 * one.prediction.probability for one in predicted])
    assert list(table["group"]) == ["late" if late else "early" for late in twenty_four.positive]


def test_a_week_that_is_unfit_is_said_to_be_and_still_listed(workspace, twenty_four, model, tmp_path):
    weeks = twenty_four.weeks[:12].copy()
    weeks[4] = 0.0
    workflows.import_recordings(workspace, [weeks_file(tmp_path / "a.npz", twenty_four, slice(0, 12), weeks=weeks)], "people")
    made = workflows.predict_cohort(workspace, model, "people")
    refused = {one.row.participant for one in made if any(finding.severity == "refuse" for finding in one.findings)}
    assert refused == {twenty_four.participants[4]}
    table = workflows.participants_table(workspace, "people", made)
    assert list(table["Quality"]).count("Not fit for the model") == 1 and len(table) == 12


def test_one_persons_week_is_read_as_the_cohorts_is(trained, model, predicted, twenty_four):
    view = workflows.week_view(trained[0], model, "people", "sim-0004")
    assert view.prediction.logit == pytest.approx(predicted[3].prediction.logit, abs=1e-5)
    np.testing.assert_array_equal(view.week.values, twenty_four.weeks[3])
    np.testing.assert_allclose(view.z, apply(model.standardizer, twenty_four.weeks[3:4])[0])
    assert view.split == predicted[3].split and view.weeks == 1 and view.truth == {}


def test_a_person_who_is_not_there_is_named_in_the_refusal(trained, model):
    with pytest.raises(WorkspaceError, match="sim-9999"):
        workflows.week_view(trained[0], model, "people", "sim-9999")


def test_a_receipt_is_plain_values_and_names_the_model_by_its_hash(trained, model):
    view = workflows.week_view(trained[0], model, "people", "sim-0001")
    made = [workflows.explain_week(trained[0], model, "people", "sim-0001", 0, "rollout")]
    told = json.loads(json.dumps(workflows.receipt(view, model, made)))
    assert told["model"]["sha256"] == model.sha256 and told["prediction"]["logit"] == view.prediction.logit
    assert [one["method"] for one in told["explanations"]] == ["rollout"]
    table = workflows.week_table(view, made)
    assert len(table) == 10080 and list(table["rollout"]) == list(made[0].values)


def test_predictions_outlive_the_process(trained, predicted, model):
    again = Workspace(trained[0].folder).predictions(model.sha256, "people", "model")
    assert {row: one.logit for row, one in again.items()} == {one.row.row: one.prediction.logit for one in predicted}
