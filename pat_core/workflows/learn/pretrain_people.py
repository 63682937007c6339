"""What a pretraining is asked, and on whose weeks it learns: chosen and counted from what is known of weeks, then read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from pat_core.cohorts import CohortInfo, WeekRow, Workspace
from pat_core.errors import TrainingError
from pat_core.jobs.task import Spec
from pat_core.models.pat import PatConfig, config_for
from pat_core.models.pat.pat_config import Embedding
from pat_core.plurals import listed
from pat_core.records import Standardizer
from pat_core.settings import MINIMUM_PEOPLE_FOR_STANDARDIZER
from pat_core.training import PretrainSettings
from pat_core.weeks import ChosenWeeks, JoinedWeeks, StandardizedWeeks, fit, in_days, steadied
from pat_core.weights.bundle import BLOCKS_AT_MOST, HEADS_AT_MOST
from pat_core.workflows.read.duplicates import few_marks
from pat_core.workflows.week.cohort_weeks import first_weeks, unfit_rows
from pat_core.workflows.week.labelled_weeks import Unfit

PRETRAINING = "pretrain"
"""What a run's record says that it does."""
FEWEST = 20
"""People: of fewer, a tenth to validate on is one."""
CUSTOM = "custom"
"""A size with a shape of its own."""


@dataclass(frozen=True)
class PretrainRequest(Spec):
    """What to pretrain. size: of the paper, or "custom" with patch (minutes), heads and blocks. embedding: how patches become tokens.

    weeks: "first" takes one week a person, "all" every full week; a person's weeks are all on one side of the validation. unfit: as of
    `RunRequest`. beside: names of further cohorts that it learns from too, each standardized by itself, as the paper does with the cycles
    of NHANES.
    """

    name: str
    cohort: str
    size: str = "small"
    embedding: Embedding = "linear"
    patch: int = 18
    heads: int = 6
    blocks: int = 1
    weeks: str = "first"
    unfit: Unfit = "leave out"
    settings: PretrainSettings = PretrainSettings()
    beside: tuple[str, ...] = ()

    def as_spec(self) -> dict[str, Any]:
        """As `Spec.as_spec`; a run's record says by it what kind of run it is."""
        return super().as_spec() | {"task": PRETRAINING}

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Self:
        """As `Spec.from_spec`, with the settings as a record again."""
        settings = PretrainSettings(**spec.get("settings") or {})
        return super().from_spec({**spec, "settings": settings, "beside": tuple(spec.get("beside") or ())})

    @property
    def cohorts(self) -> tuple[str, ...]:
        """All that it learns from."""
        return (self.cohort, *self.beside)

    @property
    def config(self) -> PatConfig:
        """The network's shape. TrainingError where there is no such one."""
        if self.size != CUSTOM:
            return config_for(self.size, self.embedding)
        if not (1 <= self.patch <= 1440 and 1 <= self.heads <= HEADS_AT_MOST and 1 <= self.blocks <= BLOCKS_AT_MOST):
            raise TrainingError(
                f"Expected a patch of 1 to 1,440 minutes, 1 to {HEADS_AT_MOST} heads and 1 to {BLOCKS_AT_MOST} blocks, got {self.patch}, "
                f"{self.heads} and {self.blocks}."
            )
        return PatConfig(CUSTOM, self.patch, self.heads, self.blocks, self.embedding)


@dataclass(frozen=True, eq=False)
class PretrainPeople:
    """Whose weeks a pretraining takes. rows: (number of the cohort among `cohorts`, the week), those of people to validate on first;
    held_out: how many these are; a person's weeks stand together. left_out: weeks that the input check refuses."""

    request: PretrainRequest
    cohorts: tuple[CohortInfo, ...]
    rows: list[tuple[int, WeekRow]]
    held_out: int
    left_out: int

    @cached_property
    def people(self) -> tuple[int, int]:
        """(learned from, validated on)."""
        held = {(number, row.participant) for number, row in self.rows[: self.held_out]}
        return len({(number, row.participant) for number, row in self.rows} - held), len(held)

    def learned(self, number: int) -> list[WeekRow]:
        """The weeks of a cohort that it learns from."""
        return [row for own, row in self.rows[self.held_out :] if own == number]

    def firsts(self, begin: int, end: int) -> list[int]:
        """Places in [begin, end) at which a person comes for the first time there."""
        whom = [(number, row.participant) for number, row in self.rows]
        return [place for place in range(begin, end) if place == begin or whom[place] != whom[place - 1]]


@dataclass(frozen=True, eq=False)
class PretrainData:
    """All that a pretraining depends on, read once. z: its weeks (rows, minutes), standardized when they are indexed.

    standardizers: of each cohort, fitted on the first weeks of people who are not held out, and steadied. marks: (weeks learned from, KEPT)
    of their content.
    """

    chosen: PretrainPeople
    z: JoinedWeeks
    standardizers: tuple[Standardizer, ...]
    marks: np.ndarray

    @property
    def standardizer(self) -> Standardizer | None:
        """That the encoder travels with; None of several cohorts, whose weeks were each compared with their own people."""
        return self.standardizers[0] if len(self.standardizers) == 1 else None


