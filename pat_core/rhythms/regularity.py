"""Interdaily stability and intradaily variability of hourly activity (Van Someren et al. 1999, doi 10.3109/07420529908998724).

Both divide by sums over all hours, as published; some programs use sample variances, which makes the stability of a week 4 % larger.
"""

from __future__ import annotations

import numpy as np

HOURS_PER_DAY = 24


def hourly_means(values: np.ndarray) -> np.ndarray:
    """(hours,) mean activity of each whole hour from the first minute on, over the minutes present; NaN where none is."""
    hours = len(values) // 60
    blocks = np.asarray(values, dtype=np.float64)[: hours * 60].reshape(hours, 60)
    return _mean_present(blocks, axis=1)


def interdaily_stability(hourly: np.ndarray) -> float:
    """How alike the days are, 0 (noise) to 1 (every day the same); NaN for constant or absent activity.

    hourly: (hours,), NaN where missing. IS = n * sum_h (mean_h - mean)^2 / (p * sum_i (x_i - mean)^2) over the n hours present, with the
    mean of each of the p hours of the day; where hours are missing, each hour of the day counts as often as it is present.
    """
    days = -(-len(hourly) // HOURS_PER_DAY)
    table = np.full((days, HOURS_PER_DAY), np.nan)
    table.flat[: len(hourly)] = hourly
    present = np.isfinite(table)
    if not present.any():
        return float("nan")
    mean = table[present].mean()
    total = np.sum((table[present] - mean) ** 2)
    # Weighting by presence is the published formula where every hour is there, and keeps the result within 0 and 1 where some are not.
    between = np.sum(present.sum(0) * np.nan_to_num(_mean_present(table, axis=0) - mean) ** 2)
    return float(between / total) if _varies(total, table[present]) else float("nan")


def intradaily_variability(hourly: np.ndarray) -> float:
    """How often rest and activity alternate: near 0 for a smooth wave, about 2 for noise; NaN for constant or absent activity.

    hourly: (hours,), NaN where missing. IV = n * sum (x_i - x_(i-1))^2 / (d * sum (x_i - mean)^2) with the d = n - 1 differences of
    neighbouring hours; where hours are missing, d counts the neighbours that are both present.
    """
    hourly = np.asarray(hourly, dtype=np.float64)
    present = hourly[np.isfinite(hourly)]
    steps = np.diff(hourly)
    steps = steps[np.isfinite(steps)]
    if len(steps) == 0:
        return float("nan")
    total = np.sum((present - present.mean()) ** 2)
    return float(len(present) * np.sum(steps**2) / (len(steps) * total)) if _varies(total, present) else float("nan")


def _varies(total: float, values: np.ndarray) -> bool:
    """Whether a sum of squared deviations is more than rounding."""
    return bool(total > 1e-20 * max(np.sum(values**2), 1e-300))


def _mean_present(table: np.ndarray, axis: int) -> np.ndarray:
    """Mean over what is not NaN, NaN where nothing is, without NumPy's warning."""
    present = np.isfinite(table)
    count = present.sum(axis)
    total = np.where(present, table, 0.0).sum(axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
