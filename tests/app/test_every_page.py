"""RULE: every page opens without error before any data exists, and with the demonstration. A new page is tested the day it appears."""

from __future__ import annotations

import pytest

from pat_core import settings
from tests.app.made import ROOT, opened_at, page_files

PAGES = [path.relative_to(ROOT).as_posix() for path in page_files()]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_before_any_data_exists(page, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "ASSETS", tmp_path / "no-assets")
    app = opened_at(page)
    assert not app.exception and not app.error
    assert app.title, "a page says what it is"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_the_demonstration(page):
    app = opened_at(page)
    assert not app.exception and not app.error
    assert app.title
