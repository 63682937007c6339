"""Who trains, who validates and who tests: by person, and decided before anything starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pat_core.errors import TrainingError
from pat_core.evaluation import folds as person_folds
from pat_core.evaluation import train_validation
from pat_core.evaluation.splits import quantile_groups
from pat_core.models.pat.pat_config import LARGEST_SEED
from pat_core.settings import MINIMUM_PEOPLE_FOR_STANDARDIZER
from pat_core.training.recipes import FinetuneSettings
from pat_core.training.target import Target
from pat_core.weeks import Weeks, lengths_of

FEWEST_OF_A_CLASS = 5
FEWEST_WITH_A_VALUE = 10
GROUPS_OF_VALUES = 5
"""Of people with a number: each part of a split has its share of low and of high ones."""


class Labelled:
    """People with a label, a row a week. people: (rows,).

    positive: (rows,) bool of two classes; (0,) of other targets. target: (rows,) the label as the number that `task` makes of it; None for
    0 and 1 of two classes (see `targets`). task: what is learned.
    same: names of people whose recording is here under several names -> the one name that stands for them. They count as one person and
    are never on two sides of a split. left_out: which weeks of these people were not taken and why, in a sentence; "" where none was.
    """

    people: np.ndarray
    positive: np.ndarray
    same: Mapping[str, str]
    left_out: str
    target: np.ndarray | None
    task: Target

    def units(self) -> np.ndarray:
        """(rows,) who each row's person is: the participant, or the name that stands for all under which the recording is here."""
        return np.array([self.same.get(str(person), str(person)) for person in self.people]) if self.same else self.people

    def targets(self) -> np.ndarray:
        """(rows,) float: 0 or 1, the place of a class, or the value."""
        return np.asarray(self.positive if self.target is None else self.target, dtype=np.float64)

    def label_of_each(self) -> dict[str, float]:
        """Person (see `units`) -> the number that is learned of them; of two classes as True and False."""
        labels = self.targets().astype(bool) if self.task.two_classes else self.targets()
        return dict(zip(map(str, self.units()), labels.tolist(), strict=True))

    def counts(self) -> tuple[int, ...]:
        """People of each class in the order of their names, all people of a value."""
        labels = np.array(list(self.label_of_each().values()))
        if self.task.kind == "value":
            return (len(labels),)
        return tuple(np.bincount(labels.astype(int), minlength=max(2, len(self.task.classes))).tolist())

    def strata(self, folds: int = 0) -> np.ndarray:
        """(rows,) bool, or whole numbers: what every part of a split has its share of, classes or groups of people with like values."""
        if self.task.kind != "value":
            return self.targets().astype(bool if self.task.two_classes else int)
        people, values = self.units(), self.targets()
        groups = (quantile_groups(people, values, number) for number in range(GROUPS_OF_VALUES, 1, -1))
        once = np.unique(people.astype(str), return_index=True)[1]
        enough = (group for group in groups if np.bincount(group[once]).min() >= max(FEWEST_OF_A_CLASS, folds))
        return next(enough, np.zeros(len(people), dtype=int))

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
    target: np.ndarray | None = None
    task: Target = Target()


