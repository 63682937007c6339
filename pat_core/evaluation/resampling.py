"""People drawn anew, as weights of their rows: what all figures with an interval by person rest on.

A figure is a function of weights (draws, rows) -> (draws, figures); a person drawn twice has the weight 2 in all their rows. So one draw of
people serves every figure, and two models are compared on the same draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pat_core.errors import PatError
from pat_core.records import Interval

Statistic = Callable[[np.ndarray], np.ndarray]
"""Weights (draws, rows) -> (draws, figures), NaN where a draw has no answer."""

_AT_ONCE = 2_000_000
"""Weights held at once: draws times rows."""
MOST_LEFT_OUT = 500
"""The jackknife leaves out one person at a time; of more people, one of so many groups."""
MOST_WEIGHTS = 4_000_000
FEWEST_DRAWS = 200
"""Draws times rows beyond which fewer draws are taken, but at least so many: with thousands of people figures hardly vary between draws."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows and whom they belong to. index: (rows,) the number of a row's person. stratum: (people,) people are drawn within it alone."""

    index: np.ndarray
    stratum: np.ndarray

    @property
    def people(self) -> int:
        """How many there are."""
        return len(self.stratum)

    @property
    def single(self) -> bool:
        """Whether each person has one row."""
        return self.people == len(self.index)

    def summed(self, values: np.ndarray) -> np.ndarray:
        """(rows,) -> (people,): the sum of each person's rows."""
        return np.bincount(self.index, values, minlength=self.people)


def sample_of(rows: int, people: np.ndarray | None, labels: np.ndarray | None = None) -> Sample:
    """Rows as people: every row its own person where `people` is None. Given labels (rows,) 0/1, positive people (positive in any row)
    and negative ones are drawn apart, so that both always occur. Raises PatError where lengths differ."""
    index = np.arange(rows) if people is None else np.unique(np.asarray(people), return_inverse=True)[1]
    if len(index) != rows:
        raise PatError(f"Each of the {rows} rows needs a person; got {len(index)}. Give one name a row, in the same order.")
    stratum = np.zeros(int(index.max()) + 1 if rows else 0, dtype=int)
    if labels is not None:
        np.maximum.at(stratum, index, np.asarray(labels).astype(int))
    return Sample(index, stratum)


