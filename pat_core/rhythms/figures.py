"""The rhythm of one week in figures, and six of them as features of a baseline.

The mean day with its least active five hours and most active ten, interdaily stability and intradaily variability of hourly activity: Van
Someren et al. 1999, doi 10.3109/07420529908998724. The latter two divide by sums over all hours, as published; some programs use sample
variances, which makes the stability of a week 4 % larger. Single-component cosinor: x = M + A cos(2 pi t / 24 h - phi), by least squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.errors import WeekError
from pat_core.records import RhythmFigures
from pat_core.settings import MINUTES_PER_DAY

FEATURE_NAMES = ("interdaily_stability", "intradaily_variability", "relative_amplitude", "log_l5", "log_m10", "acrophase_from_15h")
"""The six features, in order. log_l5, log_m10: natural logarithm of 1 + activity, whose spread is skewed. acrophase_from_15h:
hours of the acrophase after 15:00, -12 to 12: an angle unrolled where hardly anyone's wave peaks (03:00), so that later is larger."""

_USUAL_ACROPHASE = 15 * 60


def figures(values: np.ndarray, start_minute_of_day: int = 0, sri: float | None = None) -> RhythmFigures:
    """Rest-activity rhythm of (minutes,) activity, NaN where missing.

    start_minute_of_day: clock of the first minute (0 where unknown; times are then after the first minute). sri: the sleep regularity
    index (`regularity`), None where it does not apply. A figure that the week does not define is NaN: all of them where the activity never
    changes, for a device that did not measure says nothing of rest or of regular sleep; interdaily stability below two days, as it
    compares days. Raises WeekError for less than one day.
    """
    values = _checked(values)
    if _flat(values):
        return _measured(np.full_like(values, np.nan), start_minute_of_day, None if sri is None else float("nan"))
    return _measured(values, start_minute_of_day, sri)


def _measured(values: np.ndarray, start_minute_of_day: int, sri: float | None = None) -> RhythmFigures:
    hourly = hourly_means(values, start_minute_of_day)
    day = mean_day(values, start_minute_of_day)
    (l5, l5_start), (m10, m10_start) = least_active(day), most_active(day)
    wave = cosinor(values, start_minute_of_day)
    return RhythmFigures(
        interdaily_stability=interdaily_stability(hourly) if values.size >= 2 * MINUTES_PER_DAY else float("nan"),
        intradaily_variability=intradaily_variability(hourly),
        relative_amplitude=relative_amplitude(m10, l5),
        l5=l5,
        l5_start=l5_start,
        m10=m10,
        m10_start=m10_start,
        mesor=wave.mesor,
        amplitude=wave.amplitude,
        acrophase=wave.acrophase,
        sri=sri,
    )


def six_features(values: np.ndarray, start_minute_of_day: int = 0) -> np.ndarray:
    """(6,) float64 in the order of FEATURE_NAMES; NaN where the week does not define one. Raises WeekError for less than one day.

    Of a week without any change its level is a feature all the same: the baseline is given what there is.
    """
    week = _measured(_checked(values), start_minute_of_day)
    later = (week.acrophase - _USUAL_ACROPHASE + MINUTES_PER_DAY / 2) % MINUTES_PER_DAY - MINUTES_PER_DAY / 2
    return np.array(
        [
            week.interdaily_stability,
            week.intradaily_variability,
            week.relative_amplitude,
            np.log1p(max(week.l5, 0.0)) if np.isfinite(week.l5) else np.nan,
            np.log1p(max(week.m10, 0.0)) if np.isfinite(week.m10) else np.nan,
            later / 60,
        ]
    )


def _flat(values: np.ndarray) -> bool:
    present = values[np.isfinite(values)]
    return present.size == 0 or np.ptp(present) == 0


def _checked(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or len(values) < MINUTES_PER_DAY:
        raise WeekError(
            f"Rhythm figures need one value a minute for at least one day ({MINUTES_PER_DAY} minutes), in one row; "
            f"got an array of shape {values.shape}. Give one person's week."
        )
    return values


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


@dataclass(frozen=True)
class Cosinor:
    """mesor, amplitude (>= 0): in the unit of the values. acrophase: minutes after midnight of the peak, NaN where the curve is flat."""

    mesor: float
    amplitude: float
    acrophase: float

    def curve(self, minute_of_day: np.ndarray) -> np.ndarray:
        """The fitted value at these minutes of the day."""
        if not np.isfinite(self.acrophase):
            return np.full(np.shape(minute_of_day), self.mesor)
        return self.mesor + self.amplitude * np.cos(2 * np.pi * (np.asarray(minute_of_day) - self.acrophase) / MINUTES_PER_DAY)


def cosinor(values: np.ndarray, start_minute_of_day: int = 0) -> Cosinor:
    """Fit a 24-hour cosine to (minutes,) values, NaN where missing; all NaN where fewer than three minutes are present."""
    values = np.asarray(values, dtype=np.float64)
    present = np.isfinite(values)
    if present.sum() < 3:
        return Cosinor(float("nan"), float("nan"), float("nan"))
    minute = (int(start_minute_of_day) + np.flatnonzero(present)) % MINUTES_PER_DAY
    angle = 2 * np.pi * minute / MINUTES_PER_DAY
    design = np.stack([np.ones(len(angle)), np.cos(angle), np.sin(angle)], axis=1)
    # A constant is taken out first, so that a flat week does not get a peak out of rounding.
    centre = values[present].mean()
    mesor, cosine, sine = np.linalg.lstsq(design, values[present] - centre, rcond=None)[0]
    amplitude = float(np.hypot(cosine, sine))
    if amplitude <= 1e-12 * max(1.0, abs(centre)):
        return Cosinor(float(mesor + centre), 0.0, float("nan"))
    acrophase = np.arctan2(sine, cosine) / (2 * np.pi) * MINUTES_PER_DAY % MINUTES_PER_DAY
    return Cosinor(float(mesor + centre), amplitude, float(acrophase))


HOURS_PER_DAY = 24


def hourly_means(values: np.ndarray, start_minute_of_day: int = 0) -> np.ndarray:
    """(hours,) mean activity of each whole hour of the clock, over the minutes present; NaN where none is.

    start_minute_of_day: clock of the first minute. Parts of an hour at either end are left out: their few minutes would weigh as much as a
    whole hour. The first hour is the first that begins within the recording.
    """
    whole = np.asarray(values, dtype=np.float64)[-int(start_minute_of_day) % 60 :]
    hours = len(whole) // 60
    return _mean_present(whole[: hours * 60].reshape(hours, 60), axis=1)


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
