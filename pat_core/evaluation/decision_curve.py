"""Would acting on the probability do more good than treating everyone or no one? The decision curve (Vickers & Elkin 2006,
doi 10.1177/0272989X06295361)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.calibration import probabilities_checked
from pat_core.evaluation.resampling import resampled, sample_of

THRESHOLDS = tuple(round(0.01 * step, 2) for step in range(1, 100))
"""Threshold probabilities that are looked at where no others are asked for."""


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit, in true positives for each person: a false positive costs threshold / (1 - threshold) of one.

    thresholds: rising. model: net benefit of treating whoever has at least that probability; low, high: its band, point by point.
    treat_all: of treating everyone; treating no one has 0. prevalence: at which all this holds. positives, negatives: people by class.
    """

    thresholds: tuple[float, ...]
    model: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    treat_all: tuple[float, ...]
    prevalence: float
    positives: int
    negatives: int

    @property
    def useful(self) -> tuple[float, ...]:
        """The thresholds at which the model is better than treating everyone and than treating no one."""
        each = zip(self.thresholds, self.model, self.treat_all, strict=True)
        return tuple(threshold for threshold, model, everyone in each if model > max(everyone, 0.0) + 1e-12)


def decision_curve(
    labels: np.ndarray,
    probabilities: np.ndarray,
    thresholds: tuple[float, ...] = THRESHOLDS,
    people: np.ndarray | None = None,
    prevalence: float | None = None,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> DecisionCurve:
    """The decision curve of (n,) probabilities of people who were not trained on, with the labels (n,) 0/1; people (n,) or None.

    thresholds: probabilities above 0 and below 1, rising. prevalence: of the setting in which the model is to be used; None: as in these
    people, which in a case-control sample is nobody's. The probabilities must be right at that prevalence. Band: percentiles over people
    drawn anew; positives and negatives apart where the prevalence is given. Raises PatError where the rows do not fit together, labels are
    of one kind, or a threshold or the prevalence is not above 0 and below 1.
    """
    labels, probabilities = probabilities_checked(labels, probabilities)
    cuts = np.asarray(thresholds, dtype=np.float64)
    if cuts.ndim != 1 or not len(cuts) or not ((cuts > 0) & (cuts < 1)).all() or (np.diff(cuts) <= 0).any():
        raise PatError("Thresholds of a decision curve are probabilities above 0 and below 1, rising. For 20 % give 0.2.")
    if labels.all() or not labels.any() or (prevalence is not None and not 0 < prevalence < 1):
        raise PatError(
            f"A decision curve needs people of both kinds ({int(labels.sum())} of {len(labels)} rows are positive) and a prevalence above "
            f"0 and below 1 (got {prevalence}). For 8 % give 0.08."
        )
    called = probabilities[:, None] >= cuts
    cost = cuts / (1 - cuts)

    def benefit(weights: np.ndarray) -> np.ndarray:
        """(draws, thresholds)"""
        share = (weights @ labels / weights.sum(1))[:, None] if prevalence is None else prevalence
        sensitivity = weights @ (called & labels[:, None]) / np.maximum(weights @ labels, 1e-300)[:, None]
        alarmed = weights @ (called & ~labels[:, None]) / np.maximum(weights @ ~labels, 1e-300)[:, None]
        return sensitivity * share - alarmed * (1 - share) * cost

    kinds = sample_of(len(labels), people, labels)
    sample = kinds if prevalence is not None else sample_of(len(labels), people)
    tail = (1 - confidence) / 2
    low, high = np.quantile(resampled(benefit, sample, resamples, seed), [tail, 1 - tail], axis=0)
    model = benefit(np.ones((1, len(labels))))[0]
    share = float(labels.mean()) if prevalence is None else prevalence
    positives = int(kinds.stratum.sum())
    return DecisionCurve(
        thresholds=tuple(cuts.tolist()),
        model=tuple(model.tolist()),
        low=tuple(np.minimum(low, model).tolist()),
        high=tuple(np.maximum(high, model).tolist()),
        treat_all=tuple((share - (1 - share) * cost).tolist()),
        prevalence=share,
        positives=positives,
        negatives=kinds.people - positives,
    )
