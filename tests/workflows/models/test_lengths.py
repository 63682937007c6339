"""Windows of any length through a model: read by what can read them, with a caution, and by every method of explanation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from pat_core.errors import ExplanationError, TrainingError, WeekError
from pat_core.explain import METHODS
from pat_core.explain.attention_reading import encode
from pat_core.explain.method_registry import applies
from pat_core.progress import Silent
from pat_core.records import WeekQuestion
from pat_core.reports.answer_files import predict_cohort_to, prediction_table
from pat_core.reports.map_files import MapRequest, explain_cohort_to
from pat_core.training import FinetuneSettings
from pat_core.weeks import apply, fit
from pat_core.workflows.explanations.week_maps import baseline_for, default_baseline, explain_read, explain_week
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.predictions import cohort_standardizer, default_standardizer, predict_cohort, read_week
from pat_core.workflows.people.demo import COHORT
from pat_core.workflows.people.participant_week import week_view
from pat_core.workflows.people.participants_table import participants_table
from pat_core.workflows.people.person_windows import together
from pat_core.workflows.read.cohort_import import ImportSettings, import_recordings
from pat_core.workflows.week.labelled_weeks import RunRequest
from tests.workflows.made import weeks_file

LENGTHS = (1, 3, 5, 14)


@pytest.fixture(scope="module")
def read(demo, model, twenty_four, tmp_path_factory):
    """The demonstration's workspace with cohorts "1", "3", "5" and "14" of windows of so many days, and "all" of 6 and 7."""
    folder, people = tmp_path_factory.mktemp("lengths"), slice(0, 12)
    long = np.concatenate([twenty_four.weeks[:12], twenty_four.weeks[12:]], axis=1)
    file = weeks_file(folder / "long.npz", twenty_four, people, weeks=long, start="2024-01-01T10:30:00")
    for days in LENGTHS:
        import_recordings(demo, [file], str(days), ImportSettings(days=days))
    brief = weeks_file(folder / "brief.npz", twenty_four, slice(12, 18), weeks=twenty_four.weeks[12:18, : 6 * 1440 + 50])
    import_recordings(demo, [weeks_file(folder / "whole.npz", twenty_four, people), brief], "all", ImportSettings(days="all"))
    return demo


@pytest.mark.parametrize("days", LENGTHS)
def test_a_model_of_weeks_reads_other_lengths_by_the_cohort_s_people_and_says_so(read, model, days):
    predicted = predict_cohort(read, model, str(days))
    values = np.array(read.weeks_array(str(days)))
    first = [week.row.row for week in predicted if week.row.index == 0]
    z = apply(fit(values, "these", "counts/min", first), values)
    with torch.no_grad():
        np.testing.assert_allclose([week.prediction.logit for week in predicted], model.network(torch.from_numpy(z)).numpy(), atol=1e-4)
    codes = {finding.code for finding in predicted[0].cautions}
    assert {"other_length", "other_standardizer"} <= codes and {week.row.report.minutes for week in predicted} == {days * 1440}
    with pytest.raises(WeekError, match="compares each minute of a week.*cohort-day"):
        predict_cohort(read, model, str(days), "model")


def test_windows_that_differ_in_length_are_read_by_minute_of_the_day_each_as_alone(read, model):
    assert default_standardizer(model, read.cohort("all").lengths) == "cohort_day"
    predicted, used = predict_cohort(read, model, "all"), cohort_standardizer(read, "all", model, "cohort_day")
    assert {week.row.report.minutes for week in predicted} == {6 * 1440, 7 * 1440} and used.per == "day" and used.people == 18
    for week in predicted:
        z = apply(used, np.array(read.weeks_array("all")[week.row.row])[None], [week.row.start])
        with torch.no_grad():
            assert float(model.network(torch.from_numpy(z))[0]) == pytest.approx(week.prediction.logit, abs=1e-4)
    longs = {week.row.report.minutes: {one.code for one in week.cautions} for week in predicted}
    assert "other_length" in longs[6 * 1440] and "other_length" not in longs[7 * 1440]
    with pytest.raises(WeekError, match="differ in length"):
        predict_cohort(read, model, "all", "cohort")


