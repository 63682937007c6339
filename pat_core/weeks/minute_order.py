"""Whether a week's minutes stand in the order in which they were lived."""

from __future__ import annotations

import numpy as np

SHUFFLED = 0.1
"""Correlation of neighbouring minutes under which a week is no week. Real ones: .59 and more for 99 of 100 weeks
of OBF-Psychiatric (the least .45), .62 and more for 95 of 100 of NHANES 2003-04 (the least 0, hardly moving); shuffled: at most .04."""
FEW_MOVING = 0.05
"""Share of moving minutes under which nothing can be said of their order."""


def together(values: np.ndarray) -> float | None:
    """Correlation of each minute with the next, of (minutes,) activity or standardized values, NaN left out; square roots are taken, so
    that a few high minutes do not decide. None where hardly any minute differs from the most common value."""
    values = np.asarray(values, np.float64)
    present = values[np.isfinite(values)]
    if present.size < 2 or np.mean(present != np.median(present)) < FEW_MOVING:
        return None
    size = np.sign(values) * np.sqrt(np.abs(values))
    first, second = size[:-1], size[1:]
    both = np.isfinite(first) & np.isfinite(second)
    centre = float(np.mean(size[np.isfinite(size)]))
    spread = float(np.mean((size[np.isfinite(size)] - centre) ** 2))
    return float(np.mean((first[both] - centre) * (second[both] - centre)) / spread) if both.any() and spread > 0 else None
