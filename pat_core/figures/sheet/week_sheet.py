"""The week sheet: one lane a day, activity as a filled profile, a thin strip under it for each explanation."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from pat_core.errors import ExplanationError
from pat_core.figures.palette import ThemeName, theme
from pat_core.figures.sheet import strips as strip
from pat_core.figures.sheet.lanes import DayFrom, Lanes, day_lanes
from pat_core.figures.sheet.sheet_caption import sheet_caption
from pat_core.figures.sheet.sheet_parts import draw
from pat_core.figures.sheet.sheet_plan import NOTHING, ONE_SCALE, Layers, Sheet, activity_peak
from pat_core.records import Week

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
    return draw(sheet, f"{week.participant}/{week.index}/{day_from}/{double}"), sheet_caption(sheet, f"Week sheet ({spans})")


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
        else "this week's range",
        attention_limit=layers.attention_limit or strip.level_limit(strips, "attention"),
        sensitivity_limit=layers.sensitivity_limit or strip.level_limit(strips, "sensitivity"),
        sleep=sleep,
        nonwear=nonwear,
        marks=layers.marks,
        marks_label=layers.marks_label,
        windows=tuple(layers.windows),
        lane=lane,
    )


def method_words(method: str) -> str:
    """A method's name for a reader."""
    return METHOD_WORDS.get(method, method.replace("_", " "))
