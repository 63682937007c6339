"""Before a run: the split counted from labels alone, and when cross-validation is proposed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pat_core.training import FinetuneSettings, LabelledPeople
from pat_core.workflows.learn.planned_split import proposed_folds, reason_words, split_before, split_table
from tests.workflows.made import REQUEST
from tests.workflows.runs import with_people


def people(positive: int, negative: int, weeks: int = 1) -> LabelledPeople:
    names = np.repeat([f"p{number}" for number in range(positive + negative)], weeks)
    return LabelledPeople(names, np.repeat(np.arange(positive + negative) < positive, weeks))


@pytest.mark.parametrize(
    ("positive", "negative", "folds"),
    [(200, 200, 0), (75, 75, 0), (50, 400, 0), (45, 400, 5), (70, 70, 5), (16, 24, 5), (5, 35, 5), (4, 400, 0), (5, 5, 0)],
)
def test_cross_validation_is_proposed_where_few_would_be_tested_and_the_people_allow_it(positive, negative, folds):
    assert proposed_folds(people(positive, negative), FinetuneSettings()) == folds
    assert proposed_folds(people(positive, negative, weeks=3), FinetuneSettings()) == folds, "weeks are no people"


def test_the_count_says_why_and_in_numbers(workspace, twenty_four, tmp_path):
    space = with_people(workspace, twenty_four, tmp_path)
    held_out = split_before(space, REQUEST)
    positives = int(twenty_four.positive.sum())
    assert held_out.people == (positives, 24 - positives) and held_out.refused == ""
    assert sum(map(sum, held_out.counts[0].values())) == 24
    assert reason_words(held_out).startswith(f"Only {sum(held_out.tested[0])} people would be tested. If the true AUC is 0.80")
    folds = [one["test"] for one in held_out.better[:-1]]
    assert sum(map(sum, folds)) == 24 and len(folds) == 5 and held_out.better[-1]["test"] == (0, 0)
    table = split_table(held_out, "late", "early")
    assert list(table["Part"]) == ["Train", "Validation", "Test"]
    assert list(table["People"]) == [str(sum(held_out.counts[0][part])) for part in ("train", "validation", "test")]


def test_what_would_be_refused_at_start_is_said_in_the_count(workspace, twenty_four, tmp_path):
    space = with_people(workspace, twenty_four, tmp_path)
    split = split_before(space, replace(REQUEST, settings=FinetuneSettings(folds=20)))
    assert "20 people of each kind" in split.refused and split.counts == () and reason_words(split) == ""
