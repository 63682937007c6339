"""The integral of a score's gradient along the straight path from a baseline to a week, refined where its error lies.

Integrated gradients (Sundararajan, Taly & Yan 2017) are that integral. Its error is known exactly on every stretch of the path: what the
gradients sum to there, less the change of the score from the stretch's start to its end. So the path is halved where the error is
largest, by Simpson's rule: the halves share their ends and middles with the whole, and two new gradients are all a halving costs.
Errors of single minutes may cancel in every such sum. So a map must also have settled: by Richardson, what halving a stretch changed is
fifteen times what is still wrong with the halves, and that change is known without another gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pat_core.errors import ExplanationError
from pat_core.progress import Progress

Score = Callable[[Tensor], Tensor]
"""Points (n, ...) -> scores (n,), differentiable."""

FIRST_STRETCHES = 4
"""With two, a turn of the score between their few points can cancel in every error that is known: maps were off by up to 5.6 % (L1)."""
GAP_SHARE = 0.2
"""Share of the tolerance that the gap itself may take: errors of opposite sign can leave a small gap in a poor map, so both are held."""
SETTLED_SHARE = 0.5
"""Share of the tolerance that the map may still move, as it is estimated: it can be off by more, for early stretches are longer than the
estimate supposes. On the scoreboard's 60 weeks (L1, against 256 steps) it is off by 0.0102 at the most; with 0.75 it was 0.0262, for about
a tenth fewer gradients. Without this, maps whose gap was 0.2 % were off by up to 5.7 %."""
RICHARDSON = 15
"""Simpson's error falls sixteenfold with every halving."""

Stretch = tuple[float, float]
"""From where to where on the path, both within 0 to 1; its width is a power of a half."""


@dataclass(frozen=True, eq=False)
class PathIntegral:
    """values: like the point, attribution of each entry, float64. delta: score at the end minus at the start; gap: sum(values) - delta.

    bound: sum over the stretches of |error|, never below |gap|: errors that cancel are still errors of the map. unsettled: estimate of the
    map's own error, the sum of its size over all entries as a share of that of the map (of 1 logit, if the map is smaller). evaluations:
    gradients taken, each one forward and one backward pass. met: both are within the tolerance.
    """

    values: np.ndarray
    delta: float
    gap: float
    bound: float
    unsettled: float
    evaluations: int
    met: bool


