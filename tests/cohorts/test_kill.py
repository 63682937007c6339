"""kill -9 in the middle of a write: nothing half-written is seen, and what it left is swept, but never a live process's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pat_core.cohorts import Workspace, alive, processes, started
from pat_core.cohorts.kept import shelf
from tests.cohorts.made import three_people

ROOT = Path(__file__).resolve().parents[2]
IMPORTER = """
import sys, time, os
from pat_core.cohorts import Workspace
from pat_core.cohorts.kept import shelf
from tests.cohorts.made import week

class Weeks(list):
    def __iter__(self):
        yield week("p1")
        if sys.argv[2] == "while weeks are read":
            stall()
        yield week("p2")

def stall(*_):
    print("here", flush=True)
    time.sleep(60)

rename = os.rename
if sys.argv[2] == "between arrays and transaction":
    shelf.sync_folder = stall
if sys.argv[2] == "between rename and commit":
    os.rename = lambda old, new: (rename(old, new), stall())
Workspace(sys.argv[1]).create_cohort("half", Weeks([0, 0]), {})
"""


def stalled_import(folder, moment):
    child = subprocess.Popen([sys.executable, "-c", IMPORTER, str(folder), moment], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout.readline() == "here\n"
    return child


def test_the_importer_that_is_never_stalled_makes_its_cohort(tmp_path):
    subprocess.run([sys.executable, "-c", IMPORTER, str(tmp_path), "never"], check=True, cwd=ROOT)
    assert [cohort.name for cohort in Workspace(tmp_path).cohorts()] == ["half"]
    assert not list((tmp_path / "cohorts").glob("*/.leftover*"))


@pytest.mark.parametrize("moment", ["while weeks are read", "between arrays and transaction", "between rename and commit"])
def test_a_killed_import_is_never_seen_and_is_swept(tmp_path, moment):
    ws = Workspace(tmp_path)
    ws.create_cohort("whole", three_people(), {})
    child = stalled_import(tmp_path, moment)
    assert [cohort.name for cohort in ws.cohorts()] == ["whole"]
    assert len(list((tmp_path / "cohorts").iterdir())) == 2
    if moment != "between rename and commit":  # there the importer holds the lock, so nobody could sweep
        Workspace(tmp_path)
        assert len(list((tmp_path / "cohorts").iterdir())) == 2, "the folder of a live process was swept"
    child.kill()
    child.wait()
    again = Workspace(tmp_path)
    assert [cohort.name for cohort in again.cohorts()] == ["whole"]
    assert [path.name for path in (tmp_path / "cohorts").iterdir()] == [ws.cohort("whole").id]
    assert again.create_cohort("half", three_people(), {}).weeks == 4


def test_a_kill_after_the_commit_leaves_a_whole_cohort(tmp_path):
    ws = Workspace(tmp_path)
    info = ws.create_cohort("c", three_people(), {})
    (tmp_path / "cohorts" / info.id / shelf.MARKER).touch()  # as if killed before the marker went
    assert Workspace(tmp_path).weeks_array("c").shape == (4, 60)
    assert not (tmp_path / "cohorts" / info.id / shelf.MARKER).exists()


def test_a_kill_between_deletion_and_removal_is_swept(tmp_path, monkeypatch):
    ws = Workspace(tmp_path)
    ws.create_cohort("c", three_people(), {})
    monkeypatch.setattr(ws, "discard", lambda *_: None)
    ws.delete_cohort("c")
    assert len(list((tmp_path / "cohorts").iterdir())) == 1
    Workspace(tmp_path)
    assert list((tmp_path / "cohorts").iterdir()) == []


def test_arrays_are_never_swept_because_the_database_was_lost(tmp_path):
    ws = Workspace(tmp_path)
    info = ws.create_cohort("c", three_people(), {})
    for path in tmp_path.glob("workspace.sqlite3*"):
        path.unlink()
    assert Workspace(tmp_path).cohorts() == () and Workspace(tmp_path).cohorts() == ()
    assert (tmp_path / "cohorts" / info.id / "weeks.npy").exists()


def test_a_full_disk_while_listing_leaves_nothing(tmp_path, monkeypatch):
    ws = Workspace(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(Exception, match="cannot be written: .*No space left"):
        ws.create_cohort("c", three_people(), {})
    monkeypatch.undo()
    assert Workspace(tmp_path).cohorts() == ()


def test_a_process_is_its_pid_and_its_start():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    since = started(child.pid)
    assert alive(child.pid, since) and not alive(child.pid, "1x0") and since == started(child.pid)
    assert since != started(os.getpid()) and not alive(None, since) and not alive(child.pid, None)
    child.stdin.close()
    until = time.monotonic() + 10
    while alive(child.pid, since) and time.monotonic() < until:
        time.sleep(0.01)
    assert not alive(child.pid, since), "a zombie counts as gone"
    child.wait()
    assert started(child.pid) is None


def test_ps_tells_the_same_where_there_is_no_proc(monkeypatch, tmp_path):
    monkeypatch.setattr(processes, "PROC", tmp_path)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    since = started(child.pid)
    assert since and "-" not in since and alive(child.pid, since)
    assert processes.owner_alive(f".new-abc-{processes.owner()}") and not processes.owner_alive(f".new-abc-{os.getpid()}-0")
    child.kill()
    child.wait()
    assert started(child.pid) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert started(os.getpid()) == processes.UNTOLD


def test_a_temporary_name_without_an_owner_is_nobodys():
    assert not processes.owner_alive(".new-abc") and not processes.owner_alive(".new--") and not processes.owner_alive("")
