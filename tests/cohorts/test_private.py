"""What lies in a workspace is its owner's alone, whatever the umask; a workspace of before is tightened when it is opened."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.files import make_folder, open_private, replacing, tighten, write_text
from pat_core.workflows.read import uploaded_files
from tests.cohorts.made import three_people, week


def open_to_others(folder: Path) -> list[str]:
    found = [folder, *folder.rglob("*")]
    return [f"{oct(path.lstat().st_mode)} {path}" for path in found if path.lstat().st_mode & 0o077]


@pytest.fixture(params=[0o000, 0o022, 0o027], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


class Brought:
    name = "p1.csv"

    def __init__(self):
        self.left = [b"time,activity\n"]

    def read(self, size=-1):
        return self.left.pop() if self.left else b""

    def seek(self, offset, whence=0):
        return 0


def test_all_that_a_workspace_writes_is_the_owners_alone(umask, tmp_path):
    ws = Workspace(tmp_path / "deep" / "ws")
    flags = np.ones(60, bool)
    ws.create_cohort("c", [*three_people(), week("p4", worn=flags)], {}, truth={"late": np.zeros((5, 60), bool)})
    ws.cache_put("k", {"x": np.zeros(3)})
    ws.keep_setting("a", 1)
    (tmp_path / "w.safetensors").write_bytes(b"weights")
    ws.add_model(tmp_path / "w.safetensors", "m", origin="own", size="PAT-S", has_head=False)
    run = ws.create_run("r", "c", {})
    ws.claim_run("r")
    uploaded_files.keep(ws, [Brought()])
    with pytest.raises(Exception, match="no worker"):  # its log is written before it fails
        jobs.launch(ws, "k", "t", {}, ["sh", "-c", "echo no worker >&2"])
    connection = sqlite3.connect(ws.folder / "workspace.sqlite3")
    connection.execute("SELECT count(*) FROM people").fetchone()  # a reader that stays keeps the log and the shared file there
    ws.keep_setting("b", 2)
    names = {path.name for path in ws.folder.rglob("*")}
    assert {"workspace.sqlite3-wal", "workspace.sqlite3-shm", "worn.npy", "truth_late.npy", "owner.json", "p1.csv"} <= names
    assert open_to_others(tmp_path / "deep") == []
    connection.close()
    ws.release_run(run)


def test_a_workspace_of_before_is_tightened_when_it_is_opened(tmp_path):
    ws = Workspace(tmp_path / "ws")
    ws.create_cohort("c", three_people(), {})
    for path in [ws.folder, *ws.folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    outside = tmp_path / "outside.csv"
    outside.write_text("mine")
    outside.chmod(0o644)
    (ws.folder / "link").symlink_to(outside)
    Workspace(ws.folder)
    assert [line for line in open_to_others(ws.folder) if "/link" not in line] == []
    assert outside.stat().st_mode & 0o777 == 0o644, "what a link leads to is not ours"
    assert tighten(ws.folder) == 0


def test_files_are_written_whole_or_not_at_all(umask, tmp_path):
    path = make_folder(tmp_path / "a" / "b") / "file.txt"
    with open_private(path, "w") as file:
        file.write("first")
    with pytest.raises(ZeroDivisionError), replacing(path) as waiting:
        waiting.write_text("half")
        _ = 1 / 0
    assert path.read_text() == "first" and [one.name for one in path.parent.iterdir()] == ["file.txt"]
    with replacing(path) as waiting:
        waiting.write_text("second")
    assert path.read_text() == "second" and open_to_others(tmp_path / "a") == []


def test_what_lies_among_a_readers_own_files_has_the_mode_that_the_reader_gives_files(umask, tmp_path):
    plain, ours = tmp_path / "plain.txt", tmp_path / "ours.txt"
    plain.write_text("as any program")
    write_text(ours, "as any program", private=False)
    assert ours.read_text() == plain.read_text() and ours.stat().st_mode == plain.stat().st_mode
    with replacing(ours, durable=True) as waiting:
        waiting.write_text("and for its owner alone")
    assert ours.read_text() == "and for its owner alone" and ours.stat().st_mode & 0o777 == 0o600
