"""When a device was worn, a lane a day, with the hours of wear and what was marked by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import Theme, ThemeName, set_layout
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.sheet.day_chart import DayChart, add_key, dots, hatch, stretches
from pat_core.figures.sheet.lanes import lanes_from_start
from pat_core.records import Period, QualityReport, Week
from pat_core.wear import covered
from pat_core.weeks import span

LANE, PITCH = 18.0, 26.0
"""Pixels of a lane, and from one lane to the next."""
UNKNOWN = "wear not known"
"""What minutes with a value are called where nothing tells whether the device was worn."""


def wear_days(week: Week, report: QualityReport, *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """A lane for each day of the report, 24 hours from the week's first minute: worn, not worn, quiet sleep, no data, left out by hand.

    The hours of wear stand at the end of each lane, with a mark where they are too few. report: of this week; where nothing tells when the
    device was worn, no minute is called worn.
    """
    colours = theme_called(theme)
    chart = DayChart(lanes_from_start(len(week.values), len(report.days), week.start, week.date_known), colours, LANE, PITCH)
    figure = chart.figure(right=118, below=4, above=0)
    shown = _shown(report, len(week.values))
    looks = _looks(colours)
    for name, mask in shown.items():
        figure.add_traces(chart.boxes(mask, 0, LANE, name, **looks[name]))
    figure.add_trace(_hover(chart, shown))
    set_layout(figure, annotations=_hours(report, chart))
    add_key(figure, _signs(report, shown, colours), 32 - chart.bottom, colours, left=76)
    return figure, _caption(week, report)


def _shown(report: QualityReport, minutes: int) -> dict[str, np.ndarray]:
    """What each minute is, (minutes,) bool each; no minute is two of them."""
    free = np.ones(minutes, bool)
    masks: dict[str, np.ndarray] = {}
    kinds: dict[str, Sequence[Period]] = {
        "left out by hand": report.excluded,
        "not worn": report.nonwear,
        "no data": report.gaps,
        "quiet sleep": report.still,
    }
    for name, of_kind in kinds.items():
        mask = covered(of_kind, minutes)
        masks[name] = mask & free
        free &= ~mask
    return {UNKNOWN if report.valid_days is None else "worn": free} | masks


def _looks(colours: Theme) -> dict[str, dict[str, object]]:
    return {
        "worn": {"fillcolor": colours.activity},
        UNKNOWN: {"fillcolor": colours.grid},
        "not worn": hatch(colours),
        "no data": dots(colours),
        "quiet sleep": {"fillcolor": colours.sleep_key},
        "left out by hand": {"fillcolor": colours.marker},
    }


def _hover(chart: DayChart, shown: dict[str, np.ndarray]) -> go.Scatter:
    """One unseen point in the middle of every stretch that is one thing."""
    points = []
    for name, mask in shown.items():
        laid = chart.lanes.mask(mask)
        for lane in range(chart.lanes.count):
            for first, end in stretches(laid[lane]):
                begin = int(chart.lanes.minutes[lane, first])
                points.append((lane, (first + end) // 2, f"{chart.lanes.when(begin, begin + end - first)}: {name}"))
    return chart.hover(points)


def _hours(report: QualityReport, chart: DayChart) -> list[dict[str, object]]:
    colours = chart.colours
    return [
        chart.beside(lane, "\u2013", colours.muted)
        if day.hours_worn is None
        else chart.beside(lane, f"{day.hours_worn:.1f} h worn" + ("" if day.valid else " ✗"), colours.text if day.valid else colours.raises)
        for lane, day in enumerate(report.days)
    ]


def _signs(report: QualityReport, shown: dict[str, np.ndarray], colours: Theme) -> list[tuple[bool, str, str, str]]:
    signs = {
        "worn": (colours.activity, "■"),
        UNKNOWN: (colours.hatch, "■"),
        "not worn": (colours.hatch, "///"),
        "no data": (colours.muted, "····"),
        "quiet sleep": (colours.sleep_key, "■"),
        "left out by hand": (colours.marker, "■"),
    }
    named = [(bool(mask.any()), *signs[name], f"{name[:1].upper()}{name[1:]}") for name, mask in shown.items()]
    few = report.valid_days is not None and report.valid_days < len(report.days)
    return [*named, (few, colours.raises, "✗", "Too few hours of wear")]


def _caption(week: Week, report: QualityReport) -> str:
    if report.valid_days is None:
        return " ".join((f"Wear of {week.participant}, {span(week.values.size)} {week.index + 1}.", *report.sentences))
    hours = ", ".join(f"{day.hours_worn:.1f}" for day in report.days)
    needed, have = report.settings.get("hours_a_day", 10.0), "has" if report.valid_days == 1 else "have"
    return " ".join(
        (
            f"Wear of {week.participant}, {span(week.values.size)} {week.index + 1}: hours of each day from the first minute: {hours}.",
            f"{report.valid_days} of {len(report.days)} days {have} {needed:g} hours or more (✗ marks the others).",
            *report.sentences,
        )
    )
