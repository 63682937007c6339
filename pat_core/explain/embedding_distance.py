"""How far a week's embedding lies from those of known people: Mahalanobis distance of the pooled tokens (Lee et al. 2018, NeurIPS).

A model answers for any week. Far from everybody it learned from, its answer and the explanation of it rest on nothing it has seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.models.contract import TokenNetwork
from pat_core.progress import Progress, Silent

FAR = 0.95
"""A week farther away than this share of the reference people are from one another is called unlike them."""
FEWEST_PEOPLE, MOST_PEOPLE = 20, 2000
WEEKS_AT_ONCE = 8
SEED = 0


@dataclass(frozen=True, eq=False)
class Reference:
    """mean (width,), precision (width, width): of the reference people's embeddings, covariance shrunk (Ledoit & Wolf 2004).

    distances: (people,) ascending, each person's distance from all the others (leave-one-out). whom: who they are, in words.
    """

    mean: np.ndarray
    precision: np.ndarray
    distances: np.ndarray
    people: int
    whom: str

    def share_nearer(self, distance: float) -> float:
        """Share of the reference people, 0 to 1, who lie nearer to the others than `distance`."""
        return float(np.searchsorted(self.distances, distance, side="left") / len(self.distances))

    def is_far(self, distance: float) -> bool:
        """Farther out than `FAR` of the reference people."""
        return self.share_nearer(distance) >= FAR

    def words(self, distance: float, window: str = "week") -> str:
        """Where this distance stands among the reference people's own, for a reader. window: what is this far away, "3-day window"."""
        share = self.share_nearer(distance)
        sentence = f"To the model this {window} is more unusual than {100 * share:.0f} % of {self.whom}"
        return f"{sentence}: it is unlike them, and the answer is a guess far from what is known." if share >= FAR else f"{sentence}."


def fit_reference(embeddings: np.ndarray, whom: str) -> Reference:
    """Fit on (people, width) embeddings, one row a person; beyond 2,000 people a seeded draw of them. ExplanationError under 20 people."""
    rows = np.asarray(embeddings, np.float64)
    if rows.ndim != 2 or len(rows) < FEWEST_PEOPLE:
        given = len(rows) if rows.ndim == 2 else f"an array of shape {rows.shape}"
        raise ExplanationError(
            f"How unusual somebody is to the model can be said only beside at least {FEWEST_PEOPLE} people; got {given}. Choose a larger "
            "cohort."
        )
    if not np.isfinite(rows).all():
        raise ExplanationError(f"Among the embeddings of {whom} are values that are not numbers. Check these weeks on the Data page.")
    if len(rows) > MOST_PEOPLE:
        rows = rows[np.sort(np.random.default_rng(SEED).choice(len(rows), MOST_PEOPLE, replace=False))]
    from sklearn.covariance import ledoit_wolf  # a second to import, for the one fit of a model and a cohort

    _, shrinkage = ledoit_wolf(rows)
    mean = rows.mean(axis=0)
    offsets = rows - mean
    spread, axes = np.linalg.eigh(offsets.T @ offsets / len(rows))
    spread = np.clip(spread, 0.0, None)
    shrunk = (1 - shrinkage) * spread + shrinkage * spread.mean()
    if shrunk.min() <= 0:
        raise ExplanationError(f"The embeddings of {whom} do not differ, so no distance from them can be said. Choose another cohort.")
    distances = np.sort(_left_out(offsets @ axes, spread, float(shrinkage)))
    return Reference(mean, (axes / shrunk) @ axes.T, distances, len(rows), whom)


def _left_out(offsets: np.ndarray, spread: np.ndarray, shrinkage: float) -> np.ndarray:
    """(people,) distance of each person from mean and covariance of the others, the amount of shrinkage kept.

    offsets: (people, width) from the mean, along the axes of the covariance; spread: (width,) its variances. Leaving out d gives the
    covariance n/(n-1) S - n/(n-1)^2 d d' and the mean shifted by -d/(n-1): one rank less, so Sherman-Morrison inverts it.
    """
    n, width = offsets.shape
    grown, taken = n / (n - 1), n / (n - 1) ** 2
    ridge = shrinkage * (grown * spread.sum() - taken * np.square(offsets).sum(axis=1)) / width  # (people,)
    weights = 1.0 / ((1 - shrinkage) * grown * spread[None] + ridge[:, None])
    size = (weights * np.square(offsets)).sum(axis=1)  # d' (aS + cI)^-1 d
    return np.sqrt(grown**2 * size / (1 - (1 - shrinkage) * taken * size))


def distance(reference: Reference, embeddings: np.ndarray) -> np.ndarray:
    """(n,) Mahalanobis distances of embeddings (n, width) from the reference people, without unit."""
    offsets = np.atleast_2d(np.asarray(embeddings, np.float64)) - reference.mean
    return np.sqrt(np.einsum("ni,ij,nj->n", offsets, reference.precision, offsets))


def pooled(network: TokenNetwork, z: np.ndarray, progress: Progress | None = None) -> np.ndarray:
    """(people, width) float32: the mean over tokens of standardized weeks (people, minutes), which is what the head reads."""
    import torch

    from pat_core.explain.attention_reading import as_weeks

    weeks, progress = np.atleast_2d(z), progress or Silent()
    parts = []
    for first in range(0, len(weeks), WEEKS_AT_ONCE):
        progress.at(first / len(weeks), f"Reading {first} of {len(weeks)} people")
        with torch.no_grad():
            tokens = network.tokens(as_weeks(network, weeks[first : first + WEEKS_AT_ONCE]))
            parts.append(tokens.mean(dim=1).cpu().numpy())
    return np.concatenate(parts)
