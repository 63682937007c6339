"""Whom a week is compared with to say how unusual it is: never with the person's own weeks, and with nobody where too few are here."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
import torch

from pat_core.models.ensemble import Ensemble
from pat_core.progress import Silent
from pat_core.records import COUNTS, Week, WeekQuestion
from pat_core.wear import QualitySettings
from pat_core.weeks import apply, report
from pat_core.weights import random_model
from pat_core.workflows.explanations import cohort_embeddings
from pat_core.workflows.explanations.cohort_embeddings import MOST_READ
from pat_core.workflows.explanations.unusual_weeks import NOT_YET, predict_with_distances, reference_for, week_distance
from pat_core.workflows.explanations.week_maps import baseline_for
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import predict_cohort, read_week
from pat_core.workflows.models.training_overlap import Seen
from pat_core.workflows.people.demo import COHORT
from pat_core.workflows.people.simulated_people import store_simulated
from pat_core.workflows.read.worn_days import keep_quality_settings
from tests.workflows.made import worn_for

PERSON = "sim-0029"


def test_a_person_is_compared_with_the_others_of_the_cohort_where_the_training_people_are_not_here(demo, model):
    reference, whom = reference_for(demo, model, COHORT, without=PERSON)
    assert whom == f"the 39 other people of “{COHORT}”" and reference.people == 39
    everyone, _ = reference_for(demo, model, COHORT)
    own = read_week(demo, model, WeekQuestion(COHORT, PERSON))
    other = replace(own, question=replace(own.question, participant="sim-0001"))
    alone, _ = week_distance(demo, model, own)
    assert alone.value > week_distance(demo, model, other)[0].value, "nobody is near merely by being in the reference"
    assert everyone.people == 40


def named(twenty_four) -> list[tuple[str, np.ndarray]]:
    return list(zip(twenty_four.participants, twenty_four.weeks, strict=True))


def with_twins(workspace, twenty_four) -> str:
    """A cohort of 24 and two more who are the first two under other names; the second twin's first week is another one."""
    rows = [(name, 0, week) for name, week in named(twenty_four)]
    rows += [
        ("twin", 0, twenty_four.weeks[0]),
        ("later twin", 0, np.roll(twenty_four.weeks[1], 1440)),
        ("later twin", 1, twenty_four.weeks[1]),
    ]
    weeks = [
        Week(name, index, values, datetime(2024, 1, 1), True, COUNTS, None, "start", report(values, COUNTS)) for name, index, values in rows
    ]
    workspace.create_cohort("twins", weeks, {})
    return "twins"


def test_nobody_is_compared_with_themselves_under_another_name_or_in_another_cohort(workspace, twenty_four, model, monkeypatch):
    name, (first, second, third, *_) = with_twins(workspace, twenty_four), twenty_four.participants
    people = {who: reference_for(workspace, model, name, without=who)[0].people for who in (first, second, third, "twin")}
    assert people == {first: 24, second: 24, third: 25, "twin": 24}
    store_simulated(workspace, "again", twenty_four)
    everyone = {row.participant: "train" for row in workspace.week_rows(name)}
    monkeypatch.setattr("pat_core.workflows.explanations.unusual_weeks.seen", lambda *_: Seen(everyone))
    own = replace(model, card={**model.card, "cohort_id": workspace.cohort(name).id})
    assert reference_for(workspace, own, "again", without=first)[0].people == 24
    assert reference_for(workspace, own, "again", without=third)[0].people == 25


