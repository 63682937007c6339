"""Lesson 6: AUC by what was done to a test, calibration by fifths, a hundred flagged people, and what the input check withholds."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from pat_core.figures.lessons.lesson_chart import Drawn, finished, scaled
from pat_core.figures.palette import ThemeName
from pat_core.figures.palette import theme as theme_called

HEIGHT = 300


def auc_by_share(shares: Sequence[int], aucs: np.ndarray, chosen: int, title: str, *, theme: ThemeName = "light") -> Drawn:
    """shares: percent. aucs: (shares, draws). chosen: the share that is pointed at. title: of the axis of shares."""
    colours, means = theme_called(theme), aucs.mean(axis=1)
    dots = pd.DataFrame([{"share": share, "auc": float(one)} for share, row in zip(shares, aucs, strict=True) for one in row])
    line = pd.DataFrame({"share": list(shares), "auc": means})
    x = alt.X("share:Q", **scaled(title, 0, 100, grid=False))
    y = alt.Y("auc:Q", **scaled("AUC", min(0.3, float(aucs.min())), 1.0))
    chance = alt.Chart(pd.DataFrame({"auc": [0.5]})).mark_rule(color=colours.muted, strokeDash=[6, 3]).encode(y=y)
    points = alt.Chart(dots).mark_circle(color=colours.activity, opacity=0.28, size=30).encode(x=x, y=y)
    curve = alt.Chart(line).mark_line(color=colours.activity, strokeWidth=2.5).encode(x=x, y=y)
    at = line[line["share"] == chosen].assign(words=lambda row: row["auc"].map("{:.2f}".format))
    point = alt.Chart(at).mark_point(color=colours.marker, filled=True, size=160, opacity=1).encode(x=x, y=y)
    words = alt.Chart(at).mark_text(color=colours.marker, fontSize=16, fontWeight=600, dy=-16).encode(x=x, y=y, text="words:N")
    low, high = np.percentile(aucs[list(shares).index(chosen)], [5, 95])
    caption = (
        f"At {chosen} %: AUC {float(at['auc'].iloc[0]):.2f} on average of {aucs.shape[1]} repeats, most between {low:.2f} and {high:.2f}. "
        "Dots: single repeats. Dashed: chance, 0.50."
    )
    return finished(alt.layer(chance, points, curve, point, words), colours, HEIGHT), caption


def fifths(groups: np.ndarray, auc: float, *, theme: ThemeName = "light") -> Drawn:
    """groups: (groups, 2) mean probability, and share of positives."""
    colours = theme_called(theme)
    table = pd.DataFrame(100 * groups, columns=["predicted", "observed"])
    x = alt.X("predicted:Q", **scaled("predicted: mean probability, percent", 0, 100))
    y = alt.Y("observed:Q", **scaled("observed: percent in the group", 0, 100))
    right = alt.Chart(pd.DataFrame({"predicted": [0, 100], "observed": [0, 100]})).mark_line(color=colours.muted, strokeDash=[4, 4])
    line = alt.Chart(table).mark_line(color=colours.marker, strokeWidth=2.5, point={"filled": True, "size": 110, "color": colours.marker})
    pairs = ", ".join(f"{p:.0f} and {o:.0f}" for p, o in 100 * groups)
    caption = f"Five groups of 40 people by their probability; predicted and observed percent: {pairs}. Dashed: right. AUC {auc:.2f}."
    return finished(alt.layer(right.encode(x=x, y=y), line.encode(x=x, y=y)), colours, HEIGHT), caption


def hundred_flagged(right: float, flagged: float, missed: float, prevalence: float, *, theme: ThemeName = "light") -> Drawn:
    """right: share of the flagged who are in the group. flagged, missed: of 1,000 people. prevalence: share."""
    colours, number = theme_called(theme), round(100 * right)
    names = ["in the group", "not in the group"]
    table = pd.DataFrame(
        {"row": np.arange(100) // 20, "column": np.arange(100) % 20, "who": [names[0] if n < number else names[1] for n in range(100)]}
    )
    key = alt.Legend(orient="top", title=None, labelColor=colours.text, labelFontSize=12, symbolType="square", labelLimit=260)
    shade = alt.Color("who:N", scale=alt.Scale(domain=names, range=[colours.marker, colours.grid]), legend=key)
    squares = alt.Chart(table).mark_rect(stroke=colours.background, strokeWidth=3)
    chart = squares.encode(x=alt.X("column:O", axis=None), y=alt.Y("row:O", axis=None), color=shade)
    caption = (
        f"Of 1,000 people {1000 * prevalence:.0f} are in the group; {flagged:.0f} are flagged and {missed:.0f} of the group are missed. "
        f"Of 100 who are flagged {number} are in the group."
    )
    return finished(chart, colours, 170), caption


def withheld(days: Sequence[int], aucs: Sequence[float], refused: Sequence[float], chosen: int, *, theme: ThemeName = "light") -> Drawn:
    """aucs: by days without the device. refused: share of the weeks whose answer the input check withholds."""
    colours, names = theme_called(theme), ["AUC, if everybody is answered", "share of the weeks that are withheld"]
    rows = [
        {"days": d, "value": float(v), "of": name}
        for name, values in zip(names, (aucs, refused), strict=True)
        for d, v in zip(days, values, strict=True)
    ]
    table = pd.DataFrame(rows)
    x = alt.X("days:Q", **scaled("days without the device, of seven", 0, max(days), ticks=len(days), grid=False))
    y = alt.Y("value:Q", **scaled("share", 0, 1))
    key = alt.Legend(orient="top", title=None, labelColor=colours.text, labelFontSize=12, symbolType="stroke", labelLimit=300)
    shade = alt.Color("of:N", scale=alt.Scale(domain=names, range=[colours.activity, colours.marker]), legend=key)
    line = alt.Chart(table).mark_line(point={"filled": True}, strokeWidth=2.5).encode(x=x, y=y, color=shade)
    rule = alt.Chart(pd.DataFrame({"days": [chosen]})).mark_rule(color=colours.muted, strokeDash=[4, 4]).encode(x=x)
    at = list(days).index(chosen)
    check = f"the check withholds {100 * refused[at]:.0f} % of the weeks."
    caption = f"{chosen} days without the device: AUC {aucs[at]:.2f} if everybody is answered; {check}"
    return finished(alt.layer(rule, line), colours, HEIGHT), caption
