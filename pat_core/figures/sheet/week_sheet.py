"""The week sheet: one lane a day, activity as a filled profile, a thin strip under it for each explanation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.errors import ExplanationError
from pat_core.figures.palette import ThemeName, theme
from pat_core.figures.sheet import strips as strip
from pat_core.figures.sheet.lanes import DayFrom, Lanes, day_lanes
from pat_core.figures.sheet.sheet_caption import sheet_caption
from pat_core.figures.sheet.sheet_parts import draw
from pat_core.figures.sheet.sheet_plan import ONE_SCALE, Sheet, activity_peak
from pat_core.records import Attribution, Week

METHOD_WORDS = {"authors": "authors' attention map", "rollout": "attention rollout"}


def week_sheet(
    week: Week,
    strips: Sequence[Attribution] = (),
    *,
    theme: ThemeName = "light",
    day_from: DayFrom = "noon",
    double: bool = False,
    sleep: np.ndarray | None = None,
    nonwear: np.ndarray | None = None,
    labels: Sequence[str] | None = None,
    marks: np.ndarray | None = None,
    marks_label: str = "marked minutes",
    windows: Sequence[tuple[int, int]] = (),
    peak: float | None = None,
    attribution_limit: float | None = None,
    attention_limit: float | None = None,
    sensitivity_limit: float | None = None,
) -> tuple[go.Figure, str]:
    """One week, a lane a day, and its caption (also the alternative text).

    strips: drawn downwards in this order; labels: their names, else the methods'. sleep, nonwear, marks: (minutes,) bool.
    windows: (first, end) minutes of the week to outline. peak (activity at full lane height, in the week's unit),
    attribution_limit (logits per 5 minutes), attention_limit and sensitivity_limit (multiples of the mean): set them to draw several
    people on one scale. What the strips are flagged with stands over the lanes and opens the caption.
    The last trace, "hover", has a point for every 5 minutes; its customdata[0] is the first of them, counted from the week's start.
    """
    lanes = day_lanes(week, day_from, double)
    limits = (attribution_limit, attention_limit, sensitivity_limit)
    sheet = make_sheet(week, lanes, strips, theme, sleep, nonwear, labels, marks, marks_label, windows, peak, limits)
    spans = "24 hours from the first minute" if week.start is None else f"{day_from} to {day_from}"
    return draw(sheet, f"{week.participant}/{week.index}/{day_from}/{double}"), sheet_caption(sheet, f"Week sheet ({spans})")


def make_sheet(
    week: Week,
    lanes: Lanes,
    strips: Sequence[Attribution],
    theme_name: ThemeName,
    sleep: np.ndarray | None,
    nonwear: np.ndarray | None,
    labels: Sequence[str] | None,
    marks: np.ndarray | None,
    marks_label: str,
    windows: Sequence[tuple[int, int]],
    peak: float | None,
    limits: tuple[float | None, float | None, float | None],
    lane: int = 54,
) -> Sheet:
    """Everything decided, nothing drawn: names, limits and scales filled in where the caller left them open.

    limits: of attribution, attention and sensitivity.
    Raises ExplanationError where a strip or a mask does not have one value for each minute of the week.
    """
    masks = {"sleep": sleep, "non-wear": nonwear, marks_label: marks}
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
    set_limit, attention_limit, sensitivity_limit = limits
    limit = set_limit or strip.attribution_limit(strips, lanes)
    return Sheet(
        week=week,
        lanes=lanes,
        strips=tuple(strips),
        labels=tuple(labels) if labels else tuple(method_words(each.method) for each in strips),
        colours=theme(theme_name),
        peak=activity_peak(week, nonwear, peak),
        attribution_limit=limit,
        attribution_range=ONE_SCALE if set_limit else "smallest scale" if limit == strip.LEAST_LIMIT else "this week's range",
        attention_limit=attention_limit or strip.level_limit(strips, "attention"),
        sensitivity_limit=sensitivity_limit or strip.level_limit(strips, "sensitivity"),
        sleep=sleep,
        nonwear=nonwear,
        marks=marks,
        marks_label=marks_label,
        windows=tuple(windows),
        lane=lane,
    )


def method_words(method: str) -> str:
    """A method's name for a reader."""
    return METHOD_WORDS.get(method, method.replace("_", " "))
