"""The quality of one week in figures."""

from __future__ import annotations

import numpy as np

from pat_core.records import WeekReport
from pat_core.wear import QualitySettings, covered, flat_tail, longest_flat_run, saturation, wear_hours, wear_of

SETTINGS = QualitySettings()
"""What the figures of a stored week are made with."""


def report(values: np.ndarray, unit: str, worn: np.ndarray | None = None) -> WeekReport:
    """Quality of (minutes,) values in `unit`, NaN where missing. Shares are of all minutes; mean and maximum of those with a value
    (0 where there is none). worn: (minutes,) bool, the device's own flags. Non-wear and valid days are of `wear_of`, None where it does not
    know."""
    values = np.asarray(values, np.float32)
    present = values[np.isfinite(values)]
    length, start = longest_flat_run(values)
    minutes = max(1, values.size)
    tail = flat_tail(values, SETTINGS.tail_minutes)
    wear = wear_of(values, SETTINGS, worn, unit)
    off = covered(wear.off, values.size) & np.isfinite(values)
    return WeekReport(
        minutes=values.size,
        minutes_missing=values.size - present.size,
        longest_flat_minutes=length,
        longest_flat_from=start,
        zero_share=float((present == 0).sum() / minutes),
        nonwear_share=float(off.sum() / minutes) if wear.known else None,
        mean=float(present.mean(dtype=np.float64)) if present.size else 0.0,
        maximum=float(present.max()) if present.size else 0.0,
        unit=unit,
        flat_tail_minutes=0 if tail is None else values.size - tail,
        saturated_share=saturation(values, SETTINGS.ceiling_minutes)[0],
        valid_days=int((wear_hours(wear.worn) >= SETTINGS.hours_a_day).sum()) if wear.known else None,
    )
