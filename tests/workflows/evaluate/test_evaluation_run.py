"""A model is tested on people it has not learned from, a row a person, and every figure is of exactly these people."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import EvaluationError, PatError
from pat_core.evaluation import auc
from pat_core.evaluation.decision_curve import DecisionCurve
from pat_core.figures.charts.instability_dots import instability_dots
from pat_core.models.outputs import Outputs
from pat_core.progress import Silent
from pat_core.reports.evaluation_files import plain_values
from pat_core.reports.evaluation_words import frequency_words, group_words
from pat_core.settings import ASSETS
from pat_core.training.target import TargetChoice, target_of
from pat_core.workflows.evaluate import evaluation_run, tested_people
from pat_core.workflows.evaluate.evaluation_run import evaluate
from pat_core.workflows.evaluate.group_columns import banded, group_columns, ordered
from pat_core.workflows.evaluate.group_figures import group_rows
from pat_core.workflows.evaluate.head_optimism import head_optimism, optimism_words, why_no_optimism
from pat_core.workflows.evaluate.operating_point import operating_point, useful_words
from pat_core.workflows.evaluate.tested_people import EvaluationRequest, own_task
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.models.similar_scores import test_calibration as calibration_of_test
from pat_core.workflows.people.demo import COHORT, MODEL

OWN, OTHERS = EvaluationRequest(model=MODEL), EvaluationRequest(model=MODEL, cohort=COHORT)


@pytest.fixture(scope="module")
def record(demo):
    return evaluate(demo, EvaluationRequest(model=MODEL, cohort=COHORT, by="evening sport"))


def test_a_cohorts_people_have_the_scores_and_labels_that_other_pages_show(record, demo, model):
    predicted = {week.row.participant: week.prediction for week in predict_cohort(demo, model, COHORT)}
    labels = {person.participant: person.labels["late wake"] == "planted" for person in demo.people(COHORT)}
    people = record.people
    assert people.named and people.simulated and people.label == "late wake" and len(people) == len(labels)
    np.testing.assert_allclose(people.logits, [predicted[str(who)].logit for who in people.participants])
    np.testing.assert_allclose(people.probabilities, [predicted[str(who)].probability for who in people.participants])
    assert [labels[str(who)] for who in people.participants] == people.positive.tolist()
    assert record.figures.auc.value == pytest.approx(auc(people.positive, people.logits))


def test_people_divided_by_what_the_model_has_not_learned_are_a_caution(record, demo):
    sport = evaluate(demo, EvaluationRequest(model=MODEL, cohort=COHORT, label="evening sport", positive="yes"))
    assert "learned “late wake”" in sport.cautions[0] and "“evening sport”" in sport.cautions[0]
    assert not [caution for caution in record.cautions if "learned “" in caution]


def test_a_models_own_test_is_that_of_its_card(demo, model):
    people = evaluate(demo, OWN).people
    test = model.card["test"]
    np.testing.assert_allclose(people.logits, test["logits"])
    assert people.positive.astype(int).tolist() == test["labels"] and not people.named
    assert evaluate(demo, OWN).figures.auc.value == pytest.approx(test["auc"]["value"])


def test_evaluate_and_models_say_the_same_of_recalibrated_percentages(demo, model):
    card = json.loads(json.dumps(model.card))
    backwards = {name: values[::-1] for name, values in card["test"].items() if isinstance(values, list)}
    stored = calibration_of_test(card | {"test": card["test"] | backwards}).measured["platt"]
    here = evaluate(demo, OWN).figures.recalibrated
    assert (here.ici, here.slope, here.brier.value) == (stored.ici, stored.slope, stored.brier)


def test_people_whom_the_model_has_learned_from_are_no_test_of_it(trained):
    space, run = trained
    with_names = evaluate(space, EvaluationRequest(model=run.name))
    table = pd.read_csv(run.folder / "test.csv", dtype={"participant": str})
    assert with_names.people.named and set(with_names.people.participants) == set(table["participant"])
    outside = evaluate(space, EvaluationRequest(model=run.name, cohort="people"))
    assert set(outside.people.participants) == set(table["participant"]), "only its held-out people are left of its own cohort"
    assert "it was trained on them" in " ".join(outside.people.left_out)
    np.testing.assert_allclose(np.sort(outside.people.logits), np.sort(with_names.people.logits), atol=1e-5)


def test_the_figures_are_kept_by_the_scores_that_they_come_from(demo, record, monkeypatch):
    def never(*_, **__):
        raise AssertionError("measured again")

    monkeypatch.setattr(evaluation_run, "_figures", never)
    assert repr(evaluate(demo, OTHERS).figures) == repr(record.figures)


def test_repeats_and_folds_pool_to_people_and_pairs_stay_within_one_model(model):
    rng, rows = np.random.default_rng(3), []
    for repeat in range(2):
        for number in range(12):
            fold = (number + repeat) % 3
            about = {"participant": f"p{number}", "positive": number % 2, "fold": fold, "repeat": repeat}
            rows.append(about | {"logit": rng.normal() + 5 * fold})
    people = tested_people._pooled(model, pd.DataFrame(rows), "c", ("l", "a", "b"), False, "folds")
    table = pd.DataFrame(rows)
    np.testing.assert_allclose(people.logits, table.groupby("participant", sort=False)["logit"].mean())
    assert people.each.shape == (2, 12) and people.folds == 3
    labels, scores, who, fold = evaluation_run.rows_of(people)
    assert len(labels) == 24 and len(set(fold.tolist())) == 6
    figures = evaluation_run._figures(people, 0)
    areas = [auc(part["positive"], part["logit"]) for _, part in table.groupby(["repeat", "fold"])]
    np.testing.assert_allclose(sorted(figures.fold_aucs), sorted(areas))
    assert figures.auc.value == pytest.approx(np.mean(areas)), "folds of equal size weigh alike"


def test_two_models_are_compared_on_the_people_both_can_be_tested_on(trained):
    space, run = trained
    with pytest.raises(EvaluationError, match="same weights"):
        evaluate(space, EvaluationRequest(model=run.name, against=run.name))
    people = evaluate(space, EvaluationRequest(model=run.name)).people
    record = evaluate(space, EvaluationRequest(model=run.name, against=str(ASSETS / "demo" / "model.safetensors")))
    assert record.second is not None and record.second.people == len(people)
    assert record.second.aucs.first == pytest.approx(record.figures.auc.value)
    np.testing.assert_array_equal(record.second.positive, record.people.positive)
    np.testing.assert_allclose(record.second.probabilities, record.people.probabilities)
    assert len(record.second.theirs) == record.second.people and "theirs" not in json.dumps(
        plain_values(record, operating_point(record.people, 0.4))
    )


def test_parts_of_the_people_are_counted_and_small_ones_marked(record, demo):
    sport = {person.participant: person.labels["evening sport"] for person in demo.people(COHORT)}
    assert [row.group for row in record.groups] == ["no", "yes"] and record.groups[1].few
    for row in record.groups:
        assert row.people == sum(value == row.group for value in sport.values()) == row.positives + row.negatives
    assert group_columns(demo, record.people) == ["evening sport", "weekend nap", "nonwear day", "high level"]
    with pytest.raises(EvaluationError, match="does not divide"):
        evaluate(demo, EvaluationRequest(model=MODEL, cohort=COHORT, by="height"))
    with pytest.raises(EvaluationError, match="not known by name"):
        evaluate(demo, EvaluationRequest(model=MODEL, by="evening sport"))


def test_a_part_has_the_slope_of_its_people_where_they_are_enough_and_else_says_why_not(record):
    people, no = record.people, record.groups[0]
    assert no.group == "no" and not no.few and no.no_slope == ""
    rng = np.random.default_rng(8)
    logits = rng.normal(size=600)
    labels = rng.random(600) < 1 / (1 + np.exp(-0.5 * logits))
    many = replace(people, positive=labels, logits=logits, probabilities=1 / (1 + np.exp(-logits)), fold=np.zeros((1, 600), int))
    part = np.where(np.arange(600) < 560, "many", "few").astype("<U10")
    part[:2] = "one kind"
    labels[:2] = True
    labels[560:] = np.arange(40) < 9
    rows = {row.group: row for row in group_rows(many, part)}
    assert rows["many"].slope.low < 0.5 < rows["many"].slope.high and rows["many"].slope.value == pytest.approx(0.5, abs=0.2)
    assert rows["few"].no_slope == "fewer than 10 people in one of the groups" and np.isnan(rows["few"].slope.value)
    assert rows["one kind"].no_slope == "one of the groups is missing"
    labels[2:560] = logits[2:560] > 0
    assert {row.group: row for row in group_rows(many, part)}["many"].no_slope == "the scores divide the groups wholly"
    assert "no calibration slope: fewer than 10" in group_words(rows["few"]) and "calibration slope 0." in group_words(rows["many"])


def test_what_age_sex_and_wear_predict_stands_beside_the_score(record, demo, tmp_path):
    assert record.others is not None and record.others.names == ("hours of wear",) and evaluate(demo, OWN).others is None
    space, model = Workspace(tmp_path / "adjusted"), str(ASSETS / "demo" / "model.safetensors")
    weeks = [demo.week(COHORT, person.participant) for person in demo.people(COHORT)[:24]]
    late = {person.participant: person.labels["late wake"] for person in demo.people(COHORT)}
    facts = {
        name: {"g": value, "age_band": "60-64" if value == "planted" else "30-34", "Sex": "fm"[int(name[-1]) % 2]}
        for name, value in late.items()
    }
    space.create_cohort("adjusted", weeks, facts)
    others = evaluate(space, EvaluationRequest(model=model, cohort="adjusted", label="g", positive="planted")).others
    assert others is not None and others.names == ("age", "sex", "hours of wear")
    assert others.check.variables.value == 1.0 and others.check.gain.value == 0.0, "age alone tells them apart here"


def test_numbers_are_put_into_bands_in_rising_order_and_missing_ones_stay_apart():
    ages = banded(np.array([17, 18, 44, 45, 80, np.nan]), "age")
    assert ages.tolist() == ["under 18", "18 to under 30", "30 to under 45", "45 to under 60", "75 and over", ""]
    assert ordered(ages) == ["under 18", "18 to under 30", "30 to under 45", "45 to under 60", "75 and over", ""]
    thirds = banded(np.arange(9.0), "score")
    assert [int((thirds == group).sum()) for group in ordered(thirds)] == [3, 3, 3]


def test_a_test_that_cannot_be_is_refused_in_a_sentence(demo):
    def refusal(**asked) -> str:
        with pytest.raises(PatError) as error:
            evaluate(demo, EvaluationRequest(model=MODEL, cohort=COHORT, **asked))
        return str(error.value)

    assert "Nobody in" in refusal(label="late wake", positive="maybe")
    assert "Its values are" in refusal(label="evening sport", positive="yes", negative="perhaps")
    assert "no value of evening sport was given" in refusal(label="evening sport")
    assert "madrs1" in refusal(label="madrs1>=25")
    only = Workspace(demo.folder.parent / "other")
    weeks = [demo.week(COHORT, who) for who in ("sim-0001", "sim-0002")]
    only.create_cohort("alone", weeks, {week.participant: {"g": "a"} for week in weeks})
    asked = EvaluationRequest(model=MODEL, cohort="alone", label="g", positive="a")
    with pytest.raises(EvaluationError, match="there is nobody"):
        tested_people.tested_people(only, resolve(demo, MODEL), asked, Silent())


def test_a_stated_prevalence_moves_predictive_values_and_nothing_else(record):
    here, there = operating_point(record.people, 0.4), operating_point(record.people, 0.4, prevalence=0.05)
    assert here.figures == there.figures and not here.stated and there.stated
    f = here.figures
    odds = 0.05 / 0.95 * f.positive_likelihood_ratio.value
    assert there.ppv.value == pytest.approx(odds / (1 + odds))
    words = frequency_words(record, there)
    assert f"Of 100 people whom it flags, about {100 * there.ppv.value:.0f} are labelled planted" in words and "as you state" in words
    assert round(100 - 100 * there.npv.value) == 1
    assert "of 100 whom it does not flag, about 1 is labelled planted all the same." in words
    nobody = frequency_words(record, operating_point(record.people, 1.0))
    assert "Of 100 whom it does not flag, about 40 are labelled planted all the same." in nobody and "whom it flags, about" not in nobody
    with pytest.raises(EvaluationError, match="between 0 and 1"):
        operating_point(record.people, 40)
    fixed = operating_point(record.people, 0.4, specificity=0.9)
    assert fixed.fixed is not None and fixed.figures.specificity.value >= 0.9


def test_a_threshold_on_a_number_makes_the_two_groups(demo, tmp_path):
    space = Workspace(tmp_path / "ages")
    weeks = [demo.week(COHORT, f"sim-{number:04}") for number in range(1, 13)]
    ages = {week.participant: {"age": 20.0 + 5 * number} for number, week in enumerate(weeks)}
    space.create_cohort("ages", weeks, ages | {weeks[0].participant: {}})
    model = str(ASSETS / "demo" / "model.safetensors")
    people = evaluate(space, EvaluationRequest(model=model, cohort="ages", label="age>=45")).people
    assert people.counts == (7, 4) and people.positive_value == ">=45" and people.negative_value == "<45"
    assert "1 person has no value of age" in " ".join(people.left_out)
    cut = {"target": target_of("age>=45", {"age": [50.0, 40.0]}, TargetChoice()).as_dict()}
    assert own_task(cut, ["age"]) == "age: >=45 against <45" and own_task(cut, ["sex"]) == "" == own_task({}, ["age"])


def test_heads_of_people_drawn_anew_say_how_much_is_optimism(trained, demo, model):
    space, run = trained
    done = head_optimism(space, resolve(space, run.name))
    o = done.optimism
    assert len(done.participants) == 24 and o.instability.predictions.shape == (100, 24)
    assert o.optimism > 0 and o.corrected.value < o.apparent.value == pytest.approx(auc(done.positive, o.instability.original))
    probe = resolve(space, run.name)
    assert "heads that learned from people drawn anew" in optimism_words(done) and why_no_optimism(space, probe) == ""
    whole = why_no_optimism(space, replace(probe, card={**probe.card, "style": "full"}))
    classes = why_no_optimism(space, replace(probe, outputs=Outputs("classes", ("a", "b", "c"))))
    assert "trained whole" in whole and "another kind of target" in classes and "another kind" not in whole
    assert all("--folds 5 --repeats 10" in words for words in (whole, classes))
    chart, words = instability_dots(o.instability, done.participants)
    assert "24 people" in words and len(chart.layer) == 3
    with pytest.raises(EvaluationError, match="does not hold that run"):
        head_optimism(demo, model)


def test_thresholds_at_which_a_model_is_useful_are_named_range_by_range():
    def words(*percent: int) -> str:
        every = tuple(step / 100 for step in range(1, 100))
        gain = tuple(0.1 if step in percent else -0.1 for step in range(1, 100))
        return useful_words(DecisionCurve(every, gain, gain, gain, tuple(0.0 for _ in every), 0.3, 30, 70))

    assert "thresholds of 5 % to 7 %, 12 %, 20 % to 21 % (" in words(5, 6, 7, 12, 20, 21)
    assert "thresholds of 2 %, 4 %, 6 %, and in 2 more ranges (" in words(2, 4, 6, 8, 10)
    assert words().startswith("At no threshold")
