"""The cells of a comparison: each trained once, kept as soon as it is done, so that a kill loses at most the one at work."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import Codec, Question, digest
from pat_core.errors import TrainingError, WorkspaceTrouble
from pat_core.evaluation import auc_interval, train_validation
from pat_core.jobs import Task
from pat_core.progress import Progress, Share, Silent
from pat_core.records import Interval
from pat_core.training import FinetuneSettings, LabelledWeeks
from pat_core.training.labelled_people import Split, by_person
from pat_core.weights import Model
from pat_core.workflows.comparing.compare_request import FLOORS, Cell, CompareRequest, Groups, Offer, draw_rows, held_out, offer
from pat_core.workflows.learn.finetune_run import trainee_of
from pat_core.workflows.models.model_entries import resolve, titles
from pat_core.workflows.week.labelled_weeks import labelled_people, labelled_weeks
from pat_core.workflows.week.week_figures import WeekFigures, week_figures

VERSION = 1
"""Counts up when cells come out otherwise by the same request: kept ones are then trained again."""
REQUESTS = "comparisons"
"""The setting of the workspace under which comparisons are remembered, by name."""


@dataclass(frozen=True, eq=False)
class CellResult:
    """One training and its test. train: people, positive and negative, validation included. positive, logits: (people tested,).

    auc: with its interval over the people tested. best_epoch, epochs: 0 where there were none. seconds: that it took.
    """

    train: tuple[int, int]
    positive: np.ndarray
    logits: np.ndarray
    auc: Interval
    best_epoch: int
    epochs: int
    seconds: float


RESULTS = Codec[CellResult](CellResult)


@dataclass(frozen=True, eq=False)
class Comparison:
    """A comparison as far as it is done. results: of the cells that are; missing: those that are not. failed: why a cell has none, in
    sentences; left_out: sizes that cannot be drawn, in sentences."""

    request: CompareRequest
    offers: tuple[Offer, ...]
    results: Mapping[Cell, CellResult]
    missing: tuple[Cell, ...]
    failed: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        return tuple(sentence for one in self.offers for sentence in one.left_out)

    @property
    def done(self) -> bool:
        return not self.missing


def run_comparison(workspace: Workspace, request: CompareRequest, progress: Progress | None = None) -> Comparison:
    """Train every cell that is not kept yet. A cell whose training fails is reported, and the others go on.

    TrainingError or WeightsError, before anything is trained, where a label, a model or a size is none. WorkspaceTrouble where a finished
    cell cannot be kept.
    """
    from pat_core.training.device import pick_device

    progress = progress or Silent()
    pick_device(request.settings.device)
    before = comparison(workspace, request)
    remember_request(workspace, request)
    work, results, failed = Cells(workspace, request), dict(before.results), []
    called = FLOORS | titles(workspace)
    for number, cell in enumerate(before.missing):
        share = Share(progress, number / len(before.missing), 1 / len(before.missing))
        words = f"Training {number + 1:,} of {len(before.missing):,}: {cell_words(cell, called)}"
        share.at(0.0, words)
        try:
            results[cell] = work.result(cell, _Within(share, words))
        except TrainingError as error:
            failed.append(f"{cell_words(cell, called)}: {error}")
            continue
        workspace.keep(work.question(cell), results[cell], RESULTS, surely=True)
        shutil.rmtree(work.folder(cell), ignore_errors=True)
    missing = tuple(cell for cell in before.missing if cell not in results)
    return Comparison(request, before.offers, results, missing, tuple(failed))


def comparison(workspace: Workspace, request: CompareRequest) -> Comparison:
    """What is kept of a comparison, without training anything. Raises as `run_comparison` where it could not begin."""
    offers = tuple(offer(workspace, request, groups) for groups in request.groups)
    work = Cells(workspace, request)
    results, missing = {}, []
    for cell in request.cells({one.groups: one.sizes for one in offers}):
        kept = workspace.kept(work.question(cell), RESULTS)
        if kept is None:
            missing.append(cell)
        else:
            results[cell] = kept
    return Comparison(request, offers, results, tuple(missing))


COMPARE = Task(
    "compare",
    CompareRequest,
    run_comparison,
    lambda done: {"comparison": done.request.name, "cells": len(done.results), "failed": list(done.failed)},
)


def remember_request(workspace: Workspace, request: CompareRequest) -> None:
    """Keep what was asked under its name, so that its table can be looked at again; asked anew, a name stands for the new one."""
    kept = {name: spec for name, spec in workspace.setting(REQUESTS, {}).items() if name != request.name}
    try:
        workspace.keep_setting(REQUESTS, kept | {request.name: request.as_spec()})
    except WorkspaceTrouble:
        return  # its cells say so louder


def requests(workspace: Workspace) -> dict[str, CompareRequest]:
    """Comparisons by name, the latest first, of cohorts that are still here."""
    cohorts, known = {cohort.name for cohort in workspace.cohorts()}, {}
    for name, spec in reversed(workspace.setting(REQUESTS, {}).items()):
        try:
            request = CompareRequest.from_spec(spec)
        except (TrainingError, KeyError, TypeError, ValueError):  # of another version
            continue
        if request.cohort in cohorts:
            known[name] = request
    return known


def cell_words(cell: Cell, called: Mapping[str, str]) -> str:
    """A cell for a reader. called: model -> its title."""
    people = f"{cell.size:,} people" if cell.size else "all people"
    model, style = called.get(cell.model, cell.model), cell.style.replace("_", " ")
    return ", ".join(filter(None, (cell.groups.words, model, style, people, f"repetition {cell.seed + 1}")))


@dataclass(frozen=True, eq=False)
class _People:
    """The people of one pair of groups. order: their rows in the cohort's array. known, test: rows of `data`."""

    data: LabelledWeeks
    order: np.ndarray
    known: np.ndarray
    test: np.ndarray


