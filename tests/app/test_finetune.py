"""The page that trains: refusals in a sentence, and a run that really runs."""

from __future__ import annotations

import time

from pat_core.cohorts import Workspace
from pat_core.settings import workspace_folder
from tests.app.test_every_page import opened


def button(app, label: str):
    return next(one for one in app.button if one.label == label)


def test_a_run_starts_is_followed_and_shows_its_test():
    app = opened("pages/finetune.py")
    app.selectbox(key="finetune.label").select("late wake").run()
    app.number_input(key="finetune.epochs.linear_probe").set_value(5).run()
    app.text_input(key="finetune.name").set_value("first").run()
    button(app, "Start fine-tuning").click().run()
    assert not app.exception and not app.error
    space = Workspace(workspace_folder())
    until = time.monotonic() + 120
    while space.run("first").state in ("queued", "running") and time.monotonic() < until:
        time.sleep(0.2)
    assert space.run("first").state == "done"
    app.run()
    assert not app.exception
    assert {metric.label for metric in app.metric} >= {"Test AUC", "95 % interval", "People tested"}
    button(app, "See the people").click().run()
    assert not app.exception


def test_a_label_with_too_few_people_is_refused_and_leaves_no_run():
    app = opened("pages/finetune.py")
    app.selectbox(key="finetune.label").select("nonwear day").run()
    app.selectbox(key="finetune.folds").select(10).run()
    button(app, "Start fine-tuning").click().run()
    assert any("at least 10 people of each kind" in error.value for error in app.error)
    assert Workspace(workspace_folder()).runs() == ()


def test_a_name_that_is_taken_is_refused_in_a_sentence():
    app = opened("pages/finetune.py")
    app.text_input(key="finetune.name").set_value("demo-late-wake").run()
    button(app, "Start fine-tuning").click().run()
    assert any("already called" in error.value for error in app.error)
