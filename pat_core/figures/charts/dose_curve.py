"""A dose curve: how the model's answer changes along an edit of the week, and how usual the edited weeks are to the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import Theme, ThemeName, axis, base_layout, plain, signed
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.sheet.lanes import runs

HEIGHT, HEIGHT_ALONE = 400, 280
UPPER, LOWER = (0.42, 1.0), (0.0, 0.27)
"""Where the two panels stand, as shares of the figure's height."""

NOTE = 16
"""Pixels of a line of words over a panel."""

FAR_PERCENT = 95
LEAST_RANGE = 0.1
"""Logits: a curve that never leaves this range is drawn flat, and not blown up to the size of a large one."""


@dataclass(frozen=True, eq=False)
class DoseLine:
    """What a curve shows, (doses,) each.

    doses: ascending. changes: of the logit at each, NaN where it is not given. labels: each dose in words; ticks: the same short for
    the axis, "" where none shall stand; title: of that axis. refused: (doses,) bool, doses whose week the input gate refuses.

    nearer: share (0 to 1) of reference people nearer to the others than the edited week, drawn in a second panel; None or all NaN: no
    panel. distances: (doses,) of the edited weeks from these people, no unit, to hover over. answer: what changes, and in which unit.
    """

    doses: Sequence[float]
    changes: np.ndarray
    labels: Sequence[str]
    ticks: Sequence[str]
    title: str
    nearer: np.ndarray | None = None
    distances: np.ndarray | None = None
    refused: np.ndarray | None = None
    answer: tuple[str, str] = ("logit", "logits")


