"""Lesson 4: attention of one query over the week, two maps under the same week, and what taking patches out changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pat_core.figures.lessons.lesson_chart import DAYS, Chart, Drawn, clock_axis, finished, scaled
from pat_core.figures.palette import Ramp, Theme, ThemeName, between
from pat_core.figures.palette import theme as theme_called

LANE = 46
"""Pixels of a day."""
A_DAY = 80
"""Patches of 18 minutes."""


def week_map(counts: np.ndarray, maps: Mapping[str, np.ndarray], *, planted: np.ndarray | None = None, theme: ThemeName = "light") -> Drawn:
    """counts: (patches,) mean activity. maps: name -> (patches,) multiples of an even share, a strip each.
    planted: (patches,) bool, where the truth lies."""
    colours, names = theme_called(theme), ["activity", *maps]
    limit = max(2.0, float(np.percentile(np.stack(list(maps.values())), 99)))
    high = float(np.percentile(np.sqrt(counts), 99))
    strips = {"activity": np.sqrt(counts) / max(high, 1.0), **{name: values / limit for name, values in maps.items()}}
    ramps: dict[str, Ramp] = {"activity": ((0.0, between(colours.background, colours.activity, 0.04)), (1.0, colours.activity))}
    tables = []
    for name, values in strips.items():
        table = _by_day(np.clip(values, 0, 1), name)
        table["colour"] = _shade(table["value"].to_numpy(), ramps.get(name, colours.attention))
        tables.append(table)
    place = {
        "y": alt.Y("day:N", sort=list(DAYS), title=None, scale=alt.Scale(paddingInner=0.18)),
        "yOffset": alt.YOffset("row:N", sort=names, scale=alt.Scale(paddingInner=0.12)),
        "x": alt.X("from:Q", **clock_axis()),
        "x2": "until:Q",
    }
    layers = [alt.Chart(pd.concat(tables)).mark_rect().encode(color=alt.Color("colour:N", scale=None), **place)]
    if planted is not None and planted.any():
        layers.append(_outline(planted, place, colours))
    words = [f"Upper strip of each day: activity. Below: {' and '.join(maps)}; full colour from {limit:.1f} even shares on."]
    words += [] if planted is None else ["Violet: where the truth was planted."]
    return finished(alt.layer(*layers), colours, LANE * 7 if len(maps) < 2 else 58 * 7), " ".join(words)


def without_patches(taken: Sequence[int], changes: Mapping[str, np.ndarray], chosen: int, *, theme: ThemeName = "light") -> Drawn:
    """changes: order -> (taken,) change of the logit once so many patches are put to the mean week; `chosen` is pointed at."""
    colours, names = theme_called(theme), list(changes)
    rows = [
        {"taken": number, "change": float(value), "order": name}
        for name, values in changes.items()
        for number, value in zip(taken, values, strict=True)
    ]
    table = pd.DataFrame(rows)
    low, high = float(table["change"].min()), float(table["change"].max())
    x = alt.X(
        "taken:Q",
        title="patches taken out, of 560",
        scale=alt.Scale(type="sqrt", domain=[0, max(taken)]),
        axis=alt.Axis(values=list(taken)),
    )
    y = alt.Y("change:Q", **scaled("change of the score, logits", low - 0.4, high + 0.4))
    key = alt.Legend(orient="top", title=None, labelColor=colours.text, labelFontSize=12, symbolType="stroke", labelLimit=300)
    shades = [colours.attention[3][1], colours.raises, colours.muted]
    line = (
        alt.Chart(table)
        .mark_line(point={"filled": True}, strokeWidth=2.5)
        .encode(x=x, y=y, color=alt.Color("order:N", scale=alt.Scale(domain=names, range=shades[: len(names)]), legend=key))
    )
    rule = alt.Chart(pd.DataFrame({"taken": [chosen]})).mark_rule(color=colours.muted, strokeDash=[4, 4]).encode(x=x)
    at = table[table["taken"] == chosen]
    each = ", ".join(f"{name} {value:+.1f}" for name, value in zip(at["order"], at["change"], strict=True))
    caption = f"Mean over 8 simulated people. With {chosen} patches put to the mean week: {each} logits."
    return finished(alt.layer(rule, line), colours, 300), caption


def _by_day(values: np.ndarray, row: str) -> pd.DataFrame:
    patches = np.arange(values.size)
    return pd.DataFrame(
        {
            "day": np.array(DAYS)[patches // A_DAY],
            "row": row,
            "from": patches % A_DAY * 0.3,
            "until": (patches % A_DAY + 1) * 0.3,
            "value": values,
        }
    )


def _shade(shares: np.ndarray, ramp: Ramp) -> list[str]:
    """The colour of each share (0 to 1) on a ramp, in 40 steps."""
    stops, steps = [stop for stop, _ in ramp], np.round(shares * 40) / 40

    def at(share: float) -> str:
        upper = next(number for number, stop in enumerate(stops) if share <= stop)
        if upper == 0:
            return ramp[0][1]
        low, high = ramp[upper - 1], ramp[upper]
        return between(low[1], high[1], (share - low[0]) / (high[0] - low[0]))

    table = {share: at(float(share)) for share in np.unique(steps)}
    return [table[share] for share in steps]


def _outline(planted: np.ndarray, place: Mapping[str, Any], colours: Theme) -> Chart:
    """A shade over the planted patches, in the strip of activity."""
    marked = _by_day(planted.astype(float), "activity").query("value > 0")
    return alt.Chart(marked).mark_rect(fill=colours.marker, opacity=0.55).encode(**place)
