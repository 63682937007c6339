"""Marks on one person's page: a period is marked with a name and a reason, changes the answer, and can be taken back."""

from __future__ import annotations

from datetime import time

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from tests.app.made import OWN, opened_at, said_by

pytestmark = pytest.mark.usefixtures("seen_before")

CLOCK = {"from": time(10), "until": time(18)}


def page(person: str = "walker"):
    """Without maps, which no test of this file is about."""
    return opened_at("pages/participant.py", look="wear", cohort=OWN, person=person, methods="none")


def box(app, kind: str, name: str):
    """A box of the marks; the key tells of what it is, of which week and which turn."""
    return next(one for one in app.get(kind) if str(one.key).startswith(f"marks.{name}."))


def mark(app, kind: str = "exclude", who: str = "Ada", why: str = "lent to a friend"):
    box(app, "selectbox", "kind").select(kind)
    box(app, "selectbox", "day").select_index(1)
    for name, value in CLOCK.items():
        box(app, "time_input", name).set_value(value)
    app.text_input(key="marks.who").input(who)
    box(app, "text_input", "why").input(why)
    return press(app)


def press(app):
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
    box(app, "text_input", "undo.why").input("it was him")
    app = box(app, "button", "undo.do").click().run()
    assert not app.exception and any("Taken back" in said.value for said in app.toast)
    (kept,) = own.marks(OWN)
    assert (kept.undone_by, kept.undone_why) == ("Ada", "it was him")
    table = next(frame.value for frame in app.dataframe if "Taken back" in frame.value)
    assert table["Taken back"].iloc[0].startswith("by Ada")
    assert not [one for one in app.selectbox if one.label == "Take back"]


def test_a_mark_without_a_reason_or_a_name_is_said_and_not_made(own):
    app = mark(page(), why="")
    assert any("Expected a reason" in error.value for error in app.error) and own.marks(OWN) == ()
    app = mark(app, who="", why="lent")
    assert any("Expected a name" in error.value for error in app.error) and own.marks(OWN) == ()


def test_after_a_mark_the_form_is_empty_but_for_the_name_and_a_second_click_marks_nothing(own):
    app = mark(page())
    assert box(app, "text_input", "why").value == "" and box(app, "selectbox", "kind").value == "non-wear"
    assert box(app, "time_input", "from").value == time(12) and app.text_input(key="marks.who").value == "Ada"
    app = press(app)
    assert any("Expected a reason" in error.value for error in app.error) and len(own.marks(OWN)) == 1
    app = mark(app, why="the same minutes again")
    assert any("already marked this way, by Ada" in error.value for error in app.error) and len(own.marks(OWN)) == 1


def test_nothing_that_was_written_of_one_person_stands_in_the_form_of_the_next(own):
    app = page()
    box(app, "selectbox", "kind").select("exclude")
    box(app, "text_input", "why").input("of the walker alone").run()
    app.selectbox(key="box.person").select("other").run()
    assert box(app, "text_input", "why").value == "" and box(app, "selectbox", "kind").value == "non-wear" and not app.exception


def test_all_marks_of_the_cohort_can_be_taken_away_where_marks_are_listed(own):
    assert "Marks of all people (CSV)" not in labels(page())
    mark(page())
    assert "Marks of all people (CSV)" in labels(page("other")), "on the page of each of them"


def labels(app) -> list[str]:
    return [button.label for button in app.get("download_button")]


def test_the_page_draws_wear_and_says_what_it_was_judged_by(own):
    app = page()
    assert "Wear by Choi 2011" in said_by(app)
    figures = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert any("h worn" in spec for spec in figures)


def test_a_week_that_measured_nothing_has_no_valid_day_and_the_page_says_so(own):
    app = opened_at("pages/participant.py", look="wear", cohort=OWN, person="flat", methods="none")
    assert not app.exception
    assert "0 of 7 days with 10 hours of wear or more" in said_by(app) and "switched off" in said_by(app)


def test_waking_is_set_over_the_score_under_nights_and_taken_back(own):
    app = opened_at("pages/participant.py", look="nights", cohort=OWN, person="walker", methods="none")
    box(app, "selectbox", "set.kind").select("wake")
    box(app, "selectbox", "set.day").select_index(1)
    app.text_input(key="marks.set.who").input("Ada")
    box(app, "text_input", "set.why").input("heard them")
    app = next(button for button in app.button if button.label == "Set").click().run()
    (kept,) = own.marks(OWN)
    assert not app.exception and (kept.kind, kept.first, kept.end, kept.why) == ("wake", 1440 + 60, 1440 + 120, "heard them")
    assert "60 min to awake in place of the score" in said_by(app)
    box(app, "selectbox", "set.kind").select("sleep")
    box(app, "selectbox", "set.day").select_index(1)
    box(app, "text_input", "set.why").input("no, asleep")
    app = next(button for button in app.button if button.label == "Set").click().run()
    assert "Some of these minutes are marked as wake already" in app.error[0].value and len(own.marks(OWN)) == 1
    app = box(app, "button", "undo.do").click().run()
    assert not app.exception and not own.marks(OWN)[0].in_force and "in place of the score;" not in said_by(app)
