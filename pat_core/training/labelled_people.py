"""Who trains, who validates and who tests: by person, and decided before anything starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from pat_core.errors import TrainingError
from pat_core.evaluation import folds as person_folds
from pat_core.evaluation import train_validation
from pat_core.settings import MINIMUM_PEOPLE_FOR_STANDARDIZER
from pat_core.training.recipes import FinetuneSettings
from pat_core.weeks import Weeks

FEWEST_OF_A_CLASS = 5


class Labelled:
    """People with a label, a row a week. people, positive: (rows,).

    same: names of people whose recording is here under several names -> the one name that stands for them. They count as one person and
    are never on two sides of a split. left_out: which weeks of these people were not taken and why, in a sentence; "" where none was.
    """

    people: np.ndarray
    positive: np.ndarray
    same: Mapping[str, str]
    left_out: str

    def units(self) -> np.ndarray:
        """(rows,) who each row's person is: the participant, or the name that stands for all under which the recording is here."""
        return np.array([self.same.get(str(person), str(person)) for person in self.people]) if self.same else self.people

    def label_of_each(self) -> dict[str, bool]:
        """Person (see `units`) -> label."""
        return {str(person): bool(positive) for person, positive in zip(self.units(), self.positive, strict=True)}

    def copies(self) -> list[tuple[str, ...]]:
        """The names of each recording that is here under several of them, in order of appearance."""
        names: dict[str, list[str]] = {}
        for person in dict.fromkeys(map(str, self.people)):
            names.setdefault(self.same.get(person, person), []).append(person)
        return [tuple(group) for group in names.values() if len(group) > 1]


@dataclass(frozen=True, eq=False)
class LabelledPeople(Labelled):
    """Who has the label, without their weeks: enough to count a split."""

    people: np.ndarray
    positive: np.ndarray
    same: Mapping[str, str] = field(default_factory=dict)
    left_out: str = ""


@dataclass(frozen=True, eq=False)
class LabelledWeeks(Labelled):
    """weeks: (rows, minutes) activity, NaN missing, in memory or read from the disk a few rows at a time.

    positive, people: (rows,) label and participant. week: (rows,) which of the person's weeks each is; where left out, a person's first
    row is their first week.
    """

    weeks: Weeks
    positive: np.ndarray
    people: np.ndarray
    unit: str
    source: str
    week: np.ndarray | None = None
    same: Mapping[str, str] = field(default_factory=dict)
    left_out: str = ""

    def indices(self) -> np.ndarray:
        """(rows,) the week's index; zeros where it was left out."""
        return np.zeros(len(self.people), dtype=int) if self.week is None else np.asarray(self.week)

    def first_weeks(self, rows: np.ndarray) -> np.ndarray:
        """Of these rows, each person's earliest, in rising order: one week a person."""
        order = rows[np.argsort(self.indices()[rows], kind="stable")]
        _, first = np.unique(self.units()[order], return_index=True)
        return np.sort(order[first])


@dataclass(frozen=True, eq=False)
class Split:
    """Rows that one model learns from, those that stop it, and those that test it (none for the kept model after folds)."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def parts(self, rows: int) -> np.ndarray:
        """(rows,) "train", "validation" or "test"."""
        named = np.full(rows, "unused", dtype="<U10")
        named[self.train], named[self.validation], named[self.test] = "train", "validation", "test"
        return named


def plan(data: Labelled, settings: FinetuneSettings) -> list[Split]:
    """The splits of a run, that of the model that is kept last. The same seed gives the same. TrainingError where a kind is too rare."""
    rows, people = np.arange(len(data.people)), data.units()
    if settings.folds:
        outer = [*person_folds(people, data.positive, settings.folds, settings.seed), (rows, rows[:0])]
    else:
        outer = [train_validation(people, data.positive, settings.test_share, settings.seed)]
    splits = []
    for known, test in outer:
        train, held_out = train_validation(people[known], data.positive[known], settings.validation_share, settings.seed)
        splits.append(Split(known[train], known[held_out], test))
    return splits


Counts = dict[str, tuple[int, int]]
"""Part ("train", "validation", "test") -> people in it: positive, negative."""


def count_splits(data: Labelled, settings: FinetuneSettings) -> list[Counts]:
    """How many people of each kind stand in each part of the splits of `plan`, in its order. TrainingError as `check_people`."""
    check_people(data, settings)
    labels, people = data.label_of_each(), data.units()
    counted = []
    for split in plan(data, settings):
        parts = {"train": split.train, "validation": split.validation, "test": split.test}
        kinds = {name: [labels[str(person)] for person in np.unique(people[rows])] for name, rows in parts.items()}
        counted.append({name: (sum(kind), len(kind) - sum(kind)) for name, kind in kinds.items()})
    return counted


def check_people(data: Labelled, settings: FinetuneSettings) -> None:
    """Raise TrainingError where there are too few people of a kind for these settings, or too few to fit a standardizer on, or where one
    recording is in both groups under two names."""
    _one_label_a_recording(data)
    labels = list(data.label_of_each().values())
    positives, needed = sum(labels), max(FEWEST_OF_A_CLASS, settings.folds)
    if min(positives, len(labels) - positives) < needed:
        raise TrainingError(
            f"Training needs at least {needed} people of each kind, but there are {positives} positive and {len(labels) - positives} "
            "negative. Import more people, choose another label, or use fewer folds."
        )
    people = data.units()
    smallest = min(len(np.unique(people[split.train])) for split in plan(data, settings))
    if smallest < MINIMUM_PEOPLE_FOR_STANDARDIZER:
        setting = f"{settings.folds} folds" if settings.folds else f"a test share of {settings.test_share:.0%}"
        raise TrainingError(
            f"A mean and a deviation for every minute need at least {MINIMUM_PEOPLE_FOR_STANDARDIZER} people to train on, but of "
            f"{len(labels)} people {setting} and a validation share of {settings.validation_share:.0%} leave {smallest}. "
            "Import more people, or hold out fewer."
        )


def _one_label_a_recording(data: Labelled) -> None:
    label_of = dict(zip(map(str, data.people), map(bool, data.positive), strict=True))
    for names in data.copies():
        groups = [[name for name in names if label_of[name] is kind] for kind in (True, False)]
        if all(groups):
            first, second = groups[0][0], groups[1][0]
            raise TrainingError(
                f"{first} and {second} hold the same recording under two names, but {first} is in the group and {second} is not. One of "
                "the two labels is wrong: correct it (Data, Labels), or delete one of the two people (Data, or `forget --participant`)."
            )


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The test, one logit a person: the mean over their weeks. All (people,), in the order in which they were tested.

    fold: in which they were tested; 0 without folds.
    """

    people: np.ndarray
    positive: np.ndarray
    logits: np.ndarray
    fold: np.ndarray


def by_person(data: LabelledWeeks, rows: np.ndarray, logits: np.ndarray, fold: np.ndarray) -> HeldOut:
    """The held-out rows (n,) with their logits and folds, as people."""
    people, first, person = np.unique(data.units()[rows], return_index=True, return_inverse=True)
    mean = np.bincount(person, weights=logits) / np.bincount(person)
    order = np.argsort(first)
    return HeldOut(people[order], data.positive[rows][first][order], mean[order], fold[first][order])
