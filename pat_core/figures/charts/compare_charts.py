"""Models beside one another: a dot and interval a model, floors at the top and shaded; and learning curves over training sizes. Altair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from pat_core.figures.palette import FONT, Theme, ThemeName
from pat_core.figures.palette import theme as theme_called
from pat_core.plurals import listed

ROW = 26
WIDE = 380
"""Width of the dots, in pixels."""
AUC_TITLE = "Test AUC (0.50 is chance)"


LINES = "split(replace(replace(datum.label,', linear','|linear'),', smoothed','|smoothed'),'|')"
"""Of a panel's title: how a model was trained or read stands on a line of its own, for a panel is no wider than a model's name."""


@dataclass(frozen=True)
class ComparedModel:
    """One row of the dots. low, high: of its interval, NaN where it has none.

    floor: drawn at the top, shaded. paper: the paper's figure.
    """

    groups: str
    title: str
    value: float
    low: float
    high: float
    floor: bool = False
    paper: float | None = None


@dataclass(frozen=True)
class CurvePoint:
    """One training size of one model: mean AUC over repetitions, with the lowest and highest of them."""

    groups: str
    title: str
    people: int
    mean: float
    lowest: float
    highest: float
    floor: bool = False


def compare_dots(models: Sequence[ComparedModel], theme: ThemeName = "light") -> tuple[Any, str]:
    """A row a model, a column a label: mean test AUC over training sizes with its 95 % interval, the paper's figure as a tick."""
    colours = theme_called(theme)
    order = _order(models)
    table = pd.DataFrame([vars(one) | {"chance": 0.5} for one in models])
    low = max(0.0, min(0.4, float(table[["low", "value"]].min().min())))
    x: dict[str, Any] = {"title": AUC_TITLE, "scale": alt.Scale(domain=[low, 1.0]), "axis": alt.Axis(tickCount=4, format=".2f")}
    tips = [
        alt.Tooltip("title:N", title="Model"),
        alt.Tooltip("value:Q", title="Mean AUC", format=".3f"),
        alt.Tooltip("low:Q", title="from", format=".3f"),
        alt.Tooltip("high:Q", title="to", format=".3f"),
    ]
    base = alt.Chart(table).encode(y=alt.Y("title:N", title=None, sort=order, axis=alt.Axis(labelLimit=260)))
    shade = base.transform_filter("datum.floor").mark_bar(height=ROW, color=colours.grid, opacity=0.6)
    layers: list[Any] = [
        shade.encode(x=alt.value(0), x2=alt.value(WIDE)),
        alt.Chart(table).mark_rule(color=colours.muted, strokeDash=[3, 3]).encode(x=alt.X("chance:Q", **x)),
        base.mark_rule(color=colours.activity, strokeWidth=2).encode(x=alt.X("low:Q", **x), x2="high:Q"),
        base.mark_point(filled=True, size=60, color=colours.marker, opacity=1).encode(x=alt.X("value:Q", **x), tooltip=tips),
    ]
    if table["paper"].notna().any():
        ticks = base.transform_filter("isValid(datum.paper)").mark_tick(color=colours.raises, thickness=2, size=16)
        layers.append(ticks.encode(x=alt.X("paper:Q", **x), tooltip=[alt.Tooltip("paper:Q", title="The paper has", format=".3f")]))
    chart = alt.layer(*layers).properties(width=WIDE, height=ROW * len(order))
    return styled(
        chart.facet(facet=alt.Facet("groups:N", title=None, sort=list(dict.fromkeys(table["groups"]))), columns=1), colours
    ), _dots_words(models)


def _order(rows: Sequence[ComparedModel | CurvePoint]) -> list[str]:
    """Titles in their order, the floors first."""
    return list(dict.fromkeys(one.title for one in sorted(rows, key=lambda one: not one.floor)))


def _dots_words(models: Sequence[ComparedModel]) -> str:
    of_groups: dict[str, list[ComparedModel]] = {}
    for one in models:
        of_groups.setdefault(one.groups, []).append(one)
    sentences = [
        "Mean test AUC over the training sizes with its 95 % interval, over the people tested and the repetitions; floors are shaded."
    ]
    if any(one.paper is not None for one in models):
        sentences.append("The red tick is the paper's figure.")
    for groups, rows in of_groups.items():
        highest = f"{max(one.value for one in rows):.2f}"
        best = [one.title for one in rows if f"{one.value:.2f}" == highest]
        sentences.append(f"{groups}: highest {'is' if len(best) == 1 else 'are'} {listed(best)} with {highest}.")
    return " ".join(sentences)


def compare_curves(points: Sequence[CurvePoint], theme: ThemeName = "light") -> tuple[Any, str]:
    """Small multiples with one scale, a panel a model, of one pair of groups: AUC by people trained on, the band from lowest to highest."""
    colours = theme_called(theme)
    table = pd.DataFrame([vars(one) | {"chance": 0.5} for one in points])
    low = max(0.0, min(0.4, float(table["lowest"].min())))
    sizes = sorted(set(table["people"].tolist()))
    x = alt.X(
        "people:Q",
        title="People trained on",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(values=sizes, format=",d", labelAngle=-40),
    )
    y: dict[str, Any] = {"title": "Test AUC", "scale": alt.Scale(domain=[low, 1.0]), "axis": alt.Axis(tickCount=4, format=".1f")}
    tips = [
        alt.Tooltip("title:N", title="Model"),
        alt.Tooltip("people:Q", title="People trained on", format=",d"),
        alt.Tooltip("mean:Q", title="Mean AUC", format=".3f"),
        alt.Tooltip("lowest:Q", title="lowest", format=".3f"),
        alt.Tooltip("highest:Q", title="highest", format=".3f"),
    ]
    base = alt.Chart(table)
    layers = [
        base.mark_rule(color=colours.muted, strokeDash=[3, 3]).encode(y=alt.Y("chance:Q", **y)),
        base.mark_area(color=colours.activity, opacity=0.22).encode(x=x, y=alt.Y("lowest:Q", **y), y2="highest:Q"),
        base.mark_line(color=colours.activity, strokeWidth=2).encode(x=x, y=alt.Y("mean:Q", **y)),
        base.mark_point(filled=True, size=45, color=colours.marker, opacity=1).encode(x=x, y=alt.Y("mean:Q", **y), tooltip=tips),
    ]
    panel = alt.layer(*layers).properties(width=136, height=120)
    facet = alt.Facet("title:N", title=None, sort=_order(points), header=alt.Header(labelLimit=190, labelExpr=LINES))
    words = (
        "Test AUC by the number of people trained on, all panels on one scale. Lines are means over repetitions, bands reach from the "
        "lowest to the highest of them; everybody is tested on the same people, so bands say nothing of who was tested."
    )
    own_axes = panel.facet(facet=facet, columns=3).resolve_axis(x="independent")  # else the last row has axes of panels that are not there
    return styled(own_axes, colours), words


def styled(chart: Any, colours: Theme) -> Any:
    """In the colours and type of the page."""
    axis = {"labelColor": colours.text, "titleColor": colours.text, "gridColor": colours.grid, "domainColor": colours.muted}
    return (
        chart.configure(background=colours.background, font=FONT)
        .configure_axis(**axis, tickColor=colours.muted, labelFontSize=12, titleFontSize=12)
        .configure_view(stroke=None)
        .configure_header(labelColor=colours.text, labelFontSize=12, labelFontWeight="bold")
    )
