"""What is said of a run: what was kept, how names tell runs apart, which model a cohort had last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pat_core.cohorts.database_values import looks
from pat_core.errors import WorkspaceError
from pat_core.reports.run_words import kept_words, last_trained, task_words
from pat_core.workflows.learn.finetune_run import run_finetune, start_finetune
from pat_core.workflows.models.run_files import run_curves
from tests.workflows.runs import BRIEF, with_people

ENDED = "validation AUC did not rise for 250 epochs"


def test_what_was_kept_is_said_without_contradiction():
    first = kept_words({"best_epoch": 28, "risen": 28, "epochs": 278, "stopped": ENDED})
    assert first == (
        "The weights of epoch 28, the first with the highest validation AUC. Training ended with epoch 278: it had not risen since epoch 28"
    )
    later = kept_words({"best_epoch": 278, "risen": 28, "epochs": 278, "stopped": ENDED})
    assert later.startswith("The weights of epoch 278, the one with the lowest validation loss among those with the highest validation AUC")
    assert later.endswith("(first reached in epoch 28). Training ended with epoch 278: it had not risen since epoch 28")
    assert kept_words({"best_epoch": 3, "risen": 2, "epochs": 3, "stopped": "all epochs done"}).endswith("epoch 3: all epochs done")
    start = kept_words({"best_epoch": 1, "risen": 1, "epochs": 251, "stopped": ENDED})
    assert "the very start of the training: next to nothing was learned" in start
    assert "5 folds together" in kept_words({"members": 5, "best_epoch": None, "epochs": None})
    assert "C = 0.1, chosen by cross-validation" in kept_words({"members": 1, "strength": 0.1, "epochs": None})
    assert kept_words({}) is None and "epoch 2 of 3" in kept_words({"best_epoch": 2, "epochs": 3, "stopped": "all epochs done"})


def test_the_epoch_that_first_reached_the_highest_auc_is_in_the_result_and_the_card(trained):
    run = trained[1]
    auc = {step: value for step, name, value in run_curves(trained[0], run) if name == "validation AUC"}
    first = min(step for step, value in auc.items() if value == max(auc.values()))
    assert run.result["risen"] == first <= run.result["best_epoch"] and trained[0].model("late risers").card["risen"] == first


@pytest.mark.parametrize("name", ["Late risers", "late  risers", "late\u00a0risers", "late ris\u200bers", "\uff4cate risers"])
def test_a_name_that_looks_like_another_runs_is_refused(trained, name):
    with pytest.raises(WorkspaceError, match="looks like that of the run 'late risers'"):
        start_finetune(trained[0], replace(BRIEF, name=name))


def test_names_that_differ_to_a_reader_are_told_apart():
    different = ["probe 1", "probe 11", "probe-l", "probe one", "prob\u00e9 1", "full 1"]
    assert len({looks(name) for name in different}) == len(different)


def test_a_task_is_named_by_its_group_and_by_both_where_there_are_more():
    assert task_words("mood", "low", "high", 2) == "mood: low"
    assert task_words("mood", "low", "high", 3) == "mood: low or high" and task_words("mood", "low", None, 3) == "mood: low or other"


def test_the_model_trained_last_on_a_cohort_is_the_newest_and_not_the_first_by_name(workspace, twenty_four, tmp_path):
    people = with_people(workspace, twenty_four, tmp_path)
    cohort = people.cohort("people")
    assert last_trained(people, cohort) is None
    for name in ("b", "a", "c"):
        run_finetune(people, replace(BRIEF, name=name))
        assert last_trained(people, cohort) == name
    people.rename_cohort("people", "renamed")
    assert last_trained(people, people.cohort("renamed")) == "c"
