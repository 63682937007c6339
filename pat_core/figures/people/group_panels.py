"""Groups of people on one figure: how their values are spread, with each median and its interval. A small chart for each figure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from pat_core.evaluation.group_difference import GroupSpread
from pat_core.figures.charts.linked_evaluation import chart_config
from pat_core.figures.palette import ThemeName
from pat_core.figures.palette import figures as digits
from pat_core.figures.palette import theme as theme_called

ROW = 44
"""Pixels of a group."""
RISE = 0.72
"""Of a row, how much its density may take."""


def group_panel(
    title: str, grid: np.ndarray, groups: Sequence[GroupSpread], *, opens: int | None = None, theme: ThemeName = "light"
) -> tuple[alt.LayerChart, str]:
    """One figure. grid: (points,) over which the groups' densities are. opens: of clock times, which are hours after it; None for numbers.

    Each group is a hill of its values with the quartiles as a thin line, the median as a dot, and its 95 % interval as a thick line; few
    people are also drawn one by one.
    """
    colours, last = theme_called(theme), len(groups) - 1
    names = [f"{_short(group.name)} ({group.people:,})" for group in groups]
    labels = f"{json.dumps(names[::-1])}[round(datum.value)]"
    y = alt.Y("row:Q", title=None, scale=alt.Scale(domain=[-0.25, last + 0.9], nice=False),
              axis=alt.Axis(values=list(range(last + 1)), labelExpr=labels, grid=False, labelLimit=150))  # fmt: skip
    x = alt.X("value:Q", title=None, scale=alt.Scale(zero=False, nice=False), axis=_axis(opens))
    layers: list[alt.Chart] = []
    for place, group in enumerate(groups):
        base = last - place
        hill = pd.DataFrame({"value": grid, "row": base + RISE * group.height, "base": base})
        if group.people > 1 and np.ptp(grid) > 0:
            layers.append(alt.Chart(hill).mark_area(color=colours.activity, opacity=0.28).encode(x=x, y=y, y2="base:Q"))
        if len(group.values):
            dots = pd.DataFrame({"value": group.values, "row": base - 0.12})
            layers.append(alt.Chart(dots).mark_tick(color=colours.activity, opacity=0.5, thickness=1, height=6).encode(x=x, y=y))
        layers += _median(group, base, x, y, colours.text, opens)
    chart = alt.layer(*(layers or [alt.Chart(pd.DataFrame({"value": [], "row": []})).mark_point().encode(x=x, y=y)]))
    chart = chart.properties(height=ROW * len(groups) + 30, title=alt.TitleParams(_short(title, 60)))
    return chart.configure(**chart_config(colours)), panel_words(title, groups, opens)


def _median(group: GroupSpread, base: int, x: alt.X, y: alt.Y, colour: str, opens: int | None) -> list[alt.Chart]:
    """Quartiles, interval and dot of one group; nothing of a group without values."""
    median = group.median
    if math.isnan(median.value):
        return []
    row = {"row": base, "value": median.value, "low": median.low, "high": median.high, "first": group.middle[0], "third": group.middle[1]}
    one = pd.DataFrame([row | {"group": group.name, "words": spread_words(group, opens)}])
    tip = [alt.Tooltip("group:N", title="Group"), alt.Tooltip("words:N", title="Median")]
    layers = [alt.Chart(one).mark_rule(color=colour, strokeWidth=1).encode(x=alt.X("first:Q"), x2="third:Q", y=y)]
    if not math.isnan(median.low):
        layers.append(alt.Chart(one).mark_rule(color=colour, strokeWidth=3.5).encode(x=alt.X("low:Q"), x2="high:Q", y=y))
    return [*layers, alt.Chart(one).mark_point(filled=True, size=55, color=colour, opacity=1).encode(x=x, y=y, tooltip=tip)]


def _axis(opens: int | None) -> alt.Axis:
    if opens is None:
        return alt.Axis(format=",.3~r", tickCount=4)
    hour = f"floor((datum.value + {opens}) % 24)"
    minute = "round(60 * (datum.value % 1)) % 60"
    return alt.Axis(labelExpr=f"pad({hour}, 2, '0', 'left') + ':' + pad({minute}, 2, '0', 'left')", tickCount=4)


def panel_words(title: str, groups: Sequence[GroupSpread], opens: int | None = None) -> str:
    """The caption: each group's median with its interval and people."""
    parts = [f"{group.name} {spread_words(group, opens)}, {group.people:,} people" for group in groups]
    return f"{title}: {'; '.join(parts)}."


def spread_words(group: GroupSpread, opens: int | None = None) -> str:
    """ "7.4 (7.1 to 7.8)", the median with its 95 % interval."""
    median = group.median
    if math.isnan(median.value):
        return "no value"
    if math.isnan(median.low):
        return f"{_value(median.value, opens)} (too few people for an interval)"
    return f"{_value(median.value, opens)} ({_value(median.low, opens)} to {_value(median.high, opens)})"


def _value(value: float, opens: int | None) -> str:
    if opens is None:
        return digits(value, 3)
    minutes = round((opens + value) * 60) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _short(text: str, most: int = 26) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
