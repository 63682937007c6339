"""The record of a map that was made along a path: how the path was walked, what the map misses, and a flag where that is too much."""

from __future__ import annotations

import numpy as np

from pat_core.explain.baselines import Baseline
from pat_core.explain.methods.gradient_path import PathIntegral
from pat_core.records import Attribution


def attributed(
    method: str, integral: PathIntegral, values: np.ndarray, patch: int, baseline: Baseline, note: str, *, tolerance: float, most: int
) -> Attribution:
    """values: (minutes,) float32 logits, NaN where no patch covers; patch: minutes.

    The gap is that of the values as they are given to the reader, not the path's: rounding to float32 is a part of it.
    """
    return Attribution(
        method=method,
        kind="attribution",
        values=values,
        patch=patch,
        delta=integral.delta,
        completeness_gap=float(np.nansum(values, dtype=np.float64)) - integral.delta,
        settings={"method": method, **baseline.settings(), **path_settings(integral, tolerance, most)},
        note=note,
        evaluations=integral.evaluations,
        flag=missed(integral, tolerance),
    )


def path_settings(integral: PathIntegral, tolerance: float, most: int) -> dict[str, object]:
    """How the path was walked, for the settings of a result."""
    walked = {"quadrature": "adaptive Simpson", "steps": integral.evaluations, "tolerance": tolerance, "most": most}
    return walked | {"gap_bound": integral.bound, "map_error": integral.unsettled}


def missed(integral: PathIntegral, tolerance: float) -> str:
    """The sentence that goes with a map whose error stayed above the tolerance; "" where it did not."""
    if integral.met:
        return ""
    reached, target = integral.bound / max(abs(integral.delta), 1.0), f"where {100 * tolerance:g} % was asked for."
    if reached > tolerance:
        text = f"is not exact yet: after {integral.evaluations} steps its error can be {100 * reached:.2g} % of the change of the score"
    else:
        text = f"has not settled yet: after {integral.evaluations} steps about {100 * integral.unsettled:.2g} % of it may still move"
    return f"This map {text}, {target}"
