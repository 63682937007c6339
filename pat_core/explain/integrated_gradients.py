"""Integrated gradients of the logit (Sundararajan 2017), by captum, with the completeness gap always carried."""

from __future__ import annotations

import numpy as np
import torch
from captum.attr import IntegratedGradients

from pat_core.errors import ExplanationError
from pat_core.explain.attention import as_weeks
from pat_core.model import Classifier
from pat_core.records import Attribution

TOLERANCE = 0.01
FIRST_STEPS, MOST_STEPS = 16, 256
TOKENS_AT_ONCE = 4480
"""Steps of the path are taken together up to so many tokens (8 weeks of small): large takes 1.85 GB at 16 steps, 0.12 GB at one."""


def integrated_gradients(network: Classifier, z: np.ndarray, steps: int | None = None, tolerance: float = TOLERANCE) -> Attribution:
    """Attribution of the logit to each minute of one standardized week z (minutes,), in logits.

    Baseline: the mean week, which the per-minute standardizer puts at zero. Quadrature: Gauss-Legendre. steps: fixed, or None
    to double from 16 until |gap| <= tolerance * max(|delta|, 1 logit), at most 256. The gap is reported and never rescaled away.
    """
    config = network.config
    week = as_weeks(network.encoder, z)
    baseline = torch.zeros_like(week)
    with torch.no_grad():
        delta = float(network(week) - network(baseline))
    if not np.isfinite(delta):
        raise ExplanationError(
            "The model's score for this week is not a number, so there is nothing to explain. Check the week on the Data page."
        )
    taken = steps or FIRST_STEPS
    while True:
        values, gap = _attribute(network, week, baseline, taken, delta)
        if steps is not None or abs(gap) <= tolerance * max(abs(delta), 1.0) or taken >= MOST_STEPS:
            break
        taken *= 2
    covered = config.tokens(week.shape[1]) * config.patch
    values[covered:] = np.nan
    return Attribution(
        method="integrated_gradients",
        kind="attribution",
        values=values,
        patch=config.patch,
        delta=delta,
        completeness_gap=gap,
        settings={
            "method": "integrated_gradients",
            "baseline": "mean week",
            "quadrature": "gausslegendre",
            "steps": taken,
            "tolerance": tolerance,
        },
        note="How much each minute raised or lowered the score, in logits, compared with the mean week of the standardizer's people.",
    )


def _attribute(network: Classifier, week: torch.Tensor, baseline: torch.Tensor, steps: int, delta: float) -> tuple[np.ndarray, float]:
    at_once = max(1, min(steps, TOKENS_AT_ONCE // network.config.tokens(week.shape[1])))
    attributed = IntegratedGradients(network).attribute(
        week, baselines=baseline, n_steps=steps, method="gausslegendre", internal_batch_size=at_once
    )
    values = attributed[0].detach().cpu().numpy().astype(np.float32)
    return values, float(values.sum(dtype=np.float64)) - delta
