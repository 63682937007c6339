"""Whether a map stays when the week is moved a little: what changes with noise too small to see says nothing about the week.

After Alvarez-Melis & Jaakkola (2018), with ranks and top shares in place of distances, for maps have no common scale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.explain.judging.agreement import places
from pat_core.explain.windows import sums
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution

if TYPE_CHECKING:
    from pat_core.models.contract import ConfiguredNetwork

SIGMA, REPEATS, TOP = 0.05, 3, 0.05
STEADY_CORRELATION, STEADY_OVERLAP = 0.8, 0.5
"""Under either of these a map is said to move."""
HOUR = 60
FLAT = 1e-6
"""Values that differ by less than this share of the largest count as one: float32 tells no more apart."""
Shape = Literal["varied", "flat", "empty"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
NOTHING_TO_KEEP = {
    "empty": "Nothing is drawn: this map is 0 everywhere, so there is nothing in it that could stay or move.",
    "flat": "This map is flat: it has the same value everywhere, so there is no order of hours and no strongest place to stay or move.",
}


@dataclass(frozen=True)
class Stability:
    """How a map fared under small noise. sigma: of the noise, in standard deviations of each minute over people.

    correlation: mean rank correlation of hour sums between the map and those of the noisy weeks, -1 to 1. overlap: mean share, 0 to 1,
    of the strongest 5 % of patches (hours or days where the map is no finer) that stay among the strongest; chance is .05.
    shape: "flat" where the map has one value for every hour and patch, "empty" where that value is 0: it has no order and no strongest
    places that could stay or move, so correlation and overlap are 0 and say nothing.
    """

    repeats: int
    sigma: float
    seed: int
    correlation: float
    overlap: float
    shape: Shape = "varied"

    @property
    def steady(self) -> bool:
        """Neither the order of the hours nor the strongest places change much. A map without either is not steady."""
        return self.shape == "varied" and self.correlation >= STEADY_CORRELATION and self.overlap >= STEADY_OVERLAP

    @property
    def words(self) -> str:
        """For a reader."""
        if self.shape != "varied":
            return NOTHING_TO_KEEP[self.shape]
        text = (
            f"Drawn again {self.repeats} times with small noise on every minute (standard deviation {self.sigma:g}): the hours keep their "
            f"order with a rank correlation of {self.correlation:.2f}, and {100 * self.overlap:.0f} % of the strongest places stay."
        )
        return f"{text} The map is steady." if self.steady else f"{text} The map moves: do not read its single windows."


def stability(
    network: ConfiguredNetwork,
    z: np.ndarray,
    method_run: Callable[[ConfiguredNetwork, np.ndarray], Attribution],
    *,
    attribution: Attribution | None = None,
    sigma: float = SIGMA,
    repeats: int = REPEATS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Stability:
    """Run `method_run(network, week)` on z (minutes,) with N(0, sigma) added, `repeats` times. attribution: the map of z, if at hand."""
    if repeats < 1 or not sigma > 0:
        raise ExplanationError(f"Stability takes at least one repeat and noise above zero, got {repeats} and {sigma:g}.")
    z, progress, draw = np.asarray(z, np.float32), progress or Silent(), np.random.default_rng(seed)
    attribution = attribution if attribution is not None else method_run(network, z)
    width = max(attribution.patch, attribution.resolution)
    if (shape := _shape(attribution.values, width)) != "varied":
        return Stability(repeats, float(sigma), seed, 0.0, 0.0, shape)
    again = []
    for number in range(repeats):
        progress.at(number / repeats, f"Repeating with noise: {number} of {repeats}")
        again.append(method_run(network, (z + draw.normal(0.0, sigma, z.shape)).astype(np.float32)).values)
    return Stability(
        repeats=repeats,
        sigma=float(sigma),
        seed=seed,
        correlation=_mean_of(rank_correlation, attribution.values, again, HOUR),
        overlap=_mean_of(top_overlap, attribution.values, again, width),
    )


def _mean_of(measure: Callable[[np.ndarray, np.ndarray], float], values: np.ndarray, again: Sequence[np.ndarray], width: int) -> float:
    """Of a measure between a map's sums over `width` minutes and those of each map of the week with noise."""
    own, *others = (sums(each, width, partly=True) for each in (values, *again))
    return float(np.mean([measure(own, other) for other in others]))


def rank_correlation(values: np.ndarray, others: np.ndarray) -> float:
    """Spearman's, ties at their mean rank. Where one of the two does not vary it is undefined: 1 where both are the same, else 0."""
    from scipy.stats import rankdata  # slow to import, for those alone who compare maps

    first, second = (rankdata(each) - (len(each) + 1) / 2 for each in (values, others))
    size = np.sqrt((first @ first) * (second @ second))
    return float(first @ second / size) if size else float(np.allclose(values, others))


def top_overlap(values: np.ndarray, others: np.ndarray, top: float = TOP) -> float:
    """Share of the strongest `top` of one (by size, whatever the sign) that the other has too; at least one place is looked at.

    Where a map is 0 at most places, only those where it is not count as its strongest. Ties at the edge are broken by lot (`places`).
    """
    count = min(max(1, round(top * len(values))), max(1, int(np.count_nonzero(values))))
    first, second = (places(np.abs(each), count) for each in (values, others))
    return float(first @ second) / count


def _shape(values: np.ndarray, width: int) -> Shape:
    """Whether a map (minutes,) has hours or stretches of `width` minutes that differ."""
    if not np.nansum(np.abs(values)):
        return "empty"
    stretches = (sums(values, HOUR, partly=True), sums(values, width, partly=True))
    return "varied" if any(np.ptp(each) > FLAT * np.abs(each).max() for each in stretches if each.size) else "flat"
