"""Two people compared: integrated gradients of one week with the other person's week as the baseline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pat_core.errors import ExplanationError
from pat_core.explain.baselines import another
from pat_core.explain.method_settings import TOLERANCE
from pat_core.explain.methods.integrated_gradients import integrated_gradients
from pat_core.models.contract import ScoringNetwork
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution


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
