"""What a cohort's score follows: whom it is of, that it is kept, and where it does not apply."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.errors import ExplanationError, UntrainedError
from pat_core.records import COUNTS, MIMS, Week
from pat_core.wear import QualitySettings
from pat_core.weeks import report
from pat_core.workflows.explanations import cohort_concepts
from pat_core.workflows.explanations.cohort_concepts import ConceptRequest, kept_concepts, run_concepts
from pat_core.workflows.models.model_entries import add_model, resolve
from pat_core.workflows.people.demo import MODEL, demo_folder
from pat_core.workflows.read.worn_days import keep_quality_settings
from tests.workflows.made import worn_for

START = datetime(2024, 1, 1)


def store(workspace, name: str, weeks: dict[str, np.ndarray], unit: str = COUNTS, start: datetime | None = START) -> ConceptRequest:
    made = [Week(who, 0, row, start, True, unit, None, "midnight", report(row, unit)) for who, row in weeks.items()]
    workspace.create_cohort(name, made, {})
    add_model(workspace, demo_folder() / "model.safetensors", MODEL)
    return ConceptRequest(MODEL, resolve(workspace, MODEL).sha256, name, workspace.cohort(name).id, "model")


@pytest.fixture
def few_pairs(monkeypatch):
    monkeypatch.setattr(cohort_concepts, "PAIRS", 3)
    monkeypatch.setattr(cohort_concepts, "RANDOM", 20)
    monkeypatch.setattr(cohort_concepts, "CONCEPTS", {name: cohort_concepts.CONCEPTS[name] for name in ("late_wake", "night_activity")})


def people(cohort, flat: bool = True) -> dict[str, np.ndarray]:
    weeks = {f"p{number}": cohort.weeks[number] for number in range(4)}
    return weeks | ({"flat": np.zeros(10080, np.float32)} if flat else {})


def test_a_model_of_late_wake_up_follows_late_wake_up_and_the_answer_is_kept(workspace, twenty_four, few_pairs):
    asked = store(workspace, "people", people(twenty_four))
    done = run_concepts(workspace, asked)
    late = done.responses[0]
    assert late.name == "late_wake" and (late.response.derivative > 0).all() and late.consistency > 0.9
    assert done.participants == ("p0", "p1", "p2", "p3") and done.refused == 1 and done.caution == ""
    kept = kept_concepts(workspace, asked)
    assert np.array_equal(kept.responses[1].response.above_random, done.responses[1].response.above_random)
    assert kept.responses[0].response.words == late.response.words and kept.participants == done.participants
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cohort_concepts, "GATE_VERSION", 0)
        assert kept_concepts(workspace, asked) is None, "by another gate other people are left out"
    table = cohort_concepts.concept_table(kept)
    assert len(table) == 8 and table["derivative"][0] == pytest.approx(float(late.response.derivative[0]))
    assert "1 left out: the input check" in cohort_concepts.lines(done)[-1]


def test_who_has_too_few_valid_days_for_an_answer_is_left_out_and_said(workspace, twenty_four, few_pairs):
    asked = store(workspace, "people", people(twenty_four) | {"doffed": worn_for(twenty_four.weeks[5], 3)})
    done = run_concepts(workspace, asked)
    assert done.participants == ("p0", "p1", "p2", "p3") and (done.refused, done.few_days) == (1, 1)
    assert "1 left out: too few days of their first week are valid" in cohort_concepts.lines(done)[-1]
    keep_quality_settings(workspace, QualitySettings(days_needed=2))
    assert kept_concepts(workspace, asked) is None, "by other settings other people are left out"
    assert "doffed" in run_concepts(workspace, asked).participants


def test_weeks_without_a_known_start_are_said(workspace, twenty_four, few_pairs):
    asked = store(workspace, "people", people(twenty_four, flat=False), start=None)
    assert "When these windows begin is not known" in run_concepts(workspace, asked).caution


def test_concepts_do_not_apply_to_another_unit_or_without_a_score(workspace, twenty_four):
    asked = store(workspace, "mims", people(twenty_four, flat=False), MIMS)
    assert "not interchangeable" in cohort_concepts.why_not(workspace, asked, True)
    with pytest.raises(ExplanationError, match="not interchangeable"):
        run_concepts(workspace, asked)
    with pytest.raises(UntrainedError):
        run_concepts(workspace, replace(asked, model="random-small", sha256=None))
    assert "no trained head" in cohort_concepts.why_not(workspace, asked, False)


def test_the_pairs_are_turned_to_the_time_at_which_most_weeks_begin():
    class Row:
        def __init__(self, start):
            self.start = start

    same = [Row(datetime(2024, 1, 2, 6, 30)), Row(datetime(2024, 1, 9, 6, 30))]
    assert cohort_concepts._clock(same) == (1440 + 390, "")
    opens, said = cohort_concepts._clock([*same, Row(None)])
    assert opens == 1830 and "1 of 3 windows" in said
