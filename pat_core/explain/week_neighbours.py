"""Which weeks lie near one another to a model: Euclidean distance of pooled tokens, each number of them in SDs of the cohort.

On 375 three-day windows of 107 people, two windows of one person lay nearer than windows of two people in 74 % (PAT-S) and 79 % (PAT-M) of
pairs; by a Mahalanobis distance, which weighs up what hardly varies, in 58 % and 63 % (benchmarks/week_distances.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pat_core.errors import ExplanationError

FEWEST = 3
"""People with whom a distance between two of them can be set beside others."""
MOST_PAIRED = 1000
"""People of whom all pairs are measured; of more, as many drawn by a seed."""
SEED = 0


@dataclass(frozen=True, eq=False)
class Nearness:
    """places: (weeks, width) embeddings in SDs of the cohort. pairs: (pairs,) ascending, the distances between people, two by two."""

    places: np.ndarray
    pairs: np.ndarray

    def distances(self, week: int) -> np.ndarray:
        """(weeks,) from this week to each: the root of the mean squared difference over the numbers of an embedding, in SDs. Two weeks that
        have nothing in common differ by about 1.4, the root of 2."""
        return np.sqrt(np.square(self.places - self.places[week]).mean(axis=1))

    def share_nearer(self, distance: float) -> float:
        """Share of the pairs of people, 0 to 1, that are nearer to one another than `distance`."""
        return float(np.searchsorted(self.pairs, distance, side="left") / len(self.pairs))


def cohort_nearness(embeddings: np.ndarray, one_each: Sequence[int]) -> Nearness:
    """The embeddings (weeks, width) of a cohort, made comparable. one_each: a row for each person, of which mean spread and pairs are
    taken, so that nobody counts more than others. Numbers that do not vary are left out. ExplanationError under 3 people."""
    weeks, chosen = np.asarray(embeddings, np.float64), np.asarray(one_each, int)
    if len(chosen) < FEWEST:
        raise ExplanationError(
            f"How near two people are to one another can be said only beside other pairs, so at least {FEWEST} people with a fit week are "
            f"needed; got {len(chosen)}. Choose a larger cohort."
        )
    people = weeks[chosen]
    spread = people.std(axis=0)
    varies = spread > 1e-6 * max(float(np.abs(people).max()), 1e-12)
    if not varies.any():
        raise ExplanationError("To this model these people do not differ, so nobody is nearer than anyone else. Choose another model.")
    places = weeks[:, varies] / spread[varies]
    some = people if len(people) <= MOST_PAIRED else people[_drawn(len(people))]
    from scipy.spatial.distance import pdist

    pairs = np.sort(pdist(some[:, varies] / spread[varies])) / np.sqrt(varies.sum())
    return Nearness(places, pairs)


def _drawn(people: int) -> np.ndarray:
    return np.sort(np.random.default_rng(SEED).choice(people, MOST_PAIRED, replace=False))
