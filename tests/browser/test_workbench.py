"""People are drawn around on the map of a cohort and taken to their reports; a click on a point opens a week."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from playwright.sync_api import Locator, expect

from pat_core.workflows.people.demo import COHORT, MODEL
from tests.browser.screen import at_rest, main, titled


def box_of(place: Locator) -> dict[str, float]:
    box = place.bounding_box()
    assert box is not None
    return dict(box)


def test_a_lasso_takes_people_along_and_a_click_opens_a_week(server, visit):
    address = f"{server.address}/participants?{urlencode({'people-view': 'map', 'cohort': COHORT, 'model': MODEL})}"
    page = visit(address)
    titled(page, "Participants")
    chart = page.locator(".js-plotly-plot").first
    expect(chart.locator("path.point").first).to_be_visible()
    at_rest(page)
    expect(page.get_by_role("button", name=re.compile("With these 40 people"))).to_be_visible()
    chart.scroll_into_view_if_needed()
    chart.locator(".modebar-btn[data-val=lasso]").click()
    area = box_of(chart.locator(".nsewdrag").first)
    left, top, right, bottom = area["x"] + 3, area["y"] + 3, area["x"] + area["width"] / 2, area["y"] + area["height"] - 3
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top)):
        page.mouse.move(x, y, steps=6)
    page.mouse.up()
    along = page.get_by_role("button", name=re.compile(r"With these (\d|[12]\d|3[0-8]) people"))
    expect(along).to_be_visible()
    at_rest(page)
    along.click()
    page.get_by_role("button", name="Take them to Report").click()
    titled(page, "Report")
    expect(main(page).get_by_text(re.compile(r"Only \d+ of 40 people: drawn around on the map \(Principal components of"))).to_be_visible()
    page = visit(address)
    titled(page, "Participants")
    point = page.locator(".js-plotly-plot path.point").first
    expect(point).to_be_visible()
    at_rest(page)
    point.scroll_into_view_if_needed()
    at = box_of(point)
    page.mouse.move(at["x"] - 20, at["y"] - 20)
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2, steps=5)
    page.mouse.down()
    page.mouse.up()
    titled(page, "Participant")
