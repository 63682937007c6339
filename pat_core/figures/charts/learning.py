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
    folds = sorted((name for name in names if _fold(name)), key=_fold)
    final = [name for name in names if not _fold(name)]
    latest = 0 if final else max(_fold(name) for name in folds)
    behind = [name for name in folds if _fold(name) != latest]
    front = [name for name in (*folds, *final) if _fold(name) == latest]
    traces = [_line(name, series[name], place, colours, width=1, opacity=0.4 if _of_validation(name) else 0.2) for name in behind]
    traces += [_line(name, series[name], place, colours, width=2.2 if _of_validation(name) else 1.5) for name in front]
    return traces + [_label(name, series[name], place, colours, position) for name, position in _positions(front, series).items()]


def _positions(names: list[str], series: Series) -> dict[str, str]:
    """Name -> where it stands at the end of its line: the two losses of validation people lie close to one another."""
    close = sorted((name for name in names if _of_validation(name)), key=lambda name: series[name][-1][1])
    apart = {close[0]: "bottom right", close[-1]: "top right"} if len(close) > 1 else {}
    return {name: apart.get(name, "middle right") for name in names}


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


def _label(name: str, rows: list[tuple[int, float]], place: str, colours: Theme, position: str) -> go.Scatter:
    """The name of a line at its end."""
    short = (
        "hidden minutes"
        if "hidden" in name.lower()
        else "validation"
        if _of_validation(name)
        else "training"
        if "train" in name.lower()
        else _words(name)
    )
    step, value = rows[-1]
    return go.Scatter(
        x=[step],
        y=[value],
        yaxis=place,
        mode="text",
        text=[f"\u2002{f'fold {_fold(name)} ' if _fold(name) else ''}{short}"],
        textposition=position,
        cliponaxis=False,
        textfont={"size": 11, "color": _colour(name, colours)},
        hoverinfo="skip",
        name=f"label {name}",
    )


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