@dataclass
class Cells:
    """The trainings of a comparison, with what they share, read when first needed."""

    workspace: Workspace
    request: CompareRequest
    models: dict[str, Model] = field(default_factory=dict)
    people: dict[Groups, _People] = field(default_factory=dict)
    digests: dict[Groups, str] = field(default_factory=dict)
    figures: dict[Groups, WeekFigures] = field(default_factory=dict)

    def model(self, reference: str) -> Model:
        if reference not in self.models:
            self.models[reference] = resolve(self.workspace, reference)
        return self.models[reference]

    def question(self, cell: Cell) -> Question:
        """All that a cell depends on: weeks and labels, the model it starts from, the draw, and every setting but the device."""
        info = self.workspace.cohort(self.request.cohort)
        if cell.groups not in self.digests:
            who = labelled_people(self.workspace, self.request.run_request(cell.groups))
            self.digests[cell.groups] = digest([who.people.tolist(), who.positive.tolist(), sorted(who.same.items())])
        settings = {name: value for name, value in self.request.settings.as_dict().items() if name not in ("device", "style")}
        if cell.model in FLOORS:
            settings = {name: settings[name] for name in ("seed", "test_share", "validation_share")}
        parts: dict[str, object] = {
            "cohort": info.as_read,
            "people": self.digests[cell.groups],
            "weeks": self.request.weeks,
            "groups": asdict(cell.groups),
        }
        parts |= {"model": cell.model if cell.model in FLOORS else self.model(cell.model).sha256, "style": cell.style, "size": cell.size}
        parts |= {"seed": cell.seed, "test": self.request.test, "settings": settings, "version": VERSION}
        return Question("cell of a comparison", parts)

    def folder(self, cell: Cell) -> Path:
        """Where its checkpoints lie while it is at work."""
        return self.workspace.folder / "comparisons" / hashlib.sha256(self.question(cell).key.encode()).hexdigest()[:16]

    def of(self, groups: Groups) -> _People:
        if groups not in self.people:
            data, order = labelled_weeks(self.workspace, self.request.run_request(groups))
            self.people[groups] = _People(data, order, *held_out(data, self.request))
        return self.people[groups]

    def result(self, cell: Cell, progress: Progress) -> CellResult:
        """Draw its people, train, and test on the people held out."""
        began, people = time.monotonic(), self.of(cell.groups)
        drawn = draw_rows(people.data, people.known, cell.size, cell.seed)
        split = self.split(people, drawn, cell.seed)
        logits, best, epochs, elsewhere = (self.floor if cell.model in FLOORS else self.trained)(cell, split, progress)
        held = by_person(people.data, split.test, logits, np.zeros(len(split.test), dtype=int))
        labels = {str(unit): bool(positive) for unit, positive in zip(people.data.units()[drawn], people.data.positive[drawn], strict=True)}
        kinds = sum(labels.values()), len(labels) - sum(labels.values())
        auc = auc_interval(held.positive, held.logits, held.people, seed=cell.seed)
        return CellResult(kinds, held.positive, np.asarray(held.logits), auc, best, epochs, max(elsewhere, time.monotonic() - began))

    def split(self, people: _People, drawn: np.ndarray, seed: int) -> Split:
        units, positive = people.data.units(), people.data.positive
        train, validation = train_validation(units[drawn], positive[drawn], self.request.settings.validation_share, seed)
        return Split(drawn[train], drawn[validation], people.test)

    def floor(self, cell: Cell, split: Split, progress: Progress) -> tuple[np.ndarray, int, int, float]:
        from pat_core.training.floors import FLOORS as FITS

        people = self.of(cell.groups)
        if cell.groups not in self.figures:
            self.figures[cell.groups] = week_figures(self.workspace, self.request.cohort, people.order, progress)
        figures = self.figures[cell.groups]
        x = figures.six if cell.model == "rhythm_logistic" else figures.values
        known = np.concatenate([split.train, split.validation])
        return FITS[cell.model][1](x[known], people.data.positive[known], x[split.test]), 0, 0, 0.0

    def training(self, cell: Cell) -> tuple[Split, FinetuneSettings]:
        """Who takes part in the training of a network's cell, and how it goes."""
        people = self.of(cell.groups)
        return self.course(cell, self.split(people, draw_rows(people.data, people.known, cell.size, cell.seed), cell.seed))

    def course(self, cell: Cell, split: Split) -> tuple[Split, FinetuneSettings]:
        """A cell's settings, and its split as they take it."""
        settings = replace(self.request.settings, seed=cell.seed)
        if cell.style == "linear_probe":
            settings = as_probe(settings)
        if not settings.in_epochs:  # nothing is stopped early, so nobody is kept aside for it
            split = Split(np.sort(np.concatenate([split.train, split.validation])), split.validation[:0], split.test)
        return split, settings

    def trained(self, cell: Cell, split: Split, progress: Progress) -> tuple[np.ndarray, int, int, float]:
        from pat_core.training.device import threads_as_begun
        from pat_core.training.one_split import train_split

        split, settings = self.course(cell, split)
        data, folder = self.of(cell.groups).data, self.folder(cell)
        with threads_as_begun(folder):
            done = train_split(trainee_of(self.model(cell.model)), data, split, settings, folder, progress)
        best, epochs = (done.fitted.best_epoch, done.fitted.epochs) if done.fitted else (0, 0)
        return np.asarray(done.test_outputs)[:, 0], best, epochs, done.seconds


def as_probe(settings: FinetuneSettings) -> FinetuneSettings:
    """The settings of a full training for a linear probe; the recommended one has no epochs, so what is set of these has no part in it."""
    if settings.recipe == "paper":
        return replace(settings, style="linear_probe")
    return replace(settings, style="linear_probe", learning_rate=None, batch=None, max_epochs=None, patience=None)


class _Within:
    """A cell's progress: what its training reports, after the words of the cell; of hundreds of cells no curves are kept."""

    def __init__(self, whole: Progress, words: str) -> None:
        self.whole, self.words = whole, words

    def at(self, fraction: float, message: str) -> None:
        self.whole.at(min(fraction, 1.0), f"{self.words}. {message}")

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        """There is no curve of it."""
