"""How one person's probability depends on whom a model has learned from: a line for each person (Riley & Collins 2023)."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from pat_core.evaluation.study.optimism import Instability
from pat_core.figures.charts.linked_evaluation import MOST_DRAWN, chart_config
from pat_core.figures.palette import ThemeName
from pat_core.figures.palette import theme as theme_called

MODELS_DRAWN = 15
"""Of the models, so many have a dot for each person; the line covers 95 % of all."""


def instability_dots(instability: Instability, participants: np.ndarray, *, theme: ThemeName = "light") -> tuple[alt.LayerChart, str]:
    """What models of people drawn anew gave each person, over what the model of everyone gives. participants: (people,)."""
    colours, count = theme_called(theme), len(instability.original)
    rng = np.random.default_rng(0)
    drawn = np.arange(count) if count <= MOST_DRAWN // 3 else np.sort(rng.choice(count, MOST_DRAWN // 3, replace=False))
    people = pd.DataFrame(
        {
            "participant": participants[drawn],
            "original": instability.original[drawn],
            "low": instability.low[drawn],
            "high": instability.high[drawn],
        }
    ).round(4)
    some = instability.predictions[:MODELS_DRAWN][:, drawn]
    dots = pd.DataFrame({"original": np.tile(instability.original[drawn], len(some)), "other": some.ravel()}).round(4)
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format="~%", tickCount=5)
    x = alt.X("original:Q", title="by the model of everyone", scale=scale, axis=axis)
    y = alt.Y("other:Q", title="by models of people drawn anew", scale=scale, axis=axis)
    ideal = alt.Chart(pd.DataFrame({"original": [0.0, 1.0], "other": [0.0, 1.0]}))
    lines = alt.Chart(people).mark_rule(color=colours.hatch, opacity=0.5, strokeWidth=1.5)
    chart = alt.layer(
        lines.encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q", tooltip=["participant"]),
        alt.Chart(dots).mark_circle(size=12, color=colours.activity, opacity=0.45).encode(x=x, y=y),
        ideal.mark_line(color=colours.muted, strokeWidth=1, strokeDash=[2, 3]).encode(x=x, y=y),
    )
    words = (
        f"{count:,} people: each line holds 95 % of what {len(instability.predictions)} models gave one person, dots are some; short "
        "lines on the dotted one are answers that do not depend on who was learned from."
    )
    return chart.properties(height=300).configure(**chart_config(colours)), words
