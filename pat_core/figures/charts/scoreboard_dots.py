"""The scoreboard of the explanations: each method's measured value with its interval, beside what it has to reach."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import plotly.graph_objects as go

from pat_core.figures.palette import Theme, ThemeName, axis, base_layout, figures
from pat_core.figures.palette import theme as theme_called

SHAPES = {True: ("circle", "meets the target"), False: ("x-thin", "misses the target"), None: ("circle-open", "no target")}
"""Met or not -> marker and words: never told by colour alone."""
NUMBER = re.compile(r"[-+]?\d*\.?\d+(?:e[-+]?\d+)?", re.IGNORECASE)
ROW, NAME = 34, 22
"""Pixels of a row, and characters of a line of its name: two lines each, so that the dots have room in a window of 400 pixels."""
TIMES = re.compile(r"\s*x\b")


@dataclass(frozen=True)
class Score:
    """One line. n: weeks (or people) behind it. target: in words, "" where there is none. met: None where there is none."""

    name: str
    value: float
    low: float
    high: float
    n: int = 0
    target: str = ""
    met: bool | None = None


def target_places(words: str) -> tuple[float, ...]:
    """Where on the axis a target stands: ".90" at 0.9, ".9 to 1.1" at both, "5 x chance (0.125)" at 0.125, of two conditions the harder."""
    numbers = list(NUMBER.finditer(words))
    if not numbers:
        return ()
    if " to " in words:
        return tuple(float(each.group()) for each in numbers[:2])
    if "(" not in words:
        return (float(numbers[0].group()),)
    return (max(float(each.group()) for each in numbers if not TIMES.match(words, each.end())),)


def scoreboard_dots(
    scores: Sequence[Score], measure: str, *, chance: float | None = None, theme: ThemeName = "light"
) -> tuple[go.Figure, str]:
    """A row a method, top first: its value with a 95 % interval, an upright tick where its target is, and whether it is met in words.

    measure: what the axis shows. A filled dot meets its target, a cross misses it, an open dot has none. chance: marked by a dotted line.
    """
    colours = theme_called(theme)
    places = list(range(len(scores)))[::-1]
    figure = go.Figure(layout=_layout(scores, places, measure, chance, colours))
    if chance is not None:
        figure.add_vline(x=chance, line={"color": colours.muted, "width": 1.5, "dash": "dot"}, layer="below")
        low = {"y": 0, "yref": "paper", "yanchor": "top", "yshift": -22, "showarrow": False}
        figure.add_annotation(x=chance, text="chance", font={"size": 11, "color": colours.muted}, **low)
    if ticks := _targets(scores, places, colours):
        figure.add_trace(ticks)
    for met, (shape, words) in SHAPES.items():
        chosen = [(place, score) for place, score in zip(places, scores, strict=True) if score.met is met]
        if chosen:
            figure.add_trace(_dots(chosen, met, shape, words, colours))
    for place, score in zip(places, scores, strict=True):
        verdict = "" if score.met is None else f" <b>{'met' if score.met else 'missed'}</b>"
        between = f"<br><span style='color:{colours.muted}'>{_between(score)}</span>" if _between(score) else ""
        text = f"{figures(score.value)}{verdict}{between}"
        beside = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 10, "y": place, "align": "left", "showarrow": False}
        figure.add_annotation(text=text, font={"size": 11, "color": colours.text}, **beside)
    return figure, _words(scores, measure, chance)


def _targets(scores: Sequence[Score], places: Sequence[int], colours: Theme) -> go.Scatter | None:
    x: list[float | None] = []
    y: list[float | None] = []
    for place, score in zip(places, scores, strict=True):
        for value in target_places(score.target):
            x += [value, value, None]
            y += [place - 0.38, place + 0.38, None]
    line = {"color": colours.marker, "width": 2.5}
    return go.Scatter(x=x, y=y, mode="lines", line=line, name="target", hoverinfo="skip") if x else None


def _dots(chosen: Sequence[tuple[int, Score]], met: bool | None, shape: str, words: str, colours: Theme) -> go.Scatter:
    line = {"color": colours.text if met is not True else colours.background, "width": 2.2 if met is False else 1.5}
    return go.Scatter(
        x=[score.value for _, score in chosen],
        y=[place for place, _ in chosen],
        mode="markers",
        name=words,
        marker={"symbol": shape, "size": 11, "color": colours.text, "line": line},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [score.high - score.value for _, score in chosen],
            "arrayminus": [score.value - score.low for _, score in chosen],
            "color": colours.activity,
            "thickness": 2.5,
            "width": 0,
        },
        customdata=[[score.name, _between(score), score.n, f"target {score.target}; " if score.target else ""] for _, score in chosen],
        hovertemplate="%{customdata[0]}: %{x:.3g} (%{customdata[1]}), n = %{customdata[2]}<br>%{customdata[3]}" + words + "<extra></extra>",
    )


def _layout(scores: Sequence[Score], places: Sequence[int], measure: str, chance: float | None, colours: Theme) -> go.Layout:
    values = [end for score in scores for end in (score.low, score.high, score.value, *target_places(score.target))]
    values += [chance] if chance is not None else []
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = 0.06 * ((high - low) or 1.0)
    return base_layout(
        colours,
        84 + ROW * max(len(scores), 1),
        margin={"l": 12, "r": 118, "t": 20, "b": 58},
        dragmode=False,
        hovermode="closest",
        xaxis=axis(colours, measure, range=[low - room, high + room], fixedrange=True, exponentformat="power"),
        yaxis=axis(
            colours,
            tickvals=list(places),
            ticktext=["<br>".join(wrap(score.name, NAME)) for score in scores],
            showgrid=False,
            range=[-0.6, len(scores) - 0.4],
            automargin=True,
            ticklabelstandoff=8,
            fixedrange=True,
        ),
    )


def _between(score: Score) -> str:
    return "" if score.low == score.high else f"{figures(score.low)} to {figures(score.high)}"


def _words(scores: Sequence[Score], measure: str, chance: float | None) -> str:
    sentences = []
    for score in scores:
        between = f"{_between(score)}, " if _between(score) else ""
        verdict = "" if score.met is None else f", {SHAPES[score.met][1]} ({score.target})"
        sentences.append(f"{score.name} {figures(score.value)} ({between}n = {score.n}){verdict}")
    luck = "" if chance is None else f" Chance is {figures(chance)}."
    return f"{measure[:1].upper()}{measure[1:]}, with 95 % intervals: {'; '.join(sentences)}.{luck}"
