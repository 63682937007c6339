"""The activity of each lane as a filled outline, and what lies behind and at the foot of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import Theme
from pat_core.figures.sheet.lanes import BIN, Lanes, runs

Box = tuple[int, int, float, float]
"""First column, end column, bottom, top."""


def min_max_pairs(values: np.ndarray, width: int = BIN) -> tuple[np.ndarray, np.ndarray]:
    """Positions and values of the smallest and the largest of every `width` values, in the order in which they came.

    values: (n,) without NaN. No peak is lost: the largest of every bin is among the points.
    """
    positions: list[int] = []
    for first in range(0, len(values), width):
        part = values[first : first + width]
        positions.extend(sorted({first + int(part.argmin()), first + int(part.argmax())}))
    kept = np.asarray(positions, int)
    return kept, np.asarray(values)[kept]


def height_of(values: np.ndarray, peak: float, height: float) -> np.ndarray:
    """Square-root scale: 0 at the base, `height` at `peak` and above. NaN stays NaN."""
    return height * np.sqrt(np.clip(values, 0, peak) / peak)


def outline(values: np.ndarray, base: float, height: float, peak: float) -> tuple[list[int], list[float]]:
    """Closed outlines of the stretches that have values: columns and y; NaN between stretches, so a gap stays a gap.

    values: (width,) in the week's unit, NaN where there is nothing to draw.
    """
    columns: list[int] = []
    tops: list[float] = []
    for first, end in runs(np.isfinite(values)):
        at, value = min_max_pairs(values[first:end])
        level = (base + height_of(value, peak, height)).round(2).tolist()
        opens, closes = (round(float(base + height_of(values[at], peak, height)), 2) for at in (first, end - 1))
        columns += [first, first, *(at + first).tolist(), end, end, first, end]
        tops += [base, opens, *level, closes, base, base, np.nan]
    return columns, tops


def activity_trace(lanes: Lanes, lane: int, values: np.ndarray, base: float, height: float, peak: float, colours: Theme) -> go.Scatter:
    """One lane's activity, filled to its base. Hover comes from elsewhere."""
    columns, tops = outline(values, base, height, peak)
    return go.Scatter(
        x=lanes.x(columns),
        y=np.asarray(tops, np.float32),
        name=f"activity {lane + 1}",
        mode="lines",
        fill="toself",
        fillcolor=colours.activity,
        line={"color": colours.activity, "width": 0.6},
        hoverinfo="skip",
    )


def boxes_trace(lanes: Lanes, boxes: Sequence[Box], name: str, **style: object) -> go.Scatter:
    """Many rectangles as one trace."""
    columns: list[int] = []
    y: list[float] = []
    for first, end, bottom, top in boxes:
        columns += [first, first, end, end, first, first]
        y += [bottom, top, top, bottom, bottom, np.nan]
    look = {"mode": "lines", "fill": "toself", "line": {"width": 0}, **style}
    return go.Scatter(x=lanes.x(columns), y=np.asarray(y, np.float32), name=name, hoverinfo="skip", **look)


def lines_trace(lanes: Lanes, stretches: Sequence[tuple[int, int, float]], name: str, **line: object) -> go.Scatter:
    """Horizontal lines (first column, end column, y) as one trace."""
    columns = [column for first, end, _ in stretches for column in (first, end, end)]
    y = [value for *_, level in stretches for value in (level, level, np.nan)]
    return go.Scatter(x=lanes.x(columns), y=np.asarray(y, np.float32), name=name, mode="lines", line=line, hoverinfo="skip")


def stretches(mask: np.ndarray, shortest: int = 1) -> list[tuple[int, int]]:
    """Stretches of True of at least `shortest` columns, after closing breaks shorter than that."""
    joined: list[tuple[int, int]] = []
    for first, end in runs(mask):
        if joined and first - joined[-1][1] < shortest:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return [(first, end) for first, end in joined if end - first >= shortest]
