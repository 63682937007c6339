"""The week as one continuous line: activity on top, each explanation as a strip under it, zooming together."""

from __future__ import annotations

import plotly.graph_objects as go

from pat_core.figures.palette import ThemeName
from pat_core.figures.sheet.lanes import week_lane
from pat_core.figures.sheet.sheet_caption import sheet_caption
from pat_core.figures.sheet.sheet_parts import draw
from pat_core.figures.sheet.sheet_plan import NOTHING, Layers
from pat_core.figures.sheet.week_sheet import make_sheet
from pat_core.records import Week

LANE = 150


def week_timeline(week: Week, layers: Layers = NOTHING, *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """One week from its first minute to its last, and its caption; layers as in `week_sheet`."""
    sheet = make_sheet(week, week_lane(week), layers, theme, LANE)
    return draw(sheet, f"{week.participant}/{week.index}/timeline"), sheet_caption(sheet, "Timeline")
