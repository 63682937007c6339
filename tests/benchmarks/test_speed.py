"""The speed benchmark: sides that take turns, and the ratios of turns."""

from __future__ import annotations

import sys

import pytest

from benchmarks.speed.cases import KERAS, OURS, Trial, operations
from benchmarks.speed.sides import ROOT, Side, former

ECHO = "from benchmarks.speed.sides import serve; serve(lambda case: print('noise') or case)"


def test_a_side_answers_case_by_case_whatever_it_prints_and_its_end_is_said():
    with Side([sys.executable, "-c", ECHO], ROOT, 1) as side:
        assert [side.run({"seconds": number})["seconds"] for number in (1, 2)] == [1, 2]
    with Side([sys.executable, "-c", "pass"], ROOT, 1) as side, pytest.raises((RuntimeError, BrokenPipeError)):
        side.run({"seconds": 1})


class Given:
    """A side whose seconds are given."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = iter(seconds)

    def run(self, case) -> dict[str, float]:
        return {"seconds": next(self.seconds)}


def test_a_ratio_is_the_median_of_the_turns():
    row = Trial("a week", {"size": "small"}, 3, target=1.5).measure({OURS: Given(1.0, 1.0, 4.0), KERAS: Given(3.0, 1.0, 8.0)})
    assert (row["Keras / ours"], row["Keras / ours, from and to"], row["met"]) == (2.0, [1.0, 3.0], True)
    assert row["ms, ours"] == 1000.0 and row["ms, Keras"] == 3000.0


def test_operations_of_large_by_hand():
    tokens, heads = 1120, 12
    projections, products, wide = 4 * 2 * tokens * 96 * heads * 96, 2 * 2 * heads * tokens**2 * 96, 2 * 2 * tokens * 96 * 256
    assert operations("large") == 4 * (projections + products + wide) + 2 * tokens * 9 * 96


def test_a_commit_that_is_not_here_is_left_out(tmp_path):
    assert former("0" * 40, tmp_path) is None
