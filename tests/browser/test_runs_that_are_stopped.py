"""Runs that are cancelled, whose worker is killed, whose server is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.request

import pytest
from playwright.sync_api import expect
from safetensors import safe_open

from pat_core.cohorts import Workspace, alive
from tests.browser.screen import eventually, figure, main, press, start_run, titled
from tests.browser.server import Server

LONG, SHORT = 10_000, 300
"""Epochs of each of six trainings (five folds and the model that is kept): minutes, and some seconds."""
FIRST, MARK = "fold 1 train loss", -1.0


@pytest.fixture
def started(visit):
    """Starts a five-fold run on the demonstration; the page, the workspace and the run's job as soon as its curves have begun."""

    def start(server: Server, name: str, epochs: int):
        page = visit(f"{server.address}/finetune")
        titled(page, "Fine-tune")
        start_run(page, name, epochs, folds=True)
        workspace = Workspace(server.folder)
        run = eventually(lambda: next((run for run in workspace.runs() if run.name == name and run.job_id), None), "the run's job")
        eventually(lambda: workspace.metrics(run.job_id), "the first point of a curve")
        expect(main(page).get_by_role("button", name="Cancel", exact=True)).to_be_visible()
        expect(page.get_by_role("combobox", name="Run", exact=True)).to_have_value(name)
        expect(main(page).get_by_text(re.compile("^Started .*; running\\.$"))).to_be_visible()
        return page, workspace, workspace.run(name)

    return start


def has_result(page) -> None:
    expect(figure(page, "95 % interval")).to_have_text(re.compile(r"^[01]\.\d\d to [01]\.\d\d$"))
    expect(main(page).get_by_text("5-fold cross-validation by person")).to_be_visible()


def test_a_run_that_is_cancelled_stops_and_leaves_no_model(server, started):
    page, workspace, run = started(server, "cancelled", LONG)
    worker = workspace.job(run.job_id)
    press(page, "Cancel")
    expect(main(page).get_by_text("was cancelled")).to_be_visible()
    eventually(lambda: not alive(worker.pid, worker.pid_started), "the end of the worker's process", 20)
    assert workspace.job(run.job_id).state == workspace.run("cancelled").state == "cancelled"
    assert "cancelled" not in {model.name for model in workspace.models()}


def test_a_run_whose_worker_is_killed_is_said_to_be_lost_and_goes_on_from_where_it_stopped(server, started):
    page, workspace, run = started(server, "killed worker", SHORT)
    kept = run.folder / "fold-1" / "last.safetensors"
    eventually(kept.exists, "the first checkpoint")
    worker = workspace.job(run.job_id)
    assert worker.state == "running" and worker.pid != os.getpid()
    os.kill(worker.pid, signal.SIGKILL)

    expect(main(page).get_by_text("The process of this job is gone")).to_be_visible()
    assert workspace.job(run.job_id).state == "lost"
    reached = epoch_of(kept)
    for step in first_fold(workspace, run.job_id):
        workspace.add_metrics(run.job_id, step, {FIRST: MARK})  # an epoch that is trained again writes over its mark
    press(page, "Continue from where it stopped")
    has_result(page)
    again = [step for step, value in first_fold(workspace, run.job_id).items() if step <= reached and value != MARK]
    assert 1 in first_fold(workspace, run.job_id) and not again, f"epochs {again} were trained again, though {reached} were kept"
    assert workspace.job(run.job_id).state == "done" and workspace.job(run.job_id).pid != worker.pid
    assert "killed worker" in {model.name for model in workspace.models()}


def epoch_of(checkpoint) -> int:
    with safe_open(checkpoint, framework="np") as file:
        return json.loads(file.metadata()["state"])["epoch"]


def first_fold(workspace: Workspace, job: str) -> dict[int, float]:
    return {step: value for step, name, value in workspace.metrics(job) if name == FIRST}


def test_a_run_goes_on_while_the_server_is_killed_and_is_shown_by_the_next_server(tmp_path, visit, started):
    server = Server(tmp_path / "workspace")
    try:
        server.start()
        page, workspace, run = started(server, "killed server", SHORT)
        address, worker = page.url, workspace.job(run.job_id)
        server.kill()
        page.close()
        assert alive(worker.pid, worker.pid_started), "the worker died with the server"
        server.start()
        with urllib.request.urlopen(address) as first:  # the first that anybody asks of this server
            assert "frame-ancestors 'self'" in first.headers["content-security-policy"]
        later = visit(address)
        titled(later, "Fine-tune")
        expect(later.get_by_test_id("stSidebar").get_by_text("never a diagnosis")).to_be_visible()
        expect(later.get_by_role("combobox", name="Run", exact=True)).to_have_value("killed server")
        has_result(later)
        job = workspace.job(run.job_id)
        assert (job.state, job.pid) == ("done", worker.pid), "the run did not go on in the same process"
    finally:
        server.stop()
