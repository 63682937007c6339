"""Encoders beside one another: a dot and interval each, the AUC of a probe; untrained ones at the top and shaded. Altair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from pat_core.figures.charts.compare_charts import ROW, WIDE, styled
from pat_core.figures.palette import ThemeName
from pat_core.figures.palette import theme as theme_called
from pat_core.plurals import listed


@dataclass(frozen=True)
class ComparedEncoder:
    """value, low, high: AUC of its probe with the interval. untrained: drawn at the top, shaded."""

    title: str
    value: float
    low: float
    high: float
    untrained: bool


def encoder_dots(encoders: Sequence[ComparedEncoder], theme: ThemeName = "light") -> tuple[Any, str]:
    """A row an encoder: AUC of its probe on people left out, with its 95 % interval."""
    colours, order = theme_called(theme), [one.title for one in sorted(encoders, key=lambda one: not one.untrained)]
    table = pd.DataFrame([vars(one) | {"chance": 0.5, "panel": ""} for one in encoders])
    low = max(0.0, min(0.4, float(table["low"].min())))
    x: dict[str, Any] = {"title": "AUC of the probe (0.50 is chance)", "scale": alt.Scale(domain=[low, 1.0])}
    x |= {"axis": alt.Axis(tickCount=4, format=".2f")}
    tips = [alt.Tooltip("title:N", title="Encoder"), *(alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high"))]
    base = alt.Chart(table).encode(y=alt.Y("title:N", title=None, sort=order, axis=alt.Axis(labelLimit=260)))
    shade = base.transform_filter("datum.untrained").mark_bar(height=ROW, color=colours.grid, opacity=0.6)
    layers = [
        shade.encode(x=alt.value(0), x2=alt.value(WIDE)),
        alt.Chart(table).mark_rule(color=colours.muted, strokeDash=[3, 3]).encode(x=alt.X("chance:Q", **x)),
        base.mark_rule(color=colours.activity, strokeWidth=2).encode(x=alt.X("low:Q", **x), x2="high:Q"),
        base.mark_point(filled=True, size=60, color=colours.marker, opacity=1).encode(x=alt.X("value:Q", **x), tooltip=tips),
    ]
    panel = alt.Facet("panel:N", title=None, header=alt.Header(labels=False))  # a panel keeps its size, where a lone chart is squeezed
    chart = alt.layer(*layers).properties(width=WIDE, height=ROW * len(order)).facet(facet=panel, columns=1)
    highest = f"{max(one.value for one in encoders):.2f}"
    best = [one.title for one in encoders if f"{one.value:.2f}" == highest]
    caption = (
        f"AUC of the recommended linear probe on people whom it did not learn from, with its 95 % interval over people; untrained encoders "
        f"are shaded. Highest {'is' if len(best) == 1 else 'are'} {listed(best)} with {highest}."
    )
    return styled(chart, colours), caption
