"""What became of people scored like this one: said where the model's test can bear it, and else why not."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.evaluation import wilson
from pat_core.workflows.models import held_out_calibration
from pat_core.workflows.models.answers import FREQUENCY, PROBABILITY, RANK, RECALIBRATED, SCORE, Wish, set_words
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import as_prediction
from pat_core.workflows.models.similar_scores import comparison, held_out_test, kept_calibration
from pat_core.workflows.models.similar_scores import test_calibration as worth_of

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


def people_like(model, logit, *, standardize_by="model", cohort=None, participant=None, tested=()):
    """The share among those who scored alike, or why there is none."""
    beside = comparison(model, standardize_by, cohort, tested).beside(logit, participant)
    return beside.like, beside.why


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


def answer(model, logit, cohort=None, wish=None, **beside):
    """What the reader is given of a score."""
    return comparison(model, "model", cohort).beside(logit, **beside).answer(as_prediction(model, "p", 0, logit), wish or Wish())


@pytest.fixture(scope="module")
def borne_out(trained):
    """A model with a test of 400 people, two thirds of them of the group, whose logits are three times too large."""
    rng = np.random.default_rng(5)
    logits = rng.normal(0.6, 1.6, 400)
    labels = rng.random(400) < 1 / (1 + np.exp(-logits))
    test = {"auc": {"n": 400}, "logits": (3 * logits).tolist(), "labels": labels.astype(int).tolist(), "fold": [n % 5 for n in range(400)]}
    made = resolve(trained[0], "late risers")
    return replace(made, card={**made.card, "test": test, "tested_on_simulated": False, "prevalence": float(labels.mean())})


def test_percentages_that_the_test_does_not_bear_out_are_recalibrated_and_the_models_own_are_not_offered(borne_out):
    worth = worth_of(borne_out.card)
    assert worth.measured["model"].slope.value == pytest.approx(1 / 3, abs=0.08) and not worth.measured["model"].supported
    assert worth.supported[:2] == ("venn-abers", "platt") and worth.measured["platt"].slope.value == pytest.approx(1, abs=0.2)
    made = answer(borne_out, 3.0)
    assert (made.what, made.by, made.n) == (RECALIBRATED, "Venn-Abers", 400) and made.low <= made.value <= made.high
    assert made.value == pytest.approx(1 / (1 + np.exp(-1.0)), abs=0.12) and made.prevalence == worth.prevalence and not made.stated
    platt = answer(borne_out, 3.0, wish=Wish("platt"))
    assert platt.by == "Platt" and platt.value == pytest.approx(1 / (1 + np.exp(-1.0)), abs=0.06)
    assert answer(borne_out, 3.0, wish=Wish("model")) == made, "what is not borne out is never shown, even on request"


def test_a_recalibration_that_made_the_test_worse_bears_out_no_percentage(borne_out):
    worth = worth_of(borne_out.card)
    own, platt = worth.measured["model"], worth.measured["platt"]
    assert worth.bears_out("platt") and platt.supported and worth.change("model") is None
    spoilt = replace(worth, measured=worth.measured | {"platt": replace(platt, brier=own.brier + 0.01)})
    assert "platt" not in spoilt.supported and spoilt.supported[0] == "venn-abers"
    assert "worse than the model's own" in spoilt.words("platt") and "use the rank" in spoilt.change_words("platt")
    only = replace(spoilt, people=100, measured={"model": own, "platt": spoilt.measured["platt"]})
    assert only.supported == () and "worse than the model's own" in only.why_none()


def test_the_models_own_probability_stands_where_the_test_bears_it_out(borne_out):
    right = with_test(borne_out, logits=[logit / 3 for logit in borne_out.card["test"]["logits"]])
    prior = right.card["prevalence"]
    shifted = with_test(right, logits=[logit - np.log(prior / (1 - prior)) for logit in right.card["test"]["logits"]])
    made = answer(shifted, 0.5)
    assert (made.what, made.low) == (PROBABILITY, None) and made.value == pytest.approx(
        1 / (1 + np.exp(-0.5 - np.log(prior / (1 - prior))))
    )
    assert "off by" in made.why


def test_a_stated_prevalence_moves_the_odds_of_every_share_by_the_ratio_of_prior_odds(model, borne_out, cohort):
    def odds(share):
        return share / (1 - share)

    for of, logit, way in ((model, 29.5, None), (borne_out, 3.0, "platt"), (borne_out, 3.0, "venn-abers")):
        before, after = answer(of, logit, cohort, Wish(way)), answer(of, logit, cohort, Wish(way, 0.05))
        assert after.stated and after.prevalence == 0.05 and after.value < before.value
        moved = odds(0.05) / odds(before.prevalence)
        measured = "as in the test; where 5 % are, how far off they are is not known." in after.why
        assert measured is ("off by" in after.why) is (way is not None), "how far off was measured at the prevalence of the test alone"
        assert "not known" not in before.why
        for name in ("value", "low", "high"):
            assert odds(getattr(after, name)) == pytest.approx(moved * odds(getattr(before, name)))
    for wrong in (0, 1, 5, -0.1):
        with pytest.raises(PatError, match="above 0 and below 1"):
            Wish(prevalence=wrong)


def test_sets_leave_the_right_group_in_as_often_as_they_say_and_cannot_tell_in_between(borne_out, model, cohort):
    sets = worth_of(borne_out.card).sets
    assert sets.measured.value == pytest.approx(0.9, abs=0.05) and sets.measured.n == 400
    among = comparison(borne_out)
    assert [among.beside(logit).possible() for logit in (-12.0, 1.0, 12.0)] == [(True, False), (True, True), (False, True)]
    assert [set_words(possible, "good", "poor") for possible in ((True, False), (True, True), (False, True), (False, False))] == [
        "good", "cannot tell", "poor", "neither"
    ]  # fmt: skip
    few = with_test(model, **{name: model.card["test"][name][25:35] for name in ("logits", "labels", "people")})
    assert comparison(few, "model", cohort).beside(3.0).possible() is None, "five people of a kind can rule nothing out"


def test_where_no_percentage_is_borne_out_the_rank_among_the_tested_stands_with_the_reason(model, cohort):
    some = {name: model.card["test"][name][:37] for name in ("logits", "labels", "people")}
    few = with_test(model, **some)
    made = answer(few, 20.4, cohort)
    assert (made.what, made.below, made.n, made.value) == (RANK, 21, 37, 21 / 37) and "37 people" in made.why and not made.of_the_group
    assert answer(few, 99.0, cohort, participant="p10").below == 10, "who was tested is ranked by their held-out score, among the others"
    assert answer(few, 20.0, cohort).below == 20, "of equal scores half, rounded down"
    folds = with_test(model, fold=[n % 5 for n in range(PEOPLE)])
    assert answer(folds, 3.5, cohort).what in (RANK, RECALIBRATED) and answer(folds, 3.5, cohort, Wish("rank")).below == 4


def test_without_any_test_the_score_stands_alone_and_no_percentage(model, cohort):
    made = answer(replace(model, card={"prevalence": 0.3}), 1.25, cohort)
    assert (made.what, made.value, made.share) == (SCORE, 1.25, None) and "no test" in made.why
    assert answer(model, 29.5, cohort).what == FREQUENCY


def test_the_worth_of_percentages_comes_back_from_a_card_as_plain_values_and_is_measured_anew_for_other_people(borne_out, monkeypatch):
    plain = json.loads(json.dumps(kept_calibration(borne_out.card)))
    kept = replace(borne_out, card=borne_out.card | {"calibration": plain})
    measured = worth_of(borne_out.card)
    monkeypatch.setattr(held_out_calibration, "_measure", lambda *_: "measured")
    again = worth_of(kept.card)
    assert (again.measured, again.maps, again.spread, again.sets) == (measured.measured, measured.maps, measured.spread, measured.sets)
    assert worth_of(with_test(kept, labels=[1 - label for label in kept.card["test"]["labels"]]).card) == "measured"
    for damaged in ({**plain, "maps": {"platt": {}}}, {**plain, "version": 0}, {"version": 2}, {**plain, "sets": 7}, 7):
        assert worth_of(borne_out.card | {"calibration": damaged}) == "measured"


def test_of_groups_that_are_wholly_apart_the_worth_is_kept_although_no_slope_is_defined(borne_out):
    labels = [0, 0, 0, 1, 1]
    card = with_test(borne_out, labels=labels, logits=[-3.0, -2.0, -1.0, 1.0, 2.0], fold=[0] * 5, people=list("abcde")).card
    plain = json.loads(json.dumps(kept_calibration(card), allow_nan=False))
    assert plain["measured"]["model"]["slope"]["value"] is None
    assert np.isnan(worth_of(card | {"calibration": plain}).measured["model"].slope.value)
