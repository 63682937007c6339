"""One server, one Chromium, a fresh browser context for every test. Without Chromium they skip, unless PAT_BROWSER=required."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.server import Server

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
TIMEOUT_MS = 60_000
"""For one wait: a busy machine needs seconds for what takes a moment on an idle one."""
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)


def missing(what: str) -> None:
    """No browser here: a skip, or a failure where the browser tests were asked for."""
    if os.environ.get("PAT_BROWSER") == "required":
        pytest.fail(f"PAT_BROWSER=required, but {what}.")
    pytest.skip(f"needs a browser, but {what}")


@pytest.fixture(scope="package")
def chromium():
    """The browser. It ends with this folder's tests: its event loop would be in the way of others."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        missing("Playwright is not installed")
    if not CHROMIUM.exists():
        missing(f"{CHROMIUM} is not there (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        except Error as error:
            missing(f"Chromium does not start: {error}")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The app over a workspace that starts with the demonstration alone."""
    app = Server(tmp_path_factory.mktemp("app") / "workspace")
    try:
        app.start()
        yield app
    finally:
        app.stop()


@pytest.fixture
def visit(chromium):
    """Opens a page in a browser context of its own, as another person's browser would: `visit(address, color_scheme="dark", ...)`."""
    contexts = []

    def open_page(address: str, **settings):
        context = chromium.new_context(**{"reduced_motion": "reduce", "viewport": {"width": 1280, "height": 900}, **settings})
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
