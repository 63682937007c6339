"""Pretraining in words: what a run is asked, whom it learns from, where it stands, and what its encoder's card says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pat_core.cohorts import RunInfo, Workspace
from pat_core.cohorts.database_values import LONGEST_NAME, looks
from pat_core.models.pat import PatConfig
from pat_core.plurals import counted, listed
from pat_core.training import PretrainSettings
from pat_core.training.recipes import paper_pretraining
from pat_core.weights.parameter_shapes import parameters
from pat_core.workflows.learn.inspected_week import InspectedWeek
from pat_core.workflows.learn.live_rebuilding import Course
from pat_core.workflows.learn.pretrain_people import CUSTOM, PRETRAINING, PretrainPeople, PretrainRequest
from pat_core.workflows.learn.pretrained_card import FEW_PEOPLE
from pat_core.workflows.learn.rebuilt_weeks import WAYS, RebuiltWeek
from pat_core.workflows.models.model_entries import models

FIGURES = {"mse": "Mean squared error", "mae": "Mean absolute error", "r2": "R2", "r": "r"}
"""Of hidden minutes, by the name in a result."""
HOW_TO_READ = (
    "On hidden minutes alone, in standard deviations of the minute (squared, for the squared error). R2 is the share of the differences "
    "between hidden minutes that is rebuilt: 1 is all of it, below 0 is worse than their mean. r is Pearson's correlation."
)
SMOOTHING = (
    "Savitzky-Golay, window 51, order 3. The paper's authors tried it and their results became worse; it is here to be compared. Weeks are "
    "smoothed in pretraining alone."
)


def pretraining_runs(workspace: Workspace) -> dict[str, RunInfo]:
    """Name -> run, newest first."""
    return {run.name: run for run in workspace.runs() if run.config.get("task") == PRETRAINING}


def proposed_encoder(workspace: Workspace, size: str, cohort: str) -> str:
    """A name for an encoder that looks like no run's and no model's."""
    taken = {looks(name) for name in [*(run.name for run in workspace.runs()), *(entry.reference for entry in models(workspace))]}
    number = 1
    while True:
        tail = f" ({number})" if number > 1 else ""
        head = f"{size} on "
        name = head + cohort[: LONGEST_NAME - len(head) - len(tail)].rstrip() + tail
        if looks(name) not in taken:
            return name
        number += 1


def asked(run: RunInfo) -> str:
    """What a run was asked, in a sentence."""
    request = PretrainRequest.from_spec(run.config)
    names = listed([f"“{name}”" for name in (run.cohort, *request.beside)])
    shape = request.size if request.size != CUSTOM else f"custom ({shape_words(request.config)})"
    weeks = "the first week of each person" if request.weeks == "first" else "every full week"
    return (
        f"PAT {shape}, {request.embedding} patches, on {weeks} of {names}; {100 * request.settings.mask_ratio:.0f} % of the patches hidden."
    )


def shape_words(config: PatConfig) -> str:
    """Patch, heads and blocks, briefly."""
    return f"patches of {config.patch} min, {counted(config.heads, 'head')}, {counted(config.blocks, 'block')}"


def whom_words(chosen: PretrainPeople) -> list[str]:
    """Before a start: who learns and who validates, what a week becomes, and what to know of it; a sentence each."""
    (people, held), config, settings = chosen.people, chosen.request.config, chosen.request.settings
    minutes = chosen.cohorts[0].minutes
    tokens = config.tokens(minutes)
    hidden, weeks = int(tokens * settings.mask_ratio), len(chosen.rows) - chosen.held_out
    sentences = [
        f"It learns from {counted(people, 'person', 'people')} ({counted(weeks, 'week')}) and is validated on "
        f"{counted(held, 'other person', 'other people')} ({counted(chosen.held_out, 'week')}). No label is used.",
        f"A week becomes {tokens:,} patches of {config.patch} minutes; {hidden:,} of them are hidden and rebuilt from the other "
        f"{tokens - hidden:,}. The encoder has {parameters(config):,} parameters; {counted(-(-weeks // settings.batch), 'step')} an epoch.",
    ]
    if chosen.left_out:
        sentences.append(
            f"{counted(chosen.left_out, 'week is', 'weeks are')} left out, because the input check refuses {_them(chosen.left_out)}."
        )
    if len(chosen.cohorts) > 1:
        sentences.append(
            "Each cohort is standardized by itself, as the paper does with the cycles of NHANES, so no means travel with the encoder."
        )
    return sentences


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def few_words(chosen: PretrainPeople) -> str:
    """What few people mean for an encoder; "" where they are many."""
    people = chosen.people[0]
    if people >= FEW_PEOPLE:
        return ""
    return (
        f"{counted(people, 'person', 'people')} are few: the paper's encoders learned from 21,538 and more. Compare what comes out with an "
        "untrained encoder of the same shape before relying on it."
    )


def recipe_words(settings: PretrainSettings, size: str) -> str:
    """The recipe in a sentence, and what of it is not the paper's."""
    paper = paper_pretraining(size)
    names = {"mask_ratio": "the share hidden", "loss_on": "the loss", "smoothed": "smoothing", "learning_rate": "the learning rate",
             "smallest_rate": "its floor", "batch": "the batch", "epochs": "the most epochs", "patience": "the patience",
             "plateau_patience": "the patience of the rate"}  # fmt: skip
    other = [words for name, words in names.items() if getattr(settings, name) != getattr(paper, name) and name != "epochs"]
    words = (
        f"At most {settings.epochs:,} epochs; ended after {settings.patience:,} without a lower validation loss; the learning rate of "
        f"{settings.learning_rate:g} is halved after {settings.plateau_patience:,} of them, down to {settings.smallest_rate:g}. "
    )
    return words + (f"Unlike the paper's recipe: {listed(other)}." if other else "Otherwise as in the paper.")


