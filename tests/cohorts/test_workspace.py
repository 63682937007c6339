"""Opening a workspace: new, again, by two at once, and where it cannot be."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pat_core.cohorts import Workspace, database
from pat_core.errors import WorkspaceError
from tests.cohorts.made import insert_old_cohort, three_people


def test_a_workspace_is_made_where_there_is_none_and_found_again(tmp_path):
    first = Workspace(tmp_path / "deep" / "ws")
    first.create_cohort("c", three_people(), {})
    assert Workspace(str(tmp_path / "deep" / "ws")).cohort("c") == first.cohort("c")


def test_the_environment_names_the_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("PAT_WORKSPACE", str(tmp_path / "chosen"))
    assert Workspace().folder == tmp_path / "chosen"


def test_the_database_writes_ahead_and_keeps_its_version(tmp_path):
    ws = Workspace(tmp_path)
    with ws.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert database.version_of(connection) == database.VERSION


@pytest.mark.parametrize("below", ["file", "file/ws"])
def test_a_file_in_the_place_of_the_folder_is_said(tmp_path, below):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError, match="Expected a folder .* is a file"):
        Workspace(tmp_path / below)


def test_a_folder_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    with pytest.raises(WorkspaceError, match="cannot be"):
        Workspace("/proc/nowhere")
    Workspace(tmp_path)
    monkeypatch.setattr("os.access", lambda path, mode: False)  # the tests may run as a user who can write everywhere
    with pytest.raises(WorkspaceError, match="cannot be written"):
        Workspace(tmp_path)


def test_a_file_that_is_no_database_is_said_and_left_as_it_is(tmp_path):
    path = tmp_path / "workspace.sqlite3"
    path.write_bytes(b"my holiday pictures " * 400)
    with pytest.raises(WorkspaceError, match="found a file that is not one"):
        Workspace(tmp_path)
    assert path.read_bytes() == b"my holiday pictures " * 400


def test_a_workspace_of_the_first_version_is_brought_up_to_date_with_its_runs(tmp_path, monkeypatch):
    with monkeypatch.context() as first_version:
        first_version.setattr(database, "VERSION", 1)
        Workspace(tmp_path)
    with sqlite3.connect(tmp_path / "workspace.sqlite3") as connection:
        insert_old_cohort(connection)
        connection.execute("INSERT INTO runs VALUES ('1', 'old', (SELECT id FROM cohorts), 'c', 'done', '{}', NULL, NULL, 0)")
    connection.close()
    ws = Workspace(tmp_path)
    assert (ws.run("old").note, ws.run("old").cohort_id) == ("", ws.cohort("c").id)
    before = ws.stamp("c")
    ws.set_labels("c", {"p1": {"sex": "f"}})
    assert ws.stamp("c") != before
    with ws.reading() as connection:
        assert database.version_of(connection) == database.VERSION > 1


def test_the_database_of_another_program_is_not_touched(tmp_path):
    connection = sqlite3.connect(tmp_path / "workspace.sqlite3")
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(WorkspaceError, match="another program"):
        Workspace(tmp_path)
    names = sqlite3.connect(tmp_path / "workspace.sqlite3").execute("SELECT name FROM sqlite_master").fetchall()
    assert names == [("recipes",)]


def test_a_newer_version_is_refused_in_a_sentence(tmp_path):
    with Workspace(tmp_path).writing() as connection:
        connection.execute(f"PRAGMA user_version = {database.VERSION + 1}")
    with pytest.raises(WorkspaceError, match="newer PAT Explorer"):
        Workspace(tmp_path)


def test_a_workspace_that_was_removed_under_us_is_said_and_not_made_anew(tmp_path):
    ws = Workspace(tmp_path / "ws")
    (tmp_path / "ws").rename(tmp_path / "elsewhere")
    with pytest.raises(WorkspaceError, match="gone or cannot be opened"):
        ws.cohorts()
    assert not (tmp_path / "ws").exists()


def test_a_write_that_fails_half_way_changes_nothing(tmp_path):
    ws = Workspace(tmp_path)
    with pytest.raises(ValueError), ws.writing() as connection:
        connection.execute("INSERT INTO settings VALUES ('a', '1')")
        raise ValueError
    assert ws.setting("a") is None


def test_threads_may_open_a_new_workspace_and_write_at_once(tmp_path):
    failures = []

    def work(number):
        try:
            Workspace(tmp_path / "ws").keep_setting(f"k{number}", number)
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [Workspace(tmp_path / "ws").setting(f"k{number}") for number in range(8)] == list(range(8))


ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pat_core.cohorts import Workspace
ws = Workspace(sys.argv[1])
for step in range(100):
    ws.add_metrics(sys.argv[2], step, {sys.argv[3]: step / 2})
"""


def test_two_processes_write_curves_while_a_third_reads(tmp_path):
    ws = Workspace(tmp_path)
    job = ws.add_job("k", "t", {})
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), job, curve], cwd=ROOT) for curve in ("loss", "auc")]
    counts = []
    while any(writer.poll() is None for writer in writers):
        counts.append(len(ws.metrics(job)))
    assert [writer.returncode for writer in writers] == [0, 0]
    assert counts == sorted(counts)
    assert ws.metrics(job) == [(step, curve, step / 2) for step in range(100) for curve in ("auc", "loss")]