def integrate(score: Score, start: Tensor, end: Tensor, *, tolerance: float, most: int, at_once: int, progress: Progress) -> PathIntegral:
    """Integrate from `start` to `end`, both (1, ...), until bound <= tolerance * max(|delta|, 1), |gap| is a fifth of that at most, and the
    map has settled to half of the tolerance; or `most` gradients were taken.

    at_once: points of the path that are evaluated together. Raises ExplanationError where the score is not a number somewhere on the way.
    """
    path = _Path(score, start, end, at_once)
    first = FIRST_STRETCHES if most > 2 * FIRST_STRETCHES else 2
    edges = np.linspace(0.0, 1.0, first + 1)
    path.visit([*edges, *((edges[:-1] + edges[1:]) / 2)])
    errors = {(low, high): path.error(low, high) for low, high in zip(edges[:-1], edges[1:], strict=True)}
    delta = path.scores[1.0] - path.scores[0.0]
    allowed = tolerance * max(abs(delta), 1.0)
    while len(path.scores) + 2 <= most and (poor := _poor(path, errors, allowed, tolerance)):
        bound = _bound(errors.values())
        progress.at(min(allowed / max(bound, allowed), 0.99), f"Refining the map: within {100 * bound / max(abs(delta), 1.0):.1f} % so far")
        halved = poor[: max(1, min(at_once // 2, (most - len(path.scores)) // 2))]
        path.visit([low + (high - low) * part for low, high in halved for part in (0.25, 0.75)])
        for low, high in halved:
            del errors[low, high]
            middle = (low + high) / 2
            errors |= {(low, middle): path.error(low, middle), (middle, high): path.error(middle, high)}
    values, bound = path.integral(sorted(errors)), _bound(errors.values())
    unsettled = sum(path.unsettled(*stretch) for stretch in errors) / _size(values)
    met = bound <= allowed and unsettled <= tolerance
    return PathIntegral(values, delta, float(values.sum()) - delta, bound, unsettled, len(path.scores), met)


def _poor(path: _Path, errors: Mapping[Stretch, float], allowed: float, tolerance: float) -> list[Stretch]:
    """Stretches to halve, the poorest first; none where the map is fine. First by their errors, which are known; then that which adds the
    most to the gap; then by how much they are estimated to move."""
    if _bound(errors.values()) > allowed:
        return _above_their_share({stretch: abs(error) for stretch, error in errors.items()}, allowed)
    if abs(gap := sum(errors.values())) > GAP_SHARE * allowed:
        return [max(errors, key=lambda stretch: errors[stretch] * np.sign(gap))]
    moves = {stretch: path.unsettled(*stretch) for stretch in errors}
    still = SETTLED_SHARE * tolerance * _size(path.integral(sorted(errors)))
    return _above_their_share(moves, still) if sum(moves.values()) > still else []


def _above_their_share(sizes: Mapping[Stretch, float], allowed: float) -> list[Stretch]:
    """The largest first; the largest alone where all are within an equal share of what is allowed."""
    order = sorted(sizes, key=lambda stretch: -sizes[stretch])
    return [stretch for stretch in order if sizes[stretch] > allowed / len(sizes)] or order[:1]


def _size(values: np.ndarray) -> float:
    """Sum of sizes of a map, in logits; of a map smaller than one logit: one, as for the gap."""
    return max(float(np.abs(values).sum()), 1.0)


def _bound(errors: Iterable[float]) -> float:
    return float(sum(map(abs, errors)))


class _Path:
    """Scores and gradients at the points visited so far, by their place on the path (0 to 1)."""

    def __init__(self, score: Score, start: Tensor, end: Tensor, at_once: int) -> None:
        self.score, self.start, self.end, self.step, self.at_once = score, start, end, end - start, at_once
        self.scores: dict[float, float] = {}
        self.gradients: dict[float, np.ndarray] = {}
        self.slopes: dict[float, float] = {}

    def visit(self, places: list[float]) -> None:
        """Take the gradients of these places, in equal parts where they are too many at once."""
        for part in np.array_split(places, -(-len(places) // self.at_once)):
            some = part.tolist()
            share = torch.tensor(some, dtype=self.start.dtype, device=self.start.device).reshape(-1, *[1] * (self.start.ndim - 1))
            points = torch.lerp(self.start, self.end, share).requires_grad_(True)  # both ends as they are, and the same points either way
            with torch.enable_grad():
                scores = self.score(points)
                (gradients,) = torch.autograd.grad(scores.sum(), points)
            if not torch.isfinite(scores).all():
                raise ExplanationError(
                    "The model's score for this week is not a number, so there is nothing to explain. Check the week on the Data page."
                )
            slopes = (gradients.double() * self.step.double()).flatten(1).sum(dim=1)
            for place, value, gradient, slope in zip(some, scores.tolist(), gradients.cpu().numpy(), slopes.tolist(), strict=True):
                self.scores[place], self.gradients[place], self.slopes[place] = value, gradient, slope

    def error(self, low: float, high: float) -> float:
        """What Simpson's rule makes of this stretch, less the true change of the score along it."""
        parts = self.slopes[low] + 4 * self.slopes[(low + high) / 2] + self.slopes[high]
        return (high - low) / 6 * parts - (self.scores[high] - self.scores[low])

    def unsettled(self, low: float, high: float) -> float:
        """Estimate of what is still wrong with this stretch, summed over the sizes of all entries: half of its pair's, by Richardson."""
        width = high - low
        first = low if round(low / width) % 2 == 0 else low - width
        changed = self.integral([(first, first + 2 * width)]) - self.integral([(first, first + width), (first + width, first + 2 * width)])
        return float(np.abs(changed).sum()) / RICHARDSON / 2

    def integral(self, stretches: list[Stretch]) -> np.ndarray:
        weights: dict[float, float] = {}
        for low, high in stretches:
            for place, weight in ((low, 1), ((low + high) / 2, 4), (high, 1)):
                weights[place] = weights.get(place, 0.0) + weight * (high - low) / 6
        total = sum(weight * self.gradients[place].astype(np.float64) for place, weight in weights.items())
        return (total * self.step.double().cpu().numpy())[0]
