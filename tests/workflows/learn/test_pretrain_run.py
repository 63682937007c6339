"""Pretraining on a cohort: an encoder with its decoder and card, gone on with after a kill, and refusals before anything is written."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
import torch

from pat_core.__main__ import main
from pat_core.errors import Cancelled, JobError, PatError, TrainingError, WorkspaceError
from pat_core.progress import Silent
from pat_core.records import COUNTS, Week
from pat_core.training import PretrainSettings, loop
from pat_core.weeks import report
from pat_core.weights.networks import autoencoder_of
from pat_core.workflows.learn import multiplicity, pretrained_card
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.learn.live_rebuilding import LIVE, course_of, live_week
from pat_core.workflows.learn.pretrain_people import PretrainRequest, prepare_pretraining, pretraining_people
from pat_core.workflows.learn.pretrain_run import run_pretraining, start_pretraining
from pat_core.workflows.learn.rebuilt_weeks import LINE, MEAN_DAY, NETWORK, rebuild, rebuilding_figures
from pat_core.workflows.learn.run_record import run_state
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.read.duplicates import learned_from
from tests.workflows.made import REQUEST as FINETUNING
from tests.workflows.made import weeks_file
from tests.workflows.runs import ROOT

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
    chosen = data.chosen
    held = {row.participant for _, row in chosen.rows[: chosen.held_out]}
    everyone = {row.participant for _, row in chosen.rows}
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


KILLED = """
import json, os, signal, sys
from pat_core.cohorts import Workspace
from pat_core.progress import Silent
from pat_core.training import loop
from pat_core.workflows.learn.pretrain_people import PretrainRequest
from pat_core.workflows.learn.pretrain_run import run_pretraining

class Dies(Silent):
    def metric(self, step, values):
        if step == 2:
            os.kill(os.getpid(), signal.SIGKILL)

