"""What the verbs `finetune`, `pretrain`, `demo`, `lessons` and `reproduce` do, and their options. Heavy imports wait for who needs it."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pat_core.commands import several_processes
from pat_core.commands.several_processes import wrong_processes
from pat_core.commands.shared_options import DEVICES, seed
from pat_core.commands.verbs import Answer, workspace_of
from pat_core.commands.verbs_places import announced, followed, option, unsent
from pat_core.errors import PatError
from pat_core.progress import Progress
from pat_core.settings import ASSETS

if TYPE_CHECKING:
    from pat_core.training import PretrainSettings
    from pat_core.workflows.week.labelled_weeks import Unfit

SIZES = ("small", "medium", "large", "huge")
KINDS = ("two-classes", "classes", "ordinal", "value")
RECIPES, KEEPS, LOSS_ON = ("recommended", "paper"), ("refit", "ensemble"), ("all", "hidden")


def wrong_training(chosen: Namespace) -> str | None:
    """A sentence where one of several labels is a threshold, with which options of the others cannot go; None where all go together."""
    from pat_core.training.target import compared

    options = {"--positive": chosen.positive, "--negative": chosen.negative, "--kind": chosen.kind != "two-classes"}
    options |= {"--class": chosen.classes, "--cut": chosen.cut, "--unit": chosen.unit}
    given = [name for name, value in options.items() if value]
    if wrong := wrong_processes(chosen) or unsent(chosen):
        return wrong
    if len(chosen.labels) < 2 or not given:
        return None
    columns = _label_columns(chosen)
    thresholds = [label for label in chosen.labels if compared(label, columns)]
    if not thresholds:
        return None
    return (
        f"{thresholds[0]!r} makes two classes by itself, so {' and '.join(given)} cannot go with it. Nothing was trained: ask for "
        f"{'them' if len(thresholds) > 1 else 'it'} in a command of {'their' if len(thresholds) > 1 else 'its'} own, and for the other "
        "labels in another."
    )


def _label_columns(chosen: Namespace) -> tuple[str, ...]:
    """The cohort's label columns, one of which may be called like a threshold; () where they cannot be read: the verb itself says why."""
    try:
        return next((cohort.label_columns for cohort in workspace_of(chosen).cohorts() if cohort.name == chosen.cohort), ())
    except (PatError, OSError):
        return ()


