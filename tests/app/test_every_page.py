"""RULE: every page opens without error before any data exists, and with the demonstration. A new page is tested the day it appears."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pat_core import settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*.py") if path.name != "__init__.py")


def opened(page: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    return app.switch_page(page).run()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_before_any_data_exists(page, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "ASSETS", tmp_path / "no-assets")
    app = opened(page)
    assert not app.exception and not app.error
    assert app.title, "a page says what it is"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_the_demonstration(page):
    app = opened(page)
    assert not app.exception and not app.error
    assert app.title
