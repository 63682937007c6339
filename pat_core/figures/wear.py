"""When a device was worn, a lane a day, with the hours of wear and what was marked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.lanes import ANY_DAY, Lanes, day_name
from pat_core.figures.palette import Theme, ThemeName, axis, base_layout
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.profile import boxes_trace, stretches
from pat_core.recordings import covered
from pat_core.records import Period, QualityReport, Week
from pat_core.settings import MINUTES_PER_DAY

LANE, PITCH = 18.0, 26.0
"""Pixels of a lane, and from one lane to the next."""


def wear_days(week: Week, report: QualityReport, *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """A lane for each day of the report, 24 hours from the week's first minute: worn, not worn, quiet sleep, no data, left out by hand.

    The hours of wear stand at the end of each lane, with a mark where they are too few. report: of this week.
    """
    colours = theme_called(theme)
    lanes = _lanes(week, len(report.days))
    bottom = 62 if lanes.x_start else 82  # without a clock the axis needs a title
    margin = {"l": 84, "r": 118, "t": 12, "b": bottom}
    height = round(PITCH * lanes.count) + 12 + bottom
    figure = go.Figure(layout=base_layout(colours, height, margin=margin, dragmode=False, hovermode="closest"))
    seen = _shown(report, len(week.values))
    for name, (mask, style) in _looks(seen, colours).items():
        boxes = [
            (first, end, _base(lanes, lane), _base(lanes, lane) + LANE)
            for lane in range(lanes.count)
            for first, end in stretches(lanes.mask(mask)[lane])
        ]
        if boxes:
            figure.add_trace(boxes_trace(lanes, boxes, name, **style))
    figure.add_trace(_hover(lanes, seen))
    figure.update_layout(
        xaxis=_x_axis(lanes, colours),
        yaxis=axis(
            colours, showgrid=False, fixedrange=True, range=[-4, PITCH * lanes.count],
            tickvals=[_base(lanes, lane) + LANE / 2 for lane in range(lanes.count)], ticktext=list(lanes.names),
        ),
        annotations=[*_hours(report, lanes, colours), _key(seen, 32 - bottom, colours)],
    )  # fmt: skip
    return figure, _caption(week, report)


def _lanes(week: Week, days: int) -> Lanes:
    minutes = np.arange(days * MINUTES_PER_DAY).reshape(days, MINUTES_PER_DAY)
    minutes = np.where(minutes < len(week.values), minutes, -1)
    if week.start is None:
        return Lanes(minutes, tuple(f"Day {day + 1}" for day in range(days)), None, None, week.date_known)
    opens = week.start.replace(second=0, microsecond=0)
    names = tuple(day_name(opens + timedelta(days=day), week.date_known) for day in range(days))
    return Lanes(minutes, names, ANY_DAY + timedelta(hours=opens.hour, minutes=opens.minute), opens, week.date_known)


def _shown(report: QualityReport, minutes: int) -> dict[str, np.ndarray]:
    """What each minute is, (minutes,) bool each; no minute is two of them."""
    left = np.ones(minutes, bool)
    found: dict[str, np.ndarray] = {}
    kinds: dict[str, Sequence[Period]] = {
        "left out by hand": report.excluded, "not worn": report.nonwear, "no data": report.gaps, "quiet sleep": report.still,
    }  # fmt: skip
    for name, of_kind in kinds.items():
        mask = covered(of_kind, minutes)
        found[name] = mask & left
        left &= ~mask
    return {"worn": left} | found


def _looks(seen: dict[str, np.ndarray], colours: Theme) -> dict[str, tuple[np.ndarray, dict[str, object]]]:
    hatch = {"shape": "/", "fgcolor": colours.hatch, "bgcolor": colours.background, "size": 5, "solidity": 0.22}
    dots = {"shape": ".", "fgcolor": colours.muted, "bgcolor": colours.background, "size": 5, "solidity": 0.2}
    styles: dict[str, dict[str, object]] = {
        "worn": {"fillcolor": colours.activity},
        "not worn": {"fillpattern": hatch, "fillcolor": colours.background},
        "no data": {"fillpattern": dots, "fillcolor": colours.background},
        "quiet sleep": {"fillcolor": colours.sleep_key},
        "left out by hand": {"fillcolor": colours.marker},
    }
    return {name: (seen[name], style) for name, style in styles.items()}


def _base(lanes: Lanes, lane: int) -> float:
    return PITCH * (lanes.count - 1 - lane)


def _hover(lanes: Lanes, seen: dict[str, np.ndarray]) -> go.Scatter:
    """One unseen point in the middle of every stretch that is one thing."""
    columns: list[int] = []
    y: list[float] = []
    words: list[str] = []
    for name, mask in seen.items():
        for lane in range(lanes.count):
            for first, end in stretches(lanes.mask(mask)[lane]):
                columns.append((first + end) // 2)
                y.append(_base(lanes, lane) + LANE / 2)
                begin = int(lanes.minutes[lane, first])
                words.append(f"{lanes.when(begin, begin + end - first)}: {name}")
    look = {"mode": "markers", "marker": {"size": 2, "opacity": 0}, "hovertemplate": "%{text}<extra></extra>"}
    return go.Scatter(x=lanes.x(columns), y=np.asarray(y, np.float32), text=words, name="hover", **look)


def _x_axis(lanes: Lanes, colours: Theme) -> dict[str, object]:
    common = {"range": lanes.x([0, lanes.width]), "fixedrange": True, "nticks": 9}
    if lanes.x_start is None:
        return axis(colours, "hours from the first minute of each day of the recording", ticksuffix=" h", **common)
    return axis(colours, type="date", tickformat="%H:%M", **common)


def _hours(report: QualityReport, lanes: Lanes, colours: Theme) -> list[dict[str, object]]:
    place = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 8, "yanchor": "middle", "showarrow": False}
    return [
        {
            **place, "y": _base(lanes, lane) + LANE / 2, "text": f"{day.hours_worn:.1f} h worn" + ("" if day.valid else " ✗"),
            "font": {"size": 12, "color": colours.text if day.valid else colours.raises},
        }
        for lane, day in enumerate(report.days)
    ]  # fmt: skip


def _key(seen: dict[str, np.ndarray], shift: int, colours: Theme) -> dict[str, object]:
    signs = {
        "worn": (colours.activity, "■"), "not worn": (colours.hatch, "///"), "no data": (colours.muted, "····"),
        "quiet sleep": (colours.sleep_key, "■"), "left out by hand": (colours.marker, "■"),
    }  # fmt: skip
    parts = [
        f"<span style='color:{colour}'>{sign}</span> {name[:1].upper()}{name[1:]}"
        for name, (colour, sign) in signs.items()
        if seen[name].any()
    ]
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 0, "yref": "paper", "yanchor": "top", "yshift": shift}
    return {**place, "text": "&nbsp;&nbsp;&nbsp;".join(parts), "showarrow": False, "font": {"size": 11.5, "color": colours.muted}}


def _caption(week: Week, report: QualityReport) -> str:
    hours = ", ".join(f"{day.hours_worn:.1f}" for day in report.days)
    asked = report.settings.get("hours_a_day", 10.0)
    return " ".join((
        f"Wear of {week.participant}, week {week.index + 1}: hours of each day from the first minute: {hours}.",
        f"{report.valid_days} of {len(report.days)} days have {asked:g} hours or more (✗ marks the others).", *report.sentences,
    ))  # fmt: skip
