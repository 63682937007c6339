"""Single-component cosinor: x = M + A cos(2 pi t / 24 h - phi), by least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pat_core.settings import MINUTES_PER_DAY


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
