"""People as points on a map, coloured by a figure of theirs or by a group; whoever has no value is drawn, and named so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import ThemeName, axis, base_layout, plain
from pat_core.figures.palette import config as usual_config
from pat_core.figures.palette import theme as theme_called

VALUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6fd1", "#7a8b1f")
"""Of groups: Okabe and Ito's, told apart by most colour-blind readers, and two more."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "pentagon", "star", "hexagon", "triangle-down")
MOST_SVG = 1500
"""Points beyond which they are drawn by WebGL: as many shapes of SVG would make a browser slow."""
HEIGHT = 560
MISSING, OTHERS = "no value", "other values"


@dataclass(frozen=True, eq=False)
class PointColour:
    """What colours points. title: of the column. values: (people,) numbers with NaN, or texts with "". words: (people,) as they are read.
    ticks: for numbers that are times of the clock, (value, its words)."""

    title: str
    values: np.ndarray
    words: Sequence[str]
    ticks: Sequence[tuple[float, str]] = ()

    @property
    def numbers(self) -> bool:
        """Whether a scale of colours is meant."""
        return self.values.dtype.kind == "f"


def people_map(
    names: Sequence[str], places: np.ndarray, colour: PointColour, titles: tuple[str, str], *, theme: ThemeName = "light"
) -> tuple[go.Figure, str]:
    """names: (people,), also the custom data of each point. places: (people, 2). titles: of both axes, "" for none."""
    colours = theme_called(theme)
    parts = _scale(colour) if colour.numbers else _groups(colour)
    kind = go.Scatter if len(names) <= MOST_SVG else go.Scattergl
    figure = go.Figure()
    for label, rows, look in parts:
        hover = [f"{plain(names[row])}<br>{plain(colour.title)}: {plain(colour.words[row] or MISSING)}" for row in rows]
        marker = {"size": 9 if len(names) <= 400 else 6, "opacity": 0.85, "line": {"width": 0.5, "color": colours.background}} | look
        more: dict[str, Any] = {"customdata": [names[row] for row in rows], "text": hover, "hovertemplate": "%{text}<extra></extra>"}
        more |= {"showlegend": "colorbar" not in look, "unselected": {"marker": {"opacity": 0.18}}}
        marker = _readable(marker, colours.muted, colours.text)
        figure.add_trace(kind(x=places[rows, 0], y=places[rows, 1], mode="markers", name=plain(label, 30), marker=marker, **more))
    legend = {"orientation": "h", "y": -0.12, "x": 0, "font": {"color": colours.text, "size": 12}, "itemsizing": "constant"}
    bare = {"showticklabels": False, "scaleanchor": "x"} if not titles[0] else {}
    figure.update_layout(
        base_layout(colours, HEIGHT, showlegend=True, legend=legend, dragmode="pan", margin={"l": 46, "r": 10, "t": 16, "b": 40},
                    xaxis=axis(colours, titles[0] or None, showticklabels=bool(titles[0])), yaxis=axis(colours, titles[1] or None, **bare))
    )  # fmt: skip
    return figure, _words(colour, parts)


def map_config() -> dict[str, object]:
    """Plotly's settings for it, with the lasso, which other charts do not have. While lasso or box is the tool, Streamlit hears no clicks;
    so the map begins with another."""
    settings = usual_config()
    return settings | {"modeBarButtonsToRemove": ["sendChartToCloud", "autoScale2d"], "displayModeBar": True}


Part = tuple[str, np.ndarray, dict[str, object]]


def _groups(colour: PointColour) -> list[Part]:
    """A trace for each of the most frequent values; the rest together, and those without one, pale."""
    texts = np.asarray(colour.values, dtype=str)
    values, counts = np.unique(texts[texts != ""], return_counts=True)
    order = values[np.argsort(-counts, kind="stable")]
    parts: list[Part] = []
    for number, value in enumerate(order[: len(VALUES)]):
        rows = np.flatnonzero(texts == value)
        parts.append((f"{value} ({len(rows):,})", rows, {"color": VALUES[number], "symbol": SYMBOLS[number]}))
    rest = np.flatnonzero(np.isin(texts, order[len(VALUES) :]))
    if len(rest):
        parts.append((f"{OTHERS} ({len(rest):,})", rest, {"color": "", "symbol": "circle-open"}))
    return [*parts, *_without(np.flatnonzero(texts == ""))]


def _scale(colour: PointColour) -> list[Part]:
    known = np.flatnonzero(np.isfinite(colour.values))
    bar: dict[str, object] = {"title": {"text": plain(colour.title, 40), "side": "right"}, "thickness": 12, "outlinewidth": 0, "len": 0.9}
    if colour.ticks:
        bar |= {"tickvals": [value for value, _ in colour.ticks], "ticktext": [words for _, words in colour.ticks]}
    look = {"color": colour.values[known], "colorscale": "Viridis", "colorbar": bar, "showscale": True}
    return [*([(colour.title, known, look)] if len(known) else []), *_without(np.flatnonzero(~np.isfinite(colour.values)))]


def _without(rows: np.ndarray) -> list[Part]:
    return [(f"{MISSING} ({len(rows):,})", rows, {"color": "", "symbol": "x-thin-open"})] if len(rows) else []


def _readable(marker: dict, pale: str, text: str) -> dict:
    """The look of points with the theme's own colours where they have none, and a colour bar whose words can be read."""
    if isinstance(marker["color"], str) and not marker["color"]:
        marker = marker | {"color": pale, "line": {"width": 1.5, "color": pale}}
    if "colorbar" in marker:
        bar = marker["colorbar"]
        marker = marker | {"colorbar": bar | {"tickfont": {"color": text}, "title": bar["title"] | {"font": {"color": text}}}}
    return marker


def _words(colour: PointColour, parts: Sequence[Part]) -> str:
    """The caption: what colours mean, and how many people each has."""
    if not colour.numbers:
        return f"A point a person, coloured by {colour.title}: {', '.join(label for label, _, _ in parts)}."
    known = colour.values[np.isfinite(colour.values)]
    without = len(colour.values) - len(known)
    missing = f" {without:,} people have {MISSING}." if without else ""
    if not len(known):
        return f"A point a person; nobody has a value of {colour.title}."
    ends = [colour.words[int(np.flatnonzero(colour.values == end)[0])] for end in (known.min(), known.max())]
    return f"A point a person, coloured by {colour.title}, from {ends[0]} (dark) to {ends[1]} (bright).{missing}"
