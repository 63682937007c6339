"""Lesson 2: minutes in patches, minutes computed back from tokens, what attention costs, and a bout across borders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pat_core.figures.lessons.lesson_chart import Chart, Drawn, clock, clock_axis, finished, scaled
from pat_core.figures.palette import Theme, ThemeName
from pat_core.figures.palette import theme as theme_called

HEIGHT = 300


def patched(counts: np.ndarray, patch: int, start: int, means: np.ndarray | None = None, *, theme: ThemeName = "light") -> Drawn:
    """counts: (minutes,) of a part of a day that begins at the minute `start` of the day. means: the same with each patch as its mean."""
    colours, hours = theme_called(theme), (start + np.arange(counts.size)) / 60
    x = alt.X("hour:Q", **_hours(start, counts.size))
    y = scaled("counts a minute", 0, float(1.05 * counts.max()))
    table = pd.DataFrame({"hour": hours, "counts": counts, "means": counts if means is None else means})
    area = alt.Chart(table).mark_area(color=colours.activity, opacity=0.6, interpolate="step-after").encode(x=x, y=alt.Y("counts:Q", **y))
    layers = [_bands(patch, start, counts.size, colours, x), area]
    if means is not None:
        line = alt.Chart(table).mark_line(color=colours.marker, strokeWidth=2.5, interpolate="step-after")
        layers.append(line.encode(x=x, y=alt.Y("means:Q", **y)))
    caption = (
        f"{clock(start / 60)} to {clock((start + counts.size) / 60)} of one Tuesday. Each band, light or dark, is a patch of {patch} min."
    )
    caption += "" if means is None else " Violet: the mean of each patch."
    return finished(alt.layer(*layers), colours, HEIGHT), caption


def computed_back(z: np.ndarray, back: np.ndarray, numbers: int, start: int, *, theme: ThemeName = "light") -> Drawn:
    """z, back: (minutes,) standardized, as they are and as computed back from so many numbers of each token."""
    colours = theme_called(theme)
    x = alt.X("hour:Q", **_hours(start, z.size))
    y = scaled("z, standard deviations", float(min(0.0, z.min()) - 0.3), float(1.15 * z.max()))
    table = pd.DataFrame({"hour": (start + np.arange(z.size)) / 60, "z": z, "back": back})
    area = alt.Chart(table).mark_area(color=colours.activity, opacity=0.55, interpolate="step-after").encode(x=x, y=alt.Y("z:Q", **y))
    line = alt.Chart(table).mark_line(color=colours.marker, strokeWidth=1.8).encode(x=x, y=alt.Y("back:Q", **y))
    caption = f"Slate: the minutes. Violet: the minutes computed back from {numbers} of the 96 numbers of each token."
    return finished(alt.layer(area, line), colours, HEIGHT), caption


def cost(patches: Sequence[int], pairs: Sequence[int], patch: int, *, theme: ThemeName = "light") -> Drawn:
    """Comparisons of attention in one head, by patch; the chosen one is pointed at."""
    colours = theme_called(theme)
    table = pd.DataFrame({"patch": list(patches), "pairs": list(pairs)})
    log = alt.Scale(type="log", base=2, domain=[min(patches) * 0.9, max(patches) * 1.8], nice=False)
    x = alt.X("patch:Q", title="minutes in a patch", scale=log, axis=alt.Axis(values=list(patches), grid=False))
    y = alt.Y(
        "pairs:Q",
        title="comparisons in one head",
        scale=alt.Scale(type="log", domain=[4000, 8_000_000]),
        axis=alt.Axis(format="~s", values=[10_000, 100_000, 1_000_000]),
    )
    line = alt.Chart(table).mark_line(color=colours.activity, point={"color": colours.activity, "filled": True}).encode(x=x, y=y)
    at = table[table["patch"] == patch].assign(words=lambda row: row["pairs"].map("{:,}".format))
    point = alt.Chart(at).mark_point(color=colours.marker, filled=True, size=160, opacity=1).encode(x=x, y=y)
    words = (
        alt.Chart(at)
        .mark_text(color=colours.marker, fontSize=15, fontWeight=600, dy=-12, dx=8, align="left")
        .encode(x=x, y=y, text="words:N")
    )
    caption = (
        f"Every token is compared with every token. Patches of {patch} min: {int(at['pairs'].iloc[0]):,} comparisons. Both axes double."
    )
    return finished(alt.layer(line, point, words), colours, HEIGHT), caption


def bout_across(
    first: int, length: int, shift: int, patch: int, minutes: int, shares: Mapping[int, int], *, theme: ThemeName = "light"
) -> Drawn:
    """A bout of activity and the patches that begin at minute `shift`, over so many minutes. shares: token -> minutes of the bout."""
    colours = theme_called(theme)
    x = alt.X("from:Q", title="minute", scale=alt.Scale(domain=[0, minutes], nice=False), axis=alt.Axis(grid=False))
    starts = np.arange(shift - patch, minutes, patch)
    tokens = pd.DataFrame({"from": np.maximum(0, starts), "until": np.minimum(minutes, starts + patch), "token": (starts - shift) // patch})
    tokens["dark"], tokens["held"] = tokens["token"] % 2 == 0, tokens["token"].map(lambda one: shares.get(one, 0))
    tokens["words"] = [f"{held} min" if held else "" for held in tokens["held"]]
    tokens["middle"] = (tokens["from"] + tokens["until"]) / 2
    shade = alt.Color("dark:N", scale=alt.Scale(domain=[False, True], range=[colours.background, colours.sleep]), legend=None)
    band = alt.Chart(tokens).mark_rect(stroke=colours.grid).encode(x=x, x2="until:Q", y=alt.value(0), y2=alt.value(180), color=shade)
    bout = alt.Chart(pd.DataFrame({"from": [first], "until": [first + length]})).mark_rect(color=colours.activity)
    held = alt.Chart(tokens).mark_text(color=colours.marker, fontSize=16, fontWeight=600)
    layers = [
        band,
        bout.encode(x=x, x2="until:Q", y=alt.value(50), y2=alt.value(110)),
        held.encode(x=alt.X("middle:Q"), y=alt.value(145), text="words:N"),
    ]
    parts = " and ".join(f"{count} min" for count in shares.values())
    caption = (
        f"Slate: a bout of {length} minutes. Bands: patches of {patch} minutes, the first whole one from minute {shift}. They hold {parts}."
    )
    return finished(alt.layer(*layers), colours, 180), caption


def _bands(patch: int, start: int, minutes: int, colours: Theme, x: alt.X) -> Chart:
    """Every other patch of the day, shaded."""
    first = np.arange(-(-start // patch) * patch - patch, start + minutes, patch)
    edges = pd.DataFrame({"hour": np.maximum(first, start) / 60, "until": np.minimum(first + patch, start + minutes) / 60})
    shaded = edges[(first // patch) % 2 == 0]
    return (
        alt.Chart(shaded).mark_rect(color=colours.sleep_key, opacity=0.35).encode(x=x, x2="until:Q", y=alt.value(0), y2=alt.value(HEIGHT))
    )


def _hours(start: int, minutes: int) -> dict[str, Any]:
    """The clock axis of a part of a day."""
    axis = clock_axis(every=1)
    return {**axis, "scale": alt.Scale(domain=[start / 60, (start + minutes) / 60], nice=False)}
