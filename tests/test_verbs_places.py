"""`backends`, `jobs` and `--on PLACE` in a terminal: what they print, what they refuse, and that nothing leaves unasked."""

from __future__ import annotations

import pytest

from pat_core.cohorts import Workspace
from pat_core.jobs.launchers.place_book import Place, keep_place, places
from pat_core.workflows.people.simulated_people import store_simulated
from tests.commands import answer, called


@pytest.fixture
def space(tmp_path):
    keep_place(Workspace(tmp_path / "ws"), Place("next door", "process", folder=str(tmp_path / "there")))
    return tmp_path / "ws"


def test_places_are_added_tried_listed_and_removed(space, tmp_path):
    added = ("backends", "add", "ward", "--kind", "slurm", "--address", "me@host", "--option", "partition=gpu", "--option", "modules=cuda",
             "--option", "modules=python")  # fmt: skip
    assert answer(*added, workspace=space)["options"] == {"partition": "gpu", "modules": ["cuda", "python"]}
    assert "ward: A Slurm cluster, me@host" in called("backends", workspace=space).stdout
    tried = answer("backends", "test", "next door", workspace=space)
    assert tried["unfit"] == "" and "cpu" in tried["devices"]
    called("backends", "remove", "ward", workspace=space)
    assert [place.name for place in places(Workspace(space))] == ["next door"]


def test_what_cannot_be_is_refused_in_words(space):
    wrong = {
        ("backends", "add"): (2, "needs the name"),
        ("backends", "add", "x"): (2, "needs --kind"),
        ("backends", "add", "x", "--kind", "ssh", "--address", "h", "--option", "gpus"): (2, "NAME=VALUE"),
        ("backends", "add", "x", "--kind", "ssh", "--address=-oProxyCommand=x"): (1, "does not begin with a hyphen"),
        ("backends", "add", "x", "--kind", "ssh", "--address", "h", "--option", "password=1"): (1, "looks like a secret"),
        ("backends", "test", "moon"): (1, "No place is called 'moon'"),
        ("jobs", "cancel"): (2, "needs the id"),
        ("jobs", "cancel", "abc"): (1, "no job 'abc'"),
        ("work",): (2, "--job of a workspace, or --parcel"),
        ("pretrain", "--cohort", "c", "--name", "n", "--yes"): (2, "--yes goes with --on"),
    }
    for words, (code, sentence) in wrong.items():
        done = called(*words, workspace=space)
        assert (done.returncode, sentence in done.stderr) == (code, True), (words, done.stderr)


def test_nothing_leaves_before_what_leaves_was_confirmed(simulated, space, tmp_path):
    store_simulated(Workspace(space), "people", simulated)
    words = ("finetune", "--cohort", "people", "--label", "late wake", "--positive", "planted", "--model", "pat-s-simulated",
             "--name", "run", "--style", "linear_probe", "--on", "next door")  # fmt: skip
    first = called(*words, workspace=space)
    assert first.returncode == 2 and "60 people, as numbers" in first.stdout and "SHA-256" in first.stdout and "--yes" in first.stdout
    assert not (tmp_path / "there").exists() and Workspace(space).runs() == ()
    done = answer(*words, "--yes", workspace=space)
    assert done["run"] == "run" and done["test"]["auc"]["n"] == 12
    (job,) = answer("jobs", workspace=space)
    assert (job["state"], job["place"]) == ("done", "next door")
