"""What is kept of a cohort and its runs is made again when they changed, and only then."""

from __future__ import annotations

import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import WorkspaceError
from tests.cohorts.made import three_people, week


@pytest.fixture
def ws(tmp_path):
    space = Workspace(tmp_path / "ws")
    space.create_cohort("c", three_people(), {"p1": {"sex": "f"}})
    return space


def relabel(ws):
    ws.set_labels("c", {"p1": {"sex": "m"}})


def label_further(ws):
    ws.set_labels("c", {"p2": {"age": 41.0}})


def import_anew(ws):
    ws.delete_cohort("c")
    ws.create_cohort("c", three_people(), {"p1": {"sex": "f"}})


def start(ws):
    ws.create_run("r", "c", {})


def end(ws):
    ws.update_run("old", state="done", result={"model_sha256": "a"})


def end_with_another_model(ws):
    ws.update_run("old", result={"model_sha256": "b"})


def delete_run(ws):
    ws.delete_run("old")


def delete_its_cohort(ws):
    ws.delete_cohort("elsewhere")


CHANGES = (relabel, label_further, import_anew, start, end, end_with_another_model, delete_run, delete_its_cohort)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_changed_cohort_or_run_changes_the_stamp_for_every_process(ws, change):
    ws.create_cohort("elsewhere", [week("p1")], {})
    ws.create_run("old", "elsewhere", {})
    before = ws.stamp("c")
    change(Workspace(ws.folder))
    assert ws.stamp("c") != before and ws.stamp("c") == Workspace(ws.folder).stamp("c")


def test_what_changes_neither_leaves_the_stamp_as_it_is(ws):
    before = ws.stamp("c")
    ws.create_cohort("other", [week("p9")], {})
    ws.set_labels("other", {"p9": {"sex": "f"}})
    ws.add_job("predict", "t", {})
    ws.cache_put("k", {"x": week("p1").values})
    assert ws.stamp("c") == before
    assert ws.stamp("c") != ws.stamp("other")


def test_the_stamp_does_not_read_the_people(ws):
    before = ws.stamp("c")
    with ws.writing() as connection:
        connection.execute("ALTER TABLE people RENAME TO hidden")
    assert ws.stamp("c") == before


def test_a_cohort_that_is_not_there_has_no_stamp(ws):
    with pytest.raises(WorkspaceError, match="no cohort called"):
        ws.stamp("gone")
