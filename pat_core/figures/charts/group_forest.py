"""Parts of the people as a forest plot: a dot with its interval for each, beside that of everyone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd

from pat_core.figures.charts.linked_evaluation import chart_config
from pat_core.figures.palette import ThemeName, plain
from pat_core.figures.palette import theme as theme_called
from pat_core.records import Interval

ROW = 26
"""Pixels of a part; axis and title need more below them."""


def group_forest(rows: Sequence[tuple[str, Interval, bool]], *, whole: Interval, theme: ThemeName = "light") -> tuple[alt.LayerChart, str]:
    """rows: (name with counts, AUC, whether few people are behind it), in their own order. whole: the AUC of everyone, as a band.

    A part with few people has an open dot and a pale interval; one without an AUC keeps its row, empty.
    """
    colours = theme_called(theme)
    table = pd.DataFrame(
        [
            {"part": plain(name), "auc": auc.value, "low": auc.low, "high": auc.high, "people": "few" if few else "enough"}
            for name, auc, few in rows
        ]
    )
    ends = [value for _, auc, _ in rows for value in (auc.low, auc.high) if not math.isnan(value)]
    scale = alt.Scale(domain=[min([0.45, *(value - 0.02 for value in ends)]), 1.0], clamp=True)
    y = alt.Y("part:N", sort=list(table["part"]), title=None, axis=alt.Axis(labelLimit=220, grid=False))
    x = alt.X("auc:Q", title="AUC (0.50 is chance)", scale=scale, axis=alt.Axis(format=".2f", tickCount=6))
    pale = alt.condition(alt.datum.people == "few", alt.value(0.45), alt.value(1))
    band = alt.Chart(pd.DataFrame({"low": [whole.low], "high": [whole.high]})).mark_rect(opacity=0.12, color=colours.activity)
    everyone = alt.Chart(pd.DataFrame({"auc": [whole.value]})).mark_rule(color=colours.activity, strokeDash=[4, 3]).encode(x=x)
    chance = alt.Chart(pd.DataFrame({"auc": [0.5]})).mark_rule(color=colours.muted, strokeDash=[1, 3]).encode(x=x)
    reach = alt.Chart(table).mark_rule(strokeWidth=2.5, color=colours.activity).encode(x=alt.X("low:Q"), x2="high:Q", y=y, opacity=pale)
    fill = alt.condition(alt.datum.people == "few", alt.value(colours.background), alt.value(colours.text))
    dots = alt.Chart(table).mark_point(filled=True, size=80, stroke=colours.text, strokeWidth=1.5, opacity=1).encode(
        x=x, y=y, fill=fill, tooltip=["part", alt.Tooltip("auc:Q", format=".2f")]
    )  # fmt: skip
    chart = alt.layer(band.encode(x=alt.X("low:Q", scale=scale), x2="high:Q"), everyone, chance, reach, dots)
    chart = chart.properties(height=ROW * len(rows) + 56).configure(**chart_config(colours))
    return chart, _words(rows, whole)


def _words(rows: Sequence[tuple[str, Interval, bool]], whole: Interval) -> str:
    parts = []
    for name, auc, few in rows:
        words = "no AUC" if math.isnan(auc.value) else f"{auc.value:.2f} ({auc.low:.2f} to {auc.high:.2f})"
        parts.append(f"{plain(name)} {words}{', few people' if few else ''}")
    return (
        f"AUC of each part, people of the group and others in brackets: {'; '.join(parts)}. Everyone together {whole.value:.2f} "
        f"({whole.low:.2f} to {whole.high:.2f}), the band. Small parts differ by chance: this is no ranking."
    )