def test_a_model_that_standardizes_by_the_day_reads_any_length_itself(read, model):
    weeks = np.array(read.weeks_array("14"))
    own = replace(model, standardizer=fit(weeks, "people", "counts/min", per="day", starts=[None] * len(weeks)), sha256="d" * 64)
    for cohort in ("1", "3", "all"):
        assert default_standardizer(own, read.cohort(cohort).lengths) == "model"
        codes = {finding.code for finding in predict_cohort(read, own, cohort)[0].cautions}
        assert "other_standardizer" not in codes and ("other_length" in codes) == (cohort != "all")


@pytest.mark.parametrize("name", METHODS)
def test_every_method_explains_three_days_or_says_why_not(read, model, name):
    person = read.people("3")[0].participant
    week = read_week(read, model, WeekQuestion("3", person))
    settings = {"baseline": baseline_for(read, model, week, default_baseline(METHODS[name]))} if default_baseline(METHODS[name]) else {}
    quick = {"tolerance": 0.5, "most": 9} if "tolerance" in METHODS[name].options else {}
    made = METHODS[name].run(model.network, week.z, **settings, **quick)
    assert made.values.shape == (3 * 1440,) and np.isfinite(made.values).all()
    assert applies(name, model.config, 14 * 1440, True).startswith("It scores every combination") == (name == "shapley_day")
    assert bool(applies(name, model.config, 1440, True)) == (name in ("occlusion_day", "shapley_day"))


def test_another_person_has_to_have_a_window_as_long(read, model):
    lengths = {row.participant: row.report.minutes for row in read.week_rows("all")}
    seven, six = (next(who for who, minutes in lengths.items() if minutes == days * 1440) for days in (7, 6))
    week = read_week(read, model, WeekQuestion("all", seven))
    with pytest.raises(ExplanationError, match="both need the same length"):
        explain_read(read, model, week, "integrated_gradients", baseline="another person", baseline_person=(six, 0))
    assert baseline_for(read, model, week, "reference weeks").weeks.shape[1] == week.z.size
    assert baseline_for(read, model, week, "non-wear").weeks.shape == (1, week.z.size)


@pytest.mark.parametrize("cohort", ["1", "3", "14", "all"])
def test_one_person_s_window_has_its_nights_rhythm_and_wear(read, model, cohort):
    view = week_view(read, model, WeekQuestion(cohort, read.people(cohort)[0].participant))
    days = view.week.values.size // 1440
    assert len(view.nights.quality.days) == days and view.nights.report is not None
    assert len(view.nights.report.nights) <= days + 1
    assert np.isnan(view.rhythm.sri) == np.isnan(view.rhythm.interdaily_stability) == (cohort == "1") and np.isfinite(view.rhythm.m10)


def test_several_windows_of_a_person_are_pooled_to_the_person_by_the_mean_of_their_logits(read, model):
    predicted = predict_cohort(read, model, "3")
    who = read.people("3")[0].participant
    own = [week for week in predicted if week.row.participant == who]
    mean = float(np.mean([week.prediction.logit for week in own if not week.refused]))
    assert len(own) == 4 and {week.pooled.windows for week in own} == {sum(not week.refused for week in own)}
    assert all(week.pooled.prediction.logit == pytest.approx(mean) for week in own)
    assert together(read, model, WeekQuestion("3", who)).prediction.logit == pytest.approx(mean, abs=1e-5)
    row = participants_table(read, "3", predicted).set_index("Participant").loc[who]
    assert row["All score"] == pytest.approx(mean) and row["Score"] == pytest.approx(own[0].prediction.logit) and row["Weeks"] == 4
    file = prediction_table(predicted, model=model)
    assert set(file.loc[file["participant"] == who, "person_windows"]) == {own[0].pooled.windows}
    assert file.loc[file["participant"] == who, "person_logit"].iloc[0] == pytest.approx(mean)
    alone = predict_cohort(read, model, "14")
    assert not any(week.pooled for week in alone) and "person_logit" not in prediction_table(alone, model=model)
    assert together(read, model, WeekQuestion("14", who)) is None


