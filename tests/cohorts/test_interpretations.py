"""What people write about a week: versions are added, none is changed, and they go with the person."""

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


def test_the_last_version_holds_and_the_earlier_ones_stay(ws):
    first = ws.write_interpretation("c", ("p2", 1), "Late on all days. \r\nShort nights.", who=" Ada ", about="abc")
    second = ws.write_interpretation("c", ("p2", 1), "Late on four days.", who="Grace")
    assert (first.text, first.who, first.about) == ("Late on all days.\nShort nights.", "Ada", "abc")
    assert ws.interpretations("c", "p2", 1) == (first, second) and ws.interpretations("c", "p2", 0) == ()
    with pytest.raises(WorkspaceError, match="kept already"):
        ws.write_interpretation("c", ("p2", 1), " Late on four days.", who="Grace")


@pytest.mark.parametrize(
    ("text", "who", "expected"),
    [
        (" \n ", "Ada", "got none"),
        ("Late.", "", "a name for the author"),
        ("x" * 4001, "Ada", "at most 4,000"),
        ("a\x07b", "Ada", r"U\+0007"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(ws, text, who, expected):
    with pytest.raises(WorkspaceError, match=expected):
        ws.write_interpretation("c", ("p1", 0), text, who=who)
    assert ws.interpretations("c", "p1", 0) == ()


def test_a_week_that_is_not_there_is_refused(ws):
    with pytest.raises(WorkspaceError, match="no week 9 of participant 'p1'"):
        ws.write_interpretation("c", ("p1", 8), "Late.", who="Ada")


def test_no_version_is_ever_changed(ws):
    ws.write_interpretation("c", ("p1", 0), "Late.", who="Ada")
    with sqlite3.connect(ws.folder / "workspace.sqlite3") as connection, pytest.raises(sqlite3.DatabaseError, match="never changed"):
        connection.execute("UPDATE interpretations SET text = 'Early.'")
    connection.close()


def test_they_go_with_the_person_and_so_does_what_names_them_elsewhere(ws):
    ws.write_interpretation("c", ("p2", 1), "Late.", who="Ada")
    ws.write_interpretation("c", ("p1", 0), "Later than p2.", who="Ada")
    ws.write_interpretation("c", ("p1", 0), "Late.", who="Ada")
    ws.delete_person("c", "p2")
    with ws.reading() as connection:
        assert connection.execute("SELECT count(*) FROM interpretations WHERE participant = 'p2'").fetchone() == (0,)
    removed, kept = ws.interpretations("c", "p1", 0)
    assert "p2" not in removed.text and removed.who == "Ada" and kept.text == "Late."
    ws.delete_cohort("c")
    with ws.reading() as connection:
        assert connection.execute("SELECT count(*) FROM interpretations").fetchone() == (0,)
