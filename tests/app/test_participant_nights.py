"""Sleep and rhythm on one person's page: table, picture, score, downloads, and a sentence where nights do not hold."""

from __future__ import annotations

import pytest

from pat_core.cohorts import Workspace
from pat_core.figures.palette import figures
from pat_core.records import MIMS, Week
from pat_core.weeks import report
from pat_core.workflows.nights import cohort_nights
from pat_core.workflows.rhythm import week_rhythm
from tests.app.made import OWN, opened_at, said_by


def page(cohort: str = OWN, person: str = "walker"):
    return opened_at("pages/participant.py", cohort=cohort, person=person)


def nights_of(app):
    return next(frame.value for frame in app.dataframe if "TST" in frame.value)


def test_the_nights_of_the_engine_stand_in_the_table_with_mean_and_deviation_and_a_chosen_score_changes_them(own):
    app = page()
    assert not app.exception and {"Nights", "Mean day and rhythm", "Rhythm beside the cohort"} <= {one.value for one in app.subheader}
    found = cohort_nights(own, OWN, ("walker", 0))
    table = nights_of(app)
    assert list(table["Bedtime"])[: len(found.report.nights)] == [f"{night.bedtime:%H:%M}" for night in found.report.nights]
    assert table["Night"].iloc[-2] == f"Mean of {found.report.summary.nights}" and table["Night"].iloc[-1] == "SD"
    said = said_by(app)
    assert "Sleep is scored by Cole-Kripke" in said and "Estimates from movement" in said and "Social jetlag" in said
    score = next(one for one in app.get("button_group") if str(one.key).startswith("nights.score"))
    assert score.value == "cole_kripke"
    score.set_value("sadeh").run()
    assert not app.exception and "Sleep is scored by Sadeh" in said_by(app)
    sadeh = cohort_nights(own, OWN, ("walker", 0), "sadeh")
    assert [row.split(":") for row in nights_of(app)["TST"][: len(sadeh.report.nights)]] == [
        [str(night.sleep // 60), f"{night.sleep % 60:02d}"] for night in sadeh.report.nights
    ]


def test_rhythm_figures_stand_once_in_one_precision_with_their_meaning(own):
    app = page()
    rhythm = week_rhythm(own.week(OWN, "walker"))
    table = app.table[0].value
    assert table.loc["Interdaily stability (IS)", "This week"] == figures(rhythm.interdaily_stability, 3)
    assert all(table["What it is"])
    specs = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert any("acrophase" in spec and "L5" in spec for spec in specs) and any("onset and offset" in spec for spec in specs)
    assert {"Nights (CSV)", "Rhythm and means (CSV)"} <= {button.label for button in app.get("download_button")}


def test_a_night_marked_by_hand_is_in_the_table(own):
    own.add_mark(OWN, "walker", 0, 1440 + 21 * 60, 1440 + 31 * 60, "rest", who="Ada", why="diary")
    app = page()
    table = nights_of(app)
    marked = table[table["Bedtime"] == "21:00"]
    assert f"{marked['Night'].iloc[0].removesuffix(' ✗')}, " in said_by(app) and "rest marked by hand." in said_by(app)
    assert list(marked["Got up"]) == ["07:00"] and list(marked["TIB"]) == ["10:00"]


def test_a_unit_without_sleep_scores_has_a_sentence_in_place_of_nights_and_keeps_its_rhythm(simulated):
    space = Workspace()
    weeks = [Week("m1", 0, simulated.weeks[0] / 50, None, True, MIMS, None, "start", report(simulated.weeks[0] / 50, MIMS))]
    space.create_cohort("mims people", weeks, {})
    app = page("mims people", "m1")
    assert not app.exception and "Sleep scores were made for counts/min; this recording is in MIMS/min" in said_by(app)
    assert not [frame for frame in app.dataframe if "TST" in frame.value] and "Mean day and rhythm" in [one.value for one in app.subheader]


@pytest.mark.parametrize("person", ["flat", "other"])
def test_every_person_opens(own, person):
    app = page(person=person)
    assert not app.exception
    assert ("No night is told of this week" in said_by(app)) == (person == "flat")
