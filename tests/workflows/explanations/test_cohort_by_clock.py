"""A cohort's attributions by clock: whom they are of, and that nothing is made twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled, ExplanationError, UntrainedError
from pat_core.jobs import run_job
from pat_core.records import COUNTS, Attribution, Week
from pat_core.wear import QualitySettings
from pat_core.weeks import report
from pat_core.workflows.explanations import cohort_by_clock, week_maps
from pat_core.workflows.explanations.cohort_by_clock import ClockRequest, clock_table, counts_words, kept_by_clock, run_by_clock
from pat_core.workflows.models.model_entries import add_model, resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.people.demo import MODEL, demo_folder
from pat_core.workflows.read.worn_days import keep_quality_settings
from pat_core.workflows.tasks import TASKS
from tests.workflows.made import worn_for

PEOPLE = "people"
START = datetime(2024, 1, 1)
AT = 8 * 60
"""Minute of the week (Monday 08:00) and of each case's map at which the fake method puts a logit."""


@pytest.fixture
def cohort(workspace, twenty_four) -> Workspace:
    """Six cases and six controls; one more of each is refused or has no clock; one person has no label."""
    weeks = [a_week(f"p{number:02d}", twenty_four.weeks[number]) for number in range(12)]
    weeks += [a_week("flat", np.zeros(10080, np.float32)), a_week("clockless", twenty_four.weeks[12], None)]
    weeks += [a_week("nobody", twenty_four.weeks[13])]
    groups = {week.participant: {"group": "case" if number % 2 else "control"} for number, week in enumerate(weeks[:-1])}
    workspace.create_cohort(PEOPLE, weeks, groups)
    add_model(workspace, demo_folder() / "model.safetensors", MODEL)
    return workspace


def a_week(name: str, values: np.ndarray, start: datetime | None = START) -> Week:
    return Week(name, 0, values, start, True, COUNTS, None, "midnight", report(values, COUNTS))


@pytest.fixture
def asked(cohort) -> ClockRequest:
    return ClockRequest(MODEL, resolve(cohort, MODEL).sha256, PEOPLE, cohort.cohort(PEOPLE).id, "model", "group", "case")


@pytest.fixture
def made(monkeypatch, cohort, twenty_four) -> list[np.ndarray]:
    """What was explained, one entry each; a case's map is 7 logits at Monday 08:00, a control's is nothing."""
    done: list[np.ndarray] = []
    standardizer = resolve(cohort, MODEL).standardizer
    cases = [(twenty_four.weeks[number] - standardizer.mean) / standardizer.scale for number in range(1, 12, 2)]

    def explain(network, z, name, **settings) -> Attribution:
        done.append(z)
        values = np.zeros(10080, np.float32)
        values[AT] = 7.0 if any(np.allclose(z, case, atol=1e-3) for case in cases) else 0.0
        return Attribution(name, "attribution", values, 18, 7.0, 0.0)

    monkeypatch.setattr(week_maps, "explain", explain)
    return done


class CancelledAfter:
    """A reader who cancels when so many people are done."""

    def __init__(self, people: int) -> None:
        self.people = people

    def at(self, fraction: float, message: str) -> None:
        if f"Explaining {self.people + 1} of" in message:
            raise Cancelled("cancelled")

    def metric(self, step, values) -> None: ...


def test_the_groups_are_those_of_the_label_and_who_cannot_be_laid_on_a_clock_is_counted(cohort, asked, made):
    done = run_by_clock(cohort, asked)
    assert done.attribution.people == (6, 6) and (done.asked, done.drawn) == (14, 14)
    assert (done.refused, done.without_start, done.missed) == (1, 1, 0)
    assert len(made) == 12, "neither the refused week nor the one without a clock is explained"
    said = " ".join(counts_words(done))
    assert "12 of 14 people" in said and "1 left out: the input check" in said and "does not say when it started" in said


