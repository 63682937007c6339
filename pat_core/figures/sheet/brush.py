"""From a box drawn on a week sheet back to minutes of the week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import plotly.graph_objects as go


def brushed_minutes(figure: go.Figure, x: Sequence[str | float], y: Sequence[float]) -> tuple[int, int] | None:
    """[first, end) minutes of the week inside a box drawn on `week_sheet` or `week_timeline`, in steps of the hover (5 or 10 minutes).

    x, y: the two ends of the box in axis values, as Plotly reports them. Of several lanes, the one nearest the box's middle counts.
    None where the box holds no minute of the week.
    """
    hover = next((trace for trace in figure.data if trace.name == "hover"), None)
    if hover is None or len(x) < 2 or len(y) < 2:
        return None
    places = np.array([_number(value) for value in hover.x])
    heights = np.asarray(hover.y, float)
    minutes = np.array([row[0] for row in hover.customdata], int)
    left, right = sorted(_number(value) for value in x)
    levels = np.unique(heights)
    lane = heights == levels[np.abs(levels - (y[0] + y[1]) / 2).argmin()]
    inside = lane & (places >= left) & (places <= right)
    if not inside.any():
        return None
    step = int(np.median(np.diff(minutes[lane]))) if lane.sum() > 1 else 5
    return int(minutes[inside].min()), int(minutes[inside].max()) + step


def _number(value: str | float) -> float:
    """Axis values as one comparable number: seconds for clock times, hours as they are."""
    if not isinstance(value, str):
        return float(value)
    text = value.replace("T", " ")
    whole, _, fraction = text.partition(".")
    form = "%Y-%m-%d" + {10: "", 13: " %H", 16: " %H:%M", 19: " %H:%M:%S"}[len(whole)]
    return (datetime.strptime(whole, form) - datetime(1970, 1, 1)).total_seconds() + (float(f"0.{fraction}") if fraction else 0.0)
