"""Cohorts come back as they went in, and what must not go in is refused with a sentence."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.cohorts.cohort_records import Origin
from pat_core.errors import WorkspaceError
from pat_core.records import Refusal
from tests.cohorts.made import MINUTES, REPORT, three_people, week


@pytest.fixture
def ws(tmp_path):
    return Workspace(tmp_path / "ws")


def test_a_cohort_comes_back_as_it_went_in(ws):
    weeks = three_people()
    labels = {"p1": {"group": "case", "age": 41.0}, "p2": {"group": "control"}, "stranger": {"height": 1.0}}
    info = ws.create_cohort("Sleep, pilot", weeks, labels, [Refusal("x.csv", "too short")], origin=Origin(source="a folder", note="n"))
    assert (info.people, info.weeks, info.minutes, info.unit, info.alignment) == (3, 4, MINUTES, "counts/min", "midnight")
    assert (info.refused, info.label_columns, info.simulated, info.source, info.note) == (1, ("group", "age"), False, "a folder", "n")
    assert ws.cohorts() == (info,)
    assert [(p.participant, p.weeks) for p in ws.people(info.name)] == [("p1", 1), ("p2", 2), ("p3", 1)]
    assert [dict(p.labels) for p in ws.people(info.name)] == [{"group": "case", "age": 41.0}, {"group": "control"}, {}]
    assert ws.refusals(info.name) == (Refusal("x.csv", "too short"),)
    array = ws.weeks_array(info.name)
    assert isinstance(array[0:1], np.memmap) and array.dtype == np.float32 and not array[0].flags.writeable
    np.testing.assert_array_equal(array, np.stack([w.values for w in weeks]))
    for row, (stored, original) in enumerate(zip(ws.week_rows(info.name), weeks, strict=True)):
        assert (stored.row, stored.participant, stored.index) == (row, original.participant, original.index)
        assert (stored.start, stored.device, stored.report) == (original.start, original.device, REPORT)
        assert stored.sha256 == hashlib.sha256(original.values.tobytes()).hexdigest()


def test_the_rows_of_one_participant_are_those_of_all_that_are_theirs(ws):
    ws.create_cohort("c", three_people(), {}, [])
    assert ws.week_rows("c", "p2") == tuple(row for row in ws.week_rows("c") if row.participant == "p2")
    assert [row.index for row in ws.week_rows("c", "p2")] == [0, 1] and ws.week_rows("c", "nobody") == ()


def test_a_single_week_comes_back_whole(ws):
    ws.create_cohort("c", three_people(), {})
    second = ws.week("c", "p2", 1)
    np.testing.assert_array_equal(second.values, week("p2", 1).values)
    assert (second.participant, second.index, second.alignment) == ("p2", 1, "midnight")


def test_where_a_device_was_worn_and_the_zone_of_its_clock_stay_with_the_week(ws):
    ws.create_cohort("c", [week("p1", placement="left wrist", zone="Europe/Berlin"), week("p2")], {})
    known, unknown = (ws.week("c", who, 0) for who in ("p1", "p2"))
    assert (known.placement, known.zone, unknown.placement, unknown.zone) == ("left wrist", "Europe/Berlin", None, None)


def test_an_unknown_date_device_or_mean_stays_unknown(ws):
    report = replace(REPORT, mean=math.nan)
    ws.create_cohort("c", [week("p1", start=None, date_known=False, device=None, report=report)], {})
    (row,) = ws.week_rows("c")
    assert row.start is None and row.device is None and row.date_known is False and math.isnan(row.report.mean)


def test_labels_that_are_missing_or_from_numpy_become_plain(ws):
    values = {"a": np.float64("nan"), "b": np.int64(3), "c": np.bool_(True), "d": None, "e": "x", "f": math.inf}
    ws.create_cohort("c", [week("p1")], {"p1": values})
    assert ws.people("c")[0].labels == {"a": None, "b": 3, "c": 1, "d": None, "e": "x", "f": None}


def test_truth_stays_beside_the_weeks(ws):
    evidence = np.zeros((4, MINUTES), dtype=bool)
    evidence[1, 10:20] = True
    ws.create_cohort("c", three_people(), {}, origin=Origin(simulated=True), truth={"late_wake": evidence})
    assert ws.cohort("c").simulated
    np.testing.assert_array_equal(ws.truth("c")["late_wake"], evidence)
    ws.create_cohort("real", three_people(), {})
    assert ws.truth("real") == {}


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ({"../x": np.zeros(4)}, "small letters"),
        ({"a": np.zeros(3)}, "a row for each of 4 weeks"),
        ({"a": np.array([{}] * 4)}, "Python objects"),
    ],
)
def test_truth_of_another_shape_or_name_is_refused(ws, truth, said):
    with pytest.raises(WorkspaceError, match=said):
        ws.create_cohort("c", three_people(), {}, truth=truth)
    assert ws.cohorts() == () and list((ws.folder / "cohorts").iterdir()) == []


@pytest.mark.parametrize(
    ("weeks", "said"),
    [
        ([], "at least one week"),
        ([week("p1"), week("p2", unit="mg")], "one unit"),
        ([week("p1"), week("p1")], "appears twice"),
        ([week("")], "without"),
    ],
)
def test_weeks_that_make_no_cohort_leave_nothing_behind(ws, weeks, said):
    with pytest.raises(WorkspaceError, match=said):
        ws.create_cohort("c", weeks, {})
    assert ws.cohorts() == () and list((ws.folder / "cohorts").iterdir()) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "two\nlines", "nul\0", "bell\a", "\ud800"])
def test_a_name_that_nobody_could_read_is_refused(ws, name):
    with pytest.raises(WorkspaceError, match="name"):
        ws.create_cohort(name, three_people(), {})


@pytest.mark.parametrize("name", ["../../etc/passwd", "/", "a'; DROP TABLE cohorts; --", "Schlafqualität 2 🌙", "x" * 80, "con", "."])
def test_any_readable_name_works_and_is_no_path(ws, name):
    info = ws.create_cohort(f" {name} ", three_people(), {})
    assert info.name == name
    assert [path.name for path in (ws.folder / "cohorts").iterdir()] == [info.id]
    assert ws.week(name, "p1").participant == "p1"


def test_a_name_can_be_taken_once_and_again_after_deletion(ws):
    first = ws.create_cohort("c", three_people(), {})
    with pytest.raises(WorkspaceError, match="already a cohort called 'c'"):
        ws.create_cohort("c", three_people(), {})
    ws.delete_cohort("c")
    assert list((ws.folder / "cohorts").iterdir()) == []
    assert ws.create_cohort("c", three_people(), {}).id != first.id


def test_a_missing_cohort_is_named_with_those_that_exist(ws):
    ws.create_cohort("here", three_people(), {})
    for ask in (ws.cohort, ws.people, ws.week_rows, ws.weeks_array, ws.delete_cohort, ws.truth, ws.refusals):
        with pytest.raises(WorkspaceError, match="no cohort called 'gone'. It has 'here'"):
            ask("gone")
    with pytest.raises(WorkspaceError, match="no week 3 of participant 'p2'"):
        ws.week("here", "p2", 2)


def test_rename_keeps_everything_but_the_name(ws):
    before = ws.create_cohort("old", three_people(), {})
    ws.create_run("r", "old", {})
    ws.create_cohort("other", three_people(), {})
    with pytest.raises(WorkspaceError, match="already"):
        ws.rename_cohort("old", "other")
    assert ws.rename_cohort("old", "new") == replace(before, name="new")
    assert ws.run("r").cohort == "new" and ws.rename_cohort("new", "new").name == "new"


def test_set_labels_adds_columns_and_says_whom_it_does_not_know(ws):
    ws.create_cohort("c", three_people(), {"p1": {"group": "case", "age": 40}})
    assert ws.set_labels("c", {"p1": {"group": "control"}, "p2": {"score": 7.5}, "nobody": {"score": 1}}) == ("nobody",)
    assert [dict(p.labels) for p in ws.people("c")] == [{"group": "control", "age": 40}, {"score": 7.5}, {}]
    assert ws.cohort("c").label_columns == ("group", "age", "score")
    with pytest.raises(WorkspaceError, match="None of the 1 participants"):
        ws.set_labels("c", {"nobody": {"x": 1}})


def test_deleting_a_cohort_under_an_open_memory_map_harms_nobody(ws):
    ws.create_cohort("c", three_people(), {})
    array = ws.weeks_array("c")
    ws.delete_cohort("c")
    np.testing.assert_array_equal(np.array(array[0]), week("p1").values)
    assert ws.cohorts() == () and Workspace(ws.folder).cohorts() == ()


@pytest.mark.parametrize("damage", ["cut", "gone", "other values", "no array", "empty"])
def test_damaged_arrays_are_an_error_in_a_sentence(ws, damage):
    info = ws.create_cohort("c", three_people(), {})
    path = ws.folder / "cohorts" / info.id / "weeks.npy"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:300])
    elif damage == "gone":
        path.unlink()
    elif damage in ("no array", "empty"):
        path.write_bytes(b"nothing that NumPy wrote" if damage == "no array" else b"")
    else:
        whole = bytearray(path.read_bytes())
        whole[-400:] = bytes(400)
        path.write_bytes(whole)
    with pytest.raises(WorkspaceError, match="damaged|gone") as said:
        ws.week("c", "p3")
    assert "pickle" not in str(said.value) and str(said.value).rstrip().endswith("import it again.")


def test_weeks_are_read_once_and_may_be_lazy(ws):
    class Lazy:
        opened = 0

        def __len__(self):
            return 50

        def __iter__(self):
            for number in range(50):
                self.opened += 1
                yield week(f"p{number}", fill=number)

    weeks = Lazy()
    ws.create_cohort("c", weeks, {})
    assert weeks.opened == 50
    assert ws.weeks_array("c")[:, 0].tolist() == list(range(50))


def test_an_unexpected_error_while_weeks_are_read_leaves_nothing(ws):
    class Breaks(list):
        def __iter__(self):
            yield week("p1")
            raise RuntimeError("reader broke")

    with pytest.raises(RuntimeError, match="reader broke"):
        ws.create_cohort("c", Breaks([1, 2]), {})
    assert ws.cohorts() == () and list((ws.folder / "cohorts").iterdir()) == []
