"""A workspace in trouble says which, in a sentence; what can be read is read, and nothing that was there is lost."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from pat_core.cohorts import Workspace, workspace_trouble
from pat_core.errors import TROUBLES, WorkspaceTrouble
from pat_core.records import Period
from tests.cohorts.made import three_people
from tests.tiny_disk import tiny_disk


@pytest.fixture
def disk(tmp_path):
    with tiny_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def ws(tmp_path):
    ws = Workspace(tmp_path / "ws")
    ws.create_cohort("c", three_people(), {})
    return ws


def trouble_of(call, *arguments, **options) -> WorkspaceTrouble:
    with pytest.raises(WorkspaceTrouble) as said:
        call(*arguments, **options)
    assert str(said.value).endswith(".") and said.value.kind in TROUBLES
    return said.value


def test_on_a_full_disk_all_can_be_looked_at_and_what_is_refused_says_so(disk):
    ws = Workspace(disk.folder / "ws")
    ws.create_cohort("c", three_people(), {})
    job = ws.add_job("k", "t", {})
    ws.claim_job(job, 1, "x")
    disk.fill()
    for again in (ws, Workspace(ws.folder)):
        assert again.cohorts()[0].name == "c" and len(again.week_rows("c")) == 4 and np.isnan(again.week("c", "p1").values[3])
        assert again.unwritable().kind == "full"
    for write in (
        lambda: ws.keep_setting("a", 1),
        lambda: ws.create_cohort("d", three_people(), {}),
        lambda: ws.cache_put("k", {"x": np.zeros(9)}),
        lambda: ws.add_mark("c", ("p1", 0), Period(1, 2, "rest"), who="Ada", why="diary"),
        lambda: ws.create_run("r", "c", {}),
        lambda: ws.add_job("k", "t", {}),
    ):
        disk.fill()  # SQLite gave the room of its shared file back when the last write failed
        assert (said := trouble_of(write)).kind == "full" and "Make room on the disk" in str(said)
    disk.fill()
    for number in range(70):  # no reason to stop: the last ones are kept in memory
        ws.cache_keep(f"k{number}", {"x": np.full(9, number)})
    assert ws.cache_get("k0") is None and ws.cache_get("k69")["x"].tolist() == [69] * 9 and not list((ws.folder / "cache").iterdir())
    assert ws.setting("a") is None
    assert [path.name for path in (ws.folder / "cohorts").iterdir()] == [ws.cohort("c").id], "nothing half-written stays"
    assert ws.with_last_room(lambda: ws.finish_job(job, "failed", "The disk is full.")) and ws.job(job).state == "failed"
    ws.delete_cohort("c")
    assert ws.cohorts() == () and not list((ws.folder / "cohorts").iterdir())
    disk.make_room()
    ws.keep_setting("a", 1)
    assert Workspace(ws.folder).setting("a") == 1 and ws.unwritable() is None


def test_the_room_for_last_words_is_kept_again_once_there_is_some(tmp_path, monkeypatch):
    ws = Workspace(tmp_path)
    assert (tmp_path / workspace_trouble.RESERVE).stat().st_size == workspace_trouble.RESERVE_BYTES
    assert workspace_trouble.give_up_reserve(tmp_path) and not workspace_trouble.give_up_reserve(tmp_path)
    with monkeypatch.context() as little:
        little.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 100))
        Workspace(tmp_path)
        assert not (tmp_path / workspace_trouble.RESERVE).exists()
    Workspace(ws.folder)
    assert (tmp_path / workspace_trouble.RESERVE).exists()


def test_a_read_only_disk_is_looked_at(disk):
    ws = Workspace(disk.folder / "ws")
    ws.create_cohort("c", three_people(), {})
    disk.freeze()
    assert trouble_of(Workspace, ws.folder).kind == "read-only"
    for space in (ws, Workspace(ws.folder, read_only=True)):
        assert space.cohort("c").people == 3 and space.unwritable().kind == "read-only"
        assert space.week("c", "p2", 1).participant == "p2"
        assert trouble_of(space.keep_setting, "a", 1).kind == "read-only"
        assert trouble_of(space.create_cohort, "d", three_people(), {}).kind == trouble_of(space.delete_cohort, "c").kind == "read-only"
        assert trouble_of(space.cache_put, "k", {"x": np.zeros(3)}).kind == "read-only"
    disk.thaw()
    ws.keep_setting("a", 1)


def test_a_workspace_that_is_opened_to_be_looked_at_is_never_written(ws):
    before = {path: path.stat().st_mtime_ns for path in ws.folder.rglob("*")}
    looked = Workspace(ws.folder, read_only=True)
    assert looked.cohort("c").weeks == 4
    for write in (lambda: looked.keep_setting("a", 1), lambda: looked.cache_put("k", {}), lambda: looked.create_run("r", "c", {})):
        assert trouble_of(write).kind == "read-only"
    assert {path: path.stat().st_mtime_ns for path in ws.folder.rglob("*")} == before
    assert trouble_of(Workspace, ws.folder / "nowhere", read_only=True).kind == "gone"


@pytest.mark.parametrize("how", ["cut", "overwritten", "middle", "emptied", "another file"])
def test_a_damaged_database_is_said_and_nothing_beside_it_is_touched(ws, how):
    path, weeks = ws.folder / "workspace.sqlite3", ws.folder / "cohorts" / ws.cohort("c").id / "weeks.npy"
    whole, stored = path.read_bytes(), weeks.read_bytes()
    spoilt = {
        "cut": whole[: len(whole) // 3],
        "overwritten": b"\x00" * len(whole),
        "middle": whole[:4096] + b"\x5a" * (len(whole) - 4096),
        "emptied": b"",
        "another file": b"my holiday pictures " * 400,
    }[how]
    path.write_bytes(spoilt)

    def use():
        space = Workspace(ws.folder)
        space.cohorts(), space.people("c"), space.week("c", "p1"), space.jobs()

    assert trouble_of(use).kind == "damaged"
    assert path.read_bytes() == spoilt and weeks.read_bytes() == stored
    path.write_bytes(whole)
    for rest in ws.folder.glob("workspace.sqlite3-*"):
        rest.unlink()
    assert Workspace(ws.folder).week("c", "p1").participant == "p1", "a copy that is put back is all that was needed"


def test_a_folder_that_is_removed_and_put_back_while_it_is_open(ws, tmp_path):
    ws.folder.rename(tmp_path / "elsewhere")
    for call in (
        ws.cohorts,
        ws.jobs,
        lambda: ws.keep_setting("a", 1),
        lambda: ws.create_cohort("d", three_people(), {}),
        lambda: ws.cache_put("k", {}),
    ):
        assert trouble_of(call).kind == "gone"
    assert not ws.folder.exists() and ws.cache_get("k") is None
    (tmp_path / "elsewhere").rename(ws.folder)
    assert ws.cohort("c").people == 3


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "ws").write_text("x")
    assert trouble_of(Workspace, tmp_path / "ws").kind == "no folder"


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EFBIG, "full"), (errno.EROFS, "read-only"), (errno.EACCES, "read-only"),
     (errno.EIO, "other")],
)  # fmt: skip
def test_refusals_of_the_system_have_a_kind(tmp_path, number, kind):
    assert workspace_trouble.of_system(OSError(number, "said"), tmp_path).kind == kind
    assert workspace_trouble.of_system(OSError(number, "said"), tmp_path / "none").kind in (kind, "gone")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("database is locked", "busy"), ("file is not a database", "damaged"), ("database disk image is malformed", "damaged"),
        ("attempt to write a readonly database", "read-only"), ("database or disk is full", "full"), ("disk I/O error", "other"),
    ],
)  # fmt: skip
def test_answers_of_the_database_have_a_kind(tmp_path, text, kind):
    (tmp_path / "workspace.sqlite3").touch()
    said = workspace_trouble.of_database(sqlite3.OperationalError(text), tmp_path / "workspace.sqlite3", 30.0)
    assert said.kind == kind and str(tmp_path) in str(said)


def test_every_trouble_that_a_reader_meets_says_what_still_works():
    assert set(TROUBLES) - {"other"} == set(workspace_trouble.STILL_WORKS)
    assert all(words.endswith(".") for words in workspace_trouble.STILL_WORKS.values()) and Path(workspace_trouble.__file__).exists()


def altered(*statements):
    def alter(path):
        with sqlite3.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return alter


DAMAGES = {
    "a table is missing": altered("DROP TABLE people"),
    "a column is missing": altered("ALTER TABLE people RENAME COLUMN labels TO said"),
    "a value is no JSON": altered("UPDATE people SET labels = '{'"),
    "a text is no UTF-8": altered("UPDATE people SET labels = CAST(x'7b22d8' AS TEXT)"),
    "an older version with newer tables": altered("PRAGMA user_version = 1"),
    "a folder in its place": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_database_that_is_there_and_damaged_is_said_to_be_damaged_and_not_gone(ws, damage):
    for ending in ("-wal", "-shm"):
        (ws.folder / f"workspace.sqlite3{ending}").unlink(missing_ok=True)
    DAMAGES[damage](ws.folder / "workspace.sqlite3")
    with pytest.raises(WorkspaceTrouble, match="damaged|found a folder") as said:
        Workspace(ws.folder).people("c")
    assert said.value.kind == "damaged"
