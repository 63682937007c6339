"""Expected gradients (Erion et al. 2021): integrated gradients averaged over reference weeks of real people instead of one mean week."""

from __future__ import annotations

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import as_weeks, one_week, over_minutes
from pat_core.explain.baselines import REFERENCES, Baseline
from pat_core.explain.logit_function import twin, weeks_at_once
from pat_core.explain.method_settings import MOST, TOLERANCE
from pat_core.explain.methods.gradient_path import PathIntegral, integrate
from pat_core.explain.methods.integrated_gradients import refuse_baseline, refuse_tolerance
from pat_core.explain.methods.path_map import attributed
from pat_core.models.contract import ScoringNetwork, minutes_read
from pat_core.progress import Progress, Share, Silent
from pat_core.records import Attribution


def expected_gradients(
    network: ScoringNetwork,
    z: np.ndarray,
    *,
    baseline: Baseline | None = None,
    tolerance: float = TOLERANCE,
    most: int = MOST,
    progress: Progress | None = None,
) -> Attribution:
    """Mean over reference weeks of the integrated gradients against each, in logits a minute; z (minutes,) standardized.

    All references are used, each along its whole path (no sampling), so that the result is repeatable. delta: the week's logit less the
    mean logit of the references. tolerance: of each path; most: gradients a path. gap_bound: mean of the paths' bounds.
    """
    if baseline is None or baseline.name != REFERENCES:
        raise ExplanationError("Expected gradients need reference weeks as their baseline. Choose a cohort to take them from.")
    week = one_week(network, z)
    refuse_tolerance(tolerance, most)
    refuse_baseline(baseline, week.shape[1], None)
    covered = slice(minutes_read(network, week.shape[1]))
    starts = as_weeks(network, baseline.weeks)[:, covered]
    score, at_once, progress = twin(network).score, weeks_at_once(network, week.shape[1]), progress or Silent()
    paths = []
    for number, start in enumerate(starts.split(1)):
        part = Share(progress, number / len(starts), 1 / len(starts))
        part.at(0.0, f"Comparing with reference week {number + 1} of {len(starts)}")
        paths.append(integrate(score, start, week[:, covered], tolerance=tolerance, most=most, at_once=at_once, progress=part))
    mean = _mean(paths, tolerance)
    return attributed(
        "expected_gradients",
        mean,
        over_minutes(mean.values, 1, week.shape[1]),
        network.minutes_per_token,
        baseline,
        f"How much each minute raised or lowered the score, in logits, compared with {len(starts)} weeks of {baseline.whom}.",
        tolerance=tolerance,
        most=most,
    )


def _mean(paths: list[PathIntegral], tolerance: float) -> PathIntegral:
    """The mean of all paths. Errors of different paths may cancel in the gap, but not in the bound."""
    values = np.mean([path.values for path in paths], axis=0)
    delta, bound, unsettled = (float(np.mean([getattr(path, name) for path in paths])) for name in ("delta", "bound", "unsettled"))
    met = bound <= tolerance * max(abs(delta), 1.0) and unsettled <= tolerance
    return PathIntegral(values, delta, float(values.sum()) - delta, bound, unsettled, sum(path.evaluations for path in paths), met)
