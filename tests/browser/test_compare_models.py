"""Compare models: a comparison is started, its progress is seen, and its table and curves stand there, also for who comes back."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from playwright.sync_api import expect

from pat_core.cohorts import Workspace
from pat_core.workflows.people.demo import COHORT
from tests.browser.screen import at_rest, cell, eventually, lines, main, press, titled, turn_to

ASKED = {"cohort": COHORT, "compare-models": "wavelet_logistic", "compare-sizes": "30,all", "compare-seeds": 1}
MODELS = ("Six rhythm features", "Rhythm, sleep and wear figures", "Wavelets, logistic regression")


def has_table_and_curves(page) -> None:
    main(page).get_by_test_id("stDataFrame").scroll_into_view_if_needed()  # its lines are drawn once it is seen
    for model in MODELS:
        expect(lines(page, model)).to_have_count(1)
        expect(cell(page, model, "Mean AUC")).to_have_text(re.compile(r"^[01]\.\d{3}$"))
    expect(main(page).get_by_role("heading", name="Learning curves")).to_be_visible()
    for chart in (0, 1):  # all models beside one another, and their curves
        expect(main(page).get_by_test_id("stVegaLiteChart").nth(chart).locator("canvas, svg").first).to_be_visible()


def test_a_comparison_is_started_watched_and_still_there_for_who_comes_back(server, visit):
    page = visit(f"{server.address}/compare?{urlencode(ASKED)}")
    titled(page, "Compare models")
    expect(main(page).get_by_text("No comparison yet", exact=False)).to_be_visible()
    press(page, "Start comparing")
    expect(main(page).get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    expect(main(page).get_by_text(re.compile(r"Training \d of 6: .*repetition 1"))).to_be_visible()
    expect(main(page).get_by_role("button", name="Start comparing", exact=True)).to_have_count(0)
    jobs = [job for job in Workspace(server.folder).jobs(limit=None) if job.kind == "compare"]
    assert len(jobs) == 1
    eventually(lambda: Workspace(server.folder).job(jobs[0].id).state == "done", "the end of the comparison")
    expect(main(page).get_by_text("Every training of this comparison is done: 6.")).to_be_visible()
    at_rest(page)  # the page is drawn anew when the job ends
    has_table_and_curves(page)
    expect(main(page).get_by_role("button", name="Start comparing", exact=True)).to_be_disabled()
    turn_to(page, "models")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Compare models").click()
    titled(page, "Compare models")
    has_table_and_curves(page)
