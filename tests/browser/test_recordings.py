"""Somebody brings recordings whose clock or columns need a word, judges wear, looks at nights, and marks what they know better."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, Week
from pat_core.simulate import simulate
from pat_core.weeks import report
from tests.browser.screen import (
    at_rest,
    cell,
    drawn,
    eventually,
    fold_out,
    lines,
    look_at,
    main,
    pick,
    pick_by_typing,
    press,
    redrawn,
    titled,
    upload,
    write,
)

HOUSE = "Two people of a house"
PARTLY, ALWAYS = "partly", "always"
DAY = 1440


@pytest.fixture(scope="module")
def house(server) -> str:
    """Two people in the workspace: one took the device off from 8 to 20 on the first three days. The cohort, as an address says it."""
    made = simulate(2, 3)
    weeks = np.maximum(made.weeks, 1)
    weeks[1, : 3 * DAY].reshape(3, DAY)[:, 8 * 60 : 20 * 60] = 0
    people = zip((ALWAYS, PARTLY), weeks, strict=True)
    start = datetime(2024, 5, 6)
    brought = [Week(who, 0, values, start, True, COUNTS, "wristband", "start", report(values, COUNTS)) for who, values in people]
    Workspace(server.folder).create_cohort(HOUSE, brought, {})
    return f"cohort={quote(HOUSE)}"


def recording(days: int, time: str, activity: str, start: str, person: str | None = None, seed: int = 7) -> str:
    """A CSV of one row a minute whose columns are called so."""
    values = simulate(1, seed, days=days).weeks[0].astype(int)
    table = pd.DataFrame({time: pd.date_range(start, periods=days * DAY, freq="min").strftime("%d.%m.%Y %H:%M"), activity: values})
    if person:
        table.insert(0, "Proband", person)
    return table.to_csv(index=False)


def test_a_week_in_utc_over_a_clock_change_is_refused_as_chosen_and_the_report_and_the_cohort_tell_of_it(server, visit, tmp_path):
    file = tmp_path / "spring.csv"
    file.write_text(recording(15, "timestamp", "counts", "2024-03-25"))
    page = visit(f"{server.address}/data?tab=Bring+recordings")
    titled(page, "Data")
    upload(page, "zip of them", file)
    fold_out(page, "Time and clock changes")
    pick_by_typing(page, "Time zone of the recordings", "europe/berl", "Europe/Berlin")
    for choice in ("UTC", "Refuse it"):
        main(page).get_by_text(choice, exact=True).click()
        expect(main(page).get_by_role("radio", name=choice)).to_be_checked()
        at_rest(page)
    write(page, "Name of the cohort", "Spring")
    press(page, "Import")

    told = page.get_by_role("tabpanel", name="Bring recordings")
    for sentence in (
        "Imported 1 person with 1 week.",
        "1 week spans a clock change and lasted 10,020 minutes: it was refused.",
        "1 thing was not imported:",
    ):
        expect(told.get_by_text(sentence)).to_be_visible()
    expect(told.get_by_role("cell", name="spring, week 1", exact=True)).to_be_visible()
    fold_out(told, "Weeks over a clock change")
    for column, said in {"Begins": "2024-03-25 01:00:00", "Clock change": "Sun 31 Mar 2024", "Minutes": "10020", "Done": "refused"}.items():
        expect(cell(told, "Europe/Berlin", column)).to_have_text(said)

    page.get_by_role("tab", name="Cohorts").click()
    expect(page.get_by_role("combobox", name="Cohort", exact=True)).to_have_value("Spring")
    for noted in (r"imes were converted from UTC", r"Europe/Berlin", r"eeks over a clock change (are )?refused"):
        expect(page.get_by_role("tabpanel", name="Cohorts").get_by_text(re.compile(noted)).first).to_be_visible()


def test_unknown_columns_are_guessed_shown_as_understood_imported_and_remembered_for_the_next_file(server, visit, tmp_path):
    first, second = tmp_path / "ward.csv", tmp_path / "later.csv"
    first.write_text(recording(8, "Zeitpunkt", "Bewegung", "2024-03-05", "A01"))
    second.write_text(recording(8, "Zeitpunkt", "Bewegung", "2024-04-05", "A02", seed=8))
    page = visit(f"{server.address}/data?tab=Bring+recordings")
    titled(page, "Data")
    upload(page, "zip of them", first)
    press(page, "Say what its columns mean")
    guesses = {"Participant": "Proband", "Time": "Zeitpunkt", "Activity": "Bewegung", "Unit": "Not known"}
    for box, column in guesses.items():
        expect(page.get_by_role("combobox", name=box, exact=True)).to_have_value(column)
    expect(main(page).get_by_role("cell", name="Tue 5 Mar 2024, 00:01:00", exact=True)).to_be_visible()
    expect(main(page).get_by_text("1 person; 8 days; a row a minute; unit not known.")).to_be_visible()
    pick(page, "Unit", "Counts")
    expect(main(page).get_by_text("1 person; 8 days; a row a minute; counts/min.")).to_be_visible()
    press(page, "Import")
    expect(main(page).get_by_text("Imported 1 person with 1 week.")).to_be_visible()

    press(page, "Import more recordings")
    upload(page, "zip of them", second)
    expect(main(page).get_by_text("What the columns of later.csv mean is remembered from ward.csv.")).to_be_visible()
    form = page.get_by_role("tabpanel", name="Bring recordings")  # the cohort's details, in another tab, say it too
    expect(form.get_by_text("activity from Bewegung (counts/min)")).to_be_visible()
    expect(main(page).get_by_role("button", name="Say what its columns mean")).to_have_count(0)
    press(page, "Import")
    expect(main(page).get_by_text("Imported 1 person with 1 week.")).to_be_visible()


def valid_days(page: Page, person: str, days: int) -> None:
    expect(cell(page, person, "Valid days")).to_have_text(f"{days} of 7")


def judge(page: Page, hours: str | None) -> None:
    """Set the hours of wear that make a day valid; None: the defaults."""
    press(page, "How wear is judged")
    form = page.get_by_test_id("stPopoverBody")
    if hours is not None:
        write(page, "Hours of wear that make a day valid", hours, "spinbutton")
    form.get_by_role("button", name="Back to the defaults" if hours is None else "Use these", exact=True).click()


def test_more_hours_of_wear_make_fewer_valid_days_in_the_list_until_the_defaults_are_back(server, visit, house):
    page = visit(f"{server.address}/participants?{house}")
    titled(page, "Participants")
    valid_days(page, PARTLY, 7)
    try:
        judge(page, "14")
        expect(page.get_by_text("A day is valid from 14 hours of wear").first).to_be_visible()
        valid_days(page, PARTLY, 4)
        valid_days(page, ALWAYS, 7)
        at_rest(page)
    finally:
        judge(page, None)  # the other tests share this workspace
    valid_days(page, PARTLY, 7)


def test_another_sleep_score_makes_other_nights_and_their_csv_holds_them(server, visit, house):
    page = visit(f"{server.address}/participant?{house}&person={ALWAYS}")
    titled(page, "Participant")
    look_at(page, "Nights")
    picture, table = drawn(page, "nights"), nights(page)
    score = main(page).get_by_role("radiogroup", name="Sleep score")
    expect(score.get_by_role("radio", name="Cole-Kripke", exact=True)).to_be_checked()
    score.get_by_role("radio", name="Sadeh").click()
    redrawn(page, "nights", picture)
    shown = eventually(lambda: (now := nights(page)) != table and now, "another table of nights")
    with page.expect_download() as waiting:
        press(page, "Nights (CSV)")
    with open(waiting.value.path(), encoding="utf-8") as file:
        kept = list(csv.DictReader(file))
    assert len(kept) == len(shown) >= 6
    for night, seen in zip(kept, shown, strict=True):
        assert (night["participant"], night["algorithm"]) == (ALWAYS, "Sadeh")
        assert night["bedtime"].endswith(f" {seen['Bedtime']}") and night["awakenings"] == seen["Awakenings"]


def nights(page: Page) -> list[dict[str, str]]:
    """The table of nights, a line a night."""
    found = lines(page, re.compile(r"^\w{3} \d+ (May )?to "))
    expect(found.first).to_be_attached()
    names = found.first.locator("xpath=ancestor::table").locator("th").all_inner_texts()
    return [dict(zip(names, line.locator("[role=gridcell]").all_inner_texts(), strict=True)) for line in found.all()]


def test_a_mark_of_non_wear_is_seen_on_the_sheet_with_who_and_why_and_can_be_taken_back(server, visit, house):
    page = visit(f"{server.address}/participant?{house}&person={ALWAYS}")
    titled(page, "Participant")
    assert not gap(page)
    look_at(page, "Wear and marks")
    expect(main(page).get_by_text("Nothing is marked in this week.")).to_be_visible()
    form = page.get_by_test_id("stForm")
    form.get_by_role("spinbutton", name="hour, Until").press_sequentially("18")
    for box, text in (("Your name", "Ada"), ("Why", "swimming, by her diary")):
        form.get_by_role("textbox", name=box, exact=True).fill(text)
    press(page, "Mark")
    at_rest(page)
    look_at(page, "Week")
    eventually(lambda: gap(page), "the gap on the sheet")
    look_at(page, "Wear and marks")
    told = lines(page, "swimming, by her diary")
    for said in ("Not worn", "Tue 7 May, 12:00 to 18:00", "Ada"):
        expect(told).to_contain_text(said)

    press(page, "Take back")
    expect(told).to_contain_text("by Ada")
    at_rest(page)
    look_at(page, "Week")
    eventually(lambda: not gap(page), "the end of the gap")
    look_at(page, "Wear and marks")
    expect(page.get_by_role("combobox", name="Take back", exact=True)).to_have_count(0)


def gap(page: Page) -> bool:
    """Whether the week sheet shows time that the device was not worn."""
    return '"not worn"' in drawn(page, "sheet")
