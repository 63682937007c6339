"""Every page and tab, in both themes and at every width: axe-core finds nothing against WCAG 2.2 AA, and nothing runs over the edge.

axe-core comes with the package axe-playwright-python, for the tests alone; it is read from the disk, never fetched.
"""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python as axe
from playwright.sync_api import Page, expect

from pages.components.explain.explain_controls import TITLES
from pages.components.pretrain.pretrain_views import TITLES as PARTS
from tests.app.made import page_files
from tests.browser.screen import at_rest, painted_strips, titled, turn_to

STUDIO = tuple(f"pretrain?part-of={part}" for part in PARTS)
WORKBENCH = ("participants", *(f"participants?people-view={view}" for view in ("table", "groups", "map")))
ADDRESSES = {"overview": ("",), "participants": WORKBENCH, "explain": tuple(f"explain?show={view}" for view in TITLES), "pretrain": STUDIO}
"""Page -> its addresses, where these are others than its name."""
FILES = sorted(path.stem for path in page_files())
PAGES = [address for name in FILES for address in ADDRESSES.get(name, (name,))]
FOUND = """(colours) => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        rules: {"color-contrast": {enabled: colours}}, resultTypes: ["violations"]})
    .then(({violations}) => violations.flatMap(({id, nodes}) => nodes.map(({target}) => {
        const element = document.querySelector(target[target.length - 1]);
        const within = element && element.closest('[data-testid="stSidebarNavItems"]');
        return [id, within ? "stSidebarNavItems" : target.join(" ")];
    })))"""
OF_STREAMLIT = {
    ("list", "stSidebarNavItems"): "Streamlit puts the titles of the groups of pages into the list itself, as paragraphs beside its items",
    ("listitem", "stSidebarNavItems"): "the same list: its items count as lost, though they lie in it",
}
"""(rule, where) -> why it cannot be mended here: Streamlit's own markup, which neither a style nor a label reaches."""
BACKGROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(14, 17, 23)"}
OVER = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .filter((place) => place.scrollWidth > place.clientWidth).map((place) => [place.scrollWidth, place.clientWidth])"""


SEEN = {"dark": (800,), "light": (1280, 400)}
"""Each theme, each width that pages are made for. All pages in one theme, and then in the other: a page is made anew where it changes."""
INNER = {"data": ("Bring recordings", "Simulate people", "What can be read"), "models": ("Sizes of PAT",)}
SHEETS = ("", "participant")
DOWNLOADS = """() => [...document.querySelectorAll('[aria-label="Download as CSV"]')].map((button) => button.getClientRects().length)"""


def test_every_page_and_tab_passes_axe_in_both_themes_and_at_every_width(server, visit):
    page = visit(server.address, color_scheme="dark", viewport={"width": 800, "height": 900})
    titled(page, "PAT Explorer")
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text())
    found, downloads = {}, []
    for theme, widths in SEEN.items():
        page.emulate_media(color_scheme=theme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", BACKGROUND[theme])
        for name in PAGES:
            _widen(page, widths[0])
            turn_to(page, name)
            expect(page.get_by_test_id("stSidebar").get_by_text("never a diagnosis")).to_be_visible()
            if name in SHEETS:
                assert min(painted_strips(page, 2)) > 8, "a strip of the sheet is empty"
            for tab in (None, *INNER.get(name, ())):
                for width in widths:
                    _widen(page, width)
                    if tab and width == widths[0]:
                        page.get_by_role("tab", name=tab, exact=True).click()
                    at_rest(page)
                    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
                    if left := _left(page, colours=width != 1280 or name == ""):
                        found[name, tab, theme, width] = left
                    assert page.evaluate(OVER) == [], f"{name} {tab or ''} runs over the edge at {width} pixels"
                downloads += page.evaluate(DOWNLOADS)
    assert found == {}
    assert downloads and not any(downloads), "Streamlit's own file of a table, with cells that a spreadsheet computes, can be pressed"


def _widen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


def _left(page: Page, colours: bool) -> list[list[str]]:
    """What axe found, without what is Streamlit's own and listed. colours: whether contrast is measured too, which takes it most time;
    the colours of a theme are the same at every width."""
    return [found for found in page.evaluate(FOUND, colours) if tuple(found) not in OF_STREAMLIT]
