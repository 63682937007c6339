"""Trainings on a real Ray cluster of two raylets: the same outcome as here, also where a node fails, a cancel comes or a token is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pat_core import jobs
from pat_core.errors import PlaceTrouble
from pat_core.explain import explain
from pat_core.jobs.errand import errand_of
from pat_core.jobs.launchers.launcher_kinds import launcher_of
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.models.pat import PatConfig
from pat_core.simulate import simulate
from pat_core.training import PretrainSettings
from pat_core.training.checkpoint import _read
from pat_core.training.device import threads, threads_of
from pat_core.workflows.elsewhere.answers_elsewhere import weeks_to_explain
from pat_core.workflows.explanations.cohort_by_clock import BY_CLOCK, METHOD
from pat_core.workflows.explanations.week_maps import MAPS, map_question
from pat_core.workflows.learn.live_rebuilding import CHECKPOINT
from pat_core.workflows.learn.pretrain_people import CUSTOM, PretrainRequest
from pat_core.workflows.learn.pretrain_run import run_pretraining, start_pretraining
from pat_core.workflows.models.model_entries import resolve
from tests.ray_cluster import NEEDS_RAY, ROOT, cluster, family, wait_for_answer
from tests.workflows.elsewhere import made
from tests.workflows.elsewhere.made import clock_request, ended, with_model, with_people

pytestmark = NEEDS_RAY
EPOCHS = 600
"""More than are done before the first checkpoint, after five seconds, and the failure of a node after it."""
BRIEF = PretrainSettings(epochs=EPOCHS, batch=11, device="cpu", patience=EPOCHS, plateau_patience=EPOCHS)
SECONDS_A_CHUNK = PatConfig("custom", 20, 12, 2)
"""A model with which each chunk of people takes seconds, so that a node is sure to be seen at work on one."""
REQUEST = PretrainRequest("encoder", "people", CUSTOM, patch=720, heads=1, blocks=1, settings=BRIEF)


@pytest.fixture(scope="module")
def lab():
    with cluster() as started:
        started.add("second", "worker")
        yield started


@pytest.fixture(scope="module")
def few():
    return simulate(24, seed=5, prevalence=0.5)


@pytest.fixture
def place(lab, tmp_path, monkeypatch) -> Place:
    """The cluster, of which only the second node will do."""
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(lab.token))
    monkeypatch.setattr(made, "LONGEST", 600.0)
    options = {"client": str(lab.client), "code": str(ROOT), "resource": "worker"}
    one = Place("lab", "ray", lab.address, folder=str(tmp_path / "there"), options=options)
    wait_for_answer(one)
    return one


def command(pid: int) -> bytes:
    """Of a process, which Ray names by what it does; b"" where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_a_node_that_fails_in_the_middle_costs_no_epoch_that_was_kept(lab, place, few, tmp_path):
    away, failed = with_people(tmp_path, few, "away"), []

    def fail_once(job) -> None:
        if not failed and (kept := list(Path(place.folder).glob(f"parcels/*/kept/{CHECKPOINT}"))):
            failed.append(_read(kept[0])[0]["epoch"])
            lab.kill("second")
            lab.add("third", "worker")

    keep_place(away, place)
    _, job = start_pretraining(away, REQUEST, on="lab")
    done = ended(away, job.id, fail_once)
    assert (done.state, done.error, errand_of(away, job.id).begun) == ("done", None, 2), jobs.log_tail(away, job.id)
    assert 0 < failed[0] < BRIEF.epochs
    begun_with, here = threads_of(away.run(REQUEST.name).folder), with_people(tmp_path, few, "here")
    assert begun_with == 1, "as the cluster's nodes have it"
    with threads(begun_with):
        run_pretraining(here, REQUEST)
    first, second = (resolve(space, REQUEST.name).network.state_dict() for space in (here, away))
    assert max(float((first[name] - second[name]).abs().max()) for name in first) <= 1e-5


def test_a_cancel_is_seen_at_the_cluster(lab, place, few, tmp_path):
    space = with_people(tmp_path, few, "away")
    keep_place(space, place)
    long = replace(REQUEST, settings=replace(BRIEF, epochs=100_000))
    _, job = start_pretraining(space, long, on="lab")
    done = ended(space, job.id, lambda now: jobs.cancel(space, job.id) if "Epoch" in now.message else None)
    assert done.state == "cancelled"
    launcher = launcher_of(place)
    try:
        look = launcher.look()
        assert "0 running and 0 waiting" in look.queue, look
        assert len(look.devices) >= 2 and look.versions["ray"]
    finally:
        launcher.close()


@pytest.mark.parametrize(("secret", "words"), (("wrong" * 8, "does not take your token"), ("", "there is none here")))
def test_without_the_right_token_nothing_is_sent(place, monkeypatch, secret, words, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("RAY_AUTH_TOKEN_PATH")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secret)
    launcher = launcher_of(place)
    with pytest.raises(PlaceTrouble, match=words):
        launcher.look()


def test_a_cluster_without_what_is_asked_for_says_what_it_has(place):
    launcher = launcher_of(replace(place, options={**place.options, "gpus": "4"}))
    with pytest.raises(PlaceTrouble, match=r"No node of lab has 4 GPU.* 1 CPU, no GPU"):
        launcher.look()


def test_chunks_of_people_are_done_by_whichever_node_is_left(lab, place, few, tmp_path):
    space, failed = with_model(tmp_path, few, "away", SECONDS_A_CHUNK), []
    node = "second" if "second" in lab.processes else "third"

    def fail_once(job) -> None:
        if not failed and any(b"ray::explain_weeks" in command(pid) for pid in family(lab.processes[node].pid)):
            lab.kill(node)
            failed.append(job.message)

    keep_place(space, replace(place, options={**place.options, "resource": "home"}))
    request = clock_request(space)
    model, todo = weeks_to_explain(space, request)
    done = ended(space, BY_CLOCK.launch(space, request, "By clock", on="lab"), fail_once)
    assert (done.state, done.error, len(failed)) == ("done", None, 1), jobs.log_tail(space, done.id)
    assert len(errand_of(space, done.id).kept) == 6 and weeks_to_explain(space, request)[1] == []
    for one in todo[:2]:
        kept = space.kept(map_question(model, one.read(), METHOD, {}), MAPS)
        here = explain(model.network, one.read(), METHOD, has_head=True)
        assert float(abs(kept.values - here.values).max()) < 1e-5
