"""Marks on one person's page: a period is marked with a name and a reason, changes the answer, and can be taken back."""

from __future__ import annotations

from datetime import time

import numpy as np

from pat_core.cohorts import Workspace
from tests.app.made import OWN, opened_at, said_by

CLOCK = {"marks.from": time(10), "marks.until": time(18)}


def page():
    return opened_at("pages/participant.py", cohort=OWN, person="walker")


def mark(app, kind: str = "exclude", who: str = "Ada", why: str = "lent to a friend"):
    app.selectbox(key="marks.kind").select(kind)
    app.selectbox(key="marks.day").select_index(1)
    for key, value in CLOCK.items():
        app.time_input(key=key).set_value(value)
    app.text_input(key="marks.who").input(who)
    app.text_input(key="marks.why").input(why)
    return next(button for button in app.button if button.label == "Mark").click().run()


def test_a_period_is_marked_and_taken_back_with_who_and_why(own):
    app = page()
    assert "Nothing is marked in this week." in said_by(app) and not app.exception
    app = mark(app)
    assert not app.exception
    (kept,) = own.marks(OWN)
    assert (kept.first, kept.end, kept.kind, kept.who, kept.why) == (1440 + 600, 1440 + 1080, "exclude", "Ada", "lent to a friend")
    assert any(said.value.replace("\\", "") == "Marked: Leave out, Tue 2 Jan, 10:00 to 18:00." for said in app.toast)
    assert np.isnan(Workspace().week(OWN, "walker").values[2040:2520]).all()
    assert "8 hours left out by hand" in said_by(app)
    app.text_input(key="marks.undo.why").input("it was him")
    app = app.button(key="marks.undo.do").click().run()
    assert not app.exception and any("Taken back" in said.value for said in app.toast)
    (kept,) = own.marks(OWN)
    assert (kept.undone_by, kept.undone_why) == ("Ada", "it was him")
    table = next(frame.value for frame in app.dataframe if "Taken back" in frame.value)
    assert table["Taken back"].iloc[0].startswith("by Ada")
    assert "marks.undo" not in [box.key for box in app.selectbox]


def test_a_mark_without_a_reason_or_a_name_is_said_and_not_made(own):
    app = mark(page(), why="")
    assert any("Expected a reason" in error.value for error in app.error) and own.marks(OWN) == ()
    app = mark(app, who="", why="lent")
    assert any("Expected a name" in error.value for error in app.error) and own.marks(OWN) == ()


def test_the_page_draws_wear_and_says_what_it_was_judged_by(own):
    app = page()
    assert "Wear by Choi 2011" in said_by(app)
    figures = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert any("h worn" in spec for spec in figures)


def test_a_week_that_measured_nothing_has_no_valid_day_and_the_page_says_so(own):
    app = opened_at("pages/participant.py", cohort=OWN, person="flat")
    assert not app.exception
    assert "0 of 7 days have 10 hours of wear or more" in said_by(app) and "switched off" in said_by(app)
