"""Jobs in real processes: done, failed, cancelled, killed and resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace, alive
from pat_core.errors import JobError
from pat_core.jobs import launcher, supervise
from tests.cohorts.made import three_people

WORKER = '''
import os, sys, time
from pathlib import Path
from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError
from pat_core.jobs import run_job
from tests.jobs.made import tasks

def count(ws, spec, progress):
    """Steps with a checkpoint after each; goes on from it."""
    checkpoint = Path(spec["checkpoint"])
    done = int(checkpoint.read_text()) if checkpoint.exists() else 0
    for step in range(done, spec["steps"]):
        progress.at(step / spec["steps"], f"Step {step}")
        time.sleep(spec["pause"])
        progress.metric(step, {"loss": 1 / (step + 1)})
        checkpoint.write_text(str(step + 1))
        if step + 1 == spec.get("wait_after"):
            while not checkpoint.with_name("go").exists():
                progress.at(step / spec["steps"], "Waiting")
                time.sleep(0.02)
    return {"begun_at": done, "steps": spec["steps"], "nice": os.nice(0), "cwd": os.getcwd(), "leader": os.getsid(0) == os.getpid()}

def refuse(ws, spec, progress):
    raise TrainingError("Expected two labels, got one. Choose another column.")

def crash(ws, spec, progress):
    raise ZeroDivisionError("by nought")

def unstorable(ws, spec, progress):
    return {"model": object()}

def silent(ws, spec, progress):
    progress.at(0.5, "Long silent work")
    until = time.monotonic() + 20
    while not progress._stop.is_set() and time.monotonic() < until:
        time.sleep(0.02)
    progress.at(0.6, "Never told")

known = tasks(count=count, refuse=refuse, crash=crash, unstorable=unstorable, silent=silent)
run_job(Workspace(sys.argv[1]), sys.argv[2], known)
'''


@pytest.fixture
def ws(tmp_path):
    ws = Workspace(tmp_path / "ws")
    yield ws
    for job in ws.jobs(None, active_only=True):  # a failed test must leave no process behind
        if job.pid and alive(job.pid, job.pid_started):
            os.kill(job.pid, signal.SIGKILL)


@pytest.fixture
def command(tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    return [sys.executable, str(script), "{workspace}", "{job}"]


@pytest.fixture
def spec(tmp_path):
    return {"steps": 4, "pause": 0.0, "checkpoint": str(tmp_path / "checkpoint")}


def wait_for(ws, job_id, *states, seconds=15.0, until=lambda job: True):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = ws.job(job_id)
        if job.state in states and until(job):
            return job
        time.sleep(0.02)
    raise AssertionError(f"still {ws.job(job_id)}; log: {jobs.log_tail(ws, job_id)}")


def step_was_saved(spec, number):
    def saved(job):
        try:
            return open(spec["checkpoint"]).read() == str(number)
        except FileNotFoundError:
            return False

    return saved


def test_a_job_is_done_in_a_detached_polite_process_wherever_we_stand(ws, command, spec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    job_id = jobs.launch(ws, "count", "Count", spec, command)
    job = wait_for(ws, job_id, "done")
    assert (job.result["begun_at"], job.result["steps"], job.fraction, job.error) == (0, 4, 1, None)
    assert job.result["nice"] >= 5 and job.result["leader"] and job.result["cwd"] == str(launcher.ROOT)
    assert ws.metrics(job_id) == [(step, "loss", 1 / (step + 1)) for step in range(4)]
    assert job.pid != os.getpid() and jobs.refresh(ws) == ()


@pytest.mark.parametrize(
    ("kind", "said", "logged"),
    [
        ("refuse", "Expected two labels, got one. Choose another column.", "Expected two labels"),
        ("crash", "unexpected error stopped the job \\(ZeroDivisionError: by nought\\)", "Traceback"),
        ("unstorable", "Expected plain values", ""),
        ("dance", "Expected a job of kind count, crash, .* got 'dance'", ""),
    ],
)
def test_work_that_cannot_be_done_ends_with_its_sentence(ws, command, kind, said, logged):
    job_id = jobs.launch(ws, kind, "t", {}, command)
    job = wait_for(ws, job_id, "failed")
    with pytest.raises(JobError, match=said):
        raise JobError(job.error)
    assert job.result is None and logged in jobs.log_tail(ws, job_id)


def test_a_killed_worker_is_lost_at_the_next_look_and_resumed_from_its_checkpoint(ws, command, spec, tmp_path):
    ws.create_cohort("c", three_people(), {})
    spec |= {"wait_after": 2}
    job_id = jobs.launch(ws, "count", "Count", spec, command)
    ws.create_run("r", "c", {}, job_id)
    running = wait_for(ws, job_id, "running", until=step_was_saved(spec, 2))
    assert jobs.refresh(ws) == () and ws.run("r").state == "running"
    os.kill(running.pid, signal.SIGKILL)
    lost = _refresh_until_lost(ws)
    assert (lost.id, lost.state, ws.run("r").state) == (job_id, "lost", "lost")
    assert "process of this job is gone" in lost.error and lost.error.endswith("Start it again.")
    (tmp_path / "go").touch()
    jobs.resume(ws, job_id, command)
    done = wait_for(ws, job_id, "done")
    assert done.result["begun_at"] == 2 and done.error is None and done.pid != running.pid and ws.run("r").state == "done"
    assert [step for step, _, _ in ws.metrics(job_id)] == [0, 1, 2, 3]
    with pytest.raises(JobError, match="one that is done"):
        jobs.resume(ws, job_id, command)


def _refresh_until_lost(ws):
    end = time.monotonic() + 2  # a kill is not instant: the kernel has to take the process down
    while time.monotonic() < end:
        lost = jobs.refresh(ws)
        if lost:
            return lost[0]
    raise AssertionError("the killed worker was never missed")


def test_a_job_is_not_resumed_while_another_process_trains_its_run(ws, command, spec):
    ws.create_cohort("c", three_people(), {})
    job_id = ws.add_job("count", "Count", spec)
    run = ws.create_run("r", "c", {}, job_id)
    jobs.cancel(ws, job_id)
    ws.claim_run("r")
    with pytest.raises(JobError, match="'r' is being trained by another process"):
        jobs.resume(ws, job_id, command)
    assert (ws.job(job_id).state, ws.run("r").state) == ("cancelled", "running")
    ws.release_run(run)
    jobs.resume(ws, job_id, command)
    wait_for(ws, job_id, "done")


@pytest.mark.parametrize("how", ["cancel", "SIGTERM"])
def test_cancelled_work_stops_at_its_next_call_and_keeps_its_checkpoint(ws, command, spec, how, tmp_path):
    spec |= {"wait_after": 1}
    job_id = jobs.launch(ws, "count", "Count", spec, command)
    running = wait_for(ws, job_id, "running", until=step_was_saved(spec, 1))
    if how == "cancel":
        assert jobs.cancel(ws, job_id).cancel_requested
    else:
        os.kill(running.pid, signal.SIGTERM)
    job = wait_for(ws, job_id, "cancelled")
    assert job.error is None and job.result is None
    (tmp_path / "go").touch()
    jobs.resume(ws, job_id, command)
    assert wait_for(ws, job_id, "done").result["begun_at"] == 1


def test_silent_work_hears_of_a_cancel_through_its_heartbeat(ws, command):
    job_id = jobs.launch(ws, "silent", "t", {}, command)
    wait_for(ws, job_id, "running", until=lambda job: job.message == "Long silent work")
    jobs.cancel(ws, job_id)
    job = wait_for(ws, job_id, "cancelled", seconds=5)
    assert job.message == "Long silent work"


def test_a_worker_that_was_given_up_stops_and_does_not_speak_again(ws, command, spec):
    spec |= {"wait_after": 1}
    job_id = jobs.launch(ws, "count", "t", spec, command)
    job = wait_for(ws, job_id, "running", until=step_was_saved(spec, 1))
    ws.lose_job(job, "taken for dead")
    end = time.monotonic() + 5
    while alive(job.pid, job.pid_started) and time.monotonic() < end:
        time.sleep(0.02)
    assert not alive(job.pid, job.pid_started)
    assert (ws.job(job_id).state, ws.job(job_id).error) == ("lost", "taken for dead")


def test_no_zombie_stays_of_a_worker_that_ended(ws, command, spec):
    job_id = jobs.launch(ws, "count", "t", spec, command)
    pid = wait_for(ws, job_id, "done").pid
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError("the worker is still in the table of processes")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (["/no/such/program"], "could not be started: .*No such file"),
        ([sys.executable, "-c", "import no_such_module"], "ended before it started; its log ends with .*no_such_module"),
        ([sys.executable, "-c", ""], "ended before it started\\. "),
    ],
)
def test_a_worker_that_does_not_start_is_said_at_once(ws, bad, said, monkeypatch):
    monkeypatch.setattr(launcher, "WATCH_SECONDS", 10.0)
    with pytest.raises(JobError, match=said):
        jobs.launch(ws, "count", "t", {}, bad)
    (job,) = ws.jobs()
    assert job.state == "failed" and job.error


def test_a_worker_that_dies_while_it_loads_is_lost_without_a_minute_of_waiting(ws, monkeypatch):
    monkeypatch.setattr(launcher, "WATCH_SECONDS", 0.0)
    job_id = jobs.launch(ws, "count", "t", {}, [sys.executable, "-c", "raise SystemExit('half a module')"])
    end = time.monotonic() + 5
    while ws.job(job_id).state == "queued" and time.monotonic() < end:
        jobs.refresh(ws)
    assert ws.job(job_id).state == "lost" and 'its log ends with "half a module"' in ws.job(job_id).error


def test_a_job_that_no_process_takes_is_lost_after_a_minute(ws, monkeypatch):
    job_id = ws.add_job("count", "t", {})
    assert jobs.refresh(ws) == ()
    monkeypatch.setattr(supervise, "QUEUED_SECONDS", 0.0)
    (lost,) = jobs.refresh(ws)
    assert lost.id == job_id and "No process picked up this job" in lost.error


def test_a_reused_pid_is_not_taken_for_the_worker(ws):
    job_id = ws.add_job("count", "t", {})
    ws.claim_job(job_id, os.getpid(), "1x0")  # our own pid, which lives, but with another start
    assert [job.id for job in jobs.refresh(ws)] == [job_id]


def test_cancelling_a_job_whose_process_is_gone_ends_it_at_once(ws):
    job_id = ws.add_job("count", "t", {})
    ws.claim_job(job_id, os.getpid(), "1x0")
    assert jobs.cancel(ws, job_id).state == "cancelled"


def test_where_nothing_tells_whether_a_process_lives_silence_does(ws, monkeypatch):
    job_id = ws.add_job("count", "t", {})
    ws.claim_job(job_id, 1, "untold")
    assert jobs.refresh(ws) == ()
    monkeypatch.setattr(supervise, "SILENT_SECONDS", -1.0)
    assert [job.id for job in jobs.refresh(ws)] == [job_id]


def test_the_default_command_is_our_command_line(ws, monkeypatch):
    seen = {}

    def popen(command, **settings):
        seen.update(settings, command=command)
        raise OSError("stop here")

    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(JobError, match="stop here"):
        jobs.launch(ws, "count", "t", {})
    (job,) = ws.jobs()
    assert seen["command"] == [sys.executable, "-m", "pat_core", "work", "--workspace", str(ws.folder), "--job", job.id]
    assert seen["start_new_session"] and seen["env"]["PYTHONPATH"].split(os.pathsep)[0] == str(launcher.ROOT)


def test_the_log_is_read_from_its_end_and_only_for_a_job(ws):
    job_id = ws.add_job("k", "t", {})
    assert jobs.log_tail(ws, job_id) == ""
    jobs.log_path(ws, job_id).write_bytes(b"\xff" * 70_000 + b"\n" + b"".join(b"line %d\n" % number for number in range(100)))
    assert jobs.log_tail(ws, job_id, 2) == "line 98\nline 99"
    with pytest.raises(JobError, match="no job"):
        jobs.log_tail(ws, "../workspace")
