"""Weeks in a .npy file, and answers in .npz, .csv and .parquet."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from pat_core.errors import ExplanationError, PatError, WeekError, WorkspaceError
from pat_core.explain import explain
from pat_core.explain.attention_reading import encode
from pat_core.progress import Silent
from pat_core.records import WeekQuestion
from pat_core.reports import weeks_of_file
from pat_core.reports.answer_files import list_file, predict_cohort_to, predict_file, sentences, write_answers
from pat_core.reports.map_files import MapRequest, explain_cohort_to, explain_file
from pat_core.reports.weeks_of_file import weeks_from_file
from pat_core.wear import QualitySettings
from pat_core.weeks import apply, check_standardized
from pat_core.weights import random_model
from pat_core.workflows.explanations.unusual_weeks import NOT_YET, week_distance
from pat_core.workflows.explanations.week_maps import explain_week
from pat_core.workflows.models.answers import Wish
from pat_core.workflows.models.cautions import by_cost
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.people.participant_week import mass_of, week_view
from pat_core.workflows.read import worn_days
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import weeks_file


@pytest.fixture(scope="module")
def model(trained):
    return resolve(trained[0], "late risers")


def saved(path, values):
    np.save(path, values)
    return path


def test_weeks_go_in_as_they_are_or_standardized_by_the_model(model, twenty_four, tmp_path):
    path = saved(tmp_path / "weeks.npy", twenty_four.weeks[:3])
    np.testing.assert_array_equal(weeks_from_file(path, model, True)[1], twenty_four.weeks[:3])
    np.testing.assert_array_equal(weeks_from_file(path, model, False)[1], apply(model.standardizer, twenty_four.weeks[:3]))
    alone = saved(tmp_path / "one.npy", twenty_four.weeks[0])
    assert weeks_from_file(alone, model, True)[1].shape == (1, 10080)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.zeros((2, 3, 4)), "shape"),
        (np.array(["a", "b"]), "Expected numbers"),
        (np.zeros((0, 10080)), "Expected numbers"),
        (np.zeros((2, 10080), complex), "Expected numbers"),
        (np.zeros((2, 7)), "at least one patch"),
        (np.full((2, 10080), np.nan), "not finite"),
    ],
)
def test_what_is_no_weeks_is_refused_in_a_sentence(model, tmp_path, values, said):
    with pytest.raises(WeekError, match=said):
        weeks_from_file(saved(tmp_path / "bad.npy", values), model, True)


def test_a_file_of_several_arrays_is_no_weeks(model, tmp_path):
    np.savez(tmp_path / "several.npz", weeks=np.zeros((2, 10080)))
    with pytest.raises(WeekError, match="several arrays"):
        weeks_from_file(tmp_path / "several.npz", model, True)


def test_a_pickle_is_never_opened(model, tmp_path):
    path = saved(tmp_path / "objects.npy", np.array([{"a": 1}], dtype=object))
    text = tmp_path / "text.npy"
    text.write_text("no array")
    for file in (path, text):
        with pytest.raises(WeekError, match=rf"{file.stem}\.npy cannot be read") as said:
            weeks_from_file(file, model, True)
        assert "pickle" not in str(said.value)


def test_a_prediction_of_a_file_is_the_networks(model, twenty_four, tmp_path):
    z = apply(model.standardizer, twenty_four.weeks[:3])
    out = tmp_path / "folder" / "answers.npz"
    done = predict_file(model, saved(tmp_path / "z.npy", z), out, standardized=True, internals=True)
    tokens, attention = encode(model.network.encoder, z)
    with np.load(out) as answers, torch.no_grad():
        np.testing.assert_allclose(answers["logit"], model.network(torch.from_numpy(z)).numpy(), atol=1e-6)
        np.testing.assert_array_equal(answers["tokens"], tokens)
        np.testing.assert_array_equal(answers["attention_received"], attention)
    assert done.weeks == 3 and done.minutes_not_read == 10080 % 18


def test_a_table_is_the_same_in_csv_and_parquet(trained, model, tmp_path):
    for name in ("answers.csv", "answers.parquet"):
        predict_cohort_to(trained[0], model, "people", tmp_path / name, None, False, Silent())
    csv, parquet = pd.read_csv(tmp_path / "answers.csv", keep_default_na=False), pd.read_parquet(tmp_path / "answers.parquet")
    assert list(csv["participant"]) == list(parquet["participant"]) and list(csv.columns) == list(parquet.columns)
    np.testing.assert_allclose(csv["logit"], parquet["logit"])


def test_of_a_week_that_is_unfit_the_table_gives_no_probability_but_the_reason(workspace, model, twenty_four, tmp_path):
    weeks = twenty_four.weeks[:12].copy()
    weeks[4] = 0.0
    import_recordings(workspace, [weeks_file(tmp_path / "a.npz", twenty_four, slice(0, 12), weeks=weeks)], "people")
    done = predict_cohort_to(workspace, model, "people", tmp_path / "out.csv", None, False, Silent())
    table = pd.read_csv(tmp_path / "out.csv")
    values = table[["logit", "probability_raw", "probability", "probability_held_out"]]
    assert done.refused == 1 and list(table["refused"]) == [row == 4 for row in range(12)]
    assert values.iloc[4].isna().all() and "never worn" in table["findings"][4]
    assert values.drop(index=4)[["logit", "probability_raw", "probability"]].notna().all(axis=None)
    predict_cohort_to(workspace, model, "people", tmp_path / "out.npz", None, False, Silent())
    with np.load(tmp_path / "out.npz") as arrays:
        assert list(np.isnan(arrays["probability"])) == list(arrays["refused"]) == list(table["refused"])
        assert list(arrays["findings"]) == list(table["findings"].fillna(""))


def test_the_table_of_a_cohort_has_its_valid_days_and_what_they_were_judged_by(trained, model, tmp_path):
    for name in ("out.csv", "out.parquet", "out.npz"):
        predict_cohort_to(trained[0], model, "people", tmp_path / name, None, False, Silent())
    days = worn_days.valid_days(trained[0], "people").tolist()
    for table in (pd.read_csv(tmp_path / "out.csv"), pd.read_parquet(tmp_path / "out.parquet")):
        assert table["valid_days"].tolist() == days and set(table["wear_hours_needed"]) == {10} and set(table["wear_days_needed"]) == {7}
        assert set(table["nonwear_by"]) == {"Choi 2011"} and set(table["device_believed"]) == {"yes"}
    with np.load(tmp_path / "out.npz") as arrays:
        assert arrays["valid_days"].tolist() == days and set(arrays["nonwear_by"]) == {"Choi 2011"}


@pytest.mark.parametrize("name", ["out.npz", "out.csv", "out.parquet"])
def test_without_a_known_prevalence_the_probability_is_the_uncorrected_one(trained, model, tmp_path, name):
    bare = replace(model, card={})
    predict_cohort_to(trained[0], bare, "people", tmp_path / name, None, False, Silent())
    predict_file(bare, saved(tmp_path / "w.npy", np.zeros((1, 10080))), tmp_path / f"file-{name}", standardized=True, internals=False)
    for path in (tmp_path / name, tmp_path / f"file-{name}"):
        told = np.load(path) if name == "out.npz" else pd.read_csv(path) if name == "out.csv" else pd.read_parquet(path)
        np.testing.assert_allclose(told["probability"], 1 / (1 + np.exp(-np.asarray(told["logit"]))), atol=1e-6)


def test_of_refused_weeks_of_a_file_no_score_is_given_but_the_reason(model, twenty_four, tmp_path):
    weeks = apply(model.standardizer, twenty_four.weeks[:3])
    weeks[1] *= 40
    path = saved(tmp_path / "z.npy", weeks)
    done = predict_file(model, path, tmp_path / "out.csv", standardized=True, internals=False)
    table = pd.read_csv(tmp_path / "out.csv")
    wanted = [any(one.severity == "refuse" for one in check_standardized(week)) for week in weeks]
    assert list(table["refused"]) == wanted and wanted[1] and done.refused == sum(wanted)
    values = table[["logit", "probability_raw", "probability"]]
    assert "never standardized" in table["findings"][1] and values.iloc[1].isna().all() and values.drop(index=1).notna().all(axis=None)
    predict_file(model, path, tmp_path / "out.npz", standardized=True, internals=False)
    with np.load(tmp_path / "out.npz") as arrays:
        assert list(arrays["refused"]) == wanted == np.isnan(arrays["logit"]).tolist() and arrays["findings"].dtype.kind == "U"


def test_weeks_of_a_file_with_too_few_valid_days_are_withheld_by_the_settings(model, twenty_four, tmp_path):
    weeks = twenty_four.weeks[:2].copy()
    weeks[1, 2 * 1440 :] = 0
    weeks[1, 2 * 1440 + 397 :: 397] = 1  # it lay in a drawer that was opened at times
    path = saved(tmp_path / "w.npy", weeks)
    for needed, refused in ((7, [False, True]), (1, [False, False])):
        settings = QualitySettings(days_needed=needed)
        predict_file(model, path, tmp_path / "out.csv", standardized=False, internals=False, settings=settings)
        table = pd.read_csv(tmp_path / "out.csv")
        assert table["refused"].tolist() == refused == table["probability"].isna().tolist()
        assert ("2 of 7 days" in str(table["findings"][1])) == refused[1]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.npz"])
def test_what_the_page_of_a_person_says_of_them_stands_in_their_row(trained, model, tmp_path, name):
    other = replace(model, card=model.card | {"positive": "another", "target": None})
    predict_cohort_to(trained[0], other, "people", tmp_path / name, None, False, Silent())
    read = {".npz": np.load, ".csv": pd.read_csv, ".parquet": pd.read_parquet}
    told = read[Path(name).suffix](tmp_path / name)
    views = [week_view(trained[0], other, WeekQuestion("people", str(who))) for who in told["participant"]]
    far = [week_distance(trained[0], other, view.read)[0].caution for view in views]
    assert list(told["cautions"]) == [sentences(by_cost((*view.cautions, *one))) for view, one in zip(views, far, strict=True)]
    strange = [str(group) == "late" for group in (view.person.labels["group"] for view in views)]
    assert ["neither of the two groups" in text for text in told["cautions"]] == strange and any(strange)
    assert not any(str(words) not in ("", "nan") for words, other in zip(told["set"], strange, strict=True) if other)


def test_a_file_says_what_its_answers_are_which_percentages_are_borne_out_and_at_which_prevalence(trained, model, tmp_path):
    rng = np.random.default_rng(5)
    logits = rng.normal(0.6, 1.6, 300)
    labels = rng.random(300) < 1 / (1 + np.exp(-logits))
    tested = {"auc": {"n": 300}, "logits": (3 * logits).tolist(), "labels": labels.astype(int).tolist()}
    wide = replace(model, card=model.card | {"test": tested, "cohort_id": "", "tested_on_simulated": False})
    done = predict_cohort_to(trained[0], wide, "people", tmp_path / "a.csv", None, False, Silent(), Wish("venn-abers", 0.05))
    table = pd.read_csv(tmp_path / "a.csv", keep_default_na=False)
    assert done.answers.startswith("Answers: probability, recalibrated on test people, by Venn-Abers. In a test on 300 people")
    assert set(table["answer_by"]) == {"Venn-Abers"} and set(table["answer_at"]) == set(table["prevalence"]) == {0.05}
    assert "where 5 % are, how far off they are is not known." in done.answers and set(table["answer_why"]) <= {
        *done.answers.split("Venn-Abers. ")
    }
    assert set(table["prevalence_is"]) == {"stated by the reader"} and "alike, venn-abers, platt" in table["percentages_supported"][0]
    np.testing.assert_allclose(table["answer"], table["recalibrated"])
    assert (table["recalibrated_low"] <= table["recalibrated"]).all() and (table["recalibrated"] <= table["recalibrated_high"]).all()
    assert set(table["set"]) <= {"late", "early", "cannot tell", "neither"} and table["set_coverage"].between(0.8, 1).all()
    assert (table["rank_tested"] == 300).all() and table["rank_lower"].between(0, 300).all()
    assert all(table[name].dtype.kind == "i" for name in ("rank_tested", "rank_lower", "answer_people")), (
        "people are written as 300, not 300.0"
    )
    usual = predict_cohort_to(trained[0], model, "people", tmp_path / "b.csv", None, False, Silent())
    table = pd.read_csv(tmp_path / "b.csv", keep_default_na=False)
    assert set(table["percentages_supported"]) == {"none"} and set(table["answer_is"]) == {"rank among test people"}
    assert "4 people is too small" in usual.answers and set(table["prevalence_is"]) == {"in this sample (case-control)"}


def test_an_explained_person_of_neither_group_is_said_to_be(trained, model, tmp_path):
    late = next(person.participant for person in trained[0].people("people") if person.labels["group"] == "late")
    other = replace(model, card=model.card | {"positive": "another", "target": None})
    explain_cohort_to(trained[0], other, "people", late, tmp_path / "one.npz", MapRequest("rollout"))
    with np.load(tmp_path / "one.npz") as out:
        assert "neither of the two groups" in out["cautions"][0]


def test_what_is_missing_in_a_file_is_seen_although_standardizing_fills_it(model, twenty_four, tmp_path):
    weeks = twenty_four.weeks[:2].copy()
    weeks[1] = np.nan
    predict_file(model, saved(tmp_path / "w.npy", weeks), tmp_path / "out.csv", standardized=False, internals=False)
    table = pd.read_csv(tmp_path / "out.csv")
    assert list(table["refused"]) == [False, True] and "100 % of the week has no value" in table["findings"][1]


def test_every_file_says_which_model_answered_and_what_to_know_of_it(trained, model, twenty_four, tmp_path):
    workspace, z = trained[0], saved(tmp_path / "z.npy", apply(model.standardizer, twenty_four.weeks[:2]))
    predict_cohort_to(workspace, model, "people", tmp_path / "a.csv", "cohort", False, Silent())
    predict_file(model, z, tmp_path / "b.parquet", standardized=True, internals=False)
    for table, standardize_by in (
        (pd.read_csv(tmp_path / "a.csv"), "cohort"),
        (pd.read_parquet(tmp_path / "b.parquet"), weeks_of_file.GIVEN),
    ):
        told = table[["model", "model_sha256", "standardizer", "encoder_trained", "probability_of"]].drop_duplicates()
        assert told.to_numpy().tolist() == [["late risers", model.sha256, standardize_by, True, "group: late"]]
    predict_cohort_to(workspace, random_model("small"), "people", tmp_path / "c.npz", None, True, Silent())
    explain_cohort_to(workspace, random_model("small"), "people", "sim-0001", tmp_path / "d.npz", MapRequest("rollout"))
    for name in ("c.npz", "d.npz"):
        with np.load(tmp_path / name) as arrays:
            told = json.loads(str(arrays["about"]))
        assert told["model"] == "Random (untrained)" and told["encoder_trained"] is False and "Random weights" in told["first_line"]
        assert told["cautions"] == ["This model is random and untrained. Nothing it shows is a finding."]


def test_a_place_that_cannot_be_written_is_said_and_nothing_stays_behind(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="cannot be written"):
        write_answers(tmp_path / "file" / "out.csv", pd.DataFrame(), {})

    def full(table, path, **_):
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(WorkspaceError, match="No space left"):
        write_answers(tmp_path / "out.csv", pd.DataFrame(), {})
    assert {path.name for path in tmp_path.iterdir()} == {"file"}


@pytest.mark.parametrize("name", ["answers.txt", "answers", "answers.npy"])
def test_another_ending_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(WeekError, match=r"\.npz, \.csv or \.parquet"):
        write_answers(tmp_path / "new" / name, pd.DataFrame(), {})
    assert list(tmp_path.iterdir()) == []


def test_an_explained_file_is_the_methods_answer_with_its_gap(model, twenty_four, tmp_path):
    z = apply(model.standardizer, twenty_four.weeks[:2])
    made = explain_file(model, saved(tmp_path / "z.npy", z), tmp_path / "out.npz", MapRequest("integrated_gradients"), standardized=True)
    wanted = [explain(model.network, week, "integrated_gradients", has_head=True) for week in z]
    with np.load(tmp_path / "out.npz") as out:
        np.testing.assert_allclose(out["attribution"], [one.values for one in wanted], atol=1e-6)
        np.testing.assert_allclose(np.nansum(out["attribution"], axis=1) - out["delta"], out["completeness_gap"], atol=1e-4)
        assert [one["steps"] for one in json.loads(str(out["settings"]))] == [one.settings["steps"] for one in wanted]
        assert out["mass_missing"].tolist() == [0, 0] and np.isnan(out["mass_worn"]).all(), "nobody knows what was worn"
    assert made.weeks == 2


def test_one_person_of_a_cohort_is_explained_alone(trained, model, tmp_path):
    made = explain_cohort_to(trained[0], model, "people", "sim-0002", tmp_path / "one.npz", MapRequest("rollout"))
    wanted = explain_week(trained[0], model, WeekQuestion("people", "sim-0002"), "rollout")
    np.testing.assert_array_equal(made.attributions[0].values, wanted.values)
    with np.load(tmp_path / "one.npz") as out:
        assert list(out["participant"]) == ["sim-0002"] and list(out["week"]) == [1] and "completeness_gap" not in out.files


def test_an_explained_cohort_says_where_each_map_lies_by_wear_as_the_receipt_does(workspace, twenty_four, model, tmp_path):
    weeks = twenty_four.weeks[:2].copy()
    weeks[0, 3000:3600], weeks[0, 7000:7300] = 0.0, np.nan
    people = twenty_four.participants[:2]
    np.savez(tmp_path / "w.npz", weeks=weeks, participants=np.array(people), unit="counts/min")
    import_recordings(workspace, [tmp_path / "w.npz"], "people")
    asked = MapRequest("integrated_gradients", settings={"tolerance": 1.0})
    made = explain_cohort_to(workspace, model, "people", None, tmp_path / "out.npz", asked).attributions
    with np.load(tmp_path / "out.npz") as out:
        for row, (person, one) in enumerate(zip(people, made, strict=True)):
            mass = mass_of(week_view(workspace, model, WeekQuestion("people", person)), one)
            assert [float(out[f"mass_{name}"][row]) for name in ("worn", "not_worn", "missing")] == [mass.worn, mass.not_worn, mass.missing]
            assert out["minutes_missing"][row] == mass.missing_minutes
        assert out["mass_not_worn"][0] > 0 and out["minutes_missing"][0] == pytest.approx(300 / 10080, abs=1e-3)
        assert json.loads(str(out["about"]))["wear_hours_needed"] == 10


def test_an_explained_week_that_the_gate_refuses_is_marked(workspace, twenty_four, model, tmp_path):
    weeks = twenty_four.weeks.copy()
    weeks[1] = 0.0
    np.savez(tmp_path / "w.npz", weeks=weeks, participants=np.array(twenty_four.participants), unit="counts/min")
    import_recordings(workspace, [tmp_path / "w.npz"], "people")
    for person, marked in (("sim-0001", False), ("sim-0002", True)):
        made = explain_cohort_to(workspace, model, "people", person, tmp_path / "out.npz", MapRequest("rollout"))
        with np.load(tmp_path / "out.npz") as out:
            assert out["refused"].tolist() == [marked] and made.refused == marked
            assert ("Every minute is zero" in out["findings"][0]) == marked


def test_a_broken_zip_is_no_weeks(model, tmp_path):
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04" + b"nothing" * 20)
    with pytest.raises(WeekError, match=r"broken\.npz cannot be read"):
        weeks_from_file(tmp_path / "broken.npz", model, True)


def test_an_unknown_method_is_refused_with_those_there_are(trained, model, tmp_path):
    with pytest.raises(ExplanationError, match="integrated_gradients"):
        explain_cohort_to(trained[0], model, "people", None, tmp_path / "out.npz", MapRequest("lime"))
    assert not (tmp_path / "out.npz").exists()


def test_a_files_weeks_are_compared_with_each_other_by_row_and_with_several_by_name(model, twenty_four, tmp_path):
    z = apply(model.standardizer, twenty_four.weeks[:3])
    path, few = saved(tmp_path / "z.npy", z), {"tolerance": 0.1}
    pair = saved(tmp_path / "pair.npy", z[[1]])
    made = explain_file(model, path, tmp_path / "out.npz", MapRequest("expected_gradients", settings=few), standardized=True)
    assert [one.settings["baseline_of"] for one in made.attributions] == ["2 other rows of z.npy"] * 3
    with pytest.raises(ExplanationError, match="another row, 0 to 2, got 0 for row 0"):
        asked = MapRequest("integrated_gradients", "another person", "0", few)
        explain_file(model, path, tmp_path / "no.npz", asked, standardized=True)
    with pytest.raises(ExplanationError, match="standardized elsewhere"):
        explain_file(model, pair, tmp_path / "no.npz", MapRequest("integrated_gradients", "non-wear", settings=few), standardized=True)
    assert not (tmp_path / "no.npz").exists()


def test_a_cohorts_week_is_compared_with_a_named_person(trained, model, tmp_path):
    asked = MapRequest("integrated_gradients", "another person", "sim-0001", {"tolerance": 0.1})
    made = explain_cohort_to(trained[0], model, "people", "sim-0002", tmp_path / "one.npz", asked).attributions[0]
    logits = {row.row.participant: row.prediction.logit for row in predict_cohort(trained[0], model, "people")}
    assert made.delta == pytest.approx(logits["sim-0002"] - logits["sim-0001"], abs=1e-4)
    with pytest.raises(PatError, match="nobody"):
        asked = replace(asked, baseline_person="nobody")
        explain_cohort_to(trained[0], model, "people", "sim-0002", tmp_path / "no.npz", asked)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".npz"])
def test_what_the_page_says_of_a_person_stands_in_the_file_the_week_that_is_unlike_others_too(demo, tmp_path, ending, monkeypatch):
    monkeypatch.setattr("pat_core.explain.embedding_distance.FAR", 0.8)
    model, out = resolve(demo, MODEL), tmp_path / f"people{ending}"
    predict_cohort_to(demo, model, COHORT, out, "model", False, Silent())
    read = {".npz": np.load, ".csv": partial(pd.read_csv, keep_default_na=False), ".parquet": pd.read_parquet}
    table = read[ending](out)
    stated = dict(zip(np.asarray(table["participant"]).astype(str), np.asarray(table["cautions"]).astype(str), strict=True))
    unlike = 0
    for person in list(stated)[:12]:
        view = week_view(demo, model, WeekQuestion(COHORT, person, standardize_by="model"))
        distance, _ = week_distance(demo, model, view.read)
        assert stated[person] == sentences(by_cost((*view.cautions, *distance.caution)))
        assert (distance.words in stated[person]) is distance.far
        unlike += distance.far
    assert 0 < unlike < 12 and len(stated) == 40
    if ending == ".npz":
        explain_cohort_to(demo, model, COHORT, None, tmp_path / "maps.npz", MapRequest("rollout"), "model")
        explain_cohort_to(demo, model, COHORT, "sim-0003", tmp_path / "one.npz", MapRequest("rollout"), "model")
        with np.load(tmp_path / "maps.npz") as maps, np.load(tmp_path / "one.npz") as one:
            assert dict(zip(maps["participant"].tolist(), maps["cautions"].tolist(), strict=True)) == stated
            assert one["cautions"].tolist() == [stated["sim-0003"]]


def test_the_list_of_people_as_a_file_says_what_is_to_be_known_of_each(demo, monkeypatch):
    monkeypatch.setattr("pat_core.explain.embedding_distance.FAR", 0.8)
    model = resolve(demo, MODEL)
    some = pd.DataFrame({"Participant": ["sim-0003", "sim-0001"], "Answer": [1.0, 2.0]})
    table = list_file(demo, model, COHORT, "model", some)
    assert list(table["Participant"]) == ["sim-0003", "sim-0001"] and set(table["Not said"]) == {""}
    for person, cautions in zip(table["Participant"], table["Cautions"], strict=True):
        view = week_view(demo, model, WeekQuestion(COHORT, person, standardize_by="model"))
        assert cautions == sentences(by_cost((*view.cautions, *week_distance(demo, model, view.read)[0].caution)))
    monkeypatch.setattr("pat_core.workflows.explanations.cohort_embeddings.GATE_VERSION", -1)
    assert set(list_file(demo, model, COHORT, "model", some, only_kept=True)["Not said"]) == {NOT_YET}
