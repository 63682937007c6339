"""Sleep and rhythm on one person's page: table, picture, score, downloads, and a sentence where nights do not hold."""

from __future__ import annotations

import json

import pytest

from pat_core.cohorts import Workspace
from pat_core.figures.palette import figures
from pat_core.records import COUNTS, MIMS, Period, Week
from pat_core.weeks import report
from pat_core.workflows.week.week_nights import week_nights, week_rhythm
from tests.app.made import OWN, look_at, opened_at, said_by

pytestmark = pytest.mark.usefixtures("seen_before")


def page(cohort: str = OWN, person: str = "walker", look: str = "nights"):
    """Without maps, which no test of this file is about."""
    return opened_at("pages/participant.py", cohort=cohort, person=person, methods="none", look=look)


def score_of(app):
    return next(one for one in app.get("button_group") if one.key == "box.score")


def nights_of(app):
    return next(frame.value for frame in app.dataframe if "Asleep (h)" in frame.value)


def test_the_nights_of_the_engine_stand_in_the_table_with_mean_and_deviation_and_a_chosen_score_changes_them(own):
    app = page()
    assert not app.exception and "Nights" in {one.value for one in app.subheader}
    found = week_nights(own.week(OWN, "walker", 0))
    table = nights_of(app)
    assert list(table["Bedtime"])[: len(found.report.nights)] == [f"{night.bedtime:%H:%M}" for night in found.report.nights]
    assert table["Night"].iloc[-2] == f"Mean of {found.report.summary.nights}" and table["Night"].iloc[-1] == "SD"
    said = said_by(app)
    assert "Sleep is scored by Cole-Kripke" in said and "Estimates from movement" in said and "Social jetlag" in said
    assert score_of(app).value == "cole_kripke" and "score" not in app.query_params
    score_of(app).set_value("sadeh").run()
    assert not app.exception and "Sleep is scored by Sadeh" in said_by(app)
    sadeh = week_nights(own.week(OWN, "walker", 0), "sadeh")
    assert [row.split(":") for row in nights_of(app)["Asleep (h)"][: len(sadeh.report.nights)]] == [
        [str(night.sleep // 60), f"{night.sleep % 60:02d}"] for night in sadeh.report.nights
    ]


def test_a_chosen_score_stands_in_the_address_and_is_there_again_after_another_page(own):
    app = page()
    score_of(app).set_value("sadeh").run()
    assert app.query_params["score"] in ("sadeh", ["sadeh"])
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/participant.py").run()
    assert not app.exception and "Sleep is scored by Sadeh" in said_by(app)
    opened = opened_at("pages/participant.py", cohort=OWN, person="other", score="sadeh", methods="none", look="nights")
    assert score_of(opened).value == "sadeh" and "Sleep is scored by Sadeh" in said_by(opened)
    score_of(opened).set_value("cole_kripke").run()
    assert "score" not in opened.query_params and "Sleep is scored by Cole-Kripke" in said_by(opened)


def shaded(app, key: str) -> str:
    """Where the estimated rest begins and ends in the sheet of this key."""
    spec = next(chart for chart in app.get("plotly_chart") if chart.proto.id.endswith(f"-{key}")).proto.spec
    return json.dumps([trace["x"] for trace in json.loads(spec)["data"] if trace.get("name") == "sleep"])


def test_the_chosen_score_tells_the_same_rest_on_every_page_that_shades_it(own):
    app = page(look="week")
    by_device = shaded(app, "sheet")
    score_of(look_at(app, "nights")).set_value("sadeh").run()
    chosen = shaded(look_at(app, "week"), "sheet")
    assert chosen != by_device
    app.switch_page("pages/explain.py")
    app.query_params["show"], app.query_params["other"] = "people", "other"
    app.run()
    assert not app.exception and shaded(app, "explain.pair.0") == chosen and app.query_params["score"] in ("sadeh", ["sadeh"])
    app.switch_page("pages/what_if.py").run()
    assert not app.exception and shaded(app, "whatif.before") == chosen
    alone = opened_at("pages/what_if.py", cohort=OWN, person="walker", score="sadeh")
    assert shaded(alone, "whatif.before") == chosen, "a reloaded tab knows the score from its address"


def test_people_with_another_device_begin_with_the_score_made_for_theirs(own, simulated):
    values = simulated.weeks[0]
    start = own.week(OWN, "walker").start
    pair = [Week(who, 0, values, start, True, COUNTS, who, "start", report(values, COUNTS)) for who in ("Actiwatch", "ActiGraph")]
    own.create_cohort("pair", pair, {})
    app = page("pair", "ActiGraph")
    score_of(app).set_value("sadeh").run()
    app.selectbox(key="box.person").select("Actiwatch").run()
    assert not app.exception and score_of(app).value == "oakley" and "score" not in app.query_params
    score_of(app).set_value("sadeh").run()
    app.selectbox(key="box.person").select("ActiGraph")
    look_at(app, "week")
    assert score_of(look_at(app, "nights")).value == "cole_kripke", "also where the nights were not looked at in between"


def test_the_columns_of_the_nights_say_what_they_hold_and_their_help_has_the_word_of_the_field(own):
    table = next(frame for frame in page().dataframe if "Asleep (h)" in frame.value)
    said = json.loads(table.proto.columns)
    words = {"In bed (h)": "TIB: time in bed", "Asleep (%)": "SE: sleep efficiency", "Asleep after (min)": "SOL: "}
    for column, begins in words.items():
        assert said[column]["help"].startswith(begins)
    assert {"Asleep (h)", "Awake (min)"} <= set(table.value)


def test_rhythm_figures_stand_once_in_one_precision_with_their_meaning(own):
    app = page(look="rhythm")
    assert {"Mean day and rhythm", "Rhythm beside the cohort"} <= {one.value for one in app.subheader}
    rhythm = week_rhythm(own.week(OWN, "walker"))
    table = app.table[0].value
    assert table.loc["Interdaily stability (IS)", "This week"] == figures(rhythm.interdaily_stability, 3)
    assert all(table["What it is"])
    specs = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert any("acrophase" in spec and "L5" in spec for spec in specs)
    assert "Rhythm and means (CSV)" in {button.label for button in app.get("download_button")}
    look_at(app, "nights")
    assert any("onset and offset" in chart.proto.spec for chart in app.get("plotly_chart"))
    assert "Nights (CSV)" in {button.label for button in app.get("download_button")}


def test_a_night_marked_by_hand_is_in_the_table(own):
    own.add_mark(OWN, ("walker", 0), Period(1440 + 21 * 60, 1440 + 31 * 60, "rest"), who="Ada", why="diary")
    app = page()
    table = nights_of(app)
    marked = table[table["Bedtime"] == "21:00"]
    assert f"{marked['Night'].iloc[0].removesuffix(' ✗')}, " in said_by(app) and "rest marked by hand." in said_by(app)
    assert list(marked["Got up"]) == ["07:00"] and list(marked["In bed (h)"]) == ["10:00"]


def test_a_unit_without_sleep_scores_has_a_sentence_in_place_of_nights_and_keeps_its_rhythm(simulated):
    space = Workspace()
    weeks = [Week("m1", 0, simulated.weeks[0] / 50, None, True, MIMS, None, "start", report(simulated.weeks[0] / 50, MIMS))]
    space.create_cohort("mims people", weeks, {})
    app = page("mims people", "m1")
    assert not app.exception and "Sleep scores were made for counts/min; this recording is in MIMS/min" in said_by(app)
    assert not [frame for frame in app.dataframe if "Asleep (h)" in frame.value]
    assert "Mean day and rhythm" in [one.value for one in look_at(app, "rhythm").subheader]


@pytest.mark.parametrize("person", ["flat", "other"])
def test_every_person_opens(own, person):
    app = page(person=person)
    assert not app.exception
    assert ("No nights are reported for this week" in said_by(app)) == (person == "flat")
