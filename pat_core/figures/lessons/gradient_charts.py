"""Lesson 5: the score along the way from a baseline to a week, what the steps add up to, and who adds it."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from pat_core.figures.lessons.lesson_chart import DAYS, Drawn, clock_axis, finished, scaled
from pat_core.figures.palette import Ramp, ThemeName, between
from pat_core.figures.palette import theme as theme_called

HEIGHT = 300
A_DAY = 80


def walked(scores: np.ndarray, slopes: np.ndarray, place: int, *, theme: ThemeName = "light") -> Drawn:
    """scores, slopes: (points,) logits along the way, and their slope. place: the point that was reached."""
    colours, way = theme_called(theme), np.linspace(0, 100, len(scores))
    table = pd.DataFrame({"way": way, "score": scores})
    x = alt.X("way:Q", **scaled("percent of the way from the baseline to the week", 0, 100, grid=False))
    low, high = float(scores.min()), float(scores.max())
    y = alt.Y("score:Q", **scaled("score, logits", low - 0.1 * (high - low), high + 0.25 * (high - low)))
    line = alt.Chart(table).mark_line(color=colours.activity, strokeWidth=2.5).encode(x=x, y=y)
    done = alt.Chart(table.iloc[: place + 1]).mark_line(color=colours.marker, strokeWidth=4).encode(x=x, y=y)
    ends = np.array([max(0.0, way[place] - 12), min(100.0, way[place] + 12)])
    tangent = pd.DataFrame({"way": ends, "score": scores[place] + slopes[place] * (ends - way[place]) / 100})
    slope = alt.Chart(tangent).mark_line(color=colours.raises, strokeDash=[6, 3], strokeWidth=2, clip=True).encode(x=x, y=y)
    point = alt.Chart(table.iloc[[place]]).mark_point(color=colours.marker, filled=True, size=150, opacity=1).encode(x=x, y=y)
    slope_words = f"Dashed: the slope here, {slopes[place]:+.1f} logits a way."
    caption = f"Slate: the score along the way. Violet: walked so far, {way[place]:.0f} %. {slope_words}"
    return finished(alt.layer(line, done, slope, point), colours, HEIGHT), caption


def sums(change: np.ndarray, added: np.ndarray, place: int, *, theme: ThemeName = "light") -> Drawn:
    """change, added: (points,) by how much the score has changed since the baseline, and what the minutes have added up to, in logits."""
    colours, way = theme_called(theme), np.linspace(0, 100, len(change))
    names = ["change of the score", "sum over all minutes"]
    table = pd.DataFrame({"what": names, "logits": [change[place], added[place]]})
    low, high = float(min(0.0, change.min(), added.min())), float(max(0.1, change.max(), added.max()))
    x = alt.X("logits:Q", **scaled("logits", 1.1 * low, 1.15 * high))
    shade = alt.Color("what:N", scale=alt.Scale(domain=names, range=[colours.activity, colours.marker]), legend=None)
    base = alt.Chart(table).encode(y=alt.Y("what:N", sort=names, title=None, axis=alt.Axis(labelLimit=180)), x=x)
    bars = base.mark_bar(height=34).encode(color=shade)
    words = base.mark_text(align="left", dx=6, fontSize=15, fontWeight=600, color=colours.text).encode(
        text=alt.Text("logits:Q", format="+.3f")
    )
    both = f"the score has changed by {change[place]:+.3f}, the minutes sum to {added[place]:+.3f} logits."
    caption = f"After {way[place]:.0f} % of the way: {both}"
    return finished(alt.layer(bars, words), colours, 130), caption


def gaps(steps: Sequence[int], share: Sequence[float], chosen: int, *, theme: ThemeName = "light") -> Drawn:
    """share: what so many steps miss, as a share of the change."""
    colours = theme_called(theme)
    table = pd.DataFrame({"steps": [str(number) for number in steps], "gap": [100 * max(one, 1e-5) for one in share]})
    x = alt.X("steps:N", sort=list(table["steps"]), title="steps of the walk", axis=alt.Axis(labelAngle=0))
    scale = alt.Scale(type="log", domain=[0.001, max(200.0, float(table["gap"].max()))], clamp=True)
    y = alt.Y(
        "gap:Q",
        title="percent of the change that is missed",
        scale=scale,
        axis=alt.Axis(values=[0.001, 0.01, 0.1, 1, 10, 100], format="~g"),
    )
    points = alt.Chart(table).mark_line(color=colours.activity, point={"filled": True, "color": colours.activity}).encode(x=x, y=y)
    limit = alt.Chart(pd.DataFrame({"gap": [1.0]})).mark_rule(color=colours.raises, strokeDash=[6, 3]).encode(y=y)
    at = table[table["steps"] == str(chosen)]
    point = alt.Chart(at).mark_point(color=colours.marker, filled=True, size=160, opacity=1).encode(x=x, y=y)
    caption = f"With {chosen} steps {float(at['gap'].iloc[0]):.2g} % of the change is missed. Dashed: 1 %."
    return finished(alt.layer(points, limit, point), colours, HEIGHT), caption


def attributed(counts: np.ndarray, values: np.ndarray, planted: np.ndarray, limit: float, *, theme: ThemeName = "light") -> Drawn:
    """counts, values: (patches,) mean activity, and logits that each patch adds. planted: (patches,) bool. limit: logits at full colour."""
    colours, rows = theme_called(theme), ["activity", "added", "truth"]
    high = max(1.0, float(np.percentile(np.sqrt(counts), 99)))
    slate: Ramp = ((0.0, between(colours.background, colours.activity, 0.04)), (1.0, colours.activity))
    shades = {
        "activity": [_on(slate, share) for share in np.clip(np.sqrt(counts) / high, 0, 1)],
        "added": [_on(colours.attribution, share) for share in np.clip(0.5 + values / limit / 2, 0, 1)],
        "truth": [colours.marker if one else colours.background for one in planted],
    }
    patches = np.arange(counts.size)
    place = {"day": np.array(DAYS)[patches // A_DAY], "from": patches % A_DAY * 0.3, "until": (patches % A_DAY + 1) * 0.3}
    table = pd.concat([pd.DataFrame({**place, "row": row, "colour": shades[row], "logits": values}) for row in rows])
    chart = (
        alt.Chart(table)
        .mark_rect()
        .encode(
            y=alt.Y("day:N", sort=list(DAYS), title=None, scale=alt.Scale(paddingInner=0.22)),
            yOffset=alt.YOffset("row:N", sort=rows),
            x=alt.X("from:Q", **clock_axis()),
            x2="until:Q",
            color=alt.Color("colour:N", scale=None),
            tooltip=[alt.Tooltip("logits:Q", format="+.3f")],
        )
    )
    added = f"All patches sum to {values.sum():+.2f}, the planted ones to {values[planted].sum():+.2f} logits."
    caption = (
        f"Each day: activity (slate), what each patch adds (red raises, blue lowers the score, full colour at {limit:.2f} logits), and in "
        f"violet where the truth was planted. {added}"
    )
    return finished(chart, colours, 58 * 7), caption


def _on(ramp: Ramp, share: float) -> str:
    """The colour at a share (0 to 1) of a ramp."""
    at = round(float(share) * 60) / 60
    for (low, first), (high, last) in zip(ramp, ramp[1:], strict=False):
        if at <= high:
            return between(first, last, (at - low) / (high - low))
    return ramp[-1][1]
