"""Conditions on people: who is let through, what becomes of a missing value, and that they come back from the address as they went."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pat_core.errors import WorkspaceError
from pat_core.workflows.workbench.people_columns import PeopleColumn, clock_words
from pat_core.workflows.workbench.people_conditions import Condition, conditions_words, from_plain, let_through, read_back, written

AGE = PeopleColumn("label:age", "age", "Labels", digits=0)
SEX = PeopleColumn("label:sex", "sex", "Labels", "text")
BED = PeopleColumn("bedtime", "Bedtime", "Sleep", "clock", opens=12)
COLUMNS = {column.key: column for column in (AGE, SEX, BED)}
FRAME = pd.DataFrame(
    {"label:age": [20.0, 40.0, np.nan, 60.0], "label:sex": ["f", "m", "", "f"], "bedtime": [11.0, 13.5, np.nan, 2.0]}
).astype({"label:sex": object})
MISSING = st.sampled_from(["without", "with", "only"])
TEXTS = st.text("aZ\u00fc \"',;:~[]{}\\\u2028", max_size=8)
ENDS = st.none() | st.floats(-1e6, 1e6)


def through(*conditions: Condition) -> list[int]:
    return np.flatnonzero(let_through(conditions, FRAME, COLUMNS)).tolist()


def test_ranges_values_and_missing_ones():
    assert through() == [0, 1, 2, 3]
    assert through(Condition("label:age", 40, 60)) == [1, 3], "both ends are let through"
    assert through(Condition("label:age", high=40)) == [0, 1] and through(Condition("label:age")) == [0, 1, 3]
    assert through(Condition("label:age", 50, missing="with")) == [2, 3] and through(Condition("label:age", missing="only")) == [2]
    assert through(Condition("label:sex", values=("f",))) == [0, 3] and through(Condition("label:sex", missing="only")) == [2]
    assert through(Condition("label:age", 30), Condition("label:sex", values=("f",))) == [3], "all of them must hold"
    assert through(Condition("bedtime", 23, 12)) == [0, 3], "around the clock, through the hour at which the day opens"


def test_a_column_that_is_gone_lets_nobody_through_in_silence():
    with pytest.raises(WorkspaceError, match="asks for bmi, which is not here"):
        let_through([Condition("label:bmi", 1), Condition("label:age", 1)], FRAME, COLUMNS)
    assert conditions_words([Condition("label:bmi", 1.5)], COLUMNS) == "bmi at least 1.5", "its words stay"


def test_words_are_those_of_the_column():
    asked = [Condition("label:age", 40, 60), Condition("label:sex", values=("f", "m"), missing="with"), Condition("bedtime", 11, 14)]
    words = "age from 40 to 60; sex is f or m, or missing; Bedtime from 23:00 to 02:00"
    assert conditions_words(asked, COLUMNS) == words and conditions_words([], COLUMNS) == "everyone"
    assert Condition("label:age").words(AGE) == "age is known" and Condition("label:age", missing="only").words(AGE) == "age is missing"


@given(st.lists(st.builds(Condition, TEXTS, ENDS, ENDS, st.lists(TEXTS, max_size=3).map(tuple), MISSING), max_size=4))
def test_conditions_come_back_from_the_address_as_they_went(conditions):
    assert read_back(written(conditions)) == tuple(conditions)


@given(ENDS, ENDS, MISSING)
def test_a_condition_and_its_complement_of_missing_ones_are_everyone(low, high, missing):
    known, absent = Condition("label:age", low, high, (), "without"), Condition("label:age", missing="only")
    both = let_through([Condition("label:age", low, high, (), "with")], FRAME, COLUMNS)
    assert (both == let_through([known], FRAME, COLUMNS) | let_through([absent], FRAME, COLUMNS)).all()
    assert let_through([Condition("label:age", low, high, (), missing)], FRAME, COLUMNS).sum() <= len(FRAME)


NEVER_WRITTEN = (
    '{"column": 1}', '[{"low": 1}]', '[{"column": "a", "missing": "never"}]', "[1]", "nonsense",
    '[{"column": "a", "low": "x"}]', '[{"column": "a", "values": [1]}]', '[{"column": "a", "low": 1e999}]',
)  # fmt: skip


@pytest.mark.parametrize("text", NEVER_WRITTEN)
def test_what_was_not_written_so_is_refused(text):
    with pytest.raises(ValueError):
        read_back(text)
    assert from_plain([]) == ()


@given(st.floats(0, 24, exclude_max=True), st.integers(0, 23))
def test_a_time_of_the_clock_is_the_hours_after_its_day_opens(hour, opens):
    column = PeopleColumn("x", "x", "Sleep", "clock", opens=opens)
    minute = round(hour * 60) % 1440
    assert column.words(column.hours(hour)) == f"{minute // 60:02d}:{minute % 60:02d}" == clock_words(column.hours(hour), opens)
