"""Two groups of people compared on one figure, by ranks: how often the one is higher, with its interval; and a median with its interval.

One value a person. Nothing here supposes that values are normal, or that the groups have the same spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pat_core.evaluation.discrimination import auc_interval
from pat_core.records import Interval

FEWEST = 10
"""People with a value in each group, below which groups are not tested: what so few show by chance is nearly everything."""

POINTS = 96
"""Of the grid that a density is drawn over."""
MOST_DOTS = 60
"""People who are drawn one by one beside their density."""


@dataclass(frozen=True)
class GroupDifference:
    """higher: how often somebody of the first group has a higher value than somebody of the second, ties counted half (0.5: as often as
    not), with its interval by person. p: Mann-Whitney U, two-sided. first, second: people with a value in each."""

    higher: Interval
    p: float
    first: int
    second: int

    @property
    def tested(self) -> bool:
        """Whether both groups were large enough."""
        return bool(np.isfinite(self.p))


@dataclass(frozen=True, eq=False)
class GroupSpread:
    """One group on one figure. people: with a value; missing: without. median: with its interval. middle: first and third quartile.
    height: (POINTS,) how values are spread over a grid, its highest point 1. values: (people,), where there are at most MOST_DOTS."""

    name: str
    people: int
    missing: int
    median: Interval
    middle: tuple[float, float]
    height: np.ndarray
    values: np.ndarray


def group_spread(name: str, values: np.ndarray, grid: np.ndarray) -> GroupSpread:
    """How (people,) values of a group, NaN where missing, are spread over a grid (POINTS,)."""
    known = values[np.isfinite(values)]
    first, third = np.quantile(known, (0.25, 0.75)).tolist() if len(known) else (float("nan"), float("nan"))
    dots = known if len(known) <= MOST_DOTS else known[:0]
    return GroupSpread(name, len(known), len(values) - len(known), median_interval(known), (first, third), density(known, grid), dots)


def median_interval(values: np.ndarray, confidence: float = 0.95) -> Interval:
    """The median of (people,) values, NaN left out, with the interval between two order statistics that holds it at least this often,
    whatever the distribution (David & Nagaraja 2003, section 7.1). Below six people no two order statistics do at 95 %: NaN ends."""
    known = np.sort(values[np.isfinite(values)])
    many = len(known)
    if not many:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    from scipy.stats import binom  # slow to import, for those alone who compare groups

    rank = int(binom.ppf((1 - confidence) / 2, many, 0.5))
    while rank > 0 and 2 * binom.cdf(rank - 1, many, 0.5) > 1 - confidence:
        rank -= 1
    low, high = (float(known[rank - 1]), float(known[many - rank])) if rank > 0 else (float("nan"), float("nan"))
    return Interval(float(np.median(known)), low, high, many)


def group_difference(first: np.ndarray, second: np.ndarray, fewest: int = FEWEST) -> GroupDifference:
    """Compare (people,) values of two groups; NaN is left out. Nothing is tested, and all is NaN, where either group has fewer than
    `fewest` people with a value."""
    one, other = first[np.isfinite(first)], second[np.isfinite(second)]
    nothing = Interval(float("nan"), float("nan"), float("nan"), len(one) + len(other))
    if min(len(one), len(other)) < fewest:
        return GroupDifference(nothing, float("nan"), len(one), len(other))
    from scipy.stats import mannwhitneyu

    higher = auc_interval(np.repeat([1, 0], [len(one), len(other)]), np.concatenate([one, other]))
    if np.ptp(np.concatenate([one, other])) == 0:
        return GroupDifference(higher, 1.0, len(one), len(other))
    return GroupDifference(higher, float(mannwhitneyu(one, other).pvalue), len(one), len(other))


def corrected(p: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """(Benjamini & Hochberg 1995, Holm 1979) of p values, each by how many were made; NaN ones were not made and stay so.

    The first bounds the expected share of false findings among those below a level, the second the chance of any."""
    values = np.asarray(p, dtype=float)
    known = np.flatnonzero(np.isfinite(values))
    adjusted, stepwise = np.full(len(values), np.nan), np.full(len(values), np.nan)
    if len(known):
        from scipy.stats import false_discovery_control

        adjusted[known] = false_discovery_control(values[known], method="bh")
        order = known[np.argsort(values[known], kind="stable")]
        steps = values[order] * np.arange(len(order), 0, -1)
        stepwise[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted, stepwise


def density(values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """(points,) how values (people,) are spread over a grid, its highest point 1: a Gaussian kernel with Scott's width. Where there are
    fewer than two different values: zero but at the nearest point of the grid."""
    known = values[np.isfinite(values)]
    height = np.zeros(len(grid))
    if not len(known):
        return height
    if np.ptp(known) == 0:
        height[np.argmin(np.abs(grid - known[0]))] = 1.0
        return height
    width = known.std(ddof=1) * len(known) ** -0.2
    binned, edges = np.histogram(known, bins=min(512, max(8, len(known))))
    middles = (edges[1:] + edges[:-1]) / 2
    height = np.exp(-0.5 * ((grid[:, None] - middles[None]) / width) ** 2) @ binned
    return height / height.max()
