"""Work that is under way elsewhere: who watches it was killed, two apps look at once, or it cannot be watched at all."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import replace

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace, alive
from pat_core.errors import JobError
from pat_core.jobs.errand import MOST_WATCHERS, Errand, errand_of, keep_errand

WATCHER = """
import os, sys, time
from pathlib import Path
from pat_core.cohorts import Workspace, started
ws = Workspace(sys.argv[1])
ws.claim_job(sys.argv[2], os.getpid(), started(os.getpid()))
with open(sys.argv[3], "a") as file:
    file.write(f"{os.getpid()}\\n")
time.sleep(float(sys.argv[4]))
"""


@pytest.fixture
def ws(tmp_path):
    ws = Workspace(tmp_path / "ws")
    yield ws
    for job in ws.jobs(None, active_only=True):
        if job.pid and alive(job.pid, job.pid_started):
            os.kill(job.pid, signal.SIGKILL)


def begun(ws: Workspace, tmp_path, seconds: float) -> str:
    """A job whose watcher lives so long, of work that is under way at a place."""
    (tmp_path / "watcher.py").write_text(WATCHER)
    command = [sys.executable, str(tmp_path / "watcher.py"), "{workspace}", "{job}", str(tmp_path / "began"), str(seconds)]
    job = jobs.launch(ws, "count", "Count", {}, command, "elsewhere")
    wait(lambda: watchers(tmp_path) == 1)
    keep_errand(ws, job, Errand("the ward", "0" * 16, under_way=True))
    return job


def watchers(tmp_path) -> int:
    path = tmp_path / "began"
    return len(path.read_text().splitlines()) if path.exists() else 0


def wait(true) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def kill(ws: Workspace, job: str) -> None:
    now = ws.job(job)
    os.kill(now.pid, signal.SIGKILL)
    wait(lambda: not alive(now.pid, now.pid_started))


def test_of_two_apps_that_look_at_once_one_starts_a_watcher(ws, tmp_path):
    job = begun(ws, tmp_path, 60)
    kill(ws, job)
    looks = [threading.Thread(target=jobs.refresh, args=(Workspace(ws.folder),)) for _ in range(4)]
    for look in looks:
        look.start()
    for look in looks:
        look.join()
    wait(lambda: watchers(tmp_path) == 2)
    jobs.refresh(ws)
    assert (ws.job(job).state, watchers(tmp_path), errand_of(ws, job).watchers) == ("running", 2, 1)


def test_a_watcher_that_dies_each_time_is_given_up_and_the_job_is_lost(ws, tmp_path):
    job = begun(ws, tmp_path, 0)
    until = time.monotonic() + 90
    while ws.job(job).active and time.monotonic() < until:
        jobs.refresh(ws)
        time.sleep(0.05)
    assert (ws.job(job).state, watchers(tmp_path)) == ("lost", 1 + MOST_WATCHERS)
    assert errand_of(ws, job).under_way, "whoever resumes it finds the work"


def test_a_job_whose_work_is_elsewhere_is_not_started_here_as_well(ws, tmp_path):
    job = begun(ws, tmp_path, 60)
    keep_errand(ws, job, replace(errand_of(ws, job), watchers=MOST_WATCHERS))
    kill(ws, job)
    for place in ("", "another"):
        with pytest.raises(JobError, match="still under way at the ward"):
            jobs.resume(ws, job, on=place)


def test_any_number_of_jobs_elsewhere_run_at_once(ws, tmp_path, monkeypatch):
    monkeypatch.setenv("PAT_JOBS_AT_ONCE", "1")
    begun(ws, tmp_path, 60)
    command = [sys.executable, str(tmp_path / "watcher.py"), "{workspace}", "{job}", str(tmp_path / "began"), "60"]
    for _ in range(2):
        jobs.launch(ws, "count", "Count", {}, command, "elsewhere")
    wait(lambda: watchers(tmp_path) == 3)


def test_a_damaged_note_of_an_errand_is_none(ws, tmp_path):
    job = begun(ws, tmp_path, 60)
    (ws.folder / "jobs" / f"{job}.elsewhere.json").write_text("{")
    assert errand_of(ws, job) is None
