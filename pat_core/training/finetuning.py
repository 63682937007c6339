"""Training on labelled weeks: a PAT in full or by a head on its frozen encoder (linear probe), or a baseline; then what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pat_core.evaluation.repeated_folds import repeated_auc
from pat_core.models.ensemble import Ensemble, between
from pat_core.models.outputs import Outputs
from pat_core.models.pat.heads import Classifier
from pat_core.progress import Progress, Silent
from pat_core.records import Interval, Standardizer
from pat_core.training.device import threads_as_begun
from pat_core.training.kind_figures import figures_of
from pat_core.training.labelled_people import HeldOut, LabelledWeeks, Split, by_person, check_people, plan
from pat_core.training.one_split import Trained, train_split
from pat_core.training.read_weeks import fit_standardizer
from pat_core.training.recipes import FinetuneSettings
from pat_core.training.trainee import Trainee


@dataclass(frozen=True, eq=False)
class Finetuned:
    """The trained network with its standardizer, its test and how it went.

    figures: of the test, by name, over people, intervals by person (see `kind_figures`); with folds, people are compared within a fold
    only. held_out: the people they are of. fold_figures: the first figure of each fold. outputs: what the head answers.
    test_rows, test_outputs, test_fold, test_repeat: (n,), (n, count), (n,), (n,) the held-out rows (weeks), what models that never saw
    these people answer, and which fold and repeat (0 without). prevalences: of people, each class's in order; () of a value.
    split: (rows,) "train", "validation" or "test" of what is kept; every row that an ensemble learned from is "train". trained: each
    split's model, in the order of `plan`; kept: which of them the network is made of.
    curves: (epoch, name, value) of every split, under the names that progress was told. device: see `Alone.computed_on`.
    """

    network: Trainee | Ensemble
    standardizer: Standardizer
    outputs: Outputs
    figures: dict[str, Interval]
    held_out: HeldOut
    test_rows: np.ndarray
    test_outputs: np.ndarray
    test_fold: np.ndarray
    test_repeat: np.ndarray
    split: np.ndarray
    prevalences: tuple[float, ...]
    fold_figures: tuple[float, ...]
    trained: tuple[Trained, ...]
    kept: tuple[int, ...]
    curves: tuple[tuple[int, str, float], ...]
    device: str

    @property
    def test_logits(self) -> np.ndarray:
        """(n,) the held-out rows' logits of two classes; else their scores (see `Outputs.score`)."""
        return self.outputs.score(self.test_outputs)

    @property
    def test_auc(self) -> Interval:
        """Of two classes alone."""
        return self.figures["AUC"]

    @property
    def fold_aucs(self) -> tuple[float, ...]:
        """Of two classes; () of other targets."""
        return self.fold_figures if "AUC" in self.figures else ()

    @property
    def prevalence(self) -> float:
        """Of the positive one of two classes, in people."""
        return self.prevalences[1]


def finetune(
    start: Trainee,
    data: LabelledWeeks,
    settings: FinetuneSettings,
    folder: Path,
    progress: Progress | None = None,
    splits: list[Split] | None = None,
) -> Finetuned:
    """Fine-tune a copy of `start` (its head is drawn anew from the seed). Checkpoints lie in `folder`; a killed run goes on from
    them, on as many threads of the CPU as it was begun with.

    splits: those of an earlier run that is made again; None for those of `plan`.
    """
    check_people(data, settings)
    splits = plan(data, settings) if splits is None else splits
    parts = [_Part(progress or Silent(), number, splits, settings) for number in range(len(splits))]
    with threads_as_begun(folder):
        trained = [train_split(start, data, split, settings, folder / part.folder, part) for split, part in zip(splits, parts, strict=True)]
    tested = [one for one in trained if one.split.fold is not None]
    rows = np.concatenate([one.split.test for one in tested])
    outputs = np.concatenate([one.test_outputs for one in tested])
    sizes = [len(one.split.test) for one in tested]
    fold, repeat = (np.repeat(place, sizes) for place in zip(*((one.split.fold, one.split.repeat) for one in tested), strict=True))
    held_out = by_person(data, rows, outputs, fold)
    if settings.repeats > 1 and data.task.two_classes:
        figures, fold_figures = of_repeats(data, rows, outputs, fold, repeat)
    else:  # of other targets, each person's mean over the repeats
        figures, fold_figures = figures_of(data.task, held_out, settings.seed)
    kept = _kept(splits, settings)
    network, standardizer = _network([trained[number] for number in kept], data)
    return Finetuned(
        network=network,
        standardizer=standardizer,
        outputs=data.task.outputs(),
        figures=figures,
        held_out=held_out,
        test_rows=rows,
        test_outputs=outputs,
        test_fold=fold,
        test_repeat=repeat,
        split=_parts([splits[number] for number in kept], len(data.people)),
        prevalences=() if data.task.kind == "value" else tuple(count / len(data.label_of_each()) for count in data.counts()),
        fold_figures=fold_figures,
        trained=tuple(trained),
        kept=kept,
        curves=tuple((step, part.curve(name), y) for part, one in zip(parts, trained, strict=True) for step, name, y in one.curves),
        device=trained[-1].device,
    )


