"""One person is deleted from a cohort: whole or not at all, and the others stay as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.cohorts import Workspace
from pat_core.cohorts.cohort_records import Origin
from pat_core.cohorts.kept.checked_rows import identity_of
from pat_core.csv_text import as_meant, csv_text
from pat_core.errors import WorkspaceError
from pat_core.files import write_text
from pat_core.records import Period, Prediction, Refusal
from tests.cohorts.made import MINUTES, week

ROOT = Path(__file__).resolve().parents[2]
SHA = "a" * 64
KILLED = """
import os, sys
from pat_core.cohorts import Workspace
from pat_core.cohorts.kept import cohort_arrays, shelf
from pat_core.cohorts.stores import forgetting
from pat_core.cohorts.stores.person_store import PersonStore

def die(*_, **__):
    os._exit(9)

folder, moment = sys.argv[1:]
space, rename = Workspace(folder), os.rename
if moment == "while weeks are copied":
    copy = cohort_arrays.copy_rows
    cohort_arrays.copy_rows = lambda *given: (copy(*given), die())
if moment == "before the transaction":
    shelf.sync_folder = die
if moment == "between rename and commit":
    os.rename = lambda old, new: (rename(old, new), die())
if moment == "after the commit":
    PersonStore.discard = die
if moment == "while files go":
    forgetting.of_cache = die