def dose_curve(line: DoseLine, *, chosen: float | None = None, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """chosen: the dose to point at."""
    colours, doses, labels = theme_called(theme), line.doses, line.labels
    changes = np.asarray(line.changes, float)
    refused = np.zeros(len(doses), bool) if line.refused is None else np.asarray(line.refused, bool)
    percent = None if line.nearer is None or not np.isfinite(line.nearer).any() else 100 * np.asarray(line.nearer, float)
    figure = go.Figure(layout=_layout(colours, line, changes, percent is not None))
    figure.add_hline(y=0, line={"color": colours.muted, "width": 1}, yref="y")
    _note(figure, colours, f"How the model's {plain(line.answer[0])} changes", 1.0)
    if percent is not None:
        _usual(figure, colours, doses, percent, labels, line.distances)
    _curve(figure, colours, line, changes, refused)
    if chosen is not None and chosen in doses:
        _point_at(figure, colours, chosen, float(changes[list(doses).index(chosen)]))
    return figure, _caption(line, changes, percent, refused)


def far_stretches(doses: Sequence[float], percent: np.ndarray) -> list[tuple[float, float]]:
    """Where the edited week lies farther out than 95 % of people: from halfway to the dose before until halfway to the dose after."""
    edges = [doses[0], *((a + b) / 2 for a, b in zip(doses[:-1], doses[1:], strict=True)), doses[-1]]
    return [(edges[first], edges[end]) for first, end in runs(percent >= FAR_PERCENT)]


def _curve(figure: go.Figure, colours: Theme, line: DoseLine, changes: np.ndarray, refused: np.ndarray) -> None:
    doses, labels, unit = line.doses, line.labels, plain(line.answer[1])
    words = ["not given" if np.isnan(change) else f"{signed(change)} {unit}" for change in changes]
    figure.add_scatter(
        x=list(doses),
        y=changes,
        mode=_mode(doses),
        name="change of the logit",
        line={"color": colours.activity, "width": 2},
        marker={"size": 8, "color": [colours.background if bad else colours.activity for bad in refused], "line": _edge(colours)},
        customdata=list(zip(labels, words, strict=True)),
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
        cliponaxis=False,
    )
    if refused.any():
        figure.add_scatter(
            x=[dose for dose, bad in zip(doses, refused, strict=True) if bad],
            y=[0] * int(refused.sum()),
            mode="markers",
            name="refused",
            marker={"symbol": "x-thin", "size": 9, "line": {"color": colours.muted, "width": 2}},
            customdata=[label for label, bad in zip(labels, refused, strict=True) if bad],
            hovertemplate="%{customdata}<br>the input check refuses it<extra></extra>",
            cliponaxis=False,
        )


def _usual(
    figure: go.Figure, colours: Theme, doses: Sequence[float], percent: np.ndarray, labels: Sequence[str], distances: np.ndarray | None
) -> None:
    """The lower panel, and the shade over both where the edited week is unlike the reference people."""
    _note(figure, colours, "To the model, the edited recording is more unusual<br>than this share of people", LOWER[1])
    far = far_stretches(doses, percent)
    if far:
        _note(figure, colours, "shaded: unlike the people it is compared with", 1.0, colours.muted, up=NOTE)
        figure.layout.height += NOTE
        figure.layout.margin.t += NOTE
    for first, end in far:
        shade = {"fillcolor": colours.hatch, "opacity": 0.2, "line_width": 0, "layer": "below"}
        figure.add_shape(type="rect", x0=first, x1=end, y0=0, y1=1, xref="x", yref="paper", **shade)
    figure.add_hline(y=FAR_PERCENT, line={"color": colours.muted, "width": 1, "dash": "dot"}, yref="y2")
    figure.add_annotation(
        x=1,
        xref="paper",
        xanchor="right",
        y=FAR_PERCENT,
        yref="y2",
        yanchor="top",
        text=f"{FAR_PERCENT} %",
        showarrow=False,
        font={"size": 11, "color": colours.muted},
    )
    away = [""] * len(doses) if distances is None else [f" (distance {each:.1f})" for each in distances]
    figure.add_scatter(
        x=list(doses),
        y=percent,
        yaxis="y2",
        mode=_mode(doses),
        name="people who are nearer",
        line={"color": colours.muted, "width": 1.6},
        marker={"size": 6, "color": colours.muted},
        customdata=list(zip(labels, away, strict=True)),
        hovertemplate="%{customdata[0]}<br>more unusual than %{y:.0f} % of people%{customdata[1]}<extra></extra>",
        cliponaxis=False,
    )


def _point_at(figure: go.Figure, colours: Theme, chosen: float, change: float) -> None:
    line = {"color": colours.marker, "width": 1.5}
    figure.add_shape(type="line", x0=chosen, x1=chosen, y0=0, y1=1, xref="x", yref="paper", line=line, layer="below")
    if not np.isnan(change):
        figure.add_scatter(
            x=[chosen],
            y=[change],
            mode="markers",
            name="chosen",
            marker={"size": 13, "color": colours.marker, "line": {"color": colours.background, "width": 2}},
            hoverinfo="skip",
            cliponaxis=False,
        )


def _layout(colours: Theme, line: DoseLine, changes: np.ndarray, two: bool) -> go.Layout:
    marked, title = [(dose, tick) for dose, tick in zip(line.doses, line.ticks, strict=True) if tick], line.title
    unit = plain(line.answer[1])
    at = {"tickvals": [dose for dose, _ in marked], "ticktext": [tick for _, tick in marked]}
    known = np.append(changes[np.isfinite(changes)], 0.0)
    low, high = min(known.min(), -LEAST_RANGE), max(known.max(), LEAST_RANGE)
    room = 0.12 * (high - low)
    layout = base_layout(
        colours,
        HEIGHT if two else HEIGHT_ALONE,
        margin={"l": 62, "r": 20, "t": 34, "b": 52},
        dragmode=False,
        hovermode="closest",
        xaxis=axis(colours, title, **at, showgrid=False, fixedrange=True, anchor="y2" if two else "y"),
        yaxis=axis(colours, unit, range=[low - room, high + room], domain=UPPER if two else (0, 1), nticks=6, fixedrange=True),
    )
    layout.yaxis.update(tickformat="+.3~g", labelalias={"+0": "0"})
    if two:
        layout.yaxis2 = axis(colours, "percent", range=[-4, 104], domain=LOWER, tickvals=[0, 50, 100], fixedrange=True, anchor="x")
    return layout


def _note(figure: go.Figure, colours: Theme, text: str, y: float, colour: str | None = None, up: int = 0) -> None:
    """Words above a panel. y: of the whole figure; up: pixels higher, over another note."""
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": y, "yref": "paper", "yanchor": "bottom", "yshift": 6 + up, "align": "left"}
    figure.add_annotation(text=text, showarrow=False, font={"size": 12, "color": colour or colours.text}, **place)


def _mode(doses: Sequence[float]) -> str:
    """Between two doses there is nothing to be told, so no line."""
    return "lines+markers" if len(doses) > 2 else "markers"


def _edge(colours: Theme) -> dict[str, object]:
    return {"color": colours.activity, "width": 1.5}


def _caption(line: DoseLine, changes: np.ndarray, percent: np.ndarray | None, refused: np.ndarray) -> str:
    doses, labels, (name, unit) = line.doses, line.labels, line.answer
    known = [(float(change), label) for change, label in zip(changes, labels, strict=True) if not np.isnan(change)]
    sentences = [f"How the model's {name} changes along the edit, at {len(doses)} doses from {labels[0]} to {labels[-1]}."]
    if known:
        (least, where_least), (most, where_most) = min(known), max(known)
        sentences.append(f"The change lies between {signed(least)} {unit} ({where_least}) and {signed(most)} {unit} ({where_most}).")
    if percent is not None:
        far = [label for label, share in zip(labels, percent, strict=True) if share >= FAR_PERCENT]
        which = "No dose" if not far else "Every dose" if len(far) == len(doses) else f"Each shaded dose ({', '.join(far)})"
        sentences.append(f"{which} lies farther out than {FAR_PERCENT} % of the people it is compared with.")
    if refused.any():
        sentences.append(f"Crosses mark {int(refused.sum())} doses that the input check refuses.")
    return " ".join([*sentences, "This is the model's response to edited recordings, not an effect on the person."])
