"""Concept directions in the pooled embedding: does the score follow "late wake-up"? (after Kim 2018, TCAV)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.explain.embedding_distance import pooled
from pat_core.progress import Progress, Share, Silent
from pat_core.settings import MINUTES_PER_DAY
from pat_core.simulate.compose import compose
from pat_core.simulate.person import draw_person

if TYPE_CHECKING:
    from pat_core.models.ensemble import Ensemble
    from pat_core.models.pat.heads import Classifier

CONCEPTS: dict[str, str] = {
    "late_wake": "Late wake-up: the activity of two and a half to three and a half hours is missing each morning.",
    "fragmented_nights": "Broken nights: short bursts of movement several times an hour, all night.",
    "night_activity": "Activity at night: bouts of about a quarter of an hour within the sleep of most nights.",
    "low_amplitude": "Damped days: about two fifths of the usual activity while awake.",
    "delayed_phase": "A later rhythm: everything happens two and a half to four hours later.",
}
"""Name of a trait that can be planted in simulated weeks -> what differs between the two weeks of a pair, in a sentence."""


@dataclass(frozen=True, eq=False)
class ConceptDirection:
    """direction: (width,) float32, length 1; 96 wide, of an ensemble 96 a member. size: length of the mean difference, so that
    direction * size is what the concept does on average.

    consistency: mean cosine of each pair's difference with the mean of the OTHER pairs' differences: 1 = the same for everybody, about
    0 = no common direction. pairs: how many.
    """

    direction: np.ndarray
    size: float
    consistency: float
    pairs: int


@dataclass(frozen=True, eq=False)
class ConceptResponse:
    """derivative: (people,) change of the logit for one unit along the direction. above_random: (people,) share of `random` directions
    with a smaller |derivative|. positive: share of people whose score rises along it. band: the size of response that 95 % of random
    directions stay under, over all people. words: the result in a sentence."""

    derivative: np.ndarray
    above_random: np.ndarray
    positive: float
    band: float
    random: int
    seed: int
    words: str


def simulated_pairs(trait: str, people: int, seed: int, days: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """(with, without), (people, minutes) float32 counts each: the same simulated person with and without the trait, all else equal.

    Minute 0 is Monday 00:00. Raises ExplanationError for a trait that is not in CONCEPTS. Choose another seed than that of a simulated
    cohort under study: the same seed draws the same people.
    """
    if trait not in CONCEPTS:
        raise ExplanationError(f"Expected the concept to be one of {', '.join(CONCEPTS)}, got {trait!r}. Choose one of these.")
    with_it, without = np.empty((2, people, days * MINUTES_PER_DAY), dtype=np.float32)
    for number in range(people):
        person = draw_person(seed, number, days)
        with_it[number], without[number] = compose(person, [trait])[0], compose(person, [])[0]
    return with_it, without


def concept_direction(
    network: Classifier | Ensemble, z_with: np.ndarray, z_without: np.ndarray, *, progress: Progress | None = None
) -> ConceptDirection:
    """Mean difference of the pooled embeddings of weeks with and without a concept, (pairs, minutes) each, standardized alike.

    Row i of both is one person. Raises ExplanationError for fewer than 2 pairs, or where the concept does not move the embedding.
    """
    if np.shape(z_with) != np.shape(z_without) or np.ndim(z_with) != 2 or len(z_with) < 2:
        raise ExplanationError(
            "A concept is learned from at least 2 pairs of weeks, with and without it, of one length; "
            f"got {np.shape(z_with)} and {np.shape(z_without)}. Draw more pairs."
        )
    whole = progress or Silent()
    moved = _embedded(network, z_with, Share(whole, 0.0, 0.5)) - _embedded(network, z_without, Share(whole, 0.5, 0.5))
    moved = moved.astype(np.float64)  # (pairs, 96)
    mean = moved.mean(axis=0)
    size = float(np.linalg.norm(mean))
    if size < 1e-9:
        raise ExplanationError("The concept does not change the model's summary of these weeks, so it has no direction. Choose another.")
    others = (moved.sum(axis=0) - moved) / (len(moved) - 1)
    lengths = np.linalg.norm(moved, axis=1) * np.linalg.norm(others, axis=1)
    cosines = np.divide((moved * others).sum(axis=1), lengths, out=np.zeros(len(moved)), where=lengths > 0)
    return ConceptDirection((mean / size).astype(np.float32), size, float(cosines.mean()), len(moved))


def concept_response(
    network: Classifier | Ensemble,
    z: np.ndarray,
    direction: np.ndarray,
    *,
    random: int = 200,
    seed: int = 0,
    among: np.ndarray | None = None,
    progress: Progress | None = None,
) -> ConceptResponse:
    """How the logit of each week of z (people, minutes) answers a small step along a direction (96,) of the pooled embedding.

    Compared with `random` directions of length 1, each the difference between two people drawn from `among` (people, minutes), by
    default z itself: people differ in few of the 96 dimensions, so directions drawn evenly would be too easy to beat.
    Raises ExplanationError for fewer than 3 people to draw from, people who do not differ, or a direction that is none.
    """
    direction = np.asarray(direction, dtype=np.float64)
    length = float(np.linalg.norm(direction))
    whole, first = progress or Silent(), 1.0 if among is None else 0.5
    embedded = _embedded(network, z, Share(whole, 0.0, first))
    if direction.shape != embedded.shape[1:] or not np.isfinite(length) or length == 0:
        raise ExplanationError(f"A direction has {embedded.shape[1]} numbers, not all zero; got shape {direction.shape}. Make it again.")
    others = embedded if among is None else _embedded(network, among, Share(whole, first, 1.0 - first))
    slope = _slopes(network, embedded)  # (people, 96)
    derivative = slope @ (direction / length)
    null = np.abs(slope @ _between_people(others, random, seed).T)  # (people, random)
    above = (null < np.abs(derivative)[:, None]).mean(axis=1)
    positive = float((derivative > 0).mean())
    words = (
        f"Along this direction the score rises for {100 * positive:.0f} % of {len(derivative)} people; its response is stronger than to "
        f"{100 * float(np.median(above)):.0f} % of the differences between two people at random (median)."
    )
    band = float(np.quantile(null, 0.95))
    return ConceptResponse(derivative.astype(np.float32), above.astype(np.float32), positive, band, random, seed, words)


def _embedded(network: Classifier | Ensemble, z: np.ndarray, progress: Progress) -> np.ndarray:
    embedded = pooled(network, z, progress)
    if not np.isfinite(embedded).all():
        raise ExplanationError("The model's summary of a week is not a number. Check the weeks on the Data page.")
    return embedded


def _slopes(network: Classifier | Ensemble, embedded: np.ndarray) -> np.ndarray:
    """(people, 96) float64: gradient of each logit by the pooled embedding; the network's own gradients stay as they are."""
    import torch

    with torch.enable_grad():
        at = torch.from_numpy(embedded).to(next(network.parameters()).device).requires_grad_(True)
        slope = torch.autograd.grad(network.head(at).sum(), at)[0]
    return slope.cpu().numpy().astype(np.float64)


def _between_people(embedded: np.ndarray, random: int, seed: int) -> np.ndarray:
    """(random, 96) directions of length 1, each between two different people."""
    if len(embedded) < 3:
        raise ExplanationError(
            f"Random directions are differences between people: at least 3 are needed, got {len(embedded)}. "
            "Choose a cohort with more people."
        )
    rng = np.random.default_rng(seed)
    first = rng.integers(0, len(embedded), random)
    second = (first + rng.integers(1, len(embedded), random)) % len(embedded)
    drawn = embedded[first].astype(np.float64) - embedded[second]
    lengths = np.linalg.norm(drawn, axis=1)
    if not (lengths > 0).all():
        raise ExplanationError(
            "Some of these people look alike to the model, so they give no random directions. Leave out duplicate weeks."
        )
    return drawn / lengths[:, None]
