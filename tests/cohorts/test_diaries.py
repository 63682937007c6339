"""Sleep diaries in the workspace: kept whole, taken back as a whole, never changed, and gone with the person."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, datetime

import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import WorkspaceError
from pat_core.rhythms.sleep_diary import DiaryNight
from tests.cohorts.made import three_people

NIGHT = DiaryNight(date(2024, 3, 4), datetime(2024, 3, 4, 23), datetime(2024, 3, 5, 7), asleep=datetime(2024, 3, 4, 23, 30), waso=10)


@pytest.fixture
def ws(tmp_path) -> Workspace:
    workspace = Workspace(tmp_path)
    workspace.create_cohort("c", three_people(), {})
    return workspace


def test_a_diary_comes_back_as_it_went_in_and_the_last_of_two_holds_until_it_is_taken_back(ws):
    before = ws.stamp("c")
    first = ws.add_diary("c", [("p1", NIGHT), ("p2", NIGHT)], who=" Ada ", file="a.csv", read_as={"date_of": "evening"})
    assert (first.nights, first.people, first.who, first.read_as) == (2, 2, "Ada", {"date_of": "evening"}) and ws.stamp("c") != before
    other = replace(NIGHT, waso=40)
    second = ws.add_diary("c", [("p1", other)], who="Grace")
    assert ws.diary_nights("c") == {"p1": (other,), "p2": (NIGHT,)}
    gone = ws.undo_diary("c", second.id, who="Ada")
    assert not gone.in_force and gone.undone_by == "Ada" and [diary.id for diary in ws.diaries("c")] == [first.id, second.id]
    assert ws.diary_nights("c", "p1") == {"p1": (NIGHT,)}
    with pytest.raises(WorkspaceError, match="already taken back by Ada"):
        ws.undo_diary("c", second.id, who="Ada")


@pytest.mark.parametrize(
    ("nights", "who", "expected"),
    [
        ([("p1", NIGHT), ("p9", NIGHT)], "Ada", "no participant 'p9'"),
        ([("p1", NIGHT), ("p1", NIGHT)], "Ada", "one twice"),
        ([("p1", NIGHT)], " ", "a name for the person who brings the diary"),
        ([], "Ada", "at least one night"),
    ],
)
def test_a_diary_that_cannot_be_kept_leaves_nothing(ws, nights, who, expected):
    with pytest.raises(WorkspaceError, match=expected):
        ws.add_diary("c", nights, who=who)
    assert ws.diaries("c") == () and ws.diary_nights("c") == {}


def test_no_night_is_ever_changed(ws):
    ws.add_diary("c", [("p1", NIGHT)], who="Ada")
    with sqlite3.connect(ws.folder / "workspace.sqlite3") as connection, pytest.raises(sqlite3.DatabaseError, match="never changed"):
        connection.execute("UPDATE diary_nights SET night = '{}'")
    connection.close()


def test_the_nights_of_a_person_go_with_them(ws):
    ws.add_diary("c", [("p1", NIGHT), ("p2", NIGHT)], who="Ada", file="p2_diary.csv")
    ws.delete_person("c", "p2")
    assert set(ws.diary_nights("c")) == {"p1"} and "p2" not in ws.diaries("c")[0].file
    ws.delete_cohort("c")
    with ws.reading() as connection:
        assert connection.execute("SELECT (SELECT count(*) FROM diaries) + (SELECT count(*) FROM diary_nights)").fetchone() == (0,)
