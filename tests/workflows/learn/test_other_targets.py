"""Runs on several classes, an order, a value and a threshold: from labels to files, pages' records and explanations that say of what."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from pat_core.__main__ import main
from pat_core.cohorts import Workspace
from pat_core.errors import EvaluationError, ExplanationError, TrainingError
from pat_core.records import COUNTS, Week, WeekQuestion
from pat_core.reports.answer_files import predict_cohort_to, predict_file
from pat_core.reports.kind_words import kind_files, kind_lines, kind_text
from pat_core.reports.map_files import MapRequest, explain_cohort_to
from pat_core.reports.run_words import facts, kept_words, question, result_words
from pat_core.weeks import report
from pat_core.weights import load
from pat_core.workflows.evaluate.kind_evaluation import evaluate_kind
from pat_core.workflows.evaluate.tested_people import EvaluationRequest
from pat_core.workflows.explanations import cohort_by_clock
from pat_core.workflows.explanations.week_maps import explain_week
from pat_core.workflows.learn import multiplicity
from pat_core.workflows.learn.finetune_run import run_finetune, start_finetune
from pat_core.workflows.learn.planned_split import reason_words, split_before
from pat_core.workflows.models.cautions import main_figure
from pat_core.workflows.models.kind_answers import answer_words, explained
from pat_core.workflows.models.kind_answers import outputs_of as entry_outputs
from pat_core.workflows.models.model_entries import models, resolve
from pat_core.workflows.models.predictions import as_prediction, predict_cohort
from pat_core.workflows.models.similar_scores import NOT_TWO
from pat_core.workflows.people.participant_week import receipt, week_view
from pat_core.workflows.people.participants_table import participants_table
from pat_core.workflows.people.person_windows import together
from pat_core.workflows.people.several_answers import TOGETHER_IN_WORDS, with_several
from pat_core.workflows.receipts.receipt_check import check_receipt
from tests.workflows.made import REQUEST
from tests.workflows.other_targets import ASKED, STAGES, with_ages
from tests.workflows.runs import Told

MAIN = {"classes": "macro AUC", "ordinal": "concordance", "value": "R2", "two classes": "AUC"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory, twenty_four):
    """A cohort with an age and a stage, and a run of each kind on it. Read only."""
    folder = tmp_path_factory.mktemp("kinds")
    workspace = with_ages(Workspace(folder / "workspace"), twenty_four, folder)
    return workspace, {kind: run_finetune(workspace, request, Told()) for kind, request in ASKED.items()}


@pytest.mark.parametrize("kind", ASKED)
def test_a_run_keeps_what_was_learned_and_no_auc_where_there_is_none(runs, kind):
    workspace, done = runs
    run, model = done[kind], load(done[kind].folder / "best.safetensors")
    assert model.outputs.kind == model.card["target"]["kind"] == kind
    name, figure = main_figure(run.result)
    assert name == MAIN[kind] and figure["low"] <= figure["value"] <= figure["high"] and f"test {name}" in result_words(run.result)
    assert main_figure(model.card) == (name, figure), "a file keeps its figures in another order"
    assert ("auc" in run.result["test"]) == (kind == "two classes")
    assert f"validation {MAIN[kind]}" in kept_words(run.result)
    tested = pd.read_csv(run.folder / "test.csv")
    numbers = tested["positive" if kind == "two classes" else "target"]
    if kind == "value":
        assert (model.outputs.unit, run.result["prevalences"]) == ("years", [])
        assert numbers.between(30, 53).all() and tested["value"].notna().all()
    elif kind == "two classes":
        assert (model.card["label"], model.card["positive"], model.card["negative"]) == ("age", ">=45", "<45")
        assert run.result["prevalence"] == pytest.approx(9 / 24)
    else:
        assert model.outputs.classes == STAGES and run.result["prevalences"] == pytest.approx([1 / 3] * 3) and set(numbers) <= {0, 1, 2}
        assert dict(facts(workspace, run))["Classes among all"] == "mild 33 %, moderate 33 %, severe 33 %"
    assert question(run).endswith(", in the cohort “people”") and "None" not in question(run)


@pytest.mark.parametrize("kind", MAIN)
def test_windows_of_a_person_are_pooled_as_people_are_tested(runs, workspace, twenty_four, kind, tmp_path):
    model = load(runs[1][kind].folder / "best.safetensors")
    weeks = [
        Week(who, at, values, datetime(2024, 1, 1), True, COUNTS, "ActiGraph GT3X", "midnight", report(values, COUNTS))
        for number, who in enumerate(("p1", "p2"))
        for at, values in enumerate(twenty_four.weeks[3 * number : 3 * number + 2 + number])
    ]
    workspace.create_cohort("several", weeks, {"p1": {}, "p2": {}})
    predicted = predict_cohort(workspace, model, "several", "model")
    mean = np.mean([item.prediction.outputs or (item.prediction.logit,) for item in predicted[2:]], axis=0)
    wanted = as_prediction(model, "p2", 0, mean if kind != "two classes" else mean[0])
    assert [item.pooled.windows for item in predicted] == [2, 2, 3, 3, 3]
    assert repr(predicted[-1].pooled.prediction) == repr(wanted), "repr: a probability that is none is no number"
    page = together(workspace, model, WeekQuestion("several", "p2", standardize_by="model"))
    np.testing.assert_allclose(page.prediction.logit, wanted.logit, rtol=1e-5)
    predict_cohort_to(workspace, model, "several", tmp_path / "a.csv", "model", False, Told())
    table = pd.read_csv(tmp_path / "a.csv")
    name = {"value": "person_value", "classes": "person_logit of mild", "ordinal": "person_score"}.get(kind, "person_logit")
    assert table["person_windows"].tolist() == [2, 2, 3, 3, 3]
    assert table[name][4] == pytest.approx(wanted.outputs[0] if kind == "classes" else wanted.logit)
    listed = with_several(participants_table(workspace, "several", predicted), predicted, model.outputs)
    if kind != "two classes":
        assert listed[TOGETHER_IN_WORDS][1] == answer_words(model.outputs, wanted)


def test_the_split_is_counted_by_class_and_promises_no_auc(runs):
    split = split_before(runs[0], replace(ASKED["classes"], name="new"))
    assert split.people == (8, 8, 8) and "AUC" not in reason_words(split) and reason_words(split)
    assert split_before(runs[0], replace(ASKED["value"], name="new")).people == (24,)
    assert "AUC" in reason_words(split_before(runs[0], replace(ASKED["two classes"], name="new")))


@pytest.mark.parametrize("kind", ASKED)
def test_predictions_are_kept_and_written_with_a_column_for_each_number(runs, kind, tmp_path, twenty_four):
    workspace, _ = runs
    model = resolve(workspace, ASKED[kind].name)
    first, again = (predict_cohort(workspace, model, "people") for _ in range(2))
    assert [item.prediction.outputs for item in first] == [item.prediction.outputs for item in again]
    predict_cohort_to(workspace, model, "people", tmp_path / "a.csv", None, False, Told())
    predict_cohort_to(workspace, model, "people", tmp_path / "a.npz", None, False, Told())
    table, arrays = pd.read_csv(tmp_path / "a.csv"), np.load(tmp_path / "a.npz")
    if kind == "two classes":
        assert table["probability"].between(0, 1).all() and "class" not in table and "outputs" not in arrays
        return
    assert "probability" not in table and "answer" not in table and set(table["answers_kind"]) == {kind}
    np.testing.assert_allclose(arrays["outputs"], [item.prediction.outputs for item in first])
    if kind == "value":
        assert (table["answers_label"][0], table["answers_unit"][0]) == ("age", "years") and table["value"].between(0, 100).all()
    else:
        shares = table[[f"probability of {name}" for name in STAGES]].to_numpy()
        np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(arrays["probabilities"], shares, atol=1e-6)
        assert list(table["class"]) == [STAGES[place] for place in shares.argmax(axis=1)] and tuple(arrays["classes"]) == STAGES
    np.save(tmp_path / "weeks.npy", twenty_four.weeks[:2])
    predict_file(model, tmp_path / "weeks.npy", tmp_path / "b.csv", standardized=False, internals=False)
    column = "value" if kind == "value" else f"probability of {STAGES[0]}"
    np.testing.assert_allclose(pd.read_csv(tmp_path / "b.csv")[column], table[column][:2], rtol=1e-4)


@pytest.mark.parametrize("kind", ["classes", "ordinal", "value"])
def test_a_map_says_what_it_explains_and_its_receipt_holds(runs, kind, twenty_four, tmp_path):
    workspace, _ = runs
    model, person = resolve(workspace, ASKED[kind].name), twenty_four.participants[0]
    ask = WeekQuestion("people", person)
    view = week_view(workspace, model, ask)
    assert view.beside.like is None and view.beside.why == NOT_TWO and view.answer() is None and view.prediction.outputs
    made = explain_week(workspace, model, ask, "gradient")
    likeliest = STAGES[int(np.argmax(view.prediction.probabilities))] if kind == "classes" else ""
    of = {"ordinal": "score of stage (mild to severe)", "value": "age in years", "classes": f"logit of {likeliest}"}[kind]
    assert made.settings["explains"] == of and made.unit == ("years" if kind == "value" else "logits")
    shown = [made, explain_week(workspace, model, ask, "rollout")]
    if kind == "classes":
        other = explain_week(workspace, explained(model, "severe"), ask, "gradient")
        assert other.settings["explains"] == "logit of severe"
        shown.append(other)
    assert "explains" not in shown[1].settings
    text = json.dumps(receipt(view, model, shown))
    assert "NaN" not in text and check_receipt(text, workspace).fits
    done = explain_cohort_to(workspace, model, "people", person, tmp_path / "a.npz", MapRequest("gradient"))
    assert done.weeks == 1 and np.load(tmp_path / "a.npz")["explains"][0] == made.settings["explains"]


def test_a_class_that_is_not_there_is_refused(runs):
    model = resolve(runs[0], "stages")
    with pytest.raises(ExplanationError, match="no class 'worst'. Its classes are mild, moderate, severe"):
        explained(model, "worst")
    with pytest.raises(ExplanationError, match="no several classes"):
        explained(resolve(runs[0], "ages"), "old")


def test_lists_say_what_a_model_answers(runs):
    workspace, _ = runs
    entry = next(entry for entry in models(workspace) if entry.reference == "stages")
    assert entry.card["outputs"]["classes"] == list(STAGES)
    predicted = predict_cohort(workspace, resolve(workspace, "stages"), "people")
    table = with_several(participants_table(workspace, "people", predicted), predicted, entry_outputs(entry.card))
    shares = table[[f"Probability of {name}" for name in STAGES]].to_numpy()
    np.testing.assert_allclose(shares.sum(axis=1), 100, atol=1e-3)
    np.testing.assert_allclose(table["Answer"], shares.max(axis=1))
    assert table["Answer in words"][0] == STAGES[shares[0].argmax()], "so few tested people bear out no percentage"


def test_a_job_asks_the_same_and_an_unfinished_run_is_only_continued_as_it_was(runs):
    request = ASKED["ordinal"]
    back = type(request).from_spec(json.loads(json.dumps(request.as_spec())))
    assert back == request and "target" not in REQUEST.as_spec()
    with pytest.raises(Exception, match="A model is already called"):
        start_finetune(runs[0], replace(request, name="stages"))


@pytest.mark.parametrize("kind", ["classes", "ordinal", "value"])
def test_each_kind_is_evaluated_on_its_own_test_and_on_a_cohort(runs, kind):
    space, done = runs
    run = done[kind]
    record = evaluate_kind(space, EvaluationRequest(model=run.name))
    test = space.models()[[info.name for info in space.models()].index(run.name)].card["test"]
    assert record.kind == kind and len(record) == len(test["targets"]) and record.targets.tolist() == test["targets"]
    main = test["figures"][MAIN[kind]]["value"]
    lines = {line.key: line.interval.value for line in kind_lines(record)}
    assert lines[{"classes": "macro_auc", "ordinal": "concordance", "value": "r2"}[kind]] == pytest.approx(main, nan_ok=True)
    assert run.name in kind_text(record) and set(kind_files(record)) >= {"predictions.csv", "figures.csv", "evaluation.json"}
    with pytest.raises(EvaluationError, match="Leave label"):
        evaluate_kind(space, EvaluationRequest(model=run.name, by="age"))
    outside = evaluate_kind(space, EvaluationRequest(model=run.name, cohort="people"))
    assert len(outside) == len(record), "of its own cohort only the held-out people are left"
    np.testing.assert_allclose(sorted(outside.answers[:, 0]), sorted(record.answers[:, 0]), atol=1e-5)


def test_several_labels_are_runs_of_their_own_and_every_test_on_the_cohort_is_counted(runs, capsys):
    workspace = runs[0]
    before = multiplicity.tested_on(workspace, workspace.cohort("people").id)
    assert before >= 4 and len(multiplicity.tested_runs(workspace, "people").table) == before
    names = [
        "--cohort",
        "people",
        "--model",
        "coarse",
        "--style",
        "linear_probe",
        "--recipe",
        "paper",
        "--max-epochs",
        "2",
        "--name",
        "both",
    ]
    asked = ["finetune", "--workspace", str(workspace.folder), *names, "--kind", "value", "--label", "age", "--label", "stage"]
    assert main(asked) == 0
    printed = capsys.readouterr().out
    assert "both: age: test R2 " in printed and "Not trained: stage: Expected numbers in stage" in printed
    assert f"{before + 1} models were tested on the people of “people” so far" in printed
    workspace.delete_run("both: age")
    workspace.delete_model("both: age")
    assert multiplicity.tested_on(workspace, workspace.cohort("people").id) == before + 1
    assert multiplicity.multiplicity_words(1, "people") == "" and "in up to 5 of 100" in multiplicity.multiplicity_words(2, "people")
    with pytest.raises(TrainingError, match="each label once"):
        multiplicity.for_labels(ASKED["value"], ["age", "age"])


def test_a_threshold_among_several_labels_with_options_of_the_others_is_wrong_usage_and_nothing_is_trained(runs, capsys):
    workspace, before = runs[0], [run.name for run in runs[0].runs()]
    asked = ["finetune", "--workspace", str(workspace.folder), "--cohort", "people", "--model", "coarse", "--style", "linear_probe"]
    asked += ["--name", "wrong", "--label", "stage", "--label", "age>=40"]
    for options in (["--positive", "severe"], ["--negative", "mild"], ["--kind", "value"]):
        assert main([*asked, *options]) == 2
        told = capsys.readouterr()
        assert (
            told.out == "" and f"'age>=40' makes two classes by itself, so {options[0]} cannot go with it. Nothing was trained" in told.err
        )
    assert [run.name for run in workspace.runs()] == before
    elsewhere = [str(workspace.folder / "none") if word == str(workspace.folder) else word for word in asked]
    assert main([*elsewhere, "--positive", "severe"]) == 2, "said before anything else is looked at"


def test_the_same_can_be_learned_of_labels_that_have_it(runs):
    assert multiplicity.also_learnable(runs[0], ASKED["classes"], ["stage", "age"]) == []
    assert multiplicity.also_learnable(runs[0], replace(ASKED["value"], label="none"), ["stage", "age"]) == ["age"]


def test_a_cohort_by_clock_says_of_which_class_or_value_it_is(runs):
    request = cohort_by_clock.ClockRequest("stages", None, "people", "", "model", "stage", "severe")
    of = {name: cohort_by_clock.what_is_read(resolve(runs[0], name), request) for name in ("stages", "ages", "old")}
    assert of == {"stages": ("logit of severe", "logits"), "ages": ("age in years", "years"), "old": ("", "logits")}
