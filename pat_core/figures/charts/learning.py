"""How a model learned: loss and AUC (or what else was watched) over the epochs, the kept model in front, the folds behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import Theme, ThemeName, axis, base_layout, figures
from pat_core.figures.palette import theme as theme_called

Metrics = Sequence[tuple[int, str, float]]
Series = dict[str, list[tuple[int, float]]]
MARGIN = {"l": 58, "r": 84, "t": 28, "b": 46}
LABEL_APART = 14.0
"""Pixels from one name at the end of a line to the next, at the least."""
FOLD = re.compile(r"fold (\d+) ", re.IGNORECASE)
WHOLE = {"range": [-0.02, 1.02], "tickvals": [0, 0.5, 1], "zeroline": False}
"""An AUC goes from 0 to 1, and 0.5 is chance, whatever a run has reached so far; lines at an end stay visible."""
WATCHED = ("AUC", "concordance", "R2")
"""What ends a training, by what is learned."""
WHOLE_FROM_0_TO_1 = ("AUC", "concordance")
PLAIN = {"val": "validation", "valid": "validation", "train": "training", "auc": "AUC", "r2": "R2"}


def training_curves(
    metrics: Metrics, best_epoch: int | None = None, *, theme: ThemeName = "light", step_name: str = "epoch"
) -> tuple[go.Figure, str]:
    """(step, name, value) rows: every name with "loss" in the upper panel; in the lower those with "auc", else with the first of `WATCHED`
    that there is; others are left out.

    best_epoch: the epoch whose weights were kept, as the training says; None draws no mark. Names that begin with "fold 1 " and so on
    are thin lines behind the model that is kept; while there is no such model yet, the latest fold is named at its end.
    """
    colours = theme_called(theme)
    series = _series(metrics)
    watched = next((figure for figure in WATCHED if _named(series, figure.lower())), WATCHED[0])
    panels = [(title, names) for title, names in (("loss", _named(series, "loss")), (watched, _named(series, watched.lower()))) if names]
    if not panels:
        return _empty(colours, "No figures yet: the first appear after the first epoch."), "The run has not reported any figures yet."
    figure = go.Figure(layout=_layout(colours, [title for title, _ in panels], step_name))
    for place, (_, names) in zip(("y", "y2"), panels, strict=False):
        figure.add_traces(_panel(series, names, place, colours))
        _label(figure, _front(names), series, place, colours)
    sentence = ""
    if best_epoch is not None:
        _mark(figure, best_epoch, step_name, colours)
        sentence = f" The weights of {step_name} {best_epoch} were kept{_there(series, best_epoch)}."
    last = max(step for rows in series.values() for step, _ in rows)
    drawn = [_words(name) for _, names in panels for name in names if not _fold(name)]
    folds = {_fold(name) for _, names in panels for name in names} - {0}
    drawn += [f"{len(folds)} folds as thin lines" if len(folds) > 1 else "1 fold as a thin line"] if folds else []
    return figure, f"Training up to {step_name} {last}: {', '.join(drawn)}.{sentence}"


def _layout(colours: Theme, titles: list[str], step_name: str) -> go.Layout:
    both = len(titles) > 1
    layout = base_layout(colours, 400 if both else 260, margin=MARGIN, hovermode="x unified", dragmode=False)
    layout.xaxis = axis(colours, step_name, showgrid=False, anchor="y2" if both else "y", rangemode="tozero")
    layout.yaxis = axis(colours, titles[0], domain=[0.46, 1] if both else [0, 1], nticks=5)
    if both:
        layout.yaxis2 = axis(colours, titles[1], domain=[0, 0.38], anchor="x")
    if titles[-1] in WHOLE_FROM_0_TO_1:
        (layout.yaxis2 if both else layout.yaxis).update(WHOLE)
    return layout


def _panel(series: Series, names: list[str], place: str, colours: Theme) -> list[go.Scatter]:
    """Folds first, so that they lie behind."""
    front = _front(names)
    behind = sorted((name for name in names if name not in front), key=_fold)
    traces = [_line(name, series[name], place, colours, width=1, opacity=0.4 if _of_validation(name) else 0.2) for name in behind]
    return traces + [_line(name, series[name], place, colours, width=2.2 if _of_validation(name) else 1.5) for name in front]


def _front(names: list[str]) -> list[str]:
    """The curves of the model that is kept; while there is none yet, of the latest fold."""
    latest = max(map(_fold, names)) if all(map(_fold, names)) else 0
    return [name for name in names if _fold(name) == latest]


def _line(name: str, rows: list[tuple[int, float]], place: str, colours: Theme, width: float, opacity: float = 1) -> go.Scatter:
    """Validation is the strong one; training is thin."""
    return go.Scatter(
        x=[step for step, _ in rows],
        y=[value for _, value in rows],
        yaxis=place,
        name=_words(name),
        mode="lines" if len(rows) > 1 else "markers",
        line={"color": _colour(name, colours), "width": width, "dash": "dot" if "hidden" in name.lower() else "solid"},
        opacity=opacity,
        **({"hovertemplate": "%{y:.4g}"} if opacity == 1 else {"hoverinfo": "skip"}),
    )


def _label(figure: go.Figure, names: list[str], series: Series, place: str, colours: Theme) -> None:
    """The names of these lines at their ends, apart where the ends lie close to one another."""
    ends = dict(sorted(((name, series[name][-1]) for name in names), key=lambda end: end[1][1]))
    pixels = _pixels_a_unit(figure, place)
    shifts = apart([pixels * value for _, value in ends.values()], LABEL_APART)
    for (name, (step, value)), wanted in zip(ends.items(), shifts, strict=True):
        figure.add_annotation(
            x=step,
            y=value,
            yref=place,
            text=f"{f'fold {_fold(name)} ' if _fold(name) else ''}{_short(name)}",
            showarrow=False,
            xanchor="left",
            xshift=6,
            yshift=wanted - pixels * value,
            font={"size": 11, "color": _colour(name, colours)},
        )


def _pixels_a_unit(figure: go.Figure, place: str) -> float:
    """How high one unit of a panel is drawn; where Plotly finds its range, that is the one of the lines and 5 % on either side."""
    panel = figure.layout["yaxis" if place == "y" else "yaxis2"]
    values = [value for trace in figure.data if trace.yaxis == place for value in trace.y]
    low, high = panel.range or (min(values), max(values))
    span = (high - low) * (1 if panel.range else 1.1)
    height = figure.layout.height - MARGIN["t"] - MARGIN["b"]
    return height * (panel.domain[1] - panel.domain[0]) / span if span else 0.0


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Places, from the lowest to the highest, moved as little as it takes (in squares) to be at least the gap apart."""
    groups: list[list[float]] = []  # of neighbours that would be too close: they move together
    for number, place in enumerate(places):
        groups.append([place - number * gap])
        while len(groups) > 1 and np.mean(groups[-2]) > np.mean(groups[-1]):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [float(np.mean(group)) + number * gap for number, group in enumerate(group for group in groups for _ in group)]


