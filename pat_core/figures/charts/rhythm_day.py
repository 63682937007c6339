"""The mean day of a week with its most and least active hours and the cosine fitted to it."""

from __future__ import annotations

from math import isfinite

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import Theme, ThemeName, axis, base_layout, figures, set_layout
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.sheet.day_chart import add_key
from pat_core.figures.sheet.lanes import clock, hours_minutes
from pat_core.figures.sheet.sheet_plan import unit_words
from pat_core.records import RhythmFigures, Week
from pat_core.rhythms import Cosinor, mean_day
from pat_core.rhythms.figures import L5_MINUTES, M10_MINUTES
from pat_core.settings import MINUTES_PER_DAY
from pat_core.weeks import span

BIN = 10
"""Minutes of the mean day drawn as one point."""
SPANS = {"m10": ("M10", M10_MINUTES), "l5": ("L5", L5_MINUTES)}


def rhythm_day(week: Week, rhythm: RhythmFigures, *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """The mean day in steps of 10 minutes, bars over the most active ten and the least active five hours at the height of their mean, the
    cosine with its mesor, and the acrophase as an upright line.

    rhythm: of this week; what it does not define is not drawn. Clock from midnight to midnight; hours of the recording's day where the
    clock is not known.
    """
    colours = theme_called(theme)
    known = week.start is not None
    day = mean_day(week.values, week.start.hour * 60 + week.start.minute if week.start else 0)
    hours = (np.arange(0, MINUTES_PER_DAY, BIN) + BIN / 2) / 60
    margin = {"l": 62, "r": 20, "t": 36, "b": 62 if known else 82}
    figure = go.Figure(layout=base_layout(colours, 318, margin=margin, dragmode=False, hovermode="x"))
    figure.add_scatter(
        x=hours,
        y=steps(day),
        mode="lines",
        name="mean day",
        line={"color": colours.activity, "width": 1.4},
        fill="tozeroy",
        fillcolor=colours.grid,
        hovertemplate=f"mean day %{{y:,.1f}}{unit_words(week, ' %s')}<extra></extra>",
    )
    wave = Cosinor(rhythm.mesor, rhythm.amplitude, rhythm.acrophase)
    if isfinite(rhythm.mesor):
        figure.add_traces(_wave(week, wave, hours, colours))
    for name in SPANS:
        if isfinite(getattr(rhythm, name)):
            figure.add_trace(_span(week, rhythm, name, colours))
    ticks = list(range(0, 25, 3))
    words = ["" if hour % 6 else f"{hour % 24:02d}:00" if known else f"{hour} h" for hour in ticks]  # every other one, for narrow windows
    set_layout(
        figure,
        xaxis=axis(
            colours,
            None if known else "hours into each day of the recording",
            range=[0, 24],
            tickvals=ticks,
            ticktext=words,
            fixedrange=True,
        ),
        yaxis=axis(colours, f"activity{unit_words(week, ', %s')}", rangemode="tozero", nticks=5, fixedrange=True),
        annotations=list(_labels(week, rhythm, colours)),
    )
    add_key(figure, _signs(rhythm, colours), -30 if known else -50, colours, left=56)
    return figure, _caption(week, rhythm)


def steps(day: np.ndarray) -> np.ndarray:
    """(1440,) -> (1440 / BIN,) mean of the minutes that are there, NaN where none is."""
    parts = np.asarray(day, float).reshape(-1, BIN)
    there = np.isfinite(parts)
    return np.where(there.any(1), np.where(there, parts, 0).sum(1) / np.maximum(there.sum(1), 1), np.nan)


def pieces(start: float, minutes: int) -> list[tuple[float, float]]:
    """A window of the day in hours from midnight, cut in two where it goes past the end of the day."""
    end = start + minutes
    parts = [(start, end)] if end <= MINUTES_PER_DAY else [(start, MINUTES_PER_DAY), (0, end - MINUTES_PER_DAY)]
    return [(first / 60, last / 60) for first, last in parts]


def _wave(week: Week, wave: Cosinor, hours: np.ndarray, colours: Theme) -> list[go.Scatter]:
    unit = unit_words(week, " %s")
    drawn = [
        go.Scatter(
            x=hours,
            y=wave.curve(hours * 60),
            mode="lines",
            name="cosine",
            line={"color": colours.marker, "width": 2},
            hovertemplate=f"cosine %{{y:,.1f}}{unit}<extra></extra>",
        ),
        go.Scatter(
            x=[0, 24],
            y=[wave.mesor, wave.mesor],
            mode="lines",
            name="mesor",
            hoverinfo="skip",
            line={"color": colours.marker, "width": 1, "dash": "dot"},
        ),
    ]
    if isfinite(wave.acrophase):
        at, top = wave.acrophase / 60, wave.mesor + wave.amplitude
        drawn.append(
            go.Scatter(
                x=[at, at],
                y=[0, top],
                mode="lines",
                name="acrophase",
                hoverinfo="skip",
                line={"color": colours.marker, "width": 1, "dash": "dash"},
            )
        )
    return drawn


def _span(week: Week, rhythm: RhythmFigures, name: str, colours: Theme) -> go.Scatter:
    """A thick line over the window, at its mean."""
    title, minutes = SPANS[name]
    level, start = getattr(rhythm, name), getattr(rhythm, f"{name}_start")
    x: list[float] = []
    for first, last in pieces(start, minutes):
        x += [first, last, np.nan]
    y = [np.nan if value != value else level for value in x]
    look = {"color": colours.text, "width": 5}
    hover = f"{title} {figures(level, 3)}{unit_words(week, ' %s')}<extra></extra>"
    return go.Scatter(x=x, y=y, mode="lines", name=title, line=look, hovertemplate=hover)


def _labels(week: Week, rhythm: RhythmFigures, colours: Theme):
    """The names of bars and peak with their times, over the picture so that they never lie on the curve."""
    place = {"yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False, "yshift": 4}
    for name, (title, minutes) in SPANS.items():
        if isfinite(getattr(rhythm, name)):
            start = getattr(rhythm, f"{name}_start")
            first, last = max(pieces(start, minutes), key=lambda piece: piece[1] - piece[0])
            at = (first + last) / 2
            text = f"{title} {_when(week, start)} to {_when(week, start + minutes)}"
            yield {**place, "x": min(max(at, 2.2), 21.8), "text": text, "font": {"size": 12, "color": colours.text}}
    if isfinite(rhythm.acrophase):
        text = f"Peak of the cosine {_when(week, rhythm.acrophase)}"
        at = min(max(rhythm.acrophase / 60, 3), 21)
        yield {**place, "x": at, "yshift": 19, "text": text, "font": {"size": 12, "color": colours.marker}}


def _signs(rhythm: RhythmFigures, colours: Theme) -> list[tuple[bool, str, str, str]]:
    return [
        (True, colours.activity, "━", "Mean day"),
        (isfinite(rhythm.l5), colours.text, "▬", "M10 and L5, at their means"),
        (isfinite(rhythm.mesor), colours.marker, "━", "Cosine of 24 hours"),
        (isfinite(rhythm.mesor), colours.marker, "····", "Mesor"),
        (isfinite(rhythm.acrophase), colours.marker, "╎", "Acrophase"),
    ]


def _when(week: Week, minutes: float) -> str:
    minutes = minutes % MINUTES_PER_DAY
    return clock(minutes) if week.start else f"{hours_minutes(minutes)} h"


def _caption(week: Week, rhythm: RhythmFigures) -> str:
    unit = unit_words(week, " %s")
    sentences = [
        f"Mean day of {week.participant}, {span(week.values.size)} {week.index + 1}, in steps of {BIN} minutes, missing minutes left out."
    ]
    for name, (title, minutes) in SPANS.items():
        level, start = getattr(rhythm, name), getattr(rhythm, f"{name}_start")
        if isfinite(level):
            which = "most" if name == "m10" else "least"
            sentences.append(
                f"{title}, the {which} active {minutes // 60} hours in a row, lie from {_when(week, start)} to "
                f"{_when(week, start + minutes)} with a mean of {figures(level, 3)}{unit}."
            )
    if isfinite(rhythm.mesor):
        sentences.append(
            f"A cosine of 24 hours fitted to the {span(week.values.size)} has the mean (mesor) {figures(rhythm.mesor, 3)}{unit} and the "
            f"amplitude {figures(rhythm.amplitude, 3)}{unit}."
        )
    if isfinite(rhythm.acrophase):
        sentences.append(f"Its peak (acrophase) is at {_when(week, rhythm.acrophase)}.")
    if len(sentences) == 1:
        sentences.append(f"No rhythm figure is defined for this {span(week.values.size)}.")
    return " ".join(sentences)
