"""Real places: a porter on this computer, over a real SSH server, and on a real Slurm cluster. The work is refused or simple here; what a
training becomes at each of them is in tests/workflows/elsewhere.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from dataclasses import replace

import pytest

from pat_core.errors import Cancelled, PlaceTrouble
from pat_core.jobs.launchers.fitness import refuse_unfit, unfit
from pat_core.jobs.launchers.launcher_contract import Look
from pat_core.jobs.launchers.launcher_kinds import launcher_of
from pat_core.jobs.launchers.place_book import Place
from pat_core.jobs.parcel import Packed, make_parts, seal
from tests.servers import slurm_cluster, ssh_server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ssh_server(tmp_path_factory.mktemp("sshd")) as one:
        yield one


@pytest.fixture
def reach():
    """Launchers that are closed at the end."""
    opened = []

    def reach(place: Place):
        opened.append(launcher_of(place))
        return opened[-1]

    yield reach
    for one in opened:
        one.close()


@pytest.fixture
def parcel(tmp_path):
    reads = make_parts(tmp_path / "draft")
    (reads / "weeks.npy").write_bytes(os.urandom(9 << 20))
    return seal(tmp_path / "draft", "nothing", Packed({}, {"weeks.npy": "Noise"}, 0), tmp_path, ())


def followed(launcher, parcel: str, state: str) -> object:
    """How the work fares once it is in this state."""
    until = time.monotonic() + 120
    while (there := launcher.state(parcel)).state != state:
        assert time.monotonic() < until, there
        time.sleep(0.2)
    return there


def test_what_a_place_has_is_seen_over_ssh(server, reach, tmp_path):
    look = reach(server.place(tmp_path / "there")).look()
    assert look.versions["python"] == sys.version.split()[0] and look.cores == os.cpu_count() and "cpu" in look.devices
    assert unfit(look, "the ward", 1000) == ""


@pytest.mark.parametrize(
    ("address", "words"),
    [("stranger", "not among your known hosts"), ("nobody", "does not accept your SSH keys"), ("ward.invalid", "cannot be reached")],
)
def test_why_a_place_cannot_be_used_is_a_sentence(server, reach, tmp_path, address, words):
    with pytest.raises(PlaceTrouble, match=words):
        reach(server.place(tmp_path / "there", address=address)).look()


@pytest.mark.parametrize(("bare", "words"), [("", "no Python at /nowhere/python"), ("-S", "has no PAT Explorer")])
def test_a_python_that_cannot_work_is_a_sentence(server, reach, tmp_path, bare, words):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {bare} "$@"\n')
    python.chmod(0o700)
    place = server.place(tmp_path / "there", code="/nowhere")
    with pytest.raises(PlaceTrouble, match=words):
        reach(replace(place, python=str(python) if bare else "/nowhere/python")).look()


def test_a_cut_while_sending_goes_on_where_it_stopped(server, reach, parcel, tmp_path):
    launcher, heard = reach(server.place(tmp_path / "there")), []

    def cut(done: int, total: int) -> None:
        heard.append(done)
        if len(heard) == 2:
            server.cable.cut()

    with pytest.raises(PlaceTrouble) as trouble:
        launcher.send(parcel, cut)
    assert trouble.value.passing and heard == [0, 4 << 20]
    with pytest.raises(PlaceTrouble, match="cannot be reached"):
        launcher.send(parcel, cut)
    server.cable.mend()
    launcher.send(parcel, lambda done, total: heard.append(done))
    assert heard[2] >= 4 << 20 and heard[-1] == 9 << 20
    again = []
    launcher.send(parcel, lambda done, total: again.append(done))
    assert again == [9 << 20], "what is there is not sent again"


def test_who_stops_while_sending_leaves_no_half_parcel(server, reach, parcel, tmp_path):
    def stop(done: int, total: int) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        reach(server.place(tmp_path / "there")).send(parcel, stop)
    assert list((tmp_path / "there" / "parcels").iterdir()) == []


def test_work_that_a_place_does_not_know_fails_in_words_and_is_not_begun_twice(server, reach, parcel, tmp_path):
    launcher = reach(server.place(tmp_path / "there"))
    launcher.send(parcel, lambda done, total: None)
    assert launcher.state(parcel.id).state == "absent"
    first, second = launcher.begin(parcel.id), launcher.begin(parcel.id)
    assert first.id == second.id
    assert "does not know work of the kind 'nothing'" in followed(launcher, parcel.id, "failed").reason
    launcher.forget(parcel.id)
    assert launcher.state(parcel.id).state == "absent"


def test_what_was_done_there_is_not_put_back_by_whoever_sends_again(reach, tmp_path):
    launcher, reads = reach(Place("next door", "process", folder=str(tmp_path / "there"))), make_parts(tmp_path / "draft")
    (reads / "weeks.npy").write_bytes(b"weeks")
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "last.safetensors").write_bytes(b"before")
    packed = Packed({}, {"weeks.npy": "Noise"}, 0)
    parcel = seal(tmp_path / "draft", "nothing", packed, tmp_path / "begun", ("last.safetensors",))
    launcher.send(parcel, lambda done, total: None)
    folder = tmp_path / "there" / "parcels" / parcel.id
    kept = folder / "kept" / "last.safetensors"
    kept.write_bytes(b"after")
    (folder / "process.json").write_text(json.dumps({"pid": 1, "started": "never", "host": socket.gethostname()}))
    for state, content in (("done", b"after"), ("cancelled", b"before")):
        (folder / "state.json").write_text(json.dumps({"state": state}))
        launcher.send(parcel, lambda done, total: None)
        assert kept.read_bytes() == content


def test_a_full_disk_there_is_said_before_anything_is_sent():
    look = Look({"python": "3.11.2", "torch": "2.13.0", "pat_core": "0.1.0"}, ("cpu",), disk_free=1_000_000)
    with pytest.raises(PlaceTrouble, match="The disk of the ward is full"):
        refuse_unfit(look, "the ward", 500_000)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"pat_core": "0.0.9"}, "has PAT Explorer 0.0.9"), ({"torch": "2.12.1+cu130"}, "has PyTorch 2.12.1"), ({"torch": ""}, "no PyTorch"),
     ({"python": "3.9.18"}, "has Python 3.9.18")],
)  # fmt: skip
def test_versions_that_do_not_fit_are_refused(changes, words):
    versions = {"python": "3.12.1", "torch": "2.13.0+cu130", "pat_core": "0.1.0"}
    assert unfit(Look(versions, (), disk_free=10**9), "the ward", 1000) == ""
    assert words in unfit(Look(versions | changes, (), disk_free=10**9), "the ward", 1000)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with slurm_cluster(tmp_path_factory.mktemp("slurm")) as one:
        yield one


@pytest.fixture
def queue(cluster, monkeypatch, reach, tmp_path):
    """The cluster's launcher, on its login node."""
    monkeypatch.setenv("SLURM_CONF", str(cluster))
    return reach(Place("the cluster", "slurm", folder=str(tmp_path / "there"), options={"time": "10"}))