loop.SECONDS_BETWEEN_CHECKPOINTS = loop.SECONDS_BETWEEN_REPORTS = 0.0
run_pretraining(Workspace(sys.argv[1]), PretrainRequest.from_spec(json.loads(sys.argv[2])), Dies())
"""


def test_a_process_that_is_killed_leaves_a_run_that_goes_on_to_the_same_encoder(people):
    whole, request = run_pretraining(people, REQUEST), replace(REQUEST, name="killed")
    dead = subprocess.run([sys.executable, "-c", KILLED, str(people.folder), json.dumps(request.as_spec())], cwd=ROOT)
    assert dead.returncode == -signal.SIGKILL and run_state(people, people.run("killed")) == "lost"
    assert course_of(people.run("killed")).epoch == 2 and live_week(people.run("killed")).epoch == 1
    again = run_pretraining(people, request)
    first, second = (resolve(people, run.name).network.encoder.state_dict() for run in (whole, again))
    assert again.state == "done" and all(torch.equal(first[name], second[name]) for name in first)
    assert (again.result["rebuilt"], again.result["best_epoch"]) == (whole.result["rebuilt"], whole.result["best_epoch"])


def test_a_persons_weeks_are_on_one_side_and_standardized_by_the_others_first_weeks(workspace, twenty_four):
    weeks = np.concatenate([twenty_four.weeks, twenty_four.weeks + 1])
    rows = [
        Week(who, at // 24, values, datetime(2024, 1, 1), True, COUNTS, None, "midnight", report(values, COUNTS))
        for at, (who, values) in enumerate(zip(twenty_four.participants * 2, weeks, strict=True))
    ]
    workspace.create_cohort("people", rows, dict.fromkeys(twenty_four.participants, {}))
    data = prepare_pretraining(workspace, replace(REQUEST, weeks="all"))
    rows, held_out = data.chosen.rows, data.chosen.held_out
    held = {row.participant for _, row in rows[:held_out]}
    assert len(rows) == 48 and held_out == 4 and held.isdisjoint(row.participant for _, row in rows[4:])
    assert data.chosen.people == (22, 2) and data.standardizer.people == 22


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
    monkeypatch.setattr("pat_core.workflows.learn.pretrain_people.FEWEST", 25)
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
    several = replace(REQUEST, beside=("others",))
    for request in (REQUEST, several):
        assert PretrainRequest.from_spec(json.loads(json.dumps(request.as_spec()))) == request
    assert REQUEST.as_spec()["task"] == "pretrain"


@pytest.fixture
def two_cohorts(people, twenty_four, tmp_path):
    """A second cohort on another scale, some of whose people bear names of the first."""
    import_recordings(people, [weeks_file(tmp_path / "others.npz", twenty_four, weeks=7 * twenty_four.weeks[::-1] + 50)], "others")
    return people


def test_cohorts_are_each_standardized_by_themselves_and_then_learned_from_together(two_cohorts):
    request = replace(REQUEST, beside=("others",))
    data = prepare_pretraining(two_cohorts, request)
    learned, held = data.chosen.people
    assert learned + held == 48 and len(data.standardizers) == 2 and data.standardizer is None and len(data.z) == 48
    alone = prepare_pretraining(two_cohorts, REQUEST)
    row = next(place for place, (number, _) in enumerate(data.chosen.rows) if number == 0)
    who = data.chosen.rows[row][1].participant
    same = next(place for place, (_, other) in enumerate(alone.chosen.rows) if other.participant == who)
    np.testing.assert_array_equal(data.z[row], alone.z[same])
    sides = {(number, one.participant) for number, one in data.chosen.rows[: data.chosen.held_out]}
    assert {who for number, who in sides if number == 0} == {who for number, who in sides if number == 1}, "a name is on one side"
    spread = [np.std(data.z[[place for place, (own, _) in enumerate(data.chosen.rows) if own == number]]) for number in (0, 1)]
    assert spread[0] == pytest.approx(spread[1], rel=0.1), "a scale of seven is no difference any more"
    run = run_pretraining(two_cohorts, request)
    model = resolve(two_cohorts, run.name)
    assert model.standardizer is None and model.card["people"] == learned and len(model.card["cohorts_seen"]) == 2
    assert "Each cohort was compared with its own people" in model.card["standardized"]
    others = {one.participant for number, one in data.chosen.rows[data.chosen.held_out :] if number == 1}
    assert learned_from(two_cohorts, model, "others") == others


@pytest.mark.parametrize(
    ("beside", "said"),
    [(("people",), "different cohorts"), (("nobody",), "nobody"), (("short",), "windows of one length"), (("few",), "“few” has")],
)
def test_cohorts_that_do_not_go_together_are_refused(people, twenty_four, tmp_path, beside, said):
    short = [
        Week(who, 0, values[:2880], datetime(2024, 1, 1), True, COUNTS, None, "midnight", report(values[:2880], COUNTS))
        for who, values in zip(twenty_four.participants, twenty_four.weeks, strict=True)
    ]
    people.create_cohort("short", short, dict.fromkeys(twenty_four.participants, {}))
    import_recordings(people, [weeks_file(tmp_path / "few.npz", twenty_four, slice(8))], "few")
    with pytest.raises(PatError, match=said):
        pretraining_people(people, replace(REQUEST, beside=beside))


def test_a_run_in_progress_shows_a_held_out_week_and_where_it_stands(people, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    with pytest.raises(Cancelled):
        run_pretraining(people, REQUEST, Stopped())
    run, data = people.run("own encoder"), prepare_pretraining(people, REQUEST)
    shown = live_week(run)
    assert shown.epoch == 1 and shown.rebuilt.hidden.sum() == 360 * int(28 * 0.9)
    np.testing.assert_array_equal(shown.rebuilt.z, data.z[0])
    assert shown.rebuilt.figures[NETWORK].mse > 0 and shown.start == data.chosen.rows[0][1].start
    course = course_of(run)
    assert (course.epoch, course.rate, course.halved) == (2, 1e-3, 0) and course.waited == 2 - course.best_epoch
    done = run_pretraining(people, REQUEST)
    assert live_week(done) is None and course_of(done).epoch == 3, "a person's week does not stay in a run that is done"


def test_a_halved_rate_is_known_from_the_checkpoint(people, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    settings = replace(BRIEF, epochs=12, patience=12, plateau_patience=1, learning_rate=0.5, smallest_rate=0.1)
    run = run_pretraining(people, replace(REQUEST, settings=settings))
    course = course_of(run)
    assert course.first_rate == 0.5 and 0.1 <= course.rate < 0.5 and course.halved in (1, 2, 3)


def test_what_a_run_in_progress_holds_of_people_goes_with_their_cohort(people, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    with pytest.raises(Cancelled):
        run_pretraining(people, REQUEST, Stopped())
    run = people.run("own encoder")
    assert (run.folder / LIVE).exists() and course_of(run) is not None
    people.delete_cohort("people")
    assert not (run.folder / LIVE).exists() and course_of(run) is None


def test_it_goes_with_a_further_cohort_too_whatever_that_is_called_by_then(two_cohorts, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    request = replace(REQUEST, beside=("others",))
    with pytest.raises(Cancelled):
        run_pretraining(two_cohorts, request, Stopped())
    run = two_cohorts.run("own encoder")
    assert (run.folder / LIVE).exists() and course_of(run) is not None
    assert PretrainRequest.from_spec(run.config) == request
    two_cohorts.rename_cohort("others", "cycle two")
    two_cohorts.delete_cohort("cycle two")
    assert not (run.folder / LIVE).exists() and course_of(run) is None and two_cohorts.run("own encoder").cohort_id is not None
    with pytest.raises(PatError, match="others"):
        run_pretraining(two_cohorts, request)


def test_a_start_is_checked_recorded_and_launched_once(people, monkeypatch):
    began = []
    monkeypatch.setattr("pat_core.jobs.launcher.start_waiting", lambda space, wanted=None: began.append(wanted))
    run, job = start_pretraining(people, REQUEST)
    assert people.run(run.name).job_id == job.id and began == [job.id] and job.title == "Pretrain own encoder"
    with pytest.raises(WorkspaceError):
        start_pretraining(people, REQUEST)
    with pytest.raises(TrainingError, match="a patch of 1 to 1,440"):
        start_pretraining(people, replace(REQUEST, name="other", patch=0))
    assert len(people.runs()) == 1


def test_a_start_whose_worker_does_not_begin_leaves_no_run(people, monkeypatch):
    def refuse(*_, **__):
        raise JobError("no worker")

    monkeypatch.setattr("pat_core.jobs.launcher.start_waiting", refuse)
    with pytest.raises(JobError):
        start_pretraining(people, REQUEST)
    assert not people.runs()


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
