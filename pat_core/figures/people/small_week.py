"""A week as a picture of a card's width: a lane a day, noon to noon, nothing but its activity."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import ThemeName, axis, base_layout, plain, set_layout
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.sheet.lanes import Lanes, day_lanes
from pat_core.records import Week
from pat_core.settings import MINUTES_PER_DAY

BIN = 15
"""Minutes drawn as one: a card is about 250 pixels wide."""
USUAL, LEAST = 17.0, 5.0
"""Pixels from one lane to the next for a week; the least that a lane of a longer window keeps."""
TALLEST = 0.92
"""Of a lane, what its highest quarter of an hour fills."""
BELOW = 16


def small_week(week: Week, *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """The means of each quarter of an hour, on a square-root scale up to the week's own 99th percentile; missing minutes are left empty."""
    colours, lanes = theme_called(theme), day_lanes(week, "noon")
    pitch = max(LEAST, min(USUAL, 8 * USUAL / lanes.count))
    height = round(pitch * lanes.count) + BELOW
    figure = go.Figure(layout=base_layout(colours, height, margin={"l": 2, "r": 2, "t": 0, "b": BELOW}, dragmode=False))
    hours, levels = _profile(lanes, week)
    figure.add_scatter(
        x=hours, y=levels, mode="lines", fill="toself", fillcolor=colours.activity, line={"width": 0}, hoverinfo="skip", name="activity"
    )
    ticks = [0, 6, 12, 18, 24]
    words = ["12:00", "18:00", "00:00", "06:00", "12:00"] if lanes.start is not None else [f"{hour} h" for hour in ticks]
    small = {"size": 10, "color": colours.muted}
    set_layout(
        figure,
        xaxis=axis(colours, range=[0, 24], tickvals=ticks[1:4], ticktext=words[1:4], tickfont=small, fixedrange=True),
        yaxis=axis(
            colours, range=[-lanes.count, 0], tickvals=[-lane for lane in range(lanes.count + 1)], showticklabels=False, fixedrange=True
        ),
    )
    days = f"{lanes.count} lanes of a day each" + (", noon to noon" if lanes.start is not None else ", from the first minute on")
    return figure, f"The week of {plain(week.participant)} in small: {days}, activity on a square-root scale up to its own highest values."


def _profile(lanes: Lanes, week: Week) -> tuple[list[float | None], list[float | None]]:
    """x and y of one outline: of each stretch of known quarters of an hour, up along the activity and back along the foot of its lane."""
    laid = lanes.take(week.values).reshape(lanes.count, MINUTES_PER_DAY // BIN, BIN)
    known = np.isfinite(laid)
    counts = known.sum(axis=2)
    means = np.where(known, laid, 0).sum(axis=2) / np.maximum(counts, 1)
    shape = np.sqrt(np.clip(means, 0, None))
    most = float(np.percentile(shape[counts > 0], 99)) if counts.any() else 0.0
    heights = TALLEST * np.clip(shape / most, 0, 1) if most > 0 else np.zeros_like(shape)
    x: list[float | None] = []
    y: list[float | None] = []
    for lane in range(lanes.count):
        foot, edges = -float(lane + 1), np.flatnonzero(np.diff(np.concatenate(([0], counts[lane] > 0, [0]))))
        for first, end in edges.reshape(-1, 2):
            along = np.repeat(np.arange(first, end + 1), 2)[1:-1] * (BIN / 60)
            top = foot + np.repeat(heights[lane, first:end], 2)
            x += [float(along[0]), *along.tolist(), float(along[-1]), None]
            y += [foot, *top.tolist(), foot, None]
    return x, y
