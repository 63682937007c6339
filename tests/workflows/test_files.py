"""Weeks in a .npy file, and answers in .npz, .csv and .parquet."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import torch

from pat_core import workflows
from pat_core.errors import ExplanationError, WeekError
from pat_core.explain import encode, explain
from pat_core.progress import Silent
from pat_core.weeks import apply
from pat_core.workflows.files import explain_cohort_to, predict_cohort_to, weeks_from_file, write_answers


@pytest.fixture(scope="module")
def model(trained):
    return workflows.resolve(trained[0], "late risers")


def saved(path, values):
    np.save(path, values)
    return path


def test_weeks_go_in_as_they_are_or_standardized_by_the_model(model, twenty_four, tmp_path):
    path = saved(tmp_path / "weeks.npy", twenty_four.weeks[:3])
    np.testing.assert_array_equal(weeks_from_file(path, model, True), twenty_four.weeks[:3])
    np.testing.assert_array_equal(weeks_from_file(path, model, False), apply(model.standardizer, twenty_four.weeks[:3]))
    alone = saved(tmp_path / "one.npy", twenty_four.weeks[0])
    assert weeks_from_file(alone, model, True).shape == (1, 10080)


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


def test_a_pickle_is_never_opened(model, tmp_path):
    path = saved(tmp_path / "objects.npy", np.array([{"a": 1}], dtype=object))
    with pytest.raises(WeekError, match=r"objects\.npy cannot be read"):
        weeks_from_file(path, model, True)


def test_a_prediction_of_a_file_is_the_networks(model, twenty_four, tmp_path):
    z = apply(model.standardizer, twenty_four.weeks[:3])
    out = tmp_path / "folder" / "answers.npz"
    done = workflows.predict_file(model, saved(tmp_path / "z.npy", z), out, standardized=True, internals=True)
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


@pytest.mark.parametrize("name", ["answers.txt", "answers", "answers.npy"])
def test_another_ending_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(WeekError, match=r"\.npz, \.csv or \.parquet"):
        write_answers(tmp_path / "new" / name, pd.DataFrame(), {})
    assert list(tmp_path.iterdir()) == []


def test_an_explained_file_is_the_methods_answer_with_its_gap(model, twenty_four, tmp_path):
    z = apply(model.standardizer, twenty_four.weeks[:2])
    made = workflows.explain_file(model, saved(tmp_path / "z.npy", z), "integrated_gradients", tmp_path / "out.npz", standardized=True)
    wanted = [explain(model.network, week, "integrated_gradients", has_head=True) for week in z]
    with np.load(tmp_path / "out.npz") as out:
        np.testing.assert_allclose(out["attribution"], [one.values for one in wanted], atol=1e-6)
        np.testing.assert_allclose(np.nansum(out["attribution"], axis=1) - out["delta"], out["completeness_gap"], atol=1e-4)
        assert [one["steps"] for one in json.loads(str(out["settings"]))] == [one.settings["steps"] for one in wanted]
    assert len(made) == 2


def test_one_person_of_a_cohort_is_explained_alone(trained, model, tmp_path):
    made = explain_cohort_to(trained[0], model, "people", "sim-0002", "rollout", tmp_path / "one.npz")
    wanted = workflows.explain_week(trained[0], model, "people", "sim-0002", 0, "rollout")
    np.testing.assert_array_equal(made[0].values, wanted.values)
    with np.load(tmp_path / "one.npz") as out:
        assert list(out["participant"]) == ["sim-0002"] and "completeness_gap" not in out.files


def test_an_unknown_method_is_refused_with_those_there_are(trained, model, tmp_path):
    with pytest.raises(ExplanationError, match="integrated_gradients"):
        explain_cohort_to(trained[0], model, "people", None, "lime", tmp_path / "out.npz")
    assert not (tmp_path / "out.npz").exists()
