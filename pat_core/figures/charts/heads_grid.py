"""Inside the attention: how much each head attended to each part of the week."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from pat_core.errors import ExplanationError
from pat_core.figures.charts.matrix_heatmap import TOP, at_place, time_axis
from pat_core.figures.palette import ThemeName, axis, base_layout, figures, scale
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.sheet import sheet_frame
from pat_core.figures.sheet.day_chart import activity_trace
from pat_core.figures.sheet.lanes import Lanes, week_lane
from pat_core.figures.sheet.sheet_plan import activity_peak
from pat_core.figures.sheet.strips import multiples_limit
from pat_core.records import Week
from pat_core.weeks import span

HEAD, TALLEST_HEAD, FEW = 13, 26, 240
"""Pixels of a head's row at the least and at the most, and of all rows together where they are few."""
BLOCK_GAP = 0.6
"""Between two blocks, in rows."""
ACTIVITY = 70
"""Pixels of the activity over the heads."""


def heads_grid(received: np.ndarray, week: Week, patch: int, *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """A row a head, first block on top: attention that each patch receives. received: (blocks, heads, patches), multiples of uniform.

    Raises ExplanationError where the patches are longer than the week.
    """
    received = np.asarray(received, np.float32)
    blocks, heads, patches = received.shape
    if patches * patch > len(week.values):
        raise ExplanationError(
            f"Expected at most {len(week.values)} minutes, as this week has, got {patches} patches of {patch} minutes. "
            "Make the picture again from this week."
        )
    colours, lanes, limit = theme_called(theme), week_lane(week), multiples_limit(received)
    z, y, middles = _stacked_rows(received)
    names = [f"Block {block + 1}, head {head + 1}" for block in range(blocks) for head in range(heads)]
    height = int(y[-1] * min(max(HEAD, FEW / y[-1]), TALLEST_HEAD))
    whole = height + ACTIVITY + 8
    row_of = np.repeat(np.array([[""], *([name] for name in names)], dtype=object)[_name_rows(blocks, heads)], patches, axis=1)
    grid = go.Heatmap(
        x=lanes.x(np.arange(patches + 1) * patch),
        y=y,
        z=z,
        customdata=row_of,
        zmin=0.0,
        zmax=limit,
        zsmooth=False,
        colorscale=scale(colours.attention),
        colorbar=sheet_frame.colour_bar("attention", limit, 0.5, 1 + 12 / whole, sheet_frame.LENGTH, colours),
        hovertemplate=f"%{{customdata}}<br>{at_place(lanes, 'x')}<br><b>%{{z:.2f}}</b> times the uniform level<extra></extra>",
        hoverongaps=False,
        name="heads",
    )
    titled = None if lanes.start else "hours from the first minute of the recording"
    layout = base_layout(
        colours,
        whole + TOP + 62,
        margin={"l": 118, "r": 24, "t": TOP, "b": 62},
        hovermode="closest",
        uirevision=f"{week.participant}/heads",
        xaxis=axis(colours, titled, showgrid=False, **time_axis(lanes)),
        yaxis=axis(
            colours,
            showgrid=False,
            tickvals=middles,
            ticktext=names,
            range=[y[-1], 0],
            domain=[0, height / whole],
            fixedrange=True,
            ticklabelstandoff=6,
        ),
        yaxis2={"domain": [1 - ACTIVITY / whole, 1], "visible": False, "fixedrange": True, "range": [0, 1.02], "anchor": "x"},
    )
    layout.yaxis.tickfont.size = 10.5
    values = np.asarray(week.values, np.float32)
    activity = activity_trace(lanes, 0, values, 0.0, 1.0, activity_peak(week, None, None), colours).update(yaxis="y2", name="activity")
    return go.Figure([grid, activity], layout=layout), _grid_words(received, week, patch, lanes)


def _stacked_rows(received: np.ndarray) -> tuple[np.ndarray, list[float], list[float]]:
    """Rows with a row of NaN between blocks, the edges of all of them, and the middles of those that hold a head."""
    blocks, heads, patches = received.shape
    z: list[np.ndarray] = []
    y, middles = [0.0], []
    for block in range(blocks):
        if block:
            z.append(np.full(patches, np.nan, np.float32))
            y.append(y[-1] + BLOCK_GAP)
        for head in range(heads):
            z.append(received[block, head])
            middles.append(y[-1] + 0.5)
            y.append(y[-1] + 1)
    return np.asarray(z), y, middles


def _name_rows(blocks: int, heads: int) -> list[int]:
    """For each row of the picture which name it has; 0 is none, between blocks."""
    rows: list[int] = []
    for block in range(blocks):
        rows += ([0] if block else []) + [1 + block * heads + head for head in range(heads)]
    return rows


def _grid_words(received: np.ndarray, week: Week, patch: int, lanes: Lanes) -> str:
    blocks, heads, _ = received.shape
    block, head, at = np.unravel_index(int(received.argmax()), received.shape)
    many = "1 block" if blocks == 1 else f"{blocks} blocks"
    clock = "" if week.start else " The start time is unknown, so there is no clock."
    return (
        f"Attention that each patch of {patch} minutes receives in {many} of {heads} heads, over the {span(week.values.size)} of "
        f"{week.participant}: a row a head under the activity, none at the background colour, 1 is the uniform level. "
        f"Most is received in block {block + 1}, head {head + 1}, at "
        f"{lanes.when(int(at) * patch)}: {figures(float(received.max()))} times the uniform level.{clock}"
    )
