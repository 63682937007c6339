"""A smooth reliability curve: how frequent the positive label is at each probability, without bins.

Logistic regression of the label on a restricted cubic spline of the log-odds (Harrell 2015, Regression Modeling Strategies, chapter 2; as
in Austin, Harrell & van Klaveren 2020, doi 10.1002/sim.8570), which is smoother than loess where people are few and needs no span. From it
come ICI, E50 and E90 (Austin & Steyerberg 2019, doi 10.1002/sim.8281): mean, median and 90th percentile of |probability - curve| of people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.evaluation.logistic_fits import logistic_fits
from pat_core.evaluation.resampling import Sample

STRAIGHT = 1e-6
"""Probabilities are kept this far from 0 and 1 where their log-odds are needed."""
MANY = 100
"""From so many people of the rarer kind on, the spline has four knots; with fewer three."""
KNOTS = {3: (0.1, 0.5, 0.9), 4: (0.05, 0.35, 0.65, 0.95)}
"""Where knots lie, as quantiles of the log-odds (Harrell 2015, table 2.3)."""
RIDGE = 0.05
"""A weak penalty on the spline's standardized columns, so that the curve is finite where labels are separated; it moves nothing else."""
POINTS = 101
SUPPORT = 5
"""So many people lie beyond either end of the curve: further out it would be drawn from a handful, and one of them bends it. (Harrell's rms
likewise draws from the fifth lowest to the fifth highest.)"""


@dataclass(frozen=True)
class ReliabilityCurve:
    """probability: rising, as far as people support it (see `supported`). observed: the smoothed share positive there; low, high: its
    band, point by point (not all at once)."""

    probability: tuple[float, ...]
    observed: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class Smoother:
    """A spline of the log-odds of given people, which can be fitted to draws of them."""

    def __init__(self, labels: np.ndarray, probabilities: np.ndarray) -> None:
        self.labels, self.probabilities = labels, probabilities
        logits = _logits(probabilities)
        rarer = min(int(labels.sum()), int((~labels).sum()))
        knots = np.unique(np.quantile(logits, KNOTS[4 if rarer >= MANY else 3]))
        self._knots = knots if len(knots) >= 3 else None
        plain = self._plain(logits)
        self._mean, self._scale = plain.mean(0), np.where(plain.std(0) > 1e-9, plain.std(0), 1.0)
        # columns that are uncorrelated make the weak penalty treat all of them alike
        self._turn = np.linalg.svd((plain - self._mean) / self._scale, full_matrices=False)[2].T
        spread = (((plain - self._mean) / self._scale) @ self._turn).std(0)
        self._turn = self._turn[:, spread > 1e-6] / spread[spread > 1e-6]
        self.x = self.columns(probabilities)

    def columns(self, probabilities: np.ndarray) -> np.ndarray:
        """(n, columns) of probabilities (n,): ones and the spline."""
        spline = ((self._plain(_logits(probabilities)) - self._mean) / self._scale) @ self._turn
        return np.column_stack([np.ones(len(spline)), spline])

    def fits(self, weights: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """(draws, columns) coefficients for weights (draws, people). labels: (draws, people) where they are others in each draw."""
        return logistic_fits(self.x, self.labels if labels is None else labels, weights, np.r_[0.0, np.full(self.x.shape[1] - 1, RIDGE)])

    def errors(self, fitted: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """(draws, 3): ICI, E50, E90 of each draw's own people against its own curve."""
        from scipy.special import expit  # slow to import, for those alone who look at calibration

        away = np.abs(expit(fitted @ self.x.T) - self.probabilities)
        mean = (weights * away).sum(1) / weights.sum(1)
        order = np.argsort(away, axis=1)
        sorted_away, reached = np.take_along_axis(away, order, 1), np.take_along_axis(weights, order, 1).cumsum(1)
        quantiles = []
        for share in (0.5, 0.9):
            place = (reached < share * reached[:, -1:]).sum(1)
            quantiles.append(np.take_along_axis(sorted_away, np.minimum(place, away.shape[1] - 1)[:, None], 1)[:, 0])
        return np.column_stack([mean, *quantiles])

    def curve(self, fitted: np.ndarray, draws: np.ndarray, confidence: float, ends: tuple[float, float]) -> ReliabilityCurve:
        """The curve of one fit (columns,) with the band of the draws' fits (draws, columns), between two probabilities."""
        from scipy.special import expit  # slow to import, for those alone who look at calibration

        grid = np.linspace(*ends, POINTS)
        x, tail = self.columns(grid), (1 - confidence) / 2
        low, high = np.quantile(expit(draws @ x.T), [tail, 1 - tail], axis=0)
        observed = expit(x @ fitted)
        low, high = np.minimum(low, observed), np.maximum(high, observed)
        return ReliabilityCurve(*(tuple(float(value) for value in line) for line in (grid, observed, low, high)))

    def _plain(self, logits: np.ndarray) -> np.ndarray:
        """(n, knots - 1) the restricted cubic spline: the log-odds, and terms that are linear beyond the outer knots."""
        if self._knots is None:
            return logits[:, None]
        first, *_, last_but_one, last = self._knots
        cubes = [np.maximum(logits - knot, 0.0) ** 3 for knot in self._knots]
        terms = [
            (
                cubes[place]
                - cubes[-2] * (last - self._knots[place]) / (last - last_but_one)
                + cubes[-1] * (last_but_one - self._knots[place]) / (last - last_but_one)
            )
            / (last - first) ** 2
            for place in range(len(self._knots) - 2)
        ]
        return np.column_stack([logits, *terms])


def supported(probabilities: np.ndarray, sample: Sample) -> tuple[float, float] | None:
    """Between which of the probabilities (rows,) there are people enough for a curve (see SUPPORT); None where there are not."""
    if sample.people < 2 * SUPPORT + 2:
        return None
    lowest, highest = np.ones(sample.people), np.zeros(sample.people)
    np.minimum.at(lowest, sample.index, probabilities)
    np.maximum.at(highest, sample.index, probabilities)
    low, high = float(np.sort(lowest)[SUPPORT]), float(np.sort(highest)[-SUPPORT - 1])
    return (low, high) if low < high else None


def _logits(probabilities: np.ndarray) -> np.ndarray:
    clipped = np.clip(probabilities, STRAIGHT, 1 - STRAIGHT)
    return np.log(clipped) - np.log1p(-clipped)
