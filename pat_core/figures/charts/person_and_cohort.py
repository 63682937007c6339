"""One person beside others: the mean day, the cohort's spread, the days of the week."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import ThemeName, axis, base_layout, figures, plain, set_layout, signed
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.sheet.lanes import day_lanes
from pat_core.figures.sheet.sheet_plan import unit_words
from pat_core.figures.sheet.strips import binned_sum
from pat_core.records import Attribution, Week
from pat_core.settings import MINUTES_PER_DAY

DAY_BIN = 15
Band = tuple[np.ndarray, np.ndarray]


def mean_day(
    week: Week,
    *,
    band: Band | None = None,
    band_name: str = "middle 80 % of the cohort",
    attribution: Attribution | None = None,
    theme: ThemeName = "light",
) -> tuple[go.Figure, str]:
    """The mean of the week's days in steps of 15 minutes, missing minutes left out.

    band: (low, high), each (1440,) in the week's unit from midnight (from the first minute where the start is unknown).
    attribution: its sum over the days, drawn as bars under the day, in logits per 15 minutes.
    """
    colours = theme_called(theme)
    lanes = day_lanes(week, "midnight")
    hours = (np.arange(0, MINUTES_PER_DAY, DAY_BIN) + DAY_BIN / 2) / 60
    day = _binned_mean(lanes.take(week.values).reshape(-1, MINUTES_PER_DAY))
    figure = go.Figure(
        layout=base_layout(colours, 330 if attribution else 260, margin={"l": 62, "r": 20, "t": 24, "b": 44}, dragmode=False)
    )
    if band is not None:
        low, high = (_binned_mean(np.asarray(edge, float)[None]) for edge in band)
        hidden = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
        figure.add_scatter(x=hours, y=high, name="band, upper edge", **hidden)
        figure.add_scatter(x=hours, y=low, name=band_name, fill="tonexty", fillcolor=colours.grid, **hidden)
    figure.add_scatter(
        x=hours,
        y=day,
        mode="lines",
        line={"color": colours.activity, "width": 2.2},
        name="mean day",
        connectgaps=False,
        hovertemplate=f"%{{y:,.1f}}{unit_words(week, ' %s')}<extra></extra>",
    )
    known = week.start is not None
    ticks = list(range(0, 25, 3))
    set_layout(
        figure,
        hovermode="x",
        xaxis=axis(
            colours,
            None if known else "hours from the first minute of the recording",
            range=[0, 24],
            tickvals=ticks,
            fixedrange=True,
            ticktext=[f"{hour % 24:02d}:00" if known else f"{hour} h" for hour in ticks],
            anchor="y2" if attribution else "y",
        ),
        yaxis=axis(
            colours, f"activity{unit_words(week, ', %s')}", rangemode="tozero", domain=[0.36, 1] if attribution else [0, 1], nticks=5
        ),
    )
    days = int(np.ceil(len(week.values) / MINUTES_PER_DAY))
    caption = f"Mean day of {week.participant} over {days} days, in steps of {DAY_BIN} minutes, missing minutes left out."
    if band is not None:
        caption += f" The shaded band is the {band_name}."
    if attribution is not None:
        sums = np.nansum(binned_sum(lanes.take(attribution.values), DAY_BIN), axis=0)
        figure.add_bar(
            x=hours,
            y=sums,
            yaxis="y2",
            marker={"color": np.where(sums < 0, colours.lowers, colours.raises).tolist(), "line": {"width": 0}},
            name="attribution",
            hovertemplate=f"%{{y:+.3f}} {plain(attribution.unit)}<extra></extra>",
        )
        set_layout(figure, bargap=0.1, yaxis2=axis(colours, plain(attribution.unit), domain=[0, 0.27], anchor="x", nticks=4))
        figure.add_hline(y=0, yref="y2", line={"color": colours.muted, "width": 1})
        caption += f" Bars: attribution summed over the days, in {attribution.unit} per {DAY_BIN} minutes; "
        caption += "up (red) raised the score, down (blue) lowered it."
    return figure, caption


def day_bars(week: Week, attribution: Attribution, *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """The attribution summed over each day of the wall clock, in logits; the bars add up to the whole."""
    colours = theme_called(theme)
    lanes = day_lanes(week, "midnight")
    laid = lanes.take(attribution.values)
    sums, hours = np.nansum(laid, axis=1), (lanes.minutes >= 0).sum(axis=1) / 60
    names = [name if full >= 24 else f"{name}<br>{full:.0f} h" for name, full in zip(lanes.names, hours, strict=True)]
    figure = go.Figure(layout=base_layout(colours, 210, margin={"l": 62, "r": 20, "t": 24, "b": 48}, dragmode=False, bargap=0.45))
    figure.add_bar(
        x=list(range(len(sums))),
        y=sums,
        marker={"color": np.where(sums < 0, colours.lowers, colours.raises).tolist()},
        text=[signed(float(total)) for total in sums],
        textposition="outside",
        constraintext="none",
        textangle=0,
        textfont={"size": 11, "color": colours.text},
        cliponaxis=False,
        hoverinfo="skip",
        name="attribution by day",
    )
    room = 1.35 * max(float(np.abs(sums).max()), 1e-9)
    set_layout(
        figure,
        xaxis=axis(colours, tickvals=list(range(len(sums))), ticktext=names, showgrid=False),
        yaxis=axis(
            colours,
            plain(attribution.unit),
            range=[min(0.0, float(sums.min())) - room / 4, max(0.0, float(sums.max())) + room / 4],
            nticks=4,
        ),
    )
    figure.add_hline(y=0, line={"color": colours.muted, "width": 1})
    top = int(np.abs(sums).argmax())
    verb = "raised" if sums[top] > 0 else "lowered"
    name = lanes.names[top]
    most = f"{name} {verb} it most ({signed(float(sums[top]))})."
    return figure, f"Attribution by day, in {attribution.unit}: above zero raised the score. {most}"


def cohort_spread(
    value: float | None, cohort_values: Sequence[float] | np.ndarray, name: str, unit: str = "", *, theme: ThemeName = "light"
) -> tuple[go.Figure, str]:
    """Everyone as a small dot, this person as a large one, the cohort's median as a tick.

    value: NaN where this week does not define it, None where it does not apply; both are said in the figure.
    """
    colours = theme_called(theme)
    others = np.asarray(cohort_values, float)
    others = np.sort(others[np.isfinite(others)])
    absent = "does not apply to this person" if value is None else "" if np.isfinite(value) else "is not defined for this week"
    room = 16 if absent else 0
    layout = base_layout(colours, 96 + room, margin={"l": 16, "r": 16, "t": 26 + room, "b": 26}, dragmode=False, hovermode="closest")
    figure = go.Figure(layout=layout)
    label = f"{name}{f', {unit}' if unit else ''}"
    set_layout(
        figure,
        xaxis=axis(colours, showgrid=False, nticks=6, fixedrange=True),
        yaxis={"visible": False, "range": [-1.2, 1.2], "fixedrange": True},
    )
    above = {"xref": "paper", "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False}
    title = plain(label) + (f"<br><span style='color:{colours.muted}'>{absent.removeprefix('is ')}</span>" if absent else "")
    figure.add_annotation(x=0, xanchor="left", align="left", text=title, font={"size": 12, "color": colours.text}, **above)
    shown = {"color": colours.activity, "size": 6, "opacity": 0.45}
    figure.add_scatter(x=others, y=stacked(others), mode="markers", marker=shown, name="cohort", hovertemplate="%{x:.3~g}<extra></extra>")
    words = f"{label}: {len(others)} people of the cohort"
    if len(others):
        middle = float(np.median(others))
        line = {"color": colours.muted, "width": 1.5}
        figure.add_scatter(x=[middle, middle], y=[-1.1, 1.1], mode="lines", line=line, name="median", hoverinfo="skip")
        words += f", median {figures(middle, 3)}"
    if value is None or absent:
        return figure, f"{words}. It {absent}."
    marker = {"size": 14, "color": colours.marker, "line": {"color": colours.background, "width": 2}}
    figure.add_scatter(
        x=[value], y=[0], mode="markers", marker=marker, name="this person", hovertemplate="this person: %{x:.3~g}<extra></extra>"
    )
    drawn = f"<b>{figures(float(value), 3)}</b>"
    figure.add_annotation(x=1, xanchor="right", text=drawn, font={"size": 12, "color": colours.marker}, **above)
    share = f", above {100 * (others < value).mean():.0f} % of them" if len(others) else ""
    return figure, f"{words}. This person: {figures(float(value), 3)}{share}."


def stacked(values: np.ndarray, places: int = 60) -> np.ndarray:
    """Heights (-1 to 1) that keep dots of nearly equal value apart: the same for the same values, no chance in it."""
    if not len(values):
        return np.zeros(0)
    span = float(values.max() - values.min()) or 1.0
    place = np.round((values - values.min()) / span * places).astype(int)
    heights = np.zeros(len(values))
    for each in np.unique(place):
        members = np.flatnonzero(place == each)
        steps = np.arange(len(members)) - (len(members) - 1) / 2
        heights[members] = steps * min(0.28, 2 / max(len(members) - 1, 1))
    return heights


def _binned_mean(days: np.ndarray) -> np.ndarray:
    parts = np.asarray(days, float).reshape(len(days), -1, DAY_BIN).transpose(1, 0, 2).reshape(MINUTES_PER_DAY // DAY_BIN, -1)
    present = np.isfinite(parts).sum(axis=1)
    return np.where(present > 0, np.nansum(parts, axis=1) / np.maximum(present, 1), np.nan)
