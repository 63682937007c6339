"""The book of marks: added, never changed, taken back by another entry; and what they do to the weeks that are read."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from pat_core.cohorts import Workspace, database
from pat_core.errors import WorkspaceError
from pat_core.records import Period
from tests.cohorts.made import MINUTES, insert_old_cohort, three_people, week


@pytest.fixture
def ws(tmp_path) -> Workspace:
    workspace = Workspace(tmp_path)
    workspace.create_cohort("c", three_people(), {})
    return workspace


def test_a_mark_says_who_when_and_why_and_stays_in_the_book_when_it_is_taken_back(ws):
    made = ws.add_mark("c", ("p2", 1), Period(10, 20, "exclude"), who=" Ada ", why="worn by\nanother  person")
    assert (made.participant, made.index, made.first, made.end, made.kind) == ("p2", 1, 10, 20, "exclude")
    assert (made.who, made.why, made.in_force) == ("Ada", "worn by another person", True)
    undone = ws.undo_mark(made.id, who="Grace", why="it was her after all")
    assert not undone.in_force and (undone.undone_by, undone.undone_why) == ("Grace", "it was her after all")
    assert undone.created == made.created and undone.undone >= made.created
    assert ws.marks("c") == ws.marks("c", "p2") == ws.marks("c", "p2", 1) == (undone,)
    assert ws.marks("c", "p2", 0) == ws.marks("c", "p1") == ()


def test_marked_minutes_are_missing_in_every_way_a_week_is_read_until_the_mark_is_taken_back(ws):
    before, rows = np.array(ws.weeks_array("c")), ws.week_rows("c")
    row = next(one.row for one in rows if (one.participant, one.index) == ("p2", 1))
    made = ws.add_mark("c", ("p2", 1), Period(10, 20, "non-wear"), who="Ada", why="swimming")
    expected = before.copy()
    expected[row, 10:20] = np.nan
    np.testing.assert_array_equal(ws.weeks_array("c"), expected)
    read = ws.week("c", "p2", 1)
    np.testing.assert_array_equal(read.values, expected[row])
    assert read.report.minutes_missing == 11 and [mark.kind for mark in read.marks] == ["non-wear"]
    np.testing.assert_array_equal(ws.week("c", "p2", 1, as_imported=True).values, before[row])
    np.testing.assert_array_equal(ws.weeks_array("c", as_imported=True), before)
    assert ws.week("c", "p2", 0).marks == () and ws.marked_rows("c") == {row}
    ws.undo_mark(made.id, who="Ada")
    np.testing.assert_array_equal(ws.weeks_array("c"), before)
    assert ws.week("c", "p2", 1).marks == () and ws.marked_rows("c") == set()


def test_rest_leaves_the_values_and_nothing_marked_reaches_the_file(ws):
    file = ws.folder / "cohorts" / ws.cohort("c").id / "weeks.npy"
    bytes_before = file.read_bytes()
    ws.add_mark("c", ("p1", 0), Period(0, 5, "rest"), who="Ada", why="diary")
    assert np.isfinite(ws.week("c", "p1").values[:3]).all()
    ws.add_mark("c", ("p1", 0), Period(0, 60, "exclude"), who="Ada", why="broken strap")
    weeks = ws.weeks_array("c")
    assert np.isnan(weeks[0]).all() and not weeks[0].flags.writeable
    assert file.read_bytes() == bytes_before


def test_what_is_made_of_a_week_has_another_key_once_it_is_marked_and_only_that_week(ws):
    stamp, cohort, rows = ws.stamp("c"), ws.cohort("c"), ws.week_rows("c")
    rest = ws.add_mark("c", ("p1", 0), Period(0, 5, "rest"), who="Ada", why="diary")
    assert ws.stamp("c") != stamp and [row.as_read for row in ws.week_rows("c")] == [row.as_read for row in rows], "rest leaves the values"
    ws.undo_mark(rest.id, who="Ada")
    stamp = ws.stamp("c")
    made = ws.add_mark("c", ("p1", 0), Period(0, 5, "exclude"), who="Ada", why="diary")
    after = ws.week_rows("c")
    assert [row.altered for row in after] == [True, False, False, False]
    assert ws.stamp("c") != stamp and ws.cohort("c").as_read != cohort.as_read == cohort.id
    assert [one.as_read == other.as_read for one, other in zip(rows, after, strict=True)] == [False, True, True, True]
    assert [one.sha256 for one in rows] == [one.sha256 for one in after]
    marked = ws.cohort("c").as_read
    ws.undo_mark(made.id, who="Ada")
    assert ws.week_rows("c") == rows and ws.cohort("c").as_read not in (cohort.as_read, marked)


def test_a_mark_is_taken_back_once(ws):
    made = ws.add_mark("c", ("p1", 0), Period(0, 5, "rest"), who="Ada", why="diary")
    ws.undo_mark(made.id, who="Ada")
    with pytest.raises(WorkspaceError, match="already taken back by Ada"):
        ws.undo_mark(made.id, who="Grace")
    with pytest.raises(WorkspaceError, match="no longer exists"):
        ws.undo_mark("no such mark", who="Grace")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"period": Period(10, 20, "nap")}, "non-wear, rest, exclude"),
        ({"period": Period(20, 20, "rest")}, "end after the beginning"),
        ({"period": Period(-1, 20, "rest")}, "from 0 to 60"),
        ({"period": Period(10, MINUTES + 1, "rest")}, "from 0 to 60"),
        ({"who": "  "}, "Expected a name"),
        ({"why": " \n "}, "Expected a reason"),
        ({"why": "x" * 501}, "at most 500"),
        ({"of": ("nobody", 0)}, "no week 1 of participant 'nobody'"),
        ({"of": ("p1", 7)}, "no week 8"),
        ({"cohort": "d"}, "no cohort called 'd'"),
    ],
)
def test_what_cannot_be_marked_is_said_and_not_written(ws, wrong, said):
    plain = {"cohort": "c", "of": ("p1", 0), "period": Period(10, 20, "rest"), "who": "Ada", "why": "diary"}
    with pytest.raises(WorkspaceError, match=said):
        ws.add_mark(**plain | wrong)
    assert ws.marks("c") == ()


def test_the_very_same_mark_is_not_made_twice_while_it_holds(ws):
    plain = {"cohort": "c", "of": ("p2", 1), "period": Period(10, 20, "exclude")}
    made = ws.add_mark(**plain, who="Ada", why="diary")
    with pytest.raises(WorkspaceError, match="already marked this way, by Ada"):
        ws.add_mark(**plain, who="Grace", why="another reason")
    others = ({"period": Period(10, 21, "exclude")}, {"period": Period(10, 20, "rest")}, {"of": ("p2", 0)}, {"of": ("p1", 0)})
    for other in others:
        ws.add_mark(**plain | other, who="Grace", why="another")
    ws.undo_mark(made.id, who="Ada")
    assert ws.add_mark(**plain, who="Grace", why="after all").in_force and len(ws.marks("c")) == 6


def test_entries_cannot_be_changed_and_go_with_their_cohort(ws):
    made = ws.add_mark("c", ("p1", 0), Period(0, 5, "rest"), who="Ada", why="diary")
    ws.undo_mark(made.id, who="Ada")
    with ws.writing() as connection, pytest.raises(sqlite3.IntegrityError, match="never changed"):
        connection.execute("UPDATE marks SET who = 'Grace'")
    ws.delete_cohort("c")
    with ws.reading() as connection:
        assert connection.execute("SELECT count(*) FROM marks").fetchone() == (0,)


def test_a_workspace_without_marks_gets_them_and_keeps_its_cohort(tmp_path, monkeypatch):
    with monkeypatch.context() as older:
        older.setattr(database, "VERSION", 3)
        with Workspace(tmp_path).writing() as connection:
            insert_old_cohort(connection)
    ws = Workspace(tmp_path)
    (kept,) = ws.week_rows("c")
    assert np.isnan(kept.report.mean) and kept.report.valid_days is None and kept.marks == ()
    assert ws.marks("c") == () and ws.notes("c") == () and ws.cohort("c").as_read == "old"
    assert ws.add_mark("c", ("p1", 0), Period(0, 5, "rest"), who="Ada", why="diary").in_force


def test_two_processes_cannot_both_take_a_mark_back(ws):
    made = ws.add_mark("c", ("p1", 0), Period(0, 5, "rest"), who="Ada", why="diary")
    values = "(?, ?, 'p1', 0, 0, 5, 'rest', 'x', '', 0, ?)"
    columns = "(id, cohort_id, participant, week_index, from_minute, to_minute, kind, who, why, made, undoes)"
    with ws.writing() as connection, pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        for identity in ("one", "two"):
            connection.execute(f"INSERT INTO marks {columns} VALUES {values}", (identity, ws.cohort("c").id, made.id))


def test_flags_of_wear_and_notes_are_kept_beside_the_weeks(tmp_path):
    flags = np.arange(MINUTES) % 2 == 0
    weeks = [week("p1", notes=("A gap was found.",)), week("p2", worn=flags, notes=("A gap was found.", "Two.")), week("p2", 1), week("p3")]
    ws = Workspace(tmp_path)
    ws.create_cohort("c", weeks, {})
    np.testing.assert_array_equal(ws.week("c", "p2").worn, flags)
    assert [ws.week("c", who, index).worn is None for who, index in (("p1", 0), ("p2", 1), ("p3", 0))] == [True] * 3
    assert [(note.what, note.sentence) for note in ws.notes("c")] == [
        ("p1", "A gap was found."),
        ("p2", "A gap was found."),
        ("p2", "Two."),
    ]
    assert ws.week("c", "p2").notes == ("A gap was found.", "Two.") and ws.week("c", "p3").notes == ()


def test_a_cohort_whose_devices_have_no_flags_has_no_file_of_them(ws):
    assert ws.week("c", "p1").worn is None
    assert not (ws.folder / "cohorts" / ws.cohort("c").id / "worn.npy").exists()


def test_flags_of_another_length_or_a_damaged_file_are_said(tmp_path):
    ws = Workspace(tmp_path)
    with pytest.raises(WorkspaceError, match="a flag for each of 60 minutes"):
        ws.create_cohort("c", [week("p1", worn=np.ones(3, bool))], {})
    assert ws.cohorts() == () and list((tmp_path / "cohorts").iterdir()) == []
    ws.create_cohort("c", [week("p1", worn=np.ones(MINUTES, bool))], {})
    np.save(tmp_path / "cohorts" / ws.cohort("c").id / "worn.npy", np.ones((1, 3), np.uint8))
    with pytest.raises(WorkspaceError, match="flags of wear"):
        ws.week("c", "p1")