CORRECTED = "AUC over all folds"
"""Of repeats: the mean of every fold's AUC, with the interval of Nadeau & Bengio."""


def of_repeats(
    data: LabelledWeeks, rows: np.ndarray, outputs: np.ndarray, fold: np.ndarray, repeat: np.ndarray
) -> tuple[dict[str, Interval], tuple[float, ...]]:
    """As `figures_of`, of two classes that were cross-validated several times; the interval holds the variation between repeats."""
    each = [by_person(data, rows[there], outputs[there], fold[there]) for there in (repeat == number for number in np.unique(repeat))]
    positive, logits, people, own = (np.concatenate([getattr(one, name) for one in each]) for name in _TESTED)
    tested = repeated_auc(positive, logits, people, own, np.repeat(np.arange(len(each)), [len(one.people) for one in each]))
    figures = {"AUC": tested.auc} | ({CORRECTED: tested.corrected} if tested.corrected else {})
    return figures, tuple(area for areas in tested.folds for area in areas)


_TESTED = ("positive", "logits", "people", "fold")


def _kept(splits: list[Split], settings: FinetuneSettings) -> tuple[int, ...]:
    """Numbers of the splits that the kept network is made of: the last, or the folds of the first repeat."""
    return tuple(range(settings.folds)) if settings.keep == "ensemble" else (len(splits) - 1,)


def _network(members: list[Trained], data: LabelledWeeks) -> tuple[Trainee | Ensemble, Standardizer]:
    """One network with the standardizer that it reads by: an ensemble reads by that of everyone it learned from."""
    if len(members) == 1:
        return members[0].network, members[0].standardizer
    everyone = np.unique(np.concatenate([one.split.train for one in members]))
    reference = fit_standardizer(data, everyone, "window", f"people of {data.source}")
    networks = [one.network for one in members if isinstance(one.network, Classifier)]
    if all(one.encoder_as_before for one in members):
        for network in networks[1:]:
            network.encoder = networks[0].encoder
    return Ensemble(networks, *between(reference, [one.standardizer for one in members])).eval(), reference


def _parts(splits: list[Split], rows: int) -> np.ndarray:
    """(rows,) the part of each row in what is kept."""
    named = splits[0].parts(rows)
    for split in splits[1:]:
        named[(split.parts(rows) == "train")] = "train"
    return named


class _Part:
    """A run's progress as seen from one of its splits: fractions of the whole, curves named by fold, and the folder it keeps."""

    def __init__(self, whole: Progress, number: int, splits: list[Split], settings: FinetuneSettings) -> None:
        self.whole, self.number, self.parts = whole, number, len(splits)
        split = splits[number]
        self.fold = f"fold {number + 1}" if settings.folds and split.fold is not None else ""
        self.folder = self.fold.replace(" ", "-") or "model"
        if split.fold is not None and settings.folds:
            again = f", repeat {split.repeat + 1} of {settings.repeats}" if settings.repeats > 1 else ""
            self.prefix = f"Fold {split.fold + 1} of {settings.folds}{again}. "
        else:
            self.prefix = "The model that is kept, on everyone. " if settings.folds else ""

    def curve(self, name: str) -> str:
        """A curve's name in the whole run: `fold 1 train loss`, and plain for the model that is kept. Folds of repeats count on."""
        return f"{self.fold} {name}" if self.fold else name

    def at(self, fraction: float, message: str) -> None:
        self.whole.at((self.number + fraction) / self.parts, self.prefix + message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self.whole.metric(step, {self.curve(name): value for name, value in values.items()})