def test_reference_weeks_are_of_nobody_with_a_week_of_the_person_s_own(workspace, twenty_four, model):
    name = with_twins(workspace, twenty_four)
    for number, twin in enumerate(("twin", "later twin")):
        of = read_week(workspace, model, WeekQuestion(name, twenty_four.participants[number], standardize_by="model"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pat_core.workflows.explanations.week_maps.REFERENCE_WEEKS", 100)
            found = baseline_for(workspace, model, of, "reference weeks").weeks
        theirs = [row.row for row in workspace.week_rows(name) if row.participant == twin]
        z = apply(model.standardizer, workspace.weeks_array(name)[theirs])
        assert len(found) > 10 and not any(np.array_equal(one, other) for one in found for other in z)


@pytest.mark.parametrize("changed", ["gate", "unit", "start", "weights", "people of the standardizer", "scale", "wear"])
def test_kept_embeddings_belong_to_the_gate_and_all_that_it_reads(workspace, twenty_four, model, monkeypatch, changed):
    store_simulated(workspace, "people", twenty_four)
    rows, by = workspace.week_rows("people"), model.standardizer

    def question():
        return cohort_embeddings.EmbeddingReader(workspace, model, "people", "model", by, None, False)._question("embeddings", rows)

    before = question()
    if changed == "gate":
        monkeypatch.setattr(cohort_embeddings, "GATE_VERSION", 0)
    elif changed in ("unit", "start"):
        rows = [replace(rows[0], **({"unit": "mg"} if changed == "unit" else {"start": None})), *rows[1:]]
    elif changed == "wear":
        keep_quality_settings(workspace, QualitySettings(days_needed=4))
    model = replace(model, sha256="other") if changed == "weights" else model
    by = replace(by, people=9) if changed.startswith("people") else replace(by, scale=by.scale + 1) if changed == "scale" else by
    assert question() != before


def test_nobody_is_compared_with_people_whose_device_was_hardly_worn(workspace, twenty_four, model):
    rows = [(name, worn_for(values, 3 if number < 3 else 7)) for number, (name, values) in enumerate(named(twenty_four))]
    weeks = [Week(name, 0, values, datetime(2024, 1, 1), True, COUNTS, None, "start", report(values, COUNTS)) for name, values in rows]
    workspace.create_cohort("worn", weeks, {})
    last = twenty_four.participants[-1]
    assert reference_for(workspace, model, "worn", without=last)[0].people == 20
    read = read_week(workspace, model, WeekQuestion("worn", last, standardize_by="model"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pat_core.workflows.explanations.week_maps.REFERENCE_WEEKS", 100)
        assert len(baseline_for(workspace, model, read, "reference weeks").weeks) == 20
    keep_quality_settings(workspace, QualitySettings(days_needed=1))
    assert reference_for(workspace, model, "worn", without=last)[0].people == 23, "judged by the settings in use"


def test_a_model_that_was_trained_here_is_compared_with_the_people_it_was_trained_on(trained, monkeypatch):
    workspace, run = trained
    own, everyone = resolve(workspace, run.name), [person.participant for person in workspace.people("people")]
    parts = {person: "train" if at < 21 else "test" for at, person in enumerate(everyone)}
    monkeypatch.setattr("pat_core.workflows.explanations.unusual_weeks.seen", lambda *_: Seen(parts))
    reference, said = reference_for(workspace, own, "people")
    assert said == "the 21 people this model was trained on" and reference.people == 21
    assert reference_for(workspace, own, "people", without=everyone[0])[0].people == 20
    assert reference_for(workspace, own, "people", without=everyone[23])[0].people == 21


def test_where_too_few_people_trained_a_model_the_cohort_on_the_page_is_taken(trained):
    workspace, run = trained
    split = json.loads((run.folder / "split.json").read_text())
    assert sum(part == "train" for part in split.values()) < 20
    assert reference_for(workspace, resolve(workspace, run.name), "people")[1] == "the 24 other people of “people”"


def test_with_too_few_people_it_is_said_why_there_is_no_distance(workspace, twenty_four):
    few = replace(
        twenty_four,
        **{
            "participants": twenty_four.participants[:12],
            "weeks": twenty_four.weeks[:12],
            "positive": twenty_four.positive[:12],
            "traits": {name: mask[:12] for name, mask in twenty_four.traits.items()},
            "evidence": {name: mask[:12] for name, mask in twenty_four.evidence.items()},
            "distractors": {name: mask[:12] for name, mask in twenty_four.distractors.items()},
        },
    )
    store_simulated(workspace, "few", few)
    reference, why = reference_for(workspace, random_model("small"), "few", without=few.participants[0])
    assert reference is None and "at least 20 other people" in why and "11 are here" in why


def test_people_who_were_not_read_yet_are_not_read_where_only_kept_ones_are_wanted(workspace, twenty_four, monkeypatch):
    store_simulated(workspace, "people", twenty_four)
    model = random_model("small")
    assert reference_for(workspace, model, "people", only_kept=True) == (None, NOT_YET)
    first, _ = reference_for(workspace, model, "people")
    monkeypatch.setattr("pat_core.workflows.explanations.cohort_embeddings.pooled", lambda *_: pytest.fail("read again"))
    again, _ = reference_for(workspace, model, "people", only_kept=True)
    np.testing.assert_array_equal(first.distances, again.distances)
    assert again.people <= MOST_READ


def test_weeks_that_are_predicted_anew_are_read_once_for_answer_and_distance(workspace, twenty_four, model, monkeypatch):
    monkeypatch.setattr("pat_core.explain.embedding_distance.FAR", 0.7)
    store_simulated(workspace, "people", twenty_four)
    reference_for(workspace, model, "people", "model")
    with monkeypatch.context() as patch:
        patch.setattr("pat_core.workflows.explanations.cohort_embeddings.pooled", lambda *_: pytest.fail("read again"))
        predicted, unsaid = predict_with_distances(workspace, model, "people", "model", Silent())
    assert not unsaid and [week.prediction for week in predict_cohort(workspace, model, "people", "model")] == [
        week.prediction for week in predicted
    ]
    far = []
    for week in predicted:
        read = read_week(workspace, model, WeekQuestion("people", week.row.participant, standardize_by="model"))
        far.append(week_distance(workspace, model, read)[0].far)
        assert any(caution.code == "far" for caution in week.cautions) == far[-1]
    assert 0 < sum(far) < len(far)


def test_how_unusual_a_week_is_can_be_said_of_an_ensemble(workspace, twenty_four, model):
    store_simulated(workspace, "people", twenty_four)
    parts = torch.ones(2, twenty_four.weeks.shape[1]), torch.zeros(2, twenty_four.weeks.shape[1])
    together = Ensemble([model.network, model.network], *parts).eval()
    two = replace(model, build=lambda: together, sha256="two")
    reference, _ = reference_for(workspace, two, "people", "model")
    assert reference.people == 24 and reference.mean.shape == (2 * 96,)
    predicted, unsaid = predict_with_distances(workspace, two, "people", "model", Silent())
    assert not unsaid and np.allclose(
        [week.prediction.logit for week in predicted],
        [week.prediction.logit for week in predict_cohort(workspace, model, "people", "model")],
        atol=1e-5,
    )
