"""A cycle from files to a folder and a cohort: standardized by itself, labelled, whole or not seen at all, taken up after a kill."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from pat_core import download as fetching
from pat_core.cohorts import Workspace
from pat_core.errors import RecordingError, WeekError, WorkspaceError
from pat_core.nhanes import CYCLES, CycleFiles, Settings, locked, open_prepared, prepare, transport_files
from pat_core.nhanes import folder as folder_module
from pat_core.progress import Silent
from pat_core.records import COUNTS, MIMS
from pat_core.wear import QualitySettings
from pat_core.workflows.read.cohort_import import ImportSettings, import_recordings
from pat_core.workflows.read.nhanes_import import NhanesRequest, counts_text, prepare_nhanes
from pat_core.workflows.read.worn_days import valid_days
from tests.commands import answer, refusal
from tests.nhanes.made import PEOPLE, WEEK, paxmin, paxraw, tables, week_of, write, zipped
from tests.nhanes.test_downloads import Server


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """The CDC's files of 2003-04 and 2013-14, twelve people each; in 2013 one of them has five days, another wore the monitor for three
    days by the CDC, and a third has minutes with quality flags."""
    folder = tmp_path_factory.mktemp("cdc")
    zipped(write([paxraw(number) for number in PEOPLE], folder / "PAXRAW_C.xpt"))
    tables(folder / "2003", "C")
    for name in ("DPQ_C", "SLQ_C"):
        (folder / "2003" / f"{name}.xpt").unlink()
    wrist = [paxmin(number, 570 + 5 * 1440) if number == PEOPLE[2] else paxmin(number) for number in PEOPLE]
    wrist[0].loc[570 + 3 * 1440 :, "PAXPREDM"] = "3"
    wrist[1].loc[1000:1099, "PAXQFM"] = 2.0
    write(wrist, folder / "PAXMIN_H.xpt")
    tables(folder / "2013", "H")
    return folder


@pytest.fixture(scope="module")
def made(files, tmp_path_factory):
    """Both cycles, prepared, and the workspace with their cohorts."""
    folder = tmp_path_factory.mktemp("made")
    workspace = Workspace(folder / "workspace")
    request = NhanesRequest((2003, 2013), folder / "out", files, "NHANES")
    return workspace, request, prepare_nhanes(workspace, request)


def test_each_cycle_is_standardized_by_itself_as_scikit_learn_does(made):
    _, _, report = made
    for one, unit in zip(report.prepared, (COUNTS, MIMS), strict=True):
        weeks = np.load(one.folder / "weeks.npy", allow_pickle=False)
        kept = np.load(one.folder / "standardizer.npz", allow_pickle=False)
        scaler = StandardScaler().fit(weeks.astype(float))
        assert np.allclose(kept["mean"], scaler.mean_, rtol=1e-6) and np.allclose(kept["scale"], scaler.scale_, rtol=1e-6)
        z = np.load(one.folder / "standardized.npy", allow_pickle=False)
        assert z.dtype == np.float32 and np.allclose(z, scaler.transform(weeks), atol=1e-4)
        assert (int(kept["people"]), str(kept["unit"]), one.unit) == (len(weeks), unit, unit)
        assert f"NHANES {one.cycle}" in str(kept["source"])


def test_weeks_labels_and_refusals_come_into_a_cohort_for_each_cycle(made):
    workspace, _, _ = made
    assert [cohort.name for cohort in workspace.cohorts()] == ["NHANES 2003-04", "NHANES 2013-14"]
    hip, wrist = workspace.cohorts()
    assert (hip.people, hip.unit, wrist.people, wrist.unit, wrist.refused) == (12, COUNTS, 11, MIMS, 1)
    kept = [number for number in PEOPLE if number != PEOPLE[2]]
    weeks = workspace.weeks_array("NHANES 2013-14")
    for row, number, values in zip(workspace.week_rows("NHANES 2013-14"), kept, weeks, strict=True):
        assert row.participant == str(number) and np.array_equal(values, week_of(paxmin(number)))
        assert (row.device, row.start.isoweekday(), row.date_known, row.alignment) == ("ActiGraph GT3X+", 7, False, "midnight")
    labels = {person.participant: person.labels for person in workspace.people("NHANES 2013-14")}
    assert labels[str(PEOPLE[0])]["benzodiazepine"] == "yes" and labels[str(PEOPLE[1])]["ssri"] == "yes"
    assert labels[str(PEOPLE[3])]["phq9"] == 9 and labels[str(PEOPLE[3])]["depression"] == "no"
    assert labels[str(PEOPLE[4])]["sleep abnormality"] == "yes" and labels[str(PEOPLE[-1])]["depression"] is None
    assert workspace.refusals("NHANES 2013-14")[0].what == str(PEOPLE[2])
    assert "depression" not in workspace.people("NHANES 2003-04")[0].labels  # was not asked before 2005


def test_counts_stand_beside_the_papers(made):
    _, _, report = made
    hip, wrist = report.prepared
    assert (hip.counts["people in the minute file"], hip.counts["people"], hip.counts["depression"]) == (12, 12, 0)
    names = ("people in the minute file", "people with any minute of the week", "people")
    assert [wrist.counts[name] for name in names] == [12, 12, 11] and hip.paper["people"] == 7176
    assert (wrist.counts["depression"], wrist.counts["depression, yes"]) == (10, 0)  # the depressed one has five days
    assert (wrist.counts["sleep abnormality"], wrist.counts["sleep abnormality, yes"]) == (10, 2)
    assert wrist.counts["minutes with quality flags"] == 100 and "minutes with quality flags" not in hip.counts
    text = counts_text(wrist)
    assert "minutes with quality flags, kept" in text and "    100 of 110,880" in text and "quality flags" not in counts_text(hip)
    assert "the paper: 7,769" in text and "the paper: 4,800" in text and "the paper: 5,429" in text
    assert "not asked" in counts_text(hip)


def test_the_folder_holds_a_row_a_person_and_a_summary(made):
    _, request, _ = made
    folder = request.out / "nhanes-2013"
    with (folder / "people.csv").open() as file:
        people = list(csv.DictReader(file))
    assert len(people) == len(np.load(folder / "weeks.npy", allow_pickle=False)) == 11
    assert people[0]["start"].endswith("T00:00:00") and people[0]["minutes missing"] == "0"
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["tables"]["DPQ"] == "DPQ_H.xpt" and summary["settings"] == {"alignment": "midnight", "flagged": "keep", "short": False}
    assert sorted(path.name for path in folder.iterdir()) == [
        "people.csv",
        "refused.csv",
        "standardized.npy",
        "standardizer.npz",
        "summary.json",
        "weeks.npy",
        "worn.npy",
    ]


def test_days_are_valid_alike_whether_the_file_comes_by_the_command_or_by_import(made, files, tmp_path):
    workspace, _, _ = made
    other = Workspace(tmp_path / "workspace")
    import_recordings(other, [files / "PAXMIN_H.xpt"], "read", ImportSettings(alignment="midnight"))
    believed, judged = (QualitySettings(trust_flags=trust) for trust in (True, False))
    for settings in (believed, judged):
        days = valid_days(workspace, "NHANES 2013-14", settings)
        assert np.array_equal(days, valid_days(other, "read", settings), equal_nan=True)
    assert valid_days(workspace, "NHANES 2013-14", believed).tolist() == [3] + 10 * [7]
    for ours, theirs in zip(workspace.week_rows("NHANES 2013-14"), other.week_rows("read"), strict=True):
        assert (ours.participant, ours.sha256, ours.device, ours.unit, ours.report) == (
            theirs.participant,
            theirs.sha256,
            theirs.device,
            theirs.unit,
            theirs.report,
        )
        week, again = workspace.week("NHANES 2013-14", ours.participant), other.week("read", ours.participant)
        assert np.array_equal(week.worn, again.worn) and week.placement == again.placement
    assert workspace.device_flags("NHANES 2003-04")(0) is None


def test_how_a_cycle_came_in_is_kept_with_its_cohort(made):
    workspace, _, report = made
    files = (
        ["PAXRAW_C.zip: paxraw_c.xpt", "DEMO_C.xpt", "RXQ_RX_C.xpt"],
        ["PAXMIN_H.xpt", "DEMO_H.xpt", "RXQ_RX_H.xpt", "DPQ_H.xpt", "SLQ_H.xpt"],
    )
    for cohort, prepared, paths in zip(report.cohorts, report.prepared, files, strict=True):
        record = workspace.import_record(cohort.name)
        assert record["paths"] == paths and record["alignment"] == "midnight" and record["notes"] == list(prepared.notes)
        assert record["nhanes"] == {"alignment": "midnight", "flagged": "keep", "short": False}


def test_the_same_command_again_reads_nothing_and_keeps_cohorts(made, monkeypatch):
    workspace, request, report = made
    monkeypatch.setattr("pat_core.workflows.read.nhanes_import.prepare", None)
    again = prepare_nhanes(workspace, request)
    assert again.cohorts == report.cohorts and [one.counts for one in again.prepared] == [one.counts for one in report.prepared]
    workspace.rename_cohort("NHANES 2003-04", "kept")
    assert [cohort.name for cohort in prepare_nhanes(workspace, request).cohorts] == ["NHANES 2003-04", "NHANES 2013-14"]
    workspace.delete_cohort("NHANES 2003-04")
    workspace.rename_cohort("kept", "NHANES 2003-04")


def test_short_recordings_and_other_alignments_need_a_folder_of_their_own(made, files, tmp_path):
    _, request, _ = made
    with pytest.raises(WorkspaceError, match="was made with weeks from the first midnight.*is requested now"):
        prepare_nhanes(None, NhanesRequest((2013,), request.out, files, settings=Settings(short=True)))
    report = prepare_nhanes(None, NhanesRequest((2013,), tmp_path / "short", files, settings=Settings(short=True)))
    (one,) = report.prepared
    assert (one.counts["people"], one.counts["depression, yes"], report.cohorts) == (12, 1, ())
    z = np.load(one.folder / "standardized.npy", allow_pickle=False)
    assert np.all(z[2, 5 * 1440 :] == 0) and np.isnan(np.load(one.folder / "weeks.npy")[2, 5 * 1440 :]).all()


def test_a_taken_name_or_a_missing_file_is_said_before_anything_is_read(files, tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    request = NhanesRequest((2003,), tmp_path / "out", files, "NHANES")
    prepare_nhanes(workspace, request)
    with pytest.raises(WorkspaceError, match="already called 'NHANES 2003-04'"):
        prepare_nhanes(workspace, NhanesRequest((2003,), tmp_path / "elsewhere", files, "NHANES"))
    with pytest.raises(RecordingError, match="PAXRAW_D.xpt, or a zip with it, was expected.*DEMO_C.*PAXRAW_D.zip"):
        prepare_nhanes(None, NhanesRequest((2003, 2005), tmp_path / "third", files))
    assert not list((tmp_path / "third").glob("nhanes*")) and not list((tmp_path / "elsewhere").glob("nhanes*"))
    with pytest.raises(RecordingError, match="began in 1999 has no minutes"):
        prepare_nhanes(None, NhanesRequest((1999,), tmp_path / "out", files))


def test_a_table_that_is_not_there_is_told_and_its_labels_are_unknown(files, tmp_path):
    there = {name: file for name, file in transport_files(files).items() if name != "DPQ_H"}
    os.makedirs(tmp_path / "some")
    for file in there.values():
        os.link(file.path, tmp_path / "some" / file.path.name)
    (one,) = prepare_nhanes(None, NhanesRequest((2013,), tmp_path / "out", tmp_path / "some")).prepared
    assert one.counts["depression"] == 0 and one.counts["sleep disorder"] == 10
    assert any("DPQ_H is not among the files, so PHQ-9 and depression" in note for note in one.notes)


def test_too_few_people_for_a_standardizer_leave_nothing(tmp_path):
    write([paxraw(1), paxraw(2)], tmp_path / "cdc" / "PAXRAW_C.xpt")
    with pytest.raises(WeekError, match="at least 10 people; there are 2"):
        prepare_nhanes(None, NhanesRequest((2003,), tmp_path / "out", tmp_path / "cdc"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".lock"]


def test_a_damaged_minute_file_leaves_nothing(files, tmp_path):
    (tmp_path / "cdc").mkdir()
    (tmp_path / "cdc" / "PAXMIN_H.xpt").write_bytes((files / "PAXMIN_H.xpt").read_bytes()[:-1234])
    with pytest.raises(RecordingError, match="PAXMIN_H.xpt cannot be read"):
        prepare_nhanes(None, NhanesRequest((2013,), tmp_path / "out", tmp_path / "cdc"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".lock"]


def _stalled(moment: str, out: Path, files: Path, told) -> None:
    """A run that stops at a moment and says so."""
    setattr(folder_module, moment, lambda *_: (told.send("here"), time.sleep(60)))
    prepare_nhanes(None, NhanesRequest((2003,), out, files))


@pytest.mark.parametrize("moment", ["cut_weeks", "map_rows", "_sync"])
def test_a_killed_run_is_never_seen_keeps_its_lock_while_it_lives_and_the_next_one_is_whole(files, tmp_path, moment, made):
    out = tmp_path / "out"
    forked = multiprocessing.get_context("fork")
    heard, told = forked.Pipe(duplex=False)
    child = forked.Process(target=_stalled, args=(moment, out, files, told))
    child.start()
    assert heard.poll(60)
    assert [path.name for path in out.iterdir() if not path.name.startswith(".")] == []
    with pytest.raises(WorkspaceError, match="Another run is using"), locked(out):
        pass
    child.kill()
    child.join()
    prepare_nhanes(None, NhanesRequest((2003,), out, files))
    assert sorted(path.name for path in out.iterdir()) == [".lock", "nhanes-2003"]
    whole = made[1].out / "nhanes-2003"
    for name in ("weeks.npy", "standardized.npy", "people.csv"):
        assert (out / "nhanes-2003" / name).read_bytes() == (whole / name).read_bytes()


def test_a_folder_that_lost_its_summary_is_not_taken_for_a_finished_one(files, tmp_path):
    cycle, there = CYCLES[2003], transport_files(files)
    chosen = CycleFiles(there["PAXRAW_C"], {})
    with locked(tmp_path):
        prepare(cycle, chosen, tmp_path, Settings(), Silent())
        (tmp_path / "nhanes-2003" / "summary.json").write_text("{")
        with pytest.raises(WorkspaceError, match="should hold a prepared cycle but cannot be read"):
            prepare(cycle, chosen, tmp_path, Settings(), Silent())


def test_a_folder_of_another_version_is_not_taken_for_one_of_this(made, tmp_path):
    shutil.copytree(made[1].out / "nhanes-2003", tmp_path / "nhanes-2003")
    summary = tmp_path / "nhanes-2003" / "summary.json"
    summary.write_text(json.dumps(json.loads(summary.read_text()) | {"version": 1}))
    with pytest.raises(WorkspaceError, match="made by another version"):
        open_prepared(tmp_path, CYCLES[2003], Settings())


def test_windows_locks_a_folder_too(tmp_path, monkeypatch):
    import fcntl

    taken = SimpleNamespace(LK_NBLCK=2, locking=lambda lock, mode, count: fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB))
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", taken)
    with locked(tmp_path), pytest.raises(WorkspaceError, match="Another run is using"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


@pytest.fixture
def cdc(files, monkeypatch):
    """A server that holds the files as the CDC does."""
    monkeypatch.setattr(fetching, "WAIT_SECONDS", 0.0)
    server = Server()
    server.files = {path.name: path.read_bytes() for path in files.rglob("*") if path.is_file()}
    yield server
    server.close()


def test_files_are_downloaded_over_a_line_that_breaks_and_the_result_is_the_same(cdc, made, tmp_path):
    cdc.breaks = [100, 3000, 40_000, 100_000, 10**9, 1000]
    prepare_nhanes(None, NhanesRequest((2003, 2013), tmp_path / "out", site=cdc.site))
    for cycle in ("nhanes-2003", "nhanes-2013"):
        for name in ("weeks.npy", "people.csv"):
            assert (tmp_path / "out" / cycle / name).read_bytes() == (made[1].out / cycle / name).read_bytes()
    asked = {path for path, _ in cdc.seen}
    assert "/2003/DataFiles/PAXRAW_C.zip" in asked and "/2013/DataFiles/PAXMIN_H.xpt" in asked and "/2003/DataFiles/DPQ_C.xpt" not in asked


def test_the_command_line_brings_a_cycle_in_and_says_its_counts(files, tmp_path):
    workspace = tmp_path / "workspace"
    told = answer("nhanes", "--cycles", 2013, "--files", files, "--out", tmp_path / "out", "--cohort", "Survey", workspace=workspace)
    assert told["cohorts"] == ["Survey 2013-14"] and told["cycles"][0]["counts"]["people"] == 11
    assert told["cycles"][0]["paper"]["people"] == 7769 and told["cycles"][0]["refused"][0]["what"] == str(PEOPLE[2])
    assert np.load(tmp_path / "out" / "nhanes-2013" / "weeks.npy").shape == (11, WEEK)
    said = refusal("nhanes", "--cycles", 2005, "--files", files, "--out", tmp_path / "out", workspace=workspace)
    assert "PAXRAW_D.xpt" in said and "Traceback" not in said
