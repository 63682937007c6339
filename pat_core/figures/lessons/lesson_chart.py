"""What the charts of all lessons share: their look, clock axes, strips of a day, and bars with a name each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from pat_core.figures.charts.linked_evaluation import ON_CANVAS, chart_config
from pat_core.figures.palette import Theme, ThemeName
from pat_core.figures.palette import theme as theme_called

Chart = Any
Spec = dict[str, Any]
Drawn = tuple[Spec, str]
"""What a figure function gives: Vega-Lite, and what it shows in words, also its alternative text."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CLOCK = "(datum.value % 24 < 10 ? '0' : '') + datum.value % 24 + ':00'"


def finished(chart: Chart, colours: Theme, height: int | None = None) -> Spec:
    """Vega-Lite in the theme, as wide as its place. height: pixels, of a chart that has none yet."""
    sized = chart.properties(width="container", **({} if height is None else {"height": height}))
    spec = sized.configure(**chart_config(colours)).to_dict(validate=False)
    return {**spec, "autosize": {"type": "fit-x", "contains": "padding"}, "usermeta": ON_CANVAS}


def clock_axis(title: str | None = "clock time", every: int = 3) -> dict[str, Any]:
    """x from 0 to 24 hours, labelled as a clock."""
    axis = alt.Axis(values=list(range(0, 25, every)), labelExpr=CLOCK, grid=False, labelOverlap=True)
    return {"title": title, "scale": alt.Scale(domain=[0, 24], nice=False), "axis": axis}


def scaled(title: str | None, low: float, high: float, ticks: int = 5, **axis: Any) -> dict[str, Any]:
    """An axis from `low` to `high`, what lies beyond them cut off. axis: passed on to it."""
    return {"title": title, "scale": alt.Scale(domain=[low, high], nice=False, clamp=True), "axis": alt.Axis(tickCount=ticks, **axis)}


def clock(hour: float) -> str:
    """13.5 -> "13:30"."""
    minutes = round(hour * 60) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def moment(minute: int) -> str:
    """A minute of the week, from Monday 00:00, in words: "Wed 13:00"."""
    return f"{DAYS[minute // 1440 % 7]} {minute % 1440 // 60:02d}:{minute % 60:02d}"


@dataclass(frozen=True)
class Strip:
    """A row of coloured stretches in each day's lane. name: in the key. stretches: (first, end) minutes of the week. colour: "#rrggbb"."""

    name: str
    stretches: Sequence[tuple[int, int]]
    colour: str
    row: int


def day_strips(strips: Sequence[Strip], rows: Sequence[str], days: int = 7) -> pd.DataFrame:
    """A line for each stretch, cut at midnight: day, row, from and until (hours), kind."""
    lines = [
        {"day": DAYS[day], "row": rows[strip.row], "from": max(0, first - day * 1440) / 60, "until": min(1440, end - day * 1440) / 60,
         "kind": strip.name}
        for strip in strips
        for first, end in strip.stretches
        for day in range(first // 1440, min(days, (end - 1) // 1440 + 1))
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=["day", "row", "from", "until", "kind"])


def lanes_of_strips(strips: Sequence[Strip], rows: Sequence[str], *, theme: ThemeName, days: int = 7) -> Spec:
    """A lane a day from midnight to midnight, in it a strip for each of `rows`, coloured by what it is."""
    colours, table = theme_called(theme), day_strips(strips, rows, days)
    palette = alt.Scale(domain=[strip.name for strip in strips], range=[strip.colour for strip in strips])
    key = alt.Legend(orient="top", title=None, labelColor=colours.text, labelFontSize=12, symbolType="square", columns=2, labelLimit=260)
    every = pd.DataFrame([{"day": day, "row": row, "from": 0.0, "until": 24.0} for day in DAYS[:days] for row in rows])
    place = {
        "y": alt.Y("day:N", sort=list(DAYS[:days]), title=None, scale=alt.Scale(paddingInner=0.3)),
        "yOffset": alt.YOffset("row:N", sort=list(rows)),
        "x": alt.X("from:Q", **clock_axis()),
        "x2": "until:Q",
    }
    tips = [alt.Tooltip("kind:N"), alt.Tooltip("day:N"), alt.Tooltip("from:Q", format=".1f"), alt.Tooltip("until:Q", format=".1f")]
    base = alt.Chart(every).mark_rect(color=colours.grid, opacity=0.45).encode(**place)
    parts = alt.Chart(table).mark_rect().encode(color=alt.Color("kind:N", scale=palette, legend=key), tooltip=tips, **place)
    return finished(alt.layer(base, parts), colours, 40 * days)
