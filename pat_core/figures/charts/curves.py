"""How well a model tells people apart: small quiet charts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import Theme, ThemeName, axis, base_layout, figures, plain, set_layout
from pat_core.figures.palette import theme as theme_called
from pat_core.records import Interval

MARGIN = {"l": 58, "r": 24, "t": 28, "b": 46}


def roc(labels: np.ndarray, scores: np.ndarray, *, auc: Interval | None = None, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """labels: (people,) bool. scores: (people,), larger means more like the positive group. auc: for the words, where known."""
    colours = theme_called(theme)
    false, true = roc_points(labels, scores)
    figure = go.Figure(layout=_square(colours, "share of the others called positive", "share of positives found"))
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": colours.muted, "width": 1, "dash": "dot"}, hoverinfo="skip", name="chance"
    )
    figure.add_scatter(
        x=false,
        y=true,
        mode="lines",
        line={"color": colours.activity, "width": 2.2},
        name="model",
        hovertemplate="finds %{y:.0%} of positives<br>calls %{x:.0%} of the others positive<extra></extra>",
    )
    labels = np.asarray(labels, bool)
    words = f" AUC {_interval(auc)}." if auc else ""
    return figure, f"ROC curve of {labels.sum()} positive and {(~labels).sum()} other people; the dotted line is chance.{words}"


def roc_points(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates at every distinct score, from (0, 0) to (1, 1); tied scores make one step."""
    labels, scores = np.asarray(labels, bool), np.asarray(scores, float)
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    true, false = np.cumsum(labels[order])[last], np.cumsum(~labels[order])[last]
    false_rates, true_rates = (np.concatenate(([0], part)) / max(int(part[-1]), 1) for part in (false, true))
    return false_rates, true_rates


def calibration(bins: Sequence[tuple[float, Interval]], *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """bins: (mean predicted share, observed share with its interval and people), each 0 to 1."""
    colours = theme_called(theme)
    figure = go.Figure(layout=_square(colours, "predicted share", "observed share"))
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": colours.muted, "width": 1, "dash": "dot"}, hoverinfo="skip", name="ideal"
    )
    observed = [each for _, each in bins]
    figure.add_scatter(
        x=[predicted for predicted, _ in bins],
        y=[each.value for each in observed],
        error_y=_errors(observed, colours),
        mode="markers",
        marker={"size": 9, "color": colours.activity},
        customdata=[each.n for each in observed],
        hovertemplate="predicted %{x:.0%}, observed %{y:.0%}<br>%{customdata} people<extra></extra>",
        name="bins",
    )
    people = sum(each.n for each in observed)
    return figure, f"Calibration of {people} people in {len(bins)} bins, with 95 % intervals; on the dotted line, predictions are right."


def score_histogram(
    logits: np.ndarray,
    labels: np.ndarray,
    *,
    this: float | None = None,
    names: tuple[str, str] = ("comparison group", "condition group"),
    theme: ThemeName = "light",
) -> tuple[go.Figure, str]:
    """Test logits by label, one group upwards and one downwards. this: the logit of the person in view. names: of label False and True."""
    colours = theme_called(theme)
    logits, labels = np.asarray(logits, float), np.asarray(labels, bool)
    everything = logits if this is None else np.append(logits, this)
    edges = np.linspace(everything.min() - 1e-6, everything.max() + 1e-6, 25)
    middles = (edges[1:] + edges[:-1]) / 2
    figure = go.Figure(layout=base_layout(colours, 270, margin={**MARGIN, "t": 34}, bargap=0.08, barmode="relative", dragmode=False))
    tallest = 1
    for positive, name, colour in ((True, plain(names[1]), colours.activity), (False, plain(names[0]), colours.hatch)):
        counts = np.histogram(logits[labels == positive], edges)[0]
        tallest = max(tallest, int(counts.max()))
        figure.add_bar(
            x=middles,
            y=counts if positive else -counts,
            name=name,
            marker={"color": colour, "opacity": 1 if positive else 0.55},
            customdata=counts,
            hovertemplate=f"{name}: %{{customdata}} people near %{{x:.2f}}<extra></extra>",
        )
        figure.add_annotation(
            x=0,
            xref="paper",
            xanchor="left",
            xshift=6,
            y=tallest if positive else -tallest,
            text=name,
            showarrow=False,
            font={"size": 11, "color": colours.text},
        )
    set_layout(
        figure,
        xaxis=axis(colours, "score of the test people, logits"),
        yaxis=axis(colours, "people", range=[-tallest * 1.15, tallest * 1.15], nticks=5, tickformat="d", labelalias=_absolute(tallest)),
    )
    figure.add_hline(y=0, line={"color": colours.muted, "width": 1})
    caption = f"Scores of {labels.sum()} people of the {names[1]} (upwards) and {(~labels).sum()} of the {names[0]} (downwards)."
    if this is None:
        return figure, caption
    figure.add_vline(x=this, line={"color": colours.marker, "width": 2})
    figure.add_annotation(
        x=this, y=1, yref="paper", yanchor="bottom", text="this person", showarrow=False, font={"size": 12, "color": colours.marker}
    )
    return figure, f"{caption} This person: {figures(this, 2)} logits, above {100 * (logits < this).mean():.0f} % of them."


