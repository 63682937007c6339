"""A job that meets a full disk ends as that: failed, with what to do, and never as lost."""

from __future__ import annotations

import sys

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace, workspace_trouble
from pat_core.errors import WeightsError
from pat_core.jobs import endings
from tests.cohorts.made import three_people
from tests.jobs.made import tasks
from tests.jobs.test_jobs import wait_for
from tests.tiny_disk import tiny_disk

WORKER = """
import sys
import time
from pat_core.cohorts import Workspace
from pat_core.jobs import run_job
from tests.jobs.made import tasks
from tests.tiny_disk import TinyDisk
from pathlib import Path

def fill(ws, spec, progress):
    while not ws.runs():  # the run is written down after the job was started
        time.sleep(0.02)
    TinyDisk(ws.folder.parent).fill()
    progress.metric(1, {"loss": 0.5})
    with open(ws.folder / "runs" / "checkpoint", "wb") as file:
        file.write(b"x" * 100_000)

run_job(Workspace(sys.argv[1]), sys.argv[2], tasks(fill=fill))
"""


def test_a_job_that_fills_the_disk_says_so_and_its_run_too(tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    with tiny_disk(tmp_path / "disk") as disk:
        ws = Workspace(disk.folder / "ws")
        ws.create_cohort("c", three_people(), {})
        job_id = jobs.launch(ws, "fill", "Fill", {}, [sys.executable, str(script), "{workspace}", "{job}"])
        ws.create_run("r", "c", {}, job_id)
        job = wait_for(ws, job_id, "failed", "lost")
        assert (job.state, job.error, ws.run("r").state) == ("failed", endings.FULL, "failed")
        assert not (ws.folder / workspace_trouble.RESERVE).exists(), "the room for last words was given up"
        assert jobs.refresh(ws) == ()
        disk.make_room()
        assert Workspace(ws.folder).job(job_id).error == endings.FULL


def wrapped(error: type[Exception], cause: Exception) -> Exception:
    try:
        raise error("it could not be written") from cause
    except error as made:
        return made


@pytest.mark.parametrize(
    "raised",
    [
        OSError(28, "No space left on device"), OSError(122, "Disk quota exceeded"),
        RuntimeError("io: No space left on device (os error 28)"),
        wrapped(WeightsError, OSError(28, "No space left on device")), wrapped(ValueError, OSError(27, "File too large")),
    ],
)  # fmt: skip
def test_whatever_a_library_makes_of_it_the_job_says_that_the_disk_is_full(tmp_path, raised):
    def work(ws, spec, progress):
        raise raised

    ws = Workspace(tmp_path)
    job = jobs.run_job(ws, ws.add_job("k", "t", {}), tasks(k=work))
    assert (job.state, job.error) == ("failed", endings.FULL)


def test_a_real_device_without_room_is_met_by_real_writing(tmp_path):
    def work(ws, spec, progress):
        with open("/dev/full", "wb") as file:
            file.write(b"x" * 100_000)

    ws = Workspace(tmp_path)
    job = jobs.run_job(ws, ws.add_job("k", "t", {}), tasks(k=work))
    assert (job.state, job.error) == ("failed", endings.FULL)
