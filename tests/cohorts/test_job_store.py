"""Jobs: which state may follow which, and curves."""

from __future__ import annotations

import math

import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import JobError, WorkspaceError


@pytest.fixture
def ws(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def job(ws):
    return ws.add_job("finetune", "A title", {"seed": 3, "rates": (1, 2)})


def test_a_job_goes_from_queued_to_done(ws, job):
    queued = ws.job(job)
    assert (queued.state, queued.fraction, queued.started, queued.active) == ("queued", 0, None, True)
    assert queued.spec == {"seed": 3, "rates": [1, 2]}
    running = ws.claim_job(job, 42, "x")
    assert (running.state, running.pid, running.pid_started) == ("running", 42, "x") and running.started and running.heartbeat
    assert ws.beat(job, 0.5, "epoch 1") is False and ws.beat(job) is False
    assert (ws.job(job).fraction, ws.job(job).message) == (0.5, "epoch 1")
    assert ws.finish_job(job, "done", result={"auc": 0.8})
    done = ws.job(job)
    assert (done.state, done.fraction, done.result, done.error, done.active) == ("done", 1, {"auc": 0.8}, None, False) and done.finished


def test_a_job_can_be_claimed_once(ws, job):
    ws.claim_job(job, 42, "x")
    with pytest.raises(JobError, match="one that is running"):
        ws.claim_job(job, 43, "y")
    assert ws.job(job).pid == 42


def test_what_has_ended_stays_as_it_ended(ws, job):
    ws.claim_job(job, 42, "x")
    ws.finish_job(job, "cancelled")
    assert not ws.finish_job(job, "done", result={}) and ws.job(job).state == "cancelled"
    assert ws.beat(job, 0.9, "late") is True and ws.job(job).message != "late", "a worker that was given up is told to stop"
    assert ws.request_cancel(job).state == "cancelled"
    with pytest.raises(JobError, match="last state"):
        ws.finish_job(job, "running")


def test_cancel_takes_a_waiting_job_at_once_and_asks_a_running_one(ws, job):
    other = ws.add_job("k", "t", {})
    assert ws.request_cancel(other).state == "cancelled"
    ws.claim_job(job, 1, "x")
    asked = ws.request_cancel(job)
    assert asked.state == "running" and asked.cancel_requested and ws.beat(job) is True


def test_requeue_begins_anew_but_keeps_the_curves(ws, job):
    ws.claim_job(job, 1, "x")
    ws.add_metrics(job, 1, {"loss": 0.5})
    for wrong in ("running", "done"):
        if wrong == "done":
            ws.finish_job(job, "done")
        with pytest.raises(JobError, match=f"one that is {wrong}"):
            ws.requeue_job(job)
    lost = ws.add_job("k", "t", {})
    ws.claim_job(lost, 1, "x")
    ws.request_cancel(lost)
    ws.add_metrics(lost, 1, {"loss": 0.5})
    assert ws.lose_job(ws.job(lost), "gone")
    again = ws.requeue_job(lost)
    assert (again.state, again.pid, again.error, again.cancel_requested, again.finished) == ("queued", None, None, False, None)
    assert ws.metrics(lost) == [(1, "loss", 0.5)] and ws.claim_job(lost, 2, "y").pid == 2


def test_a_job_that_went_on_meanwhile_is_not_lost(ws, job):
    seen = ws.job(job)
    ws.claim_job(job, 1, "x")
    assert not ws.lose_job(seen, "gone") and ws.job(job).state == "running"


def test_curves_come_by_step_and_a_step_done_again_replaces_the_old(ws, job):
    ws.add_metrics(job, 2, {"loss": 1.0, "auc": math.nan})
    ws.add_metrics(job, 1, {"loss": math.inf})
    ws.add_metrics(job, 2, {"loss": 0.5})
    (first, nan, last) = ws.metrics(job)
    assert first == (1, "loss", math.inf) and last == (2, "loss", 0.5)
    assert nan[:2] == (2, "auc") and math.isnan(nan[2])
    with pytest.raises(WorkspaceError):
        ws.add_metrics("none", 1, {"loss": 1.0})


def test_jobs_come_newest_first_up_to_a_limit(ws):
    ids = [ws.add_job("k", str(number), {}) for number in range(5)]
    ws.request_cancel(ids[1])
    assert [job.id for job in ws.jobs(3)] == ids[:1:-1]
    assert [job.id for job in ws.jobs(None, active_only=True)] == [ids[4], ids[3], ids[2], ids[0]]


@pytest.mark.parametrize("job_id", ["", "none", "../../etc/passwd"])
def test_an_unknown_job_is_said(ws, job_id):
    with pytest.raises(JobError, match="has no job"):
        ws.job(job_id)
    with pytest.raises(JobError, match="has no job"):
        ws.requeue_job(job_id)