def test_a_cluster_shows_its_partitions_and_its_queue(queue, reach, tmp_path):
    look = queue.look()
    assert look.devices[0].startswith("main: 1 nodes, no GPU") and "waiting in the queue" in look.queue
    for options, words in (({"partition": "gpu"}, "no partition 'gpu'. It has main"), ({"gpus": "1"}, "has a GPU")):
        with pytest.raises(PlaceTrouble, match=words):
            reach(Place("the cluster", "slurm", folder=str(tmp_path / "there"), options=options)).look()


def test_work_goes_through_the_queue_once_and_says_how_it_ended(queue, parcel):
    queue.send(parcel, lambda done, total: None)
    first, second = queue.begin(parcel.id), queue.begin(parcel.id)
    assert first.id == second.id and first.id.startswith("Slurm job ")
    assert "does not know work of the kind" in followed(queue, parcel.id, "failed").reason
    assert "work of parcel" in queue.news(parcel.id, {}).log


def test_a_job_that_was_submitted_just_before_a_kill_is_not_submitted_again(queue, parcel, tmp_path):
    queue.send(parcel, lambda done, total: None)
    first = queue.begin(parcel.id)
    (tmp_path / "there" / "parcels" / parcel.id / "slurm.json").unlink()
    assert queue.begin(parcel.id).id == first.id


def test_what_sbatch_refuses_is_said_in_its_words(queue, reach, parcel, tmp_path):
    queue.send(parcel, lambda done, total: None)
    refused = reach(Place("the cluster", "slurm", folder=str(tmp_path / "there"), options={"time": "soon"}))
    with pytest.raises(PlaceTrouble, match="The cluster answered: sbatch: error"):
        refused.begin(parcel.id)
    assert refused.state(parcel.id).state == "absent"


def test_a_machine_without_slurm_says_so(reach, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PlaceTrouble, match="belongs to no Slurm cluster"):
        reach(Place("the cluster", "slurm", folder=str(tmp_path / "there"))).look()
