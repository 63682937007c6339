"""From rows to the table of targets: what a figure is made of, and when it is judged."""

from __future__ import annotations

import pytest

from pat_core.explain.judging.target_table import target_table


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
        (row,) = (row for row in target_table(made, few=1)["rows"] if row["number"] == 8)
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
        (row,) = (row for row in target_table([week | {"week": number} for number in range(count)])["rows"] if row["number"] == 3)
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
    (row,) = (row for row in target_table(made)["rows"] if row["measure"].startswith("rank correlation"))
    assert row["value"] == pytest.approx(0.1) and (row["low"], row["high"]) == (0.0, 0.2)
