"""A prediction as a dot and its interval on a scale of 0 to 100: no gauge, no traffic light."""

from __future__ import annotations

import plotly.graph_objects as go

from pat_core.figures.palette import ThemeName, axis, base_layout
from pat_core.figures.palette import theme as theme_called
from pat_core.plurals import counted
from pat_core.records import Interval

HEIGHT = 104


def prediction_dot(
    probability: Interval,
    prevalence: float | None = None,
    *,
    group: str = "positive group",
    where: str = "in the test",
    theme: ThemeName = "light",
) -> tuple[go.Figure, str]:
    """probability: of people scored like this one, the share in the group, 0 to 1. prevalence: the group's share among everyone, 0 to 1,
    and `where` that is so.

    Returns the figure and its caption in natural frequencies. Raises ValueError where a share lies outside 0 to 1.
    """
    _within(probability.value, probability.low, probability.high, *([] if prevalence is None else [prevalence]))
    colours = theme_called(theme)
    value, low, high = (100 * part for part in (probability.value, probability.low, probability.high))
    figure = go.Figure(layout=_layout(theme))
    figure.add_scatter(x=[0, 100], y=[0, 0], mode="lines", line={"color": colours.grid, "width": 6}, hoverinfo="skip", name="scale")
    figure.add_scatter(
        x=[low, high], y=[0, 0], mode="lines", line={"color": colours.activity, "width": 6}, hoverinfo="skip", name="interval"
    )
    figure.add_scatter(
        x=[value],
        y=[0],
        mode="markers+text",
        name="people like this one",
        marker={"size": 15, "color": colours.text, "line": {"color": colours.background, "width": 2}},
        text=[f"<b>{value:.0f}</b>"],
        textposition="top center",
        textfont={"size": 14, "color": colours.text},
        cliponaxis=False,
        hovertemplate=f"{value:.0f} of 100 (95 % interval {low:.0f} to {high:.0f})<extra></extra>",
    )
    number = counted(round(value), "was", "were")
    caption = f"Among 100 people scored like this one, about {number} in the {group} (95 % interval {low:.0f} to {high:.0f}"
    caption += f", from {counted(probability.n, 'person', 'people')})." if probability.n else ")."
    if prevalence is not None:
        figure.add_traces(_prevalence(100 * prevalence, where, theme))
        caption += f" Among everyone {where} it is {100 * prevalence:.3g} of 100, marked by the line."
    return figure, caption


def _prevalence(percent: float, where: str, theme: ThemeName) -> list[go.Scatter]:
    colours = theme_called(theme)
    place = "right" if percent < 25 else "left" if percent > 75 else "center"  # a narrow column has room on both sides alone
    tick = go.Scatter(
        x=[percent, percent], y=[-0.55, 0.3], mode="lines", line={"color": colours.marker, "width": 2}, hoverinfo="skip", name="prevalence"
    )
    words = go.Scatter(
        x=[percent],
        y=[-0.8 if place == "center" else -0.55],
        mode="text",
        text=[f"\u2002{percent:.3g} among everyone {where}\u2002"],
        textposition=f"middle {place}",
        textfont={"size": 11, "color": colours.marker},
        hoverinfo="skip",
        name="prevalence in words",
    )
    return [tick, words]


def _layout(theme: ThemeName) -> go.Layout:
    colours = theme_called(theme)
    return base_layout(
        colours,
        HEIGHT,
        margin={"l": 20, "r": 24, "t": 12, "b": 26},
        dragmode=False,
        hovermode="closest",
        xaxis=axis(colours, range=[-1, 101], tickvals=[0, 25, 50, 75, 100], fixedrange=True, showgrid=False),
        yaxis={"visible": False, "range": [-1, 1.1], "fixedrange": True},
    )


def _within(*shares: float) -> None:
    for share in shares:
        if not 0 <= share <= 1:
            raise ValueError(f"A share must lie between 0 and 1, but is {share:g}; divide percentages by 100.")
