"""Lesson 3: hidden minutes of a day and what is guessed of them, errors by how much is hidden, how far guesses swing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pat_core.figures.charts.rebuilt_strips import cover_colour
from pat_core.figures.lessons.lesson_chart import DAYS, Chart, Drawn, clock_axis, finished, scaled
from pat_core.figures.palette import Theme, ThemeName
from pat_core.figures.palette import theme as theme_called

HEIGHT = 300
STEP = 6
"""Minutes that are drawn as one."""
DAY = 1440


def hidden_day(z: np.ndarray, hidden: np.ndarray, guesses: Mapping[str, np.ndarray], day: int, *, theme: ThemeName = "light") -> Drawn:
    """z, hidden, guesses: (minutes,) of the week. guesses: name -> the week by it, drawn where minutes are hidden; the first one in violet.
    day: which is drawn, from 0."""
    colours, part = theme_called(theme), slice(day * DAY, (day + 1) * DAY)
    x = alt.X("hour:Q", **clock_axis())
    shown = z[part].reshape(-1, STEP).mean(axis=1)
    y = scaled("z, standard deviations", float(min(-0.8, shown.min() - 0.2)), float(max(2.5, 1.1 * shown.max())))
    table = pd.DataFrame({"hour": np.arange(0, DAY, STEP) / 60, "z": shown})
    area = alt.Chart(table).mark_area(color=colours.activity, opacity=0.55, interpolate="step-after").encode(x=x, y=alt.Y("z:Q", **y))
    layers = [_cover(hidden[part], colours, x), area]
    for number, (name, week) in enumerate(guesses.items()):
        layers.append(_guess(name, week[part], hidden[part], _palette(list(guesses), colours), number, x, y))
    caption = (
        f"{DAYS[day]}. Slate: what was measured, means of {STEP} minutes. Pale violet: hidden from whoever guesses. "
        f"Lines: the guesses there ({', '.join(guesses)})."
    )
    return finished(alt.layer(*layers), colours, HEIGHT), caption


def error_curves(ratios: Sequence[int], errors: np.ndarray, names: Sequence[str], ratio: int, *, theme: ThemeName = "light") -> Drawn:
    """errors: (ratios, ways) mean squared, in squared standard deviations. ratio: the one that is pointed at."""
    colours = theme_called(theme)
    rows = [
        {"ratio": percent, "error": float(errors[row, way]), "way": name}
        for row, percent in enumerate(ratios)
        for way, name in enumerate(names)
    ]
    table = pd.DataFrame(rows)
    x = alt.X("ratio:Q", **scaled("percent of the patches that are hidden", 5, 95, values=list(ratios), grid=False))
    y = alt.Y("error:Q", **scaled("mean squared error", 0, float(1.1 * errors.max())))
    line = alt.Chart(table).mark_line(point={"filled": True}, strokeWidth=2.5).encode(x=x, y=y, color=_palette(names, colours))
    rule = alt.Chart(pd.DataFrame({"ratio": [ratio]})).mark_rule(color=colours.muted, strokeDash=[4, 4]).encode(x=x)
    at = table[table["ratio"] == ratio]
    each = ", ".join(f"{name} {error:.2f}" for name, error in zip(names, at["error"], strict=True))
    caption = f"Errors on hidden minutes, mean over 12 simulated people; at {ratio} %: {each}. Lower is better."
    return finished(alt.layer(rule, line), colours, HEIGHT), caption


def spreads(truth: np.ndarray, guess: np.ndarray, *, theme: ThemeName = "light") -> Drawn:
    """truth, guess: (n,) z of the hidden minutes: how many of them are how high."""
    colours, edges = theme_called(theme), np.linspace(-1, 4, 26)
    names = ("measured", "guessed")
    rows = [
        {"z": low, "until": low + 0.2, "percent": 100 * count / truth.size, "of": name}
        for name, values in zip(names, (truth, guess), strict=True)
        for low, count in zip(edges[:-1], np.histogram(np.clip(values, -1, 4), edges)[0], strict=True)
    ]
    table = pd.DataFrame(rows)
    x = alt.X("z:Q", **scaled("z, standard deviations", -1, 4, grid=False))
    table["floor"] = 0.0
    y = {**scaled("percent of the hidden minutes", 0, float(1.05 * table["percent"].max()))}
    key = alt.Legend(orient="top", title=None, labelColor=colours.text, labelFontSize=12)
    shade = alt.Color("of:N", scale=alt.Scale(domain=list(names), range=[colours.activity, colours.marker]), legend=key)
    bars = alt.Chart(table).mark_rect(opacity=0.55).encode(x=x, x2="until:Q", y=alt.Y("percent:Q", **y), y2="floor:Q", color=shade)
    caption = (
        f"Hidden minutes by height. Standard deviation: {truth.std():.2f} of the measured ones, {guess.std():.2f} of the guessed ones."
    )
    return finished(bars, colours, HEIGHT), caption


def _palette(names: Sequence[str], colours: Theme) -> alt.Color:
    key = alt.Legend(orient="top", title=None, labelColor=colours.text, labelFontSize=12, symbolType="stroke", labelLimit=260)
    shades = [colours.marker, colours.lowers, colours.attention[3][1]][: len(names)]
    return alt.Color("way:N", scale=alt.Scale(domain=list(names), range=shades), legend=key)


def _cover(hidden: np.ndarray, colours: Theme, x: alt.X) -> Chart:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hidden, [False]]).astype(np.int8))) / 60
    table = pd.DataFrame({"hour": edges[::2], "until": edges[1::2]})
    return alt.Chart(table).mark_rect(color=cover_colour(colours)).encode(x=x, x2="until:Q", y=alt.value(0), y2=alt.value(HEIGHT))


def _guess(name: str, week: np.ndarray, hidden: np.ndarray, shade: alt.Color, number: int, x: alt.X, y: dict[str, Any]) -> Chart:
    """One line, broken where nothing is hidden."""
    means = np.where(hidden, week, np.nan).reshape(-1, STEP)
    drawn = np.where(np.isfinite(means).all(axis=1), means.mean(axis=1), np.nan)
    table = pd.DataFrame({"hour": np.arange(0, DAY, STEP) / 60, "z": drawn, "way": name})
    dash: dict[str, Any] = {} if number == 0 else {"strokeDash": [6, 3] if number == 1 else [2, 3]}
    return alt.Chart(table).mark_line(strokeWidth=2.5, **dash).encode(x=x, y=alt.Y("z:Q", **y), color=shade)
