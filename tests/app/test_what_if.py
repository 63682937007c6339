"""The What-if page: another edit is another sentence, zero is exactly zero, and an unfit week is not read unasked."""

from __future__ import annotations

import json
import re
from datetime import datetime

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, Week
from pat_core.weeks import report
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.week.week_nights import week_nights
from tests.app.made import OWN, opened_at, said_by

pytestmark = pytest.mark.usefixtures("seen_before")


@pytest.fixture
def own(simulated) -> Workspace:
    """`walker` with a usual week, `flat` whose device measured nothing, `later` whose start is not known."""
    space = Workspace()
    start = datetime(2024, 1, 1)
    known = {"walker": (simulated.weeks[0], start), "flat": (np.zeros(10080, np.float32), start), "later": (simulated.weeks[2], None)}
    weeks = [Week(name, 0, values, begin, True, COUNTS, None, "start", report(values, COUNTS)) for name, (values, begin) in known.items()]
    space.create_cohort(OWN, weeks, {})
    return space


def page(**address: str):
    return opened_at("pages/what_if.py", **address)


def charts(app) -> dict[str, str]:
    """Key -> figure."""
    return {chart.proto.id.rsplit("-", 1)[-1]: chart.proto.spec for chart in app.get("plotly_chart")}


def mornings(person: str) -> int:
    """Nights of the table of this person of the demonstration that end within the week."""
    week = Workspace().week(COHORT, person)
    return sum(night.end < week.values.size for night in week_nights(week).report.nights)


def test_the_page_says_how_the_models_answer_changes_and_that_it_is_a_response():
    app = page(cohort=COHORT, person="sim-0003", model=MODEL)
    said = said_by(app)
    assert not app.exception and not app.error
    assert re.search(
        rf"With waking 90 minutes later on {mornings('sim-0003')} nights the model's logit would be \*\*\d+\.\d\d higher\*\*", said
    )
    assert "its response to an edited recording, not an effect on the person" in said
    assert "test people scored like the recording" in said and "95 % intervals" in said and "Simulated: nobody here exists" in said
    assert "more unusual than" in said and "the 39 other people of" in said
    assert {"whatif.curve", "whatif.before", "whatif.after"} <= set(charts(app))
    assert not re.search(r"\b(because|caused|causes|risk)\b", said)


def test_another_dose_and_another_edit_change_the_sentence_and_the_edited_week_alone():
    app = page(cohort=COHORT, person="sim-0003", model=MODEL)
    first = charts(app)
    app.select_slider(key="box.dose").set_value("-60").run()
    second = charts(app)
    assert f"With waking 60 minutes earlier on {mornings('sim-0003')} nights" in said_by(app)
    assert second["whatif.after"] != first["whatif.after"] and second["whatif.curve"] != first["whatif.curve"]
    app.selectbox(key="box.edit").select("damp_night").run()
    assert "With activity at rest damped by 100 %" in said_by(app) and not app.exception
    assert charts(app)["whatif.curve"] != second["whatif.curve"]


def test_a_dose_of_zero_is_said_to_change_nothing():
    app = page(cohort=COHORT, person="sim-0003", model=MODEL)
    app.select_slider(key="box.dose").set_value("0").run()
    assert "no minute changes, and the model's logit stays exactly as it is" in said_by(app)


def test_a_window_is_chosen_by_day_and_time_and_said_in_words():
    app = page(cohort=COHORT, person="sim-0003", model=MODEL)
    app.selectbox(key="box.edit").select("erase_bout").run()
    assert "With the activity in Tue, 14:00 to 16:00 erased by 100 %" in said_by(app)
    app.selectbox(key="box.day").select("3").run()
    app.selectbox(key="box.until").select("18:15").run()
    assert "With the activity in Wed, 14:00 to 18:15 erased by 100 %" in said_by(app) and not app.exception
    app.selectbox(key="box.edit").select("insert_nonwear").run()
    assert "With the device off for 8 hours from Wed, 14:00" in said_by(app)


def test_a_device_off_past_the_end_of_the_week_is_said_to_be_off_until_then_and_the_curve_leaves_it_out():
    app = page(cohort=COHORT, person="sim-0003", model=MODEL)
    app.selectbox(key="box.edit").select("insert_nonwear").run()
    app.selectbox(key="box.day").select("7").run()
    app.select_slider(key="box.dose").set_value("1440").run()
    said = said_by(app)
    assert "With the device off from Sun, 14:00 until the end (10 hours) the model's logit" in said
    assert "off for 24 hours" not in said and "Left out, because the recording ends before them: 12 hours, 18 hours, 24 hours." in said
    assert max(json.loads(charts(app)["whatif.curve"])["layout"]["xaxis"]["tickvals"]) == 480


SAID_OF_THE_EDITED_WEEK = {
    "Damp the nights": r"On \d nights the device shows .* without any movement",
    "Exchange weekend and weekdays": r"In the 24 hours from Tuesday .* probably not worn for 1 day",
}
"""What the input check finds in the edited week and not in the recorded one: nights without movement look like a device taken off, and this
person's device was off on a Saturday, which is then a Tuesday."""


def test_every_edit_opens_and_what_the_input_check_finds_in_the_edited_week_alone_is_said(own):
    app = page(cohort=COHORT, person="sim-0003", model=MODEL)
    for name in app.selectbox(key="box.edit").options:
        app.selectbox(key="box.edit").select(name).run()
        more = [warning.value for warning in app.warning[1:]]
        expected = [SAID_OF_THE_EDITED_WEEK[name]] if name in SAID_OF_THE_EDITED_WEEK else []
        assert not app.exception and len(more) == len(expected), (name, more)
        for said, pattern in zip(more, expected, strict=True):
            assert re.match(f"About the edited recording, the input check says: {pattern}", said), (name, said)
        assert "whatif.curve" in charts(app), name


def test_a_refused_week_is_not_read_until_the_reader_asks(own):
    app = page(cohort=OWN, model=MODEL, person="flat")
    app.selectbox(key="box.edit").select("insert_nonwear").run()
    said = said_by(app)
    assert "No edit of this week is read either" in said and "Every minute is zero" in said
    assert "logit would" not in said and "whatif.curve" not in charts(app)
    app.toggle(key=f"anyway.flat.0.{MODEL}").set_value(True).run()
    assert "says nothing about this person" in said_by(app) and "stays exactly as it is" in said_by(app)
    assert not app.exception


def test_what_a_week_does_not_allow_is_said_and_nothing_is_drawn(own):
    app = page(cohort=OWN, model=MODEL, person="later")
    app.selectbox(key="box.edit").select("swap_weekend").run()
    assert not app.exception and "does not say when it began" in said_by(app) and "whatif.curve" not in charts(app)
    app.selectbox(key="box.edit").select("erase_bout").run()
    assert "With the activity in Day 2, 14 h 0 min, 120 min long erased" in said_by(app)
    assert "How unusual this week is to the model cannot be said" in said_by(app)


def test_a_model_without_a_trained_head_is_not_offered_and_it_is_said_why(own):
    app = page(cohort=COHORT, person="sim-0003", model="random-small")
    assert any("no trained head" in warning.value for warning in app.warning)
    assert app.selectbox(key="box.model").value == MODEL
