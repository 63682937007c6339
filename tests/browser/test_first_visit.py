"""Somebody opens the app for the first time."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from pat_core.workflows.demo import COHORT
from tests.browser.screen import at_rest, main, painted_strips, press, titled


def test_a_first_visit_shows_simulated_people_and_opens_one_with_a_prediction_and_a_painted_week(server, visit):
    page = visit(server.address)
    titled(page, "PAT Explorer")
    expect(main(page).get_by_text("nobody in it exists")).to_be_visible()
    assert min(painted_strips(page, 2)) > 8, "a strip of the picture is empty"

    press(page, "Open a simulated person's week")
    titled(page, "Participant")
    expect(main(page).get_by_text(re.compile(r"Among 100 simulated people scored like this one, about \d+ were"))).to_be_visible()
    expect(main(page).get_by_text("Test AUC")).to_be_visible()
    assert min(painted_strips(page, 2)) > 8, "a strip of the sheet is empty"
    assert page.get_by_role("combobox", name="Cohort", exact=True).input_value() == COHORT
    expect(main(page).get_by_text("nobody here exists")).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_text("never a diagnosis")).to_be_visible()


def test_a_click_on_a_cell_opens_that_person_and_back_returns_to_the_same_cohort(server, visit):
    page = visit(f"{server.address}/participants")
    titled(page, "Participants")
    grid = page.get_by_test_id("stDataFrame")
    expect(grid.get_by_test_id("data-grid-canvas").locator("[role=gridcell]").filter(has_text="sim-0002")).to_be_attached()
    listed = page.url
    at_rest(page)
    grid.hover(position={"x": 200, "y": 87})
    grid.click(position={"x": 200, "y": 87})  # the second row's probability
    titled(page, "Participant")
    expect(page.get_by_role("combobox", name="Participant", exact=True)).to_have_value("sim-0002")
    press(page, "Next")
    expect(page.get_by_role("combobox", name="Participant", exact=True)).to_have_value("sim-0003")
    at_rest(page)
    page.go_back()
    expect(page.get_by_role("combobox", name="Participant", exact=True)).to_have_value("sim-0002")
    at_rest(page)
    page.go_back()
    titled(page, "Participants")
    assert page.url.startswith(listed)
    expect(page.get_by_role("combobox", name="Cohort", exact=True)).to_have_value(COHORT)
