"""Uploads: kept whole, refused before anything starts, swept when nobody will read them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import PatError, RecordingError, WorkspaceError
from pat_core.jobs import Task
from pat_core.progress import Silent
from pat_core.workflows.read import cohort_import, uploaded_files
from pat_core.workflows.read.cohort_import import IMPORT
from tests.workflows.made import weeks_file


def upload(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.fixture
def workspace(monkeypatch) -> Workspace:
    """A workspace whose jobs are queued and never started."""
    monkeypatch.setattr(Task, "launch", lambda task, ws, request, title: ws.add_job(task.kind, title, request.as_spec()))
    return Workspace()


def left(workspace: Workspace) -> list:
    return list((workspace.folder / "incoming").glob("*"))


def test_uploads_are_kept_byte_for_byte_under_their_own_names(workspace):
    content = bytes(range(256)) * 9000  # more than one chunk
    _, (first, second) = uploaded_files.keep(workspace, [upload("a.csv", content), upload("b.csv", b"x")])
    assert (first.name, second.name) == ("a.csv", "b.csv")
    assert first.read_bytes() == content


def test_two_uploads_of_one_name_both_stay(workspace):
    _, kept = uploaded_files.keep(workspace, [upload("a.csv", b"1"), upload("a.csv", b"2")])
    assert [path.read_bytes() for path in kept] == [b"1", b"2"]
    assert [path.name for path in kept] == ["a.csv", "a.csv"]


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/evil.csv", "..\\..\\evil.csv", "C:\\data\\evil.csv"])
def test_a_name_with_folders_cannot_leave_the_uploads_folder(workspace, name):
    folder, (kept,) = uploaded_files.keep(workspace, [upload(name, b"x")])
    assert kept == folder / "evil.csv"


@pytest.mark.parametrize("name", ["", "..", "folder/", "\x00"])
def test_an_upload_without_a_name_is_refused_and_leaves_nothing(workspace, name):
    with pytest.raises(PatError, match="no name"):
        uploaded_files.keep(workspace, [upload("a.csv", b"1"), upload(name, b"x")])
    assert left(workspace) == []


def test_a_very_long_name_keeps_its_ending(workspace):
    _, (kept,) = uploaded_files.keep(workspace, [upload("x" * 400 + ".csv", b"1")])
    assert kept.suffix == ".csv" and len(kept.name) <= uploaded_files.LONGEST_FILE_NAME


def test_an_import_names_its_files_its_labels_and_its_folder(workspace):
    job_id = uploaded_files.start_import(
        workspace, " Ward 7 ", [upload("a.csv", b"1")], labels=upload("groups.csv", b"participant,group\na,x\n")
    )
    spec = workspace.job(job_id).spec
    assert spec["cohort"] == "Ward 7" and spec["alignment"] == "start"
    assert [path.rsplit("/", 1)[-1] for path in spec["paths"]] == ["a.csv"]
    assert spec["labels"].endswith("groups.csv") and spec["labels"].startswith(spec["incoming"])


def test_a_path_is_read_where_it_lies_and_nothing_is_copied(workspace, tmp_path):
    recording = tmp_path / "big.csv"
    recording.write_text("x")
    spec = workspace.job(uploaded_files.start_import(workspace, "Big", place=f' "{recording}" ')).spec
    assert spec["paths"] == [str(recording)] and spec["incoming"] is None
    assert left(workspace) == []


def test_a_wrong_request_is_refused_before_anything_is_kept(workspace, tmp_path):
    for arguments, said in (
        ({"cohort": ""}, "name"),
        ({"cohort": "A"}, "No recording was chosen"),
        ({"cohort": "A", "place": str(tmp_path / "nowhere")}, "no file or folder"),
    ):
        with pytest.raises(PatError, match=said):
            uploaded_files.start_import(workspace, **arguments)
    assert left(workspace) == [] and workspace.jobs() == ()


@pytest.mark.parametrize("content", [b"", b"participant,group\na,x\na,y\n", b"\xff\xfe\x00"])
def test_a_label_table_that_cannot_be_read_stops_the_import_and_leaves_nothing(workspace, content):
    with pytest.raises(RecordingError):
        uploaded_files.start_import(workspace, "A", [upload("a.csv", b"1")], labels=upload("labels.csv", content))
    assert left(workspace) == [] and workspace.jobs() == ()


def test_a_name_that_an_import_under_way_will_take_is_refused(workspace):
    uploaded_files.start_import(workspace, "A", [upload("a.csv", b"1")])
    with pytest.raises(WorkspaceError, match="right now"):
        uploaded_files.start_import(workspace, "A", [upload("b.csv", b"1")])


def test_sweep_keeps_what_waits_or_is_being_written_and_removes_what_is_done(workspace):
    waiting = workspace.job(uploaded_files.start_import(workspace, "A", [upload("a.csv", b"1")])).spec["incoming"]
    done = uploaded_files.start_import(workspace, "B", [upload("b.csv", b"1")])
    workspace.finish_job(done, "done")
    writing, _ = uploaded_files.keep(workspace, [upload("c.csv", b"1")])
    dead = workspace.folder / "incoming" / "0123456789ab-999999999-1x0"
    dead.mkdir()
    removed = {str(folder) for folder in uploaded_files.sweep(workspace)}
    assert removed == {workspace.job(done).spec["incoming"], str(dead)}
    assert {str(folder) for folder in left(workspace)} == {waiting, str(writing)}


def test_files_of_a_failed_import_are_kept_for_a_day(workspace):
    job = uploaded_files.start_import(workspace, "A", [upload("a.csv", b"1")])
    workspace.finish_job(job, "failed", error="no")
    assert uploaded_files.sweep(workspace, datetime.now() + timedelta(hours=23)) == ()
    assert len(uploaded_files.sweep(workspace, datetime.now() + timedelta(hours=25))) == 1


def test_a_name_is_suggested_after_the_file_and_never_a_taken_one(workspace, simulated):
    from pat_core.workflows.people.simulated_people import store_simulated

    assert uploaded_files.suggested_name(workspace, ["ward_7.csv.zip"]) == "ward 7"
    assert uploaded_files.suggested_name(workspace, []) == "My cohort"
    store_simulated(workspace, "ward 7", simulated)
    assert uploaded_files.suggested_name(workspace, ["/data/ward_7.csv"]) == "ward 7 2"


def test_an_import_that_was_killed_after_it_wrote_the_cohort_ends_with_its_report(workspace, simulated, tmp_path):
    made = weeks_file(tmp_path / "people.npz", simulated, slice(0, 3))
    labels = upload("groups.csv", b"participant,group\nsim-0001,x\nghost,x\n")
    job = uploaded_files.start_import(workspace, "Ward", [upload(made.name, made.read_bytes())], labels=labels)
    spec = dict(workspace.job(job).spec)
    first = IMPORT.work(workspace, spec | {"incoming": None}, Silent())  # as if killed before the files were removed
    workspace.rename_cohort("Ward", "Ward 7")
    again = IMPORT.work(workspace, spec, Silent())
    assert again == first and again["people"] == 3 and [refusal["what"] for refusal in again["refused"]] == ["ghost"]
    assert [cohort.name for cohort in workspace.cohorts()] == ["Ward 7"]
    assert uploaded_files.cohort_of(workspace, workspace.job(job)).name == "Ward 7" and left(workspace) == []


def test_another_import_of_the_same_name_is_refused_before_anything_is_read(workspace, simulated, tmp_path, monkeypatch):
    made = weeks_file(tmp_path / "people.npz", simulated, slice(0, 3))
    spec = dict(workspace.job(uploaded_files.start_import(workspace, "Ward", place=str(made))).spec)
    IMPORT.work(workspace, spec | {"note": "Import of somebody else"}, Silent())
    monkeypatch.setattr("pat_core.workflows.read.cohort_import.read_apart", lambda *_: pytest.fail("read although the name is taken"))
    with pytest.raises(WorkspaceError, match="already called 'Ward'"):
        IMPORT.work(workspace, spec, Silent())
    assert uploaded_files.cohort_of(workspace, workspace.jobs()[0]) is None


def test_labels_added_later_find_their_person_in_another_way_of_writing_and_hint_at_the_nearest(workspace, simulated, tmp_path):
    made = weeks_file(tmp_path / "people.npz", simulated, slice(0, 3))
    cohort_import.import_recordings(workspace, [made], "Ward")
    given = {"SIM-1": {"dx": 1.0}, "sim-0002.0 ": {"dx": 0.0}, "sim-00004": {"dx": 1.0}, "sim0003": {"dx": 1.0}}
    added, lost = uploaded_files.add_labels(workspace, workspace.cohort("Ward"), given)
    people = {person.participant: person.labels for person in workspace.people("Ward")}
    assert people["sim-0001"]["dx"] == 1.0 and added == 1
    assert lost[0] == "sim-0002.0  (did you mean sim-0002?)" and "(did you mean sim-0003" in lost[2]