def test_a_file_of_windows_that_differ_in_length_says_where_each_begins(read, model, tmp_path):
    done = predict_cohort_to(read, model, "all", tmp_path / "a.npz", None, True, Silent())
    rows, used = read.week_rows("all"), cohort_standardizer(read, "all", model, "cohort_day")
    assert done.window == "window" and {row.report.minutes for row in rows} == {6 * 1440, 7 * 1440}
    explain_cohort_to(read, model, "all", None, tmp_path / "b.npz", MapRequest("rollout"))
    with np.load(tmp_path / "a.npz") as answers, np.load(tmp_path / "b.npz") as maps:
        assert answers["tokens"].shape[1:] == (96,) and len(answers["first_patch"]) == len(rows) + 1
        for place, row in enumerate(rows):
            z = apply(used, np.array(read.weeks_array("all")[row.row])[None], [row.start])
            tokens, received = encode(model.network.encoder, z)
            own = slice(*answers["first_patch"][place : place + 2])
            np.testing.assert_allclose(answers["tokens"][own], tokens[0], atol=1e-4)
            np.testing.assert_allclose(answers["attention_received"][..., own], received[:, 0], atol=1e-4)
            alone = explain_week(read, model, WeekQuestion("all", row.participant, row.index), "rollout")
            np.testing.assert_allclose(maps["attribution"][slice(*maps["first_minute"][place : place + 2])], alone.values, atol=1e-5)
        assert answers["wear_days_needed"].tolist() == [row.report.minutes // 1440 for row in rows]
        assert maps["first_minute"][-1] == len(maps["attribution"]) == sum(row.report.minutes for row in rows)


@pytest.mark.parametrize(
    ("cohort", "told"),
    [("3", "these are 3-day windows"), ("14", "these are 14-day windows"), ("all", "these are windows of 6 days to 7 days")],
)
def test_files_say_at_their_head_and_in_each_row_that_a_model_of_weeks_read_other_lengths(read, model, tmp_path, cohort, told):
    done = predict_cohort_to(read, model, cohort, tmp_path / "a.csv", None, False, Silent())
    assert sum(told in caution.message for caution in done.cautions) == 1
    table = pd.read_csv(tmp_path / "a.csv")
    lengths = [row.report.minutes for row in read.week_rows(cohort)]
    each = ["The model learned from a week, and this is a " in text for text in table["cautions"]]
    assert each == [minutes != 7 * 1440 for minutes in lengths] and any(each)
    assert table["wear_days_needed"].tolist() == [minutes // 1440 for minutes in lengths]
    explained = explain_cohort_to(read, model, cohort, table["participant"][0], tmp_path / "b.npz", MapRequest("rollout"))
    assert any("The model learned from a week, and these are" in caution.message for caution in explained.cautions)


def test_a_model_of_three_days_says_so_of_weeks(read, model, tmp_path):
    brief = replace(model, card=model.card | {"minutes": 3 * 1440}, sha256="3" * 64)
    done = predict_cohort_to(read, brief, COHORT, tmp_path / "a.csv", None, False, Silent())
    assert any("learned from a 3-day window, and these are weeks." in caution.message for caution in done.cautions)
    own = predict_cohort_to(read, brief, "3", tmp_path / "b.csv", None, False, Silent())
    assert not any("learned from" in caution.message and "these are" in caution.message for caution in own.cautions)


def test_a_training_by_minute_of_windows_that_differ_is_refused_before_anything_is_written(read):
    people = sorted(person.participant for person in read.people("all"))
    read.set_labels("all", {name: {"group": "ab"[number % 2]} for number, name in enumerate(people)})
    request = RunRequest(
        name="differs", cohort="all", label="group", positive="a", model="pat-s-simulated", settings=FinetuneSettings(folds=3)
    )
    with pytest.raises(TrainingError, match="differ in length"):
        run_finetune(read, request)
    assert "differs" not in {run.name for run in read.runs()}
