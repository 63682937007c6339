"""What travels with a model that was trained here."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from pat_core import __version__
from pat_core.cohorts import CohortInfo, WeekRow
from pat_core.models.baselines import BaselineConfig
from pat_core.training import LabelledWeeks
from pat_core.training.recipes import learned_nothing
from pat_core.weights import Model
from pat_core.weights.catalogue import CITATION
from pat_core.workflows.read.duplicates import CARD, together_count
from pat_core.workflows.week.cohort_weeks import common_device
from pat_core.workflows.week.labelled_weeks import RunRequest

if TYPE_CHECKING:
    from pat_core.training.finetuning import Finetuned
    from pat_core.training.one_split import Trained

RANDOM_PROBE = "The encoder of this model is random and was never trained; only the head was. For comparison only."
RANDOM_FULL = "Started from random weights, not from a pretrained encoder."
WITHOUT_HEAD = " It has no head yet."

NOT_LEARNED = "not_learned"
"""Of a card: the sentence of `not_learned_words`, which goes wherever the model's cautions go."""
OF_A_RUN = (
    "test", "prevalence", "sampling", "people", "best_epoch", "risen", "epochs", "stopped", "fold_aucs", "standardizer_people",
    "standardizer", "simulated", "label", "positive", "negative", "cohort", "started_from", "first_line", "warning", "style",
    "encoder_trained", "tested_on_simulated", "computed_on", "versions", "copies", "left_out", "leaks", "plan", "target", "prevalences",
    "floors", "recipe", "strength", "members", "models", NOT_LEARNED,
)  # fmt: skip
"""What a run's result repeats of its model's card."""


