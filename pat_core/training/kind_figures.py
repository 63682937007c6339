"""How good a test was, by what was learned: AUC of two classes, macro AUC of several, concordance of an order, R2 of a value."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from pat_core.evaluation import auc, class_figures, ordinal_figures, value_figures, within_folds_auc_interval
from pat_core.records import Interval
from pat_core.training.labelled_people import HeldOut
from pat_core.training.objective import concordance
from pat_core.training.target import MAIN, Target

RESAMPLES = 500


def figures_of(task: Target, held_out: HeldOut, seed: int) -> tuple[dict[str, Interval], tuple[float, ...]]:
    """(figures by name, that of `MAIN` first; the main figure of each fold).

    Each fold has a model of its own, so figures of order (AUC, concordance) are taken within folds. Intervals over people, as in
    `evaluation`: of AUCs on the log-odds scale, the rest BCa or Wilson; NaN where the test has one class alone.
    """
    if task.two_classes:
        interval, folds = within_folds_auc_interval(held_out.positive, held_out.logits, held_out.people, held_out.fold, seed=seed)
        return {"AUC": interval}, folds
    main = _main(task)
    each = (held_out.fold == number for number in np.unique(held_out.fold))
    folds = tuple(main(held_out.targets[fold], held_out.outputs[fold]) for fold in each)
    return _intervals(task, held_out, seed), folds


def _intervals(task: Target, held_out: HeldOut, seed: int) -> dict[str, Interval]:
    targets, fold = held_out.targets, held_out.fold
    if task.kind == "value":
        values = value_figures(targets, held_out.outputs[:, 0], None, RESAMPLES, seed)
        return {"R2": values.r2, "MAE": values.mae}
    outputs = task.outputs()
    if len(np.unique(targets)) < 2:  # a test of one class alone: nothing to tell apart
        nothing = Interval(math.nan, math.nan, math.nan, len(held_out.people))
        return {MAIN[task.kind]: nothing}
    probabilities = outputs.probabilities(held_out.outputs)
    if task.kind == "classes":
        classes = class_figures(targets.astype(int), probabilities, None, fold, RESAMPLES, seed)
        return {"macro AUC": classes.macro_auc, "balanced accuracy": classes.balanced_accuracy}
    order = ordinal_figures(targets, outputs.score(held_out.outputs), probabilities.argmax(axis=1), None, fold, RESAMPLES, seed)
    return {"concordance": order.concordance} | ({} if order.weighted_kappa is None else {"weighted kappa": order.weighted_kappa})


def _main(task: Target) -> Callable[[np.ndarray, np.ndarray], float]:
    """The figure that a run is judged by, of targets (n,) and outputs (n, count)."""
    outputs = task.outputs()
    if task.kind == "classes":
        return lambda targets, answers: _macro_auc(targets, outputs.probabilities(answers))
    if task.kind == "ordinal":
        return lambda targets, answers: concordance(targets, outputs.score(answers))
    return lambda targets, answers: _r2(targets, answers[:, 0])


def _macro_auc(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean over the classes that are there of each one's AUC against all others."""
    there = [number for number in range(probabilities.shape[1]) if 0 < (targets == number).sum() < len(targets)]
    return float(np.mean([auc(targets == number, probabilities[:, number]) for number in there])) if there else math.nan


def _r2(targets: np.ndarray, values: np.ndarray) -> float:
    variance = float(np.var(targets))
    return 1 - float(np.mean((values - targets) ** 2)) / variance if variance else math.nan
