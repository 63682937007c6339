"""Where one value lies among people of the cohort: the band of the middle 80 %, their median, and the value as a dot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pat_core.reports.paper.paper_drawing import stroke
from pat_core.reports.paper.paper_parts import Dots
from pat_core.reports.paper.paper_style import ACCENT, MUTED, RULE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_dots(axes: Axes, width: float, dots: Dots, height: float) -> None:
    """Into axes in points (see paper_layout). A value beyond everybody stands at the end, as an arrow."""
    low, high = float(dots.among.values[0]), float(dots.among.values[-1])
    if not high > low:
        return
    edge = 5.0

    def at(value: float) -> float:
        return edge + (width - 2 * edge) * float(np.clip((value - low) / (high - low), -0.02, 1.02))

    middle = height / 2 + 0.6
    stroke(axes, [at(low), at(high)], [middle, middle], color=RULE, linewidth=0.8)
    stroke(axes, [at(dots.among.low), at(dots.among.high)], [middle, middle], color="#b9c2cd", linewidth=4.6)
    median = at(dots.among.median)
    stroke(axes, [median, median], [middle - 4, middle + 4], color=MUTED, linewidth=1.1)
    if np.isfinite(dots.value):
        beyond = -1 if dots.value < low else 1 if dots.value > high else 0
        marker = {-1: "<", 0: "o", 1: ">"}[beyond]
        stroke(axes, [at(dots.value)], [middle], marker=marker, markersize=5.6, color=ACCENT, markeredgecolor="white", markeredgewidth=0.7)
