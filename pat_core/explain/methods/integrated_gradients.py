"""Integrated gradients (Sundararajan, Taly & Yan 2017) and its kin, all along the straight path of gradient_path.py.

By the minute against one baseline; averaged over reference weeks of real people (expected gradients, Erion et al. 2021); against another
person's week (contrast); and by the patch, from the embedding layer on.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from pat_core.errors import ExplanationError
from pat_core.explain.attention_reading import as_weeks, one_week, over_minutes
from pat_core.explain.baselines import REFERENCES, Baseline, another, mean_week
from pat_core.explain.logit_function import logit_of_tokens, twin, weeks_at_once
from pat_core.explain.method_registry import MOST, QUICK, TOLERANCE
from pat_core.explain.methods.gradient_path import PathIntegral, integrate
from pat_core.models.contract import ScoringNetwork, minutes_read
from pat_core.models.pat.heads import Classifier
from pat_core.progress import Progress, Share, Silent
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


def patch_gradients(
    network: Classifier,
    z: np.ndarray,
    *,
    baseline: Baseline | None = None,
    tolerance: float = TOLERANCE,
    most: int = MOST,
    progress: Progress | None = None,
) -> Attribution:
    """Integrated gradients along the straight path between the two weeks' TOKENS, summed over a token's 96 entries, in logits a patch.

    captum calls this LayerIntegratedGradients, by hooks; here the blocks are run from the tokens on, so the network stays as it is.
    Where the embedding is linear the two paths are one, and this is the minutes' attribution summed by patch; with the convolution
    (which has a ReLU) it differs. values: a patch's attribution is spread evenly over its minutes, so that sums over minutes hold.
    """
    week = one_week(network, z)
    baseline = baseline or mean_week(week.shape[1])
    refuse_tolerance(tolerance, most)
    refuse_baseline(baseline, week.shape[1], 1)
    start = as_weeks(network, baseline.weeks)
    with torch.no_grad():
        tokens_start, tokens_end = network.encoder.embed(start), network.encoder.embed(week)
    integral = integrate(
        logit_of_tokens(network),
        tokens_start,
        tokens_end,
        tolerance=tolerance,
        most=most,
        at_once=weeks_at_once(network, week.shape[1]),
        progress=progress or Silent(),
    )
    patch = network.minutes_per_token
    whole = attributed(
        "patch_gradients",
        integral,
        over_minutes(integral.values.sum(axis=1) / patch, patch, week.shape[1]),
        patch,
        baseline,
        f"How much each patch of {patch} minutes raised or lowered the score, in logits, compared with {words(baseline)}.",
        tolerance=tolerance,
        most=most,
    )
    return replace(whole, resolution=patch)


def contrast(
    network: ScoringNetwork, z_a: np.ndarray, z_b: np.ndarray, who_b: str, *, tolerance: float = TOLERANCE, progress: Progress | None = None
) -> Attribution:
    """What raised or lowered the score of week A (minutes,) against that of week B (minutes,), minute by minute, in logits.

    Sums to logit(A) - logit(B) up to the gap; contrast(A, B) = -contrast(B, A), since both walk the same straight path. who_b: how B is
    called in the settings. Both weeks are standardized by the same standardizer: the caller sees to that, as arrays cannot tell.
    Raises ExplanationError for weeks of different lengths.
    """
    if np.shape(z_a) != np.shape(z_b):
        raise ExplanationError(
            f"Two weeks are compared minute by minute, so they need one length; got {np.size(z_a)} and {np.size(z_b)} minutes. "
            "Choose two weeks of the same length."
        )
    attribution = integrated_gradients(network, z_a, baseline=another(z_b, who_b), tolerance=tolerance, progress=progress or Silent())
    return replace(
        attribution,
        method="contrast",
        settings={**attribution.settings, "method": "contrast"},
        note=(
            f"How much each minute raised or lowered this score compared with that of {who_b}, in logits; "
            "the minutes add up to the difference of the two scores, up to the gap."
        ),
    )