@dataclass(frozen=True, eq=False)
class LabelledWeeks(Labelled):
    """weeks: (rows, minutes) activity, NaN missing, in memory or read from the disk a few rows at a time; rows may differ in length.

    starts: (rows,) minute of the day at which each begins, 0 where that is not known; None where it was left out: as if none is known.
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
    target: np.ndarray | None = None
    task: Target = Target()
    starts: np.ndarray | None = None

    def lengths(self) -> np.ndarray:
        """(rows,) minutes of each row's window."""
        return lengths_of(self.weeks)

    def begins(self) -> np.ndarray:
        """(rows,) minute of the day at which each row's window begins."""
        return np.zeros(len(self.people), dtype=int) if self.starts is None else np.asarray(self.starts)

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
    """Rows that one model learns from, those that stop it (none where its recipe has no epochs), and those that test it (none for the
    model that is trained on everyone after folds). fold, repeat: from 0; of that model, fold is None."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    fold: int | None = 0
    repeat: int = 0

    def parts(self, rows: int) -> np.ndarray:
        """(rows,) "train", "validation" or "test"."""
        named = np.full(rows, "unused", dtype="<U10")
        named[self.train], named[self.validation], named[self.test] = "train", "validation", "test"
        return named


def plan(data: Labelled, settings: FinetuneSettings) -> list[Split]:
    """The splits of a run: each fold of each repeat, then that of the model that is trained again on everyone; without folds, one split.

    An ensemble of the folds needs no such model. The same seed gives the same. TrainingError where a kind is too rare.
    """
    rows, people, kinds = np.arange(len(data.people)), data.units(), data.strata(settings.folds)
    if not settings.folds:
        known, test = train_validation(people, kinds, settings.test_share, settings.seed)
        return [_split(people, kinds, settings, Split(known, rows[:0], test))]
    splits = []
    for repeat in range(settings.repeats):
        folds = person_folds(people, kinds, settings.folds, (settings.seed + repeat) % (LARGEST_SEED + 1))
        splits += [Split(known, rows[:0], test, fold, repeat) for fold, (known, test) in enumerate(folds)]
    if settings.keep == "refit":
        splits.append(Split(rows, rows[:0], rows[:0], None))
    return [_split(people, kinds, settings, split) for split in splits]


def _split(people: np.ndarray, kinds: np.ndarray, settings: FinetuneSettings, split: Split) -> Split:
    """The split with some of its training people set apart to validate, where the recipe has epochs."""
    if not settings.in_epochs:
        return split
    known = split.train
    train, held_out = train_validation(people[known], kinds[known], settings.validation_share, settings.seed)
    return replace(split, train=known[train], validation=known[held_out])


Counts = dict[str, tuple[int, ...]]
"""Part ("train", "validation", "test") -> people in it: positive, negative; else of each class in order; of a value, all."""


def count_splits(data: Labelled, settings: FinetuneSettings) -> list[Counts]:
    """How many people of each kind stand in each part of the splits of `plan`, in its order; of repeats, those of the first.

    TrainingError as `check_people`.
    """
    check_people(data, settings)
    settings = replace(settings, repeats=1)
    labels, people = data.label_of_each(), data.units()
    counted = []
    for split in plan(data, settings):
        parts = {"train": split.train, "validation": split.validation, "test": split.test}
        kinds = {name: [labels[str(person)] for person in np.unique(people[rows])] for name, rows in parts.items()}
        counted.append({name: _count(kind, data.task) for name, kind in kinds.items()})
    return counted


def _count(labels: Sequence[float], task: Target) -> tuple[int, ...]:
    if task.kind == "value":
        return (len(labels),)
    if task.two_classes:
        return int(sum(labels)), len(labels) - int(sum(labels))
    return tuple(int(n) for n in np.bincount(np.array(labels, dtype=int), minlength=len(task.classes)))


def check_people(data: Labelled, settings: FinetuneSettings) -> None:
    """Raise TrainingError where there are too few people of a kind for these settings, or too few to fit a standardizer on, or where one
    recording is in both groups under two names."""
    _one_label_a_recording(data)
    labels = list(data.label_of_each().values())
    _enough_of_each(data, labels, settings)
    people = data.units()
    smallest = min(len(np.unique(people[split.train])) for split in plan(data, replace(settings, repeats=1)))
    if smallest < MINIMUM_PEOPLE_FOR_STANDARDIZER:
        setting = f"{settings.folds} folds" if settings.folds else f"a test share of {settings.test_share:.0%}"
        leave = f"{setting} and a validation share of {settings.validation_share:.0%} leave" if settings.in_epochs else f"{setting} leave"
        raise TrainingError(
            f"A mean and a deviation for every minute need at least {MINIMUM_PEOPLE_FOR_STANDARDIZER} people to train on, but of "
            f"{len(labels)} people {leave} {smallest}. Import more people, or hold out fewer."
        )


def _enough_of_each(data: Labelled, labels: Sequence[float], settings: FinetuneSettings) -> None:
    counts, needed = data.counts(), max(FEWEST_OF_A_CLASS, settings.folds)
    if data.task.two_classes and min(counts) < needed:
        raise TrainingError(
            f"Training needs at least {needed} people of each kind, but there are {counts[1]} positive and {counts[0]} "
            "negative. Import more people, choose another label, or use fewer folds."
        )
    if data.task.kind in ("classes", "ordinal") and min(counts) < needed:
        there = ", ".join(f"{name} ({count})" for name, count in zip(data.task.classes, counts, strict=True))
        raise TrainingError(
            f"Training needs at least {needed} people of each class of {data.task.label}, but there are: {there}. Import more people, "
            "choose the classes to learn or cuts that hold enough people, or use fewer folds."
        )
    if data.task.kind == "value" and (len(labels) < max(FEWEST_WITH_A_VALUE, 2 * needed) or min(labels) == max(labels)):
        raise TrainingError(
            f"Learning a value needs at least {max(FEWEST_WITH_A_VALUE, 2 * needed)} people whose {data.task.label} differs, but there are "
            f"{len(labels)} with {len(set(labels))} different values. Import more people, or choose another label."
        )


def _one_label_a_recording(data: Labelled) -> None:
    label_of = dict(zip(map(str, data.people), data.targets().tolist(), strict=True))
    for names in data.copies():
        first = max(names, key=lambda name: label_of[name])
        second = next((name for name in names if label_of[name] != label_of[first]), None)
        if second is not None:
            differ = f"{first} is in the group and {second} is not" if data.task.two_classes else f"their {data.task.label} differs"
            raise TrainingError(
                f"{first} and {second} hold the same recording under two names, but {differ}. One of "
                "the two labels is wrong: correct it (Data, Labels), or delete one of the two people (Data, or `forget --participant`)."
            )


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The test, one answer a person: the mean over their weeks, and over repeats. All (people,), in the order in which they were tested.

    logits: of two classes; else the score (see `Outputs.score`). fold: in which they were tested (first, of repeats); 0 without folds.
    outputs: (people, count) all that the head answered. targets: the numbers that were to be learned; positive: of two classes, else (0,).
    """

    people: np.ndarray
    positive: np.ndarray
    logits: np.ndarray
    fold: np.ndarray
    outputs: np.ndarray
    targets: np.ndarray


def by_person(data: LabelledWeeks, rows: np.ndarray, outputs: np.ndarray, fold: np.ndarray) -> HeldOut:
    """The held-out rows (n,) with what the head answered, (n,) or (n, count), and their folds, as people."""
    people, first, person = np.unique(data.units()[rows], return_index=True, return_inverse=True)
    columns = np.asarray(outputs, dtype=np.float64).reshape(len(rows), -1).T
    mean = np.stack([np.bincount(person, weights=column) for column in columns], axis=1) / np.bincount(person)[:, None]
    order, targets = np.argsort(first), data.targets()[rows][first]
    mean, targets = mean[order], targets[order]
    positive = targets.astype(bool) if data.task.two_classes else np.empty(0, dtype=bool)
    return HeldOut(people[order], positive, data.task.outputs().score(mean), fold[first][order], mean, targets)
