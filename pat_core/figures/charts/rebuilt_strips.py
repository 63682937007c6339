"""A week with patches hidden, four times over: as it is, as the encoder sees it, as it is rebuilt, and both together. A strip a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pat_core.errors import PatError
from pat_core.figures.palette import Ramp, Theme, ThemeName, axis, base_layout, between, figures, scale
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.sheet.lanes import Lanes, lanes_from_start
from pat_core.settings import MINUTES_PER_DAY

STRIP, TITLE, TOP, BOTTOM = 15, 26, 74, 34
"""Pixels of a day, of the words over a panel, over the first panel, and under the last."""
BAR = 150
PANELS = ("The week", "What the encoder sees", "What the decoder gives", "Both together")


@dataclass(frozen=True, eq=False)
class MaskedWeek:
    """z: standardized activity; output: what the decoder gives; hidden: bool; (minutes,) each. patch: minutes that are hidden together.

    start, date_known: as of a `Week`. name: who it is of, for the caption.
    """

    z: np.ndarray
    hidden: np.ndarray
    output: np.ndarray
    patch: int
    start: datetime | None
    date_known: bool
    name: str


def rebuilt_strips(week: MaskedWeek, *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """Four panels of a strip a day, 24 hours from the first minute, on one scale: measured minutes in slate, rebuilt ones in violet, hidden
    patches covered. PatError where the arrays do not fit together."""
    if not week.z.shape == week.hidden.shape == week.output.shape or week.z.ndim != 1:
        raise PatError(f"Expected (minutes,) three times, got {week.z.shape}, {week.hidden.shape} and {week.output.shape}.")
    colours, days = theme_called(theme), ceil(len(week.z) / MINUTES_PER_DAY)
    lanes = lanes_from_start(len(week.z), days, week.start, week.date_known)
    low, high = _limits(week)
    visible, hidden = np.where(week.hidden, np.nan, week.z), np.where(week.hidden, week.output, np.nan)
    cover = np.where(week.hidden, 1.0, np.nan)
    layers = [[("measured", week.z)], [("hidden", cover), ("measured", visible)], [("rebuilt", week.output)]]
    layers.append([("measured", visible), ("rebuilt", hidden)])
    height = days * STRIP
    whole = len(PANELS) * (height + TITLE)
    figure = go.Figure(layout=_layout(colours, lanes, whole, height))
    for panel, of_panel in enumerate(layers):
        for kind, values in of_panel:
            figure.add_trace(_strips(kind, lanes, values, panel, (low, high), colours))
    _bars(figure, (low, high), whole, colours)
    return figure, _caption(week, low, high)


def _limits(week: MaskedWeek) -> tuple[float, float]:
    """Of the colours: all but the outermost hundredths of the week, so that one burst does not pale everything else."""
    low, high = np.percentile(week.z, [1, 99]).tolist()
    return low, max(high, low + 0.5)


def _strips(kind: str, lanes: Lanes, values: np.ndarray, panel: int, limits: tuple[float, float], colours: Theme) -> go.Heatmap:
    place = "y" if panel == 0 else f"y{panel + 1}"
    words = "<b>%{z:.2f}</b> deviations" if kind != "hidden" else "hidden from the encoder"
    at = "%{x:.1f} h" if lanes.x_start is None else "%{x|%H:%M}"
    return go.Heatmap(
        x=lanes.x(np.arange(lanes.width)),
        y=list(range(lanes.count)),
        z=np.round(lanes.take(values), 2),
        yaxis=place,
        zmin=limits[0] if kind != "hidden" else 0.0,
        zmax=limits[1] if kind != "hidden" else 1.0,
        zsmooth=False,
        ygap=2,
        colorscale=scale(_ramp(kind, colours)),
        showscale=False,
        hoverongaps=False,
        customdata=np.repeat(np.array(lanes.names, dtype=object)[:, None], lanes.width, axis=1) if kind == "hidden" else None,
        hovertemplate=f"{PANELS[panel]}, {at}<br>{kind} {words}<extra></extra>" if kind != "hidden" else f"{at}<br>{words}<extra></extra>",
        name=f"{PANELS[panel]}: {kind}",
    )


def _ramp(kind: str, colours: Theme) -> Ramp:
    """From the background, where nothing moves, to the colour of measured or rebuilt minutes; one flat colour where they are hidden."""
    if kind == "hidden":
        flat = cover_colour(colours)
        return ((0.0, flat), (1.0, flat))
    strong = {"measured": colours.activity, "rebuilt": colours.marker}[kind]
    return ((0.0, between(colours.background, strong, 0.06)), (0.6, strong), (1.0, between(strong, colours.text, 0.6)))


def cover_colour(colours: Theme) -> str:
    """What lies over hidden patches: a pale violet, which no activity has."""
    return between(colours.background, colours.marker, 0.2)


def _layout(colours: Theme, lanes: Lanes, whole: int, height: int) -> go.Layout:
    layout = base_layout(
        colours, whole + TOP + BOTTOM, margin={"l": 78, "r": 16, "t": TOP, "b": BOTTOM, "autoexpand": False}, hovermode="closest"
    )
    ticks: dict[str, Any] = {"type": "date", "tickformat": "%H:%M", "nticks": 9} if lanes.x_start else {"dtick": 4, "ticksuffix": " h"}
    layout.xaxis = axis(colours, showgrid=False, anchor=f"y{len(PANELS)}", **ticks)
    for panel in range(len(PANELS)):
        top = 1 - (panel * (height + TITLE) + TITLE) / whole
        layout[f"yaxis{panel + 1 if panel else ''}"] = axis(
            colours,
            showgrid=False,
            fixedrange=True,
            domain=[max(0.0, top - height / whole), top],
            range=[lanes.count - 0.5, -0.5],
            tickvals=list(range(lanes.count)),
            ticktext=list(lanes.names),
        )
        layout[f"yaxis{panel + 1 if panel else ''}"].tickfont.size = 10.5
    layout.annotations = [_title(name, 1 - (panel * (height + TITLE) + TITLE) / whole, colours) for panel, name in enumerate(PANELS)]
    return layout


def _title(name: str, y: float, colours: Theme) -> dict[str, object]:
    font = {"size": 12.5, "color": colours.text}
    at = {"x": 0, "xref": "paper", "xanchor": "left", "y": y, "yref": "paper", "yanchor": "bottom"}
    return {**at, "text": f"<b>{name}</b>", "showarrow": False, "font": font}


def _bars(figure: go.Figure, limits: tuple[float, float], whole: int, colours: Theme) -> None:
    """A colour bar of measured and one of rebuilt minutes over the panels, on invisible points."""
    low, high = limits
    ticks = {low: figures(low), high: figures(high)}
    if 0.25 < -low / (high - low) < 0.75:
        ticks[0.0] = "mean"
    for x, kind in ((0.25, "measured"), (0.75, "rebuilt")):
        bar = {
            "orientation": "h", "x": x, "y": 1 + 14 / whole, "xanchor": "center", "yanchor": "bottom", "lenmode": "pixels", "len": BAR,
            "thickness": 8, "xpad": 0, "ypad": 0, "outlinewidth": 0.5, "outlinecolor": colours.muted, "tickangle": 0,
            "title": {"text": f"{kind}, in deviations", "side": "top", "font": {"size": 11, "color": colours.text}},
            "tickvals": list(ticks), "ticktext": list(ticks.values()), "tickfont": {"size": 10.5, "color": colours.text},
            "ticks": "outside", "ticklen": 3, "tickcolor": colours.muted,
        }  # fmt: skip
        marker = {"color": [low], "cmin": low, "cmax": high, "colorscale": scale(_ramp(kind, colours)), "colorbar": bar, "showscale": True}
        figure.add_trace(go.Scatter(x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip", name=f"{kind} scale"))


def _caption(week: MaskedWeek, low: float, high: float) -> str:
    hidden, patches = int(week.hidden.sum()) // week.patch, len(week.z) // week.patch
    return (
        f"{week.name}, a strip a day, four times: as it is; as the encoder sees it, with {hidden:,} of {patches:,} patches of "
        f"{week.patch} minutes covered in pale violet; what the decoder gives for every minute; and both, visible minutes as measured "
        f"(slate) and hidden ones as rebuilt (violet). The stronger the colour, the more movement beside the mean of that minute, "
        f"from {figures(low)} to {figures(high)} standard deviations."
    )
