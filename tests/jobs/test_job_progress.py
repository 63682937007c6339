"""What a handler's progress does, without a process: `run_job` in ours."""

from __future__ import annotations

import math
import os
import threading

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled, JobError, WorkspaceError
from pat_core.jobs import job_progress as module
from tests.jobs.made import tasks


@pytest.fixture
def ws(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def job(ws):
    return ws.add_job("k", "t", {"seed": 7})


def test_beats_are_written_at_most_every_half_second(ws, job, monkeypatch):
    ws.claim_job(job, 1, "x")
    now, beats = [100.0], []
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(ws, "beat", lambda *beat: beats.append(beat[1]) or False)
    progress = jobs.JobProgress(ws, job)
    for step in range(21):
        progress.at(step / 20, "m")
        now[0] += 0.125
    assert beats == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


@pytest.mark.parametrize(("told", "kept"), [(-1, 0), (2, 1), (math.nan, 0), (0.25, 0.25)])
def test_a_fraction_is_kept_between_nought_and_one(ws, job, told, kept):
    ws.claim_job(job, 1, "x")
    jobs.JobProgress(ws, job).at(told, "m")
    assert ws.job(job).fraction == kept


def test_a_cancel_is_raised_by_either_call(ws, job):
    ws.claim_job(job, 1, "x")
    ws.request_cancel(job)
    with pytest.raises(Cancelled):
        jobs.JobProgress(ws, job).at(0.5, "m")
    with pytest.raises(Cancelled):
        jobs.JobProgress(ws, job).metric(1, {"loss": 1.0})
    assert ws.metrics(job) == [(1, "loss", 1.0)]


def test_a_workspace_that_is_busy_for_a_moment_costs_no_point_of_a_curve(ws, job, monkeypatch):
    ws.claim_job(job, 1, "x")
    progress = jobs.JobProgress(ws, job)

    def busy(*_):
        raise WorkspaceError("busy")

    with monkeypatch.context() as patch:
        patch.setattr(ws, "add_metrics", busy)
        patch.setattr(ws, "beat", busy)
        progress.metric(1, {"loss": 1.0})
        progress.metric(2, {"loss": 0.5})
    assert ws.metrics(job) == []
    progress.metric(3, {"loss": 0.25})
    assert ws.metrics(job) == [(1, "loss", 1.0), (2, "loss", 0.5), (3, "loss", 0.25)]


def test_run_job_seeds_what_draws_by_chance_and_leaves_our_own_process_as_it_was(ws):
    import random

    import numpy as np

    drawn, niceness = [], os.nice(0)
    for _ in range(2):
        job = ws.add_job("k", "t", {"seed": 7})
        done = jobs.run_job(ws, job, tasks(k=lambda ws, spec, progress: drawn.append((random.random(), np.random.random()))))
        assert done.state == "done" and done.result is None
    assert drawn[0] == drawn[1]
    assert os.nice(0) == niceness or os.getsid(0) == os.getpid()


def test_run_job_works_in_a_thread_too(ws, job):
    ended = []
    thread = threading.Thread(target=lambda: ended.append(jobs.run_job(ws, job, tasks(k=lambda *_: {"a": 1}))))
    thread.start()
    thread.join()
    assert ended[0].result == {"a": 1}


def test_run_job_leaves_alone_what_is_not_its_own(ws, job):
    other = ws.add_job("k", "t", {})
    ws.request_cancel(other)
    assert jobs.run_job(ws, other, ()).state == "cancelled"
    ws.claim_job(job, 1, "x")
    with pytest.raises(JobError, match="one that is running"):
        jobs.run_job(ws, job, ())
    assert ws.job(job).pid == 1


def test_a_keyboard_interrupt_is_a_cancel_and_an_exit_a_failure(ws):
    def end(error):
        def handler(*_):
            raise error

        return jobs.run_job(ws, ws.add_job("k", "t", {}), tasks(k=handler))

    assert end(KeyboardInterrupt()).state == "cancelled"
    assert end(SystemExit(3)).state == "failed"
    assert "out of memory" in end(MemoryError()).error


def test_the_end_of_a_job_is_told_again_where_the_workspace_was_busy(ws, job, monkeypatch):
    finish, refusals = ws.finish_job, [WorkspaceError("busy"), WorkspaceError("busy")]

    def busy_at_first(*arguments):
        if refusals:
            raise refusals.pop()
        return finish(*arguments)

    monkeypatch.setattr(ws, "finish_job", busy_at_first)
    assert jobs.run_job(ws, job, tasks(k=lambda *_: {"a": 1})).state == "done"
