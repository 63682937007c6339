"""One person's page: what stands in the address is shown, and what is not here is said."""

from __future__ import annotations

import pytest

from pat_core.workflows.demo import COHORT, MODEL
from tests.app.test_every_page import opened


def page(**address: str):
    app = opened("pages/participant.py")
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def text(app) -> str:
    return " ".join(str(part.value) for part in [*app.markdown, *app.caption, *app.warning, *app.info])


def test_the_address_opens_that_person_with_that_model():
    app = page(cohort=COHORT, person="sim-0029", model=MODEL)
    assert app.selectbox(key="box.person").value == "sim-0029"
    assert app.selectbox(key="box.model").value == MODEL
    assert not app.exception


def test_a_person_who_is_not_here_is_said_and_never_shown_as_another():
    app = page(person="somebody-else")
    assert any("“somebody-else”, which is not here" in warning.value for warning in app.warning)


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
    expected = ("Among 100 people scored like this one", "interval", "Test AUC", "Simulated", "before correction", "not the published PAT")
    assert [words for words in expected if words not in said] == []


def test_every_gap_is_stated():
    assert "a gap of" in text(page(person="sim-0029"))


@pytest.mark.parametrize("view", ["Days, noon to noon", "Days, midnight to midnight", "One timeline"])
def test_each_view_draws_both_explanations(view):
    app = page(person="sim-0029")
    app.selectbox(key="sheet.lanes").select(view).run()
    assert not app.exception
    sheet = next(chart for chart in app.get("plotly_chart") if chart.proto.id.endswith("-sheet"))
    assert sheet.proto.spec.count('"heatmap"') == 2


def test_an_untrained_model_says_so_and_gives_no_prediction():
    app = page(model="random-small", person="sim-0029")
    assert any("random and untrained" in error.value for error in app.error)
    assert "Among 100 people" not in text(app) and "no trained head" in text(app)
