"""Inside the attention: which part of the week attended to which, by one block and head."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from pat_core.errors import ExplanationError
from pat_core.explain.matrix_record import AttentionMatrix
from pat_core.figures.palette import Theme, ThemeName, axis, base_layout, figures, scale
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.sheet import sheet_frame
from pat_core.figures.sheet.lanes import Lanes, week_lane, week_ticks
from pat_core.figures.sheet.strips import multiples_limit
from pat_core.records import Week
from pat_core.weeks import span

SIDE = 620
"""Pixels of the map's height: with at most some 200 cells a side, a cell is 3 pixels."""
TOP = 80


def attention_matrix(matrix: AttentionMatrix, week: Week, *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """The query-by-key map of one block and head (None: mean over heads) over the week, and its caption.

    Queries run down, keys across, both in time: clock times where the start is known, else hours from the first minute. Colours from zero.
    Raises ExplanationError where the map is not square, or longer than the week.
    """
    colours, lanes = theme_called(theme), week_lane(week)
    rows, columns = matrix.values.shape
    if rows != columns or matrix.patches * matrix.patch > len(week.values):
        raise ExplanationError(
            f"Expected a square map of a week of {len(week.values)} minutes, got {rows} by {columns} cells for "
            f"{matrix.patches * matrix.patch} minutes. Make it again from this week."
        )
    limit = multiples_limit(matrix.values)
    edges = np.minimum(np.arange(rows + 1) * matrix.patches_a_cell, matrix.patches) * matrix.patch
    places = lanes.x(edges)
    shown = "attended <b>%{z:.2f}</b> times the uniform level"
    map_of = go.Heatmap(
        x=places,
        y=places,
        z=np.asarray(matrix.values, np.float32),
        zmin=0.0,
        zmax=limit,
        zsmooth=False,
        colorscale=scale(colours.attention),
        colorbar=sheet_frame.colour_bar("attention", limit, 0.5, 1 + 14 / SIDE, sheet_frame.LENGTH, colours),
        hovertemplate=f"{at_place(lanes, 'y')}<br>{shown}<br>to {at_place(lanes, 'x')}<extra></extra>",
        name="attention",
    )
    figure = go.Figure([map_of], layout=_square(colours, lanes, places, f"{week.participant}/{matrix.block}/{matrix.head}"))
    return figure, _map_words(matrix, week, limit)


def _square(colours: Theme, lanes: Lanes, places: list[str] | list[float], uirevision: str) -> go.Layout:
    ends = [places[0], places[-1]]
    shared = {"constrain": "domain", "showgrid": False, "ticklabelstandoff": 4, **time_axis(lanes)}
    unit = "" if lanes.start else " (hours from the first minute)"
    return base_layout(
        colours,
        SIDE + TOP + 68,
        margin={"l": 92, "r": 24, "t": TOP, "b": 68},
        hovermode="closest",
        uirevision=uirevision,
        xaxis=axis(colours, f"the part attended to: key{unit}", range=ends, **shared),
        yaxis=axis(colours, f"the part that attends: query{unit}", range=ends[::-1], scaleanchor="x", constraintoward="top", **shared),
    )


def time_axis(lanes: Lanes) -> dict[str, object]:
    """An axis along the week: days and clock, or hours where the start is unknown."""
    if lanes.start is None:
        return {"dtick": 24, "tick0": 0, "ticksuffix": " h"}
    return week_ticks(lanes.date_known)


def at_place(lanes: Lanes, name: str) -> str:
    """A place on an axis, for the hover."""
    if lanes.start is None:
        return f"%{{{name}:.1f}} h"
    return f"%{{{name}|{'%a %-d %b' if lanes.date_known else '%a'}, %H:%M}}"


def _map_words(matrix: AttentionMatrix, week: Week, limit: float) -> str:
    which = f"head {matrix.head + 1} of {matrix.heads}" if matrix.head is not None else f"mean of {matrix.heads} heads"
    cell = f"One cell is one patch of {matrix.patch} minutes"
    if matrix.patches_a_cell > 1:
        cell = f"One cell is the mean over {matrix.patches_a_cell} by {matrix.patches_a_cell} patches of {matrix.patch} minutes"
    clock = "" if week.start else " The start time is unknown, so there is no clock: hours count from the first minute."
    return (
        f"Attention of block {matrix.block + 1} of {matrix.blocks}, {which}, over the {span(week.values.size)} of {week.participant}: "
        f"each row is a part of the {span(week.values.size)} that attends, each column a part that is attended to. {cell}; none at the "
        f"background colour, 1 is the uniform level, {figures(limit)} or more at the strongest.{clock}"
    )
