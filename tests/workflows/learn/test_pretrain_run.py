"""Pretraining on a cohort: an encoder with its decoder and card, gone on with after a kill, and refusals before anything is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
import torch

from pat_core.__main__ import main
from pat_core.errors import Cancelled, PatError, TrainingError, WorkspaceError
from pat_core.progress import Silent
from pat_core.records import COUNTS, Week
from pat_core.training import PretrainSettings, loop
from pat_core.weeks import report
from pat_core.weights.networks import autoencoder_of
from pat_core.workflows.learn import multiplicity, pretrained_card
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.learn.pretrain_run import PretrainRequest, prepare_pretraining, run_pretraining
from pat_core.workflows.learn.rebuilt_weeks import LINE, MEAN_DAY, NETWORK, rebuild, rebuilding_figures
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.read.duplicates import learned_from
from tests.workflows.made import REQUEST as FINETUNING
from tests.workflows.made import weeks_file

BRIEF = PretrainSettings(epochs=3, batch=8, seed=4, device="cpu")
REQUEST = PretrainRequest("own encoder", "people", "custom", patch=360, heads=2, blocks=1, settings=BRIEF)


class Stopped(Silent):
    """A reader who stops in the second epoch, once a checkpoint is there."""

    def metric(self, step, values) -> None:
        if step == 2:
            raise Cancelled("stop")


@pytest.fixture
def people(workspace, twenty_four, tmp_path):
    import_recordings(workspace, [weeks_file(tmp_path / "people.npz", twenty_four)], "people")
    return workspace


def test_an_encoder_comes_with_decoder_card_and_standardizer(people):
    run = run_pretraining(people, REQUEST)
    model = resolve(people, "own encoder")
    assert (run.state, model.has_head, model.encoder_trained, model.origin) == ("done", False, True, "own")
    card = model.card
    assert (card["people"], card["validated_on"], card["weeks"], card["simulated"]) == (22, 2, 22, False)
    assert set(card["rebuilt"]) == {NETWORK, LINE, MEAN_DAY} and card["rebuilt"][NETWORK]["mse"]["n"] == 2
    assert "2 people it had not seen" in card["limits"] and "22 people are few" in card["risks"] and "not known (22)" in card["bias"]
    assert model.standardizer.people == 22 and autoencoder_of(model).encoder is model.network.encoder
    curves = pd.read_csv(run.folder / "curves.csv")
    assert len(curves) == 3 and "validation loss on hidden minutes" in curves
    assert curves["validation loss"].min() == pytest.approx(card["validation_loss"])


def test_whom_it_learned_from_is_known_by_the_content_of_their_weeks(people):
    data = prepare_pretraining(people, REQUEST)
    run_pretraining(people, REQUEST)
    held = {row.participant for row in data.rows[: data.held_out]}
    everyone = {row.participant for row in data.rows}
    assert learned_from(people, resolve(people, "own encoder"), "people") == everyone - held and len(held) == 2


def test_a_killed_pretraining_goes_on_to_the_same_encoder(people, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    whole = run_pretraining(people, REQUEST)
    again = replace(REQUEST, name="broken")
    with pytest.raises(Cancelled):
        run_pretraining(people, again, Stopped())
    assert people.run("broken").state == "cancelled"
    with pytest.raises(WorkspaceError, match="other settings"):
        run_pretraining(people, replace(again, patch=180))
    run_pretraining(people, again)
    first, second = (resolve(people, name).network.encoder.state_dict() for name in (whole.name, "broken"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_persons_weeks_are_on_one_side_and_standardized_by_the_others_first_weeks(workspace, twenty_four):
    weeks = np.concatenate([twenty_four.weeks, twenty_four.weeks + 1])
    rows = [
        Week(who, at // 24, values, datetime(2024, 1, 1), True, COUNTS, None, "midnight", report(values, COUNTS))
        for at, (who, values) in enumerate(zip(twenty_four.participants * 2, weeks, strict=True))
    ]
    workspace.create_cohort("people", rows, dict.fromkeys(twenty_four.participants, {}))
    data = prepare_pretraining(workspace, replace(REQUEST, weeks="all"))
    held = {row.participant for row in data.rows[: data.held_out]}
    assert len(data.rows) == 48 and data.held_out == 4 and held.isdisjoint(row.participant for row in data.rows[4:])
    assert data.people == (22, 2) and data.standardizer.people == 22


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"patch": 0}, "a patch of 1 to 1,440 minutes"),
        ({"patch": 1440, "heads": 999}, "1 to 64 heads"),
        ({"name": ""}, "name"),
        ({"cohort": "nobody"}, "nobody"),
    ],
)
def test_what_cannot_be_pretrained_is_refused_before_anything_is_written(people, change, said):
    with pytest.raises(PatError, match=said):
        run_pretraining(people, replace(REQUEST, **change))
    assert not people.runs()


def test_too_few_people_and_a_card_that_lacks_something_are_refused(people, workspace, monkeypatch):
    monkeypatch.setattr("pat_core.workflows.learn.pretrain_run.FEWEST", 25)
    with pytest.raises(TrainingError, match="at least 25 people with a fit week; “people” has 24"):
        run_pretraining(people, REQUEST)
    monkeypatch.undo()
    monkeypatch.setattr(pretrained_card, "_limits", lambda *_: "")
    with pytest.raises(TrainingError, match="lacks limits"):
        run_pretraining(people, REQUEST)
    assert people.run("own encoder").state == "failed" and not people.models()


def test_a_rebuilt_week_is_as_it_was_but_for_hidden_minutes(people):
    run_pretraining(people, REQUEST)
    model, z = resolve(people, "own encoder"), np.random.default_rng(0).normal(size=10_080).astype(np.float32)
    week = rebuild(autoencoder_of(model), z, 0.5, seed=1)
    assert week.hidden.sum() == 14 * 360
    for filled in week.by.values():
        np.testing.assert_array_equal(filled[~week.hidden], z[~week.hidden])
    again = rebuilding_figures(autoencoder_of(model), [z], 0.5, seed=1)
    assert again[LINE]["mse"]["value"] == pytest.approx(week.figures[LINE].mse) and again[NETWORK]["mse"]["n"] == 1


def test_a_request_survives_its_record():
    assert PretrainRequest.from_spec(REQUEST.as_spec()) == REQUEST and REQUEST.as_spec()["task"] == "pretrain"


def test_a_pretraining_counts_as_no_test_and_its_name_is_no_fine_tunings(people, monkeypatch):
    run_pretraining(people, REQUEST)
    assert multiplicity.tested_on(people, people.cohort("people").id) == 0 and multiplicity.tested_runs(people, "people").table.empty
    with pytest.raises(Cancelled):
        monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
        run_pretraining(people, replace(REQUEST, name="half"), Stopped())
    with pytest.raises(WorkspaceError, match="does something else"):
        run_finetune(people, replace(FINETUNING, name="half", cohort="people"))


def test_the_command_pretrains_on_a_cohort_and_says_what_came_of_it(people, capsys):
    command = "pretrain --cohort people --name own --size custom --patch 360 --heads 2 --epochs 2 --batch 8 --device cpu --workspace"
    assert main([*command.split(), str(people.folder)]) == 0
    said = capsys.readouterr()
    assert "own: pretrained on 22 people of the cohort people, validated on 2 others" in said.out and "mean squared error" in said.out
    assert "22 people are few" in said.err and resolve(people, "own").decoder is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--cohort people", "needs --name"),
        ("--size small", "needs --cohort and --name, or --out"),
        ("--cohort people --name x --out y.safetensors", "--out is for simulated people"),
        ("--size custom --out y.safetensors", "A custom size is for a cohort"),
    ],
)
def test_a_command_that_cannot_be_meant_is_wrong_usage(people, capsys, words, said):
    assert main(["pretrain", *words.split(), "--workspace", str(people.folder)]) == 2
    assert said in capsys.readouterr().err and not people.runs()
