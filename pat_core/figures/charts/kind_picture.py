"""The test of a value as dots, and of several classes as squares."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from pat_core.figures.charts.linked_evaluation import MOST_DRAWN, chart_config
from pat_core.figures.palette import ThemeName, plain
from pat_core.figures.palette import theme as theme_called


def value_dots(
    observed: np.ndarray, answered: np.ndarray, title: str, participants: Sequence[str], *, theme: ThemeName = "light"
) -> tuple[alt.LayerChart, str]:
    """A dot a person: what was answered over what was so, beside the line on which both are equal. observed, answered: (people,)."""
    colours = theme_called(theme)
    drawn = np.arange(len(observed))
    if len(observed) > MOST_DRAWN:
        drawn = np.random.default_rng(0).choice(len(observed), MOST_DRAWN, replace=False)
    table = pd.DataFrame(
        {"observed": observed[drawn], "answered": answered[drawn], "participant": np.asarray(participants, dtype=object)[drawn]}
    )
    ends = [float(min(observed.min(), answered.min())), float(max(observed.max(), answered.max()))]
    scale = alt.Scale(domain=ends, nice=True)
    x, y = alt.X("observed:Q", title="what was so", scale=scale), alt.Y("answered:Q", title="what the model answered", scale=scale)
    right = alt.Chart(pd.DataFrame({"observed": ends, "answered": ends}))
    line = right.mark_line(color=colours.muted, strokeWidth=1, strokeDash=[2, 3]).encode(x=x, y=y)
    dots = alt.Chart(table).mark_circle(size=42, color=colours.activity, opacity=0.7)
    dots = dots.encode(x=x, y=y, tooltip=["participant", "observed", alt.Tooltip("answered:Q", format=".3g")])
    chart = alt.layer(line, dots).properties(height=320, title=plain(title)).configure(**chart_config(colours))
    return chart, f"{len(observed):,} people: what the model answered over what was so. On the dotted line both are equal."


def confusion_squares(
    names: Sequence[str], confusion: Sequence[Sequence[int]], *, theme: ThemeName = "light"
) -> tuple[alt.LayerChart, str]:
    """A row a true class, a column a called one: people in numbers, their share of the row as shade."""
    colours, shown = theme_called(theme), [plain(name) for name in names]
    rows = [
        {"true": shown[true], "called": shown[called], "people": people, "share": people / max(sum(line), 1)}
        for true, line in enumerate(confusion)
        for called, people in enumerate(line)
    ]
    table = pd.DataFrame(rows)
    x = alt.X("called:N", title="called", sort=shown, axis=alt.Axis(labelAngle=0, labelLimit=90))
    y = alt.Y("true:N", title="was", sort=shown, axis=alt.Axis(labelLimit=120))
    shade = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.06, 0.75]), legend=None)
    squares = alt.Chart(table).mark_rect(color=colours.activity).encode(x=x, y=y, opacity=shade, tooltip=["true", "called", "people"])
    numbers = alt.Chart(table).mark_text(color=colours.text, fontSize=13).encode(x=x, y=y, text="people:Q")
    chart = alt.layer(squares, numbers).properties(height=60 * len(names) + 40).configure(**chart_config(colours))
    right = sum(confusion[number][number] for number in range(len(names)))
    return chart, f"{right:,} of {sum(map(sum, confusion)):,} people were called what they are. A row is what they are, a column the call."
