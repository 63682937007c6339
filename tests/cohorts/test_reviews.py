"""Who has looked at whom: entries are added, none is changed, and they go with the person."""

from __future__ import annotations

import sqlite3

import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import WorkspaceError
from tests.cohorts.made import three_people


@pytest.fixture
def ws(tmp_path) -> Workspace:
    workspace = Workspace(tmp_path)
    workspace.create_cohort("c", three_people(), {})
    return workspace


def test_the_last_entry_holds_and_the_earlier_ones_stay(ws):
    assert ws.reviews("c") == {}
    first = ws.review("c", "p2", "flagged", who=" Ada ", note=" ask for \n the diary ")
    second = ws.review("c", "p2", "reviewed", who="Grace")
    assert (first.state, first.note, first.who) == ("flagged", "ask for the diary", "Ada")
    assert ws.reviews_of("c", "p2") == (first, second) and ws.reviews("c") == {"p2": second}


@pytest.mark.parametrize(
    ("participant", "state", "who", "note", "expected"),
    [
        ("p9", "reviewed", "Ada", "", "no participant 'p9'"),
        ("p1", "done", "Ada", "", "one of new, reviewed, flagged, got 'done'"),
        ("p1", "reviewed", " ", "", "a name for the reviewer"),
        ("p1", "reviewed", "Ada", "x" * 401, "at most 400 characters, got 401"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(ws, participant, state, who, note, expected):
    with pytest.raises(WorkspaceError, match=expected):
        ws.review("c", participant, state, who=who, note=note)
    assert ws.reviews("c") == {}


def test_no_entry_is_ever_changed(ws):
    ws.review("c", "p1", "reviewed", who="Ada")
    with sqlite3.connect(ws.folder / "workspace.sqlite3") as connection, pytest.raises(sqlite3.DatabaseError, match="never changed"):
        connection.execute("UPDATE reviews SET state = 'new'")
    connection.close()


def test_they_go_with_the_person_and_so_does_what_names_them_elsewhere(ws):
    ws.review("c", "p2", "reviewed", who="Ada")
    ws.review("c", "p1", "flagged", who="Ada", note="the same flat as p2")
    ws.delete_person("c", "p2")
    assert set(ws.reviews("c")) == {"p1"} and "p2" not in ws.reviews("c")["p1"].note and ws.reviews("c")["p1"].state == "flagged"
    ws.delete_cohort("c")
    with ws.reading() as connection:
        assert connection.execute("SELECT count(*) FROM reviews").fetchone() == (0,)
