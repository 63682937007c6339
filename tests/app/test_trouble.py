"""A workspace in trouble: every page stands, says what is the matter and what still works, and comes back by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pat_core.cohorts import Workspace, workspace_trouble
from pat_core.settings import workspace_folder
from tests.app.made import opened_at, said_by
from tests.app.test_every_page import PAGES
from tests.tiny_disk import tiny_disk


@pytest.fixture(autouse=True)
def _by_the_router(monkeypatch):
    """As in a browser, where app.py stands around every page: AppTest would take the folder pages/ for pages of their own."""
    made = PagesManager.__init__

    def by_the_router(self, *arguments, **options):
        made(self, *arguments, **options)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", by_the_router)


@pytest.fixture
def space() -> Workspace:
    st.cache_resource.clear()
    opened_at("pages/overview.py")
    return Workspace()


def stands(page: str, kind: str) -> str:
    app = opened_at(page)
    assert not app.exception, f"{page}: {app.exception}"
    said = said_by(app)
    assert workspace_trouble.STILL_WORKS[kind][:40] in said, f"{page} does not say what still works: {said[:300]}"
    return said


def test_a_folder_that_is_removed_is_said_on_every_page_and_shown_again_once_it_is_back(space, tmp_path):
    space.folder.rename(tmp_path / "elsewhere")
    for page in PAGES:
        assert "is gone" in stands(page, "gone") and not space.folder.exists()
    (tmp_path / "elsewhere").rename(space.folder)
    app = opened_at("pages/participants.py")
    assert not app.exception and not app.error


@pytest.mark.parametrize("how", ["damaged", "no folder"])
def test_a_workspace_that_cannot_be_opened_is_said_on_every_page(how, tmp_path):
    st.cache_resource.clear()
    folder = workspace_folder()
    if how == "damaged":
        path = Workspace(folder).folder / "workspace.sqlite3"
        path.write_bytes(path.read_bytes()[:3000])
    else:
        folder.write_text("a file")
    for page in PAGES:
        stands(page, how)


def test_full_and_read_only_disks_let_every_page_show_what_is_there(tmp_path, monkeypatch):
    with tiny_disk(tmp_path / "disk", 60) as disk:
        monkeypatch.setenv("PAT_WORKSPACE", str(disk.folder / "ws"))
        st.cache_resource.clear()
        opened_at("pages/participants.py")
        disk.fill()
        for page in PAGES:
            said = stands(page, "full")
            assert "40 people" in said or "participants" not in page
        disk.make_room()
        disk.freeze()
        st.cache_resource.clear()
        for page in PAGES:
            stands(page, "read-only")
        disk.thaw()
        app = opened_at("pages/participants.py")
        assert not app.exception and "read-only" not in said_by(app)


def test_damaged_weeks_are_said_where_they_are_asked_for(space):
    path = next(Path(space.folder, "cohorts").glob("*/weeks.npy"))
    spoilt = np.load(path, mmap_mode="r+")
    spoilt[:5, 100] += 1
    spoilt.flush()
    st.cache_data.clear()
    for page in ("pages/participants.py", "pages/participant.py", "pages/explain.py"):
        app = opened_at(page)
        assert not app.exception and any("are damaged: those of" in error.value for error in app.error), page
    shutil.rmtree(space.folder)
