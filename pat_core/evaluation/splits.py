"""Splits in which a person is on one side only, and every side has all kinds of people."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from pat_core.errors import TrainingError

People = Sequence[Hashable] | np.ndarray
"""(rows,) whose week each row is."""


def folds(people: People, labels: np.ndarray, k: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """k pairs (train rows, test rows): every row is tested once, nobody is on both sides, and each fold has its share of each kind.

    people, labels: (rows,), a row a week; labels are 0 and 1, or whole numbers of more kinds (`quantile_groups` makes them of values).
    Numbers of people, and of those of a kind, differ by at most one between folds. The same seed gives the same folds. Raises
    TrainingError where a person has two labels, or a kind has fewer than k people.
    """
    if k < 2:
        raise TrainingError(f"Cross-validation needs at least 2 folds; got {k}. Choose 2 or more, or a single split.")
    person_index, kind = _by_person(people, labels)
    _enough(kind, labels, k, f"{k} folds")
    rng = np.random.default_rng(seed)
    fold = np.empty(len(kind), dtype=int)
    dealt = 0
    for group in _groups(kind):
        # Dealing goes on where the last kind ended, so that the sizes of the folds stay level too.
        fold[rng.permutation(group)] = (dealt + np.arange(len(group))) % k
        dealt += len(group)
    rows = fold[person_index]
    return [(np.flatnonzero(rows != number), np.flatnonzero(rows == number)) for number in range(k)]


def at_most_folds(people: People | None, labels: np.ndarray, k: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """As `folds`, with fewer folds where a kind has fewer than k people; every row is its own person where `people` is None."""
    who = np.arange(len(labels)) if people is None else np.asarray(people)
    kinds = np.asarray(labels).astype(int)
    rarest = min(len(np.unique(who[kinds == kind])) for kind in np.unique(kinds))
    return folds(who, kinds, max(2, min(k, rarest)), seed)


def by_score(kinds: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(n,) the order of rows by their scores (n,) or (n, classes), then by kind (n,): folds drawn in it depend on who scored what and not
    on the order in which a test was stored, so that all pages say the same of it."""
    return np.lexsort((kinds, *np.reshape(scores, (len(kinds), -1)).T))


def train_validation(people: People, labels: np.ndarray, share: float = 0.2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(train rows, held-out rows): `share` of the people of each kind held out, at least one and not all.

    people, labels: as for `folds`. Raises TrainingError where a person has two labels, or a kind has fewer than 2 people.
    """
    if not 0 < share < 1:
        raise TrainingError(f"The share held out is above 0 and below 1; got {share}. For one in five give 0.2.")
    person_index, kind = _by_person(people, labels)
    _enough(kind, labels, 2, "a split in two")
    rng = np.random.default_rng(seed)
    held_out = np.zeros(len(kind), dtype=bool)
    for group in _groups(kind):
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


def quantile_groups(people: People, values: np.ndarray, groups: int) -> np.ndarray:
    """(rows,) which of so many groups of people of nearly equal size, by rising value, each row's person is in: strata for `folds`.

    people, values: (rows,), a row a week. People of one value are in one group, so there may be fewer groups.
    """
    names, first, person = np.unique(np.asarray(people).astype(str), return_index=True, return_inverse=True)
    own = np.asarray(values, dtype=np.float64)[first]
    edges = np.quantile(own, np.arange(1, groups) / groups)
    return np.unique(np.searchsorted(edges, own, side="right"), return_inverse=True)[1][person]


def _groups(kind: np.ndarray) -> list[np.ndarray]:
    """People of each kind, positives (or the last class) first."""
    return [np.flatnonzero(kind == one) for one in np.unique(kind)[::-1]]


def _by_person(people: People, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(whose (rows,), kind (people,)): a number for each row's person in order of appearance, and their label, 0 and 1 of two kinds."""
    numbers: dict[Hashable, int] = {}
    person_index = np.array([numbers.setdefault(person, len(numbers)) for person in list(people)], dtype=int)
    labels = np.asarray(labels).astype(int)
    if len(labels) != len(person_index) or len(person_index) == 0:
        raise TrainingError(f"Each week needs a person and a label; got {len(person_index)} people and {len(labels)} labels.")
    kind = np.zeros(len(numbers), dtype=int)
    kind[person_index] = labels
    mixed = np.unique(person_index[kind[person_index] != labels])
    if len(mixed):
        names = list(numbers)
        raise TrainingError(
            f"A person has one label in all their weeks, but {len(mixed)} have several, first '{names[mixed[0]]}'. Correct the labels."
        )
    return person_index, kind


def _enough(kind: np.ndarray, labels: np.ndarray, needed: int, purpose: str) -> None:
    counts = np.bincount(kind, minlength=1 if np.asarray(labels).dtype.kind in "iu" else 2)  # groups of values may be one group
    if counts.min() < needed:
        there = f"{counts[1]} positive and {counts[0]} negative" if len(counts) == 2 else ", ".join(map(str, counts))
        raise TrainingError(
            f"For {purpose} there must be at least {needed} people of each kind; there are {there}. "
            "Label more people, or choose fewer folds."
        )
