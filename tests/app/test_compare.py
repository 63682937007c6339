"""Compare models: what it costs before it starts, and the table of what is done."""

import os
import re
from dataclasses import replace

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace, started
from pat_core.jobs import Task
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.training import FinetuneSettings
from pat_core.workflows.comparing.compare_cells import COMPARE, remember_request, requests, run_comparison
from pat_core.workflows.comparing.compare_request import ALL, CompareRequest, Groups
from pat_core.workflows.people.demo import COHORT, ensure_demo
from tests.app.made import opened_at, said_by


@pytest.fixture
def compared():
    """The demonstration with one comparison that is done."""
    workspace = Workspace()
    ensure_demo(workspace)
    groups = Groups("late wake", "planted", "not planted")
    request = CompareRequest("quick", COHORT, (groups,), ("wavelet_logistic",), sizes=(ALL,), seeds=1, settings=FinetuneSettings("full"))
    run_comparison(workspace, request)


def test_what_is_done_stands_in_a_table_and_what_is_not_says_what_it_costs(compared):
    app = opened_at("pages/compare.py", cohort=COHORT)
    assert not app.exception and not app.error
    words = said_by(app)
    assert "trainings are to be done." in words and "people held out" in words and "These people are simulated" in words
    table = app.dataframe[0].value
    assert list(table["Model"]) == ["Six rhythm features", "Rhythm, sleep and wear figures", "Wavelets, logistic regression"]
    shown = list(app.dataframe[0].proto.column_order)
    assert shown == ["Model", "Mean AUC", "from", "to", "Against the floor", "Parameters"], "one label and one size are no columns"
    start = next(button for button in app.button if button.label == "Start comparing")
    assert not start.disabled


FORM = {"compare-models": "wavelet_logistic", "compare-sizes": "30,all", "compare-seeds": "1"}
"""What the form asks for at this address: `ASKED`."""
LATE = Groups("late wake", "planted", "not planted")
ASKED = CompareRequest(f"{COHORT}, {LATE.words}", COHORT, (LATE,), ("wavelet_logistic",), sizes=(30, ALL), seeds=1)


@pytest.mark.parametrize("state", ["running", "cancelled", "lost", "failed"])
@pytest.mark.parametrize("above", [True, False], ids=["asked for by the form", "chosen below"])
def test_a_comparison_at_work_is_not_started_twice_and_one_that_was_stopped_goes_on(state, above):
    workspace = Workspace()
    ensure_demo(workspace)
    remember_request(workspace, ASKED)
    job = workspace.add_job(COMPARE.kind, "Compare models: stopped", ASKED.as_spec())
    workspace.claim_job(job, os.getpid(), started(os.getpid()))
    if state != "running":
        workspace.finish_job(job, state, error=None if state == "cancelled" else "It stopped.")
    app = opened_at("pages/compare.py", cohort=COHORT, comparison=ASKED.name, **(FORM if above else {}))
    labels = [button.label for button in app.button]
    again = {"running": "Cancel", "failed": "Try again"}.get(state, "Continue from where it stopped")
    assert not app.exception and labels.count(again) == 1
    assert ("Start comparing" in labels) is not above  # of another comparison, which was not started


def test_a_comparison_that_no_job_is_left_of_goes_on_and_says_what_failed(compared, monkeypatch):
    workspace, began = Workspace(), []
    monkeypatch.setattr(Task, "launch", lambda task, space, request, title, on: began.append((request, on)))
    more = replace(next(iter(requests(workspace).values())), seeds=2)  # half of its trainings are kept
    remember_request(workspace, more)
    job = workspace.add_job(COMPARE.kind, "Compare models: quick", more.as_spec())
    workspace.claim_job(job, 1, "x")
    workspace.finish_job(job, "done", result={"failed": ["LSTM, all people: it did not go well."]})
    app = opened_at("pages/compare.py", cohort=COHORT, comparison="quick")
    assert "it did not go well" in said_by(app) and "3 of its trainings are not done yet" in said_by(app)
    next(button for button in app.button if button.label == "Continue from where it stopped").click().run()
    assert not app.exception and began == [(more, "")]


def press(app, label: str):
    next(button for button in app.main.button if button.label == label).click()
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def test_how_long_it_takes_is_measured_once_it_is_asked_for():
    app = opened_at("pages/compare.py", cohort=COHORT, **FORM | {"compare-models": "cnn_1d", "compare-epochs": "2"})
    assert not app.exception and "at the most" not in said_by(app)
    press(app, "How long will it take here?")
    words = [message.value for message in app.info if "at the most on this computer (cpu)" in message.value]
    assert re.search(r"4 epochs in all; most trainings end sooner", *words)


def test_a_comparison_begins_at_the_chosen_place_and_one_that_was_stopped_goes_on_there(tmp_path, monkeypatch):
    workspace, began = Workspace(), []
    ensure_demo(workspace)
    keep_place(workspace, Place("next door", "process", folder=str(tmp_path / "there")))
    monkeypatch.setattr(Task, "launch", lambda task, space, request, title, on: began.append(on))
    monkeypatch.setattr(jobs, "resume", lambda space, job, on: began.append((job, on)))
    app = opened_at("pages/compare.py", cohort=COHORT, place="next door", **FORM | {"compare-models": "cnn_1d"})
    assert "It will run at next door." in said_by(app)
    press(app, "What would leave this computer?")
    assert "no names, no dates" in said_by(app) and "0-weeks.npy" in list(app.dataframe[-1].value["File"])
    press(app, "Start comparing")
    assert began == ["next door"]
    remember_request(workspace, ASKED)
    job = workspace.add_job(COMPARE.kind, "Compare models: stopped", ASKED.as_spec())
    workspace.request_cancel(job)
    press(opened_at("pages/compare.py", cohort=COHORT, place="next door", **FORM), "Continue from where it stopped")
    assert began == ["next door", (job, "next door")]
