"""Weeks with patches hidden, rebuilt by a masked autoencoder: how well, beside what needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pat_core.evaluation.reconstruction import ReconstructionFigures, from_mean_day, interpolated, reconstruction_figures

if TYPE_CHECKING:
    from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder

NETWORK, LINE, MEAN_DAY = "network", "straight line", "mean day"
WAYS = {NETWORK: "The encoder with its decoder", LINE: "A straight line between visible minutes", MEAN_DAY: "The visible minutes' mean day"}
"""How hidden minutes are filled -> in a reader's words."""
DRAWS = 1000


@dataclass(frozen=True, eq=False)
class RebuiltWeek:
    """One standardized week: z (minutes,), hidden (minutes,) bool, output (minutes,) that the decoder gives for every minute, visible ones
    too; by way what stands in the place of hidden minutes, with its figures. z has the minutes that the patches cover."""

    z: np.ndarray
    hidden: np.ndarray
    output: np.ndarray
    by: dict[str, np.ndarray]
    figures: dict[str, ReconstructionFigures]


def rebuild(network: MaskedAutoencoder, z: np.ndarray, mask_ratio: float, seed: int) -> RebuiltWeek:
    """Hide `mask_ratio` of the patches of z (minutes,), drawn from the seed, and rebuild the week from the others."""
    import torch  # who rebuilds weeks has a network, and waits for it anyway

    from pat_core.models.pat.masked_autoencoder import draw_visible
    from pat_core.training.masked_pretraining import hidden_minutes

    tokens = network.config.tokens(len(z))
    visible, at = draw_visible(tokens, torch.Generator().manual_seed(seed), mask_ratio), network.mask_token.device
    with torch.no_grad():
        output = network(torch.from_numpy(np.asarray(z, np.float32))[None].to(at), visible.to(at))[0].cpu().numpy()
    hidden = hidden_minutes(tokens, visible, network.config.patch).numpy()
    return beside_simple_ways(np.asarray(z)[: len(hidden)], hidden, output)


def beside_simple_ways(z: np.ndarray, hidden: np.ndarray, output: np.ndarray) -> RebuiltWeek:
    """What a decoder gave (minutes,) for a week z (minutes,) with these minutes hidden (minutes,) bool, beside what needs no network."""
    by = {NETWORK: np.where(hidden, output, z), LINE: interpolated(z, hidden), MEAN_DAY: from_mean_day(z, hidden)}
    return RebuiltWeek(z, hidden, output, by, {way: reconstruction_figures(z, week, hidden) for way, week in by.items()})


def rebuilding_figures(network: MaskedAutoencoder, weeks: Sequence[np.ndarray], mask_ratio: float, seed: int) -> dict[str, dict[str, Any]]:
    """Way -> figure -> mean over these standardized weeks, one a person, with the 95 % interval of the mean over people (percentiles of
    `DRAWS` bootstrap samples); each week has a mask of its own, the same for every way. Figures that are no number in some weeks
    are means over the others."""
    rebuilt = [rebuild(network, z, mask_ratio, seed + number) for number, z in enumerate(weeks)]
    by_way: dict[str, dict[str, Any]] = {}
    for way in WAYS:
        rows = [asdict(week.figures[way]) for week in rebuilt]
        by_way[way] = {}
        for name in ("mse", "mae", "r2", "r"):
            values = np.array([row[name] for row in rows])
            by_way[way] |= _mean(name, values[np.isfinite(values)], seed)
    return by_way


def _mean(name: str, values: np.ndarray, seed: int) -> dict[str, Any]:
    """{name: mean of (people,) values with its interval}; {} where there are none."""
    if not len(values):
        return {}
    means = values[np.random.default_rng(seed).integers(0, len(values), (DRAWS, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5]).tolist()
    return {name: {"value": float(values.mean()), "low": low, "high": high, "n": len(values)}}
