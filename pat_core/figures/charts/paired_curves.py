"""Two models on the same people: ROC curves and precision over recall, linked; a click on a name in the legend brings that model out."""

from __future__ import annotations

import warnings
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pat_core.evaluation.operating_curves import operating_curves
from pat_core.figures.charts.linked_evaluation import GAP, HEIGHT, ON_CANVAS, Spec, chart_config
from pat_core.figures.palette import Theme, ThemeName, plain
from pat_core.figures.palette import theme as theme_called

MODEL, NEAR = "model", "near"
"""Selections: a model by its name in the legend, and the point of a curve that is looked at."""
FAINT = 0.25
"""Opacity of the model that is not brought out."""


def paired_curves(
    positive: np.ndarray, probabilities: tuple[np.ndarray, np.ndarray], titles: tuple[str, str], *, theme: ThemeName = "light"
) -> tuple[Spec, str]:
    """(Vega-Lite, what it shows in words); `linked_evaluation.sized` fits it to a width.

    positive: (people,) bool. probabilities: (people,) of the first and of the second model. titles: how the two are called.
    """
    colours, names = theme_called(theme), _apart(*map(plain, titles))
    table = pd.concat([_curve(positive, shares).assign(model=name) for shares, name in zip(probabilities, names, strict=True)])
    share = float(np.mean(positive))
    parts = _Parts(table, names, colours)
    roc = parts.view("ROC", ("false_rate", "share of the others flagged"), ("sensitivity", "share of the group flagged"), (0, 1))
    precision = parts.view(
        "Precision and recall", ("sensitivity", "share of the group flagged (recall)"), ("precision", "share right among the flagged"),
        (share, share),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Automatically deduplicated")  # one selection in both views is meant
        chart = alt.vconcat(alt.concat(roc, precision, columns=2, spacing=GAP))
        spec = _heard_once(chart.configure(**chart_config(colours)).to_dict(validate=False))
    positives = int(np.sum(positive))
    words = (
        f"ROC curves and precision over recall of {names[0]} (solid) and {names[1]} (dashed) on the same {len(positive):,} people, "
        f"{positives:,} of the group and {len(positive) - positives:,} others. Dotted: chance. A click on a name brings that model out, "
        "and a point that is looked at in one view is marked in the other."
    )
    return {**spec, "usermeta": ON_CANVAS}, words


def _heard_once(spec: Spec) -> Spec:
    """Each selection in one layer of each view: Altair names all layers of a view, and Vega refuses a signal that is there twice."""
    views = spec["vconcat"][0]["concat"]
    layer = {MODEL: 1, NEAR: 3}
    params = [{**param, "views": [view["layer"][layer[param["name"]]]["name"] for view in views]} for param in spec["params"]]
    return {**spec, "params": params}


def _apart(first: str, second: str) -> tuple[str, str]:
    """Names that differ, as a legend needs them."""
    return (first, second) if first != second else (f"{first} (first)", f"{second} (second)")


def _curve(positive: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """A row a threshold, rising."""
    curves = operating_curves(positive, probabilities)
    columns = {"sensitivity": curves.sensitivity, "false_rate": 1 - curves.specificity, "precision": curves.precision}
    return pd.DataFrame(columns).round(5).assign(threshold=curves.threshold, place=np.arange(len(curves.threshold)))


class _Parts:
    """The views, over one table and the same two selections."""

    def __init__(self, table: pd.DataFrame, names: tuple[str, str], colours: Theme) -> None:
        self.table, self.colours = table, colours
        self.model = alt.selection_point(name=MODEL, fields=["model"], bind="legend")
        self.near = alt.selection_point(
            name=NEAR, fields=["model", "place"], nearest=True, on="pointermove", clear="pointerout", empty=False
        )
        legend = alt.Legend(
            title=None, orient="top", labelLimit=260, labelColor=colours.text, columns=1, symbolType="stroke", symbolSize=300
        )
        domain = list(names)
        self.colour = alt.Color("model:N", scale=alt.Scale(domain=domain, range=[colours.activity, colours.marker]), legend=legend)
        self.dash = alt.StrokeDash("model:N", scale=alt.Scale(domain=domain, range=[[1, 0], [6, 3]]), legend=legend)

    def view(self, title: str, across: tuple[str, str], up: tuple[str, str], chance: tuple[float, float]) -> Any:
        """across, up: the field of an axis and its title. chance: where the dotted line begins and ends."""
        scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format="~%", tickCount=5)
        x = alt.X(f"{across[0]}:Q", title=across[1], scale=scale, axis=axis)
        y = alt.Y(f"{up[0]}:Q", title=up[1], scale=scale, axis=axis)
        by_chance = pd.DataFrame({across[0]: [0.0, 1.0], up[0]: list(chance)})
        dotted = alt.Chart(by_chance).mark_line(color=self.colours.muted, strokeWidth=1, strokeDash=[2, 3]).encode(x=x, y=y)
        opacity = alt.condition(self.model, alt.value(1), alt.value(FAINT))
        lines = alt.Chart(self.table).mark_line(strokeWidth=2.2)
        lines = lines.encode(x=x, y=y, color=self.colour, strokeDash=self.dash, opacity=opacity, order="place:Q").add_params(self.model)
        tips = [alt.Tooltip("model:N"), *(alt.Tooltip(f"{name}:Q", format=".1%") for name in ("threshold", "sensitivity", "precision"))]
        handles = alt.Chart(self.table).mark_circle(opacity=0, size=60).encode(x=x, y=y, tooltip=tips).add_params(self.near)
        marked = alt.Chart(self.table).transform_filter(self.near).mark_point(shape="diamond", filled=True, size=110, opacity=1)
        marked = marked.encode(x=x, y=y, color=self.colour)
        return alt.layer(dotted, lines, marked, handles).properties(title=title, height=HEIGHT)
