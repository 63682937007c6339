"""Concepts: how each person's score answers a small step along a direction, beside random directions.

No band of random directions is drawn: how far they reach differs from person to person, so each dot says for itself whether it is beyond.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.charts.person_and_cohort import stacked
from pat_core.figures.palette import Theme, ThemeName, axis, base_layout, figures, plain, signed
from pat_core.figures.palette import theme as theme_called

ROW = 64
STRONG = 0.95
"""Share of random directions whose response, by the same person, must be weaker for a dot to be drawn full."""
UNIT = "logits for a step of length 1 in the model's summary of a week"
Answer = tuple[str, np.ndarray, np.ndarray]
"""A concept's title, (people,) derivatives, (people,) share of random directions with a weaker response."""


def concept_dots(answers: Sequence[Answer], *, people: Sequence[str] = (), theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """A row a concept, a dot a person: right of zero the score rises along the concept, left of it it falls.

    A full dot is stronger than this person's response to 95 % of random directions, an open one is not. people: names, for the hover.
    """
    colours = theme_called(theme)
    figure = go.Figure(layout=_layout(answers, colours))
    for row, (title, derivative, above) in enumerate(answers):
        place = len(answers) - 1 - row
        figure.add_traces(_dots(plain(title), np.asarray(derivative, float), np.asarray(above, float), place, people, colours))
    figure.add_vline(x=0, line={"color": colours.muted, "width": 1})
    return figure, _words(answers)


def _dots(title: str, derivative: np.ndarray, above: np.ndarray, place: int, people: Sequence[str], colours: Theme) -> list[go.Scatter]:
    heights = place + 0.36 * _spread(derivative)
    names = [plain(name) for name in people] or [f"person {number + 1}" for number in range(len(derivative))]
    traces = []
    for strong, symbol, words in ((True, "circle", "stronger than 95 % of random"), (False, "circle-open", "within random directions")):
        chosen = np.flatnonzero((above >= STRONG) == strong)
        if chosen.size:
            trace = go.Scatter(
                x=derivative[chosen],
                y=heights[chosen],
                mode="markers",
                name=f"{title}: {words}",
                marker={"symbol": symbol, "size": 7, "color": colours.activity, "line": {"width": 1.2, "color": colours.activity}},
                customdata=[[names[index], f"{100 * above[index]:.0f}"] for index in chosen],
                hovertemplate=f"<b>%{{customdata[0]}}</b>, {title}<br>%{{x:+.3g}} logits for a step of length 1<br>"
                "stronger than this person's response to %{customdata[1]} % of random directions<extra></extra>",
            )
            traces.append(trace)
    middle = float(np.median(derivative)) if len(derivative) else 0.0
    line = {"color": colours.marker, "width": 2.5}
    ends = [place - 0.42, place + 0.42]
    return [*traces, go.Scatter(x=[middle] * 2, y=ends, mode="lines", line=line, hoverinfo="skip", name=f"{title}: median")]


def _spread(values: np.ndarray) -> np.ndarray:
    """Heights (-1 to 1) in the order in which the values were given."""
    order = np.argsort(values, kind="stable")
    heights = np.empty(len(values))
    heights[order] = stacked(values[order])
    return heights


def _layout(answers: Sequence[Answer], colours: Theme) -> go.Layout:
    every = np.concatenate([np.asarray(derivative, float) for _, derivative, _ in answers] + [np.zeros(1)])
    limit = 1.08 * float(np.abs(every).max()) or 1.0
    return base_layout(
        colours,
        ROW * len(answers) + 84,
        margin={"l": 12, "r": 20, "t": 28, "b": 52},
        dragmode=False,
        hovermode="closest",
        xaxis=axis(colours, UNIT, range=[-limit, limit], nticks=7, fixedrange=True),
        yaxis=axis(
            colours,
            tickvals=list(range(len(answers)))[::-1],
            ticktext=[plain(title) for title, _, _ in answers],
            range=[-0.6, len(answers) - 0.4],
            showgrid=False,
            automargin=True,
            ticklabelstandoff=8,
            fixedrange=True,
        ),
        annotations=[_end(0, "left", "← lowers the score", colours.lowers), _end(1, "right", "raises the score →", colours.raises)],
    )


def _end(x: float, anchor: str, words: str, colour: str) -> dict[str, object]:
    place = {"x": x, "xref": "paper", "xanchor": anchor, "y": 1, "yref": "paper", "yanchor": "bottom"}
    return place | {"text": words, "showarrow": False, "font": {"size": 11.5, "color": colour}}


def _words(answers: Sequence[Answer]) -> str:
    sentences = [
        "Each dot is a person: how their score responds to a small step along a concept, learned from simulated pairs. The scale is "
        f"the slope there, in {UNIT}: the 96 numbers from which the head makes the score."
    ]
    for title, derivative, above in answers:
        rises, strong = 100 * float((np.asarray(derivative) > 0).mean()), 100 * float((np.asarray(above) >= STRONG).mean())
        middle = signed(float(np.median(derivative)))
        sentences.append(f"{title}: median {middle} logits, rises for {figures(rises, 3)} %, full dots for {figures(strong, 3)} %.")
    sentences.append(
        "A full dot is stronger than the same person's response to 95 % of random directions between people, an open one is not: people "
        "differ in how strongly their score responds to anything, so of two dots at one place one may be full. The line is the median."
    )
    sentences.append("It shows what the score follows, not what it should follow.")
    return " ".join(sentences)
