"""The page that says how good a model is: figures with their people, a threshold, and what cannot be answered in a sentence."""

from __future__ import annotations

import streamlit as st

from pages.components.evaluate import evaluate_question
from pat_core.cohorts import Workspace
from pat_core.simulate import simulate
from pat_core.workflows.evaluate.evaluation_run import evaluate
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.people.simulated_people import store_simulated
from tests.app.made import opened_at, said_by

PAGE = "pages/evaluate.py"


def figures(app) -> dict[str, list[str]]:
    """Figure -> value, interval, people, of all tables."""
    return {row[0]: list(row[1:]) for table in app.table for row in table.value.itertuples(index=False)}


def test_a_cohort_is_tested_on_with_counts_beside_every_figure_and_says_that_it_is_simulated():
    app = opened_at(PAGE, cohort=COHORT, model=MODEL)
    assert not app.exception
    words = said_by(app)
    assert "On 40 simulated people the model does better than chance" in words and "Simulated people: what these figures" in words
    assert "late wake: 16 planted against 24 not planted" in words and "What this many people can show" in words
    table = figures(app)
    assert table["AUC"][0] == "0.92" and table["Sensitivity"][2] == "13 of 16" and table["Brier score"][1]
    charts = app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")
    assert len(charts) >= 4, "one for each width"


def test_threshold_and_prevalence_of_the_address_are_those_of_the_figures():
    app = opened_at(PAGE, cohort=COHORT, model=MODEL, threshold="97.5", prevalence="8.0")
    assert "At a threshold of 97.5 %" in said_by(app) and "80 of them labelled planted (as you state)" in said_by(app)
    here = figures(app)
    app.number_input(key="box.threshold").set_value(1.0).run()
    assert not app.exception and int(figures(app)["Sensitivity"][0].split()[0]) > int(here["Sensitivity"][0].split()[0])
    assert app.query_params["threshold"] in ("1.0", ["1.0"])


def test_a_models_own_test_names_nobody_and_says_what_that_prevents():
    app = opened_at(PAGE, model=MODEL, tested="own")
    assert not app.exception and "48 planted against 72 not planted; held-out people" in said_by(app)
    assert "not known by name here" in said_by(app)


def test_a_recalibration_is_judged_in_words_beside_its_figures_and_marked_where_it_did_harm():
    cohort, own = opened_at(PAGE, cohort=COHORT, model=MODEL), opened_at(PAGE, model=MODEL, tested="own")
    (warning,) = [str(part.value) for part in cohort.warning if "Recalibration" in str(part.value)]
    table = figures(cohort)
    assert float(table["Brier score, recalibrated (Platt)"][0]) > float(table["Brier score"][0])
    assert "made these probabilities worse" in warning and "use the rank" in warning
    assert "brought these probabilities closer to what happened" in said_by(own)
    assert not [part for part in own.warning if "Recalibration" in str(part.value)]


def test_people_are_divided_by_a_label_and_small_parts_are_marked():
    app = opened_at(PAGE, cohort=COHORT, model=MODEL, divided="evening sport")
    assert not app.exception
    parts = app.dataframe[0].value
    assert list(parts["Part"]) == ["no", "yes"] and list(parts.iloc[:, -1]) == ["", "few people: mostly chance"]
    known, unknown = parts["Calibration slope"]
    assert " to " in known and unknown == "\u2013 (fewer than 10 people in one of the groups)"


def test_another_cohort_stands_in_the_address_before_it_is_tested_on_and_back_brings_the_first(monkeypatch):
    store_simulated(Workspace(), "another", simulate(24, seed=5))
    app = opened_at(PAGE, cohort=COHORT, model=MODEL, divided="evening sport")
    assert not app.exception and app.query_params["divided"] in ("evening sport", ["evening sport"])
    at_work = []

    def looked_at(workspace, request):
        at_work.append((request.cohort, st.query_params.to_dict()))
        return evaluate(workspace, request)

    monkeypatch.setattr(evaluate_question, "evaluate", looked_at)
    app.selectbox(key="box.cohort").select("another").run()
    assert not app.exception
    first, address = at_work[0]
    assert (first, address["cohort"]) == ("another", "another"), "a click while it is tested comes with the new cohort"
    assert "divided" not in address, "in the same step as all else that begins anew"
    assert app.query_params["cohort"] in ("another", ["another"]) and "24 simulated people" in said_by(app)
    app.query_params["cohort"], app.query_params["divided"] = COHORT, "evening sport"  # as Back does
    app.run()
    assert not app.exception and app.selectbox(key="box.cohort").value == COHORT and "On 40 simulated people" in said_by(app)
    assert app.selectbox(key="box.divided").value == "evening sport"


def test_what_cannot_be_tested_is_a_sentence():
    app = opened_at(PAGE, cohort=COHORT, model=MODEL, **{"test-label": "evening sport", "test-group": "yes"})
    assert not app.exception and "evening sport: 11 yes against 29 no" in said_by(app)
    app = opened_at(PAGE, model="pat-s-simulated")
    assert not app.exception and "no trained head" in said_by(app)