def pretraining_people(workspace: Workspace, request: PretrainRequest) -> PretrainPeople:
    """Choose the weeks, and check them, the network's shape and the device. TrainingError where one of them will not do."""
    from pat_core.training.device import pick_device

    pick_device(request.settings.device)
    if len(set(request.cohorts)) < len(request.cohorts):
        raise TrainingError(f"Expected different cohorts, got {listed(request.cohorts)}. Name each once.")
    config, infos = request.config, tuple(workspace.cohort(name) for name in request.cohorts)
    _refuse_lengths(infos, config)
    rows: list[tuple[int, WeekRow]] = []
    left_out = 0
    for number, info in enumerate(infos):
        unfit = unfit_rows(workspace, info.name) if request.unfit == "leave out" else {}
        there = workspace.week_rows(info.name)
        fit_ones = [row for row in there if row.row not in unfit]
        left_out += len(there) - len(fit_ones)
        rows += [(number, row) for row in (fit_ones if request.weeks == "all" else first_weeks(fit_ones))]
    names = list(dict.fromkeys(row.participant for _, row in rows))  # of one name in two cohorts, both are on one side
    if len(names) < FEWEST:
        cohorts = listed([f"“{name}”" for name in request.cohorts])
        raise TrainingError(
            f"Pretraining needs at least {FEWEST} people with a fit week; {cohorts} {'has' if len(infos) == 1 else 'have'} {len(names)}."
        )
    order = np.random.default_rng(request.settings.seed).permutation(len(names))
    count = max(1, round(len(names) * request.settings.validation_share))
    place = {names[person]: number for number, person in enumerate(order)}
    rows = sorted(rows, key=lambda one: (place[one[1].participant], one[0]))
    held_out = sum(place[row.participant] < count for _, row in rows)
    chosen = PretrainPeople(request, infos, rows, held_out, left_out)
    _refuse_few(chosen)
    return chosen


def _refuse_few(chosen: PretrainPeople) -> None:
    """Each cohort is standardized by its own people, which so few do not do."""
    for number, info in enumerate(chosen.cohorts):
        people = len({row.participant for row in chosen.learned(number)})
        if people < MINIMUM_PEOPLE_FOR_STANDARDIZER:
            raise TrainingError(
                f"A mean and a deviation for every minute need at least {MINIMUM_PEOPLE_FOR_STANDARDIZER} people to learn from, but "
                f"“{info.name}” has {people}. Leave it out, or add people."
            )


def _refuse_lengths(cohorts: tuple[CohortInfo, ...], config: PatConfig) -> None:
    for info in cohorts:
        if not info.one_length:
            raise TrainingError(
                f"The windows of “{info.name}” differ in length, and pretraining compares minutes of the window. Import them as windows "
                "of one length."
            )
    lengths = {info.minutes for info in cohorts}
    if len(lengths) > 1:
        has = listed([f"“{info.name}” has windows of {in_days(info.minutes)}" for info in cohorts])
        raise TrainingError(f"Cohorts that are pretrained on together have windows of one length; {has}. Take cohorts that agree in it.")
    if config.tokens(cohorts[0].minutes) < 2:
        raise TrainingError(
            f"A patch of {config.patch} minutes leaves no two patches in {in_days(cohorts[0].minutes)}. Choose a smaller patch."
        )


def prepare_pretraining(workspace: Workspace, request: PretrainRequest) -> PretrainData:
    """As `pretraining_people`, with the weeks to be read and what they are standardized by."""
    chosen = pretraining_people(workspace, request)
    parts, standardizers, marks = [], [], []
    first_of_each = set(chosen.firsts(chosen.held_out, len(chosen.rows)))
    for number, info in enumerate(chosen.cohorts):
        places = [place for place, (own, _) in enumerate(chosen.rows) if own == number]
        rows = [chosen.rows[place][1].row for place in places]
        weeks = ChosenWeeks(workspace.weeks_array(info.name), np.array(rows, dtype=int))
        learned = [at for at, place in enumerate(places) if place in first_of_each]
        # whoever was not among few people can be thousands of deviations away, which no encoder learns from
        standardizer = steadied(fit(weeks, f"pretraining people of cohort {info.name}", info.unit, learned))
        parts.append(StandardizedWeeks(weeks, standardizer))
        standardizers.append(standardizer)
        marks.append(few_marks(workspace, info.name, [row.row for row in chosen.learned(number)]))
    z = JoinedWeeks(parts, [number for number, _ in chosen.rows])
    return PretrainData(chosen, z, tuple(standardizers), np.concatenate(marks))