def versions() -> dict[str, str]:
    """What a result was made with."""
    import torch  # a second to import: who asks for this has run a network, or is about to

    return {"pat_core": __version__, "torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()}


def encoder_trained(request: RunRequest, start: Model) -> bool:
    """Whether the encoder of the model that this run makes has learned anything."""
    return start.encoder_trained or request.settings.style == "full"


def finetuned_card(
    request: RunRequest,
    start: Model,
    done: Finetuned,
    data: LabelledWeeks,
    cohort: CohortInfo,
    rows: list[WeekRow],
    codes: Callable[[Sequence[str]], list[str]],
    traces: str = "",
) -> dict[str, object]:
    """The card of a fine-tuned model. rows: those of `data`, in its order. codes: what stands for participants, whose
    names never go into a file that is shared (`Workspace.codes`).

    minutes: of the windows that it learned from, the shortest and the longest where they differ.
    device: most common one of the people it learned from; computed_on: what trained it (cpu, cuda, mps, 4 x cuda). cohorts_seen: ids of all
    cohorts that it or a model before it was fine-tuned on. target: what was learned (`Target`). test: one logit a person, in the order of
    its `people`; of other targets than two classes all numbers of the head, and figures by name in place of the AUC.
    traces: of the weeks it
    learned from (`duplicates.for_card`). copies: what was done with recordings under several names.
    """
    return {
        "name": request.name,
        "first_line": _first_line(request, start),
        "started_from": start.name,
        "source_sha256": start.sha256,
        "pretrained_on": start.card.get("pretrained_on", ""),
        "simulated": bool(start.card.get("simulated", False)),
        "warning": _warning(start, cohort),
        "licence": start.card.get("licence", ""),
        "citation": CITATION,
        "cohort": cohort.name,
        "cohort_id": cohort.id,
        "cohorts_seen": list(dict.fromkeys([*_seen(start), cohort.id])),
        "tested_on_simulated": cohort.simulated,
        "label": data.task.label,
        "positive": data.task.classes[1] if data.task.two_classes else "",
        "negative": data.task.classes[0] if data.task.two_classes else "",
        "target": data.task.as_dict(),
        "unit": data.unit,
        "minutes": lengths[0] if len(lengths := np.unique(data.lengths()).tolist()) == 1 else [lengths[0], lengths[-1]],
        "device": common_device(row for row, part in zip(rows, done.split, strict=True) if part == "train"),
        "people": len(data.label_of_each()),
        "copies": together_count(data.copies()),
        "left_out": data.left_out,
        CARD: traces,
        "prevalence": done.prevalence if data.task.two_classes else None,
        "prevalences": list(done.prevalences),
        "test": _test(request, done, codes),
        "fold_aucs": list(done.fold_aucs),
        **_how_it_went(done),
        NOT_LEARNED: not_learned_words(done.trained, next(iter(done.figures))),
        "standardizer_people": done.standardizer.people,
        "standardizer": _standardizer(request, done),
        "style": request.settings.style,
        "recipe": request.settings.recipe,
        "encoder_trained": encoder_trained(request, start),
        "seed": request.settings.seed,
        "settings": request.settings.as_dict(),
        "computed_on": done.device,
        "versions": versions(),
    }


def _standardizer(request: RunRequest, done: Finetuned) -> dict[str, object]:
    """Whose mean and deviation minutes are compared with, and how. held_up: whether the deviations of few people were (`steadied`)."""
    used = done.standardizer
    return {"source": used.source, "people": used.people, "per": used.per, "held_up": request.settings.holds_up}


def _how_it_went(done: Finetuned) -> dict[str, object]:
    """best_epoch, risen, epochs, stopped: of the model that is kept, None of an ensemble and where there were no epochs. strength: C of its
    regression, None elsewhere. members: how many models are kept together. models: how each model of the run went, in order."""
    kept = [done.trained[number] for number in done.kept]
    one = kept[0].fitted if len(kept) == 1 else None
    probe = kept[0].probe if len(kept) == 1 else None
    return {
        "best_epoch": one.best_epoch if one else None,
        "risen": one.risen if one else None,
        "epochs": one.epochs if one else None,
        "stopped": one.stopped if one else None,
        "strength": probe.strength if probe else None,
        "members": len(kept),
        "models": [_model(each) for each in done.trained],
    }


def _model(trained: Trained) -> dict[str, object]:
    """One model of a run: its fold and repeat from 1 (None: of everyone), and how it went."""
    split, fitted, probe = trained.split, trained.fitted, trained.probe
    place: dict[str, object] = {"fold": None if split.fold is None else split.fold + 1, "repeat": split.repeat + 1}
    if fitted:
        place |= {"best_epoch": fitted.best_epoch, "risen": fitted.risen, "epochs": fitted.epochs}
    return place | ({"strength": probe.strength, "losses": [list(one) for one in probe.losses]} if probe else {})


def not_learned_words(trained: Sequence[Trained], figure: str) -> str:
    """That trainings were best at their very start by the figure of validation people, in a sentence; "" where none was, and of
    regressions, which have no start."""
    fits = [one.fitted for one in trained if one.fitted and any(name == "train loss" for _, name, _ in one.curves)]
    early = [one for one in fits if learned_nothing(one.best_epoch, one.risen, one.epochs, one.best_value)]
    if not early:
        return ""
    epoch, last = early[-1].risen, early[-1].epochs
    if len(fits) == 1:
        where = (
            f"Validation {figure} was highest in epoch {epoch:,} of {last:,}, at the very start of the training, and never rose after it"
        )
    else:
        place = f"(epoch {epoch:,} of {last:,})"
        some = f"In {len(early)} of the {len(fits)} trainings of this run"
        where = f"{some} validation {figure} was highest at the very start {place} and never rose again"
    return (
        f"{where}: people were ranked as by the head that was drawn at random. The score is a warning, not a result, and no measure of "
        "what can be learned. Train by the recommended recipe, or with a higher learning rate."
    )


def _test(request: RunRequest, done: Finetuned, codes: Callable[[Sequence[str]], list[str]]) -> dict[str, object]:
    held_out, folds, repeats = done.held_out, request.settings.folds, request.settings.repeats
    again = f", {repeats} times with folds drawn anew" if repeats > 1 else ""
    answers: dict[str, object]
    if "AUC" in done.figures:
        answers = {
            "auc": asdict(done.test_auc),
            "logits": [float(logit) for logit in held_out.logits],
            "labels": [int(positive) for positive in held_out.positive],
        }
        if over_folds := next((figure for name, figure in done.figures.items() if name != "AUC"), None):
            answers["over_folds"] = asdict(over_folds)
    else:
        answers = {
            "figures": {name: asdict(figure) for name, figure in done.figures.items()},
            "fold_figures": list(done.fold_figures),
            "outputs": held_out.outputs.tolist(),
            "targets": held_out.targets.tolist(),
        }
    return answers | {
        "fold": [int(fold) for fold in held_out.fold],
        "people": codes([str(person) for person in held_out.people]),
        "how": f"{folds}-fold cross-validation by person{again}" if folds else "held-out people",
    }


def _first_line(request: RunRequest, start: Model) -> str:
    if start.encoder_trained:
        return str(start.card.get("first_line", "")).removesuffix(WITHOUT_HEAD)
    if isinstance(start.config, BaselineConfig):
        return f"A baseline of the paper, trained from nothing: {start.config.title}."
    return RANDOM_FULL if request.settings.style == "full" else RANDOM_PROBE


def _seen(start: Model) -> list[str]:
    own = start.card.get("cohort_id")
    return [*start.card.get("cohorts_seen", ()), *([own] if own else [])]


def _warning(start: Model, cohort: CohortInfo) -> str:
    """What the start model warns of, and that it may have learned from the very people it is now tested on."""
    own = str(start.card.get("warning", ""))
    if cohort.id not in _seen(start):
        return own
    again = (
        f"{start.name}, from which this model started, was itself fine-tuned on people of {cohort.name}: people of the test may have been "
        "in that training, so the test may flatter it."
    )
    return f"{own} {again}".strip()
