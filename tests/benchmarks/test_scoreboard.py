"""The scoreboard of explanations, small: the demonstration's model on a few simulated people whose evidence is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.measured import Rows, measure_cell
from benchmarks.table import table
from pat_core.settings import ASSETS
from pat_core.weights import load

METHODS = ("integrated_gradients", "rollout", "gradient")


def test_a_small_scoreboard_of_the_demonstrations_model_holds_what_the_large_one_promises(tmp_path):
    rows = Rows(tmp_path / "rows.jsonl")  # made once: it takes as long as half a minute
    measure_cell(load(ASSETS / "demo" / "model.safetensors"), "absence", "small", 0, weeks=3, deep=1, rows=rows, methods=METHODS)
    scores = table(rows.rows, few=1)["rows"]  # with its intervals, once
    missing_mornings_are_found_far_above_chance_and_better_than_by_the_plain_gradient(rows, scores)
    the_gap_stays_within_a_percent_and_the_map_is_that_of_256_steps(scores)
    taking_out_what_the_map_marks_lowers_the_score_more_than_chance_does(scores)
    every_method_is_held_against_drawn_weights(scores)
    a_stopped_run_goes_on_without_measuring_again(rows)


def missing_mornings_are_found_far_above_chance_and_better_than_by_the_plain_gradient(rows, scores):
    found = {(row["method"], row["measure"]): row for row in scores if row["variant"] != "non-wear"}
    planted = found["integrated_gradients", "localization, AUPRC"]
    chance = np.mean([row["chance"] for row in rows.rows if row["what"] == "map"])
    assert planted["value"] > 3 * chance > 0
    assert planted["value"] > found["gradient", "localization, AUPRC"]["value"]


def the_gap_stays_within_a_percent_and_the_map_is_that_of_256_steps(scores):
    found = {row["number"]: row for row in scores if row["number"] in (3, 4)}
    assert found[3]["value"] == 1.0 and found[3]["met"] and found[3]["n"] == 3
    assert found[4]["value"] <= 0.02 and found[4]["met"]


def taking_out_what_the_map_marks_lowers_the_score_more_than_chance_does(scores):
    beyond = {
        row["measure"]: row["value"]
        for row in scores
        if row["measure"].startswith("deleted, 5 % highest, logits") and row["variant"] == "mean week"
    }
    assert {measure.rsplit(", ", 1)[1] for measure in beyond} == {"mean week", "own day"}
    assert beyond["deleted, 5 % highest, logits beyond random, mean week"] > 0.5


def test_deletion_is_a_multiple_of_how_much_random_orders_change_not_of_what_is_left_when_their_ups_and_downs_cancel():
    week = {
        "task": "presence",
        "size": "small",
        "seed": 0,
        "gap": None,
        "auprc": None,
        "evaluations": 1,
        "what": "map",
        "method": "rollout",
        "variant": "",
        "deleted raising, mean week": [2.0],
    }
    chance = {"task": "presence", "size": "small", "seed": 0, "what": "random", "replacement": "mean week", "inserted": [0.0]}
    for size, ratio, met in ((0.1, 20.0, True), (1.0, 2.0, False)):
        told = chance | {"deleted": [0.0], "deleted, size": [size]}
        made = [row | {"week": number} for number in range(6) for row in (week, told)]
        (row,) = (row for row in table(made, few=1)["rows"] if row["number"] == 8)
        assert row["value"] == pytest.approx(ratio) and row["met"] is met


def test_few_weeks_get_no_verdict():
    week = {
        "task": "absence",
        "size": "small",
        "seed": 0,
        "what": "map",
        "method": "integrated_gradients",
        "variant": "mean week",
        "gap": 0.0,
        "flagged": False,
        "auprc": None,
        "evaluations": 1,
    }
    for count, met in ((29, None), (30, True)):
        (row,) = (row for row in table([week | {"week": number} for number in range(count)])["rows"] if row["number"] == 3)
        assert row["met"] is met and row["value"] == 1.0


def test_intervals_know_that_weeks_of_one_model_are_alike():
    made = [
        {
            "task": "none",
            "size": "small",
            "seed": seed,
            "week": week,
            "what": "map",
            "method": "rollout",
            "variant": "",
            "gap": None,
            "auprc": None,
            "evaluations": 1,
            "noise correlation": 0.1 * seed,
        }
        for seed in range(3)
        for week in range(70)
    ]
    (row,) = (row for row in table(made)["rows"] if row["measure"].startswith("rank correlation"))
    assert row["value"] == pytest.approx(0.1) and (row["low"], row["high"]) == (0.0, 0.2)


def every_method_is_held_against_drawn_weights(scores):
    assert {row["method"] for row in scores if row["number"] == 9} == set(METHODS)


def a_stopped_run_goes_on_without_measuring_again(rows):
    text = rows.path.read_text()
    rows.path.write_text(text + '{"key": "half a li')
    again = Rows(rows.path)
    assert again.rows == rows.rows and rows.path.read_text() == text
    again.rows.append(again.rows[-1] | {"version": 0})
    assert again.current() == rows.rows, "maps of an earlier version of a method are measured again, and count for nothing"
    again.once("auc 3", lambda: pytest.fail("measured again"))
