"""The maps on one person's page: which are offered, how they are asked for and refined, and what stands beside them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import streamlit as st

from pages.components.explain import map_quality_section
from pages.components.people import explanation_section, reading_aids
from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, Attribution, Week, WeekQuestion
from pat_core.weeks import report
from pat_core.workflows.explanations.scoreboard import verdict
from pat_core.workflows.explanations.week_maps import REFUSED
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.people.participant_week import week_view
from pat_core.workflows.receipts.receipt_check import check_receipt
from tests.app.made import OWN, look_at, opened_at, said_by

pytestmark = pytest.mark.usefixtures("seen_before")


def page(**address: str):
    return opened_at("pages/participant.py", **address)


def sheet_of(app) -> str:
    return next(chart for chart in app.get("plotly_chart") if chart.proto.id.endswith("-sheet")).proto.spec


def choose_methods(app, *names: str):
    return app.multiselect(key="box.methods").set_value(list(names)).run()


def test_methods_that_do_not_apply_are_not_offered_and_a_line_says_which_and_why():
    box, said = (app := page(model="random-small", person="sim-0029")).multiselect(key="box.methods"), said_by(app)
    assert "Attention rollout" in box.options and "Integrated gradients" not in box.options and "Plain gradient" not in box.options
    line = next(line for line in said.splitlines() if line.startswith("Not offered: "))
    assert "Integrated gradients; " in line and "Each explains a score, and this model has no trained head" in line
    assert not any(line.startswith("Not offered: ") for line in said_by(page(person="sim-0029")).splitlines())


def test_another_method_draws_another_figure_and_brings_its_own_settings():
    app = page(person="sim-0029")
    before = sheet_of(app)
    choose_methods(app, "authors", "occlusion_day")
    assert not app.exception and sheet_of(app) != before
    assert "Days replaced" in said_by(app)
    replaced = sheet_of(app)
    app.selectbox(key="box.replacement").select("own day").run()
    assert sheet_of(app) != replaced and "their joint effect" in said_by(look_at(app, "why"))
    assert [box.key for box in app.selectbox if box.key == "box.baseline"] == []


def test_another_baseline_draws_another_figure_and_its_caution_stands_by():
    app = page(person="sim-0029")
    before = sheet_of(app)
    app.selectbox(key="box.baseline").select("non-wear").run()
    assert not app.exception and sheet_of(app) != before
    assert "missing activity" in said_by(app) and "cannot be seen" in said_by(app)
    against_nobody = sheet_of(app)
    app.selectbox(key="box.baseline").select("another person").run()
    app.selectbox(key="box.baseline-person").select("sim-0003").run()
    assert sheet_of(app) != against_nobody and "sim-0003, week 1" in said_by(app)
    assert "sim-0029" not in app.selectbox(key="box.baseline-person").options


def test_the_block_is_asked_for_only_where_there_are_several():
    app = page(model="random-medium", person="sim-0029", methods="authors")
    before = sheet_of(app)
    app.selectbox(key="box.map-block").select("1").run()
    assert sheet_of(app) != before and "block 1 of 2" in said_by(app)
    small = page(model="random-small", person="sim-0029", methods="authors")
    assert [box.key for box in small.selectbox if str(box.key).startswith("box.map-block")] == []


@pytest.fixture
def interrupted(monkeypatch):
    """The refining never gets farther than its first sign of progress, as when a click ends the script."""

    def at(self, fraction, message):
        st.stop()

    monkeypatch.setattr(explanation_section.Line, "at", at)


def test_the_quick_map_is_drawn_at_once_and_stopping_leaves_it_and_says_that_it_is_not_refined(interrupted, tmp_path, monkeypatch):
    monkeypatch.setenv("PAT_WORKSPACE", str(tmp_path / "first look"))
    app = page(person="sim-0029")
    app.selectbox(key="box.baseline").select("non-wear").run()
    assert not app.exception
    assert sheet_of(app).count('"heatmap"') == 2, "the quick map stands while the rest is computed"
    assert explanation_section.NOT_REFINED in said_by(app)
    next(button for button in app.button if button.label == "Stop refining").click().run()
    assert "stopped. The quick map stays, and is not refined." in said_by(app)
    told = look_at(app, "receipt").json[0].value
    look_at(app, "week")
    done = check_receipt(told if isinstance(told, str) else json.dumps(told), Workspace())
    assert done.unchecked == ["How unusual the week is to the model: the receipt does not give it."], "it was not worked out yet"
    assert any("Integrated gradients: the map is the one kept here" in line for line in done.fits)
    assert sheet_of(app).count('"heatmap"') == 2
    assert explanation_section.NOT_REFINED in sheet_of(app).replace("\\u003cbr\\u003e", " ")  # its words are broken into lines
    assert "Stop refining" not in [button.label for button in app.button]
    app.selectbox(key="box.baseline").select("mean week").run()
    assert "stopped" not in said_by(app), "what was stopped was the other question"


def test_going_on_after_a_stop_refines_the_map(monkeypatch):
    with monkeypatch.context() as clicking:
        clicking.setattr(explanation_section.Line, "at", lambda *_: st.stop())
        app = page(person="sim-0029")
        app.selectbox(key="box.baseline").select("non-wear").run()
        next(button for button in app.button if button.label == "Stop refining").click().run()
    quick = sheet_of(app)
    next(button for button in app.button if button.label == "Go on").click().run()
    assert explanation_section.NOT_REFINED not in said_by(app) and "the 1 % that we hold to" not in said_by(app)
    assert sheet_of(app) != quick and not {"Stop refining", "Go on"} & {button.label for button in app.button}
    assert "the 1 % that we hold to" in said_by(look_at(app, "why"))


def test_a_slow_method_that_was_stopped_is_said_not_to_be_made(interrupted):
    app = choose_methods(page(person="sim-0029"), "rollout", "occlusion_hour")
    assert "Hours replaced: not made yet." in said_by(app) and sheet_of(app).count('"heatmap"') == 1
    next(button for button in app.button if button.label == "Stop refining").click().run()
    assert "Hours replaced: stopped." in said_by(app) and not app.exception


def test_a_looser_tolerance_is_said_beside_the_gap():
    app = page(person="sim-0029", look="why")
    app.segmented_control(key="box.tolerance").set_value("0.05").run()
    assert "the 5 % that was asked for" in said_by(app)


def test_how_a_method_did_elsewhere_stands_in_the_receipt_and_on_the_scoreboard_and_is_no_warning_by_its_map():
    app = page(person="sim-0029", look="why")
    assert not any("truth is known" in warning.value for warning in app.warning)
    assert "is shown on the scoreboard and in the receipt" in said_by(app)
    assert next(link for link in app.get("page_link") if link.proto.label == "Scoreboard").proto.query_string == "show=scoreboard"
    measured = {one["method"]: one["measured"] for one in json.loads(look_at(app, "receipt").json[0].value)["explanations"]}
    assert measured == {name: verdict(name, "small") for name in ("rollout", "integrated_gradients")} and all(measured.values())


def test_a_strong_window_that_was_not_worn_says_so_in_its_line_and_the_receipt_weighs_it(own):
    values, worn = own.week(OWN, "walker").values.copy(), np.ones(10080, bool)
    worn[2000:4000] = False
    start, found = own.week(OWN, "walker").start, report(values, COUNTS, worn)
    own.create_cohort("off", [Week("p", 0, values, start, True, COUNTS, "x", "start", found, worn)], {})
    app = page(cohort="off", model=MODEL, person="p", look="why")
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "Window" in frame.value)
    view = week_view(own, resolve(own, MODEL), WeekQuestion("off", "p"))
    assert view.nonwear[2000:4000].all()
    assert table["Wear"].str.contains("not worn").any() and "the column Wear says which" in said_by(app)
    look_at(app, "week")
    assert any("of 7 days have 10 hours of wear or more; this workspace asks for 7." in warning.value for warning in app.warning)
    look_at(app, "receipt")
    masses = [one["wear"] for one in json.loads(app.json[0].value)["explanations"]]
    assert all(abs(one["worn"] + one["not_worn"] + one["missing"] - 1) < 1e-6 and one["not_worn"] > 0 for one in masses)
    lies = next(one.value for one in app.table if "Not worn" in one.value)
    assert lies.loc["Minutes of the week", "Not worn"] == "20 %"


def test_a_quick_map_is_measured_by_the_tolerance_that_was_asked_for():
    quick = Attribution("integrated_gradients", "attribution", np.zeros(18), 18, 1.0, 0.05, {"tolerance": 0.1})
    assert "a gap of 5.00 %, NOT within the 2 % that was asked for" in map_quality_section.gap_words(quick, 0.02)
    assert "NOT within the 1 % that we hold to" in map_quality_section.gap_words(quick)


def test_the_map_of_a_refused_week_bears_the_warning_in_the_figure_itself(own):
    app = page(cohort=OWN, model=MODEL, person="flat")
    app.toggle(key=f"anyway.flat.0.{MODEL}").set_value(True).run()
    drawn = json.dumps(json.loads(sheet_of(app)), ensure_ascii=False).replace("<br>", " ")
    assert REFUSED in drawn and REFUSED in said_by(app)


def test_the_strongest_windows_the_evidence_and_the_agreement_stand_in_words():
    said = said_by(app := page(person="sim-0029", look="why"))
    assert "Activity that was there" in said and "activity that was missing" in said
    assert "of their strongest patches in common" in said and "random orders would share 5 %" in said
    table = next(frame.value for frame in app.dataframe if "Window" in frame.value)
    assert 1 <= len(table) <= 5 and table["Window"].str.contains("score by").all()
    one_block = said_by(choose_methods(app, "rollout", "authors"))
    assert "by algebra" in one_block and "in common" not in one_block


def test_a_chosen_window_says_where_it_is_outlined_and_what_is_in_it():
    app = page(person="sim-0029", look="why")
    view = week_view(Workspace(), resolve(Workspace(), MODEL), WeekQuestion(COHORT, "sim-0029"))
    made = Attribution("rollout", "attention", np.where(np.arange(10080) < 5040, 2, 0).astype(np.float32), 18)
    signed = Attribution("integrated_gradients", "attribution", np.full(10080, -1e-3, np.float32), 18)
    said = reading_aids.held_words(view, {"rollout": made, "integrated_gradients": signed}, 1440, 2952)
    assert "What is in here: mean activity" in said and "counts/min (whole week: " in said
    assert "Attention rollout: 30 % of the attention" in said and "Integrated gradients: \u22121.5 logits in sum" in said
    lane = reading_aids.outline_words(view, "midnight", 1500, 1600)
    assert lane == "Outlined under Week in violet, lane Tue." and "lane" not in reading_aids.outline_words(view, "timeline", 1500, 1600)
    assert "Choose a line to read what is in its window, and to outline it on the sheet under Week." in said_by(app)


def test_planted_evidence_can_be_asked_for_of_everybody_simulated_and_of_nobody_else(own):
    page()  # makes the demonstration
    people = {person.labels["late wake"]: person.participant for person in Workspace().people(COHORT)}
    nobody, somebody = people.pop("not planted"), people.popitem()[1]
    with_it = page(cohort=COHORT, person=somebody).toggle(key="box.planted").set_value(True).run()
    drawn, told = sheet_of(with_it), said_by(with_it)
    app = page(cohort=COHORT, person=nobody)
    assert app.toggle(key="box.planted").label == with_it.toggle(key="box.planted").label
    assert "Nothing is planted" not in said_by(app) + told and "Planted: late wake" in drawn
    app.toggle(key="box.planted").set_value(True).run()
    assert "Nothing is planted in this week." in said_by(app) and "Planted: " not in sheet_of(app)
    assert "box.planted" not in [toggle.key for toggle in page(cohort=OWN, person="walker").toggle]


def test_the_head_of_the_authors_map_opens_on_their_mean_and_another_head_is_another_map():
    app = choose_methods(page(person="sim-0029"), "authors")
    box = next(box for box in app.selectbox if str(box.key).startswith("box.map-head"))
    assert box.options[box.index] == "Mean over heads (as the authors)" and box.value is not None
    before = sheet_of(app)
    box.select("1").run()
    assert sheet_of(app) != before and not app.exception


def test_a_map_that_is_repeated_with_noise_says_how_steady_it_is():
    app = page(person="sim-0029", look="why")
    assert "Drawn again" not in said_by(app)
    app.button(key="ask.rollout").click().run()
    assert "Drawn again 3 times with small noise" in said_by(app) and not app.exception
