"""One week on one sheet: seven lanes of days, or one lane as long as the week; scales for several; minutes out of a box drawn on one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

import numpy as np
import plotly.graph_objects as go

from pat_core.errors import ExplanationError
from pat_core.figures.palette import ThemeName, theme
from pat_core.figures.sheet import strips as strip
from pat_core.figures.sheet.lanes import DayFrom, Lanes, day_lanes, week_lane
from pat_core.figures.sheet.sheet_caption import sheet_caption
from pat_core.figures.sheet.sheet_parts import draw
from pat_core.figures.sheet.sheet_plan import NOTHING, ONE_SCALE, Layers, Sheet, activity_peak
from pat_core.records import Attribution, Week
from pat_core.weeks import span

METHOD_WORDS = {"authors": "authors' attention map", "rollout": "attention rollout"}


def week_sheet(
    week: Week, layers: Layers = NOTHING, *, theme: ThemeName = "light", day_from: DayFrom = "noon", double: bool = False
) -> tuple[go.Figure, str]:
    """One week, a lane a day, and its caption (also the alternative text).

    What the strips are flagged with stands over the lanes and opens the caption.
    The last trace, "hover", has a point for every 5 minutes; its customdata[0] is the first of them, counted from the week's start.
    """
    sheet = make_sheet(week, day_lanes(week, day_from, double), layers, theme)
    spans = "24 hours from the first minute" if week.start is None else f"{day_from} to {day_from}"
    return draw(sheet, f"{week.participant}/{week.index}/{day_from}/{double}"), sheet_caption(
        sheet, f"{'Week sheet' if span(week.values.size) == 'week' else 'Sheet'} ({spans})"
    )


def make_sheet(week: Week, lanes: Lanes, layers: Layers, theme_name: ThemeName, lane: int = 54) -> Sheet:
    """Everything decided, nothing drawn: names, limits and scales filled in where the caller left them open. lane: pixels of activity.

    Raises ExplanationError where a strip or a mask does not have one value for each minute of the week.
    """
    strips, sleep, nonwear = layers.strips, layers.sleep, layers.nonwear
    masks = {"sleep": sleep, "non-wear": nonwear, layers.marks_label: layers.marks}
    for name, values in [
        *((each.method, each.values) for each in strips),
        *((name, mask) for name, mask in masks.items() if mask is not None),
    ]:
        if len(values) != len(week.values):
            raise ExplanationError(
                f'The strip needs one value for each of the week\'s {len(week.values)} minutes, but "{name}" has {len(values)}. '
                "Make it again from this week."
            )
    if sleep is not None and nonwear is not None:
        sleep = np.asarray(sleep, bool) & ~np.asarray(nonwear, bool)  # a device that is not worn tells of no rest
    limit = layers.attribution_limit or strip.attribution_limit(strips, lanes)
    return Sheet(
        week=week,
        lanes=lanes,
        strips=tuple(strips),
        labels=tuple(layers.labels) if layers.labels else tuple(method_words(each.method) for each in strips),
        colours=theme(theme_name),
        peak=activity_peak(week, nonwear, layers.peak),
        attribution_limit=limit,
        attribution_range=ONE_SCALE
        if layers.attribution_limit
        else "smallest scale"
        if limit == strip.LEAST_LIMIT
        else f"this {span(week.values.size)}'s range",
        attention_limit=layers.attention_limit or strip.level_limit(strips, "attention"),
        sensitivity_limit=layers.sensitivity_limit or strip.level_limit(strips, "sensitivity"),
        sleep=sleep,
        nonwear=nonwear,
        marks=layers.marks,
        marks_label=layers.marks_label,
        windows=tuple(layers.windows),
        diary=tuple(layers.diary),
        lane=lane,
    )


def method_words(method: str) -> str:
    """A method's name for a reader."""
    return METHOD_WORDS.get(method, method.replace("_", " "))


LANE = 150
"""Pixels of activity where the week is one lane."""


def week_timeline(week: Week, layers: Layers = NOTHING, *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """One week from its first minute to its last, and its caption; layers as in `week_sheet`."""
    sheet = make_sheet(week, week_lane(week), layers, theme, LANE)
    return draw(sheet, f"{week.participant}/{week.index}/timeline"), sheet_caption(sheet, "Timeline")


class Scales(TypedDict):
    """What `Layers` take so that weeks compare: activity at full height in the weeks' unit, ends of the colours by kind of strip."""

    peak: float
    attribution_limit: float
    attention_limit: float
    sensitivity_limit: float


def common_scales(shown: Sequence[tuple[Week, Sequence[Attribution], np.ndarray | None]]) -> Scales:
    """The widest of each week's own scales. shown: weeks with the strips drawn under them and (minutes,) bool not worn, or None."""
    return Scales(
        peak=max(activity_peak(week, nonwear, None) for week, _, nonwear in shown),
        attribution_limit=max(strip.attribution_limit(strips, day_lanes(week)) for week, strips, _ in shown),
        attention_limit=max(strip.level_limit(strips, "attention") for _, strips, _ in shown),
        sensitivity_limit=max(strip.level_limit(strips, "sensitivity") for _, strips, _ in shown),
    )


def brushed_minutes(figure: go.Figure, x: Sequence[str | float], y: Sequence[float]) -> tuple[int, int] | None:
    """[first, end) minutes of the week inside a box drawn on `week_sheet` or `week_timeline`, in steps of the hover (5 or 10 minutes).

    x, y: the two ends of the box in axis values, as Plotly reports them. Of several lanes, the one nearest the box's middle counts.
    None where the box holds no minute of the week.
    """
    hover = next((trace for trace in figure.data if trace.name == "hover"), None)
    if hover is None or len(x) < 2 or len(y) < 2:
        return None
    places = np.array([_number(value) for value in hover.x])
    heights = np.asarray(hover.y, float)
    minutes = np.array([row[0] for row in hover.customdata], int)
    left, right = sorted(_number(value) for value in x)
    levels = np.unique(heights)
    lane = heights == levels[np.abs(levels - (y[0] + y[1]) / 2).argmin()]
    inside = lane & (places >= left) & (places <= right)
    if not inside.any():
        return None
    step = int(np.median(np.diff(minutes[lane]))) if lane.sum() > 1 else 5
    return int(minutes[inside].min()), int(minutes[inside].max()) + step


def _number(value: str | float) -> float:
    """Axis values as one comparable number: seconds for clock times, hours as they are."""
    if not isinstance(value, str):
        return float(value)
    text = value.replace("T", " ")
    whole, _, fraction = text.partition(".")
    form = "%Y-%m-%d" + {10: "", 13: " %H", 16: " %H:%M", 19: " %H:%M:%S"}[len(whole)]
    return (datetime.strptime(whole, form) - datetime(1970, 1, 1)).total_seconds() + (float(f"0.{fraction}") if fraction else 0.0)
