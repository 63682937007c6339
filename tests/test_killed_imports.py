"""Imports that are killed half way leave nothing behind, and can be done again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from pat_core.cohorts import Workspace, alive
from pat_core.jobs import launch, refresh, resume
from pat_core.simulate import simulate
from tests.commands import COMMAND, PATIENCE, ROOT, answer


@pytest.fixture
def many(tmp_path) -> Path:
    """400 people in one file: enough that writing them can be caught in the middle."""
    weeks = np.tile(simulate(8, seed=3).weeks, (50, 1))
    np.savez(tmp_path / "many.npz", weeks=weeks, participants=np.array([f"p{number}" for number in range(400)]), unit="counts/min")
    return tmp_path / "many.npz"


def test_an_import_killed_while_it_writes_leaves_nothing_and_can_be_done_again(many, tmp_path):
    folder = tmp_path / "workspace"
    workspace = Workspace(folder)
    process = subprocess.Popen([*COMMAND, "import", str(many), "--cohort", "many", "--workspace", str(folder)], cwd=ROOT)
    stop_when(lambda: any((folder / "cohorts").glob(".new-*")), process.pid, lambda: process.poll() is None)
    assert workspace.cohorts() == (), "a half-written cohort can be seen"
    process.kill()
    process.wait()
    assert Workspace(folder).cohorts() == () and list((folder / "cohorts").iterdir()) == []
    assert answer("import", many, "--cohort", "many", workspace=folder)["people"] == 400


def test_a_killed_import_job_is_lost_leaves_nothing_and_can_be_resumed(many, tmp_path):
    workspace = Workspace(tmp_path)
    job = launch(workspace, "import", "Import many", {"paths": [str(many)], "cohort": "many", "labels": None, "alignment": "start"})
    worker = workspace.job(job)
    # Halted while it writes files: just after it said "running" it would still hold the database, which then nobody could read.
    stop_when(lambda: any((tmp_path / "cohorts").glob(".new-*")), worker.pid, lambda: alive(worker.pid, worker.pid_started))
    assert workspace.job(job).state == "running" and workspace.cohorts() == ()
    os.kill(worker.pid, signal.SIGKILL)
    wait_for(lambda: not alive(worker.pid, worker.pid_started), "the worker's end")
    assert [one.id for one in refresh(workspace)] == [job] and workspace.job(job).state == "lost"
    assert Workspace(tmp_path).cohorts() == ()
    resume(workspace, job)
    wait_for(lambda: workspace.job(job).state == "done", "the import's end")
    assert workspace.cohort("many").people == 400


def stop_when(look, pid: int, lives) -> None:
    """Halt a process at the moment that `look` sees, so that what is there can be looked at before it is killed."""
    wait_for(lambda: look() or not lives(), "the moment to stop it", pause=0.0005)
    assert lives(), "it ended before it could be stopped"
    os.kill(pid, signal.SIGSTOP)


def wait_for(look, what: str, pause: float = 0.02) -> None:
    until = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < until, f"{what} did not come"
        time.sleep(pause)
