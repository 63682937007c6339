"""Made-up counts whose nights are known."""

from __future__ import annotations

from datetime import datetime

import numpy as np

NOON = datetime(2024, 1, 1, 12)
"""A Monday."""
DAY, MIDNIGHT = 1440, 720


def days(bedtimes: list[int], rises: list[int], before: int = 0) -> np.ndarray:
    """Counts from noon to noon: 500 a minute by day, from bedtime to rise (minutes after noon) zeros with a twitch of 3 every half hour.

    Neither Oakley nor Cole-Kripke takes a twitch for wake or a minute of 500 for sleep. before: minutes of daytime in front.
    """
    values = np.full(before + DAY * len(bedtimes), 500.0)
    for number, (bedtime, rise) in enumerate(zip(bedtimes, rises, strict=True)):
        first, end = before + number * DAY + bedtime, before + number * DAY + rise
        values[first:end] = 0.0
        values[first:end:30] = 3.0
    return values


def week(bedtime: int = 660, rise: int = 1140, number: int = 7) -> np.ndarray:
    """Identical days; in bed from 23:00 to 07:00 by default."""
    return days([bedtime] * number, [rise] * number)
