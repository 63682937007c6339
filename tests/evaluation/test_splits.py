"""Splits by person."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import TrainingError
from pat_core.evaluation import folds, split_people, train_validation


def weeks_of(people: int, positives: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """One to three weeks a person, in mixed order."""
    rng = np.random.default_rng(seed)
    whose = rng.permutation(np.repeat(np.arange(people), rng.integers(1, 4, people)))
    return np.array([f"p{number}" for number in whose]), rng.permutation(np.arange(people) < positives)[whose]


COHORTS = st.tuples(st.integers(12, 60), st.integers(6, 50), st.integers(0, 10_000)).filter(lambda c: 6 <= c[1] <= c[0] - 6)


@settings(max_examples=40, deadline=None)
@given(COHORTS, st.integers(2, 6))
def test_every_row_is_tested_once_and_nobody_is_on_both_sides(cohort, k):
    people, labels = weeks_of(*cohort)
    made = folds(people, labels, k, seed=1)
    assert len(made) == k
    assert sorted(np.concatenate([test for _, test in made])) == list(range(len(people)))
    for train, test in made:
        assert len(train) + len(test) == len(people)
        assert not set(people[train]) & set(people[test])


@settings(max_examples=40, deadline=None)
@given(COHORTS, st.integers(2, 6))
def test_people_and_positives_are_level_over_the_folds(cohort, k):
    people, labels = weeks_of(*cohort)
    tested = [(set(people[test]), set(people[test][labels[test]])) for _, test in folds(people, labels, k)]
    assert np.ptp([len(everyone) for everyone, _ in tested]) <= 1
    assert np.ptp([len(positives) for _, positives in tested]) <= 1


def test_the_same_seed_gives_the_same_folds_and_another_gives_others():
    people, labels = weeks_of(40, 15, 0)
    first, again, other = (folds(people, labels, 5, seed) for seed in (3, 3, 4))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a[1], b[1]) for a, b in zip(first, other, strict=True))


@settings(max_examples=40, deadline=None)
@given(COHORTS, st.floats(0.05, 0.95))
def test_a_share_of_each_kind_is_held_out(cohort, share):
    people, labels = weeks_of(*cohort)
    train, held = train_validation(people, labels, share, seed=2)
    assert sorted([*train, *held]) == list(range(len(people)))
    assert not set(people[train]) & set(people[held])
    for kind in (True, False):
        everyone, out = set(people[labels == kind]), set(people[held][labels[held] == kind])
        assert 1 <= len(out) < len(everyone)
        assert abs(len(out) - share * len(everyone)) <= 1


def test_parts_hold_everyone_once_in_the_shares_asked_for():
    labels = {f"p{number}": number % 5 == 0 for number in range(100)}
    parts = split_people(labels, {"train": 0.6, "validation": 0.2, "test": 0.2}, seed=1)
    assert sorted(sum(parts.values(), ())) == sorted(labels)
    assert {name: len(members) for name, members in parts.items()} == {"train": 60, "validation": 20, "test": 20}
    assert {name: sum(labels[person] for person in members) for name, members in parts.items()} == {"train": 12, "validation": 4, "test": 4}


def test_a_person_with_two_labels_is_named():
    with pytest.raises(TrainingError, match="'b'"):
        folds(["a", "b", "b", "c", "d"], np.array([1, 1, 0, 0, 0]), 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: folds(list("abcd"), np.array([1, 0, 0, 0]), 2),
        lambda: folds(list("abcd"), np.array([1, 1, 0, 0]), 1),
        lambda: folds(list("abcd"), np.array([1, 1, 0]), 2),
        lambda: folds([], np.array([]), 2),
        lambda: train_validation(list("abcd"), np.array([1, 0, 0, 0])),
        lambda: train_validation(list("abcd"), np.array([1, 1, 0, 0]), 0.0),
        lambda: split_people({"a": True}, {"train": 0.5, "test": 0.4}),
    ],
)
def test_splits_that_cannot_be_made_are_refused_in_a_sentence(call):
    with pytest.raises(TrainingError, match=r"\.$"):
        call()
