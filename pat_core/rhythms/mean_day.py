"""The mean day, its least active five hours and its most active ten (Van Someren et al. 1999)."""

from __future__ import annotations

import numpy as np

from pat_core.settings import MINUTES_PER_DAY

L5_MINUTES, M10_MINUTES = 300, 600


def mean_day(values: np.ndarray, start_minute_of_day: int = 0) -> np.ndarray:
    """(1440,) mean activity by minute of the day, over the days present; NaN where a minute is never present.

    values: (minutes,), NaN where missing. start_minute_of_day: clock of the first minute, 0 to 1439.
    """
    values = np.asarray(values, dtype=np.float64)
    minute = (int(start_minute_of_day) + np.arange(len(values))) % MINUTES_PER_DAY
    present = np.isfinite(values)
    count = np.bincount(minute[present], minlength=MINUTES_PER_DAY)
    total = np.bincount(minute[present], weights=values[present], minlength=MINUTES_PER_DAY)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def least_active(day: np.ndarray, minutes: int = L5_MINUTES) -> tuple[float, float]:
    """(mean, first minute) of the least active window of this length of the cyclic mean day; the earliest of equals; NaN where none is."""
    means = window_means(day, minutes)
    return _best(means, -1)


def most_active(day: np.ndarray, minutes: int = M10_MINUTES) -> tuple[float, float]:
    """(mean, first minute) of the most active window of this length of the cyclic mean day; the earliest of equals; NaN where none is."""
    return _best(window_means(day, minutes), 1)


def window_means(day: np.ndarray, minutes: int) -> np.ndarray:
    """(1440,) mean of the `minutes` from each minute on, across midnight, over the minutes present; NaN where less than half is."""
    present = np.isfinite(day)
    count = _window_sums(present.astype(np.float64), minutes)
    total = _window_sums(np.where(present, day, 0.0), minutes)
    return np.where(count >= minutes / 2, total / np.maximum(count, 1), np.nan)


def relative_amplitude(m10: float, l5: float) -> float:
    """(M10 - L5) / (M10 + L5), 0 to 1; NaN where there is no activity."""
    return (m10 - l5) / (m10 + l5) if m10 + l5 > 0 else float("nan")


def _window_sums(day: np.ndarray, minutes: int) -> np.ndarray:
    running = np.concatenate([[0.0], np.cumsum(np.concatenate([day, day[: minutes - 1]]))])
    return running[minutes:] - running[:-minutes]


def _best(means: np.ndarray, sign: int) -> tuple[float, float]:
    if not np.isfinite(means).any():
        return float("nan"), float("nan")
    best = np.nanmax(sign * means)
    # Running sums differ in their last digits between windows that are equal, so equality has a tolerance.
    start = int(np.flatnonzero(sign * means >= best - 1e-9 * max(1.0, np.nanmax(np.abs(means))))[0])
    return float(means[start]), float(start)
