"""Pretrain: an encoder is started, its loss and a week as it is rebuilt so far are seen, it stands in Models, and a week is looked into."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from playwright.sync_api import expect

from pat_core.cohorts import Workspace
from pat_core.workflows.people.demo import COHORT
from tests.browser.screen import at_rest, drawn, eventually, lines, main, press, redrawn, titled, write

TINY = {"cohort": COHORT, "pretrain-size": "custom", "pretrain-patch": 240, "pretrain-heads": 1, "pretrain-batch": 1, "pretrain-epochs": 25}
"""A week a step: each epoch takes a moment, so that there is something to watch, and all of them some seconds."""


def test_an_encoder_is_pretrained_watched_and_looked_into(server, visit):
    page = visit(f"{server.address}/pretrain?{urlencode(TINY)}")
    titled(page, "Pretrain")
    expect(main(page).get_by_text("No encoder was pretrained here yet", exact=False)).to_be_visible()
    write(page, "Name of the encoder", "seen in the browser")
    press(page, "Start pretraining")
    expect(main(page).get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    expect(main(page).get_by_text(re.compile(r"^A held-out week after epoch \d+$"))).to_be_visible()
    assert "validation loss" in drawn(page, "pretrain-curves") and "Both together" in drawn(page, "pretrain-so-far")
    space = Workspace(server.folder)
    eventually(lambda: space.run("seen in the browser").state == "done", "the end of the pretraining", 150.0)
    expect(main(page).get_by_text(re.compile(r"^The weights of epoch [\d,]+ of 25 were kept"))).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_text("Working", exact=True)).to_have_count(0)  # it draws the page anew as the job ends
    at_rest(page)

    main(page).get_by_role("link", name="It stands in Models").click()
    titled(page, "Models")
    expect(lines(page, "seen in the browser")).to_have_count(1)
    main(page).get_by_role("link", name="Inspect what it rebuilds").click()
    titled(page, "Pretrain")
    expect(main(page).get_by_text("The encoder with its decoder")).to_be_visible()
    before = drawn(page, "pretrain-rebuilt")
    slider = main(page).get_by_role("slider", name="Patches hidden (%)")
    slider.press("ArrowLeft")
    expect(slider).to_have_value("85")
    after = redrawn(page, "pretrain-rebuilt", before)
    press(page, "Another mask")
    redrawn(page, "pretrain-rebuilt", after)
    at_rest(page)
    assert "masked=85" in page.url and "mask=1" in page.url
