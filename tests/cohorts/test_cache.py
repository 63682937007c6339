"""The cache gives back what went in, and never anything else."""

from __future__ import annotations

import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.cohorts import Workspace
from pat_core.cohorts.processes import owner
from pat_core.errors import WorkspaceError


@pytest.fixture(scope="module")
def ws(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("ws"))


def file_of(ws):
    (path,) = (ws.folder / "cache").glob("*.npz")
    return path


@pytest.fixture(autouse=True)
def empty(ws):
    for path in (ws.folder / "cache").iterdir():
        path.unlink()


def test_arrays_come_back(ws):
    arrays = {"file": np.arange(6.0).reshape(2, 3), "mask": np.array([True, False]), "words": np.array(["a", "bc"]), "one": np.float32(2)}
    ws.cache_put("any key, of any length" * 50, arrays)
    found = ws.cache_get("any key, of any length" * 50)
    assert found.keys() == arrays.keys()
    for name, values in arrays.items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].dtype == values.dtype
    assert ws.cache_get("another") is None


def test_a_second_result_replaces_the_first_and_nothing_temporary_stays(ws):
    ws.cache_put("k", {"x": np.zeros(3)})
    ws.cache_put("k", {"x": np.ones(2)})
    np.testing.assert_array_equal(ws.cache_get("k")["x"], [1, 1])
    assert len(os.listdir(ws.folder / "cache")) == 1


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_missing_or_unharmed_never_something_else(ws, data):
    values = np.arange(50, dtype=np.float32)
    ws.cache_put("k", {"x": values})
    path = file_of(ws)
    whole = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        whole = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(whole)
    found = ws.cache_get("k")
    assert found is None or "x" not in found or np.array_equal(found["x"], values)
    assert found is not None or not path.exists(), "a damaged file is dropped"


def test_a_pickle_in_the_cache_is_never_opened(ws):
    with pytest.raises(WorkspaceError, match="Python objects in x"):
        ws.cache_put("k", {"x": np.array([print], dtype=object)})
    ws.cache_put("k", {"y": np.zeros(1)})
    path = file_of(ws)
    with zipfile.ZipFile(path, "a") as archive, archive.open("x.npy", "w") as member:
        np.lib.format.write_array(member, np.array([{}], dtype=object), allow_pickle=True)
    assert ws.cache_get("k") is None and not path.exists()


def test_a_file_under_another_key_is_not_taken_for_this_one(ws):
    ws.cache_put("a", {"x": np.zeros(1)})
    os.rename(file_of(ws), ws._file("b"))
    assert ws.cache_get("b") is None


def test_temporary_files_of_dead_processes_are_swept_and_of_live_ones_not(ws):
    folder = ws.folder / "cache"
    mine, dead = folder / f".new-abc-{owner()}", folder / ".new-abc-999999999-1x0"
    mine.touch(), dead.touch()
    Workspace(ws.folder)
    assert mine.exists() and not dead.exists()
    mine.unlink()
