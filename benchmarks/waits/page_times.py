"""How long a reader waits for the next person's page, and for a toggle on it.

    python -m benchmarks.waits.page_times [--people 20] [--recordings FILE]

The demonstration's people are walked through with "Next" on the page Participant, and everyone in FILE, where it is given. Nobody looked at
them before, so prediction and maps are computed anew. Then estimated rest is shaded and not, on the page of one of them. The server's own
time is that of the page's script, run without a browser; beside it stands the wait in a real browser until the page is at rest. Writes
benchmarks/results/<date>-page-times.json.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import expect, sync_playwright

from benchmarks.machine import keep
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.screen import main as content
from tests.browser.screen import painted_strips, titled
from tests.browser.server import Server

FIRST, TOGGLE = 1, "Shade estimated rest"
NEXT = re.compile("^Next")
"""The button's name, with the key that presses it."""
TARGETS = {"next person": 1.0, "toggle": 0.3}
"""Seconds of the server's own time, at the median."""


def summary(seconds: list[float]) -> dict[str, Any]:
    late = round(sorted(seconds)[max(0, round(0.95 * len(seconds)) - 1)], 3)
    return {
        "median": round(median(seconds), 3),
        "p95": late,
        "from and to": [round(min(seconds), 3), round(max(seconds), 3)],
        "times": len(seconds),
    }


def timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def of_the_server(folder: Path, people: int) -> dict[str, Any]:
    """Of the page's script alone, in this process."""
    os.environ["PAT_WORKSPACE"] = str(folder)
    from pat_core.workflows.people.demo import COHORT, MODEL
    from tests.app.made import opened_at

    opened_at("pages/overview.py")
    app = opened_at("pages/participant.py", cohort=COHORT, model=MODEL, person=f"sim-{FIRST:04d}")
    walked = []
    for _ in range(people):
        onward = next(button for button in app.button if button.label == "Next")
        walked.append(timed(lambda onward=onward: onward.click().run()))
    toggled = []
    for _ in range(people):
        rest = next(toggle for toggle in app.toggle if toggle.label == TOGGLE)
        toggled.append(timed(lambda rest=rest: rest.set_value(not rest.value).run()))
    assert not app.exception
    return {"next person": summary(walked), "toggle": summary(toggled)}


def through_recordings(folder: Path, recordings: Path) -> dict[str, Any]:
    """Everyone of a cohort of real people, one after the other, by the page's script alone."""
    os.environ["PAT_WORKSPACE"] = str(folder)
    from pat_core.cohorts import Workspace
    from pat_core.workflows.people.demo import MODEL
    from pat_core.workflows.read.cohort_import import import_recordings
    from tests.app.made import opened_at

    opened_at("pages/overview.py")
    import_recordings(Workspace(folder), [recordings], "recordings")
    names = [person.participant for person in Workspace(folder).people("recordings")]
    app = opened_at("pages/participant.py", cohort="recordings", model=MODEL, person=names[0])
    walked = []
    for name in names[1:]:
        onward = next(button for button in app.button if button.label == "Next")
        walked.append(timed(lambda onward=onward: onward.click().run()))
        assert not app.exception and app.query_params["person"] in (name, [name])
    return {"people": len(names), "next person": summary(walked)}


def in_a_browser(folder: Path, people: int) -> dict[str, Any]:
    """From the click until the page is at rest and painted."""
    from pat_core.workflows.people.demo import COHORT, MODEL

    server = Server(folder)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        try:
            server.start()
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(server.address)
            titled(page, "PAT Explorer")
            page.goto(f"{server.address}/participant?{urlencode({'cohort': COHORT, 'model': MODEL, 'person': f'sim-{FIRST:04d}'})}")
            titled(page, "Participant")
            painted_strips(page, 2)

            def onward(number: int) -> None:
                content(page).get_by_role("button", name=NEXT).click()
                expect(page.get_by_role("combobox", name="Participant", exact=True)).to_have_value(f"sim-{number:04d}")
                titled(page, "Participant")

            walked = [timed(lambda number=number: onward(number)) for number in range(FIRST + 1, FIRST + 1 + people)]
            content(page).get_by_role("button", name="Maps and settings").first.click()

            def toggle() -> None:
                page.get_by_text(TOGGLE, exact=True).click()
                page.wait_for_function(BEGUN)
                titled(page, "Participant")

            return {"next person": summary(walked), "toggle": summary([timed(toggle) for _ in range(people)])}
        finally:
            browser.close()
            server.stop()


BEGUN = """() => document.querySelector('[data-testid="stApp"]').dataset.testScriptState === "running" """


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--recordings", type=Path)
    chosen = parser.parse_args()
    people = chosen.people
    with tempfile.TemporaryDirectory() as folder:
        browser = in_a_browser(Path(folder) / "browser", people)
        server = of_the_server(Path(folder) / "server", people)
        real = through_recordings(Path(folder) / "real", chosen.recordings) if chosen.recordings else None
    met = {what: server[what]["median"] <= most for what, most in TARGETS.items()}
    keep(
        "page-times", {"seconds of the server": server, "targets": TARGETS, "met": met, "seconds in a browser": browser, "recordings": real}
    )


if __name__ == "__main__":
    main()
