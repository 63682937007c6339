"""The page that pretrains: what it checks before a start, a run that really runs, a week rebuilt, and two encoders compared."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import numpy as np
import pytest

from pages.components.pretrain import rebuilt_section
from pat_core.cohorts import Workspace, started
from pat_core.errors import Cancelled
from pat_core.jobs import Task
from pat_core.progress import Silent
from pat_core.records import COUNTS, Week
from pat_core.simulate import simulate
from pat_core.training import PretrainSettings, loop
from pat_core.weeks import report
from pat_core.workflows.learn.compare_encoders import compare_encoders
from pat_core.workflows.learn.encoder_reading import EncoderRequest
from pat_core.workflows.learn.pretrain_people import PretrainRequest
from pat_core.workflows.learn.pretrain_run import PRETRAIN, run_pretraining
from pat_core.workflows.learn.run_record import new_run
from pat_core.workflows.people.simulated_people import store_simulated
from tests.app.made import opened_at, said_by

BRIEF = PretrainSettings(epochs=2, batch=8, device="cpu")
REQUEST = PretrainRequest("tiny", "made", "custom", patch=360, heads=1, blocks=1, settings=BRIEF)
TINY = {"cohort": "made", "pretrain-size": "custom", "pretrain-patch": "360", "pretrain-heads": "1", "pretrain-blocks": "1"}


def button(app, label: str):
    return next(one for one in app.button if one.label == label)


def box(app, label: str):
    return next(one for one in [*app.selectbox, *app.text_input, *app.number_input, *app.slider] if one.label == label)


@pytest.fixture(scope="module")
def people():
    return simulate(24, seed=5, prevalence=0.5)


@pytest.fixture
def space(people) -> Workspace:
    """24 simulated people and no demonstration."""
    made = Workspace()
    made.keep_setting("demo", "deleted")
    store_simulated(made, "made", people)
    return made


def test_a_start_is_checked_followed_and_its_encoder_stands_there_with_its_card(space):
    app = opened_at("pages/pretrain.py", **TINY, **{"pretrain-epochs": "2"})
    words = said_by(app)
    assert "It learns from 22 people (22 weeks) and is validated on 2 other people" in words and "22 people are few" in words
    assert "28 patches of 360 minutes; 25 of them are hidden" in words and "1 step an epoch" in words
    box(app, "Name of the encoder").set_value("first").run()
    button(app, "Start pretraining").click().run()
    assert not app.exception and not app.error
    assert box(app, "Encoder").value == "first" and box(app, "Name of the encoder").value != "first"
    until = time.monotonic() + 120
    while space.run("first").state in ("queued", "running") and time.monotonic() < until:
        time.sleep(0.2)
    assert space.run("first").state == "done"
    app.run()
    assert not app.exception
    words = said_by(app)
    assert "The weights of epoch" in words and "It ended because all epochs were done." in words
    assert "It learned from simulated people" in words and "mean squared error on the hidden minutes of 2 people" in words
    assert list(app.table[-1].value.columns)[1:] == ["Mean squared error", "Mean absolute error", "R2", "r"]
    assert {link.proto.label for link in app.get("page_link")} >= {"See what it rebuilds", "Fine-tune from it", "It stands in Models"}


def test_what_stands_against_a_start_is_said_in_place(space):
    app = opened_at("pages/pretrain.py", **TINY | {"pretrain-patch": "1440"})
    assert not button(app, "Start pretraining").disabled
    weeks = [
        Week(f"p{n}", 0, np.ones(10080, np.float32), None, False, COUNTS, None, "start", report(np.ones(10080), COUNTS)) for n in range(3)
    ]
    space.create_cohort("few", weeks, {f"p{n}": {} for n in range(3)})
    app = opened_at("pages/pretrain.py", cohort="few")
    assert "Pretraining needs at least 20 people" in said_by(app) and button(app, "Start pretraining").disabled
    app = opened_at("pages/pretrain.py", **TINY)
    box(app, "Name of the encoder").set_value("pat-s-simulated").run()
    button(app, "Start pretraining").click().run()
    assert "already stands for a model that comes with PAT Explorer" in said_by(app) and not space.runs()


def test_smoothing_says_what_the_authors_saw_and_an_own_recipe_what_is_not_the_papers(space):
    app = opened_at("pages/pretrain.py", **TINY, **{"pretrain-smoothed": "yes", "pretrain-loss": "hidden", "pretrain-mask": "50"})
    words = said_by(app)
    assert "their results became worse" in words and "Unlike the paper's recipe: the share hidden, the loss and smoothing." in words


@pytest.fixture
def stopped(space, monkeypatch) -> Workspace:
    """A run that was stopped in its second epoch, after a picture and a checkpoint."""
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)

    class Stops(Silent):
        def metric(self, step, values) -> None:
            if step == 2:
                raise Cancelled("stop")

    with pytest.raises(Cancelled):
        run_pretraining(space, REQUEST, Stops())
    return space


@pytest.mark.parametrize("state", ["running", "cancelled", "lost", "failed"])
def test_a_run_in_progress_shows_its_week_and_one_that_was_stopped_goes_on(stopped, state):
    job = stopped.add_job(PRETRAIN.kind, "Pretrain tiny", REQUEST.as_spec())
    stopped.update_run("tiny", job_id=job)
    stopped.claim_job(job, os.getpid(), started(os.getpid()))
    if state != "running":
        stopped.finish_job(job, state, error=None if state == "cancelled" else "It stopped.")
    stopped.add_metrics(job, 1, {"train loss": 1.2, "validation loss": 1.1, "validation loss on hidden minutes": 1.1})
    app = opened_at("pages/pretrain.py", pretrained="tiny")
    again = {"running": "Cancel", "failed": "Try again"}.get(state, "Continue from where it stopped")
    assert not app.exception and [one.label for one in app.button].count(again) == 1
    words = said_by(app)
    assert "A held-out week after epoch 1" in words and "As of the checkpoint of epoch 2." in words
    assert "on a plateau of 75 epochs it is halved" in words and len(app.get("plotly_chart")) == 2


def test_a_run_of_the_command_line_is_followed_too(stopped):
    stopped.update_run("tiny", state="running")
    app = opened_at("pages/pretrain.py", pretrained="tiny")
    assert not app.exception and "its process is gone" in said_by(app)
    button(app, "Delete tiny").click().run()
    assert not app.exception and not stopped.runs() and "The run tiny was deleted." in app.success[0].value


@pytest.fixture
def pretrained(space) -> Workspace:
    run_pretraining(space, REQUEST)
    return space


def test_any_week_is_rebuilt_with_a_mask_of_the_readers(pretrained):
    app = opened_at("pages/pretrain.py", **{"part-of": "inspect", "encoder": "tiny", "masked": "50", "person": "sim-0003"})
    assert not app.exception and not app.error
    first = app.table[0].value
    assert list(first["How hidden minutes are filled"]) == [
        "The encoder with its decoder",
        "A straight line between visible minutes",
        "The visible minutes' mean day",
    ]
    assert "14 of 28 patches of 360 minutes covered" in said_by(app) and "sim-0003" in said_by(app)
    button(app, "Another mask").click().run()
    assert not app.exception and box(app, "Mask number").value == 1 and app.query_params["mask"] == "1"
    assert not first.equals(app.table[0].value)
    again = opened_at("pages/pretrain.py", **{"part-of": "inspect", "encoder": "tiny", "masked": "50", "mask": "0", "person": "sim-0003"})
    assert first.equals(again.table[0].value), "one number, one mask"


def test_whether_the_encoder_has_seen_a_person_is_said(pretrained):
    words = {}
    for person in (row.participant for row in pretrained.week_rows("made")):
        words[person] = said_by(opened_at("pages/pretrain.py", **{"part-of": "inspect", "encoder": "tiny", "person": person}))
        if len({"did not learn from" in text for text in words.values()}) == 2:
            return
    pytest.fail("everybody is said to have been seen, or nobody")


def test_without_a_decoder_the_page_says_where_one_comes_from(space, monkeypatch):
    monkeypatch.setattr(rebuilt_section, "has_decoder", lambda entry: False)
    app = opened_at("pages/pretrain.py", **{"part-of": "inspect"})
    assert not app.exception and "No encoder here has its decoder" in said_by(app)


def test_an_encoder_without_a_decoder_is_said_and_another_one_shown(pretrained):
    app = opened_at("pages/pretrain.py", **{"part-of": "inspect", "encoder": "pat-s-simulated"})
    assert not app.exception and "has no decoder, so it cannot rebuild a week. Showing PAT-" in said_by(app)


ASKED = {"part-of": "compare", "cohort": "made", "compare-label": "late wake", "compare-group": "planted", "encoder": "tiny",
         "encoder-against": "other", "encoders-folds": "2"}  # fmt: skip
COMPARED = EncoderRequest("tiny", "other", "made", "late wake", "planted", "not planted", folds=2)


@pytest.fixture
def two(pretrained) -> Workspace:
    run_pretraining(pretrained, replace(REQUEST, name="other", settings=replace(BRIEF, seed=1)))
    return pretrained


def test_two_encoders_are_compared_beside_an_untrained_one(two, monkeypatch):
    began = []
    monkeypatch.setattr(Task, "launch", lambda task, space, request, title, on="": began.append(request))
    app = opened_at("pages/pretrain.py", **ASKED)
    assert any(part.label == "Where it runs" for part in app.expander)
    button(app, "Compare the encoders").click().run()
    assert not app.exception and began == [COMPARED]
    compare_encoders(two, COMPARED)
    app = opened_at("pages/pretrain.py", **ASKED)
    assert not app.exception and not app.error
    words = said_by(app)
    assert "These people are simulated" in words and "tiny was pretrained, without labels, on 22 of these 24 people" in words
    assert "Untrained, in the shape of tiny" in list(app.dataframe[0].value["Encoder"]) and len(app.dataframe[1].value) == 3
    assert [one.proto.label for one in app.get("download_button")] == ["Figures (CSV)", "All of it (JSON)"]


@pytest.mark.parametrize(("change", "said"), [({"encoders-folds": "20"}, "at least 20 people of each kind")])
def test_what_cannot_be_compared_is_said(two, change, said):
    app = opened_at("pages/pretrain.py", **ASKED | change)
    assert not app.exception and said in said_by(app)


def test_a_queued_run_of_this_page_is_recorded_once(space, monkeypatch):
    new_run(space, REQUEST)
    app = opened_at("pages/pretrain.py", pretrained="tiny")
    assert not app.exception and "was started on the command line" in said_by(app)
