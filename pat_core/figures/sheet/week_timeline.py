"""The week as one continuous line: activity on top, each explanation as a strip under it, zooming together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import ThemeName
from pat_core.figures.sheet.lanes import week_lane
from pat_core.figures.sheet.sheet_caption import sheet_caption
from pat_core.figures.sheet.sheet_parts import draw
from pat_core.figures.sheet.week_sheet import make_sheet
from pat_core.records import Attribution, Week

LANE = 150


def week_timeline(
    week: Week,
    strips: Sequence[Attribution] = (),
    *,
    theme: ThemeName = "light",
    sleep: np.ndarray | None = None,
    nonwear: np.ndarray | None = None,
    labels: Sequence[str] | None = None,
    marks: np.ndarray | None = None,
    marks_label: str = "marked minutes",
    windows: Sequence[tuple[int, int]] = (),
    peak: float | None = None,
    attribution_limit: float | None = None,
    attention_limit: float | None = None,
    sensitivity_limit: float | None = None,
) -> tuple[go.Figure, str]:
    """One week from its first minute to its last, and its caption; arguments as in `week_sheet`."""
    lanes = week_lane(week)
    limits = (attribution_limit, attention_limit, sensitivity_limit)
    sheet = make_sheet(week, lanes, strips, theme, sleep, nonwear, labels, marks, marks_label, windows, peak, limits, LANE)
    return draw(sheet, f"{week.participant}/{week.index}/timeline"), sheet_caption(sheet, "Timeline")
