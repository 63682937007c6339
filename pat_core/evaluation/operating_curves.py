"""What each threshold on a probability does: the table from which ROC, precision-recall and decision curves are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.evaluation.discrimination import checked

MOST = 200
"""Thresholds of a table; of more different probabilities, so many evenly spread ones are taken."""


@dataclass(frozen=True, eq=False)
class OperatingCurves:
    """One entry a threshold, rising: people with a probability of at least `threshold` are called positive. All (thresholds,).

    threshold: from 0 (everyone is) to just above the highest probability (nobody is). sensitivity, specificity: shares. precision: share
    of positives among those called positive in this sample, NaN where nobody is. flagged: share called positive in this sample.
    net_benefit, treat_all: at `prevalence` (Vickers & Elkin 2006, doi 10.1177/0272989X06295361), in true positives a person.
    """

    threshold: np.ndarray
    sensitivity: np.ndarray
    specificity: np.ndarray
    precision: np.ndarray
    flagged: np.ndarray
    net_benefit: np.ndarray
    treat_all: np.ndarray
    prevalence: float


def operating_curves(
    labels: np.ndarray, probabilities: np.ndarray, prevalence: float | None = None, also: float | None = None, most: int = MOST
) -> OperatingCurves:
    """labels (n,) bool or 0/1, probabilities (n,) 0 to 1; prevalence: None for that of these people. also: a threshold
    that is to be among them. PatError unless both kinds occur."""
    labels, probabilities = checked(labels, probabilities)
    if labels.all() or not labels.any():
        raise PatError(f"Curves need people of both groups; all {len(labels)} are of one. Choose other people.")
    share = float(labels.mean()) if prevalence is None else prevalence
    distinct = np.unique(probabilities)
    if len(distinct) > most:
        distinct = distinct[np.unique(np.linspace(0, len(distinct) - 1, most).round().astype(int))]
    ends = [0.0, min(1.0, float(np.nextafter(distinct[-1], 2))), *([] if also is None else [also])]
    threshold = np.unique(np.concatenate([ends, distinct]))
    above = [np.sort(probabilities[kind]) for kind in (labels, ~labels)]
    sensitivity, false = (1 - np.searchsorted(kind, threshold, "left") / len(kind) for kind in above)
    positives, flagged = sensitivity * labels.sum(), (sensitivity * labels.sum() + false * (~labels).sum()) / len(labels)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(flagged > 0, positives / (flagged * len(labels)), np.nan)
        odds = threshold / (1 - threshold)
        net = np.where(false > 0, share * sensitivity - (1 - share) * false * odds, share * sensitivity)
        everyone = share - (1 - share) * odds
    return OperatingCurves(threshold, sensitivity, 1 - false, precision, flagged, net, everyone, share)
