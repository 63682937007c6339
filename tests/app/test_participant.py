"""One person's page: what stands in the address is shown, and what is not here is said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
import streamlit as st

from pages.components import aids, explained, trusted, words
from pages.components.guards import model_words
from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, Attribution, Prediction, Week
from pat_core.weeks import report
from pat_core.workflows import ModelEntry, resolve, week_view
from pat_core.workflows.checking import check_receipt
from pat_core.workflows.demo import COHORT, MODEL
from pat_core.workflows.explaining import REFUSED
from tests.app.test_every_page import opened

OWN = "Own people"
START = datetime(2024, 1, 1)


@pytest.fixture
def own(simulated) -> Workspace:
    """A cohort that counts as real: `walker` with the weeks 1, 2 and 4, `flat` whose device measured nothing."""
    space = Workspace()
    weeks = {("walker", 0): 0, ("walker", 1): 1, ("walker", 3): 2, ("flat", 0): None, ("other", 0): 3}
    made = []
    for (person, index), row in weeks.items():
        values = np.zeros(10080, np.float32) if row is None else simulated.weeks[row]
        made.append(Week(person, index, values, START, True, COUNTS, "wristband", "start", report(values, COUNTS)))
    space.create_cohort(OWN, made, {"walker": {"sex": "f"}, "other": {"sex": "m"}})
    return space


def said_by(app) -> str:
    return "\n".join(str(part.value) for part in [*app.main.markdown, *app.main.caption, *app.warning, *app.info, *app.error])


def page(**address: str):
    app = opened("pages/participant.py")
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def text(app) -> str:
    return " ".join(str(part.value) for part in [*app.main.markdown, *app.main.caption, *app.warning, *app.info])


def test_the_address_opens_that_person_with_that_model():
    app = page(cohort=COHORT, person="sim-0029", model=MODEL)
    assert app.selectbox(key="box.person").value == "sim-0029"
    assert app.selectbox(key="box.model").value == MODEL
    assert not app.exception


def test_a_person_who_is_not_here_is_said_and_never_shown_as_another():
    app = page(person="somebody-else")
    assert any("“somebody-else” is not among" in warning.value for warning in app.warning)


def test_choosing_another_person_changes_the_address_and_the_figure():
    app = page(person="sim-0029")
    before = app.get("plotly_chart")[-1].proto.spec
    app.selectbox(key="box.person").select("sim-0003").run()
    assert app.query_params["person"] in ("sim-0003", ["sim-0003"])
    assert app.get("plotly_chart")[-1].proto.spec != before


def test_next_and_previous_walk_through_the_cohort():
    app = page(person="sim-0001")
    buttons = {button.label: button for button in app.button}
    assert buttons["Previous"].disabled
    buttons["Next"].click().run()
    assert app.selectbox(key="box.person").value == "sim-0002"


def test_the_prediction_stands_with_its_interval_the_test_score_and_the_word_simulated():
    said = text(page(person="sim-0029"))
    expected = (
        "Among 100 simulated people scored like this one", "people in the test set", "interval", "Test AUC", "Prevalence where it",
        "Simulated", "before correction", "not the published PAT",
    )  # fmt: skip
    assert [words for words in expected if words not in said] == []


def test_every_gap_is_stated():
    assert "a gap of" in text(page(person="sim-0029"))


@pytest.mark.parametrize("view", ["noon", "midnight", "timeline"])
def test_each_view_draws_both_explanations(view):
    app = page(person="sim-0029")
    app.selectbox(key="box.view").select(view).run()
    assert not app.exception
    sheet = next(chart for chart in app.get("plotly_chart") if chart.proto.id.endswith("-sheet"))
    assert sheet.proto.spec.count('"heatmap"') == 2
    assert app.query_params["view"] in (view, [view]), "the address does not say which view"


def test_a_model_or_week_that_is_not_here_is_said_with_what_is_shown_instead():
    app = page(cohort=COHORT, model="gone", person="sim-0003", week="9")
    said = [warning.value for warning in app.warning]
    assert any("“gone”, which is not here. This is demo-late-wake" in words for words in said)
    assert "sim-0003 has no week 9. This is Week 1." in said and not app.exception
    app.selectbox(key="box.view").select("timeline").run()
    assert any("no week 9" in warning.value for warning in app.warning), "what was swapped stays said"


def test_another_person_begins_at_their_first_week_with_the_models_own_comparison(own):
    app = page(cohort=OWN, model=MODEL, person="walker", week="4", standardizer="model")
    assert app.selectbox(key="box.week").value == "4"
    next(button for button in app.button if button.label == "Next").click().run()
    assert app.selectbox(key="box.person").value != "walker" and app.selectbox(key="box.week").value == "1"
    app.selectbox(key="box.person").select("walker").run()
    assert app.selectbox(key="box.week").value == "1" and app.query_params["week"] in ("1", ["1"])
    app.selectbox(key="box.week").select("2").run()
    assert app.selectbox(key="box.person").value == "walker" and app.query_params["week"] in ("2", ["2"])


def test_another_cohort_does_not_take_over_somebody_of_the_same_name(own):
    app = page(cohort=COHORT, person="sim-0029")
    app.selectbox(key="box.cohort").select(OWN).run()
    assert app.selectbox(key="box.person").value in ("walker", "flat", "other")
    assert not any("not among" in warning.value for warning in app.warning)


def test_a_refused_week_has_no_probability_until_the_reader_asks_and_then_a_warning_stands_by_it(own):
    app = page(cohort=OWN, model=MODEL, person="flat")
    said = said_by(app)
    assert "No probability is shown" in said and "Every minute is zero" in said
    assert "Probability " not in said and "heatmap" not in "".join(chart.proto.spec for chart in app.get("plotly_chart"))
    app.toggle(key=f"anyway.flat.0.{MODEL}").set_value(True).run()
    assert not app.exception
    assert "no statement about this person" in said_by(app) and "before correction" in said_by(app)
    assert "No probability is shown" not in said_by(app) and "What the model answers all the same is shown, as you asked" in said_by(app)
    assert "Among 100" not in said_by(app)
    assert sum(chart.proto.spec.count('"heatmap"') for chart in app.get("plotly_chart")) == 2


def test_a_model_tested_on_simulated_people_makes_no_sentence_about_real_ones_and_says_why(own):
    said = said_by(page(cohort=OWN, model=MODEL, person="walker"))
    assert "Among 100" not in said and "own probability of" in said
    assert "what became of real people scored like this one is unknown" in said
    assert "another device" not in said or "wristband" in said


def test_where_weeks_begin_and_a_date_that_is_not_given_are_said(own):
    assert "Weeks begin at the recording's first minute." in said_by(page(cohort=OWN, person="walker"))
    simulated = said_by(page(cohort=COHORT, person="sim-0029"))
    assert "Weeks begin at midnight." in simulated and "date not given" in simulated


def test_a_person_who_was_removed_and_a_cohort_that_went_away_are_said(own):
    app = page(cohort=OWN, person="walker")
    own.delete_cohort(OWN)
    app.run()
    assert not app.exception
    assert any(f"“{OWN}” is not here any more" in warning.value for warning in app.warning)


def entry(**card) -> ModelEntry:
    return ModelEntry("mine", "mine", card.pop("origin", "own"), "small", "linear", True, True, "0", card)


def test_class_weighting_is_claimed_of_models_whose_training_is_known_alone():
    made = Prediction("P", 0, 1.0, 0.731, 0.644, 0.4)
    assert "weighs both groups alike" in words.probability_words(made, entry(style="full", prevalence=0.4))
    assert "weighs" not in words.probability_words(made, entry(prevalence=0.4))
    bare = words.probability_words(replace(made, probability=None, prevalence=None), entry())
    assert bare == (
        "The model's own probability of a group that its file does not name: 73 % as the model gives it; "
        "no prevalence is known to correct it with."
    )


def test_a_random_encoder_under_a_trained_head_is_told_by_its_name():
    assert model_words(entry(encoder_trained=False, simulated=True)) == "mine (small, random encoder, for comparison only)"
    assert model_words(entry(encoder_trained=True)) == "mine (small)"


def test_a_probability_that_rounds_to_all_or_none_is_no_certainty():
    assert [words.percent(share) for share in (0.0, 0.004, 0.312, 0.997, 1.0)] == ["0 %", "under 1 %", "31 %", "over 99 %", "100 %"]


def test_an_encoder_without_a_head_is_read_as_attention_alone():
    app = page(model="random-small", person="sim-0029")
    said = said_by(app)
    assert "This is where the model attended: the model's response" in said and "raised or lowered" not in said
    assert "Integrated gradients" not in said.replace(next(line for line in said.splitlines() if line.startswith("Not offered: ")), "")


def test_methods_that_do_not_apply_are_not_offered_and_a_line_says_which_and_why():
    box, said = (app := page(model="random-small", person="sim-0029")).multiselect(key="sheet.methods"), said_by(app)
    assert "Attention rollout" in box.options and "Integrated gradients" not in box.options and "Plain gradient" not in box.options
    line = next(line for line in said.splitlines() if line.startswith("Not offered: "))
    assert "Integrated gradients; " in line and "Each explains a score, and this model has no trained head" in line
    assert "Not offered" not in said_by(page(person="sim-0029"))


def sheet_of(app) -> str:
    return next(chart for chart in app.get("plotly_chart") if chart.proto.id.endswith("-sheet")).proto.spec


def choose_methods(app, *names: str):
    return app.multiselect(key="sheet.methods").set_value(list(names)).run()


def test_another_method_draws_another_figure_and_brings_its_own_settings():
    app = page(person="sim-0029")
    before = sheet_of(app)
    choose_methods(app, "authors", "occlusion_day")
    assert not app.exception and sheet_of(app) != before
    assert "Days replaced" in said_by(app) and "what they do together" in said_by(app)
    replaced = sheet_of(app)
    app.selectbox(key="sheet.replacement").select("own day").run()
    assert sheet_of(app) != replaced
    assert [box.key for box in app.selectbox if box.key == "sheet.baseline"] == []


def test_another_baseline_draws_another_figure_and_its_caution_stands_by():
    app = page(person="sim-0029")
    before = sheet_of(app)
    app.selectbox(key="sheet.baseline").select("non-wear").run()
    assert not app.exception and sheet_of(app) != before
    assert "missing activity" in said_by(app) and "cannot be seen" in said_by(app)
    against_nobody = sheet_of(app)
    app.selectbox(key="sheet.baseline").select("another person").run()
    app.selectbox(key="sheet.other").select("sim-0003").run()
    assert sheet_of(app) != against_nobody and "sim-0003, week 1" in said_by(app)
    assert "sim-0029" not in app.selectbox(key="sheet.other").options


def test_the_block_is_asked_for_only_where_there_are_several():
    app = choose_methods(page(model="random-medium", person="sim-0029"), "authors")
    before = sheet_of(app)
    app.selectbox(key="sheet.block.random-medium").select(0).run()
    assert sheet_of(app) != before and "block 1 of 2" in said_by(app)
    small = choose_methods(page(model="random-small", person="sim-0029"), "authors")
    assert [box.key for box in small.selectbox if str(box.key).startswith("sheet.block")] == []


@pytest.fixture
def interrupted(monkeypatch):
    """The refining never gets farther than its first sign of progress, as when a click ends the script."""

    def at(self, fraction, message):
        st.stop()

    monkeypatch.setattr(explained.Line, "at", at)


def test_the_quick_map_is_drawn_at_once_and_stopping_leaves_it_and_says_that_it_is_not_refined(interrupted):
    app = page(person="sim-0029")
    app.selectbox(key="sheet.baseline").select("non-wear").run()
    assert not app.exception
    assert sheet_of(app).count('"heatmap"') == 2, "the quick map stands while the rest is computed"
    assert explained.NOT_REFINED in said_by(app)
    next(button for button in app.button if button.label == "Stop refining").click().run()
    assert "stopped. The quick map stays, and is not refined." in said_by(app)
    told = app.json[0].value
    done = check_receipt(told if isinstance(told, str) else json.dumps(told), Workspace())
    assert done.unchecked == ["How unusual the week is to the model: the receipt does not tell it."], "it was not worked out yet"
    assert any("Integrated gradients: the map is the one kept here" in line for line in done.fits)
    assert sheet_of(app).count('"heatmap"') == 2 and explained.NOT_REFINED in sheet_of(app)
    assert "Stop refining" not in [button.label for button in app.button]
    app.selectbox(key="sheet.baseline").select("mean week").run()
    assert "stopped" not in said_by(app), "what was stopped was the other question"


def test_going_on_after_a_stop_refines_the_map(monkeypatch):
    with monkeypatch.context() as clicking:
        clicking.setattr(explained.Line, "at", lambda *_: st.stop())
        app = page(person="sim-0029")
        app.selectbox(key="sheet.baseline").select("non-wear").run()
        next(button for button in app.button if button.label == "Stop refining").click().run()
    quick = sheet_of(app)
    next(button for button in app.button if button.label == "Go on").click().run()
    assert explained.NOT_REFINED not in said_by(app) and "the 1 % that we hold to" in said_by(app)
    assert sheet_of(app) != quick and not {"Stop refining", "Go on"} & {button.label for button in app.button}


def test_a_slow_method_that_was_stopped_is_said_not_to_be_made(interrupted):
    app = choose_methods(page(person="sim-0029"), "rollout", "occlusion_hour")
    assert "Hours replaced: not made yet." in said_by(app) and sheet_of(app).count('"heatmap"') == 1
    next(button for button in app.button if button.label == "Stop refining").click().run()
    assert "Hours replaced: stopped." in said_by(app) and not app.exception


def test_a_looser_tolerance_is_said_beside_the_gap():
    app = page(person="sim-0029")
    app.segmented_control(key="sheet.tolerance").set_value(0.05).run()
    assert "the 5 % that was asked for" in said_by(app)


def test_a_method_that_fails_a_target_is_shown_as_failing_beside_its_map(monkeypatch):
    short = {"rollout": "On simulated people whose truth is known this method falls short: it does so here."}
    monkeypatch.setattr(trusted, "verdict", lambda method, size: short.get(method, "It met every target."))
    monkeypatch.setattr(trusted, "falls_short", lambda method, size: method in short)
    app = page(person="sim-0029")
    assert f"Attention rollout: {short['rollout']}" in [warning.value for warning in app.warning]
    assert any("Integrated gradients" in part.value and "It met every target." in part.value for part in app.main.markdown)


def test_a_quick_map_is_measured_by_the_tolerance_that_was_asked_for():
    quick = Attribution("integrated_gradients", "attribution", np.zeros(18), 18, 1.0, 0.05, {"tolerance": 0.1})
    assert "a gap of 5.00 %, NOT within the 2 % that was asked for" in trusted.gap_words(quick, 0.02)
    assert "NOT within the 1 % that we hold to" in trusted.gap_words(quick)


def test_the_map_of_a_refused_week_bears_the_warning_in_the_figure_itself(own):
    app = page(cohort=OWN, model=MODEL, person="flat")
    app.toggle(key=f"anyway.flat.0.{MODEL}").set_value(True).run()
    drawn = json.dumps(json.loads(sheet_of(app)), ensure_ascii=False).replace("<br>", " ")
    assert REFUSED in drawn and REFUSED in said_by(app)


def test_the_strongest_windows_the_evidence_and_the_agreement_stand_in_words():
    said = said_by(app := page(person="sim-0029"))
    assert "Activity that was there" in said and "activity that was missing" in said
    assert "of their strongest patches in common" in said and "random orders would share 5 %" in said
    table = next(frame.value for frame in app.dataframe if "Window" in frame.value)
    assert 1 <= len(table) <= 5 and table["Window"].str.contains("score by").all()
    one_block = said_by(choose_methods(app, "rollout", "authors"))
    assert "by algebra" in one_block and "in common" not in one_block


def test_a_chosen_window_says_where_it_is_outlined_and_what_is_in_it():
    app = page(person="sim-0029")
    view = week_view(Workspace(), resolve(Workspace(), MODEL), COHORT, "sim-0029")
    made = Attribution("rollout", "attention", np.where(np.arange(10080) < 5040, 2, 0).astype(np.float32), 18)
    signed = Attribution("integrated_gradients", "attribution", np.full(10080, -1e-3, np.float32), 18)
    said = aids.held_words(view, {"rollout": made, "integrated_gradients": signed}, 1440, 2952)
    assert "What is in here: mean activity" in said and "counts/min (whole week: " in said
    assert "Attention rollout: 30 % of the attention" in said and "Integrated gradients: \u22121.5 logits in sum" in said
    lane = aids.outline_words(view, "midnight", 1500, 1600)
    assert lane == "Outlined above in violet, lane Tue." and "lane" not in aids.outline_words(view, "timeline", 1500, 1600)
    assert "Choose a line to outline its window on the sheet above, and to read what is in it." in said_by(app)


def test_planted_evidence_can_be_asked_for_of_everybody_simulated_and_of_nobody_else(own):
    page()  # makes the demonstration
    people = {person.labels["late wake"]: person.participant for person in Workspace().people(COHORT)}
    nobody, somebody = people.pop("not planted"), people.popitem()[1]
    with_it = page(cohort=COHORT, person=somebody).toggle(key="sheet.truth").set_value(True).run()
    drawn, told = sheet_of(with_it), said_by(with_it)
    app = page(cohort=COHORT, person=nobody)
    assert app.toggle(key="sheet.truth").label == with_it.toggle(key="sheet.truth").label
    assert "Nothing is planted" not in said_by(app) + told and "Planted: late wake" in drawn
    app.toggle(key="sheet.truth").set_value(True).run()
    assert "Nothing is planted in this week." in said_by(app) and "Planted: " not in sheet_of(app)
    assert "sheet.truth" not in [toggle.key for toggle in page(cohort=OWN, person="walker").toggle]


def test_the_head_of_the_authors_map_opens_on_their_mean_and_another_head_is_another_map():
    app = choose_methods(page(person="sim-0029"), "authors")
    box = next(box for box in app.selectbox if str(box.key).startswith("sheet.head"))
    assert box.options[box.index] == "Mean over heads (as the authors)" and box.value is not None
    before = sheet_of(app)
    box.select(0).run()
    assert sheet_of(app) != before and not app.exception


def test_negative_numbers_in_sentences_have_a_true_minus_and_hyphens_in_words_stay():
    assert [words.number(value, 3, True) for value in (-1.816, 2.0, -0.0001)] == ["\u22121.816", "+2.000", "0.000"]
    assert words.minus("of -0.42 (-1 to -.5), sim-0029 on 2024-05-07, 20-30") == (
        "of \u22120.42 (\u22121 to \u2212.5), sim-0029 on 2024-05-07, 20-30"
    )
    low = Attribution("integrated_gradients", "attribution", np.zeros(18), 18, -1.816, 0.001, {})
    assert "sum to \u22121.815 logits; the score changed by \u22121.816" in trusted.gap_words(low)


def test_how_unusual_the_week_is_stands_before_the_map():
    assert "less usual than" in said_by(page(person="sim-0029"))


def test_a_map_that_is_repeated_with_noise_says_how_steady_it_is():
    app = page(person="sim-0029")
    assert "Drawn again" not in said_by(app)
    app.button(key="ask.rollout").click().run()
    assert "Drawn again 3 times with small noise" in said_by(app) and not app.exception


def test_a_receipt_can_be_checked_on_the_page_and_an_altered_one_is_refused_there():
    app = page(person="sim-0029")
    told = app.json[0].value
    text = told if isinstance(told, str) else json.dumps(told)
    app.file_uploader(key="receipt.check").upload("receipt.json", text.encode(), "application/json").run()
    assert "Nothing in this receipt contradicts what is here" in " ".join(part.value for part in app.success)
    altered = text.replace("sim-0029", "sim-0003")
    app.file_uploader(key="receipt.check").upload("receipt.json", altered.encode(), "application/json").run()
    assert any("This receipt does not fit" in error.value for error in app.error)


def test_an_untrained_model_says_so_and_gives_no_prediction():
    app = page(model="random-small", person="sim-0029")
    assert any("random and untrained" in error.value for error in app.error)
    assert "Among 100" not in text(app) and "no trained head" in text(app)
