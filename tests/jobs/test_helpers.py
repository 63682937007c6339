"""A job in two processes of this computer: equal to one process, and however one of them ends, the others do, with a sentence."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.cohorts.processes import started
from pat_core.jobs import launcher
from pat_core.jobs.helpers import take_seat
from pat_core.training import PretrainSettings
from pat_core.weights import load
from pat_core.workflows.learn.pretrain_run import PRETRAIN, PretrainRequest, run_pretraining
from pat_core.workflows.read.cohort_import import import_recordings
from tests.commands import called
from tests.workflows.made import weeks_file

LONG = PretrainSettings(epochs=100_000, patience=100_000, plateau_patience=100_000, batch=7, seed=4, device="cpu", learning_rate=1e-4)
REQUEST = PretrainRequest("together", "people", "custom", patch=720, heads=1, blocks=1, settings=LONG)
TWO = (*launcher.WORKER, "--processes", "2")


@pytest.fixture
def people(simulated, tmp_path) -> Workspace:
    workspace = Workspace(tmp_path / "ws")
    import_recordings(workspace, [weeks_file(tmp_path / "people.npz", simulated, slice(24))], "people")
    return workspace


def ended(workspace: Workspace, job: str, seconds: float = 90.0):
    until = time.monotonic() + seconds
    while workspace.job(job).active and time.monotonic() < until:
        jobs.refresh(workspace)
        time.sleep(0.05)
    return workspace.job(job)


def training(workspace: Workspace, job: str) -> list[int]:
    """The processes of a job that trains, the first one first."""
    until = time.monotonic() + 90
    while "Epoch" not in workspace.job(job).message and workspace.job(job).active and time.monotonic() < until:
        time.sleep(0.05)
    assert "Epoch" in workspace.job(job).message, (workspace.job(job).error, jobs.log_tail(workspace, job))
    first = workspace.job(job).pid
    siblings = Path(f"/proc/{parent(first)}/task/{parent(first)}/children").read_text().split()
    return sorted(map(int, siblings), key=lambda pid: pid != first)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def all_gone(pids: list[int]) -> bool:
    until = time.monotonic() + 20
    while any(started(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(started(pid) for pid in pids)


def test_a_job_in_two_processes_comes_to_the_encoder_of_one(people):
    brief = replace(REQUEST, settings=replace(LONG, epochs=3, learning_rate=1e-3))
    job = ended(people, PRETRAIN.launch(people, brief, "Together", TWO))
    assert job.state == "done", (job.error, jobs.log_tail(people, job.id))
    run_pretraining(people, replace(brief, name="alone"))
    both, one = (load(people.run(name).folder / "best.safetensors") for name in ("together", "alone"))
    assert (both.card["computed_on"], one.card["computed_on"]) == ("2 x cpu", "cpu")
    assert both.card["validation_loss"] == pytest.approx(one.card["validation_loss"], abs=1e-5)
    for name, weight in one.network.state_dict().items():
        assert float((both.network.state_dict()[name] - weight).abs().max()) < 1e-5, name


def test_when_one_process_ends_all_do_and_a_resumed_job_goes_on(people):
    job = PRETRAIN.launch(people, REQUEST, "Together", TWO)
    pids = training(people, job)
    os.kill(pids[1], signal.SIGKILL)
    failed = ended(people, job)
    assert failed.state == "failed" and "Process 2 of 2, which train together, is gone" in failed.error, failed
    assert people.run("together").note == failed.error and all_gone(pids)

    jobs.resume(people, job, TWO)
    pids = training(people, job)
    os.kill(parent(pids[0]), signal.SIGTERM)
    assert ended(people, job).state == "cancelled" and all_gone(pids)


def test_a_process_that_torchrun_started_hands_its_place_to_nobody(monkeypatch):
    for name, value in {"RANK": "1", "WORLD_SIZE": "4", "MASTER_ADDR": "here", "MASTER_PORT": "1", "TORCHELASTIC_RUN_ID": "a"}.items():
        monkeypatch.setenv(name, value)
    seat = take_seat()
    assert (seat.rank, seat.size, seat.address) == (1, 4, ("here", 1)) and take_seat() is None and "RANK" not in os.environ


@pytest.mark.parametrize("words", (("finetune", "--label", "a", "--model", "m", "--style", "linear_probe"), ("pretrain",)))
def test_several_processes_are_refused_where_they_are_no_use(words):
    assert called(*words, "--cohort", "people", "--name", "n", "--processes", "0").returncode == 2
    if words[0] == "finetune":
        assert "one process" in called(*words, "--cohort", "people", "--name", "n", "--processes", "2").stderr
    else:
        assert "--cohort" in called(*words, "--out", "a.safetensors", "--processes", "2").stderr
