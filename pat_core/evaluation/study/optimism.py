"""How much better a model looks on the people it has learned from, and how much its answers depend on who they were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.calibration import sigmoid
from pat_core.evaluation.discrimination import auc, auc_interval, checked
from pat_core.evaluation.probability_figures import calibration_line
from pat_core.evaluation.resampling import drawn, sample_of
from pat_core.progress import Progress, Silent
from pat_core.records import Interval

Refit = Callable[[np.ndarray], np.ndarray]
"""Rows to learn from (with repeats) -> logits (n,) of all rows, by everything that was done to make the model, tuning too."""


@dataclass(frozen=True, eq=False)
class Instability:
    """How one person's probability depends on whom the model has learned from (Riley & Collins 2023, doi 10.1002/bimj.202200302).

    original: (people,) by the model itself, or the mean of all. predictions: (models, people). low, high: (people,) between which 95 % of
    the models' answers lie. error: (people,) mean |prediction - original| over models. mean_error: over people.
    """

    original: np.ndarray
    predictions: np.ndarray
    low: np.ndarray
    high: np.ndarray
    error: np.ndarray
    mean_error: float


@dataclass(frozen=True, eq=False)
class Optimism:
    """apparent: AUC on the people who were learned from. optimism: by how much it is too high, mean over draws. corrected: apparent -
    optimism; its interval is that of the apparent AUC moved by as much (Noma et al. 2021, doi 10.1002/sim.9148). slope: mean calibration
    slope of the draws' models on all people, by which logits should be shrunk; below 1: too extreme. draws: models trained."""

    apparent: Interval
    optimism: float
    corrected: Interval
    slope: float
    draws: int
    instability: Instability


def bootstrap_optimism(
    labels: np.ndarray,
    refit: Refit,
    people: np.ndarray | None = None,
    resamples: int = 100,
    seed: int = 0,
    progress: Progress | None = None,
) -> Optimism:
    """Optimism by Harrell's bootstrap (1996, doi 10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4).

    labels (n,) 0/1; people (n,) or None. The model is trained on everyone, and again on each of `resamples` draws of people (positives and
    negatives apart); a draw's optimism is its model's AUC on the draw minus that on all people. Raises PatError where a kind is missing or
    `refit` gives other than a number a row.
    """
    watch = progress or Silent()
    own = np.asarray(refit(np.arange(len(labels))), dtype=np.float64)
    labels, own = checked(labels, own)
    if labels.all() or not labels.any():
        raise PatError(f"Optimism is measured with people of both kinds; got {int(labels.sum())} positive rows of {len(labels)}.")
    sample, one_each = sample_of(len(labels), people, labels), sample_of(len(labels), people)
    gaps: list[float] = []
    slopes: list[float] = []
    predictions: list[np.ndarray] = []
    for weights in drawn(sample, resamples, seed):
        for weight in weights:
            watch.at(len(gaps) / resamples, "Training again on people drawn anew")
            rows = np.repeat(np.arange(len(labels)), weight.astype(int))
            logits = checked(labels, refit(rows))[1]
            gaps.append(auc(labels[rows], logits[rows]) - auc(labels, logits))
            predictions.append(sigmoid(logits))
            slopes.append(calibration_line(labels, predictions[-1], one_each)[2].value)
    gap, apparent = float(np.mean(gaps)), auc_interval(labels, own, people)
    low, high = (min(max(bound - gap, 0.0), 1.0) for bound in (apparent.low, apparent.high))
    known = np.array(slopes)[np.isfinite(slopes)]
    return Optimism(
        apparent=apparent,
        optimism=gap,
        corrected=Interval(apparent.value - gap, low, high, sample.people),
        slope=float(known.mean()) if len(known) else float("nan"),
        draws=len(gaps),
        instability=instability(np.array(predictions), sigmoid(own)),
    )


def instability(predictions: np.ndarray, original: np.ndarray | None = None) -> Instability:
    """predictions (models, people): probabilities of the same people by models trained on draws of others, or in repeats of
    cross-validation. original (people,): by the model that is to be used; the mean of the models where None. Raises PatError unless there
    are at least two models, or where the two do not fit together."""
    predictions = np.asarray(predictions, dtype=np.float64)
    if predictions.ndim != 2 or len(predictions) < 2 or (original is not None and np.shape(original) != predictions.shape[1:]):
        raise PatError(f"Instability needs (models, people) of at least two models; got {predictions.shape}.")
    center = predictions.mean(0) if original is None else np.asarray(original, dtype=np.float64)
    low, high = np.quantile(predictions, [0.025, 0.975], axis=0)
    error = np.abs(predictions - center).mean(0)
    return Instability(center, predictions, low, high, error, float(error.mean()))
