"""Splits in which a person is on one side only, and every side has both kinds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from pat_core.errors import TrainingError

People = Sequence[Hashable] | np.ndarray
"""(rows,) whose week each row is."""


def folds(people: People, labels: np.ndarray, k: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """k pairs (train rows, test rows): every row is tested once, nobody is on both sides, and each fold has its share of positives.

    people, labels: (rows,), a row a week. Numbers of people and of positives differ by at most one between folds. The same seed gives
    the same folds. Raises TrainingError where a person has two labels, or a kind has fewer than k people.
    """
    if k < 2:
        raise TrainingError(f"Cross-validation needs at least 2 folds; got {k}. Choose 2 or more, or a single split.")
    person_index, positive = _by_person(people, labels)
    _enough(positive, k, f"{k} folds")
    rng = np.random.default_rng(seed)
    fold = np.empty(len(positive), dtype=int)
    dealt = 0
    for group in (np.flatnonzero(positive), np.flatnonzero(~positive)):
        # Dealing goes on where the other kind ended, so that the sizes of the folds stay level too.
        fold[rng.permutation(group)] = (dealt + np.arange(len(group))) % k
        dealt += len(group)
    rows = fold[person_index]
    return [(np.flatnonzero(rows != number), np.flatnonzero(rows == number)) for number in range(k)]


def train_validation(people: People, labels: np.ndarray, share: float = 0.2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(train rows, held-out rows): `share` of the people of each kind held out, at least one and not all.

    people, labels: (rows,), a row a week. Raises TrainingError where a person has two labels, or a kind has fewer than 2 people.
    """
    if not 0 < share < 1:
        raise TrainingError(f"The share held out is above 0 and below 1; got {share}. For one in five give 0.2.")
    person_index, positive = _by_person(people, labels)
    _enough(positive, 2, "a split in two")
    rng = np.random.default_rng(seed)
    held_out = np.zeros(len(positive), dtype=bool)
    for group in (np.flatnonzero(positive), np.flatnonzero(~positive)):
        count = int(np.clip(np.floor(share * len(group) + 0.5), 1, len(group) - 1))
        held_out[rng.permutation(group)[:count]] = True
    return np.flatnonzero(~held_out[person_index]), np.flatnonzero(held_out[person_index])


def split_people(labels_by_person: Mapping[str, bool], shares: Mapping[str, float], seed: int = 0) -> dict[str, tuple[str, ...]]:
    """People in named parts, e.g. {"train": 0.6, "validation": 0.2, "test": 0.2}: stratified by label, everyone in one part.

    Within each kind, sizes follow the shares to within one person. Raises TrainingError where shares do not sum to 1.
    """
    if not shares or min(shares.values()) < 0 or abs(sum(shares.values()) - 1) > 1e-9:
        raise TrainingError(f"The shares of a split are 0 or more and sum to 1; got {dict(shares)}.")
    rng = np.random.default_rng(seed)
    parts: dict[str, list[str]] = {name: [] for name in shares}
    edges = np.cumsum(list(shares.values()))
    for kind in (True, False):
        group = [person for person, positive in labels_by_person.items() if bool(positive) is kind]
        order = rng.permutation(len(group))
        ends = np.floor(edges * len(group) + 0.5).astype(int)
        for name, begin, end in zip(shares, [0, *ends[:-1]], ends, strict=True):
            parts[name] += [group[index] for index in order[begin:end]]
    return {name: tuple(members) for name, members in parts.items()}


def _by_person(people: People, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(whose (rows,), positive (people,)): a number for each row's person in order of appearance, and their label."""
    numbers: dict[Hashable, int] = {}
    person_index = np.array([numbers.setdefault(person, len(numbers)) for person in list(people)], dtype=int)
    labels = np.asarray(labels).astype(bool)
    if len(labels) != len(person_index) or len(person_index) == 0:
        raise TrainingError(f"Each week needs a person and a label; got {len(person_index)} people and {len(labels)} labels.")
    positive = np.zeros(len(numbers), dtype=bool)
    positive[person_index] = labels
    mixed = np.unique(person_index[positive[person_index] != labels])
    if len(mixed):
        names = list(numbers)
        raise TrainingError(
            f"A person has one label in all their weeks, but {len(mixed)} have both, first '{names[mixed[0]]}'. Correct the labels."
        )
    return person_index, positive


def _enough(positive: np.ndarray, needed: int, purpose: str) -> None:
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if min(positives, negatives) < needed:
        raise TrainingError(
            f"For {purpose} there must be at least {needed} people of each kind; there are {positives} positive and {negatives} negative. "
            "Label more people, or choose fewer folds."
        )
