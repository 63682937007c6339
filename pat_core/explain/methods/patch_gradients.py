"""Integrated gradients from the embedding layer: attribution of the logit to the tokens that enter the first block, one value a patch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from pat_core.explain.attention_reading import as_weeks, one_week, over_minutes
from pat_core.explain.baselines import Baseline, mean_week
from pat_core.explain.logit_function import logit_of_tokens, weeks_at_once
from pat_core.explain.method_settings import MOST, TOLERANCE
from pat_core.explain.methods.gradient_path import integrate
from pat_core.explain.methods.integrated_gradients import refuse_baseline, refuse_tolerance, words
from pat_core.explain.methods.path_map import attributed
from pat_core.models.pat.heads import Classifier
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution


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
