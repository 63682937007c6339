"""Integrated gradients of the logit (Sundararajan, Taly & Yan 2017), refined until their gap is small; the gap is always carried."""

from __future__ import annotations

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.explain.attention import as_weeks, one_week
from pat_core.explain.baselines import Baseline, mean_week
from pat_core.explain.path import PathIntegral, integrate
from pat_core.explain.scoring import logit_of, weeks_at_once
from pat_core.model import Classifier
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution

TOLERANCE = 0.01
MOST = 256
QUICK = 5
"""Gradients of the first, quick map: as few as the rule can be made of."""


def integrated_gradients(
    network: Classifier,
    z: np.ndarray,
    *,
    baseline: Baseline | None = None,
    tolerance: float = TOLERANCE,
    most: int = MOST,
    progress: Progress | None = None,
) -> Attribution:
    """Attribution of the logit to each minute of one standardized week z (minutes,), in logits.

    baseline: one week to compare with; None is the mean week, which the per-minute standardizer puts at zero. tolerance: of the gap, as
    a share of max(|delta|, 1 logit); most: gradients at the most. The gap is reported and never rescaled away; a miss is flagged.
    """
    week = one_week(network, z)
    baseline = baseline or mean_week(week.shape[1])
    refuse_tolerance(tolerance, most)
    refuse_baseline(baseline, week.shape[1], 1)
    covered = slice(network.config.tokens(week.shape[1]) * network.config.patch)
    made = integrate(
        logit_of(network),
        as_weeks(network.encoder, baseline.weeks)[:, covered],
        week[:, covered],
        tolerance=tolerance,
        most=most,
        at_once=weeks_at_once(network, week.shape[1]),
        progress=progress or Silent(),
    )
    values = np.full(week.shape[1], np.nan, np.float32)
    values[covered] = made.values
    return Attribution(
        method="integrated_gradients",
        kind="attribution",
        values=values,
        patch=network.config.patch,
        delta=made.delta,
        completeness_gap=float(np.nansum(values, dtype=np.float64)) - made.delta,
        settings={"method": "integrated_gradients", **baseline.settings(), **path_settings(made, tolerance, most)},
        note=f"How much each minute raised or lowered the score, in logits, compared with {words(baseline)}. {baseline.caution}".strip(),
        evaluations=made.evaluations,
        flag=missed(made, tolerance),
    )


def words(baseline: Baseline) -> str:
    """The baseline for a reader."""
    return f"the {baseline.name} of {baseline.whose}" if baseline.name == mean_week(1).name else baseline.whose or baseline.name


def path_settings(made: PathIntegral, tolerance: float, most: int) -> dict[str, object]:
    """How the path was walked, for the settings of a result."""
    return {"quadrature": "adaptive Simpson", "steps": made.evaluations, "tolerance": tolerance, "most": most, "gap_bound": made.bound}


def missed(made: PathIntegral, tolerance: float) -> str:
    """The sentence that goes with a map whose error stayed above the tolerance; "" where it did not."""
    if made.met:
        return ""
    reached = made.bound / max(abs(made.delta), 1.0)
    return (
        f"This map is not exact yet: after {made.evaluations} steps its error can be {100 * reached:.2g} % of the change of the score, "
        f"where {100 * tolerance:g} % was asked for."
    )


def refuse_tolerance(tolerance: float, most: int) -> None:
    """ExplanationError for a tolerance or a number of steps that cannot be."""
    if not 0.0 < tolerance <= 1.0:
        raise ExplanationError(f"Expected a tolerance above 0 and at most 1 (0.01 is 1 %), got {tolerance}.")
    if most < QUICK:
        raise ExplanationError(f"Expected at least {QUICK} steps along the path, got {most}.")


def refuse_baseline(baseline: Baseline, minutes: int, weeks: int | None) -> None:
    """ExplanationError where a baseline has another length than the week, other than `weeks` weeks, or values that are no numbers."""
    there, length = baseline.weeks.shape
    if length != minutes:
        raise ExplanationError(f"The baseline ({baseline.name}) has {length} minutes, but the week has {minutes}. Choose one as long.")
    if weeks is not None and there != weeks:
        raise ExplanationError(
            f"Integrated gradients compare with one week, but this baseline ({baseline.name}) has {there}. "
            "Use expected gradients, which average over several."
        )
    if not np.isfinite(baseline.weeks).all():
        raise ExplanationError(f"The baseline ({baseline.name}) has minutes that are not numbers. Standardize it first.")
