"""Pages with models of several classes, an order and a value: what is chosen, shown and explained, and no AUC by mistake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pat_core.cohorts import Workspace
from pat_core.records import WeekQuestion
from pat_core.reports.paper.paper_html import html_of
from pat_core.reports.paper.report_document import ReportChoice, report_document
from pat_core.simulate import simulate
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.people.report_record import report_record
from tests.app.made import opened_at
from tests.app.test_finetune import box, said
from tests.workflows.other_targets import ASKED, STAGES, with_ages


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    space = Workspace()
    space.keep_setting("demo", "deleted")
    return with_ages(space, simulate(24, seed=5, prevalence=0.5), tmp_path)


def test_the_form_offers_what_fits_a_label_and_asks_for_it(workspace):
    app = opened_at("pages/finetune.py", cohort="people")
    assert box(app, "Label").value == "stage" and box(app, "What to learn of it").value == "two classes"
    box(app, "What to learn of it").select("ordinal").run()
    order = next(one for one in app.multiselect if one.label == "Classes, from low to high")
    assert order.value == list(STAGES) and box(app, "Name of the run").value.startswith("stage: mild to severe")
    assert "If the true AUC" not in said(app) and list(app.table[0].value)[1:4] == list(STAGES)
    box(app, "Label").select("age").run()
    assert box(app, "What to learn of it").value == "value" and not app.exception
    box(app, "What to learn of it").select("threshold").run()
    assert not app.exception and box(app, "Name of the run").value.startswith("age>=42")


def plain(app) -> str:
    """What the page says, without the marks that keep < and > from being read as markup."""
    return said(app).replace("\\", "")


def test_classes_of_a_number_begin_where_the_reader_says_and_are_counted_before_training(workspace):
    app = opened_at("pages/finetune.py", cohort="people", **{"train-label": "age", "train-kind": "ordinal"})
    cuts = box(app, "Where classes begin")
    assert cuts.value == "38, 46" and "<38: 8 people, 38 to <46: 8 people, >=46: 8 people" in plain(app)
    cuts.input("45; 35, 50.5").run()
    assert not app.exception and box(app, "Name of the run").value.startswith("age: <35 to >=50.5")
    assert "<35: 5 people, 35 to <45: 10 people, 45 to <50.5: 6 people, >=50.5: 3 people" in plain(app)
    assert app.query_params["train-cuts"] == "45; 35, 50.5"
    box(app, "Where classes begin").input("40").run()
    assert "One cut makes two classes" in app.error[0].value
    box(app, "Where classes begin").input("forty, 45, 50").run()
    assert "Expected numbers apart by commas" in said(app) and box(app, "Name of the run").value.startswith("age: <45 to >=50")


@pytest.mark.parametrize("kind", ["classes", "value"])
def test_a_run_its_people_and_one_of_them_are_shown_as_what_they_are(workspace, kind):
    run = run_finetune(workspace, ASKED[kind])
    app = opened_at("pages/finetune.py", cohort="people", run=run.name)
    assert not app.exception and {"Test macro AUC", "Test R2"} & {metric.label for metric in app.metric}
    app = opened_at("pages/participants.py", cohort="people", model=run.name)
    answers = app.dataframe[0].value["Answer"]
    assert not app.exception and answers.str.contains("years" if kind == "value" else "mild|moderate|severe").all()
    app = opened_at("pages/participant.py", cohort="people", model=run.name, methods="gradient")
    text = said(app)
    assert not app.exception and "What the maps of the score explain: " in text and "Test AUC" not in text
    assert ("age in years" if kind == "value" else "logit of ") in text
    if kind == "classes":
        box(app, "Explain the class").select("severe").run()
        assert not app.exception and "What the maps of the score explain: logit of severe." in said(app)
    for page in ("what_if", "models", "explain"):
        app = opened_at(f"pages/{page}.py", cohort="people", model=run.name)
        assert not app.exception, page
    record = report_record(workspace, resolve(workspace, run.name), WeekQuestion("people", "sim-0001"))
    paper = html_of(report_document(record, ReportChoice()))
    assert ("The model&#x27;s answer for “age”: " if kind == "value" else "of the classes of “stage”: ") in paper
    assert f"It explains the {'age in years' if kind == 'value' else 'logit of '}" in paper
    own = workspace.week("people", "sim-0001", 0)
    workspace.create_cohort("two weeks", [replace(own, index=at, values=own.values + at) for at in (0, 1)], {"sim-0001": {}})
    app = opened_at("pages/participant.py", cohort="two weeks", model=run.name)
    assert not app.exception and "The 2 usable windows of this person together: " in said(app)
    app = opened_at("pages/participants.py", cohort="two weeks", model=run.name)
    together = app.dataframe[0].value["Together"][0]
    assert not app.exception and (together.endswith("years") if kind == "value" else together in STAGES)
