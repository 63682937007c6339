"""What a person waits for and sees in a real browser: the first page, the first prediction, and archives brought in by upload.

    python -m benchmarks.browser [ARCHIVE ...]

Seconds are counted from the start of the server. An archive counts as shown when the page says who came in and who did not.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from benchmarks.machine import keep
from pat_core.cohorts import Workspace
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.screen import at_rest, painted_strips, press, titled
from tests.browser.screen import main as content
from tests.browser.server import Server

UPLOAD_MS = 300_000


def main() -> None:
    """Drive the app over a new workspace and keep what was measured and read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archives", nargs="*", type=Path)
    archives = parser.parse_args().archives
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "workspace")
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        try:
            result = first_visit(server, browser)
            result["archives"] = {path.name: bring(server, browser, path) for path in archives}
        finally:
            browser.close()
            server.stop()
    keep("browser", result)


def first_visit(server: Server, browser: Browser) -> dict[str, object]:
    """Seconds until the first page shows the simulated week with its strips, and until one person's prediction stands."""
    began = time.monotonic()
    server.start()
    up = time.monotonic() - began
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.address)
    titled(page, "PAT Explorer")
    painted_strips(page, 2)
    shown = time.monotonic() - began
    press(page, "Open a simulated person's week")
    clicked = time.monotonic()
    expect(content(page).get_by_text(re.compile("Among 100"))).to_be_visible()
    predicted = time.monotonic() - clicked
    painted_strips(page, 2)
    explained = time.monotonic() - clicked
    page.close()
    times = {"server answers": up, "first page with the week": shown}
    times |= {"prediction after the click": predicted, "explanations after the click": explained}
    return {"seconds": {name: round(value, 1) for name, value in times.items()}}


def bring(server: Server, browser: Browser, archive: Path) -> dict[str, object]:
    """Upload an archive on the Data page; what the page then says, beside what the workspace holds."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{server.address}/data?tab=Bring+recordings")
    titled(page, "Data")
    began = time.monotonic()
    page.get_by_test_id("stFileUploader").filter(has_text="zip of them").locator("input[type=file]").set_input_files(archive)
    expect(page.get_by_role("button", name=f"Remove {archive.name}")).to_be_visible()  # the name on the screen is shortened
    at_rest(page)
    name = page.get_by_role("textbox", name="Name of the cohort", exact=True).input_value()
    press(page, "Import")
    came = content(page).get_by_text(re.compile(r"Imported [\d,]+ (person|people) with"))
    expect(came).to_be_visible(timeout=UPLOAD_MS)
    seconds = time.monotonic() - began
    refused = content(page).get_by_text(re.compile(r"not imported:|No recording was refused"))
    expect(refused).to_be_visible()
    workspace = Workspace(server.folder)
    info = workspace.cohort(name)
    said = {"page says": came.inner_text(), "and": refused.inner_text(), "seconds": round(seconds, 1)}
    said |= {"people": info.people, "weeks": info.weeks}
    said["refused"] = {one.what: one.reason for one in workspace.refusals(name)}
    page.close()
    return said


if __name__ == "__main__":
    main()
