"""Integrated gradients of the logit (Sundararajan, Taly & Yan 2017), refined until their gap is small; the gap is always carried."""

from __future__ import annotations

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import as_weeks, one_week, over_minutes
from pat_core.explain.baselines import Baseline, mean_week
from pat_core.explain.logit_function import twin, weeks_at_once
from pat_core.explain.method_settings import MOST, QUICK, TOLERANCE
from pat_core.explain.methods.gradient_path import integrate
from pat_core.explain.methods.path_map import attributed
from pat_core.models.contract import ScoringNetwork, minutes_read
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution


def integrated_gradients(
    network: ScoringNetwork,
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
    covered = slice(minutes_read(network, week.shape[1]))
    integral = integrate(
        twin(network).score,
        as_weeks(network, baseline.weeks)[:, covered],
        week[:, covered],
        tolerance=tolerance,
        most=most,
        at_once=weeks_at_once(network, week.shape[1]),
        progress=progress or Silent(),
    )
    return attributed(
        "integrated_gradients",
        integral,
        over_minutes(integral.values, 1, week.shape[1]),
        network.minutes_per_token,
        baseline,
        f"How much each minute raised or lowered the score, in logits, compared with {words(baseline)}. {baseline.caution}".strip(),
        tolerance=tolerance,
        most=most,
    )


def words(baseline: Baseline) -> str:
    """The baseline for a reader."""
    return f"the {baseline.name} of {baseline.whom}" if baseline.name == mean_week(1).name else baseline.whom or baseline.name


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
