"""The quality of one week in figures."""

from __future__ import annotations

import numpy as np

from ..recordings import longest_flat_run, nonwear
from ..records import WeekReport


def report(values: np.ndarray, unit: str) -> WeekReport:
    """Quality of (minutes,) values in `unit`, NaN where missing. Shares are of all minutes; mean and maximum of those with a value
    (0 where there is none). Non-wear is Choi 2011, made for counts."""
    values = np.asarray(values, np.float32)
    present = values[np.isfinite(values)]
    length, start = longest_flat_run(values)
    minutes = max(1, values.size)
    return WeekReport(
        minutes=values.size, minutes_missing=values.size - present.size, longest_flat_minutes=length, longest_flat_from=start,
        zero_share=float((present == 0).sum() / minutes), nonwear_share=float(nonwear(values).sum() / minutes),
        mean=float(present.mean(dtype=np.float64)) if present.size else 0.0,
        maximum=float(present.max()) if present.size else 0.0, unit=unit,
    )  # fmt: skip