def _short(name: str) -> str:
    if "hidden" in name.lower():
        return "hidden minutes"
    if _of_validation(name):
        return "validation"
    return "training" if "train" in name.lower() else _words(name)


def _mark(figure: go.Figure, best: int, step_name: str, colours: Theme) -> None:
    line = {"color": colours.marker, "width": 1.5, "dash": "dot"}
    figure.add_shape(x0=best, x1=best, y0=0, y1=1, xref="x", yref="paper", line=line)
    words = {"text": f"kept: {step_name} {best}", "font": {"size": 11, "color": colours.marker}}
    figure.add_annotation(x=best, y=1, yref="paper", yanchor="bottom", showarrow=False, **words)


def _there(series: Series, step: int) -> str:
    """What ended the training at that step, of the kept model, in words; nothing where it was not reported."""
    for name in (name for figure in WATCHED for name in _named(series, figure.lower())):
        value = dict(series[name]).get(step) if _of_validation(name) and not _fold(name) else None
        if value is not None:
            return f", with a {_words(name)} of {figures(value, 3)}"
    return ""


def _series(metrics: Metrics) -> Series:
    series: Series = {}
    for step, name, value in sorted(metrics, key=lambda row: row[0]):
        if np.isfinite(value):
            series.setdefault(name, []).append((int(step), float(value)))
    return series


def _named(series: Series, word: str) -> list[str]:
    return sorted(name for name in series if word in name.lower())


def _fold(name: str) -> int:
    """The number of the fold that a curve belongs to, from 1; 0 for the model that is kept."""
    match = FOLD.match(name)
    return int(match[1]) if match else 0


def _of_validation(name: str) -> bool:
    return "val" in name.lower()


def _colour(name: str, colours: Theme) -> str:
    return colours.text if _of_validation(name) else colours.muted


def _words(name: str) -> str:
    return " ".join(PLAIN.get(word, word) for word in re.split(r"[_/ ]+", name.lower()))


def _empty(colours: Theme, words: str) -> go.Figure:
    figure = go.Figure(layout=base_layout(colours, 120, xaxis={"visible": False}, yaxis={"visible": False}))
    figure.add_annotation(x=0.5, y=0.5, xref="paper", yref="paper", text=words, showarrow=False, font={"color": colours.muted})
    return figure
