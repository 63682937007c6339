"""What to compare: labels, models, styles and training sizes, repeated over seeds; and the cells that this comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError
from pat_core.evaluation import train_validation
from pat_core.jobs import Spec
from pat_core.models.baselines import baseline_of
from pat_core.settings import MINIMUM_PEOPLE_FOR_STANDARDIZER
from pat_core.training import FinetuneSettings
from pat_core.training.labelled_people import Labelled
from pat_core.training.recipes import STYLES
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_people

ALL = 0
"""As a training size: everyone who is not tested."""
FLOORS = {"rhythm_logistic": "Six rhythm features", "gradient_boosting": "Rhythm, sleep and wear figures"}
"""What stands in every comparison: models without a network, by name and title."""
FEWEST_OF_A_KIND = 5
MOST_SEEDS = 100


SIZES = (30, 50, 100, 250, 500, 1000, 2500, 5000)


def usual_sizes(people: int) -> list[int]:
    """The usual training sizes that so many people allow for beside the test set."""
    return [size for size in SIZES if size < (1 - FinetuneSettings().test_share) * people]


def sizes_apart(people: int) -> list[int]:
    """Those of them that are at most four fifths of everyone to train on: any nearer, a size tells nothing beside everyone."""
    return [size for size in usual_sizes(people) if size <= 0.8 * (1 - FinetuneSettings().test_share) * people]


@dataclass(frozen=True)
class Groups:
    """Two groups of one label. positive: "" where the label is a threshold (madrs1>=25). negative: None is everyone else with a value."""

    label: str
    positive: str
    negative: str | None = None

    @property
    def words(self) -> str:
        """For a table's head: the label alone says it where the group is called yes."""
        return self.label if self.positive in ("", "yes") else f"{self.label}: {self.positive}"


@dataclass(frozen=True)
class Cell:
    """One training of the table. style: "" where a model has but one way to be trained. size: people, validation included; 0 for all."""

    groups: Groups
    model: str
    style: str
    size: int
    seed: int


@dataclass(frozen=True)
class CompareRequest(Spec):
    """What to compare. models: references, of PATs and baselines; the floors come by themselves. sizes: people to train on, of whom a
    fifth validates; ALL for everyone. seeds: how often each is repeated, with people, validation people and first weights drawn anew.

    test: people held out, the same for every cell; 0 takes the share of the settings. settings: recipe, device and what is set by hand,
    for full training; their seed draws the test. paper: it stands for the paper's table. TrainingError where it makes no sense.
    """

    name: str
    cohort: str
    groups: tuple[Groups, ...]
    models: tuple[str, ...]
    styles: tuple[str, ...] = ("full",)
    sizes: tuple[int, ...] = (ALL,)
    seeds: int = 3
    test: int = 0
    weeks: str = "first"
    settings: FinetuneSettings = FinetuneSettings("full")
    paper: bool = False

    def __post_init__(self) -> None:
        if not self.groups:
            raise TrainingError("A comparison needs a label to tell two groups apart. Choose at least one.")
        if unknown := [style for style in self.styles if style not in STYLES] or ([""] if not self.styles else []):
            raise TrainingError(f"Expected styles out of {', '.join(STYLES)}, got {', '.join(unknown) or 'none'}.")
        if not self.sizes or min(self.sizes) < 0:
            raise TrainingError(f"Expected training sizes above 0, or `all`, got {', '.join(map(str, self.sizes)) or 'none'}.")
        if not 1 <= self.seeds <= MOST_SEEDS:
            raise TrainingError(f"Expected 1 to {MOST_SEEDS} repetitions, got {self.seeds}.")
        if self.settings.folds:
            raise TrainingError("A comparison holds one test set out for all cells, so it takes no folds. Leave them out.")

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Self:
        """As `Spec.from_spec`, with records and tuples again."""
        plain: dict[str, Any] = {name: tuple(spec[name]) for name in ("models", "styles", "sizes") if name in spec}
        plain |= {"groups": tuple(Groups(**groups) for groups in spec["groups"]), "settings": FinetuneSettings(**spec["settings"])}
        return super().from_spec({**spec, **plain})

    def run_request(self, groups: Groups, model: str = "") -> RunRequest:
        """A run of the same people, which says who they are."""
        return RunRequest(self.name, self.cohort, groups.label, groups.positive, model, groups.negative, self.weeks, self.settings)

    def cells(self, sizes: Mapping[Groups, tuple[int, ...]]) -> list[Cell]:
        """Every training, the quickest to tell something first: by seed, so that a table of few repetitions is there early."""
        return [
            Cell(groups, model, style, size, seed)
            for seed in range(self.seeds)
            for groups in self.groups
            for size in sizes[groups]
            for model in (*FLOORS, *self.models)
            for style in self.styles_of(model)
        ]

    def styles_of(self, model: str) -> tuple[str, ...]:
        """A baseline or a floor is trained in one way alone."""
        return ("",) if model in FLOORS or baseline_of(model) else self.styles


