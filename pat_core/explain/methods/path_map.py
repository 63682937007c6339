"""The record of a map that was made along a path: how the path was walked, what the map misses, and a flag where that is too much."""

from __future__ import annotations

import numpy as np

from pat_core.explain.baselines import Baseline
from pat_core.explain.methods.gradient_path import PathIntegral
from pat_core.records import Attribution


def attributed(
    method: str, made: PathIntegral, values: np.ndarray, patch: int, baseline: Baseline, note: str, *, tolerance: float, most: int
) -> Attribution:
    """values: (minutes,) float32 logits, NaN where no patch covers; patch: minutes.

    The gap is that of the values as they are given to the reader, not the path's: rounding to float32 is a part of it.
    """
    return Attribution(
        method=method,
        kind="attribution",
        values=values,
        patch=patch,
        delta=made.delta,
        completeness_gap=float(np.nansum(values, dtype=np.float64)) - made.delta,
        settings={"method": method, **baseline.settings(), **path_settings(made, tolerance, most)},
        note=note,
        evaluations=made.evaluations,
        flag=missed(made, tolerance),
    )


def path_settings(made: PathIntegral, tolerance: float, most: int) -> dict[str, object]:
    """How the path was walked, for the settings of a result."""
    walked = {"quadrature": "adaptive Simpson", "steps": made.evaluations, "tolerance": tolerance, "most": most}
    return walked | {"gap_bound": made.bound, "map_error": made.unsettled}


def missed(made: PathIntegral, tolerance: float) -> str:
    """The sentence that goes with a map whose error stayed above the tolerance; "" where it did not."""
    if made.met:
        return ""
    reached, asked = made.bound / max(abs(made.delta), 1.0), f"where {100 * tolerance:g} % was asked for."
    if reached > tolerance:
        told = f"is not exact yet: after {made.evaluations} steps its error can be {100 * reached:.2g} % of the change of the score"
    else:
        told = f"has not settled yet: after {made.evaluations} steps about {100 * made.unsettled:.2g} % of it may still move"
    return f"This map {told}, {asked}"
