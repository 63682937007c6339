"""Every page in the dark theme and in a narrow window. A new page is tested the day it appears."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.screen import at_rest, painted_strips
from tests.browser.server import ROOT

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.name != "__init__.py")
SHEETS = {"overview", "participant"}
WIDTHS = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .map((place) => [place.scrollWidth, place.clientWidth])"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_the_dark_and_800_pixels_wide_has_no_exception_and_does_not_run_over(server, visit, name):
    page = visit(f"{server.address}/{'' if name == 'overview' else name}", color_scheme="dark", viewport={"width": 800, "height": 900})
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_text("never a diagnosis")).to_be_visible()
    if name in SHEETS:
        assert min(painted_strips(page, 2)) > 8, "a strip of the sheet is empty"
    at_rest(page)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    red, green, blue = colour(page.get_by_test_id("stApp"))
    assert max(red, green, blue) < 60, "the page is not dark"
    for needed, there in page.evaluate(WIDTHS):
        assert needed <= there, f"{needed} pixels are needed, {there} are there"


def colour(place) -> tuple[int, int, int]:
    found = re.findall(r"\d+", place.evaluate("element => getComputedStyle(element).backgroundColor"))
    return tuple(int(part) for part in found[:3])