def test_who_has_too_few_valid_days_for_an_answer_is_left_out_as_in_predictions(workspace, cohort, asked, made, twenty_four):
    weeks = [a_week(row.participant, np.array(cohort.weeks_array(PEOPLE)[row.row])) for row in cohort.week_rows(PEOPLE) if row.start]
    weeks += [a_week("doffed", worn_for(twenty_four.weeks[14], 3))]
    groups = {week.participant: {"group": "case" if number % 2 else "control"} for number, week in enumerate(weeks)}
    cohort.create_cohort("doffed", weeks, groups)
    asked = replace(asked, cohort="doffed", cohort_id=cohort.cohort("doffed").id)
    done = run_by_clock(cohort, asked)
    withheld = [item.row.participant for item in predict_cohort(cohort, resolve(cohort, MODEL), "doffed", "model") if item.refused]
    assert sorted(withheld) == ["doffed", "flat"] and (done.refused, done.few_days, done.without_start) == (1, 1, 0)
    assert sum(done.attribution.people) == len(weeks) - 2 == len(made)
    told = " ".join(counts_words(done))
    assert "1 left out: too few days of their first week are valid" in told and told.endswith("compared with the mean week.")
    assert counts_words(replace(done, window="3-day window"))[-1].endswith("compared with the mean 3-day window.")
    keep_quality_settings(cohort, QualitySettings(days_needed=2))
    assert kept_by_clock(cohort, asked) is None, "by other settings other people are left out"
    assert run_by_clock(cohort, asked).few_days == 0 and kept_by_clock(cohort, asked).few_days == 0


def test_a_logit_at_eight_stands_in_the_bin_of_eight_and_differs(cohort, asked, made):
    asked = replace(asked, bin=240)  # with six against six, no one of 48 windows could pass the control
    laid = run_by_clock(cohort, asked).attribution
    at = AT // 240
    assert laid.cases.mean[at] == pytest.approx(1.0), "7 logits on one of 7 days"
    assert laid.cases.mean.sum() == pytest.approx(1.0) and not laid.controls.mean.any()
    assert laid.difference.mean[at] == pytest.approx(1.0) and laid.differs[at] and laid.differs.sum() == 1
    table = clock_table(run_by_clock(cohort, asked))
    assert table.loc[table["found"], "clock"].tolist() == ["08:00"] and table["cases"].sum() == pytest.approx(1.0)
    assert table.loc[table["found"], "share"].tolist() == [1.0] and not table.loc[table["found"], "very small"].any()


def test_what_was_explained_before_a_cancel_is_not_explained_again(cohort, asked, made):
    with pytest.raises(Cancelled):
        run_by_clock(cohort, asked, CancelledAfter(5))
    before = len(made)
    assert 5 <= before < 12 and kept_by_clock(cohort, asked) is None, "maps beside the one that was waited for may be finished too"
    run_by_clock(cohort, asked)
    assert len(made) == 12


def test_the_result_is_kept_whole_and_belongs_to_these_labels_and_weights(cohort, asked, made):
    done = run_by_clock(cohort, asked)
    kept = kept_by_clock(cohort, asked)
    assert np.array_equal(kept.attribution.difference.low, done.attribution.difference.low)
    assert np.array_equal(kept.attribution.differs, done.attribution.differs) and kept.attribution.people == (6, 6)
    assert (kept.asked, kept.refused, kept.attribution.words) == (done.asked, done.refused, done.attribution.words)
    assert kept_by_clock(cohort, replace(asked, over="week")) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cohort_by_clock, "GATE_VERSION", 0)
        assert kept_by_clock(cohort, asked) is None, "by another gate other people are left out"
    cohort.set_labels(PEOPLE, {"p00": {"group": "case"}})
    assert kept_by_clock(cohort, asked) is None, "another grouping is another question"


def test_other_weights_or_another_cohort_of_the_name_are_refused(cohort, asked, made):
    with pytest.raises(ExplanationError, match="weights of .* changed"):
        run_by_clock(cohort, replace(asked, sha256="0" * 64))
    with pytest.raises(ExplanationError, match="a different cohort now"):
        run_by_clock(cohort, replace(asked, cohort_id="another"))
    with pytest.raises(ExplanationError, match=r"Nobody in people has group = 'sick'.*case \(7\)"):
        run_by_clock(cohort, replace(asked, cases="sick"))
    with pytest.raises(UntrainedError):
        run_by_clock(cohort, replace(asked, model="random-small", sha256=None))


def test_of_a_large_cohort_the_same_people_are_drawn_every_time(cohort, asked, made, monkeypatch):
    monkeypatch.setattr(cohort_by_clock, "MOST_PEOPLE", 13)
    first = run_by_clock(cohort, asked)
    explained = len(made)
    run_by_clock(cohort, asked)
    assert first.drawn == 13 and len(made) == explained and "drawn at random" in " ".join(counts_words(first))


def test_the_job_does_what_was_asked_and_says_how_many(cohort, asked, made):
    job = cohort.add_job(cohort_by_clock.BY_CLOCK.kind, "by clock", asked.as_spec())
    done = run_job(cohort, job, TASKS)
    assert done.state == "done" and done.result == {"people": 12, "refused": 1}
    assert kept_by_clock(cohort, ClockRequest.from_spec(done.spec)) is not None
