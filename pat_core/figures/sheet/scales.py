"""One scale for several weeks: people are compared by the same colours and the same height."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from pat_core.figures.sheet import strips as strip
from pat_core.figures.sheet.lanes import day_lanes
from pat_core.figures.sheet.sheet_plan import activity_peak
from pat_core.records import Attribution, Week


class Scales(TypedDict):
    """What `Layers` take so that weeks compare: activity at full height in the weeks' unit, ends of the colours by kind of strip."""

    peak: float
    attribution_limit: float
    attention_limit: float
    sensitivity_limit: float


def common_scales(shown: Sequence[tuple[Week, Sequence[Attribution], np.ndarray | None]]) -> Scales:
    """The widest of each week's own scales. shown: weeks with the strips drawn under them and (minutes,) bool not worn, or None."""
    return Scales(
        peak=max(activity_peak(week, nonwear, None) for week, _, nonwear in shown),
        attribution_limit=max(strip.attribution_limit(strips, day_lanes(week)) for week, strips, _ in shown),
        attention_limit=max(strip.level_limit(strips, "attention") for _, strips, _ in shown),
        sensitivity_limit=max(strip.level_limit(strips, "sensitivity") for _, strips, _ in shown),
    )
