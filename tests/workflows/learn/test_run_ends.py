"""However a run ends, it says so; it goes on as what it was, or not at all; and it is one process's at a time."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from pat_core.errors import Cancelled, TrainingError, WorkspaceError
from pat_core.records import Period
from pat_core.training import loop as training_loop
from pat_core.weights import load
from pat_core.workflows.learn.finetune_run import run_finetune, start_finetune
from pat_core.workflows.learn.run_record import run_state
from pat_core.workflows.models.model_entries import add_model
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.week_marks import add_mark, undo_mark
from tests.weights.keras_files import lively, write_keras
from tests.workflows.made import QUICK, REQUEST, Told
from tests.workflows.runs import BRIEF, ROOT, StopAt, with_people


@pytest.fixture
def people(workspace, twenty_four, tmp_path):
    """A workspace of the test's own with the cohort."""
    return with_people(workspace, twenty_four, tmp_path)


def test_a_run_stopped_in_the_middle_goes_on_to_the_same_model(people, trained, monkeypatch):
    monkeypatch.setattr(training_loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(training_loop, "SECONDS_BETWEEN_REPORTS", 0.0)

    with pytest.raises(Cancelled):
        run_finetune(people, REQUEST, StopAt(12))
    assert people.models() == ()
    with pytest.raises(WorkspaceError, match="other settings"):
        run_finetune(people, replace(REQUEST, settings=replace(QUICK, seed=1)))
    told = Told()
    run = run_finetune(people, REQUEST, told)
    assert told.steps == list(range(13, 31)), "epochs were trained again, or left out"
    whole, resumed = (load(one.folder / "best.safetensors").network.state_dict() for one in (trained[1], run))
    for name, value in whole.items():
        np.testing.assert_array_equal(resumed[name].numpy(), value.numpy())
    assert run.result["test"]["logits"] == trained[1].result["test"]["logits"]


@pytest.fixture
def stopped(people, monkeypatch):
    """The workspace with a run that was stopped after its first epoch."""
    monkeypatch.setattr(training_loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(training_loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    with pytest.raises(Cancelled):
        run_finetune(people, BRIEF, StopAt(1))
    return people


@pytest.mark.parametrize("asked", ["people", "renamed"])
def test_a_run_goes_on_after_its_cohort_was_renamed(stopped, asked):
    stopped.rename_cohort("people", "renamed")
    run = run_finetune(stopped, replace(BRIEF, cohort=asked))
    assert (run.state, run.cohort, run.result["cohort"], run.result["epochs"]) == ("done", "renamed", "renamed", 3)


def test_a_run_never_goes_on_silently_where_the_name_asked_for_is_another_cohort_today(stopped, tmp_path):
    stopped.rename_cohort("people", "renamed")
    import_recordings(stopped, [tmp_path / "people.npz"], "people", labels=tmp_path / "groups.csv")
    with pytest.raises(WorkspaceError, match="called 'renamed' now; 'people' is another cohort"):
        run_finetune(stopped, BRIEF)
    assert run_finetune(stopped, replace(BRIEF, cohort="renamed")).cohort == "renamed"


def test_a_run_goes_on_on_another_device(stopped):
    elsewhere = replace(BRIEF, settings=replace(BRIEF.settings, device="cpu"))
    assert BRIEF.settings.device != "cpu" and run_finetune(stopped, elsewhere).state == "done"


def test_a_device_that_is_not_there_leaves_the_name_free(people, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for start in (run_finetune, start_finetune):
        with pytest.raises(TrainingError, match="no cuda device"):
            start(people, replace(BRIEF, settings=replace(BRIEF.settings, device="cuda")))
    assert people.runs() == ()


def test_a_run_never_goes_on_with_another_cohort_of_the_same_name(stopped, tmp_path):
    stopped.delete_cohort("people")
    import_recordings(stopped, [tmp_path / "people.npz"], "people", labels=tmp_path / "groups.csv")
    with pytest.raises(WorkspaceError, match="cohort .* was deleted. Start a new run"):
        run_finetune(stopped, BRIEF)


@pytest.mark.parametrize(
    ("swapped", "said"),
    [(("early", "late"), "the labels"), (("unsure", "unsure"), "who has the label, the weeks or the marks in them, the labels")],
)
def test_a_run_never_goes_on_with_other_labels(stopped, twenty_four, swapped, said):
    one = twenty_four.participants[int(np.flatnonzero(twenty_four.positive)[0])]
    other = twenty_four.participants[int(np.flatnonzero(~twenty_four.positive)[0])]
    stopped.set_labels("people", {one: {"group": swapped[0]}, other: {"group": swapped[1]}})
    with pytest.raises(TrainingError, match=f"{said} changed. Start a new run"):
        run_finetune(stopped, BRIEF)
    assert stopped.models() == () and "changed" in stopped.run(BRIEF.name).note


def test_a_run_never_goes_on_with_weeks_that_marks_have_altered_and_does_once_they_are_taken_back(stopped, twenty_four):
    person = twenty_four.participants[0]
    add_mark(stopped, "people", (person, 0), Period(600, 700, "rest"), who="Ada", why="diary")
    away = add_mark(stopped, "people", (person, 0), Period(600, 1200, "exclude"), who="Ada", why="another person wore it")
    with pytest.raises(TrainingError, match="since it was started, the weeks or the marks in them changed. Start a new run"):
        run_finetune(stopped, BRIEF)
    assert stopped.models() == ()
    undo_mark(stopped, away.id, who="Ada")
    assert run_finetune(stopped, BRIEF).state == "done"


def test_a_run_never_goes_on_from_another_model_of_the_same_name(people, tmp_path):
    request = replace(BRIEF, model="start")
    add_model(people, write_keras(tmp_path / "start.h5", lively("small"), "encoder"))
    with pytest.raises(Cancelled):
        run_finetune(people, request, StopAt(1))
    people.delete_model("start")
    add_model(people, write_keras(tmp_path / "start.h5", lively("small", seed=1), "encoder"))
    with pytest.raises(TrainingError, match="the model it starts from changed"):
        run_finetune(people, request)


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (KeyboardInterrupt(), "cancelled", "continues from its last checkpoint"),
        (Cancelled("stop"), "cancelled", "continues from its last checkpoint"),
        (TrainingError("The disk is full."), "failed", "^The disk is full.$"),
        (ZeroDivisionError("by nought"), "failed", "ZeroDivisionError: by nought"),
    ],
)
def test_however_a_run_ends_it_says_so_and_can_go_on(people, error, state, said):
    with pytest.raises(type(error)):
        run_finetune(people, BRIEF, StopAt(1, error))
    run = people.run(BRIEF.name)
    assert (run.state, run_state(people, run), people.run_owned(run)) == (state, state, False)
    with pytest.raises(RuntimeError, match=said):
        raise RuntimeError(run.note)
    done = run_finetune(people, BRIEF)
    assert (done.state, done.note) == ("done", "")


STALLED = """
import sys, time
from pat_core.cohorts import Workspace
from pat_core.workflows.learn.finetune_run import run_finetune
from tests.workflows.runs import BRIEF

class Stall:
    def at(self, fraction, message): pass
    def metric(self, step, values):
        print("here", flush=True)
        time.sleep(60)

run_finetune(Workspace(sys.argv[1]), BRIEF, Stall())
"""


def test_a_run_is_one_process_s_while_that_lives_and_lost_once_it_was_killed(people):
    child = subprocess.Popen([sys.executable, "-c", STALLED, str(people.folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert child.stdout.readline() == "here\n"
        assert run_state(people, people.run(BRIEF.name)) == "running"
        with pytest.raises(WorkspaceError, match="another process right now"):
            run_finetune(people, BRIEF)
        with pytest.raises(WorkspaceError, match="another process right now"):
            people.delete_run(BRIEF.name)
    finally:
        child.kill()
        child.wait()
    assert people.run(BRIEF.name).state == "running" and run_state(people, people.run(BRIEF.name)) == "lost"
    assert run_finetune(people, BRIEF).state == "done"


def test_a_running_job_s_run_is_running_and_a_lost_job_s_is_lost(people):
    job = people.add_job("finetune", "t", {})
    people.create_run("r", "people", {}, job)
    people.claim_job(job, 1, "1")
    assert run_state(people, people.run("r")) == "running"
    people.finish_job(job, "lost", "why")
    people.update_run("r", state="running")
    assert run_state(people, people.run("r")) == "lost"


def test_a_run_that_a_process_is_at_work_on_is_running_whatever_its_job_says(people):
    job = people.add_job("finetune", "t", {})
    run = people.create_run("r", "people", {}, job)
    people.claim_run("r")
    assert people.update_run("r", state="queued").state == "queued"
    assert run_state(people, people.run("r")) == "running"
    people.finish_job(job, "failed", "why")
    assert people.run("r").state == "failed" and run_state(people, people.run("r")) == "running"
    people.release_run(run)
    assert run_state(people, people.run("r")) == "failed"


def test_a_run_that_neither_process_nor_job_took_up_is_lost_after_a_while(people):
    run = people.create_run("r", "people", {})
    assert run_state(people, run) == "queued"
    old = replace(run, created=run.created - timedelta(minutes=2))
    assert run_state(people, old) == "lost"
    assert run_state(people, replace(old, job_id=people.add_job("finetune", "t", {}))) == "queued"
    people.claim_run("r")
    assert run_state(people, old) == "running"
