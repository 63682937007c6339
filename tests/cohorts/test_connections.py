"""Connections wait for the next operation, and only as long as the file is the one that they have open."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pat_core.cohorts import Workspace, connections
from pat_core.errors import WorkspaceTrouble
from tests.cohorts.made import three_people

ROOT = Path(__file__).resolve().parents[2]
OPENED: list[str] = []
sys.addaudithook(lambda event, arguments: OPENED.append(event) if event == "sqlite3.connect" else None)


@pytest.fixture
def ws(tmp_path):
    connections.close_waiting()
    ws = Workspace(tmp_path / "ws")
    ws.create_cohort("c", three_people(), {})
    yield ws
    connections.close_waiting()


@pytest.fixture
def never_idle(monkeypatch):
    monkeypatch.setattr(connections, "IDLE_SECONDS", 3600.0)


def opened_by(call) -> int:
    before = len(OPENED)
    call()
    return len(OPENED) - before


def files_open(folder: Path) -> list[str]:
    """What this process has open under the folder, also where it was removed there."""
    links = [os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]
    found = [os.readlink(link) for link in links if os.path.islink(link)]
    return sorted(name for name in found if name.startswith(str(folder)))


def read_ten_times(ws):
    for _ in range(10):
        Workspace(ws.folder).cohort("c"), ws.people("c"), ws.jobs()


def test_many_operations_of_many_objects_need_one_connection(ws, never_idle):
    ws.cohorts()
    assert opened_by(lambda: read_ten_times(ws)) == 0
    assert opened_by(lambda: [ws.keep_setting("a", number) for number in range(5)]) == 0


def test_an_operation_inside_another_has_a_connection_of_its_own(ws):
    with ws.writing() as writer:
        writer.execute("INSERT INTO settings VALUES ('b', '2')")
        assert ws.setting("b") is None and ws.cohort("c").people == 3
    assert ws.setting("b") == 2


def test_threads_that_come_and_go_leave_nothing_open(ws, never_idle):
    def work(number):
        read_ten_times(ws)
        ws.keep_setting(f"of {number}", number)

    for wave in range(5):
        threads = [threading.Thread(target=work, args=[10 * wave + number]) for number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(files_open(ws.folder)) <= 3 * connections.MOST_WAITING
    assert [ws.setting(f"of {number}") for number in range(50)] == list(range(50))
    connections.close_waiting()
    assert files_open(ws.folder) == []


def test_many_workspaces_leave_a_few_files_open(tmp_path, never_idle):
    connections.close_waiting()
    spaces = [Workspace(tmp_path / str(number)) for number in range(30)]
    assert len(files_open(tmp_path)) <= 3 * connections.MOST_WAITING
    assert [space.cohorts() for space in spaces] == [()] * 30


def test_a_program_at_rest_holds_no_file(ws, monkeypatch):
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.2)
    assert ws.cohorts() and files_open(ws.folder)
    until = time.monotonic() + 20
    while (list(ws.folder.glob("*.sqlite3-*")) or files_open(ws.folder)) and time.monotonic() < until:
        time.sleep(0.05)
    assert files_open(ws.folder) == [] and list(ws.folder.glob("*.sqlite3-*")) == []
    assert ws.cohort("c").people == 3


def test_what_was_written_stands_in_the_file_alone_while_connections_wait(ws, tmp_path, never_idle):
    ws.keep_setting("a", 1)
    ws.beat("nobody", 0.5)
    assert files_open(ws.folder)
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "workspace.sqlite3").write_bytes((ws.folder / "workspace.sqlite3").read_bytes())
    assert Workspace(copy, read_only=True).setting("a") == 1 == Workspace(ws.folder, read_only=True).setting("a")


def test_the_last_reader_empties_the_log(ws, never_idle):
    with ws.reading() as reader:
        reader.execute("SELECT count(*) FROM people").fetchone()
        ws.keep_setting("a", 1)
        assert connections.log_of(ws.folder / "workspace.sqlite3").stat().st_size > 0
    assert connections.log_of(ws.folder / "workspace.sqlite3").stat().st_size == 0


@pytest.mark.parametrize("how", ["another folder in its place", "another file in its place", "another file's bytes", "its log is removed"])
def test_a_database_that_is_replaced_while_connections_wait_is_read_anew(ws, tmp_path, never_idle, how):
    other = Workspace(tmp_path / "other")
    other.keep_setting("a", "other")
    connections.close_waiting()
    ws.keep_setting("a", "own")
    assert ws.setting("a") == "own" and files_open(ws.folder)
    database, expected = ws.folder / "workspace.sqlite3", "other"
    if how == "another folder in its place":
        ws.folder.rename(tmp_path / "away")
        other.folder.rename(ws.folder)
    elif how == "another file in its place":
        os.replace(other.folder / "workspace.sqlite3", database)
    elif how == "another file's bytes":
        database.write_bytes((other.folder / "workspace.sqlite3").read_bytes())
    else:
        expected = "own"
        for path in ws.folder.glob("*.sqlite3-*"):
            path.unlink()
    assert ws.setting("a") == expected == Workspace(ws.folder).setting("a")
    ws.keep_setting("a", "written since")
    connections.close_waiting()
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT value FROM settings WHERE key = 'a'").fetchone() == ('"written since"',)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    if how == "another folder in its place":
        assert Workspace(tmp_path / "away").setting("a") == "own"


def test_a_folder_that_is_deleted_is_let_go_of(ws, never_idle):
    assert ws.cohorts() and files_open(ws.folder)
    for path in ws.folder.glob("workspace.sqlite3*"):
        path.unlink()
    with pytest.raises(WorkspaceTrouble) as said:
        ws.cohorts()
    assert said.value.kind == "gone" and files_open(ws.folder) == []


def test_what_fails_inside_an_operation_leaves_no_transaction_behind(ws, never_idle):
    for block in (ws.reading, ws.writing):
        with pytest.raises(ZeroDivisionError), block() as connection:
            connection.execute("SELECT 1").fetchone()
            _ = 1 / 0
    ws.keep_setting("a", 1)
    gc.collect()
    assert ws.setting("a") == 1


FORK = """
import os, sys, threading
from pat_core.cohorts import Workspace, connections
ws = Workspace(sys.argv[1])
open_here = lambda: sum("workspace.sqlite3" in os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")
                        if os.path.islink(f"/proc/self/fd/{name}"))
assert ws.setting("a") == 1 and open_here()
child = os.fork()
if not child:
    assert open_here() == 0, "a connection of the parent came along"
    ws.keep_setting("of the child", 1)
    assert ws.setting("a") == 1
    os._exit(0)
ws.keep_setting("of the parent", 1)
_, status = os.waitpid(child, 0)
assert status == 0, status
assert ws.setting("of the child") == ws.setting("of the parent") == 1
"""


def test_no_connection_is_carried_over_a_fork(ws):
    ws.keep_setting("a", 1)
    subprocess.run([sys.executable, "-c", FORK, str(ws.folder)], check=True, cwd=ROOT)
    assert list(ws.folder.glob("*.sqlite3-*")) == [] or files_open(ws.folder), "who ends leaves no log behind"
    assert (ws.setting("of the child"), ws.setting("of the parent")) == (1, 1)
