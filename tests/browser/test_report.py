"""A clinician takes a person's week away on paper, with what they made of it."""

from __future__ import annotations

from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.screen import at_rest, main, titled

DEMO = "cohort=Demo%3A+simulated+people&model=demo-late-wake&person=sim-0004"


def test_an_interpretation_is_written_seen_and_taken_away_on_paper(server, visit, tmp_path):
    page = visit(f"{server.address}/participant?{DEMO}&methods=none")
    titled(page, "Participant")
    main(page).get_by_role("link", name="Report on paper").click()
    titled(page, "Report")
    expect(page.get_by_role("combobox", name="Participant", exact=True)).to_have_value("sim-0004")
    expect(main(page).get_by_test_id("stImage")).to_have_count(4)

    page.get_by_label("What you make of this week").fill("Late on all seven days.\nNights too short to say more.")
    page.get_by_label("Your name").fill("Ada Example")
    main(page).get_by_role("button", name="Keep this interpretation").click()
    expect(main(page).get_by_text("Kept by Ada Example")).to_be_visible()
    at_rest(page)

    with page.expect_download() as waiting:
        main(page).get_by_role("button", name="PDF", exact=True).click()
    waiting.value.save_as(tmp_path / "report.pdf")
    words = " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(tmp_path / "report.pdf").pages).split())
    assert "sim-0004" in words and "Late on all seven days. Nights too short to say more." in words and "Written by Ada Example" in words
    with page.expect_download() as waiting:
        main(page).get_by_role("button", name="HTML", exact=True).click()
    waiting.value.save_as(tmp_path / "report.html")
    offline = page.context.new_page()
    offline.goto((tmp_path / "report.html").as_uri())
    expect(offline.get_by_text("Late on all seven days.")).to_be_visible()
    assert offline.locator("figure svg").count() >= 4
