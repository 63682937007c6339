"""What may be asked of a run, and what the recipes make of it."""

from __future__ import annotations

import json

import pytest

from pat_core.errors import TrainingError
from pat_core.training import FinetuneSettings
from pat_core.training.recipes import Course, course, learned_nothing

OF_BEFORE = {
    "style": "linear_probe", "learning_rate": None, "batch": 64, "max_epochs": 10_000, "patience": 250, "test_share": 0.2,
    "validation_share": 0.2, "folds": 5, "seed": 3, "device": "auto",
}  # fmt: skip
"""As runs and jobs stored it before there were recipes."""


def test_the_paper_is_as_the_authors_train():
    for size, rate in (("small", 1e-5), ("medium", 1e-5), ("large", 1e-6), ("huge", 5e-7)):
        assert course(FinetuneSettings("full", recipe="paper"), size) == Course(rate, 64, 10_000, 250)


def test_the_recommended_recipe_is_the_default_and_what_is_stated_takes_the_place_of_its_figures():
    assert FinetuneSettings().recipe == "recommended"
    usual = course(FinetuneSettings("full"), "small")
    assert usual.shuffle and usual.rotate and usual.mixup and usual.warm_up and usual.layer_decay < 1 and usual.learning_rate > 1e-4
    rates = [course(FinetuneSettings("full"), size).learning_rate for size in ("small", "medium", "large", "huge")]
    assert rates == sorted(rates, reverse=True)
    stated = course(FinetuneSettings("full", max_epochs=3, learning_rate=0.5), "small")
    assert (stated.max_epochs, stated.learning_rate, stated.batch) == (3, 0.5, usual.batch)


def test_the_recommended_probe_has_no_epochs_and_says_so_where_some_are_asked_for():
    assert not FinetuneSettings().in_epochs and FinetuneSettings("full").in_epochs and FinetuneSettings(recipe="paper").in_epochs
    with pytest.raises(TrainingError, match="logistic regression, which has no max epochs.*recipe paper"):
        FinetuneSettings(max_epochs=10)


def test_what_was_stored_before_there_were_recipes_is_the_papers_and_equals_what_is_asked_for_so_today():
    assert FinetuneSettings.from_stored(OF_BEFORE) == FinetuneSettings("linear_probe", folds=5, seed=3, recipe="paper")
    fast = FinetuneSettings.from_stored(OF_BEFORE | {"max_epochs": 300, "learning_rate": 0.01})
    assert fast == FinetuneSettings("linear_probe", 0.01, max_epochs=300, folds=5, seed=3, recipe="paper")
    today = FinetuneSettings("full", folds=3, keep="ensemble", repeats=2)
    assert FinetuneSettings.from_stored(json.loads(json.dumps(today.as_dict()))) == today


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"recipe": "best"}, "recommended, paper"),
        ({"keep": "all", "folds": 5}, "refit, ensemble"),
        ({"keep": "ensemble"}, "An ensemble need.*2 folds or more"),
        ({"repeats": 3}, "Repeats need a cross-validation"),
        ({"repeats": 0, "folds": 5}, "1 to 50 times"),
    ],
)
def test_what_does_not_go_together_is_refused(wrong, words):
    with pytest.raises(TrainingError, match=words):
        FinetuneSettings(**wrong)


@pytest.mark.parametrize(
    ("best", "epochs", "nothing"), [(1, 251, True), (12, 262, True), (14, 264, False), (1, 1, False), (1, 3, True), (30, 40, False)]
)
def test_a_training_that_was_best_at_its_very_start_has_learned_nothing(best, epochs, nothing):
    assert learned_nothing(best, best, epochs) is nothing


def test_a_figure_that_never_rose_after_the_start_is_no_result_unless_it_was_perfect_at_once():
    assert learned_nothing(best_epoch=251, risen=1, epochs=251, best_value=0.82)
    assert not learned_nothing(best_epoch=251, risen=1, epochs=251, best_value=1.0)
    assert not learned_nothing(best_epoch=251, risen=90, epochs=251, best_value=0.82)
