"""The linked views of a test: one threshold, one selection of people, shared by all, at every width."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pat_core.evaluation import auc
from pat_core.evaluation.operating_curves import operating_curves
from pat_core.figures.charts.group_forest import group_forest
from pat_core.figures.charts.linked_evaluation import AT, MOST_DRAWN, PEOPLE, RANGE, EvaluationPicture, linked_evaluation, sized
from pat_core.figures.charts.paired_curves import paired_curves
from pat_core.figures.palette import DARK
from pat_core.records import Interval

RNG = np.random.default_rng(4)
GRID = np.linspace(0.1, 0.9, 9)


def picture(people: int = 30, prevalence: float | None = None, **more) -> EvaluationPicture:
    positive = np.arange(people) % 3 == 0
    shares = np.clip(RNG.uniform(0.05, 0.7, people) + 0.25 * positive, 0, 1)
    curves = operating_curves(positive, shares, prevalence, also=0.4)
    names = [f"p{number}" for number in range(people)]
    return EvaluationPicture(names, positive, shares, ("cases <b>", "others"), curves, 0.4, **more)


@pytest.fixture(scope="module")
def whole() -> dict:
    smooth = np.stack([GRID, GRID, GRID - 0.1, GRID + 0.1], axis=1)
    return linked_evaluation(picture(smooth=smooth, repeats=RNG.uniform(0, 1, (2, 30))), theme="dark")[0]


def views(spec: dict) -> list[dict]:
    return [view for row in spec["vconcat"] for view in row.get("concat", [row])]


def test_every_view_has_its_title_and_shares_threshold_and_people(whole):
    titles = [view["title"] for view in views(whole)]
    assert titles == ["Scores by group", "ROC", "Precision and recall", "Calibration", "Decision curve", "Instability"]
    params = {param["name"]: param for param in whole["params"]}
    assert set(params) == {AT, PEOPLE, RANGE}
    assert params[AT]["value"] == [{"threshold": 0.4}]
    handles = {layer["name"] for view in views(whole) for layer in view["layer"] if "name" in layer}
    assert len(handles & set(params[AT]["views"])) == 3, "the threshold is moved in every curve"
    for view in views(whole):
        text = json.dumps(view)
        assert f'"param": "{AT}"' in text and f'"param": "{PEOPLE}"' in text, view["title"]
    assert whole["config"]["title"]["color"] == DARK.text


def test_the_mark_begins_at_exactly_the_threshold_that_figures_are_of(whole):
    tables = [rows for rows in whole["datasets"].values() if "specificity" in rows[0]]
    assert len(tables) == 1 and 0.4 in [row["threshold"] for row in tables[0]]


@pytest.mark.parametrize(("prevalence", "shape"), [(None, ".2f"), (0.01, ".3f"), (0.001, ".4f")])
def test_the_net_benefit_of_a_rare_group_has_ticks_that_differ(prevalence, shape):
    spec = linked_evaluation(picture(prevalence=prevalence))[0]
    curve = next(view for view in views(spec) if view["title"] == "Decision curve")
    axes = [layer["encoding"]["y"]["axis"] for layer in curve["layer"] if "axis" in layer.get("encoding", {}).get("y", {})]
    assert axes and {axis["format"] for axis in axes} == {shape}


def test_a_decision_curve_that_leaves_the_view_has_no_gap_and_can_be_held_at_its_edge():
    positive, shares = np.arange(60) % 2 == 0, np.r_[np.linspace(0.02, 0.9, 56), 0.95, 0.96, 0.97, 0.98]  # far too high: net benefit of -1
    curves = operating_curves(positive, shares)
    spec = linked_evaluation(EvaluationPicture([str(one) for one in range(60)], positive, shares, ("cases", "others"), curves, 0.4))[0]
    lines, (rows,) = decision_curve(spec), [rows for rows in spec["datasets"].values() if "specificity" in rows[0]]
    drawn = {row["threshold"]: row["net_benefit"] for row in rows}
    flagged = curves.flagged > 0
    assert [drawn[threshold] for threshold in curves.threshold[flagged]] == pytest.approx(curves.net_benefit[flagged], abs=1e-5)
    lowest = lines[0]["encoding"]["y"]["scale"]["domain"][0]
    assert min(curves.net_benefit) < -0.5 < lowest and min(row["seen"] for row in rows if row["seen"] is not None) == pytest.approx(lowest)
    assert len(lines) == 2 and all(line["mark"]["clip"] for line in lines), "the model and treating everyone"


def decision_curve(spec: dict) -> list[dict]:
    """The layers that are lines."""
    curve = next(view for view in views(spec) if view["title"] == "Decision curve")
    return [layer for layer in curve["layer"] if layer["mark"]["type"] == "line"]


def test_names_are_shown_as_text_and_people_are_found_by_their_own(whole):
    people = next(rows for rows in whole["datasets"].values() if "jitter" in rows[0])
    assert {row["group"] for row in people} == {"cases &lt;b&gt;", "others"} and len({row["participant"] for row in people}) == 30


@pytest.mark.parametrize(("columns", "width"), [(2, 340), (1, 225)])
def test_a_width_changes_sizes_and_nothing_else(whole, columns, width):
    spec = sized(whole, columns, width)
    row = next(row for row in spec["vconcat"] if "concat" in row)
    assert row["columns"] == columns and {view["width"] for view in row["concat"]} == {width}
    assert spec["vconcat"][0]["width"] >= columns * width and "width" not in whole["vconcat"][0]
    assert spec["datasets"] == whole["datasets"]


def test_of_many_people_some_are_drawn_and_the_caption_says_so():
    spec, words = linked_evaluation(picture(MOST_DRAWN + 200))
    people = next(rows for rows in spec["datasets"].values() if "jitter" in rows[0])
    assert len(people) == MOST_DRAWN and "1,000 are drawn" in words and [view["title"] for view in views(spec)][-1] == "Decision curve"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_two_models_have_their_own_curves_in_both_views_and_a_legend_that_names_them(theme):
    made = picture(60)
    others = RNG.uniform(0, 1, 60)
    spec, words = paired_curves(made.positive, (made.probabilities, others), ("First <b>", "Second"), theme=theme)
    assert [view["title"] for view in views(spec)] == ["ROC", "Precision and recall"] and "(dashed) on the same 60 people" in words
    rows = next(rows for rows in spec["datasets"].values() if "model" in rows[0])
    for name, shares in (("First &lt;b&gt;", made.probabilities), ("Second", others)):
        curve = sorted((row for row in rows if row["model"] == name), key=lambda row: row["place"])
        false, true = ([row[field] for row in curve] for field in ("false_rate", "sensitivity"))
        area = -np.sum(np.diff(false) * (np.array(true[1:]) + true[:-1]) / 2)
        assert area == pytest.approx(auc(made.positive, shares), abs=1e-4), "the area under the curve that is drawn is the model's AUC"
    text = json.dumps(spec)
    assert text.count('"bind": "legend"') == 1 and '"orient": "top"' in text
    assert {param["name"] for param in spec["params"]} == {"model", "near"}
    for param in spec["params"]:
        for view in views(spec):
            heard = [layer for layer in view["layer"] if layer.get("name") in param["views"]]
            assert len(heard) == 1, "one selection in both views; Vega draws nothing where two layers of a view hear it"
    assert sized(spec, 1, 250)["vconcat"][0]["columns"] == 1
    same, _ = paired_curves(made.positive, (others, others), ("Same", "Same"))
    assert {row["model"] for row in next(rows for rows in same["datasets"].values() if "model" in rows[0])} == {
        "Same (first)",
        "Same (second)",
    }


def test_a_forest_keeps_the_order_of_the_parts_and_marks_small_ones():
    none = Interval(float("nan"), float("nan"), float("nan"), 3)
    rows = [("under 30 (12 + 14)", Interval(0.7, 0.5, 0.9, 26), False), ("not known (0 + 3)", none, True)]
    chart, words = group_forest(rows, whole=Interval(0.8, 0.7, 0.9, 29))
    assert "no AUC, few people" in words and "no ranking" in words
    assert [row["part"] for row in next(rows for rows in chart.to_dict()["datasets"].values() if "part" in rows[0])] == [
        name for name, *_ in rows
    ]
