"""Backends: a place is added and tested, a run is trained there while the reader watches, its model comes home, and a cohort is predicted
there."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from pat_core.cohorts import Workspace
from pat_core.jobs import errand_of
from pat_core.simulate import simulate
from pat_core.workflows.people.demo import MODEL
from pat_core.workflows.people.simulated_people import store_simulated
from tests.browser.screen import eventually, figure, main, pick, press, titled, turn_to, write

PROCESSES_MS = 150_000
"""Until work at a place is heard of: several processes begin before that, each of which takes many seconds where others are at work."""


def test_a_run_is_trained_at_a_place_that_was_added_and_comes_home(server, visit):
    page = visit(f"{server.address}/backends")
    titled(page, "Backends")
    write(page, "Name", "next door")
    write(page, "Folder there", str(server.folder.parent / "there"))
    press(page, "Add the place")
    expect(main(page).get_by_text("next door was added")).to_be_visible()
    press(page, "Test")
    expect(main(page).get_by_text("It can be reached, and can take work.")).to_be_visible()

    turn_to(page, "finetune")
    main(page).get_by_text("Where it runs").click()
    pick(page, "Place", "next door")
    expect(page.get_by_role("combobox", name="Place", exact=True)).to_have_value("next door")
    press(page, "How long will it take there?")
    expect(main(page).get_by_text("at the most at next door (cpu)", exact=False)).to_be_visible(timeout=PROCESSES_MS)
    pick(page, "Test on", re.compile("^20 %"))
    write(page, "Name of the run", "trained next door")
    press(page, "Start fine-tuning")
    expect(main(page).get_by_text("(next door", exact=False)).to_be_visible(timeout=PROCESSES_MS)
    workspace = Workspace(server.folder)
    eventually(lambda: workspace.run("trained next door").state == "done", "the end of the run", 120)
    expect(figure(page, "95 % interval")).to_be_visible()
    assert "trained next door" in {model.name for model in workspace.models()}
    everyone_is_predicted_there(page, workspace)


def everyone_is_predicted_there(page, workspace) -> None:
    store_simulated(workspace, "a ward", simulate(65, 7))  # one week more than is read while a reader waits
    turn_to(page, f"participants?cohort=a ward&model={MODEL}&place=next door")
    main(page).get_by_text("Where it runs").click()
    press(page, "What would leave this computer?")
    expect(main(page).get_by_text("65 people, as numbers", exact=False)).to_be_visible()
    expect(main(page).get_by_text("It will run at next door.")).to_be_visible()
    press(page, "Predict everyone")
    expect(page.get_by_role("textbox", name="Find a participant", exact=True)).to_be_visible(timeout=PROCESSES_MS)
    assert errand_of(workspace, workspace.jobs()[0].id).place == "next door"