space.delete_person("c", "Person Two")
"""


def lived_in(folder: Path) -> Workspace:
    """Three people, the second with two weeks and named in many places."""
    space = Workspace(folder)
    worn = np.arange(MINUTES) % 2 == 0
    two = [week("Person Two", index, worn=worn, notes=("A gap was mended.",)) for index in (0, 1)]
    weeks = [week("P1"), two[0], two[1], week("P3", worn=~worn, notes=("A gap of 7 minutes.",))]
    labels = {"P1": {"age": 1.0}, "Person Two": {"age": 2.0, "only": "x"}, "P3": {"age": 3.0}}
    refused = [Refusal("Person Two.csv", "empty"), Refusal("P9.csv", "as long as that of Person Two"), Refusal("P8.csv", "empty")]
    imported = {"over": [{"participant": "Person Two", "index": 0}, {"participant": "P1", "index": 0}], "labels": "Person Two.csv"}
    space.create_cohort("c", weeks, labels, refused, origin=Origin(imported=imported), truth={"planted": np.arange(8.0).reshape(4, 2)})
    whole = [Prediction(one.participant, one.index, float(row), 0.5, None, None) for row, one in enumerate(weeks)]
    for whose in ("model", "cohort"):
        space.save_predictions(SHA, "c", whose, list(enumerate(whole)))
    space.add_mark("c", ("Person Two", 0), Period(1, 9, "exclude"), who="Ada", why="ill")
    taken_back = space.add_mark("c", ("P3", 0), Period(1, 9, "exclude"), who="Ada", why="wore the device of Person Two")
    space.undo_mark(taken_back.id, who="Ada")
    job = space.add_job("predict", "Predict", {"cohort": "c"})
    (space.folder / "jobs" / f"{job}.log").write_text("Person Two: odd\n")
    space.claim_job(job, 1, "1")
    space.finish_job(job, "done", None, {"weeks": 4})
    space.cache_put(f"figures of {space.cohort('c').as_read}", {"people": np.array(["P1", "Person Two"])})
    return space


def where(space: Workspace, name: str = "Person Two") -> list[str]:
    forms = [name.encode(one) for one in ("utf-8", "utf-16-le", "utf-32-le")]
    return [str(path) for path in space.folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)]


def state(space: Workspace) -> tuple:
    """What is known of the others: their weeks, flags, truth, labels and predictions."""
    rows = [row for row in space.week_rows("c") if row.participant != "Person Two"]
    weeks, flags, truth = space.weeks_array("c", as_imported=True), space.device_flags("c"), space.truth("c")["planted"]
    found = space.predictions(SHA, "c", "model")
    return tuple(
        (
            row.participant,
            row.sha256,
            identity_of(weeks[row.row]),
            flags(row.row) is None or flags(row.row).tolist(),
            truth[row.row].tolist(),
            found[row.row].logit,
            space.week("c", row.participant, row.index).notes,
        )
        for row in rows
    )


def test_the_others_stay_and_nothing_names_the_one(tmp_path):
    space = lived_in(tmp_path)
    before, stamp, read = state(space), space.stamp("c"), space.cohort("c").as_read
    assert len(where(space)) >= 3
    space.delete_person("c", "Person Two")
    assert state(space) == before and where(space) == [] and len(before) == 2
    info = space.cohort("c")
    assert (info.people, info.weeks, info.label_columns) == (2, 2, ("age",))
    assert [row.row for row in space.week_rows("c")] == [0, 1] and space.weeks_array("c").shape == (2, MINUTES)
    assert [one.what for one in space.refusals("c")] == ["P8.csv"] and [one.what for one in space.notes("c")] == ["P3"]
    assert space.import_record("c") == {"over": [{"participant": "P1", "index": 0}]}
    (mark,) = space.marks("c")
    assert mark.participant == "P3" and "removed" in mark.why and mark.undone_by == "Ada"
    assert space.predictions(SHA, "c", "cohort") == {}, "the cohort's own means were of other people"
    assert space.stamp("c") != stamp and info.as_read != read and info.id == read.split(",")[0]
    assert Workspace(tmp_path).cohorts() == (info,) and len(list((tmp_path / "cohorts").iterdir())) == 1


def test_one_after_another_until_the_last_who_is_refused(tmp_path):
    space = lived_in(tmp_path)
    space.delete_person("c", "P1")
    space.delete_person("c", "Person Two")
    with pytest.raises(WorkspaceError, match="last person.*Delete the cohort"):
        space.delete_person("c", "P3")
    for name, who, words in (("c", "P1", "no participant 'P1'"), ("d", "P1", "no cohort called 'd'")):
        with pytest.raises(WorkspaceError, match=words):
            space.delete_person(name, who)
    assert np.array_equal(space.week("c", "P3").values, week("P3").values, equal_nan=True)
    space.delete_cohort("c")
    assert list((tmp_path / "cohorts").iterdir()) == [] and where(space, "P3") == []


@pytest.mark.parametrize("spec", [{"cohort": "c"}, {"cohort": "old name", "cohort_id": True}])
def test_while_a_job_is_at_work_it_is_refused_and_nothing_changes(tmp_path, spec):
    space = lived_in(tmp_path)
    spec = spec | ({"cohort_id": space.cohort("c").id} if "cohort_id" in spec else {})
    job, before = space.add_job("predict", "Predict c", spec), where(space)
    with pytest.raises(WorkspaceError, match="'Predict c' is running"):
        space.delete_person("c", "Person Two")
    assert where(space) == before and len(list((tmp_path / "cohorts").iterdir())) == 1
    space.request_cancel(job)
    space.delete_person("c", "Person Two")
    assert where(space) == []


@pytest.mark.parametrize(
    ("moment", "gone"),
    [
        ("while weeks are copied", False), ("before the transaction", False), ("between rename and commit", False),
        ("after the commit", True), ("while files go", True),
    ],
)  # fmt: skip
def test_a_kill_leaves_the_old_state_or_the_new_one(tmp_path, moment, gone):
    space = lived_in(tmp_path)
    before, names = state(space), where(space)
    assert subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), moment], cwd=ROOT, check=False).returncode == 9
    again = Workspace(tmp_path)
    assert state(again) == before and len(list((tmp_path / "cohorts").iterdir())) == 1
    assert not list((tmp_path / "cohorts").glob("*/.leftover*"))
    people = [one.participant for one in again.people("c")]
    assert people == (["P1", "P3"] if gone else ["P1", "Person Two", "P3"])
    if gone:
        assert where(again) == []
    else:
        assert sorted(map(os.path.basename, where(again))) == sorted(map(os.path.basename, names))
        again.delete_person("c", "Person Two")
        assert where(again) == []


def test_a_cohort_that_is_deleted_leaves_nothing_behind_a_kill_either(tmp_path, monkeypatch):
    space = lived_in(tmp_path)
    monkeypatch.setattr(space, "finish_forgetting", lambda: None)
    space.delete_cohort("c")
    assert where(space) != []
    assert where(Workspace(tmp_path)) == []


def test_people_whose_names_hold_the_name_or_who_bear_it_elsewhere_keep_theirs(tmp_path):
    space = Workspace(tmp_path)
    weeks = [week("7", notes=("Odd.",)), week("7_left", notes=("A gap in 7_left of 7 minutes.",)), week("17", notes=("7 minutes lack.",))]
    space.create_cohort("c", weeks, {"17": {"class": "7"}}, [Refusal("7.csv", "empty"), Refusal("77.csv", "7 days are needed")])
    space.create_cohort("d", [week("7")], {})
    space.keep_setting("settings of wear", {"hours": 7, "of_rule": {"minutes": 7}})
    space.delete_person("c", "7")
    assert [one.participant for one in space.people("c")] == ["7_left", "17"] and len(space.people("d")) == 1
    assert [(one.what, one.sentence) for one in space.notes("c")] == [
        ("7_left", "A gap in 7_left of 7 minutes."),
        ("17", "7 minutes lack."),
    ]
    assert [one.what for one in space.refusals("c")] == ["77.csv"] and space.people("c")[1].labels == {"class": "7"}
    assert space.setting("settings of wear") == {"hours": 7, "of_rule": {"minutes": 7}}


def test_where_a_file_of_weeks_is_damaged_nobody_is_deleted(tmp_path):
    space = lived_in(tmp_path)
    path = space.folder / "cohorts" / space.cohort("c").id / "weeks.npy"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(WorkspaceError, match="damaged"):
        space.delete_person("c", "P1")
    assert len(space.people("c")) == 3


def test_weeks_that_were_opened_before_are_not_mixed_with_those_after(tmp_path):
    space = lived_in(tmp_path)
    opened = space.weeks_array("c", as_imported=True)
    first = np.array(opened[3])
    space.delete_person("c", "Person Two")
    assert np.array_equal(opened[3], first, equal_nan=True) and np.array_equal(opened[1], week("Person Two").values, equal_nan=True)
    made = Prediction("P3", 0, 1.0, 0.5, None, None)
    with pytest.raises(WorkspaceError, match="Predict again"):
        space.save_predictions(SHA, "c", "model", [(3, made)])


ODD = ("=1+2", "'=1+2", "a,b", 'q"x', "Ünal", "12", "0012", "12.5", "p 01", "-7", "x;y", "Zoë\u2019s", "NA")


@pytest.mark.parametrize("name", ODD)
def test_odd_names_go_from_everywhere_and_take_nobody_along(tmp_path, name):
    space = Workspace(tmp_path)
    space.create_cohort("c", [week(one, notes=(f"{one}: odd.",)) for one in ODD], {one: {"who": "x"} for one in ODD})
    run = space.create_run("r", "c", {})
    space.update_run("r", state="done", result={"test": {"people": {"0" * 32: [1.0, 12]}}})
    (run.folder / "split.json").write_text(json.dumps(dict.fromkeys(ODD, "test")))
    write_text(run.folder / "test.csv", csv_text(pd.DataFrame({"participant": ODD, "logit": range(len(ODD))})))
    space.delete_person("c", name)
    left = [one for one in ODD if one != name]
    assert [one.participant for one in space.people("c")] == left and list(json.loads((run.folder / "split.json").read_text())) == left
    table = pd.read_csv(run.folder / "test.csv", dtype=str, keep_default_na=False)
    assert [as_meant(one) for one in table["participant"]] == left and space.run("r").result["test"]["people"] == {"0" * 32: [1.0, 12]}
    assert [one.what for one in space.notes("c")] == left
