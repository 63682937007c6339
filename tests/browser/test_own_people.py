"""Somebody brings recordings with labels, trains on them, looks at a person, and sends a colleague the address."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.browser.people import SHORT, study
from tests.browser.screen import at_rest, figure, look_at, main, painted_strips, pick, press, start_run, titled, upload, write

RUN = "late risers"


def test_recordings_are_imported_trained_on_and_explained_and_the_address_shows_a_colleague_the_same_person(server, visit, tmp_path):
    page = visit(f"{server.address}/data?tab=Bring+recordings")
    bring(page, *study(tmp_path))
    train(page)
    open_somebody(page)
    see_the_week(page)
    colleague = visit(page.url)
    sees_the_same(colleague, page)


def bring(page, recordings, labels) -> None:
    titled(page, "Data")
    upload(page, "zip of them", recordings)
    # The page is drawn anew with the file; a second one that is given meanwhile would be lost.
    expect(page.get_by_role("textbox", name="Name of the cohort", exact=True)).to_have_value(recordings.stem)
    upload(page, "Labels, if you have", labels)
    expect(main(page).get_by_text("25 people in diagnoses.csv")).to_be_visible()
    write(page, "Name of the cohort", "Own people")
    press(page, "Import")
    expect(main(page).get_by_text("Imported 24 people with 24 weeks.")).to_be_visible()
    expect(main(page).get_by_text("1 thing was not imported")).to_be_visible()
    expect(refused_cell(page)).to_be_visible()
    press(page, "Fine-tune on a label")


def refused_cell(page):
    return main(page).get_by_role("cell", name=SHORT, exact=True)


def train(page) -> None:
    titled(page, "Fine-tune")
    expect(page.get_by_role("combobox", name="Cohort", exact=True)).to_have_value("Own people")
    expect(page.get_by_role("combobox", name="Label", exact=True)).to_have_value("diagnosis")
    pick(page, "The group to recognise", re.compile("^late riser"))
    expect(page.get_by_role("textbox", name="Name of the run", exact=True)).to_have_value(re.compile("^diagnosis: late riser, probe, "))
    start_run(page, RUN, epochs=40)
    expect(main(page).get_by_text("diagnosis: late riser against early riser, in the cohort “Own people”")).to_be_visible()
    expect(figure(page, "Test AUC")).to_have_text(re.compile(r"^[01]\.\d\d$"))
    expect(figure(page, "95 % interval")).to_have_text(re.compile(r"^[01]\.\d\d to [01]\.\d\d$"))
    press(page, "See the people")


def open_somebody(page) -> None:
    titled(page, "Participants")
    expect(page.get_by_role("combobox", name="Cohort", exact=True)).to_have_value("Own people")
    expect(page.get_by_role("combobox", name="Model", exact=True)).to_have_value(re.compile(f"^{RUN}"))
    expect(main(page).get_by_text(re.compile(r"^24 people\. .*Open one"))).to_be_visible()
    write(page, "Find a participant", "sim-0003")
    expect(main(page).get_by_text(re.compile(r"^1 person\. .*Open one"))).to_be_visible()
    at_rest(page)
    expect(page.get_by_role("combobox", name="Open a participant", exact=True)).to_have_value("sim-0003")
    page.locator(".st-key-people-named-open button").click()
    titled(page, "Participant")


def see_the_week(page) -> None:
    expect(page.get_by_role("combobox", name="Participant", exact=True)).to_have_value("sim-0003")
    assert min(painted_strips(page, 2)) > 8, "a strip of the sheet is empty"
    look_at(page, "Why")
    expect(main(page).get_by_text("within the 1 % that we hold to")).to_be_visible()
    look_at(page, "Week")
    lanes = page.locator(".js-plotly-plot").filter(has=page.locator(".heatmaplayer image")).locator(".yaxislayer-above text, .ytick text")
    expect(lanes.first).to_be_attached()
    main(page).get_by_role("button", name="Maps and settings").click()
    pick(page, "View", "One timeline")
    expect(page.get_by_role("combobox", name="View", exact=True)).to_have_value("One timeline")
    page.keyboard.press("Escape")
    expect(lanes).to_have_count(0)
    at_rest(page)
    assert min(painted_strips(page, 2)) > 8, "a strip of the timeline is empty"
    named = parse_qs(urlsplit(page.url).query)
    assert (named["person"], named["model"], named["cohort"]) == (["sim-0003"], [RUN], ["Own people"])


def sees_the_same(colleague, page) -> None:
    titled(colleague, "Participant")
    assert min(painted_strips(colleague, 2)) > 8
    for each in (page, colleague):
        main(each).get_by_role("button", name="Cohort and model").click()
    for box in ("Participant", "Model", "Cohort", "Week"):
        shown = page.get_by_role("combobox", name=box, exact=True).input_value()
        expect(colleague.get_by_role("combobox", name=box, exact=True)).to_have_value(shown)
    answer, comparison = r"(scores higher than|score of this week is) .*\d", r"its test set of \d+ people is too small"
    for sentence in (answer, comparison):
        here, there = (main(each).get_by_text(re.compile(sentence)).first for each in (page, colleague))
        assert here.inner_text() == there.inner_text()
