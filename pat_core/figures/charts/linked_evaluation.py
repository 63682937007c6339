"""One chart of several linked views of a test: scores by group, ROC, precision and recall, calibration, net benefit, and repeats.

A threshold that is moved in one view moves in all, and people who are chosen in one are marked in all, in the browser alone.
`AT`, `PEOPLE` and `RANGE` name what a page hears back: the threshold, people clicked on, and a range of probabilities drawn over.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pat_core.evaluation.operating_curves import OperatingCurves
from pat_core.evaluation.reliability import SUPPORT
from pat_core.figures.palette import FONT, Theme, ThemeName, plain
from pat_core.figures.palette import theme as theme_called
from pat_core.plurals import counted

AT, PEOPLE, RANGE = "at", "people", "range"
MOST_DRAWN = 1000
"""Dots in one view; of more people, so many are drawn by a seed."""
HEIGHT, STRIP = 230, 130
GAP, AXIS = 28, 52
"""Pixels between two views, and left of a view for its axis."""
LOWEST = -0.2
"""The lower end of the view of net benefit, as a share of the highest: a curve that falls below leaves the view there, and comes back."""
ON_CANVAS = {"embedOptions": {"renderer": "canvas"}}
"""As SVG a brush that holds nobody, and marks of nobody, would be images without a name to a screen reader; the whole chart has one."""
Chart = Any
Spec = dict[str, Any]


@dataclass(frozen=True, eq=False)
class EvaluationPicture:
    """What the views show. participants, positive (bool), probabilities: (people,). names: of the group and of its comparison.

    curves: see `operating_curves`, with `threshold`, where the mark begins, among its thresholds. smooth: (points, 4) probability, observed
    share, its low and high end; None where people are too few. repeats: (repeats, people) probabilities of each repeat, None without.
    benefit: (points, 3) threshold, low and high end of the net benefit; None without a band.
    """

    participants: Sequence[str]
    positive: np.ndarray
    probabilities: np.ndarray
    names: tuple[str, str]
    curves: OperatingCurves
    threshold: float
    smooth: np.ndarray | None = None
    repeats: np.ndarray | None = None
    benefit: np.ndarray | None = None


def linked_evaluation(picture: EvaluationPicture, *, theme: ThemeName = "light") -> tuple[Spec, str]:
    """(Vega-Lite, what it shows in words). `sized` fits it to a width."""
    colours = theme_called(theme)
    parts = _Parts(picture, colours)
    views = [parts.roc(), parts.precision(), *([] if picture.smooth is None else [parts.calibration()]), parts.benefit()]
    below = [] if picture.repeats is None else [parts.spread()]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Automatically deduplicated")  # one selection in several views is meant
        chart = alt.vconcat(parts.strip(), alt.concat(*views, columns=2, spacing=GAP), *below, spacing=18)
        spec = chart.configure(**chart_config(colours)).to_dict(validate=False)
    return {**spec, "usermeta": ON_CANVAS}, _words(picture, len(parts.people))


def sized(spec: Spec, columns: int, width: int) -> Spec:
    """The same with so many views in a row, each `width` pixels wide, and the others as wide as such a row."""
    whole = width * columns + (GAP + AXIS) * (columns - 1)
    rows = []
    for row in spec["vconcat"]:
        if "concat" in row:
            rows.append({**row, "columns": columns, "concat": [{**view, "width": width} for view in row["concat"]]})
        else:
            rows.append({**row, "width": whole})
    return {**spec, "vconcat": rows}


class _Parts:
    """The views, over the same tables and selections."""

    def __init__(self, picture: EvaluationPicture, colours: Theme) -> None:
        self.picture, self.colours = picture, colours
        self.names = plain(picture.names[0]), plain(picture.names[1])
        self.top = max(float(np.nanmax(picture.curves.net_benefit)), picture.curves.prevalence)
        self.table = _curve_table(picture, LOWEST * self.top)
        self.people = _people_table(picture, self.names)
        begin = float(self.table["threshold"].iloc[(self.table["threshold"] - picture.threshold).abs().argmin()])
        self.at = alt.selection_point(
            name=AT,
            fields=["threshold"],
            nearest=True,
            on="click, pointermove[event.buttons === 1]",
            clear=False,
            value=[{"threshold": begin}],
            empty=False,
        )
        self.chosen = alt.selection_point(name=PEOPLE, fields=["participant"], empty=False, toggle="true")
        brush = alt.BrushConfig(fill=colours.marker, fillOpacity=0.12, stroke=colours.marker)
        self.range = alt.selection_interval(name=RANGE, encodings=["x"], empty=False, mark=brush)
        low, high = float(picture.probabilities.min()), float(picture.probabilities.max())
        room = max(0.02, 0.04 * (high - low))
        self.domain = [max(0.0, low - room), min(1.0, high + room)]

    def strip(self) -> Chart:
        """Everybody's probability, a row a group; people are chosen here, one by one or by a range."""
        rows = alt.Axis(labelLimit=84, grid=False, domain=False)
        dots = (
            alt.Chart(self.people)
            .mark_circle(size=42, stroke=self.colours.background, strokeWidth=0.5)
            .encode(
                x=self._probability("probability", "probability by the model"),
                y=alt.Y("group:N", title=None, sort=list(self.names), axis=rows),
                yOffset=alt.YOffset("jitter:Q", scale=alt.Scale(domain=[-1, 1])),
                color=self._marked(),
                opacity=alt.condition(self._any(), alt.value(1), alt.value(0.62)),
                tooltip=[alt.Tooltip("participant:N"), alt.Tooltip("group:N"), alt.Tooltip("probability:Q", format=".1%")],
            )
            .add_params(self.chosen, self.range)
        )
        return alt.layer(dots, self._rule()).properties(title="Scores by group", height=STRIP)

    def roc(self) -> Chart:
        x, y = self._share("false_rate", "share of the others flagged"), self._share("sensitivity", "share of the group flagged")
        chance = self._line(pd.DataFrame({"false_rate": [0.0, 1.0], "sensitivity": [0.0, 1.0]}), x, y, dash=True)
        return self._curve([chance], x, y, "ROC")

    def precision(self) -> Chart:
        x, y = (
            self._share("sensitivity", "share of the group flagged (recall)"),
            self._share("precision", "share right among the flagged"),
        )
        share = float(np.mean(self.picture.positive))
        chance = self._line(pd.DataFrame({"sensitivity": [0.0, 1.0], "precision": [share, share]}), x, y, dash=True)
        return self._curve([chance], x, y, "Precision and recall")

    def benefit(self) -> Chart:
        """Net benefit over thresholds, beside treating everybody and nobody."""
        x = self._probability("threshold", "threshold on the probability")
        digits = max(2, 1 + math.ceil(-math.log10(self.top)))  # a rare group has a small benefit, whose ticks would else all read 0.01
        axis, scale = alt.Axis(format=f".{digits}f", tickCount=5), alt.Scale(domain=[LOWEST * self.top, 1.1 * self.top], nice=False)
        y, seen = (alt.Y(f"{field}:Q", title="net benefit", scale=scale, axis=axis) for field in ("net_benefit", "seen"))
        share, grid = self.picture.curves.prevalence, np.linspace(self.domain[0], self.domain[1], 80)
        treat = share - (1 - share) * grid / np.maximum(1 - grid, 1e-9)
        inside = treat >= LOWEST * self.top
        drawn = np.append(True, inside[:-1])  # one step more, with which it leaves the view
        all_of_them = pd.DataFrame({"threshold": grid[drawn], "net_benefit": treat[drawn]}).round(6)
        everyone = alt.Chart(all_of_them).mark_line(strokeDash=[5, 3], color=self.colours.hatch, clip=True).encode(x=x, y=y)
        nobody = alt.Chart(pd.DataFrame({"net_benefit": [0.0]})).mark_rule(color=self.colours.hatch, strokeDash=[1, 3]).encode(y=y)
        under = [*self._band_of_benefit(x), everyone, nobody, *self._names_of_lines(all_of_them[inside[drawn]])]
        return self._curve(under, x, y, "Decision curve", seen)

    def _band_of_benefit(self, x: alt.X) -> list[Chart]:
        if self.picture.benefit is None:
            return []
        table = pd.DataFrame(self.picture.benefit, columns=["threshold", "low", "high"])
        table = table[table["threshold"].between(*self.domain)].round(6)
        band = alt.Chart(table).mark_area(opacity=0.18, color=self.colours.activity, clip=True)
        return [band.encode(x=x, y=alt.Y("low:Q"), y2="high:Q")]

    def calibration(self) -> Chart:
        """The smooth of what happened over what was predicted, with its band."""
        smooth = self.picture.smooth if self.picture.smooth is not None else np.empty((0, 4))
        table = pd.DataFrame(smooth, columns=["threshold", "observed", "low", "high"]).round(4)
        x, y = self._probability("threshold", "probability by the model"), self._share("observed", "share observed")
        band = alt.Chart(table).mark_area(opacity=0.22, color=self.colours.activity).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
        line = alt.Chart(table).mark_line(color=self.colours.activity, strokeWidth=2.2).encode(x=x, y=y)
        ideal = self._line(pd.DataFrame({"threshold": self.domain, "observed": self.domain}), x, y, dash=True)
        opacity = alt.condition(self._any(), alt.value(1), alt.value(0.35))
        rug = alt.Chart(self.people).mark_tick(thickness=1.2, size=9)
        rug = rug.encode(x=alt.X("probability:Q"), y=alt.Y("edge:Q"), color=self._marked(), opacity=opacity)
        return alt.layer(band, ideal, line, rug, self._rule()).properties(title="Calibration", height=HEIGHT)

    def spread(self) -> Chart:
        """What each repeat of the test gave each person, over their pooled probability."""
        others = self.picture.repeats if self.picture.repeats is not None else np.empty((0, 0))
        rows = [self.people[["participant", "group", "probability"]].assign(other=row[self.people["number"]].round(4)) for row in others]
        table = pd.concat(rows).dropna(subset=["other"])
        x = self._probability("probability", "probability by the model, over all repeats")
        y = alt.Y("other:Q", title="by each repeat", scale=alt.Scale(domain=self.domain, clamp=True), axis=self._percent())
        opacity = alt.condition(self._any(), alt.value(1), alt.value(0.3))
        dots = alt.Chart(table).mark_circle(size=16).encode(x=x, y=y, color=self._marked(), opacity=opacity)
        ideal = self._line(pd.DataFrame({"probability": self.domain, "other": self.domain}), x, y, dash=True)
        return alt.layer(ideal, dots, self._rule()).properties(title="Instability", height=HEIGHT)

    def _curve(self, under: list[Chart], x: alt.X, y: alt.Y, title: str, seen: alt.Y | None = None) -> Chart:
        """A curve over thresholds with its mark, and the chosen people where their probability lies on it. seen: of a curve that may leave
        the view and whose x is the threshold, where the threshold is taken hold of."""
        leaves = seen is not None
        tips = [alt.Tooltip(f"{name}:Q", format=".1%") for name in ("threshold", "sensitivity", "specificity")]
        hidden = alt.Chart(self.table).mark_circle(opacity=0, size=60)
        handles = hidden.encode(x=x, y=seen or y, order="threshold:Q", tooltip=tips).add_params(self.at)
        diamond = alt.Chart(self.table).transform_filter(self.at)
        diamond = diamond.mark_point(shape="diamond", filled=True, size=130, color=self.colours.text, opacity=1, clip=leaves).encode(
            x=x, y=y
        )
        fields = [alt.X("probability:Q") if leaves else x, y]
        people = alt.Chart(self.people).transform_filter(self._any()).mark_circle(size=34, color=self.colours.marker, opacity=0.9)
        layers = [
            *under,
            self._line(self.table, x, y, clip=leaves),
            people.encode(*fields),
            *([self._rule()] if leaves else []),
            diamond,
            handles,
        ]
        return alt.layer(*layers).properties(title=title, height=HEIGHT)

    def _line(self, table: pd.DataFrame, x: alt.X, y: alt.Y, dash: bool = False, clip: bool = False) -> Chart:
        if dash:
            return alt.Chart(table).mark_line(color=self.colours.muted, strokeWidth=1, strokeDash=[2, 3]).encode(x=x, y=y)
        return alt.Chart(table).mark_line(color=self.colours.activity, strokeWidth=2.2, clip=clip).encode(x=x, y=y, order="threshold:Q")

    def _names_of_lines(self, treated: pd.DataFrame) -> list[Chart]:
        """The two reference lines by name, where nothing else is. treated: the line of treating everyone as far as it is in view, which
        it is nowhere where the group is rarer than any probability of the model."""
        place = treated.iloc[[3 * len(treated) // 4] if len(treated) else []]
        words = place.assign(words="treat everyone")
        zero = pd.DataFrame([{"threshold": self.domain[1], "net_benefit": 0.0, "words": "treat no one"}])
        look: dict[str, Any] = {"fontSize": 11, "color": self.colours.muted}
        where = {"x": "threshold:Q", "y": "net_benefit:Q", "text": "words:N"}
        left = alt.Chart(words).mark_text(align="left", dx=8, **look).encode(**where)
        return [left, alt.Chart(zero).mark_text(align="right", dy=11, **look).encode(**where)]

    def _rule(self) -> Chart:
        """The threshold as an upright line."""
        chart = alt.Chart(self.table).transform_filter(self.at)
        return chart.mark_rule(color=self.colours.text, strokeWidth=1.4, strokeDash=[6, 3]).encode(x=alt.X("threshold:Q"))

    def _any(self) -> Any:
        return self.chosen | self.range

    def _marked(self) -> Any:
        scale = alt.Scale(domain=list(self.names), range=[self.colours.activity, self.colours.hatch])
        return alt.condition(self._any(), alt.value(self.colours.marker), alt.Color("group:N", scale=scale, legend=None))

    def _probability(self, field: str, title: str) -> alt.X:
        return alt.X(f"{field}:Q", title=title, scale=alt.Scale(domain=self.domain, clamp=True), axis=self._percent())

    def _share(self, field: str, title: str) -> Any:
        kind = alt.X if field == "false_rate" or "recall" in title else alt.Y
        return kind(f"{field}:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=self._percent())

    @staticmethod
    def _percent() -> alt.Axis:
        return alt.Axis(format="~%", tickCount=5)


def _curve_table(picture: EvaluationPicture, lowest: float) -> pd.DataFrame:
    """A row a threshold, so that every view has the field `threshold`. net_benefit: empty where nobody is flagged. seen: the same, held
    at the lower end of the view."""
    curves = picture.curves
    table = pd.DataFrame(
        {
            "sensitivity": curves.sensitivity,
            "specificity": curves.specificity,
            "false_rate": 1 - curves.specificity,
            "precision": curves.precision,
            "net_benefit": np.where((curves.flagged > 0) & np.isfinite(curves.net_benefit), curves.net_benefit, np.nan),
        }
    )
    table["seen"] = table["net_benefit"].clip(lower=lowest)
    return table.round(5).assign(threshold=curves.threshold)


def _people_table(picture: EvaluationPicture, names: tuple[str, str]) -> pd.DataFrame:
    """A row a person who is drawn, with where their probability lies on each curve. edge: where their tick stands in the calibration."""
    count, curves = len(picture.participants), picture.curves
    rng = np.random.default_rng(0)
    drawn = np.arange(count) if count <= MOST_DRAWN else np.sort(rng.choice(count, MOST_DRAWN, replace=False))
    shares, positive = picture.probabilities[drawn], picture.positive[drawn]
    place = np.clip(np.searchsorted(curves.threshold, shares, "right") - 1, 0, len(curves.threshold) - 1)
    numbers = {
        "false_rate": 1 - curves.specificity[place],
        "sensitivity": curves.sensitivity[place],
        "precision": curves.precision[place],
        "net_benefit": curves.net_benefit[place],
        "jitter": rng.uniform(-0.8, 0.8, len(drawn)),
    }
    return pd.DataFrame(numbers).round(4).assign(
        number=drawn,
        participant=np.asarray(picture.participants, dtype=object)[drawn],
        group=np.where(positive, names[0], names[1]),
        edge=np.where(positive, 1.0, 0.0),
        probability=shares.round(6),
    )  # fmt: skip


def chart_config(colours: Theme) -> dict[str, Any]:
    """How statistical charts look in a theme, as Altair's `configure` takes it."""
    words = {"labelColor": colours.text, "titleColor": colours.muted, "labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal"}
    return {
        "background": "transparent",
        "font": FONT,
        "axis": {**words, "gridColor": colours.grid, "domain": False, "ticks": False, "labelPadding": 5},
        "view": {"stroke": None},
        "title": {"color": colours.text, "fontSize": 13, "anchor": "start", "fontWeight": 600, "offset": 8},
    }


def _words(picture: EvaluationPicture, drawn: int) -> str:
    positives = int(picture.positive.sum())
    whom, others = counted(positives, "person", "people"), len(picture.positive) - positives
    few = "" if drawn == len(picture.positive) else f" Of {len(picture.positive):,} people {drawn:,} are drawn as dots."
    group, comparison = map(plain, picture.names)
    drawn_where = f"drawn where at least {SUPPORT} people have a lower and {SUPPORT} a higher probability"
    calibration = "" if picture.smooth is None else f"calibration with a 95 % band ({drawn_where}), "
    return (
        f"{whom} of the group {group} and {others:,} of {comparison}: their scores, ROC curve, precision and recall, "
        f"{calibration}and decision curve. The dashed line and the diamond are the threshold; violet are people who were "
        f"chosen. Dotted: chance, or probabilities that are right.{few}"
    )
