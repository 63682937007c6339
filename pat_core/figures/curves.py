"""How a model learned and how well it tells people apart: small quiet charts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import Theme, ThemeName, axis, base_layout, figures
from pat_core.figures.palette import theme as theme_called
from pat_core.records import Interval

Metrics = Sequence[tuple[int, str, float]]
MARGIN = {"l": 58, "r": 24, "t": 28, "b": 46}


def training_curves(metrics: Metrics, *, theme: ThemeName = "light", step_name: str = "epoch") -> tuple[go.Figure, str]:
    """(step, name, value) rows: every name with "loss" in the upper panel, with "auc" in the lower; others are left out.

    The best step is the one with the largest validation AUC, or the smallest validation loss where there is no AUC.
    """
    colours = theme_called(theme)
    series = _series(metrics)
    losses, aucs = _named(series, "loss"), _named(series, "auc")
    if not losses and not aucs:
        return _empty(colours, "No figures yet: the first appear after the first epoch."), "The run has not reported any figures yet."
    both = bool(losses and aucs)
    figure = go.Figure(layout=base_layout(colours, 400 if both else 260, margin={**MARGIN, "r": 84}, hovermode="x unified"))
    figure.update_layout(xaxis=axis(colours, step_name, showgrid=False, anchor="y2" if both else "y", rangemode="tozero"), dragmode=False)
    figure.update_layout(yaxis=axis(colours, "loss" if losses else "AUC", domain=[0.46, 1] if both else [0, 1], nticks=5))
    if both:
        figure.update_layout(yaxis2=axis(colours, "AUC", domain=[0, 0.38], nticks=4, anchor="x"))
    for names, place in ((losses, "y"), (aucs, "y2" if both else "y")):
        for name in names:
            figure.add_traces(_curve(name, series[name], place, colours))
    best = _best(series)
    words = ""
    if best:
        step, name, value = best
        figure.add_shape(x0=step, x1=step, y0=0, y1=1, xref="x", yref="paper", line={"color": colours.marker, "width": 1.5, "dash": "dot"})
        figure.add_annotation(
            x=step,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=f"best {step_name} {step}",
            showarrow=False,
            font={"size": 11, "color": colours.marker},
        )
        words = f" Best {step_name}: {step}, by {_words(name)} {figures(value, 3)}."
    last = max(step for step, _, _ in metrics)
    drawn = ", ".join(_words(name) for name in (*losses, *aucs))
    return figure, f"Training up to {step_name} {last}: {drawn}.{words}"


def roc(labels: np.ndarray, scores: np.ndarray, *, auc: Interval | None = None, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """labels: (people,) bool. scores: (people,), larger means more like the positive group. auc: for the words, where known."""
    colours = theme_called(theme)
    false, true = roc_points(labels, scores)
    figure = go.Figure(layout=_square(colours, "share of the others taken for positive", "share of positives found"))
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": colours.muted, "width": 1, "dash": "dot"}, hoverinfo="skip", name="chance"
    )
    figure.add_scatter(
        x=false,
        y=true,
        mode="lines",
        line={"color": colours.activity, "width": 2.2},
        name="model",
        hovertemplate="finds %{y:.0%} of positives<br>takes %{x:.0%} of the others for positive<extra></extra>",
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
    rates = (np.concatenate(([0], part)) / max(int(part[-1]), 1) for part in (false, true))
    return tuple(rates)  # type: ignore[return-value]


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
    for positive, name, colour in ((True, names[1], colours.activity), (False, names[0], colours.hatch)):
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
    figure.update_layout(
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
    low = min([0.45, *(each.low - 0.03 for each in intervals)])
    layout = base_layout(colours, 74 + 34 * len(rows), margin={"l": 12, "r": 92, "t": 22, "b": 44}, dragmode=False, hovermode="closest")
    figure = go.Figure(layout=layout)
    figure.update_layout(
        xaxis=axis(colours, what, range=[max(low, 0), 1.0], nticks=7),
        yaxis=axis(
            colours,
            tickvals=places,
            ticktext=[name for name, _ in rows],
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
    said = "; ".join(f"{name} {_interval(each)}" for name, each in rows)
    return figure, f"{what} with 95 % intervals: {said}. 0.5 is chance."


def _series(metrics: Metrics) -> dict[str, list[tuple[int, float]]]:
    series: dict[str, list[tuple[int, float]]] = {}
    for step, name, value in sorted(metrics, key=lambda row: row[0]):
        if np.isfinite(value):
            series.setdefault(name, []).append((step, float(value)))
    return series


def _named(series: dict[str, list[tuple[int, float]]], word: str) -> list[str]:
    return sorted(name for name in series if word in name.lower())


def _of_validation(name: str) -> bool:
    return "val" in name.lower()


def _words(name: str) -> str:
    plain = {"val": "validation", "valid": "validation", "train": "training"}
    words = [plain.get(word, word) for word in name.replace("/", "_").lower().split("_")]
    return " ".join("AUC" if word == "auc" else word for word in words)


def _best(series: dict[str, list[tuple[int, float]]]) -> tuple[int, str, float] | None:
    for word, choose in (("auc", max), ("loss", min)):
        for name in _named(series, word):
            if _of_validation(name) and len(series[name]) > 1:
                step, value = choose(series[name], key=lambda row: row[1])
                return step, name, value
    return None


def _curve(name: str, rows: list[tuple[int, float]], place: str, colours: Theme) -> list[go.Scatter]:
    """A line and its name at its end. Validation is the strong one; training is thin."""
    validation = _of_validation(name)
    steps, values = [step for step, _ in rows], [value for _, value in rows]
    colour = colours.text if validation else colours.muted
    line = go.Scatter(
        x=steps,
        y=values,
        yaxis=place,
        name=_words(name),
        mode="lines" if len(rows) > 1 else "markers",
        line={"color": colour, "width": 2.2 if validation else 1.5},
        hovertemplate="%{y:.4g}",
    )
    short = "validation" if validation else "training" if "train" in name.lower() else _words(name)
    label = go.Scatter(
        x=steps[-1:],
        y=values[-1:],
        yaxis=place,
        mode="text",
        text=[f"\u2002{short}"],
        textposition="middle right",
        cliponaxis=False,
        textfont={"size": 11, "color": colour},
        hoverinfo="skip",
        name=f"label {name}",
    )
    return [line, label]


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


def _empty(colours: Theme, words: str) -> go.Figure:
    figure = go.Figure(layout=base_layout(colours, 120, xaxis={"visible": False}, yaxis={"visible": False}))
    figure.add_annotation(x=0.5, y=0.5, xref="paper", yref="paper", text=words, showarrow=False, font={"color": colours.muted})
    return figure
