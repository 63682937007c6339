"""Somebody opens the app for the first time."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from pat_core.workflows.people.demo import COHORT
from tests.browser.screen import at_rest, eventually, main, painted_strips, pick_by_typing, press, titled, write


def test_a_first_visit_shows_simulated_people_and_opens_one_with_a_prediction_and_a_painted_week(server, visit):
    page = visit(server.address)
    titled(page, "PAT Explorer")
    expect(main(page).get_by_text("none of them exist")).to_be_visible()
    assert min(painted_strips(page, 2)) > 8, "a strip of the picture is empty"

    press(page, "Open a simulated person's week")
    titled(page, "Participant")
    expect(main(page).get_by_text(re.compile(r"Among 100 simulated people scored like this one, about \d+ were"))).to_be_visible()
    expect(main(page).get_by_text("Test AUC")).to_be_visible()
    assert min(painted_strips(page, 2)) > 8, "a strip of the sheet is empty"
    expect(main(page).get_by_text(f"{COHORT}, read by ")).to_be_visible()
    expect(main(page).get_by_text("nobody here exists")).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_text("never a diagnosis")).to_be_visible()


def named(page) -> list[str]:
    """The people in the list, in order."""
    cells = page.get_by_test_id("stDataFrame").locator("tbody [role=gridcell]").filter(has_text=re.compile("^sim-"))
    expect(cells.nth(8)).to_be_attached()
    return cells.all_text_contents()


def test_sorting_and_walking_through_the_list_open_nobody_and_back_returns_to_the_list_as_it_was(server, visit):
    page = visit(f"{server.address}/participants")
    titled(page, "Participants")
    write(page, "Find a participant", "sim-000")
    expect(main(page).get_by_text("9 people.")).to_be_visible()
    at_rest(page)
    grid, header = page.get_by_test_id("stDataFrame"), {"x": 200, "y": 17}
    grid.click(position=header)  # the answer
    page.wait_for_url("**sort=answer**")
    at_rest(page)
    grid.click(position=header)
    page.wait_for_url("**sort=-answer**")
    at_rest(page)
    grid.click(position={"x": 200, "y": 87})  # a cell
    for key in ("ArrowDown", "ArrowRight", "Enter", "ArrowLeft", "Tab"):
        page.keyboard.press(key)
    at_rest(page)
    expect(page.get_by_role("heading", level=1, name="Participants", exact=True)).to_be_visible()
    names = named(page)
    listed = page.url

    grid.click(position={"x": 35, "y": 87})  # the button of the second row
    titled(page, "Participant")
    expect(page.get_by_role("combobox", name="Participant", exact=True)).to_have_value(names[1])
    expect(main(page).get_by_text(f"Person 2 of {len(names)} on your list")).to_be_visible()
    person = page.get_by_role("combobox", name="Participant", exact=True)
    main(page).get_by_role("button", name=re.compile("^Next")).click()  # its name ends with its key
    expect(person).to_have_value(names[2])
    at_rest(page)
    page.locator("body").press("p")
    expect(person).to_have_value(names[1])
    at_rest(page)
    page.locator("body").press("n")
    expect(person).to_have_value(names[2])
    at_rest(page)
    for _ in range(3):
        page.go_back()
        at_rest(page)
    expect(page.get_by_role("combobox", name="Participant", exact=True)).to_have_value(names[1])
    at_rest(page)
    page.go_back()
    titled(page, "Participants")
    expect(page.get_by_label("Find a participant")).to_have_value("sim-000")
    expect(page.get_by_role("combobox", name="Sort by", exact=True)).to_have_value("Answer, low to high")
    eventually(lambda: named(page) == names, "the list as it was")
    assert "find=sim-000" in listed and "sort=-answer" in listed and "find=sim-000" in page.url
    expect(page.get_by_role("combobox", name="Cohort", exact=True)).to_have_value(COHORT)

    at_rest(page)
    grid.click(position={"x": 35, "y": 52})
    titled(page, "Participant")
    page.get_by_role("link", name="Back to the list").click()
    titled(page, "Participants")
    expect(page.get_by_label("Find a participant")).to_have_value("sim-000")

    at_rest(page)
    page.get_by_role("button", name="How wear is judged").focus()
    box = page.get_by_role("combobox", name="Open a participant", exact=True)
    for _ in range(40):  # past the list's own buttons and along one of its rows
        page.keyboard.press("Tab")
        if box.evaluate("(box) => box === document.activeElement"):
            break
    expect(box).to_be_focused()
    expect(box).to_have_value(names[0])  # who was seen last
    pick_by_typing(page, "Open a participant", names[3], names[3])
    expect(page.get_by_role("heading", level=1, name="Participants", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    titled(page, "Participant")
    expect(page.get_by_role("combobox", name="Participant", exact=True)).to_have_value(names[3])
    assert "find=sim-000" in page.url and "sort=-answer" in page.url

    main(page).get_by_role("button", name="Maps and settings").click()
    page.get_by_text("Show the planted evidence").click()  # a choice of that page, which the next person's address has too
    page.wait_for_url("**planted=**")
    page.keyboard.press("Escape")
    at_rest(page)
    page.get_by_role("link", name="Back to the list").click()
    titled(page, "Participants")
    grid.click(position={"x": 35, "y": 52})
    titled(page, "Participant")
    assert "planted=" in page.url
    page.go_back()
    titled(page, "Participants")
