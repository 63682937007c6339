"""So many jobs at once, the others wait: they begin by themselves, once each, whoever is there to start them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from pat_core import jobs, settings
from pat_core.cohorts import Workspace, alive
from pat_core.cohorts.processes import owner
from pat_core.errors import JobError
from pat_core.jobs import launcher
from tests.jobs.test_jobs import wait_for

WORKER = """
import sys, time
from pathlib import Path
from pat_core.cohorts import Workspace
from pat_core.jobs import run_job
from tests.jobs.made import tasks

def work(ws, spec, progress):
    with open(Path(spec["folder"]) / "begun", "a") as file:
        file.write(spec["name"] + chr(10))
    while not (Path(spec["folder"]) / spec["name"]).exists():
        progress.at(0.5, "At work")
        time.sleep(0.02)

run_job(Workspace(sys.argv[1]), sys.argv[2], tasks(**{kind: work for kind in ("work", "import", "download")}))
"""


@pytest.fixture(autouse=True)
def _one_at_once(monkeypatch):
    monkeypatch.setenv("PAT_JOBS_AT_ONCE", "1")


@pytest.fixture
def ws(tmp_path):
    ws = Workspace(tmp_path / "ws")
    yield ws
    for _ in range(20):  # who is stopped lets the next begin
        for job in ws.jobs(None, active_only=True):
            ws.request_cancel(job.id)
            if job.pid and alive(job.pid, job.pid_started):
                with suppress(ProcessLookupError):  # it ended just now
                    os.kill(job.pid, signal.SIGKILL)


@pytest.fixture
def start(ws, tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)

    def launched(name: str, kind: str = "work") -> str:
        spec = {"name": name, "folder": str(tmp_path)}
        lane = {"import": launcher.FILES, "download": launcher.NETWORK}.get(kind, launcher.COMPUTE)
        return jobs.launch(ws, kind, name, spec, [sys.executable, str(script), "{workspace}", "{job}"], lane)

    return launched


def begun(folder) -> list[str]:
    return (folder / "begun").read_text().split() if (folder / "begun").exists() else []


def test_the_others_wait_in_order_and_begin_by_themselves_with_nobody_watching(ws, start, tmp_path):
    ids = [start(name) for name in ("a", "b", "c")]
    wait_for(ws, ids[0], "running")
    waiting = [ws.job(job) for job in ids[1:]]
    assert [(job.state, job.waiting, ws.jobs_before(job), job.pid) for job in waiting] == [
        ("queued", True, 1, None),
        ("queued", True, 2, None),
    ]
    (tmp_path / "a").touch()  # from here on no call of ours starts anything: the worker that ends does
    wait_for(ws, ids[1], "running")
    assert ws.job(ids[0]).state == "done" and ws.jobs_before(ws.job(ids[2])) == 1
    (tmp_path / "b").touch(), (tmp_path / "c").touch()
    wait_for(ws, ids[2], "done")
    assert begun(tmp_path) == ["a", "b", "c"]


def test_a_killed_worker_makes_room_at_the_next_look_and_a_cancelled_one_in_the_queue_never_begins(ws, start, tmp_path):
    ids = [start(name) for name in ("a", "b", "c")]
    running = wait_for(ws, ids[0], "running")
    assert jobs.cancel(ws, ids[1]).state == "cancelled"
    assert jobs.refresh(ws) == () and ws.job(ids[2]).waiting
    end = time.monotonic() + 30
    while begun(tmp_path) != ["a"] and time.monotonic() < end:
        time.sleep(0.02)  # a job is running as soon as its worker has claimed it, a moment before its work begins
    os.kill(running.pid, signal.SIGKILL)
    while ws.job(ids[2]).state == "queued" and time.monotonic() < end:
        jobs.refresh(ws)
    wait_for(ws, ids[2], "running")
    (tmp_path / "c").touch()
    wait_for(ws, ids[2], "done")
    assert (ws.job(ids[0]).state, ws.job(ids[1]).state, begun(tmp_path)) == ("lost", "cancelled", ["a", "c"])
    jobs.resume(ws, ids[1])  # by the command that it was given at first
    (tmp_path / "b").touch()
    wait_for(ws, ids[1], "done")


def test_an_import_or_a_download_does_not_wait_for_training(ws, start, tmp_path):
    ids = [start("a"), start("b", "import"), start("c", "download"), start("d", "import")]
    for job in ids[:3]:
        wait_for(ws, job, "running")
    assert ws.job(ids[3]).waiting and ws.jobs_before(ws.job(ids[3])) == 1


def test_more_at_once_where_that_is_set(ws, start, monkeypatch):
    monkeypatch.setenv("PAT_JOBS_AT_ONCE", "2")
    ids = [start(name) for name in ("a", "b", "c")]
    for job in ids[:2]:
        wait_for(ws, job, "running")
    assert ws.job(ids[2]).waiting


@pytest.mark.parametrize(
    ("cores", "asked", "many"), [(2, "", 1), (1, "", 1), (16, "", 4), (6, "", 3), (2, "5", 5), (2, "0", 1), (2, "many", 1)]
)
def test_how_many_at_once_follows_from_the_cores_unless_it_is_set(monkeypatch, cores, asked, many):
    monkeypatch.setenv("PAT_JOBS_AT_ONCE", asked)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert settings.jobs_at_once() == many


def test_two_who_ask_at_once_do_not_get_the_same_job(ws):
    for number in range(12):
        ws.enqueue_job(ws.add_job("work", str(number), {}))
    taken, lock = [], threading.Lock()

    def take():
        while (turn := ws.take_next(12, owner())) is not None:
            with lock:
                taken.append(turn[0])

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 12


def test_a_turn_that_a_killed_server_had_taken_is_given_back(ws, monkeypatch):
    ws.enqueue_job(ws.add_job("work", "t", {}), ["cmd"])
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    job_id, command = ws.take_next(1, f"{child.pid}-{jobs.launcher.owner().partition('-')[2]}0")
    assert command == ["cmd"] and not ws.job(job_id).waiting
    child.kill(), child.wait(), child.stdin.close()
    begun_by = []
    monkeypatch.setattr(jobs.launcher, "start_worker", lambda space, job, command: begun_by.append((job, command)))
    assert jobs.refresh(ws) == () and begun_by == [(job_id, ["cmd"])]


def test_one_that_cannot_start_does_not_hold_up_the_queue(ws, start, tmp_path, monkeypatch):
    monkeypatch.setattr(launcher, "WATCH_SECONDS", 10.0)
    first = start("a")
    wait_for(ws, first, "running")
    broken = jobs.launch(ws, "work", "broken", {}, ["/no/such/program"])
    last = start("c")
    (tmp_path / "a").touch(), (tmp_path / "c").touch()
    wait_for(ws, last, "done")
    assert ws.job(broken).state == "failed" and "could not be started" in ws.job(broken).error
    with pytest.raises(JobError, match="could not be started"):
        jobs.launch(ws, "work", "broken", {}, ["/no/such/program"])
