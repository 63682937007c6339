"""The FOCAL loss with an adversary of people, for two streams of one person (Liu et al. 2023, arXiv 2310.20071; the adversary as in
FM_for_bio_signal, from its definition).

A projection of each stream has two halves: the first is to agree between the streams (shared), the second within a stream between two views
of it (private), and the halves are to be at right angles. The adversary guesses who somebody is; the encoder is trained so that it cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor
from torch.nn import functional

TEMPERATURE = 0.5
SMALLEST = 1e-12
"""Keeps logarithms finite."""


@dataclass(frozen=True)
class FocalWeights:
    """What each term counts. invariance: per person of the batch, as its sum is taken."""

    shared: float = 0.2
    private: float = 0.4
    orthogonality: float = 0.2
    invariance: float = 0.002


@dataclass(frozen=True)
class FocalTerms:
    """Each a scalar. total: weighed. adversarial: what the adversary is trained on, no part of the total."""

    shared: Tensor
    private: Tensor
    orthogonality: Tensor
    invariance: Tensor
    adversarial: Tensor
    total: Tensor


def nt_xent(first: Tensor, second: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """Normalized temperature-scaled cross-entropy of pairs: (rows, width) each, row i of one belongs to row i of the other and to nobody
    else; the mean over all 2 x rows (Chen et al. 2020, arXiv 2002.05709)."""
    rows = len(first)
    both = functional.normalize(torch.cat([first, second]), dim=1)
    alike = both @ both.T / temperature
    alike = alike.masked_fill(torch.eye(2 * rows, dtype=torch.bool, device=both.device), float("-inf"))
    partners = torch.arange(2 * rows, device=both.device).roll(rows)
    return functional.cross_entropy(alike, partners)


def apart(first: Tensor, second: Tensor) -> Tensor:
    """Mean over rows of what their cosine is above 0: none where they are at right angles or point away from each other."""
    return functional.cosine_similarity(first, second, dim=1).clamp(min=0).mean()


def subject_terms(outputs: Tensor, people: Tensor) -> tuple[Tensor, Tensor]:
    """(adversarial, invariance), each a sum over rows. outputs: (rows, people) in (0, 1), of the adversary; divided by their length they
    count as probabilities, which is their definition and no softmax. people: (rows,) who it is."""
    right = functional.normalize(outputs, dim=1).gather(1, people[:, None])[:, 0]
    return -(SMALLEST + right).log().sum(), -(SMALLEST + (1 - right)).log().sum()


def focal_loss(
    views: tuple[Mapping[str, Tensor], Mapping[str, Tensor]],
    subject_outputs: Tensor | None = None,
    people: Tensor | None = None,
    weights: FocalWeights = FocalWeights(),
) -> FocalTerms:
    """views: two views of a batch, stream -> (rows, width) projections of even width. subject_outputs, people: of the adversary, as in
    `subject_terms`; without them both terms are 0. ValueError where streams differ or a width is odd."""
    first, second = views
    streams = list(first)
    if list(second) != streams or len(streams) < 2:
        raise ValueError(f"Expected the same two or more streams in both views, got {list(first)} and {list(second)}.")
    if any(each.shape[1] % 2 for view in views for each in view.values()):
        raise ValueError("A projection is halved into shared and private: its width must be even.")
    halves = [{name: each.chunk(2, dim=1) for name, each in view.items()} for view in views]
    zero = next(iter(first.values())).new_zeros(())
    shared = sum((nt_xent(of[a][0], of[b][0]) for of in halves for a, b in combinations(streams, 2)), zero)
    private = sum((nt_xent(halves[0][name][1], halves[1][name][1]) for name in streams), zero)
    orthogonality = sum((apart(*of[name]) for of in halves for name in streams), zero)
    orthogonality = orthogonality + sum((apart(of[a][1], of[b][1]) for of in halves for a, b in combinations(streams, 2)), zero)
    adversarial = invariance = zero
    if subject_outputs is not None and people is not None:
        adversarial, invariance = subject_terms(subject_outputs, people)
    total = weights.shared * shared + weights.private * private + weights.orthogonality * orthogonality + weights.invariance * invariance
    return FocalTerms(shared, private, orthogonality, invariance, adversarial, total)
