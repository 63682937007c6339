"""The quality of one week in figures."""

from __future__ import annotations

import numpy as np

from ..recordings import QualitySettings, flat_tail, longest_flat_run, nonwear, saturation, wear_hours, wear_of
from ..records import WeekReport

SETTINGS = QualitySettings()
"""What the figures of a stored week are made with."""


def report(values: np.ndarray, unit: str, worn: np.ndarray | None = None) -> WeekReport:
    """Quality of (minutes,) values in `unit`, NaN where missing. Shares are of all minutes; mean and maximum of those with a value
    (0 where there is none). Non-wear is Choi 2011, made for counts. worn: (minutes,) bool, the device's own flags, for the valid days."""
    values = np.asarray(values, np.float32)
    present = values[np.isfinite(values)]
    length, start = longest_flat_run(values)
    minutes = max(1, values.size)
    tail = flat_tail(values, SETTINGS.tail_minutes)
    off = nonwear(values)
    hours = wear_hours(wear_of(values, SETTINGS, worn, off).worn)
    return WeekReport(
        minutes=values.size, minutes_missing=values.size - present.size, longest_flat_minutes=length, longest_flat_from=start,
        zero_share=float((present == 0).sum() / minutes), nonwear_share=float(off.sum() / minutes),
        mean=float(present.mean(dtype=np.float64)) if present.size else 0.0,
        maximum=float(present.max()) if present.size else 0.0, unit=unit,
        flat_tail_minutes=0 if tail is None else values.size - tail, saturated_share=saturation(values, SETTINGS.ceiling_minutes)[0],
        valid_days=int((hours >= SETTINGS.hours_a_day).sum()),
    )  # fmt: skip
