"""Whether the model's score follows a map: what happens to it when the patches that the map holds to be strongest are taken out.

Deletion and insertion after Petsiuk et al. (RISE, 2018); randomization of weights after Adebayo et al. (2018). One replacement value can
turn a deletion result round, so callers ask for two.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import as_weeks
from pat_core.explain.logit_function import logits, weeks_at_once
from pat_core.explain.method_registry import Replacement
from pat_core.explain.methods.occlusion import replaced
from pat_core.explain.windows import by_patch
from pat_core.models.contract import ScoringNetwork
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import Attribution

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Shares of the week's patches that are taken out or put in."""
RANDOM_ORDERS = 5


@dataclass(frozen=True, eq=False)
class Curve:
    """Change of the logit at each share of patches: along the map's order; the mean over random orders (random), and the mean of its size
    (random_size): ups and downs of random orders cancel out in the one and not in the other."""

    shares: tuple[float, ...]
    changes: np.ndarray
    random: np.ndarray
    random_size: np.ndarray


def deletion(
    network: ScoringNetwork,
    z: np.ndarray,
    strength: np.ndarray,
    replacement: Replacement,
    *,
    shares: tuple[float, ...] = SHARES,
    draws: int = RANDOM_ORDERS,
    seed: int = 0,
) -> Curve:
    """Logit of the week less logit with the strongest patches replaced, at each share: > 0 where they had raised the score.

    strength: (patches,), strongest first taken out; give its negative to take the lowest out first. draws: random orders to compare
    with; 0 leaves both of `random` NaN, for callers that compare many maps with one and the same.
    """
    there, gone = np.asarray(z, np.float32), replaced(z, replacement)
    return _curve(network, there, gone, strength, shares, draws, seed, -1.0)


def insertion(
    network: ScoringNetwork,
    z: np.ndarray,
    strength: np.ndarray,
    replacement: Replacement,
    *,
    shares: tuple[float, ...] = SHARES,
    draws: int = RANDOM_ORDERS,
    seed: int = 0,
) -> Curve:
    """Logit with the strongest patches put into a week that is replaced everywhere else, less the logit of that week."""
    return _curve(network, replaced(z, replacement), np.asarray(z, np.float32), strength, shares, draws, seed, 1.0)


def _curve(
    network: ScoringNetwork,
    start: np.ndarray,
    other: np.ndarray,
    strength: np.ndarray,
    shares: tuple[float, ...],
    draws: int,
    seed: int,
    sign: float,
) -> Curve:
    patch, patches = network.minutes_per_token, start.size // network.minutes_per_token
    if strength.shape != (patches,):
        raise ExplanationError(f"Expected a strength for each of the week's {patches} patches, got an array of shape {strength.shape}.")
    rng = np.random.default_rng(seed)
    own = np.lexsort((rng.random(patches), -strength))  # equal patches in an order by lot: days and hours are wide ties
    orders = [own, *(rng.permutation(patches) for _ in range(draws))]
    counts = [max(1, round(share * patches)) for share in shares]
    weeks = np.repeat(start[None], 1 + len(orders) * len(counts), axis=0)
    for row, (order, count) in enumerate(((order, count) for order in orders for count in counts), start=1):
        taken = np.zeros(patches, bool)
        taken[order[:count]] = True
        minutes = np.flatnonzero(np.repeat(taken, patch))
        weeks[row, minutes] = other[minutes]
    scores = logits(network, as_weeks(network, weeks), weeks_at_once(network, start.size)).double().cpu().numpy()
    changes = (sign * (scores[1:] - scores[0])).reshape(len(orders), len(counts))
    if not draws:
        changes = np.concatenate([changes, np.full((1, len(counts)), np.nan)])
    return Curve(tuple(shares), changes[0], changes[1:].mean(axis=0), np.abs(changes[1:]).mean(axis=0))


def cascade(network: Classifier, seed: int = 0) -> Iterator[tuple[str, Classifier]]:
    """(stage, copy of the network) with ever more of it drawn anew: the head, then block after block from the last, then the embedding."""
    drawn = seeded(lambda: Classifier(network.config), seed)
    copied = copy.deepcopy(network)
    stages = ["head", *(f"encoder.blocks.{block}" for block in reversed(range(network.config.blocks))), "encoder.patches"]
    fresh = drawn.state_dict()
    for stage in stages:
        copied.load_state_dict({name: fresh[name] for name in fresh if name.startswith(f"{stage}.")}, strict=False)
        yield stage, copy.deepcopy(copied).eval()


def randomization(
    network: Classifier, explain: Callable[[Classifier], Attribution], original: np.ndarray, seed: int = 0, *, last_only: bool = False
) -> dict[str, float]:
    """stage -> Spearman correlation of |map| by patch with `original` (patches,) after that stage's weights were drawn anew.

    A method whose map stays as it was shows the input, not what the model learned. A map that became constant counts as 0.
    last_only: only the stage at which everything is drawn anew, for methods that take long.
    """
    from scipy.stats import spearmanr  # slow to import, for those alone who hold maps against drawn weights

    correlations = {}
    stages = list(cascade(network, seed))
    for stage, changed in stages[-1:] if last_only else stages:
        with torch.random.fork_rng(devices=[]):
            strength = np.abs(by_patch(explain(changed)))
        constant = np.ptp(strength) == 0 or np.ptp(np.abs(original)) == 0
        correlations[stage] = 0.0 if constant else float(spearmanr(strength, np.abs(original)).statistic)
    return correlations
