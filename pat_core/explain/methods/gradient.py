"""The plain gradient (Simonyan 2014), by captum: for comparison with methods that do more."""

from __future__ import annotations

import numpy as np

from pat_core.explain.attention_reading import one_week
from pat_core.explain.logit_function import twin
from pat_core.models.contract import ScoringNetwork, minutes_read
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution


def gradient(network: ScoringNetwork, z: np.ndarray, *, progress: Progress | None = None) -> Attribution:
    """|d logit / d z| of each minute of one standardized week z (minutes,), scaled to mean 1; all zero where the score is flat."""
    from captum.attr import Saliency  # slow to import, for those alone who ask for this method

    (progress or Silent()).at(0.0, "Taking the gradient")
    week = one_week(network, z).clone().requires_grad_()
    sizes = Saliency(twin(network).score).attribute(week, abs=True)[0].detach().cpu().numpy().astype(np.float64)
    covered = minutes_read(network, week.shape[1])
    sizes[covered:] = np.nan
    mean = float(np.nanmean(sizes))
    flat = "" if mean > 0 else "The score does not respond to any small change of this week, so there is nothing to draw."
    return Attribution(
        method="gradient",
        kind="sensitivity",
        values=(sizes / mean if mean > 0 else sizes).astype(np.float32),
        patch=network.minutes_per_token,
        settings={"method": "gradient"},
        note="How strongly the score would respond to a small change in each minute; not how much the minute raised or lowered it.",
        evaluations=1,
        flag=flat,
    )
