"""Whether the percentages of a model of several classes may be shown: each class against all others, by the model's own test."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from pat_core.evaluation import probability_figures, supports_percentage
from pat_core.workflows.models.held_out_calibration import RESAMPLES
from pat_core.workflows.models.kind_answers import class_probabilities, outputs_of

NO_TEST = "Its file mentions no test on people it had not seen, so no percentages are shown."


def class_percentages(card: Mapping[str, Any]) -> tuple[bool, str]:
    """(whether the test bears out the percentages of every class, a sentence with how far they were off, or why not)."""
    outputs = outputs_of(card)
    test: Any = card.get("test")
    if not outputs.classes:
        return False, NO_TEST
    try:
        answered, targets = np.asarray(test["outputs"], float), np.asarray(test["targets"], float)
        shares = class_probabilities(outputs, card, answered)
    except (KeyError, TypeError, ValueError, IndexError):
        return False, NO_TEST
    if shares.ndim != 2 or targets.shape != (len(shares),) or not np.isfinite(shares).all():
        return False, NO_TEST
    return _judged(shares.tobytes(), targets.astype(int).tobytes(), shares.shape[1])


@lru_cache(maxsize=32)
def _judged(shares_: bytes, targets_: bytes, classes: int) -> tuple[bool, str]:
    """shares_, targets_: the bytes of (people, classes) float64 and (people,) int64."""
    shares, targets = np.frombuffer(shares_).reshape(-1, classes), np.frombuffer(targets_, dtype=np.int64)
    figures = [probability_figures(targets == number, shares[:, number], resamples=RESAMPLES) for number in range(classes)]
    if not all(supports_percentage(of_class)[0] for of_class in figures):
        return False, f"The test on {len(targets)} people does not show that its percentages mean what they say, so none are shown."
    most = max(of_class.ici.value for of_class in figures)
    return True, f"In a test on {len(targets)} people, percentages of a class were off by {100 * most:.0f} points at the most on average."
