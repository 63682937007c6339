"""After a cohort was deleted nothing in the workspace's folder names its people: not even free pages of the database."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.checked_rows import identity_of
from pat_core.cohorts.stores.forgetting import Names
from pat_core.errors import Cancelled, JobError, RecordingError, WorkspaceError
from pat_core.recordings.mapping.mapping_record import Mapping
from pat_core.recordings.tables.people_table import read_labels
from pat_core.records import Period, WeekQuestion
from pat_core.training import loop as training_loop
from pat_core.weights import load
from pat_core.workflows.explanations.week_maps import PERSON, explain_week
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.models.training_overlap import seen as workflows_seen
from pat_core.workflows.people.participant_week import week_view
from pat_core.workflows.read import column_mapping as mappings
from pat_core.workflows.read import uploaded_files
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.week_nights import rhythm_spread
from tests.workflows.made import REQUEST, label_table, weeks_file
from tests.workflows.runs import BRIEF, StopAt


def everywhere(space: Workspace, name: str) -> list[str]:
    """Files in which a name stands, as UTF-8 or UTF-16, as NumPy keeps text, or in the file's own name."""
    forms = (name.encode(), name.encode("utf-32-le"), name.encode("utf-16-le"), json.dumps(name).strip('"').encode())
    return [
        str(path.relative_to(space.folder))
        for path in space.folder.rglob("*")
        if name in path.name or (path.is_file() and any(form in path.read_bytes() for form in forms))
    ]


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory, twenty_four):
    """(workspace, people): a cohort after much work on it, and another cohort with people of its own."""
    folder = tmp_path_factory.mktemp("lived")
    space = Workspace(folder / "workspace")
    people = tuple(f"Zyx-Ünal{number:02}" for number in range(24))
    made = replace(twenty_four, participants=people)
    files = weeks_file(folder / "people.npz", made), label_table(folder / "groups.csv", made)
    import_recordings(space, [files[0]], "people", labels=files[1], note="Import 1")
    others = replace(twenty_four, participants=tuple(f"Other{number:02}" for number in range(24)))
    import_recordings(space, [weeks_file(folder / "others.npz", others)], "others")
    run = run_finetune(space, REQUEST)
    with pytest.MonkeyPatch.context() as patched, pytest.raises(Cancelled):
        patched.setattr(training_loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
        patched.setattr(training_loop, "SECONDS_BETWEEN_REPORTS", 0.0)
        run_finetune(space, replace(REQUEST, name="stopped"), StopAt(20))
    model = resolve(space, run.name)
    for cohort in ("people", "others"):
        predict_cohort(space, model, cohort)
        rhythm_spread(space, cohort)
    explain_week(space, model, WeekQuestion("people", people[0]), "authors")
    against = {"baseline": PERSON, "baseline_person": (people[1], 0), "tolerance": 1.0}
    explain_week(space, model, WeekQuestion("people", people[2]), "integrated_gradients", **against)
    mark = space.add_mark("people", (people[3], 0), Period(5, 50, "exclude"), who="Ada", why=f"{people[3]} was in hospital")
    space.undo_mark(mark.id, who="Ada", why="wrong")
    columns = Mapping(("stamp", people[4]), "stamp", people[4], unit="counts/min")
    mappings.remember(space, columns, f"{people[5]}.csv")
    mappings.remember(space, replace(columns, columns=("stamp", "value"), activity="value"), "ward.csv")
    for spec in ({"cohort": "people", "note": "Import 1"}, {"cohort": "gone", "paths": [f"/data/{people[6]}.csv"], "note": "Import 0"}):
        job = space.add_job("import", "Import", spec)
        (space.folder / "jobs" / f"{job}.log").write_text(f"WARNING {people[7]}: odd\n")
        space.claim_job(job, 1, "1")
        space.beat(job, 0.5, f"Reading {people[8]}")
        result = {"people": 24, "weeks": 24, "refused": [{"what": people[9], "reason": "short"}], "notes": [], "over": []}
        space.finish_job(job, "failed", f"{people[9]}: too short") if "paths" in spec else space.finish_job(job, "done", None, result)
    return space, people


def test_one_person_goes_and_everybody_else_stays_as_they_are(lived_in, tmp_path):
    space = Workspace(shutil.copytree(lived_in[0].folder, tmp_path / "workspace"))
    people, model = list(lived_in[1]), resolve(space, "late risers")
    split = json.loads((space.run("late risers").folder / "split.json").read_text())
    tested = [name for name in people if split.get(name) == "test"]
    before = {(one.row.participant, one.row.index): one for one in predict_cohort(space, model, "people")}
    weeks = {row.participant: row.sha256 for row in space.week_rows("people")}
    gone = dict.fromkeys([people[number] for number in (0, 3, 4, 5, 6, 7, 8, 9)] + tested[:1])
    for name in gone:
        assert everywhere(space, name)
        space.delete_person("people", name)
        assert everywhere(Workspace(space.folder), name) == []
    left = [name for name in people if name not in gone]
    assert [one.participant for one in space.people("people")] == left and len(space.people("others")) == 24
    assert {row.participant: identity_of(space.weeks_array("people")[row.row]) for row in space.week_rows("people")} == {
        name: weeks[name] for name in left
    }
    kept = space.predictions(model.sha256, "people", "model")
    assert {one.participant: one.logit for one in kept.values()} == {name: before[name, 0].prediction.logit for name in left}
    now = predict_cohort(space, model, "people")
    assert [one.row.row for one in now] == list(range(len(left)))
    assert all((one.split, one.held_out) == (before[one.row.participant, 0].split, before[one.row.participant, 0].held_out) for one in now)
    run = space.run("late risers")
    assert json.loads((run.folder / "split.json").read_text()) == {name: part for name, part in split.items() if name not in gone}
    assert set(workflows_seen(space, model, "people").tested) == set(tested) - set(gone) and run.state == "done" and run.cohort_id
    assert len(model.card["test"]["people"]) == len(tested), "the model stays as it was"
    assert not list(space.run("stopped").folder.rglob("last.safetensors")), "a run that is not done begins anew with the others"
    assert [one.file for one in mappings.remembered(space)] == ["ward.csv"]
    again = explain_week(space, model, WeekQuestion("people", people[1]), "authors")
    assert np.isfinite(again.values).all() and rhythm_spread(space, "people")


def test_no_name_is_left_anywhere_and_what_is_shared_or_others_stays(lived_in):
    space, people = lived_in
    assert all(everywhere(space, name) for name in people) and list(space.run("stopped").folder.rglob("last.safetensors"))
    run, before = space.run("late risers"), space.predictions(space.model("late risers").sha256, "others", "model")
    kept = len(list((space.folder / "cache").iterdir()))
    open_reader = sqlite3.connect(space.folder / "workspace.sqlite3")
    open_reader.execute("SELECT count(*) FROM people").fetchone()
    space.delete_cohort("people")
    open_reader.close()
    Workspace(space.folder)
    assert {name: everywhere(space, name) for name in people if everywhere(space, name)} == {}
    assert [cohort.name for cohort in space.cohorts()] == ["others"] and len(space.people("others")) == 24
    assert space.predictions(space.model("late risers").sha256, "others", "model") == before and len(before) == 24
    assert 0 < len(list((space.folder / "cache").iterdir())) < kept, "kept results of the other cohort stay"
    now = space.run("late risers")
    assert now.result["test"]["auc"] == run.result["test"]["auc"] and (now.folder / "curves.csv").exists() and now.cohort_id is None
    assert load(space.model("late risers").path).has_head
    assert [one.file for one in mappings.remembered(space)] == ["ward.csv"]
    imports = [job for job in space.jobs() if job.kind == "import"]
    assert [(job.state, job.result) for job in imports] == [("failed", None), ("done", {"people": 24, "weeks": 24})]
    assert all(jobs.log_tail(space, job.id) == "" and "removed" in (job.error or "removed") for job in imports)
    assert not list(space.run("stopped").folder.rglob("last.safetensors")), "checkpoints of a run that cannot go on are gone"


def test_a_model_names_nobody_and_yet_knows_who_was_in_its_test(workspace, twenty_four, tmp_path):
    people = tuple(f"Name{number:02}" for number in range(24))
    made = replace(twenty_four, participants=people)
    files = weeks_file(tmp_path / "people.npz", made), label_table(tmp_path / "groups.csv", made)
    import_recordings(workspace, [files[0]], "people", labels=files[1])
    run = run_finetune(workspace, replace(BRIEF, name="quiet"))
    model = resolve(workspace, "quiet")
    whole = model.card["test"]["people"]
    assert not any(name.encode() in workspace.model("quiet").path.read_bytes() for name in people)
    codes = dict(zip(people, workspace.codes("people", people), strict=True))
    split = json.loads((run.folder / "split.json").read_text())
    assert set(whole) == {codes[name] for name, part in split.items() if part == "test"} and len(set(codes.values())) == 24
    parts = [week_view(workspace, model, WeekQuestion("people", name)).split for name in people]
    assert parts == [split[name] for name in people], "whether somebody was in the training is known as before"
    assert Workspace(workspace.folder).codes("people", people[:1]) == [codes[people[0]]], "the same code each time"
    other = import_recordings(workspace, [files[0]], "again")
    assert workspace.codes(other.cohort.name, people[:1]) != [codes[people[0]]], "another cohort has a secret of its own"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("p01", True), ("p01.csv", True), ("/data/p01_left.csv: odd", True), ("“p01” came twice", True), ("it is p01.", True),
        ("p011", False), ("xp01", False), ("Ada Byron: too short", True), ("Ada", False), ("24 people", False), ("", False),
        ('{"a": "p01"}', True),
    ],
)  # fmt: skip
def test_names_are_found_as_words(text, found):
    assert Names(["p01", "Ada Byron", "7"]).in_text(text) is found
    assert not Names(["p01", "Ada Byron"], keep=["p01", "Ada Byron"]).in_text(text)


