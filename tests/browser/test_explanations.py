"""A reader asks in other ways: another method, another baseline, an edited week; each time the figure is another one."""

from __future__ import annotations

import re
from urllib.parse import quote

from playwright.sync_api import expect

from pat_core.cohorts import Workspace
from pat_core.jobs import launch
from pat_core.workflows.models.model_entries import models
from pat_core.workflows.people.demo import COHORT, MODEL
from tests.browser.screen import at_rest, drawn, eventually, look_at, main, pick, pick_to_stay, redrawn, titled

PERSON = f"cohort={quote(COHORT)}&person=sim-0002&model={MODEL}"


def test_the_receipt_can_be_taken_away_and_names_what_the_maps_were_made_with(server, visit):
    page = visit(f"{server.address}/participant?{PERSON}")
    titled(page, "Participant")
    look_at(page, "Receipt")
    with page.expect_download() as waiting:
        main(page).get_by_role("button", name="Receipt (JSON)").click()
    text = waiting.value.path().read_text()
    for field in ("sha256", "gap", "baseline", "evaluations", "findings"):
        assert field in text, field


def test_a_researcher_looks_at_heads_methods_and_the_scoreboard(server, visit):
    page = visit(f"{server.address}/explain?{PERSON}")
    titled(page, "Explain")
    for view, only_there in (("Compare methods", "How exact, and at what cost"), ("Blocks and heads", "All heads")):
        main(page).get_by_role("radio", name=view).click()
        expect(main(page).get_by_role("heading", name=only_there)).to_be_visible()
        at_rest(page)
        expect(main(page).locator(".js-plotly-plot").first).to_be_visible()
    main(page).get_by_role("radio", name="Scoreboard").click()
    expect(main(page).get_by_text(re.compile("targets are met|have not been measured")).first).to_be_visible()
    at_rest(page)


def test_other_choices_change_the_figures_and_hold_on_other_pages_after_a_reload_and_after_a_job_that_ends(server, visit):
    page = visit(f"{server.address}/participant?{PERSON.replace('sim-0002', 'sim-0016')}")
    titled(page, "Participant")
    first = drawn(page, "sheet")
    main(page).get_by_role("button", name="Maps and settings").click()
    pick(page, "Explanations under the activity", re.compile("^Authors' attention map"))
    with_authors = redrawn(page, "sheet", first)
    pick(page, "Baseline: explain the difference from", "A device that is not worn")
    page.keyboard.press("Escape")
    redrawn(page, "sheet", with_authors)
    look_at(page, "Why")
    expect(main(page).get_by_text("missing activity cannot be seen").locator("visible=true").first).to_be_visible()
    go(page, "Explain")
    main(page).get_by_role("radio", name="Cohort by clock").click()
    pick(page, "Label", "evening sport")
    at_rest(page)
    pick_to_stay(page, "Group", re.compile("^no "))
    pick(page, "Over", "The week")
    at_rest(page)

    workspace, title = Workspace(server.folder), "Prediction meanwhile"
    entry = next(entry for entry in models(workspace) if entry.reference == MODEL)
    asked = {"model": MODEL, "sha256": entry.sha256, "cohort": COHORT, "cohort_id": workspace.cohort(COHORT).id, "standardizer": "model"}
    job = launch(workspace, "predict", title, asked)
    go(page, "What-if")
    expect(main(page).get_by_text("its response to an edited recording").first).to_be_visible()
    curve, after = drawn(page, "whatif-curve"), drawn(page, "whatif-after")
    pick(page, "Edit", "Go to bed later or earlier")
    redrawn(page, "whatif-curve", curve)
    redrawn(page, "whatif-after", after)
    eventually(lambda: workspace.job(job).state == "done", "the end of the job", 120)
    expect(page.get_by_test_id("stSidebar").get_by_text(title)).to_have_count(0)
    holds(page, Participant="sim-0016", Edit="Go to bed later or earlier")
    go(page, "Participant")
    settled(page)
    address = page.url
    go(page, "Explain")
    holds(page, Group=re.compile("^no "), Over="The week")
    page.reload()
    titled(page, "Explain")
    holds(page, Group=re.compile("^no "), Over="The week")
    page.goto(address)
    titled(page, "Participant")
    settled(page)


def go(page, title: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=title, exact=True).click()
    titled(page, title)


def holds(page, **boxes) -> None:
    """The boxes of these names hold this."""
    for box, value in boxes.items():
        expect(page.get_by_role("combobox", name=box, exact=True)).to_have_value(value)


def settled(page) -> None:
    """The person, the methods and the baseline that were chosen."""
    holds(page, Participant="sim-0016")
    main(page).get_by_role("button", name="Maps and settings").click()
    expect(page.get_by_test_id("stMultiSelect").first).to_contain_text("Authors' attention map")
    expect(page.get_by_role("combobox", name="Baseline: explain the difference from")).to_have_value("A device that is not worn")
    page.keyboard.press("Escape")
