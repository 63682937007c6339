"""Training on labelled weeks: a PAT in full or by a head on its frozen encoder (linear probe), or a baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from pat_core.models.contract import TokenNetwork
from pat_core.models.outputs import Outputs
from pat_core.models.pat.pat_config import LEARNING_RATE
from pat_core.progress import Progress, Silent
from pat_core.records import Interval, Standardizer
from pat_core.training.device import one_thread, pick_device
from pat_core.training.kind_figures import figures_of
from pat_core.training.labelled_people import HeldOut, LabelledWeeks, Split, by_person, check_people, plan
from pat_core.training.loop import Fitted, LoopSettings, fit
from pat_core.training.objective import Examples, Rows, objective_of
from pat_core.training.recipes import FinetuneSettings
from pat_core.training.trainee import Trainee, fresh, head_of, solve, solved_at_once
from pat_core.weeks import Weeks, apply
from pat_core.weeks import fit as fit_standardizer

EMBED_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Finetuned:
    """The trained network with its standardizer, its test and how it went.

    figures: of the test, by name, over people, intervals by person (see `kind_figures`); with folds, people are compared within a fold
    only. held_out: the people they are of. fold_figures: the first figure of each fold. outputs: what the head answers.
    test_rows, test_outputs, test_fold: (n,), (n, count), (n,) the held-out rows (weeks), what models that never saw these people answer,
    and which fold (0 without folds). prevalences: of people, each class's in order; () of a value.
    split: (rows,) "train", "validation" or "test" of the model that is kept.
    curves: (epoch, name, value) of every fold and of the kept model, under the names that progress was told. device: that trained.
    """

    network: Trainee
    standardizer: Standardizer
    outputs: Outputs
    figures: dict[str, Interval]
    held_out: HeldOut
    test_rows: np.ndarray
    test_outputs: np.ndarray
    test_fold: np.ndarray
    split: np.ndarray
    fitted: Fitted
    prevalences: tuple[float, ...]
    fold_figures: tuple[float, ...]
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


def finetune(start: Trainee, data: LabelledWeeks, settings: FinetuneSettings, folder: Path, progress: Progress | None = None) -> Finetuned:
    """Fine-tune a copy of `start` (its head is drawn anew from the seed). Checkpoints lie in `folder`; a killed run goes on from them."""
    check_people(data, settings)
    splits = plan(data, settings)
    parts = [_Part(progress or Silent(), number, len(splits), settings.folds) for number in range(len(splits))]
    trained = [_one_split(start, data, split, settings, folder / part.folder, part) for split, part in zip(splits, parts, strict=True)]
    final = trained[-1]
    tested = trained[: settings.folds or 1]
    rows = np.concatenate([outcome.split.test for outcome in tested])
    outputs = np.concatenate([outcome.test_outputs for outcome in tested])
    fold = np.repeat(np.arange(len(tested)), [len(outcome.test_outputs) for outcome in tested])
    held_out = by_person(data, rows, outputs, fold)
    figures, fold_figures = figures_of(data.task, held_out, settings.seed)
    return Finetuned(
        network=final.network,
        standardizer=final.standardizer,
        outputs=data.task.outputs(),
        figures=figures,
        held_out=held_out,
        test_rows=rows,
        test_outputs=outputs,
        test_fold=fold,
        split=final.split.parts(len(data.people)),
        fitted=final.fitted,
        prevalences=() if data.task.kind == "value" else tuple(count / len(data.label_of_each()) for count in data.counts()),
        fold_figures=fold_figures,
        curves=tuple(
            (step, part.curve(name), y) for part, outcome in zip(parts, trained, strict=True) for step, name, y in outcome.fitted.curves
        ),
        device=pick_device(settings.device).type,
    )


@dataclass(frozen=True, eq=False)
class _Made:
    split: Split
    network: Trainee
    standardizer: Standardizer
    fitted: Fitted
    test_outputs: np.ndarray


def _one_split(start: Trainee, data: LabelledWeeks, split: Split, settings: FinetuneSettings, folder: Path, progress: Progress) -> _Made:
    """Train on one split. A split that was finished before a kill is read back from its checkpoint at once."""
    standardizer = fit_standardizer(data.weeks, f"training people of {data.source}", data.unit, data.first_weeks(split.train))
    device = pick_device(settings.device)
    network = fresh(start, data, settings.seed).to(device)
    objective = objective_of(data.task, data.targets()[split.train])
    objective.prepare(head_of(network))
    rows_of = split.train, split.validation, split.test
    trainee, (train, validation, test) = _examples(network, data, standardizer, rows_of, settings, device, progress)
    if solved_at_once(network):
        z = partial(_standardized, standardizer, data)
        fitted = solve(network, z, data.positive, split.train, split.validation, progress)
    else:
        with one_thread() if settings.style == "linear_probe" and device.type == "cpu" else nullcontext():
            fitted = fit(
                trainee,
                objective,
                train,
                validation,
                LoopSettings(
                    learning_rate=settings.learning_rate or LEARNING_RATE.get(start.config.size, 1e-5),
                    batch=settings.batch,
                    max_epochs=settings.max_epochs,
                    patience=settings.patience,
                    seed=settings.seed,
                ),
                folder / "last.safetensors",
                progress,
            )
    trainee.load_state_dict(fitted.best)
    objective.settle(head_of(network))
    outputs = objective.outputs(trainee, test, settings.batch, lambda read: progress.at(1.0, f"Testing: {read} of {len(test)} weeks"))
    return _Made(split, network.cpu().eval(), standardizer, fitted, outputs.numpy().reshape(len(test), data.task.outputs().count))


def _standardized(standardizer: Standardizer, data: LabelledWeeks, rows: np.ndarray) -> np.ndarray:
    """(rows, minutes) float32, as the network reads them."""
    return apply(standardizer, data.weeks[rows])


def _examples(network, data, standardizer, rows_of: tuple, settings, device, progress) -> tuple[nn.Module, list[Examples]]:
    """What the loop trains, and its inputs: weeks for full, pooled embeddings (computed once) for a linear probe."""
    targets = data.targets()
    if settings.style == "full":

        def weeks(part: np.ndarray) -> Callable[[Rows], Tensor]:
            return lambda rows: torch.from_numpy(apply(standardizer, data.weeks[part[rows]])).to(device)

        return network, [Examples(weeks(part), targets[part]) for part in rows_of]
    network.encoder.requires_grad_(False)
    embedded = embed(network, data.weeks, standardizer, np.concatenate(rows_of), device, progress)
    cuts = np.cumsum([len(rows) for rows in rows_of])[:-1]

    def pooled(part: Tensor) -> Callable[[Rows], Tensor]:
        return lambda rows: part[rows]

    pieces = torch.tensor_split(embedded, cuts.tolist())
    return network.head, [Examples(pooled(piece), targets[rows]) for piece, rows in zip(pieces, rows_of, strict=True)]


@torch.no_grad()
def embed(network: TokenNetwork, weeks: Weeks, standardizer: Standardizer, rows: np.ndarray, device, progress: Progress) -> Tensor:
    """(rows, width) pooled embeddings in evaluation mode, a few weeks at a time."""
    network.eval()
    parts = []
    for first in range(0, len(rows), EMBED_AT_ONCE):
        z = torch.from_numpy(apply(standardizer, weeks[rows[first : first + EMBED_AT_ONCE]])).to(device)
        parts.append(network.tokens(z).mean(dim=1))
        progress.at(0.0, f"Reading weeks through the frozen encoder: {min(first + EMBED_AT_ONCE, len(rows))} of {len(rows)}")
    return torch.cat(parts)


class _Part:
    """A run's progress as seen from one of its splits: fractions of the whole, curves named by fold, and the folder it keeps."""

    def __init__(self, whole: Progress, number: int, parts: int, folds: int) -> None:
        self.whole, self.number, self.parts = whole, number, parts
        self.fold = f"fold {number + 1}" if number < folds else ""
        self.folder = self.fold.replace(" ", "-") or "model"
        prefix = "The model that is kept, on everyone. " if folds else ""
        self.prefix = f"Fold {number + 1} of {folds}. " if self.fold else prefix

    def curve(self, name: str) -> str:
        """A curve's name in the whole run: `fold 1 train loss`, and plain for the model that is kept."""
        return f"{self.fold} {name}" if self.fold else name

    def at(self, fraction: float, message: str) -> None:
        self.whole.at((self.number + fraction) / self.parts, self.prefix + message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        self.whole.metric(step, {self.curve(name): value for name, value in values.items()})