def test_a_failed_upload_leaves_nothing(workspace, tmp_path):
    class Table:
        name = "labels.csv"

        def __init__(self):
            self.left = [b"no column is called so\n1\n"]

        def read(self, size=-1):
            return self.left.pop() if self.left else b""

        def seek(self, offset, whence=0):
            return 0

    with pytest.raises((RecordingError, JobError)):
        uploaded_files.start_import(workspace, "c", [], str(tmp_path), labels=Table())
    assert not list((workspace.folder / "incoming").iterdir())
    assert np.all([not path.name.startswith(".new") for path in workspace.folder.rglob("*")])


def test_a_large_upload_is_received_on_the_disk_and_stays_where_its_import_is_refused(workspace, monkeypatch, tmp_path):
    class Recording:
        name = "ward.csv"

        def __init__(self):
            self.left = [b"2024-03-04 00:00,1\n" * 10, b"time,activity\n"]

        def read(self, size=-1):
            return self.left.pop() if self.left else b""

        def seek(self, offset, whence=0):
            return 0

    (kept,) = uploaded_files.receive(workspace, [Recording()])
    assert kept.size == 204 and kept.path.stat().st_mode & 0o777 == 0o600 and kept.name == "ward.csv"
    with pytest.raises(WorkspaceError, match="name"):
        uploaded_files.start_import(workspace, " ", [kept])
    monkeypatch.setattr(jobs.Task, "launch", lambda task, ws, request, title: ws.add_job(task.kind, title, request.as_spec()))
    job = workspace.job(uploaded_files.start_import(workspace, "c", [kept]))
    uploaded_files.discard_upload(kept)
    (path,) = job.spec["paths"]
    assert Path(path).read_bytes().startswith(b"time,activity") and not kept.path.exists()
    uploaded_files.sweep(workspace, datetime.now() + timedelta(days=9))
    assert Path(path).exists(), "its import waits"


def test_an_upload_that_nobody_imports_is_swept_after_a_day(workspace):
    uploaded_files.keep(workspace, [])
    assert uploaded_files.sweep(workspace) == () and len(uploaded_files.sweep(workspace, datetime.now() + timedelta(days=2))) == 1


@pytest.mark.parametrize(
    "secret", ["root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/sbin/nologin\n", "hunter2\nhunter3\n", "my,secret-token=abc123\n1,2\n"]
)
def test_a_table_without_a_column_of_people_is_not_quoted_where_it_may_be_anything(tmp_path, secret):
    (tmp_path / "labels.csv").write_text(secret)
    with pytest.raises(RecordingError) as said:
        read_labels(tmp_path / "labels.csv")
    assert not any(part in str(said.value) for part in ("root", "bash", "hunter", "secret-token", "abc123"))