def course_words(course: Course, settings: PretrainSettings, done: bool) -> str:
    """Where a run stood at its last checkpoint: what was best, when it would end, and what became of the learning rate. done: it has ended
    by itself, so that nothing is waited for any more."""
    if done:
        halved = f", halved {_times(course.halved)} from {course.first_rate:g} on a plateau" if course.halved else ""
        return f"At the end the learning rate was {course.rate:g}{halved}."
    left = settings.patience - course.waited
    fell = f"The validation loss was lowest in epoch {course.best_epoch:,} ({course.loss:.4f})"
    if course.waited:
        fell += f" and has not fallen for {counted(course.waited, 'epoch')}: after {left:,} more the training ends early"
    rate = f"The learning rate is {course.rate:g}"
    if course.halved:
        rate += f", halved {_times(course.halved)} from {course.first_rate:g} on a plateau"
    elif course.rate > settings.smallest_rate:
        rate += f"; on a plateau of {settings.plateau_patience:,} epochs it is halved"
    return f"As of the checkpoint of epoch {course.epoch:,}. {fell}. {rate}."


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def ended_words(result: Mapping[str, Any]) -> str:
    """Which weights were kept and why the training ended."""
    because = "all epochs were done" if result["stopped"] == "all epochs done" else result["stopped"]
    return (
        f"The weights of epoch {result['best_epoch']:,} of {result['epochs']:,} were kept, with a validation loss of "
        f"{result['validation_loss']:.4f} ({result['hidden_loss']:.4f} on hidden minutes). It ended because {because}."
    )


def rebuilt_table(rebuilt: Mapping[str, Mapping[str, Mapping[str, float]]]) -> pd.DataFrame:
    """A row a way of filling hidden minutes, a column a figure: mean over people with its interval."""
    rows = []
    for way, words in WAYS.items():
        row: dict[str, str] = {"How hidden minutes are filled": words}
        for name, title in FIGURES.items():
            row[title] = _with_interval(rebuilt.get(way, {}).get(name))
        rows.append(row)
    return pd.DataFrame(rows)


def inspected_words(shown: InspectedWeek, encoder: str, learned: bool | None) -> list[str]:
    """What to know of a rebuilt week. learned: whether the encoder learned from this person's weeks, None where that is not known."""
    who = shown.week.participant
    seen = {
        True: f"{encoder} learned from {who}'s weeks, so this one was not unseen.",
        False: f"{encoder} did not learn from {who}'s weeks.",
        None: f"Whether {encoder} learned from {who}'s weeks is not known.",
    }
    compared = "the people it learned from" if shown.standardize_by == "model" else "the people of this cohort"
    sentences = [f"{seen[learned]} Each minute is compared with the same minute of {compared}."]
    sentences += ["The week is smoothed first, as in its pretraining."] if shown.smoothed else []
    return [*sentences, *(finding.message for finding in shown.findings)]


def week_table(week: RebuiltWeek) -> pd.DataFrame:
    """As `rebuilt_table`, of one week."""
    rows = []
    for way, words in WAYS.items():
        figures = vars(week.figures[way])
        row = {"How hidden minutes are filled": words}
        rows.append(row | {title: _plain(figures[name]) for name, title in FIGURES.items()})
    return pd.DataFrame(rows)


def _plain(value: float) -> str:
    return "\u2013" if value != value else f"{value:.3f}".replace("-", "\u2212")


def _with_interval(figure: Mapping[str, float] | None) -> str:
    if figure is None:
        return "–"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})".replace("-", "\u2212")


def card_facts(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an encoder's card says, a line each, the gravest first."""
    settings = card.get("settings") or {}
    shown = {name.replace("_", " "): value for name, value in settings.items() if value is not None}
    facts: Sequence[tuple[str, object]] = (
        ("Limits", card.get("limits")),
        ("Bias", card.get("bias")),
        ("Risks", card.get("risks")),
        ("Pretrained on", card.get("pretrained_on")),
        ("Validated on", f"{card['validated_on']:,} other people" if isinstance(card.get("validated_on"), int) else None),
        ("Standardized", card.get("standardized")),
        ("Unit", card.get("unit")),
        ("Settings", "; ".join(f"{name} {value}" for name, value in shown.items())),
        ("Versions", "; ".join(f"{name} {value}" for name, value in (card.get("versions") or {}).items())),
        ("Licence", card.get("licence")),
        ("Citation", card.get("citation")),
    )
    return [(name, str(words)) for name, words in facts if words]
