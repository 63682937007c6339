"""What became of people scored like this one: said where the model's test can bear it, and else why not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pat_core.evaluation import wilson
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.similar_scores import held_out_test, people_like

PEOPLE = 60


@pytest.fixture(scope="module")
def cohort(trained):
    return trained[0].cohort("people")


@pytest.fixture
def model(trained, cohort):
    """A model whose test had 60 people, positive from the 31st on, scored 0, 1, ... 59."""
    test = {
        "auc": {"value": 1.0, "low": 1.0, "high": 1.0, "n": PEOPLE},
        "logits": [float(n) for n in range(PEOPLE)],
        "labels": [int(n >= 30) for n in range(PEOPLE)],
        "people": [f"p{n}" for n in range(PEOPLE)],
    }
    made = resolve(trained[0], "late risers")
    return replace(made, card={**made.card, "test": test, "cohort_id": cohort.id, "tested_on_simulated": False})


def with_test(model, **changes):
    return replace(model, card={**model.card, "test": {**model.card["test"], **changes}})


def test_the_share_of_positives_among_the_twenty_nearest_with_how_many_they_are(model, cohort):
    like, why = people_like(model, 29.5, cohort=cohort, participant="somebody")
    assert why == "" and like == wilson(10, 20) and like.n == 20


def test_a_person_of_the_test_is_compared_by_their_held_out_score_and_not_with_themselves(model, cohort):
    # By the held-out score 40 the nearest others are 30 to 39 and 41 to 50, all positive; by the score given, 0, none would be.
    like, _ = people_like(model, 0.0, cohort=cohort, participant="p40")
    assert (like.value, like.n) == (1.0, 20)
    turned = with_test(model, labels=[int(n == 40) for n in range(PEOPLE)])
    assert people_like(turned, 40.0, cohort=cohort, participant="p40")[0].value == 0.0
    assert people_like(turned, 40.0, cohort=cohort, participant="other")[0].value > 0.0


def test_somebody_of_the_same_name_in_another_cohort_is_another_person(model, cohort):
    elsewhere = replace(cohort, id="another")
    assert people_like(model, 0.0, cohort=elsewhere, participant="p40")[0].value == 0.0


def test_where_the_card_names_nobody_the_runs_own_table_does(model, cohort):
    named = model.card["test"]["people"]
    bare = with_test(model, people=None)
    assert people_like(bare, 0.0, cohort=cohort, participant="p40", tested=named)[0].value == 1.0
    assert people_like(bare, 0.0, cohort=cohort, participant="p40")[0].value == 0.0


def test_scores_of_the_different_models_of_a_cross_validation_are_not_set_beside_one_another(model, cohort):
    like, why = people_like(with_test(model, fold=[n % 5 for n in range(PEOPLE)]), 3.0, cohort=cohort)
    assert like is None and "different models" in why
    assert people_like(with_test(model, fold=[0] * PEOPLE), 3.0, cohort=cohort)[0].n == 20


def test_several_weeks_of_a_person_are_one_entry_with_their_mean(model):
    twice = with_test(model, people=["a", "b", "a"], logits=[1.0, 5.0, 3.0], labels=[1, 0, 1])
    known = held_out_test(twice.card)
    assert (known.people, known.count) == (("a", "b"), 2)
    np.testing.assert_array_equal(known.logits, [2.0, 5.0])
    np.testing.assert_array_equal(known.labels, [True, False])


def test_fewer_than_forty_test_people_are_too_few_and_counted(model, cohort):
    some = {name: model.card["test"][name][:37] for name in ("logits", "labels", "people")}
    like, why = people_like(with_test(model, **some), 3.0, cohort=cohort)
    assert like is None
    assert "its test set of 37 people is too small to say what became of people scored like this one" in why
    weeks = with_test(model, people=None, auc={"n": 30})
    assert "30 people" in people_like(weeks, 3.0, cohort=cohort)[1]


def test_a_score_made_with_another_standardizer_is_compared_with_nobody(model, cohort):
    like, why = people_like(model, 3.0, standardize_by="cohort", cohort=cohort)
    assert like is None and "standardization" in why


def test_real_people_are_not_compared_with_simulated_ones(model, cohort):
    simulated = replace(model, card={**model.card, "tested_on_simulated": True})
    like, why = people_like(simulated, 3.0, cohort=cohort)
    assert like is None and "simulated people only" in why
    assert people_like(simulated, 3.0, cohort=replace(cohort, simulated=True))[1] == ""


@pytest.mark.parametrize(
    "test",
    [
        None,
        "good",
        [],
        {},
        {"logits": [1.0]},
        {"logits": ["a"], "labels": [1]},
        {"logits": [math.nan], "labels": [1]},
        {"logits": [1.0], "labels": [2]},
        {"logits": [1.0, 2.0], "labels": [1]},
    ],
)
def test_a_card_that_tells_of_no_test_that_can_be_read_says_so(model, cohort, test):
    like, why = people_like(replace(model, card={"test": test}), 3.0, cohort=cohort)
    assert like is None and "no test" in why


@pytest.mark.parametrize("named", [7, "p0", {}, ["p0"]])
def test_names_that_do_not_fit_the_test_are_left_aside(model, cohort, named):
    assert people_like(with_test(model, people=named), 0.0, cohort=cohort, participant="p40")[0].value == 0.0


def test_without_a_trained_head_there_is_no_score_to_compare(model):
    assert "no trained head" in people_like(replace(model, has_head=False), 3.0)[1]