@dataclass(frozen=True)
class Offer:
    """What a comparison has to draw from, of one pair of groups. train, test: people, positive and negative. sizes: those that can be
    drawn; left_out: those that cannot, and why, in sentences."""

    groups: Groups
    train: tuple[int, int]
    test: tuple[int, int]
    sizes: tuple[int, ...]
    left_out: tuple[str, ...]


def offer(workspace: Workspace, request: CompareRequest, groups: Groups) -> Offer:
    """Counts before anything is trained, from labels alone. TrainingError where too few people have the label."""
    people = labelled_people(workspace, request.run_request(groups))
    known, test = held_out(people, request)
    train = _kinds(people, known)
    usable, left_out = [], []
    for size in dict.fromkeys(request.sizes):
        reason = _too_many(size, train) or _too_few(size, train) or _all_of_them(size, train, request.sizes)
        if reason:
            left_out.append(f"{groups.words}: {reason}")
        else:
            usable.append(size)
    if not usable:
        raise TrainingError(" ".join(left_out))
    return Offer(groups, train, _kinds(people, test), tuple(usable), tuple(left_out))


def held_out(people: Labelled, request: CompareRequest) -> tuple[np.ndarray, np.ndarray]:
    """(rows to train on, rows of the test): stratified, by person, by the seed of the settings alone."""
    count = len(people.label_of_each())
    if request.test >= count:
        raise TrainingError(f"{request.test:,} people cannot be held out of {count:,}. Hold out fewer, or leave the number out.")
    share = request.test / count if request.test else request.settings.test_share
    return train_validation(people.units(), people.positive, share, request.settings.seed)


def draw_rows(people: Labelled, known: np.ndarray, size: int, seed: int) -> np.ndarray:
    """The rows of `size` people out of those of the rows `known`, each kind by its share; with one seed, fewer are among more."""
    if size == ALL:
        return known
    labels = dict(sorted((str(unit), bool(positive)) for unit, positive in zip(people.units()[known], people.positive[known], strict=True)))
    chosen: set[str] = set()
    rng = np.random.default_rng([seed, 20_241_115])
    for kind, wanted in zip((True, False), _share(size, _kinds(people, known)), strict=True):
        group = [unit for unit, positive in labels.items() if positive is kind]
        chosen |= {group[number] for number in rng.permutation(len(group))[:wanted]}
    return known[np.isin(people.units()[known].astype(str), sorted(chosen))]


def _kinds(people: Labelled, rows: np.ndarray) -> tuple[int, int]:
    labels = people.label_of_each()
    kinds = [labels[str(unit)] for unit in np.unique(people.units()[rows])]
    return int(sum(kinds)), int(len(kinds) - sum(kinds))


def _share(size: int, train: tuple[int, int]) -> tuple[int, int]:
    """So many of each kind that both are there and their sum is the size."""
    positives = round(size * train[0] / sum(train))
    positives = min(max(positives, 1), size - 1, train[0])
    return positives, size - positives


def _too_many(size: int, train: tuple[int, int]) -> str:
    there = sum(train)
    return f"there are {there:,} people to train on, not {size:,}; that size is left out." if size > there else ""


def _all_of_them(size: int, train: tuple[int, int], sizes: tuple[int, ...]) -> str:
    """Why a size is no other training than that with everyone."""
    same = size == sum(train) and ALL in sizes
    return f"{size:,} people are all there are to train on; that is trained once, as all." if same else ""


def _too_few(size: int, train: tuple[int, int]) -> str:
    drawn = train if size == ALL else _share(size, train)
    if min(drawn) < FEWEST_OF_A_KIND:
        return f"{sum(drawn):,} people would be {drawn[0]} positive and {drawn[1]} negative, fewer than {FEWEST_OF_A_KIND} of a kind."
    if 0.8 * sum(drawn) < MINIMUM_PEOPLE_FOR_STANDARDIZER:
        return f"of {sum(drawn):,} people too few are left to learn from when a fifth validates ({MINIMUM_PEOPLE_FOR_STANDARDIZER} needed)."
    return ""
