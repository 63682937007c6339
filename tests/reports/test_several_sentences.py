"""What a model of several classes or of a value answers, and how sure it is: by its own test, and only for people whom it has not seen."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.records import Prediction
from pat_core.reports.paper.paper_words import Words
from pat_core.reports.several_sentences import several_answer
from pat_core.workflows.models.class_calibration import possible_classes, value_range
from tests.workflows.models.test_class_calibration import card

PEOPLE = 199


def of_value(people: int = PEOPLE) -> dict[str, object]:
    """A model of ages whose answers were off by 1, 2, ..., `people` tenths of a year."""
    targets = np.linspace(20, 80, people)
    off = np.where(np.arange(people) % 2, 1, -1) * np.arange(1, people + 1) / 10
    test = {
        "outputs": (targets + off)[:, None].tolist(),
        "targets": targets.tolist(),
        "figures": {"MAE": {"value": float(np.abs(off).mean())}},
    }
    return {"label": "age", "outputs": {"kind": "value", "classes": [], "unit": "years"}, "test": test}


def value(number: float) -> Prediction:
    return Prediction("p", 0, number, float("nan"), None, None, (number,), ())


def test_the_range_of_a_value_is_the_width_that_held_nine_of_ten_tested_people():
    reach = value_range(of_value(), 40.0)
    assert reach is not None and (reach.low, reach.high) == pytest.approx((40 - 18.0, 40 + 18.0))
    assert reach.measured.overall.value == pytest.approx(0.9, abs=0.03)
    assert value_range(of_value(8), 40.0) is None  # of 8 people nobody can say it of nine in ten
    assert value_range(card(900), 40.0) is None


def test_the_range_goes_round_what_a_model_answers_that_had_not_seen_the_person():
    of = of_value()
    seen = several_answer(of, value(40.0), Words(), None, "train")
    assert seen.headline == "The model's answer for “age”: 40.0 years." and not any("of 100 people" in line for line in seen.lines)
    unseen = several_answer(of, value(40.0), Words(), 50.0, "train")
    assert "answers 50.0 years" in unseen.lines[0] and "between 32.0 and 68.0 years" in unseen.lines[1]
    strange = several_answer(of, value(-3.5), Words())
    assert "\u22123.5" in strange.headline and "between \u221221.5 and 14.5 years" in strange.lines[0]
    assert "off by 10.0 years" in strange.lines[-1]


def test_classes_that_stay_possible_are_those_as_usual_as_nine_of_ten_tested_people():
    sure, torn = (0.96, 0.02, 0.02), (0.34, 0.33, 0.33)
    kept = possible_classes(card(900), sure)
    assert kept is not None and kept.classes == ("mild",) and kept.measured.overall.value == pytest.approx(0.9, abs=0.03)
    assert possible_classes(card(900), torn).classes == ("mild", "moderate", "severe")  # type: ignore[union-attr]
    assert possible_classes({"outputs": card(3)["outputs"]}, sure) is None


@pytest.mark.parametrize(
    ("shares", "words"), [((0.96, 0.02, 0.02), "leave possible: “mild” (at 90 %"), ((0.34, 0.33, 0.33), "all of them, so it cannot tell")]
)
def test_an_answer_of_classes_says_which_stay_possible_unless_the_model_has_seen_the_person(shares, words):
    shown = Prediction("p", 0, 0.0, float("nan"), None, None, (0.0, 0.0, 0.0), shares)
    said = several_answer(card(900) | {"label": "stage"}, shown, Words())
    assert said.headline.startswith("Most probable by the model, of the classes of “stage”: mild, ") and words in said.lines[0]
    assert said.shares == tuple(zip(("mild", "moderate", "severe"), shares, strict=True))
    assert not any("leave possible" in line for line in several_answer(card(900), shown, Words(), split="train").lines)
    few = several_answer(card(30) | {"label": "stage"}, shown, Words())
    assert not few.shares and "%" not in few.headline and any("From the most to the least probable: mild" in line for line in few.lines)


def test_the_same_in_german():
    words = Words("de")
    lines = several_answer(of_value(), value(40.0), words, 50.0).lines
    assert "Ein Modell desselben Laufs" in lines[0] and "zwischen 32,0 und 68,0 years" in lines[1]
    shown = Prediction("p", 0, 0.0, float("nan"), None, None, (0.0, 0.0, 0.0), (0.96, 0.02, 0.02))
    assert not any(" the " in line for line in several_answer(card(900), shown, words).lines)
