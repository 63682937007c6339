"""Participants as a workbench: the table, its filter, filters that are kept, and people who are taken to other pages."""

from __future__ import annotations

import json

import pytest

from pat_core.cohorts import Workspace
from pat_core.workflows.people.demo import COHORT, MODEL
from tests.app.made import opened_at, said_by

pytestmark = pytest.mark.usefixtures("seen_before")
PLANTED = json.dumps([{"column": "label:late wake", "values": ["planted"]}])


def asked_for(app, name: str) -> str:
    """What the address holds under a name."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def page(**address: str):
    return opened_at("pages/participants.py", **{"people-view": "table", "cohort": COHORT, "model": MODEL} | address)


def test_the_list_comes_first_and_the_table_has_the_columns_that_are_asked_for():
    app = opened_at("pages/participants.py", cohort=COHORT, model=MODEL)
    assert app.segmented_control(key="box.people-view").value == "list" and app.text_input(key="box.find")
    app = page(columns="label:late wake,onset,stability")
    assert (
        list(app.dataframe[0].value) == ["participant", "label:late wake", "onset", "stability", "Open"]
        and len(app.dataframe[0].value) == 40
    )
    app.button(key="columns.add.Wear").click().run()
    assert "valid_days" in app.dataframe[0].value and "not_worn" in asked_for(app, "columns")


def test_conditions_stand_in_the_address_and_one_is_taken_out_with_its_button():
    app = page(where=PLANTED)
    assert len(app.dataframe[0].value) == 16 and "16 of 40 people." in said_by(app)
    app.button(key="where.out.0.0").click().run()
    assert len(app.dataframe[0].value) == 40 and "where" not in app.query_params


def test_a_condition_is_put_together_and_kept_under_a_name():
    app = page()
    app.selectbox(key="bench.condition.column.0").select("valid_days").run()
    app.number_input(key="bench.condition.high.0").set_value(6).run()
    app.button(key="bench.condition.add.0").click().run()
    asked = json.loads(asked_for(app, "where"))
    assert asked == [{"column": "valid_days", "high": 6.0}] and 0 < len(app.dataframe[0].value) < 40
    app.text_input(key="bench.filter.name.0").set_value("few days").run()
    app.button(key="bench.filter.keep.0").click().run()
    assert [one.name for one in Workspace().filters(COHORT)] == ["few days"] and "Kept as “few days”." in [
        part.value for part in app.success
    ]
    again = page()
    again.button(key="bench.filter.use.0").click().run()
    assert json.loads(asked_for(again, "where")) == asked
    again.button(key="bench.filter.deleted.1").click().run()
    assert Workspace().filters(COHORT) == ()


def test_a_filter_whose_column_is_gone_is_refused_and_an_address_that_is_none_shows_everyone():
    app = page(where=json.dumps([{"column": "label:bmi", "low": 20}]))
    assert any("asks for bmi, which this cohort does not have" in part.value for part in app.warning) and not app.dataframe
    app.button(key="where.out.0.0").click().run()
    assert len(app.dataframe[0].value) == 40
    app = page(where="[{")
    assert len(app.dataframe[0].value) == 40 and any("cannot be read" in part.value for part in app.warning)


def test_people_are_taken_to_the_pages_that_say_so_where_their_numbers_stand():
    app = page(where=PLANTED)
    app.button(key="bench.take.report").click().run()
    (selection,) = Workspace().selections(COHORT)
    assert app.title[0].value == "Report" and len(selection.participants) == 16 and selection.words == "late wake is planted"
    assert asked_for(app, "people") == selection.id and app.selectbox(key="box.people").value == selection.id
    assert "Only 16 of 40 people: late wake is planted (sha256 " in said_by(app)
    assert any("Make the reports of these 16 people" in button.label for button in app.button)
    app = opened_at("pages/explain.py", cohort=COHORT, model=MODEL, show="clock", people=selection.id)
    assert app.selectbox(key="box.people").value == selection.id and not app.exception
    gone = opened_at("pages/report.py", cohort=COHORT, model=MODEL, people="0123456789abcdef")
    assert gone.selectbox(key="box.people").value == "" and any("is not here" in part.value for part in gone.warning)


def test_groups_are_compared_with_their_numbers_of_people_and_words_that_call_it_an_exploration():
    app = page(**{"people-view": "groups", "grouped": "label:late wake", "figures": "offset,stability"})
    assert not app.exception and "not planted (24), planted (16)" in said_by(app) and "2 Mann-Whitney tests" in said_by(app)
    table = app.dataframe[0].value
    assert len(table) == 2 and table["Group"].str.contains("24").all() and "This is an exploration" in said_by(app)
    app.multiselect(key="box.groups").set_value(["planted"]).run()
    assert not app.exception and any("two to 6 groups" in part.value for part in app.info)
    Workspace().keep_filter(COHORT, "late", json.loads(PLANTED))
    app = page(**{"people-view": "groups", "grouped": "kept-filters", "figures": "stability"})
    assert not app.exception and "late (16), everyone else (24)" in said_by(app)


def test_the_map_says_what_its_axes_hold_and_is_coloured_by_any_column():
    app = page(**{"people-view": "map", "coloured": "offset"})
    assert not app.exception and "Two principal components hold" in said_by(app)
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert (
        sum(len(trace["customdata"]) for trace in chart["data"]) == 40 and chart["data"][0]["marker"]["colorbar"]["ticktext"][0][2] == ":"
    )
    app = page(**{"people-view": "map", "where": PLANTED, "model": "random-small"})
    assert not app.exception and any("This encoder is random" in part.value for part in app.warning)
    assert sum(len(trace["customdata"]) for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]) == 16
