"""A cohort's attributions by the clock: two groups with their bands, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.explain.by_clock import ClockAttribution, ClockBand, ClockComparison
from pat_core.figures.palette import Theme, ThemeName, axis, base_layout, figures, plain, signed
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.sheet.lanes import WEEKDAYS, runs
from pat_core.settings import MINUTES_PER_DAY

HEIGHT, HEIGHT_OF_ONE = 520, 320
UPPER, LOWER = (0.46, 1.0), (0.0, 0.36)
SEE_THROUGH = 0.22


def clock_bands(
    clock: ClockAttribution, *, names: tuple[str, str] = ("cases", "controls"), unit: str = "logits", theme: ThemeName = "light"
) -> tuple[go.Figure, str]:
    """Mean attribution of both groups by clock time with 95 % bands; below, the difference, with the bins that differ marked.

    names: of the two groups. unit: of the attribution, where a value is explained.
    Above zero the score was raised, below it was lowered; both axes have zero in sight.
    """
    colours = theme_called(theme)
    comparison = clock.comparison
    two = comparison is not None
    figure = go.Figure(layout=_layout(clock, two, colours))
    ends = _edges(clock)
    shown = (plain(names[0]), plain(names[1]))
    figure.add_traces(_band(ends, clock.cases, shown[0], colours.text, "solid", clock, "y"))
    if comparison is not None:
        figure.add_traces(_band(ends, comparison.controls, shown[1], colours.muted, "dash", clock, "y"))
        figure.add_traces(_band(ends, comparison.difference, "difference", colours.marker, "solid", clock, "y2"))
        figure.add_traces(_marks(clock, comparison, colours))
    for name in ("y", "y2")[: 2 if two else 1]:
        figure.add_hline(y=0, yref=name, line={"color": colours.muted, "width": 1})
    figure.layout.annotations = _notes(clock, comparison, shown, colours)
    return _in_unit(figure, plain(unit)), _words(clock, comparison, names).replace("logits", unit)


def _in_unit(figure: go.Figure, unit: str) -> go.Figure:
    """The figure with another unit where it says logits."""
    for trace in figure.data:
        if trace.hovertemplate:
            trace.hovertemplate = trace.hovertemplate.replace("logits", unit)
    title = figure.layout.yaxis.title
    title.text = (title.text or "").replace("logits", unit)
    return figure


def _edges(clock: ClockAttribution) -> np.ndarray:
    """Hours at which bins begin, and the last one ends: bands are drawn as steps, since a bin has one value."""
    return np.append(clock.starts, clock.starts[-1] + clock.bin) / 60


def _band(ends: np.ndarray, band: ClockBand, name: str, colour: str, dash: str, clock: ClockAttribution, yaxis: str) -> list[go.Scatter]:
    def steps(values: np.ndarray) -> np.ndarray:
        return np.append(values, values[-1])

    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    hidden = {"mode": "lines", "hoverinfo": "skip", "yaxis": yaxis}
    flat = {"width": 0, "shape": "hv", "color": colour}
    hover = [clock_words(int(start), clock.bin, clock.over) for start in clock.starts]
    return [
        go.Scatter(x=ends, y=steps(band.high), name=f"{name}, upper edge", line=flat, **hidden),
        go.Scatter(
            x=ends,
            y=steps(band.low),
            name=f"{name}, band",
            line=flat,
            fill="tonexty",
            fillcolor=f"rgba({red},{green},{blue},{SEE_THROUGH})",
            **hidden,
        ),
        go.Scatter(
            x=ends,
            y=steps(band.mean),
            name=name,
            mode="lines",
            line={"color": colour, "width": 2, "shape": "hv", "dash": dash},
            yaxis=yaxis,
            customdata=[[when, f"{signed(low)} to {signed(high)}"] for when, low, high in zip(hover, band.low, band.high, strict=True)],
            hovertemplate=f"%{{customdata[0]}}<br>{name}: %{{y:+.3g}} logits (%{{customdata[1]}})<extra></extra>",
        ),
    ]


def _marks(clock: ClockAttribution, comparison: ClockComparison, colours: Theme) -> list[go.Scatter]:
    """A bar along the foot of the difference wherever it passes the control, a thin line where the difference is very small."""
    traces = []
    for name, chosen, width in (("differs", ~comparison.very_small, 5), ("differs, very small", comparison.very_small, 1.5)):
        x: list[float | None] = []
        for first, end in runs(comparison.differs & chosen):
            x += [clock.starts[first] / 60, (clock.starts[end - 1] + clock.bin) / 60, None]
        y = [_foot(comparison.difference) if value is not None else None for value in x]
        line = {"color": colours.marker, "width": width}
        traces += [go.Scatter(x=x, y=y, mode="lines", line=line, name=name, yaxis="y2", hoverinfo="skip")] if x else []
    return traces


def _foot(difference: ClockBand) -> float:
    low, high = np.nanmin(difference.low), np.nanmax(difference.high)
    return float(min(low, 0) - 0.12 * ((max(high, 0) - min(low, 0)) or 1.0))


def _layout(clock: ClockAttribution, two: bool, colours: Theme) -> go.Layout:
    week = clock.over == "week"
    ticks = list(range(0, 169, 24)) if week else list(range(0, 25, 3))
    text = [WEEKDAYS[hour // 24 % 7] for hour in ticks] if week else [f"{hour % 24:02d}:00" for hour in ticks]
    layout = base_layout(
        colours,
        HEIGHT if two else HEIGHT_OF_ONE,
        margin={"l": 66, "r": 20, "t": 34, "b": 44},
        dragmode=False,
        hovermode="x",
        xaxis=axis(colours, tickvals=ticks, ticktext=text, range=[0, 168 if week else 24], fixedrange=True, anchor="y2" if two else "y"),
        yaxis=axis(colours, f"logits per {clock.bin} min", domain=list(UPPER) if two else [0, 1], nticks=6),
    )
    if two:
        layout.yaxis2 = axis(colours, "difference", domain=list(LOWER), anchor="x", nticks=5)
    return layout


def _notes(clock: ClockAttribution, comparison: ClockComparison | None, names: tuple[str, str], colours: Theme) -> list[dict[str, object]]:
    """The groups' names and what the lower part shows, as text beside their lines' looks."""
    top = f"<b>━ {names[0]}</b> ({clock.people[0]} people)"
    if comparison is not None:
        top += f"&nbsp;&nbsp;&nbsp;&nbsp;<span style='color:{colours.muted}'><b>┅ {names[1]}</b></span> ({clock.people[1]} people)"
    shared = {"x": 0, "xref": "paper", "xanchor": "left", "yref": "paper", "yanchor": "bottom", "showarrow": False}
    notes = [shared | {"y": 1, "yshift": 4, "text": f"{top}; shaded: 95 % bands", "font": {"size": 11.5, "color": colours.text}}]
    if comparison is not None:
        thin = ", thin where very small" if (comparison.differs & comparison.very_small).any() else ""
        words = f"{names[0]} minus {names[1]}; the bar at the foot: differs, false discovery rate {100 * clock.level:g} %{thin}"
        notes.append(shared | {"y": LOWER[1], "yshift": 4, "text": words, "font": {"size": 11.5, "color": colours.marker}})
    return notes


def clock_words(start: int, length: int, over: str) -> str:
    """A bin in words: "06:30 to 07:00", with its weekday where the clock runs over the week."""
    day = f"{WEEKDAYS[start // MINUTES_PER_DAY]}, " if over == "week" else ""
    begins, ends = start % MINUTES_PER_DAY, (start + length) % MINUTES_PER_DAY
    return f"{day}{begins // 60:02d}:{begins % 60:02d} to {ends // 60:02d}:{ends % 60:02d}"


def _words(clock: ClockAttribution, comparison: ClockComparison | None, names: tuple[str, str]) -> str:
    over = "the day, mean over each person's days" if clock.over == "day" else "the week"
    sentences = [
        f"Mean attribution by the clock over {over}, in logits per {clock.bin} minutes, with 95 % bands by resampling people: above zero "
        f"raised the score, below lowered it. Group “{names[0]}”: {clock.people[0]} people."
    ]
    if comparison is None:
        return f"{sentences[0]} These are the model's responses, not the people's health."
    sentences.append(f"Group “{names[1]}”: {clock.people[1]} people. Below, the difference ({names[0]} minus {names[1]}).")
    rate = f"at a false discovery rate of {100 * clock.level:g} %"
    sentences += _differs(clock, comparison, rate) if comparison.differs.any() else [f"No window differs {rate}."]
    sentences.append("These are the model's responses, not the people's health.")
    return " ".join(sentences)


def _differs(clock: ClockAttribution, comparison: ClockComparison, rate: str) -> list[str]:
    """Where the groups differ and by how much, the largest first; what is very small is told apart."""
    large, small = (
        _spans(clock, comparison.difference.mean, comparison.differs & chosen) for chosen in (~comparison.very_small, comparison.very_small)
    )
    sentences = [f"It differs {rate} {_listed(large)}."] if large else []
    if small:
        top = float(np.nanmax(np.abs(np.concatenate([clock.cases.mean, comparison.controls.mean]))))
        very = f"very small (under 5 % of the largest mean of either group, {figures(top)} logits)"
        begins = "It differs as well, but there the difference is" if large else f"It differs {rate}, but every difference is"
        sentences.append(f"{begins} {very}: {_listed(small)}.")
    return [
        *sentences,
        f"In brackets the largest difference there, in logits per {clock.bin} minutes, and its share of the largest of all.",
    ]


def _spans(clock: ClockAttribution, difference: np.ndarray, chosen: np.ndarray) -> list[str]:
    """Each stretch of these bins with its largest difference, the largest stretch first."""
    size = np.abs(difference)
    largest = float(np.nanmax(size)) or 1.0
    tops = [(first, end, first + int(np.nanargmax(size[first:end]))) for first, end in runs(chosen)]
    tops.sort(key=lambda span: -size[span[2]])
    return [
        f"{_span(clock, first, end)} ({signed(float(difference[top]))}, {figures(100 * float(size[top]) / largest)} %)"
        for first, end, top in tops
    ]


def _span(clock: ClockAttribution, first: int, end: int) -> str:
    return "from " + clock_words(int(clock.starts[first]), int(clock.starts[end - 1]) + clock.bin - int(clock.starts[first]), clock.over)


def _listed(spans: Sequence[str], most: int = 6) -> str:
    more = len(spans) - most
    rest = f" and in {more} more {'window' if more == 1 else 'windows'}, by less" if more > 0 else ""
    return ", ".join(spans[:most]) + rest
