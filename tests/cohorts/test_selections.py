"""Filters that are kept under a name, and people who were chosen: they stay with their cohort and forget who is deleted."""

from __future__ import annotations

import pytest

from pat_core.cohorts import Workspace
from pat_core.cohorts.cohort_records import people_sha256
from pat_core.errors import WorkspaceError
from tests.cohorts.made import three_people

OLDER = [{"column": "label:age", "low": 40.0}]


@pytest.fixture
def ws(tmp_path) -> Workspace:
    workspace = Workspace(tmp_path)
    workspace.create_cohort("c", three_people(), {})
    return workspace


def test_a_filter_is_kept_renamed_replaced_and_deleted(ws):
    assert ws.filters("c") == ()
    kept = ws.keep_filter("c", " older ", OLDER)
    assert (kept.name, kept.conditions) == ("older", tuple(OLDER)) and Workspace(ws.folder).filters("c") == (kept,)
    ws.keep_filter("c", "older", [{"column": "label:age", "low": 60.0}])
    assert [one.conditions[0]["low"] for one in ws.filters("c")] == [60.0], "the same name gives way"
    ws.rename_filter("c", "older", "oldest")
    assert ws.filter_called("c", "oldest").conditions[0]["low"] == 60.0
    ws.delete_filter("c", "oldest")
    ws.delete_filter("c", "oldest")
    assert ws.filters("c") == ()


def test_names_that_look_alike_or_are_none_are_refused_in_a_sentence(ws):
    ws.keep_filter("c", "older", OLDER)
    ws.keep_filter("c", "men", OLDER)
    for refused, words in (("OLDER ", "looks like"), (" ", "a name for the filter"), ("x" * 81, "at most 80 characters")):
        with pytest.raises(WorkspaceError, match=words):
            ws.keep_filter("c", refused, OLDER)
        with pytest.raises(WorkspaceError, match=words):
            ws.rename_filter("c", "men", refused)
    with pytest.raises(WorkspaceError, match="at least one condition"):
        ws.keep_filter("c", "empty", [])
    with pytest.raises(WorkspaceError, match="no filter 'women'. Its filters: 'men', 'older'"):
        ws.filter_called("c", "women")
    with pytest.raises(WorkspaceError, match="not here any more"):
        ws.rename_filter("c", "women", "others")


def test_people_who_were_chosen_are_read_back_in_the_cohorts_order_and_once(ws):
    chosen = ws.keep_selection("c", ["p3", "p1", "p3"], "ticked  by \n hand")
    assert chosen.participants == ("p1", "p3") and chosen.words == "ticked by hand" and chosen.cohort == "c"
    assert chosen.sha256 == people_sha256(["p3", "p1"]) != people_sha256(["p1"])
    assert ws.keep_selection("c", ["p1", "p3"], "ticked by hand").id == chosen.id and len(ws.selections("c")) == 1
    assert ws.keep_selection("c", ["p1", "p3"], "another way", "older").id != chosen.id
    assert ws.selections("c")[0].kept_filter == "older" and ws.selection("c", chosen.id).participants == ("p1", "p3")


def test_who_cannot_be_chosen_is_refused(ws):
    with pytest.raises(WorkspaceError, match="no participant 'p8' and 1 others"):
        ws.keep_selection("c", ["p1", "p9", "p8"], "")
    with pytest.raises(WorkspaceError, match="got nobody"):
        ws.keep_selection("c", [], "")
    with pytest.raises(WorkspaceError, match="Choose them again"):
        ws.selection("c", "0123456789abcdef")


def test_the_oldest_selections_go(ws, monkeypatch):
    monkeypatch.setattr("pat_core.cohorts.stores.selection_store.MOST_SELECTIONS", 2)
    first = ws.keep_selection("c", ["p1"], "")
    ws.keep_selection("c", ["p2"], "")
    ws.keep_selection("c", ["p3"], "")
    assert [one.participants for one in ws.selections("c")] == [("p3",), ("p2",)]
    with pytest.raises(WorkspaceError):
        ws.selection("c", first.id)


def test_a_person_who_is_deleted_goes_from_selections_and_from_filters_that_name_them(ws):
    both, alone = ws.keep_selection("c", ["p1", "p2"], "like p2"), ws.keep_selection("c", ["p2"], "")
    ws.keep_filter("c", "older", OLDER)
    ws.keep_filter("c", "one", [{"column": "participant", "values": ["p2"]}])
    ws.delete_person("c", "p2")
    left = ws.selection("c", both.id)
    assert left.participants == ("p1",) and left.words == "" and [one.name for one in ws.filters("c")] == ["older"]
    with pytest.raises(WorkspaceError):
        ws.selection("c", alone.id)
    ws.delete_cohort("c")
    with ws.reading() as connection:
        assert all(connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,) for table in ("filters", "selections"))
