"""One person's page: what stands in the address is shown, and what is not here is said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from pages.components.explain import map_quality_section
from pages.components.shared import sentences as words
from pages.components.shared.guards import model_words
from pat_core.cohorts import Workspace
from pat_core.records import Attribution, Prediction
from pat_core.reports.answer_files import prediction_table
from pat_core.workflows.models.answers import FREQUENCY, RANK, RECALIBRATED, Answer, Wish
from pat_core.workflows.models.model_entries import ModelEntry, resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.models.similar_scores import BesideTest
from pat_core.workflows.people.demo import COHORT, MODEL
from tests.app.made import OWN, look_at, opened_at, said_by

pytestmark = pytest.mark.usefixtures("seen_before")


def page(**address: str):
    return opened_at("pages/participant.py", **address)


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
        "Among 100 simulated people scored like this one",
        "people in the test set",
        "interval",
        "Test AUC",
        "of the people, in this sample (case-control)",
        "Simulated",
        "logits, the model's raw output",
        "not the published PAT",
    )
    assert [words for words in expected if words not in said] == []


def test_every_gap_is_stated():
    assert "a gap of" in text(page(person="sim-0029", look="why"))


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
    assert any("“gone”, which is not here. Showing demo-late-wake" in words for words in said)
    assert "sim-0003 has no week 9. Showing Week 1." in said and not app.exception
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
    assert "No answer is shown" in said and "Every minute is zero" in said
    assert "Probability " not in said and "heatmap" not in "".join(chart.proto.spec for chart in app.get("plotly_chart"))
    app.toggle(key=f"anyway.flat.0.{MODEL}").set_value(True).run()
    assert not app.exception
    assert "says nothing about this person" in said_by(app) and "The model's score of this week is" in said_by(app)
    assert "No answer is shown" not in said_by(app) and "What the model answers anyway is shown, as you asked" in said_by(app)
    assert "Among 100" not in said_by(app)
    assert sum(chart.proto.spec.count('"heatmap"') for chart in app.get("plotly_chart")) == 2


def test_a_model_tested_on_simulated_people_makes_no_sentence_about_real_ones_and_says_why(own):
    said = said_by(page(cohort=OWN, model=MODEL, person="walker"))
    assert "Among 100" not in said and "own probability of" not in said and "The model's score of this week is" in said
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


def test_every_kind_of_answer_is_a_sentence_and_only_a_share_of_people_or_one_borne_out_names_a_percentage():
    card = {"label": "sleep", "positive": "poor", "negative": "good"}
    alike = Answer(0.55, 0.41, 0.68, 20, FREQUENCY, prevalence=0.4)
    assert words.answer_sentence(alike, entry(**card), 10_080) == (
        "Among 100 people scored like this one, about 55 were in the group “sleep: poor” (interval 41 to 68, from 20 people in the test "
        "set who scored nearest). That is in this sample (case-control), where the group is 40 in 100."
    )
    stated = Answer(0.06, 0.03, 0.1, 120, RECALIBRATED, "Platt", prevalence=0.05, stated=True)
    assert words.answer_sentence(stated, entry(**card), 10_080) == (
        "Of 1,000 people scored like this one, where the group “sleep: poor” is 5 in 100, about 60 are in it (interval 30 to 100, "
        "recalibrated by Platt on the 120 people of the test)."
    )
    one = words.answer_sentence(replace(alike, value=0.01, low=0.0), entry(**card), 10_080)
    assert one.startswith("Among 100 people scored like this one, about 1 was in the group")
    one = words.answer_sentence(replace(stated, value=0.001, low=0.0), entry(**card), 10_080)
    assert "where the group “sleep: poor” is 5 in 100, about 1 is in it" in one
    rank = words.answer_sentence(Answer(41 / 60, n=60, what=RANK, below=41), entry(**card), 10_080)
    assert rank.startswith("This week scores higher than 41 of the 60 people whom the model was tested on.") and "%" not in rank
    score = words.answer_sentence(Answer(-1.25), entry(), 10_080)
    assert score == "The model's score of this week is \u22121.25 logits. A higher score is more like a group that its file does not name."
    for minutes, name in ((3 * 1440, "3-day window"), (14 * 1440, "14-day window"), (5000, "window")):
        assert words.answer_sentence(Answer(-1.25), entry(), minutes).startswith(f"The model's score of this {name} is")
        told = words.answer_sentence(Answer(41 / 60, n=60, what=RANK, below=41), entry(**card), minutes)
        assert told.startswith(f"This {name} scores higher than 41 of the 60")
    lines = words.figure_lines(Prediction("P", 0, 1.0, 0.731, 0.644, 0.4), BesideTest(1.0, below=3, tested=9), Wish())
    assert len(lines) == 2 and not any("%" in line for line in lines)


def test_the_prevalence_of_the_readers_setting_stands_in_the_address_and_moves_the_sentence_and_the_picture():
    app = page(cohort=COHORT, model=MODEL, person="sim-0005")
    assert "in this sample (case-control)" in said_by(app)
    app.number_input(key="box.prevalence").set_value(5.0).run()
    assert not app.exception and "Of 1,000 people scored like this one, where the group" in said_by(app)
    assert app.query_params["prevalence"] == "5.0"
    app.selectbox(key="box.as").select("platt").run()
    assert "recalibrated by Platt on the 120 simulated people" in said_by(app) and app.query_params["as"] == "platt"
    look_at(app, "receipt")
    assert json.loads(app.json[0].value)["wish"] == {"way": "platt", "prevalence": 0.05}
    assert "recalibrated by Platt" in said_by(app) and app.query_params["as"] == "platt", "the answer stands in a line there"
    opened = page(cohort=COHORT, model=MODEL, person="sim-0005", prevalence="5.0", **{"as": "rank"})
    assert "of the 120 simulated people whom the model was tested on" in said_by(opened)


def test_one_number_stands_in_the_list_the_sentence_the_picture_what_if_two_people_the_receipt_and_the_file():
    app = page(look="receipt", cohort=COHORT, model=MODEL, person="sim-0005")
    receipt = json.loads(app.json[0].value)
    look_at(app, "week")
    answer = receipt["answer"]
    number, told = f"{100 * answer['value']:.0f}", "{:.0f} ({:.0f} to {:.0f})".format(*(100 * answer[n] for n in ("value", "low", "high")))
    sentence = f"about {number} were in the group"
    assert sentence in said_by(app) and answer["what"] == "share of test people who scored alike"
    dot = next(chart for chart in app.get("plotly_chart") if chart.proto.id.endswith("-prediction")).proto.spec
    assert f"<b>{number}</b>" in json.dumps(json.loads(dot))
    listed = opened_at("pages/participants.py", cohort=COHORT, model=MODEL, find="sim-0005").dataframe[0].value
    assert listed["Answer"].tolist() == [told]
    assert f"scored like the recording: {told};" in said_by(opened_at("pages/what_if.py", cohort=COHORT, model=MODEL, person="sim-0005"))
    pair = opened_at("pages/explain.py", show="people", cohort=COHORT, model=MODEL, person="sim-0005", other="sim-0003")
    assert sentence in said_by(pair)
    table = prediction_table(predict_cohort(Workspace(), resolve(Workspace(), MODEL), COHORT)).set_index("participant")
    row = table.loc["sim-0005"]
    assert (row["answer"], row["answer_low"], row["answer_people"]) == (answer["value"], answer["low"], answer["n"])
    assert row["answer_is"] == answer["what"]


def test_own_labels_stand_in_the_head_and_the_known_outcome_waits_for_a_toggle():
    app = page(cohort=COHORT, model=MODEL, person="sim-0029")
    assert "weekend nap: " in said_by(app) and "late wake: planted." not in said_by(app)
    app.toggle(key=next(box.key for box in app.toggle if box.label == "Show the known outcome")).set_value(True).run()
    assert "Known about this person: late wake: " in said_by(app)
    assert not any("outcome" in name for name in app.query_params)


def test_a_random_encoder_under_a_trained_head_is_told_by_its_name():
    assert model_words(entry(encoder_trained=False, simulated=True)) == "mine (small, random encoder, for comparison only)"
    assert model_words(entry(encoder_trained=True)) == "mine (small)"


def test_a_probability_that_rounds_to_all_or_none_is_no_certainty():
    assert [words.percent(share) for share in (0.0, 0.004, 0.312, 0.997, 1.0)] == ["0 %", "under 1 %", "31 %", "over 99 %", "100 %"]


def test_an_encoder_without_a_head_is_read_as_attention_alone():
    said = said_by(page(model="random-small", person="sim-0029", look="why"))
    assert "This is where the model attended: the model's response" in said and "raised or lowered" not in said
    assert "Integrated gradients" not in said


def test_negative_numbers_in_sentences_have_a_true_minus_and_hyphens_in_words_stay():
    assert [words.number(value, 3, True) for value in (-1.816, 2.0, -0.0001)] == ["\u22121.816", "+2.000", "0.000"]
    assert words.minus("of -0.42 (-1 to -.5), sim-0029 on 2024-05-07, 20-30") == (
        "of \u22120.42 (\u22121 to \u2212.5), sim-0029 on 2024-05-07, 20-30"
    )
    low = Attribution("integrated_gradients", "attribution", np.zeros(18), 18, -1.816, 0.001, {})
    assert "sum to \u22121.815 logits; the score changed by \u22121.816" in map_quality_section.gap_words(low)


def test_how_unusual_the_week_is_stands_before_the_map():
    assert "more unusual than" in said_by(page(person="sim-0029"))


def test_a_receipt_can_be_checked_on_the_page_and_an_altered_one_is_refused_there():
    app = page(look="receipt", person="sim-0029")
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


def test_only_the_tab_that_is_open_is_drawn_and_it_stands_in_the_address():
    app = page(person="sim-0029")
    assert (
        not {"Nights", "Mean day and rhythm", "Strongest windows"} & {one.value for one in app.subheader} and "look" not in app.query_params
    )
    look_at(app, "nights")
    assert not app.exception and "Nights" in {one.value for one in app.subheader} and app.query_params["look"] == "nights"
    assert not [chart for chart in app.get("plotly_chart") if chart.proto.id.endswith("-sheet")]
    app.button(key=next(button.key for button in app.button if button.label == "Next")).click().run()
    assert app.query_params["look"] == "nights", "the next person opens at the same tab"
    look_at(app, "week")
    assert "look" not in app.query_params and [chart for chart in app.get("plotly_chart") if chart.proto.id.endswith("-sheet")]


def test_every_tab_of_a_refused_week_says_that_it_is_refused_where_the_model_has_a_part(own):
    for tab, of_the_model in {"week": True, "why": True, "nights": False, "rhythm": False, "wear": False, "receipt": True}.items():
        app = page(cohort=OWN, model=MODEL, person="flat", look=tab)
        assert not app.exception and ("No answer is shown" in said_by(app)) == of_the_model, tab