def finetune(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.errors import TrainingError
    from pat_core.progress import Share
    from pat_core.training import FinetuneSettings
    from pat_core.training.target import TargetChoice
    from pat_core.workflows.learn.analysis_plan import plan_from
    from pat_core.workflows.learn.finetune_run import run_finetune
    from pat_core.workflows.learn.multiplicity import for_labels, multiplicity_words, tested_on
    from pat_core.workflows.week.labelled_weeks import RunRequest

    recipe = FinetuneSettings(
        style=chosen.style,
        folds=chosen.folds,
        device=chosen.device,
        learning_rate=chosen.learning_rate,
        max_epochs=chosen.max_epochs,
        patience=chosen.patience,
        seed=chosen.seed,
        recipe=chosen.recipe,
        keep=chosen.keep,
        repeats=chosen.repeats,
        standardize=chosen.standardize,
    )
    target = TargetChoice(
        kind=chosen.kind.replace("-", " "),
        positives=tuple(chosen.positive) if len(chosen.positive) > 1 else (),
        classes=tuple(chosen.classes),
        cuts=tuple(chosen.cut),
        unit=chosen.unit,
    )
    positive = " or ".join(chosen.positive)
    request = RunRequest(chosen.name, chosen.cohort, "", positive, chosen.model, chosen.negative, chosen.weeks, recipe)
    request = replace(request, unfit="keep" if chosen.keep_refused else "leave out", target=target)
    request = replace(request, plan=plan_from(chosen.plan) if chosen.plan else "")
    workspace, requests = workspace_of(chosen), for_labels(request, chosen.labels)
    if chosen.on:
        return _finetuned_there(workspace, requests, chosen, progress)
    if len(requests) == 1:
        return _run_words(workspace, run_finetune(workspace, requests[0], progress))
    runs, refused = [], []
    for number, each in enumerate(requests):
        try:
            runs.append(run_finetune(workspace, each, Share(progress, number / len(requests), 1 / len(requests))))
        except TrainingError as error:  # one label of several may have too few people
            refused.append(f"{each.label}: {error}")
    answers = [_run_words(workspace, run) for run in runs]
    cautions = tuple(dict.fromkeys(caution for answer in answers for caution in answer.cautions))
    words = multiplicity_words(tested_on(workspace, runs[-1].cohort_id), runs[-1].cohort) if runs else ""
    text = "\n".join([*(answer.text for answer in answers), *(f"Not trained: {why}" for why in refused), *([words] if words else [])])
    plain = {"runs": [answer.plain for answer in answers], "refused": refused, "multiplicity": words}
    return Answer(plain, text, cautions, 0 if runs else 1)


def _finetuned_there(workspace, requests, chosen: Namespace, progress: Progress) -> Answer:
    """The runs of these requests at a place, at once; what leaves first, where it is not confirmed."""
    from pat_core.workflows.learn.finetune_run import FINETUNE, start_finetune

    if first := [one for each in requests if (one := announced(workspace, FINETUNE.kind, each, chosen.on, chosen.yes))]:
        return Answer([one.plain for one in first], "\n".join(one.text for one in first), code=first[0].code)
    started = [start_finetune(workspace, each, on=chosen.on) for each in requests]
    answers = []
    for run, job in started:
        followed(workspace, job.id, progress)
        answers.append(_run_words(workspace, workspace.run(run.name)))
    if len(answers) == 1:
        return answers[0]
    cautions = tuple(dict.fromkeys(caution for answer in answers for caution in answer.cautions))
    return Answer({"runs": [answer.plain for answer in answers]}, "\n".join(answer.text for answer in answers), cautions)


def _run_words(workspace, run) -> Answer:
    """A run that is done, as the answer of `finetune`."""
    from pat_core.reports import run_words
    from pat_core.workflows.learn.analysis_plan import plan_words
    from pat_core.workflows.models.sampling import sampling_words

    result = run.result or {}
    prevalence = "" if result.get("prevalence") is None else f"; {result['prevalence']:.0%} positive {sampling_words(result)}"
    text = (
        f"{run.name}: {run_words.result_words(result)}{prevalence}. {run_words.kept_words(result)}."
        + (f" {minutes}." if (minutes := run_words.minutes_words(result.get("standardizer"))) else "")
        + (f" {result['copies']}" if result.get("copies") else "")
        + f" {run_words.floor_words(result)}".rstrip()
        + (f"\nAnalysis plan. {plan}" if (plan := plan_words(result.get("plan"))) else "")
    )
    cautions = tuple(run_words.cautions(workspace, run))  # of the run itself: its cohort may be deleted by now
    return Answer({"run": run.name, "folder": run.folder, **result, "cautions": cautions}, text, cautions)


def wrong_pretraining(chosen: Namespace) -> str | None:
    """A sentence where a cohort has no name for its run, simulated people have no file to go to, or a shape is stated for nothing."""
    if chosen.cohorts and not chosen.name:
        return "Pretraining on a cohort needs --name, of the run and of its encoder."
    if chosen.cohorts and chosen.out:
        return "The encoder of a cohort goes into the workspace under its --name; --out is for simulated people."
    if not chosen.cohorts and not chosen.out:
        return "Pretraining needs --cohort and --name, or --out for an encoder of simulated people."
    if not chosen.cohorts and chosen.size == "custom":
        return "A custom size is for a cohort: give --cohort and --name."
    if not chosen.cohorts and chosen.processes > 1:
        return "--processes is for the weeks of a cohort: give --cohort and --name."
    if not chosen.cohorts and chosen.on:
        return "--on is for the weeks of a cohort: give --cohort and --name."
    return wrong_processes(chosen) or unsent(chosen)


STATED = (
    "epochs", "batch", "learning_rate", "mask_ratio", "patience", "plateau_patience", "seed", "device", "minutes", "loss_on", "smoothed",
)  # fmt: skip
"""Options of `pretrain` that stand in place of the paper's recipe."""


def pretrain(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.training.recipes import paper_pretraining
    from pat_core.workflows.learn.pretraining import pretrain_simulated

    given = {name: value for name in STATED if (value := getattr(chosen, name)) is not None}
    recipe = replace(paper_pretraining(chosen.size), **given)
    if chosen.cohorts:
        return _pretrained(chosen, recipe, progress)
    sha256 = pretrain_simulated(chosen.size, chosen.people, chosen.seed, chosen.out, recipe, chosen.embedding, progress)
    return Answer({"out": chosen.out, "sha256": sha256}, f"Encoder written to {chosen.out}, SHA-256 {sha256}.")


def _pretrained(chosen: Namespace, recipe: PretrainSettings, progress: Progress) -> Answer:
    """An encoder of a cohort, with what its card says of it."""
    from pat_core.workflows.learn.pretrain_people import PretrainRequest
    from pat_core.workflows.learn.pretrain_run import PRETRAIN, run_pretraining, start_pretraining
    from pat_core.workflows.models.model_entries import resolve

    unfit: Unfit = "keep" if chosen.keep_refused else "leave out"
    shape = chosen.size, chosen.embedding, chosen.patch, chosen.heads, chosen.blocks
    workspace, (cohort, *beside) = workspace_of(chosen), chosen.cohorts
    request = PretrainRequest(chosen.name, cohort, *shape, chosen.weeks, unfit, recipe, tuple(beside))
    if chosen.on:
        if first := announced(workspace, PRETRAIN.kind, request, chosen.on, chosen.yes):
            return first
        run, job = start_pretraining(workspace, request, on=chosen.on)
        followed(workspace, job.id, progress)
        run = workspace.run(run.name)
    else:
        run = run_pretraining(workspace, request, progress)
    card = resolve(workspace, run.name).card
    text = (
        f"{run.name}: pretrained on {card['pretrained_on']}, validated on {card['validated_on']:,} others; the weights of epoch "
        f"{card['best_epoch']:,} of {card['epochs']:,} ({card['stopped']}), validation loss {card['validation_loss']:.4f}. {card['limits']}"
    )
    return Answer({"run": run.name, "folder": run.folder, **(run.result or {})}, text, (card["risks"],))


def demo(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.training import FinetuneSettings
    from pat_core.workflows.people.demo import build_demo

    recipe = FinetuneSettings("full", learning_rate=chosen.learning_rate, max_epochs=chosen.max_epochs, patience=15, recipe="paper")
    result = build_demo(chosen.model, chosen.out, recipe, progress)
    return Answer(result, f"Demonstration written to {chosen.out}; test AUC {result['test']['auc']['value']:.3f}.")


def lessons(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.workflows.lessons.build_lessons import build_lessons

    files = build_lessons(chosen.out, chosen.only or (), progress)
    return Answer({"files": files}, f"{len(files)} files of the lessons written to {chosen.out}.")


def reproduce(chosen: Namespace, progress: Progress) -> Answer:
    """A run from its replay file; exit code 1 where other numbers come out."""
    from pat_core.workflows.learn.replay import reproduce

    done = reproduce(workspace_of(chosen), chosen.file, chosen.cohort, chosen.device, progress)
    plain = asdict(done) | {"exact": done.exact, "same": done.same}
    return Answer(plain, f"{done.run}: {done.words}", code=0 if done.same else 1)


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verbs' options."""
    a = verb("finetune", finetune, "Fine-tune a model on a cohort's label.")
    a.set_defaults(check=wrong_training)
    a.add_argument("--cohort", required=True, help="whose people train and test")
    a.add_argument(
        "--label",
        dest="labels",
        action="append",
        required=True,
        help="the column of their labels to learn, or one with a threshold: 'madrs1>=25'; several: each so, a run each",
    )
    a.add_argument(
        "--kind",
        choices=KINDS,
        default=KINDS[0],
        help="two-classes (default), classes: several, ordinal: several in order, or value: a number",
    )
    a.add_argument("--positive", action="append", default=[], help="the value whose probability the model should give; several: each so")
    a.add_argument(
        "--class",
        dest="classes",
        action="append",
        default=[],
        metavar="VALUE",
        help="of classes and ordinal: a value to learn, from low to high; each so (default: all, numbers in order)",
    )
    a.add_argument("--cut", action="append", default=[], type=float, help="of a number: where a class begins, rising; each so")
    a.add_argument("--unit", default="", help="of a value, in your word: years, points")
    a.add_argument("--model", required=True, help="the model to begin with: a name that `models` lists, or a weight file")
    a.add_argument("--name", required=True, help="of the run, and of the model that comes out of it")
    a.add_argument("--negative", help="value of the comparison people (default: everyone else who has a value)")
    a.add_argument("--style", choices=("linear_probe", "full"), required=True, help="train only the head, or all weights")
    a.add_argument("--folds", type=int, default=0, help="cross-validation by person (default: one held-out test set)")
    a.add_argument("--weeks", choices=("first", "all"), default="first", help="one week a person, or every full week")
    a.add_argument("--plan", type=Path, metavar="FILE", help="text of the analysis plan: locked now, printed with the result")
    a.add_argument("--keep-refused", action="store_true", help="train and test also on weeks that the input check refuses for any model")
    a.add_argument("--device", default="auto", help=DEVICES)
    a.add_argument("--recipe", choices=RECIPES, default=RECIPES[0], help="recommended (the default), or paper: as PAT's authors train")
    a.add_argument(
        "--keep", choices=KEEPS, default=KEEPS[0], help="after folds: train again on everyone, or keep the folds' models together"
    )
    a.add_argument("--repeats", type=int, default=1, help="of the cross-validation, with folds drawn anew (default 1)")
    a.add_argument(
        "--standardize",
        choices=("window", "day"),
        default="window",
        help="compare minutes of the window, as in the paper (default), or of the day: the model then reads windows of any length",
    )
    a.add_argument("--learning-rate", type=float, help="default: the recipe's for the size")
    a.add_argument("--max-epochs", type=int, help="stop after this many (default: the recipe's; the paper's is 10000)")
    a.add_argument("--patience", type=int, help="stop after this many epochs without a better validation AUC (R2, ...; paper: 250)")
    a.add_argument("--seed", type=seed, default=0, help="of the split, the first weights and the order of batches (default 0)")
    several_processes.option(a)
    option(a)

    a = verb("pretrain", pretrain, "Pretrain an encoder on the weeks of a cohort, or on simulated ones.")
    a.add_argument(
        "--cohort",
        action="append",
        default=[],
        dest="cohorts",
        metavar="COHORT",
        help="whose weeks it learns from; several, each given so, are each standardized by themselves, as the paper does with NHANES' "
        "cycles; without it simulated people are made",
    )
    a.add_argument("--name", help="with --cohort: of the run, and of the encoder that comes out of it")
    a.add_argument("--size", choices=(*SIZES, "custom"), default="small", help="of the encoder (default small)")
    for name, usual in (("patch", 18), ("heads", 6), ("blocks", 1)):
        a.add_argument(f"--{name}", type=int, default=usual, help=f"with --size custom (default {usual})")
    a.add_argument("--embedding", choices=("linear", "conv"), default="linear", help="how patches become tokens (default linear)")
    a.add_argument("--people", type=int, default=2000, help="simulated for it, one week each (default 2000)")
    a.add_argument("--weeks", choices=("first", "all"), default="first", help="of a cohort: one week a person, or every full week")
    a.add_argument("--keep-refused", action="store_true", help="learn also from weeks that the input check refuses for any model")
    a.add_argument("--seed", type=seed, default=1, help="of people, first weights and masks (default 1)")
    a.add_argument("--epochs", type=int, default=1000, help="stop after this many (default 1000)")
    paper = "default: the paper's for the size"
    a.add_argument("--patience", type=int, help=f"stop after this many epochs without a lower validation loss ({paper})")
    a.add_argument("--plateau-patience", type=int, help=f"halve the rate after this many epochs without a lower loss ({paper})")
    a.add_argument("--batch", type=int, default=128, help="weeks a step (default 128)")
    a.add_argument("--learning-rate", type=float, help=f"of Adam ({paper})")
    a.add_argument("--mask-ratio", type=float, default=0.9, help="share of the patches that is hidden (default 0.9)")
    a.add_argument("--loss-on", choices=LOSS_ON, default="all", help="all minutes, as in the paper, or hidden ones alone")
    a.add_argument(
        "--smoothed", action="store_true", help="smooth weeks first (Savitzky-Golay, 51, 3), which made the paper's results worse"
    )
    a.add_argument("--minutes", type=float, help="stop after this long")
    a.add_argument("--device", default="auto", help=DEVICES)
    a.add_argument("--out", type=Path, help="without --cohort: a .safetensors file")
    several_processes.option(a)
    option(a)
    a.set_defaults(check=wrong_pretraining)

    a = verb("demo", demo, "Make the demonstration's files again (assets/demo).")
    a.add_argument("--model", default="pat-s-simulated", help="the encoder to begin with (default pat-s-simulated)")
    a.add_argument("--learning-rate", type=float, default=3e-4, help="of Adam (default 0.0003)")
    a.add_argument("--max-epochs", type=int, default=40, help="stop after this many (default 40)")
    a.add_argument("--out", type=Path, default=ASSETS / "demo", help="folder for the files (default: assets/demo)")

    a = verb("lessons", lessons, "Make the files of the lessons again (assets/lessons).")
    a.add_argument("--out", type=Path, default=ASSETS / "lessons", help="folder for the files (default: assets/lessons)")
    a.add_argument("--only", action="append", metavar="NAME", help="one of the files, without .npz; may be given several times")

    a = verb("reproduce", reproduce, "Make a run again from its replay.json, on the same recordings, and hold the numbers against it.")
    a.add_argument("file", type=Path, metavar="FILE", help="replay.json of a run, from its folder or from whoever published it")
    a.add_argument("--cohort", help="the cohort of these recordings (default: of the name that it had)")
    a.add_argument("--device", help="cpu, cuda or mps (default: as the run was asked)")