def auc_comparison(rows: Sequence[tuple[str, Interval]], *, theme: ThemeName = "light", what: str = "AUC") -> tuple[go.Figure, str]:
    """rows: name and interval, top first. A line marks 0.5, which is chance."""
    colours = theme_called(theme)
    places = list(range(len(rows)))[::-1]
    intervals = [each for _, each in rows]
    layout = base_layout(colours, 74 + 34 * len(rows), margin={"l": 12, "r": 92, "t": 22, "b": 44}, dragmode=False, hovermode="closest")
    figure = go.Figure(layout=layout)
    set_layout(
        figure,
        xaxis=axis(colours, what, range=[0, 1], tickvals=[0, 0.25, 0.5, 0.75, 1]),
        yaxis=axis(
            colours,
            tickvals=places,
            ticktext=[plain(name) for name, _ in rows],
            showgrid=False,
            range=[-0.6, len(rows) - 0.4],
            automargin=True,
            ticklabelstandoff=8,
        ),
    )
    figure.add_vline(x=0.5, line={"color": colours.muted, "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=0.5, y=1, yref="paper", yanchor="bottom", text="chance", showarrow=False, font={"size": 11, "color": colours.muted}
    )
    errors = {**_errors(intervals, colours), "thickness": 3}
    figure.add_scatter(
        x=[each.value for each in intervals],
        y=places,
        error_x=errors,
        mode="markers",
        marker={"size": 10, "color": colours.text, "line": {"color": colours.background, "width": 1.5}},
        customdata=[_interval(each) for each in intervals],
        hovertemplate="%{customdata}<extra></extra>",
        name=what,
    )
    for place, each in zip(places, intervals, strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=8,
            y=place,
            text=f"{each.value:.2f} <span style='color:{colours.muted}'>{each.low:.2f}\u2013{each.high:.2f}</span>",
            showarrow=False,
            font={"size": 11, "color": colours.text},
        )
    values = "; ".join(f"{name} {_interval(each)}" for name, each in rows)
    return figure, f"{what} with 95 % intervals: {values}. 0.5 is chance."


def _square(colours: Theme, x: str, y: str) -> go.Layout:
    shares = {"range": [-0.02, 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%"}
    return base_layout(
        colours,
        340,
        margin=MARGIN,
        dragmode=False,
        hovermode="closest",
        xaxis=axis(colours, x, constrain="domain", **shares),
        yaxis=axis(colours, y, scaleanchor="x", constrain="domain", **shares),
    )


def _errors(intervals: Sequence[Interval], colours: Theme) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [each.high - each.value for each in intervals],
        "arrayminus": [each.value - each.low for each in intervals],
        "color": colours.activity,
        "thickness": 1.5,
        "width": 0,
    }


def _interval(each: Interval) -> str:
    people = f", {each.n} people" if each.n else ""
    return f"{each.value:.2f} ({each.low:.2f} to {each.high:.2f}{people})"


def _absolute(tallest: int) -> dict[str, str]:
    """Counts below the line are counts too: no minus sign."""
    return {f"\u2212{count}": str(count) for count in range(1, 2 * tallest + 2)}
