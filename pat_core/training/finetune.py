"""Fine-tuning a PAT on labelled weeks: full, or a head on the frozen encoder (linear probe)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from pat_core.errors import TrainingError
from pat_core.evaluation import folds as person_folds
from pat_core.evaluation import train_validation, within_folds_auc_interval
from pat_core.model import Classifier, ClassifierHead, seeded
from pat_core.model.config import LEARNING_RATE
from pat_core.progress import Progress, Silent
from pat_core.records import Interval, Standardizer
from pat_core.training.device import pick_device
from pat_core.training.loop import Examples, Fitted, fit, logits
from pat_core.training.settings import FinetuneSettings
from pat_core.weeks import apply
from pat_core.weeks import fit as fit_standardizer

FEWEST_OF_A_CLASS = 5
EMBED_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class LabelledWeeks:
    """weeks: (rows, minutes) activity, NaN missing, may be a memory map. positive, people: (rows,) label and participant."""

    weeks: np.ndarray
    positive: np.ndarray
    people: np.ndarray
    unit: str
    source: str


@dataclass(frozen=True, eq=False)
class Finetuned:
    """The trained network with its standardizer, its test and how it went.

    test_auc: interval by person; with folds, pairs are compared within a fold only. test_rows, test_logits, test_fold: (n,) the
    held-out rows, their logits from models that never saw them, and which fold (0 without folds).
    split: row -> "train", "validation" or "test" of the model that is kept.
    """

    network: Classifier
    standardizer: Standardizer
    test_auc: Interval
    test_rows: np.ndarray
    test_logits: np.ndarray
    test_fold: np.ndarray
    split: np.ndarray
    fitted: Fitted
    prevalence: float
    fold_aucs: tuple[float, ...]


def finetune(
    start: Classifier, data: LabelledWeeks, settings: FinetuneSettings, folder: Path, progress: Progress | None = None
) -> Finetuned:
    """Fine-tune a copy of `start` (its head is drawn anew from the seed). Checkpoints lie in `folder`; a killed run goes on from them."""
    progress = progress or Silent()
    check_people(data, settings)
    rows = np.arange(len(data.people))
    if settings.folds:
        plan = person_folds(data.people, data.positive, settings.folds, settings.seed)
    else:
        plan = [train_validation(data.people, data.positive, settings.test_share, settings.seed)]
    parts = len(plan) + (1 if settings.folds else 0)
    tests, fold_of = [], []
    network = standardizer = fitted = split = None
    for number, (train, test) in enumerate(plan):
        step = _Part(progress, number, parts, f"Fold {number + 1} of {len(plan)}. " if settings.folds else "")
        place = folder / (f"fold-{number + 1}" if settings.folds else "model")
        network, standardizer, fitted, split, scores = _one_split(start, data, train, test, settings, place, step)
        tests.append((test, scores))
        fold_of.append(np.full(len(test), number))
    if settings.folds:
        step = _Part(progress, parts - 1, parts, "The model that is kept, on everyone. ")
        network, standardizer, fitted, split, _ = _one_split(start, data, rows, rows[:0], settings, folder / "model", step)
    test_rows = np.concatenate([test for test, _ in tests])
    test_logits = np.concatenate([scores for _, scores in tests])
    test_fold = np.concatenate(fold_of)
    interval, fold_aucs = within_folds_auc_interval(
        data.positive[test_rows], test_logits, data.people[test_rows], test_fold, seed=settings.seed
    )
    prevalence = float(_by_person(data).mean())
    return Finetuned(network, standardizer, interval, test_rows, test_logits, test_fold, split, fitted, prevalence, fold_aucs)


def check_people(data: LabelledWeeks, settings: FinetuneSettings) -> None:
    """Raise TrainingError where there are too few people of a kind for these settings."""
    by_person = _by_person(data)
    positives, negatives = int(by_person.sum()), int((~by_person).sum())
    if min(positives, negatives) < max(FEWEST_OF_A_CLASS, settings.folds):
        raise TrainingError(
            f"Training needs at least {max(FEWEST_OF_A_CLASS, settings.folds)} people of each kind, but there are {positives} positive and "
            f"{negatives} negative. Import more people, choose another label, or use fewer folds."
        )


def _by_person(data: LabelledWeeks) -> np.ndarray:
    return np.array([data.positive[data.people == person][0] for person in dict.fromkeys(data.people)], dtype=bool)


def _one_split(start, data, train_and_held, test, settings, folder: Path, progress) -> tuple:
    """Train on one split; returns network, standardizer, how it went, each row's part, and the test logits.

    A split that was finished before a kill is read back from its checkpoint at once.
    """
    inner_train, inner_held = train_validation(
        data.people[train_and_held], data.positive[train_and_held], settings.validation_share, settings.seed
    )
    train, held = train_and_held[inner_train], train_and_held[inner_held]
    split = np.full(len(data.people), "unused", dtype="<U10")
    split[train], split[held], split[test] = "train", "validation", "test"
    standardizer = fit_standardizer(data.weeks[train], f"training people of {data.source}", data.unit)
    device = pick_device(settings.device)
    network = copy.deepcopy(start).to(device)
    network.head = seeded(ClassifierHead, settings.seed).to(device)
    trainee, parts = _examples(network, data, standardizer, (train, held, test), settings, device, progress)
    fitted = fit(
        trainee,
        parts[0],
        parts[1],
        learning_rate=settings.learning_rate or LEARNING_RATE.get(start.config.size, 1e-5),
        batch=settings.batch,
        max_epochs=settings.max_epochs,
        patience=settings.patience,
        seed=settings.seed,
        checkpoint=folder / "last.safetensors",
        progress=progress,
    )
    trainee.load_state_dict(fitted.best)
    scores = logits(trainee, parts[2], settings.batch)
    return network.cpu().eval(), standardizer, fitted, split, scores


def _examples(network, data, standardizer, rows_of: tuple, settings, device, progress) -> tuple[nn.Module, list[Examples]]:
    """What the loop trains, and its inputs: weeks for full, pooled embeddings (computed once) for a linear probe."""
    if settings.style == "full":

        def weeks(rows: np.ndarray):
            return lambda first, last: torch.from_numpy(apply(standardizer, data.weeks[rows[first:last]])).to(device)

        return network, [Examples(weeks(rows), data.positive[rows]) for rows in rows_of]
    network.encoder.requires_grad_(False)
    embedded = embed(network, data.weeks, standardizer, np.concatenate(rows_of), device, progress)
    cuts = np.cumsum([len(rows) for rows in rows_of])[:-1]

    def pooled(part: Tensor):
        return lambda first, last: part[first:last]

    pieces = torch.tensor_split(embedded, cuts.tolist())
    return network.head, [Examples(pooled(piece), data.positive[rows]) for piece, rows in zip(pieces, rows_of, strict=True)]


@torch.no_grad()
def embed(network: Classifier, weeks: np.ndarray, standardizer: Standardizer, rows: np.ndarray, device, progress: Progress) -> Tensor:
    """(rows, 96) pooled embeddings in evaluation mode, a few weeks at a time."""
    network.eval()
    parts = []
    for first in range(0, len(rows), EMBED_AT_ONCE):
        z = torch.from_numpy(apply(standardizer, weeks[rows[first : first + EMBED_AT_ONCE]])).to(device)
        parts.append(network.pool(z))
        progress.at(0.0, f"Reading weeks through the frozen encoder: {min(first + EMBED_AT_ONCE, len(rows))} of {len(rows)}")
    return torch.cat(parts)


class _Part:
    """A run's progress as seen from one of its splits: fractions and epochs of the whole."""

    def __init__(self, whole: Progress, number: int, parts: int, prefix: str) -> None:
        self.whole, self.number, self.parts, self.prefix = whole, number, parts, prefix

    def at(self, fraction: float, message: str) -> None:
        self.whole.at((self.number + fraction) / self.parts, self.prefix + message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        named = values if self.parts == 1 else {f"{self._name()}{name}": value for name, value in values.items()}
        self.whole.metric(step, named)

    def _name(self) -> str:
        return "" if self.number == self.parts - 1 else f"fold {self.number + 1} "
