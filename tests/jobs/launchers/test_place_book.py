import json

import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import JobError
from pat_core.jobs.launchers.launcher_kinds import checked, launcher_of
from pat_core.jobs.launchers.place_book import FILE, Place, keep_place, place_named, places, remove_place


def test_places_are_kept_in_a_file_that_only_the_owner_reads(tmp_path):
    ws, ward = Workspace(tmp_path), Place("ward", "slurm", "me@login.example.org", options={"partition": "gpu", "gpus": "1"})
    keep_place(ws, Place("ward", "ssh", "old"))
    keep_place(ws, Place("desk", "process"))
    keep_place(ws, ward)
    assert [place.name for place in places(ws)] == ["desk", "ward"] and place_named(ws, "ward") == ward
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    remove_place(ws, "desk")
    with pytest.raises(JobError, match="No place is called 'desk'. There are: this computer, ward"):
        place_named(ws, "desk")


@pytest.mark.parametrize("name", ["password", "api_token", "ssh_key", "Secret"])
def test_no_secret_is_kept(name):
    with pytest.raises(JobError, match="looks like a secret"):
        Place("ward", "ssh", "host", options={name: "x"})


@pytest.mark.parametrize("address", ["-oProxyCommand=reboot", "host;reboot", "a b", "me@-x", "", "$(id)", "host\n"])
def test_an_address_is_a_host_and_nothing_that_ssh_could_obey(address):
    with pytest.raises(JobError, match="user@host"):
        launcher_of(Place("ward", "ssh", address))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place("ward", "moon"), "one of process, ssh, slurm"),
        (Place("ward", "process", "host"), "has no address"),
        (Place("ward", "ssh", "host", options={"gpus": "1"}), "no option 'gpus'"),
        (Place("ward", "slurm", options={"partition": "--wrap=reboot"}), "does not begin with a hyphen"),
        (Place("ward", "slurm", options={"modules": ["cuda", "a;b"]}), "one word"),
        (Place("ward", "ssh", "host", options={"port": "ssh"}), "a whole number"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused_in_words(place, words):
    with pytest.raises(JobError, match=words):
        checked(place)


@pytest.mark.parametrize("changes", [{"python": "-c"}, {"folder": "-x"}, {"folder": " "}, {"python": "a\nb"}, {"name": "this computer"}])
def test_paths_and_names_that_could_be_something_else_are_refused(changes):
    with pytest.raises(JobError):
        Place(**{"name": "ward", "kind": "process", **changes})


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"places": [{"name": "x"}]}), json.dumps({"places": 3})])
def test_a_damaged_file_is_a_sentence_and_stays_as_it_is(tmp_path, text):
    ws = Workspace(tmp_path)
    (tmp_path / FILE).write_text(text)
    with pytest.raises(JobError, match="cannot be read"):
        keep_place(ws, Place("ward", "process"))
    assert (tmp_path / FILE).read_text() == text