def drawn(sample: Sample, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Weights (draws, rows) of people drawn with replacement within their strata, in pieces that fit into memory; of more than 2,000 rows
    fewer than `resamples` draws (`MOST_WEIGHTS`)."""
    resamples = _no_more(resamples, len(sample.index))
    rng = np.random.default_rng(seed)
    groups = [np.flatnonzero(sample.stratum == name) for name in np.unique(sample.stratum)]
    step = max(1, _AT_ONCE // max(len(sample.index), 1))
    for first in range(0, resamples, step):
        counts = np.zeros((min(step, resamples - first), sample.people))
        for group in groups:
            counts[:, group] = rng.multinomial(len(group), np.full(len(group), 1 / len(group)), len(counts))
        yield counts if sample.single and (sample.index[:-1] < sample.index[1:]).all() else counts[:, sample.index]


def resampled(statistic: Statistic, sample: Sample, resamples: int, seed: int) -> np.ndarray:
    """(draws, figures) of people drawn anew."""
    return np.concatenate([statistic(weights) for weights in drawn(sample, resamples, seed)])


def observed(statistic: Statistic, rows: int) -> np.ndarray:
    """(figures,) of the people as they are."""
    return statistic(np.ones((1, rows)))[0]


def bca_intervals(
    statistic: Statistic, sample: Sample, resamples: int = 2000, seed: int = 0, confidence: float = 0.95
) -> tuple[Interval, ...]:
    """One bias-corrected and accelerated interval (Efron 1987, doi 10.1080/01621459.1987.10478410) for each figure of the statistic.

    Acceleration from a jackknife over people, strata kept apart as in Davison & Hinkley (1997, chapter 5). Where the figure is the same in
    every draw its interval is a point; where it has no value, or nearly no draw has one, the interval is NaN. n: people.
    """
    values = observed(statistic, len(sample.index))
    draws = resampled(statistic, sample, resamples, seed)
    skewed = accelerations(statistic, sample)
    return tuple(
        bca_interval(float(value), draws[:, number], float(skewed[number]), sample.people, confidence)
        for number, value in enumerate(values)
    )


def bca_interval(value: float, draws: np.ndarray, skewed: float, people: int, confidence: float = 0.95) -> Interval:
    """The BCa interval of one figure from its draws (resamples,) and its acceleration `skewed`."""
    draws = draws[np.isfinite(draws)]
    if not np.isfinite(value) or len(draws) < 2:
        return Interval(value, float("nan"), float("nan"), people)
    from scipy.special import ndtr, ndtri  # slow to import, for those alone who need an interval

    below = (np.sum(draws < value) + np.sum(draws == value) / 2) / len(draws)
    bias = ndtri(np.clip(below, 1 / len(draws), 1 - 1 / len(draws)))
    tail = (1 - confidence) / 2
    reach = bias + ndtri(np.array([tail, 1 - tail]))
    low, high = np.quantile(draws, ndtr(bias + reach / (1 - skewed * reach)))
    # a biased figure (an absolute error near 0) can lie outside its own corrected interval; the reader must still see it inside
    return Interval(value, float(min(low, value)), float(max(high, value)), people)


def acceleration(influence: np.ndarray) -> float:
    """A sixth of the skewness of people's influences (people,), summed over strata as they are; 0 where nobody has any."""
    squares = float(np.sum(influence**2))
    return float(np.sum(influence**3)) / squares**1.5 / 6 if squares > 1e-300 else 0.0


def _no_more(count: int, rows: int) -> int:
    return min(count, max(FEWEST_DRAWS, MOST_WEIGHTS // max(rows, 1)))


def percentile_interval(value: float, draws: np.ndarray, people: int, confidence: float = 0.95) -> Interval:
    """The middle share of the draws (resamples,); NaN where there is no value or nearly no draw."""
    draws, tail = draws[np.isfinite(draws)], (1 - confidence) / 2
    if not np.isfinite(value) or len(draws) < 2:
        return Interval(value, float("nan"), float("nan"), people)
    low, high = np.quantile(draws, [tail, 1 - tail])
    return Interval(value, float(low), float(high), people)


def accelerations(statistic: Statistic, sample: Sample) -> np.ndarray:
    """(figures,) a sixth of the skewness of the jackknife's influences; 0 where there is none."""
    cubes: np.ndarray | float = 0.0
    squares: np.ndarray | float = 0.0
    for name in np.unique(sample.stratum):
        members = np.flatnonzero(sample.stratum == name)
        parts = [part for part in np.array_split(members, min(len(members), _no_more(MOST_LEFT_OUT, len(sample.index))))]
        if len(parts) < 2:
            continue
        left_out = []
        step = max(1, _AT_ONCE // len(sample.index))
        for first in range(0, len(parts), step):
            chosen = parts[first : first + step]
            counts = np.ones((len(chosen), sample.people))
            for row, part in enumerate(chosen):
                counts[row, part] = 0.0
            left_out.append(statistic(counts[:, sample.index]))
        values = np.concatenate(left_out)
        known = np.isfinite(values)
        mean = np.where(known, values, 0.0).sum(0) / np.maximum(known.sum(0), 1)
        influence = np.where(known, mean - values, 0.0) * (len(parts) - 1) / len(parts)
        cubes, squares = cubes + (influence**3).sum(0), squares + (influence**2).sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        skewed = np.asarray(cubes) / np.asarray(squares) ** 1.5 / 6
    return np.atleast_1d(np.where(np.isfinite(skewed), skewed, 0.0))
