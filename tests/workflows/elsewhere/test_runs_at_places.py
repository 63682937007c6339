"""Runs on a real Slurm cluster over a real SSH server: killed, cut off, stopped by the cluster, cancelled, and their people deleted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace, alive
from pat_core.jobs.errand import errand_of
from pat_core.jobs.file_progress import read_state
from pat_core.jobs.launchers.place_book import keep_place
from pat_core.training import FinetuneSettings
from pat_core.workflows.learn.finetune_run import run_finetune, start_finetune
from pat_core.workflows.models.model_entries import resolve
from tests.servers import slurm_cluster, ssh_server
from tests.workflows.elsewhere.made import ended, with_people
from tests.workflows.made import REQUEST

FULL = replace(REQUEST, name="trained in full", settings=FinetuneSettings("full", max_epochs=8, patience=8, seed=3))
LONG = replace(REQUEST, name="long", settings=FinetuneSettings("full", recipe="paper", max_epochs=5000, patience=5000))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with slurm_cluster(tmp_path_factory.mktemp("slurm")) as one:
        yield one


@pytest.fixture(scope="module")
def server(tmp_path_factory, cluster):
    with ssh_server(tmp_path_factory.mktemp("sshd"), SLURM_CONF=str(cluster)) as one:
        yield one


@pytest.fixture(scope="module")
def laptop(tmp_path_factory, twenty_four, server) -> Iterator[Workspace]:
    """A workspace whose place "the ward" is the cluster."""
    folder = tmp_path_factory.mktemp("laptop")
    workspace = with_people(folder, twenty_four)
    keep_place(workspace, server.place(folder / "there", "slurm", time="10"))
    yield workspace
    for job in workspace.jobs(None, active_only=True):  # a failed test must leave no process behind
        if job.pid and alive(job.pid, job.pid_started):
            os.kill(job.pid, signal.SIGKILL)


def asked(cluster, *words: str) -> str:
    """What a program of Slurm's says."""
    return subprocess.run(words, env={**os.environ, "SLURM_CONF": str(cluster)}, capture_output=True, text=True, check=True).stdout


def in_queue(cluster) -> list[str]:
    """The jobs that wait or run; one that only leaves its node does not count."""
    return [line for line in asked(cluster, "squeue", "-h", "-o", "%T").split() if line != "COMPLETING"]


def until(workspace: Workspace, job: str, true, what: str):
    """Follows a job until something is true of it."""
    end = time.monotonic() + 120
    while not true():
        now = workspace.job(job)
        assert now.active and time.monotonic() < end, f"{what}: {now.state}, {now.message}, {now.error}\n{jobs.log_tail(workspace, job)}"
        jobs.refresh(workspace)
        time.sleep(0.1)


def at_work(workspace: Workspace, job: str) -> bool:
    """Epochs of the work there are seen here."""
    return bool(workspace.metrics(job))


def weights(workspace: Workspace, name: str) -> dict[str, np.ndarray]:
    return {key: value.numpy() for key, value in resolve(workspace, name).network.state_dict().items()}


def test_a_run_is_found_again_after_kills_and_cuts_and_ends_with_the_same_weights(laptop, server, cluster, twenty_four, tmp_path):
    run, job = start_finetune(laptop, FULL, on="the ward")
    until(laptop, job.id, lambda: at_work(laptop, job.id), "no epoch was seen")
    watching, parcel = laptop.job(job.id), errand_of(laptop, job.id).parcel
    worker = read_state(laptop.folder.parent / "there" / "parcels" / parcel)
    os.kill(watching.pid, signal.SIGKILL)
    os.kill(worker["pid"], signal.SIGKILL)
    server.cable.cut()
    jobs.refresh(laptop)
    until(laptop, job.id, lambda: "cannot be reached" in laptop.job(job.id).message, "nothing was said of the cut")
    server.cable.mend()
    done = ended(laptop, job.id)
    assert done.error is None and done.pid != watching.pid and errand_of(laptop, job.id).begun == 2
    assert in_queue(cluster) == []
    here = with_people(tmp_path, twenty_four)
    run_finetune(here, FULL)
    ours, theirs = weights(here, FULL.name), weights(laptop, FULL.name)
    assert max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours) <= 1e-5
    ours, theirs = (pd.read_csv(space.run(FULL.name).folder / "test.csv") for space in (here, laptop))
    pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=1e-5)  # sums over other numbers of threads differ in the last digit


def test_work_that_the_cluster_stops_is_submitted_again_and_a_cancel_is_seen_there(laptop, cluster):
    run, job = start_finetune(laptop, LONG, on="the ward")
    until(laptop, job.id, lambda: at_work(laptop, job.id), "no epoch was seen")
    kept = laptop.folder.parent / "there" / "parcels" / errand_of(laptop, job.id).parcel / "kept" / "model" / "last.safetensors"
    until(laptop, job.id, kept.exists, "no checkpoint was kept there")
    first = errand_of(laptop, job.id).id
    asked(cluster, "scancel", "--batch", "--signal=TERM", re.sub(r"\D", "", first))  # as Slurm does before the time limit
    until(laptop, job.id, lambda: errand_of(laptop, job.id).begun == 2 and errand_of(laptop, job.id).state == "running", "not begun again")
    assert errand_of(laptop, job.id).id != first and len(in_queue(cluster)) == 1
    assert (run.folder / "model" / "last.safetensors").exists(), "its checkpoint came home"
    jobs.cancel(laptop, job.id)
    assert ended(laptop, job.id).state == "cancelled" and laptop.run(LONG.name).state == "cancelled"
    assert in_queue(cluster) == [] and not errand_of(laptop, job.id).under_way


def test_a_cancelled_run_goes_on_on_this_computer(laptop):
    run = laptop.run(LONG.name)
    epochs = len(laptop.metrics(run.job_id))
    job = jobs.resume(laptop, run.job_id, on="")
    assert job.lane == "compute"
    until(laptop, job.id, lambda: len(laptop.metrics(run.job_id)) > epochs, "it did not go on")
    jobs.cancel(laptop, job.id)
    assert ended(laptop, job.id).state == "cancelled"


def test_a_cancel_while_nobody_watches_still_reaches_the_cluster(laptop, cluster):
    job = jobs.resume(laptop, laptop.run(LONG.name).job_id, on="the ward")
    until(laptop, job.id, lambda: errand_of(laptop, job.id).state == "running", "not begun")
    os.kill(laptop.job(job.id).pid, signal.SIGTERM)
    while alive(laptop.job(job.id).pid, laptop.job(job.id).pid_started):
        time.sleep(0.05)
    assert laptop.job(job.id).state == "running" and len(in_queue(cluster)) == 1, "who watches may end; the work goes on"
    jobs.cancel(laptop, job.id)
    assert ended(laptop, job.id).state == "cancelled" and in_queue(cluster) == []


def test_who_deletes_the_people_stops_the_work_and_removes_them_there(laptop, cluster):
    job = jobs.resume(laptop, laptop.run(LONG.name).job_id, on="the ward")
    until(laptop, job.id, lambda: errand_of(laptop, job.id).state == "running", "not begun")
    laptop.delete_cohort("people")
    done = ended(laptop, job.id)
    assert (done.state, "was deleted" in done.error) == ("failed", True) and in_queue(cluster) == []
    assert list((laptop.folder.parent / "there" / "parcels").iterdir()) == []
