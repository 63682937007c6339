"""The rhythm of one week in figures, and six of them as features of a baseline."""

from __future__ import annotations

import numpy as np

from pat_core.errors import WeekError
from pat_core.records import COUNTS, UNKNOWN_UNIT, RhythmFigures
from pat_core.rhythms.cosinor import cosinor
from pat_core.rhythms.mean_day import least_active, mean_day, most_active, relative_amplitude
from pat_core.rhythms.regularity import hourly_means, interdaily_stability, intradaily_variability
from pat_core.rhythms.sleep_scores import SLEEP_SCORES, score_for, sri
from pat_core.settings import MINUTES_PER_DAY

FEATURE_NAMES = ("interdaily_stability", "intradaily_variability", "relative_amplitude", "log_l5", "log_m10", "acrophase_from_15h")
"""The six features, in order. log_l5, log_m10: natural logarithm of 1 + activity, whose spread is skewed. acrophase_from_15h:
hours of the acrophase after 15:00, -12 to 12: an angle unrolled where hardly anyone's wave peaks (03:00), so that later is larger."""

_USUAL_ACROPHASE = 15 * 60


def figures(
    values: np.ndarray,
    start_minute_of_day: int = 0,
    unit: str = UNKNOWN_UNIT,
    device: str | None = None,
    known: np.ndarray | None = None,
    method: str | None = None,
) -> RhythmFigures:
    """Rest-activity rhythm of (minutes,) activity, NaN where missing.

    start_minute_of_day: clock of the first minute (0 where unknown; times are then after the first minute). unit: with COUNTS the sleep
    regularity index is computed from the sleep score `method`, None for the one of the device (`score_for`); with any other it is None.
    known: (minutes,) bool, as a `SleepReport` has it: the index leaves the other minutes out, and is then the same as that of the nights;
    without it, those that are missing. A figure that the week does not define is NaN: all of them where the activity never changes, for a
    device that did not measure tells neither of rest nor of regular sleep. Raises WeekError for less than two days.
    """
    values = _checked(values)
    values = np.full_like(values, np.nan) if _flat(values) else values
    return _measured(values, start_minute_of_day, _regularity(values, known, method or score_for(device)) if unit == COUNTS else None)


def _regularity(values: np.ndarray, known: np.ndarray | None, method: str) -> float:
    values = values if known is None else np.where(known, values, np.nan)
    return sri(SLEEP_SCORES[method].score(values), ~np.isfinite(values))


def _measured(values: np.ndarray, start_minute_of_day: int, regularity: float | None = None) -> RhythmFigures:
    hourly = hourly_means(values)
    day = mean_day(values, start_minute_of_day)
    (l5, l5_start), (m10, m10_start) = least_active(day), most_active(day)
    wave = cosinor(values, start_minute_of_day)
    return RhythmFigures(
        interdaily_stability=interdaily_stability(hourly),
        intradaily_variability=intradaily_variability(hourly),
        relative_amplitude=relative_amplitude(m10, l5),
        l5=l5,
        l5_start=l5_start,
        m10=m10,
        m10_start=m10_start,
        mesor=wave.mesor,
        amplitude=wave.amplitude,
        acrophase=wave.acrophase,
        sri=regularity,
    )


def six_features(values: np.ndarray, start_minute_of_day: int = 0) -> np.ndarray:
    """(6,) float64 in the order of FEATURE_NAMES; NaN where the week does not define one. Raises WeekError for less than two days.

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
    if values.ndim != 1 or len(values) < 2 * MINUTES_PER_DAY:
        raise WeekError(
            f"Rhythm figures need one value a minute for at least two days ({2 * MINUTES_PER_DAY} minutes), in one row; "
            f"got an array of shape {values.shape}. Give one person's week."
        )
    return values
