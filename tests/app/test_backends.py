"""The Backends page: places are added, tested, and removed; and Where it runs, on the pages that start long work."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.train import training_form
from pat_core.cohorts import Workspace
from pat_core.jobs.launchers.place_book import Place, keep_place, places
from pat_core.settings import workspace_folder
from pat_core.workflows.people.demo import COHORT
from tests.app.made import opened_at, said_by
from tests.workflows.elsewhere.made import ended


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(workspace_folder())


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.main.button if button.label == label).click()
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def write(app: AppTest, label: str, text: str) -> None:
    next(box for box in app.main.text_input if box.label == label).set_value(text)


def test_this_computer_is_always_there():
    app = opened_at("pages/backends.py")
    assert not app.exception
    assert [heading.value for heading in app.main.subheader] == ["This computer"]
    assert "**Devices:** cpu" in said_by(app) and "PyTorch 2." in said_by(app)


def test_a_place_is_added_tested_and_removed(workspace, tmp_path):
    app = opened_at("pages/backends.py")
    write(app, "Name", "next door")
    write(app, "Folder there", str(tmp_path / "there"))
    press(app, "Add the place")
    assert places(workspace) == (Place("next door", "process", folder=str(tmp_path / "there")),)
    assert "next door was added" in app.success[0].value and "next door" in [heading.value for heading in app.main.subheader]
    press(app, "Test")
    assert [message.value for message in app.main.success] == ["It can be reached, and can take work."]
    press(app, "Remove next door")
    assert places(workspace) == () and "next door was removed" in app.success[0].value


def test_what_makes_no_sense_is_refused_in_place_and_nothing_is_kept(workspace):
    app = opened_at("pages/backends.py")
    press(app, "Add the place")
    assert "Give the place a name" in app.error[0].value
    app.selectbox(key="places.kind").set_value("ssh").run()
    write(app, "Name", "far away")
    write(app, "Address (user@host)", "-oProxyCommand=touch x")
    press(app, "Add the place")
    assert "does not begin with a hyphen" in app.error[0].value and places(workspace) == ()


def test_a_place_that_cannot_be_reached_says_so_and_nothing_can_be_started_there(workspace):
    keep_place(workspace, Place("far away", "ssh", "nobody@127.0.0.1", options={"port": "1"}))
    app = press(opened_at("pages/backends.py"), "Test")
    assert "Connection refused" in app.error[0].value and not app.main.success
    app = opened_at("pages/finetune.py", cohort=COHORT, place="far away")
    assert not app.exception and "Connection refused" in app.error[0].value
    assert next(button for button in app.main.button if button.label == "Start fine-tuning").disabled


def test_a_run_goes_to_the_chosen_place_once_what_would_leave_was_listed(workspace, tmp_path, monkeypatch):
    asked = []

    def start(space, request, on):
        asked.append(on)
        return space.create_run("r", COHORT, {}), None

    monkeypatch.setattr(training_form, "start_finetune", start)
    keep_place(workspace, Place("next door", "process", folder=str(tmp_path / "there")))
    app = opened_at("pages/finetune.py", cohort=COHORT)
    press(app, "How long will it take here?")
    assert any("at the most on this computer (cpu)" in message.value for message in app.info)
    app.selectbox(key="box.place").set_value("next door").run()
    press(app, "What would leave this computer?")
    assert "no names, no dates" in said_by(app)
    files = app.dataframe[-1].value
    assert list(files["File"]) == ["people.npz", "start.safetensors", "weeks.npy"] and (files["Bytes"] > 0).all()
    press(app, "Start fine-tuning")
    assert asked == ["next door"] and not any((tmp_path / "there" / "parcels").iterdir()), "to look sends nothing"


def test_how_long_it_takes_at_a_place_is_measured_there(workspace, tmp_path):
    keep_place(workspace, Place("next door", "process", folder=str(tmp_path / "there")))
    app = opened_at("pages/finetune.py", cohort=COHORT, place="next door", recipe="everything", epochs="3", folds="0")
    press(app, "How long will it take there?")
    (job,) = workspace.jobs(limit=None)
    assert job.kind == "pace" and "How long will it take there?" not in [button.label for button in app.main.button]
    assert ended(workspace, job.id).error is None
    app.run()
    assert not app.exception
    words = next(message.value for message in app.info if "at the most" in message.value)
    assert "at next door (cpu). 3 epochs of " in words and words.endswith("Sending and waiting in a queue come on top.")
    assert "Measured " in said_by(app) and "Measure again" in [button.label for button in app.main.button]


def test_what_went_wrong_at_a_place_is_said_and_can_be_tried_again(workspace, tmp_path):
    keep_place(workspace, Place("next door", "process", folder=str(tmp_path / "there")))
    app = opened_at("pages/finetune.py", cohort=COHORT, place="next door", device="mps")
    press(app, "How long will it take there?")
    assert ended(workspace, workspace.jobs(limit=None)[0].id).state == "failed"
    app.run()
    assert "offers no mps device" in "".join(message.value for message in app.main.error)
    assert "Try again" in [button.label for button in app.main.button]
