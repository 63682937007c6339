"""The page for researchers: each view opens and shows what it promises, or says why it does not."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pytest

from pages.components.explain import explain_scoreboard, scoreboard_form
from pages.components.explain.explain_controls import TITLES
from pat_core import jobs, settings
from pat_core.cohorts import Workspace
from pat_core.jobs import run_job
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.records import COUNTS, MIMS, Attribution, Week
from pat_core.weeks import report
from pat_core.workflows.explanations import cohort_by_clock, cohort_concepts, scoreboard, week_maps
from pat_core.workflows.explanations.scoreboard_run import ScoreboardRequest, name_of
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.tasks import TASKS
from tests.app.made import opened_at, unopened

pytestmark = pytest.mark.usefixtures("seen_before")
OWN = "Own people"


def page(view: str, **address: str):
    return opened_at("pages/explain.py", show=view, **address)


def said_by(app) -> str:
    return "\n".join(str(part.value) for part in [*app.main.markdown, *app.main.caption, *app.warning, *app.info, *app.error])


def charts(app) -> str:
    return "".join(chart.proto.spec for chart in app.get("plotly_chart"))


@pytest.fixture
def quick_maps(monkeypatch):
    """Every method answers at once with the same small map."""

    def explain(network, z, name, **settings) -> Attribution:
        values = np.zeros(z.size, np.float32)
        values[480:540] = 0.01
        return Attribution(name, "attribution", values, 18, 0.6, 0.0)

    monkeypatch.setattr(week_maps, "explain", explain)


@pytest.fixture
def in_this_process(monkeypatch):
    """Jobs are done when they are launched."""

    def launch(task, ws, request, title, on="") -> str:
        job = ws.add_job(task.kind, title, request.as_spec())
        run_job(ws, job, TASKS)
        return job

    monkeypatch.setattr(jobs.Task, "launch", launch)


@pytest.fixture
def own(simulated) -> Workspace:
    """`walker`; `flat`, whose device measured nothing; and a cohort in another unit without labels."""
    space = Workspace()
    rows = {"walker": simulated.weeks[0], "flat": np.zeros(10080, np.float32)}
    for name, unit in ((OWN, COUNTS), ("In MIMS", MIMS)):
        made = [Week(who, 0, row, datetime(2024, 1, 1), True, unit, None, "start", report(row, unit)) for who, row in rows.items()]
        space.create_cohort(name, made, {})
    return space


@pytest.mark.parametrize("view", TITLES)
def test_every_view_says_what_is_missing_before_any_data_exists(view, tmp_path, monkeypatch):
    monkeypatch.setenv("PAT_WORKSPACE", str(tmp_path / "empty"))
    monkeypatch.setattr(settings, "ASSETS", tmp_path / "no-assets")
    monkeypatch.setattr(explain_scoreboard, "board", lambda: None)
    app = page(view)
    assert not app.exception and not app.error
    assert app.info, "an empty state teaches"


def test_blocks_and_heads_draws_all_heads_and_one_map_and_says_that_there_is_one_block():
    app = page("heads", cohort=COHORT, model=MODEL, person="sim-0029")
    assert not app.exception and charts(app).count('"heatmap"') == 2
    said = said_by(app)
    assert "has only one block" in said and "mean of 6 heads" in said
    assert "neither in which direction" in said, "it says what it does not show"


def test_another_head_is_another_map_and_stands_in_the_address():
    app = page("heads", model=MODEL, person="sim-0029")
    before = app.get("plotly_chart")[-1].proto.spec
    app.selectbox(key="box.head").select("3").run()
    assert "head 3 of 6" in said_by(app) and app.get("plotly_chart")[-1].proto.spec != before
    assert app.query_params["head"] in ("3", ["3"])


@pytest.mark.parametrize("stale", ["heads", "methods"])
def test_a_click_holds_though_it_comes_with_the_address_of_before_the_click_before_it(stale):
    app = page("heads", model=MODEL, person="sim-0029")
    app.segmented_control(key="box.show").set_value("people").run()
    app.query_params["show"] = stale
    app.segmented_control(key="box.show").set_value("scoreboard").run()
    assert app.segmented_control(key="box.show").value == "scoreboard" and app.query_params["show"] in ("scoreboard", ["scoreboard"])


def test_the_browsers_way_back_brings_the_view_and_the_head_of_before():
    app = page("heads", model=MODEL, person="sim-0029")
    app.selectbox(key="box.head").select("3").run()
    app.query_params["head"] = "2"
    app.run()
    assert app.selectbox(key="box.head").value == "2"
    app.query_params["show"] = "scoreboard"
    app.run()
    assert app.segmented_control(key="box.show").value == "scoreboard"


def test_a_choice_in_a_box_holds_though_it_comes_with_an_older_address():
    app = page("heads", model=MODEL, person="sim-0029")
    app.selectbox(key="box.head").select("3").run()
    app.query_params["head"] = "2"
    app.selectbox(key="box.head").select("4").run()
    assert app.selectbox(key="box.head").value == "4"


def test_a_model_of_two_blocks_offers_them_and_needs_no_head():
    app = page("heads", model="random-medium", person="sim-0029", block="1")
    assert not app.exception and app.selectbox(key="box.block").options == ["Block 1 of 2", "Block 2 of 2"]
    assert "Attention of block 1 of 2" in said_by(app)


@pytest.mark.parametrize("view", ["people", "clock", "concepts"])
def test_a_view_of_a_score_says_so_where_the_model_has_none(view):
    app = page(view, model="random-small")
    assert not app.exception and not app.get("plotly_chart")
    assert "no trained head" in said_by(app)


def test_methods_stand_on_one_time_axis_with_their_sums_and_their_agreement():
    app = unopened("pages/explain.py")
    app.session_state["box.compare"] = ["rollout", "authors", "integrated_gradients"]
    for name, value in {"show": "methods", "model": MODEL, "person": "sim-0029"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    specs = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert specs[0].count('"heatmap"') == 2 and "Strongest patches in common" in specs[1]
    table = app.dataframe[0].value
    assert table["Passes"].notna().all() and table["Gap"].notna().tolist() == [False, False, True]
    assert "does not show that these parts matter" in said_by(app)


def test_methods_that_do_not_apply_are_not_offered_and_that_is_said():
    app = page("methods", model="random-small", person="sim-0029")
    assert "Not offered: " in said_by(app) and "Integrated gradients" not in app.multiselect(key="box.compare").options


def test_two_people_are_drawn_on_one_scale_and_the_sums_are_said(quick_maps):
    app = page("people", model=MODEL, person="sim-0029", other="sim-0003")
    assert not app.exception and len(app.get("plotly_chart")) == 2
    said = said_by(app)
    assert "The map sums to" in said and "the two scores differ by" in said and "(sim-0029 minus sim-0003)" in said
    assert "Simulated: nobody here exists." in said
    limits = [spec.split('"zmax":')[1].split(",")[0] for spec in (chart.proto.spec for chart in app.get("plotly_chart"))]
    assert limits[0] == limits[1]


def test_a_person_is_not_offered_to_be_compared_with_themselves(quick_maps):
    app = page("people", model=MODEL, person="sim-0029")
    assert "sim-0029" not in app.selectbox(key="box.other").options


def test_a_refused_week_is_drawn_only_where_the_reader_asks_for_it(own):
    for view in ("heads", "methods"):
        app = page(view, cohort=OWN, model=MODEL, person="flat")
        assert not app.exception and not app.get("plotly_chart")
        assert "unfit for the model" in said_by(app)
    app = page("heads", cohort=OWN, model=MODEL, person="flat")
    app.toggle(key=f"anyway.flat.0.{MODEL}").set_value(True).run()
    assert not app.exception and len(app.get("plotly_chart")) == 2


def test_by_clock_is_a_job_whose_result_is_drawn_and_stays(quick_maps, in_this_process):
    app = page("clock", cohort=COHORT, model=MODEL)
    assert not app.get("plotly_chart")
    next(button for button in app.button if button.label == "Explain everyone").click().run()
    assert not app.exception and "people of the two groups are in" in said_by(app)
    assert len(app.get("plotly_chart")) == 1 and "late wake: planted minus late wake: not planted" in charts(app)
    assert not [button for button in app.button if button.label == "Explain everyone"]
    assert len(page("clock", cohort=COHORT, model=MODEL).get("plotly_chart")) == 1


def press(app, label: str):
    next(button for button in app.main.button if button.label == label).click()
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def test_by_clock_says_how_long_it_takes_and_begins_or_goes_on_at_the_chosen_place(quick_maps, tmp_path, monkeypatch):
    space, began = Workspace(), []
    monkeypatch.setattr(jobs.Task, "launch", lambda task, ws, request, title, on="": began.append(on) or ws.add_job(task.kind, title, {}))
    monkeypatch.setattr(jobs, "resume", lambda ws, job, on: began.append((job, on)))
    app = press(page("clock", cohort=COHORT, model=MODEL), "How long will it take here?")
    assert [message.value for message in app.info if message.value.startswith("About a minute on this computer (cpu)")]
    keep_place(space, Place("next door", "process", folder=str(tmp_path / "there")))
    app = press(page("clock", cohort=COHORT, model=MODEL, place="next door"), "Explain everyone")
    assert began == ["next door"]
    space.request_cancel(job := space.add_job("by_clock", "by clock", asked_by_clock(space).as_spec()))
    press(page("clock", cohort=COHORT, model=MODEL, place="next door"), "Continue from where it stopped")
    assert began == ["next door", (job, "next door")]


def asked_by_clock(space: Workspace) -> cohort_by_clock.ClockRequest:
    """What the page asks of the demonstration."""
    sha256, info = space.model(MODEL).sha256, space.cohort(COHORT)
    return cohort_by_clock.ClockRequest(MODEL, sha256, COHORT, info.id, "model", "late wake", "planted", "not planted")


def test_a_cohort_without_labels_has_no_groups(own):
    app = page("clock", cohort=OWN, model=MODEL)
    assert not app.exception and "no groups" in said_by(app)


def test_a_job_that_was_cancelled_says_so_and_can_go_on(quick_maps):
    app = page("clock", cohort=COHORT, model=MODEL)
    space = Workspace()
    job = space.add_job(cohort_by_clock.BY_CLOCK.kind, "by clock", asked_by_clock(space).as_spec())
    space.request_cancel(job)
    app.run()
    assert not app.exception and "was cancelled" in said_by(app)
    assert any(button.key == f"resume.{job}" for button in app.button)


def test_concepts_are_a_job_whose_result_is_drawn(in_this_process, monkeypatch):
    monkeypatch.setattr(cohort_concepts, "PAIRS", 2)
    monkeypatch.setattr(cohort_concepts, "RANDOM", 5)
    app = page("concepts", cohort=COHORT, model=MODEL)
    next(button for button in app.button if button.label == "Read the concepts").click().run()
    assert not app.exception and len(app.get("plotly_chart")) == 1
    assert "Late wake" in charts(app) and "The pairs agree" in said_by(app)


def test_concepts_say_where_the_unit_is_another(own):
    app = page("concepts", cohort="In MIMS", model=MODEL)
    assert not app.exception and not app.get("plotly_chart") and "not interchangeable" in said_by(app)


def test_a_scoreboard_that_was_not_made_says_how_it_is_made(monkeypatch):
    monkeypatch.setattr(explain_scoreboard, "board", lambda: None)
    app = page("scoreboard")
    assert not app.exception and "Measure anew" in app.segmented_control(key="box.board-part").options
    assert "planted on purpose" in said_by(app) and "missed is shown as missed" in said_by(app)


def test_the_scoreboard_counts_what_is_met_and_draws_one_measure(monkeypatch):
    one = {"number": 5, "measure": "localization, AUPRC", "size": "small", "task": "presence", "variant": "mean week", "n": 210}
    rows = [
        one
        | {"target": ".90", "method": "integrated_gradients", "value": 0.93, "low": 0.9, "high": 0.95, "met": True, "sentence": "Good."},
        one | {"target": "5 x chance (.12)", "method": "gradient", "value": 0.1, "low": 0.0, "high": 0.2, "met": False, "sentence": "Bad."},
        one | {"number": 0, "measure": "passes", "target": "", "method": "", "value": 1, "low": 1, "high": 1, "met": None, "sentence": ""},
    ]
    monkeypatch.setattr(explain_scoreboard, "board", lambda: {"rows": rows})
    app = page("scoreboard")
    assert not app.exception and "1 of 2 targets are met" in said_by(app) and "Bad." in said_by(app)
    assert "Integrated gradients, mean week" in charts(app) and "misses the target" in charts(app)
    assert app.selectbox(key="box.target").options == ["5. localization, AUPRC: presence, small"], "of one measure, all methods"
    assert app.selectbox(key="box.figure").options == ["passes: presence, small"]
    assert [part.value for part in app.subheader] == ["Targets", "Figures without a verdict"]
    assert "Passes, with 95 % intervals" in said_by(app)


def test_the_scoreboard_draws_each_variant_of_a_written_file(tmp_path, monkeypatch):
    one = {"number": 0, "measure": "localization, AUPRC", "target": "5 x chance (0.125)", "size": "small", "task": "presence", "n": 9}
    one |= {"low": 0.2, "high": 0.9, "method": "integrated_gradients"}
    rows = [
        one | {"variant": "mean week", "number": 5, "target": ".90", "value": 0.7, "met": False},
        one | {"method": "rollout", "variant": "", "value": 0.5, "met": True},
        one | {"variant": "non-wear", "value": 0.6, "met": None},
        one | {"measure": "L1 distance", "number": 4, "variant": "mean week", "target": ".02", "value": 0.2, "met": False, "task": ""},
    ]
    file = tmp_path / "scoreboard.json"
    file.write_text(json.dumps({"machine": {}, "models": [], "rows": rows}))
    monkeypatch.setattr(explain_scoreboard, "board", lambda: scoreboard.board(file))
    app = page("scoreboard")
    assert not app.exception and "1 of 3 targets are met" in said_by(app)
    assert app.selectbox(key="box.target").options == ["4. L1 distance: small", "5. localization, AUPRC: presence, small"]
    app.selectbox(key="box.target").select_index(1).run()
    drawn = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert "Integrated gradients, mean week" in drawn[0] and "Attention rollout" in drawn[0] and "non-wear" not in drawn[0]
    assert "Integrated gradients, non-wear" in drawn[1] and "no target" in drawn[1]
    assert app.dataframe[0].value["Verdict"].tolist() == ["missed", "missed"], "the targets with a number"
    assert app.dataframe[1].value["variant"].tolist() == ["mean week", "", "non-wear", "mean week"]


def test_a_scoreboard_is_measured_from_the_page_and_stands_beside_the_shipped_one(in_this_process, monkeypatch):
    smallest = ScoreboardRequest(("small",), ("presence",), 1, 2, 0, ("rollout",), 40, 1)
    monkeypatch.setitem(scoreboard_form.PRESETS, "look", smallest)
    app = page("scoreboard", **{"board-part": "anew"})
    assert not app.exception and "Nobody in it exists" in said_by(app)
    assert any("Where it runs" in part.label for part in app.expander)
    next(button for button in app.button if button.label == "Measure").click().run()
    assert not app.exception and "Own, measured" in said_by(app) and "AUC of the models on new people" in said_by(app)
    app.segmented_control(key="box.board-part").set_value("figures").run()
    shipped, own = app.selectbox(key="box.board").options
    assert shipped.startswith("Shipped with the app, measured") and "trained on 40 people; 2 weeks a model" in own
    app.selectbox(key="box.board").select(name_of(smallest)).run()
    assert not app.exception and app.query_params["board"] in (name_of(smallest), [name_of(smallest)])


def test_what_cannot_be_measured_is_said_before_it_is_begun():
    app = page("scoreboard", **{"board-part": "anew", "score-amount": "own"})
    app.multiselect(key="box.score-methods").set_value([]).run()
    assert not app.exception and "Expected methods out of" in app.warning[0].value
    assert not any(button.label == "Measure" for button in app.button)


def test_a_view_that_is_not_here_is_said_and_the_first_is_shown():
    app = page("crystal ball", person="sim-0029")
    assert not app.exception
    assert any("“crystal ball”, which is not here" in warning.value for warning in app.warning)
    assert app.query_params["show"] in ("heads", ["heads"])
