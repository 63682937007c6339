"""The linked charts of Evaluate: the threshold moves in the browser and the figures follow, people are chosen and one of them is opened."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from pat_core.cohorts import Workspace
from pat_core.simulate import simulate
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.people.simulated_people import store_simulated
from tests.browser.screen import at_rest, main, pick, titled


@pytest.fixture
def another(server):
    """A second cohort beside the demonstration, for this test alone."""
    space = Workspace(server.folder)
    yield store_simulated(space, "another", simulate(24, seed=5)).name
    space.delete_cohort("another")


def test_another_cohort_is_in_the_address_and_back_brings_the_first(server, visit, another):
    page = visit(f"{server.address}/evaluate?{urlencode({'cohort': COHORT, 'model': MODEL})}")
    titled(page, "Evaluate")
    expect(main(page).get_by_text("On 40 simulated people")).to_be_visible()
    pick(page, "Cohort", re.compile(f"^{another}"))
    expect(page).to_have_url(re.compile(f"cohort={another}"))
    at_rest(page)
    expect(main(page).get_by_text("On 24 simulated people")).to_be_visible()
    expect(page).to_have_url(re.compile(f"cohort={another}"))
    page.go_back()
    expect(page.get_by_role("combobox", name="Cohort", exact=True)).to_have_value(COHORT)
    at_rest(page)
    expect(main(page).get_by_text("On 40 simulated people")).to_be_visible()


def test_a_threshold_is_moved_people_are_chosen_and_one_is_opened(server, visit):
    page = visit(f"{server.address}/evaluate?{urlencode({'cohort': COHORT, 'model': MODEL})}")
    titled(page, "Evaluate")
    chart = page.locator(".st-key-evaluate-wide").get_by_test_id("stVegaLiteChart")
    expect(chart.locator("canvas, svg").first).to_be_visible()
    expect(page.locator(".st-key-evaluate-narrow").get_by_test_id("stVegaLiteChart")).to_be_hidden()
    at_rest(page)
    threshold = page.get_by_role("spinbutton", name="Threshold on the probability (%)")
    before = threshold.input_value()
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 250, box["y"] + 270)  # the ROC curve, towards its right end
    expect(threshold).not_to_have_value(before)
    at_rest(page)
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 35)  # across the people of the first chart
    page.mouse.down()
    page.mouse.move(box["x"] + 0.98 * box["width"], box["y"] + 60, steps=4)
    page.mouse.up()
    links = page.locator(".st-key-evaluate-chosen").get_by_test_id("stPageLink-NavLink")
    expect(links.first).to_be_visible()
    name = links.first.inner_text().split(" ")[0]
    links.first.click()
    titled(page, "Participant")
    expect(page.get_by_role("combobox", name="Participant", exact=True)).to_have_value(name)
