"""What the week sheet and the timeline share: lanes of activity, strips under them, one hover, small colour bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import plain
from pat_core.figures.sheet import day_chart, sheet_frame
from pat_core.figures.sheet import strips as strip
from pat_core.figures.sheet.day_chart import hatch
from pat_core.figures.sheet.hover_words import activity_words, hover_steps, strip_words
from pat_core.figures.sheet.lanes import BIN
from pat_core.figures.sheet.sheet_frame import layout
from pat_core.figures.sheet.sheet_plan import BY_HAND, Sheet, gaps, unit_words
from pat_core.wear import covered

SHORTEST_SLEEP = BIN
"""Minutes: shorter stretches of sleep are narrower than two pixels and are not shaded."""


HEATMAPS = {"attention": strip.attention_heatmap, "attribution": strip.attribution_heatmap, "sensitivity": strip.sensitivity_heatmap}


def draw(sheet: Sheet, uirevision: str) -> go.Figure:
    """The figure: behind to front sleep, activity, gaps, marks, strips, the signed line, windows and the hover points."""
    colours, lanes, rows = sheet.colours, sheet.lanes, sheet.rows()
    kinds = list(dict.fromkeys(each.kind for each in sheet.strips))  # the bars stand in the order of the strips
    figure = go.Figure(layout=layout(sheet, len(kinds), uirevision))
    figure.add_traces(_behind(sheet))
    values = lanes.take(sheet.worn())
    for lane in range(lanes.count):
        figure.add_trace(day_chart.activity_trace(lanes, lane, values[lane], sheet.base(lane), sheet.lane, sheet.peak, colours))
    for (place, row), kind in zip(sheet_frame.places(len(kinds)), kinds, strict=True):
        trace = HEATMAPS[kind](lanes, sheet.strips, rows, sheet.limit(kind), colours)
        names = [sheet.labels[index] for index in strip.of_kind(sheet.strips, kind)]
        above = 1 + (12 + row * sheet_frame.ROW) / sheet.plot_height
        measure = sheet.attribution_range, next(each.unit for each in sheet.strips if each.kind == kind)
        bar = sheet_frame.colour_bar(kind, sheet.limit(kind), place, above, sheet_frame.LENGTH, colours, names, measure)
        figure.add_trace(trace.update(colorbar=bar))
    if "attribution" in kinds:
        figure.add_trace(_zero_lines(sheet))
        figure.add_trace(strip.signed_line(lanes, sheet.strips, rows, sheet.attribution_limit, colours))
    if sheet.windows:
        figure.add_trace(_windows(sheet))
    figure.add_trace(hover_points(sheet))
    return figure


def hover_points(sheet: Sheet) -> go.Scatter:
    """One unseen point for every 5 minutes of a lane (10 where days are drawn twice), that says everything about them.

    customdata[0] is the first of those minutes, counted from the week's start.
    """
    lanes, below = sheet.lanes, sheet.pitch - sheet.gap - sheet.lane
    steps = hover_steps(lanes)
    spoken = sheet.week.marks or sheet.diary
    by_hand = [_by_hand_words(sheet, first, end) for first, end in zip(steps.first, steps.end, strict=True)] if spoken else None
    activity = activity_words(sheet, steps)
    cells: list[Sequence[object]] = [
        steps.first,
        [lanes.when(first, end) for first, end in zip(steps.first, steps.end, strict=True)],
        [words + more for words, more in zip(activity, by_hand, strict=True)] if by_hand else activity,
        *(strip_words(each, steps, lanes) for each in sheet.strips),
    ]
    lines = ["<b>%{customdata[1]}</b>", f"activity{unit_words(sheet.week, ' (%s)')}: %{{customdata[2]}}"]
    for index, (each, label) in enumerate(zip(sheet.strips, sheet.labels, strict=True)):
        lines.append(f"{plain(label)}{f' ({plain(each.unit)})' if each.kind == 'attribution' else ''}: %{{customdata[{index + 3}]}}")
    return go.Scatter(
        x=lanes.x(steps.middle),
        y=np.asarray([sheet.base(lane) + (sheet.lane - below) / 2 for lane in steps.lane], np.float32),
        name="hover",
        mode="markers",
        marker={"size": 2, "opacity": 0, "color": sheet.colours.muted},
        customdata=np.array(list(zip(*cells, strict=True)), dtype=object),  # as lists, each cell would be checked one by one
        hovertemplate="<br>".join(lines) + "<extra></extra>",
    )


def _behind(sheet: Sheet) -> list[go.Scatter]:
    lanes, colours = sheet.lanes, sheet.colours
    missing, nonwear = gaps(sheet)
    traces = []
    if sheet.sleep is not None:
        boxes = _boxes(sheet, np.asarray(sheet.sleep, bool), 0, sheet.lane, SHORTEST_SLEEP)
        traces.append(day_chart.boxes_trace(lanes, boxes, "sleep", fillcolor=colours.sleep))
    if nonwear.any():
        traces.append(day_chart.boxes_trace(lanes, _boxes(sheet, nonwear, 0, 9), "not worn", **hatch(colours)))
    if missing.any():
        dotted = [(first, end, bottom) for first, end, bottom, _ in _boxes(sheet, missing, 0, 0)]
        traces.append(day_chart.lines_trace(lanes, dotted, "no data", color=colours.muted, width=1.6, dash="dot"))
    if sheet.marks is not None:
        boxes = _boxes(sheet, np.asarray(sheet.marks, bool), sheet.lane + 2, sheet.lane + 5)
        traces.append(day_chart.boxes_trace(lanes, boxes, "marks", fillcolor=colours.marker))
    if sheet.diary:
        boxes = _boxes(sheet, covered(sheet.diary, len(sheet.week.values)), sheet.lane + 1, sheet.lane + 4)
        traces.append(day_chart.boxes_trace(lanes, boxes, "diary", fillcolor=colours.muted))
    if sheet.week.marks:
        traces.append(_by_hand(sheet))
    return traces


def _by_hand(sheet: Sheet) -> go.Scatter:
    """What was marked by hand, as brackets over the activity whose ticks stand where a mark begins and ends."""
    columns: list[int] = []
    y: list[float] = []
    for mark in sheet.week.marks:
        for first, end, low, high in _boxes(sheet, covered([mark], len(sheet.week.values)), sheet.lane + 1, sheet.lane + 5):
            columns += [first, first, end, end, end]
            y += [low, high, high, low, np.nan]
    line = {"color": sheet.colours.text, "width": 1.4}
    return go.Scatter(x=sheet.lanes.x(columns), y=np.asarray(y, np.float32), name="by hand", mode="lines", line=line, hoverinfo="skip")


def _boxes(sheet: Sheet, minutes: np.ndarray, bottom: float, top: float, shortest: int = 1) -> list[day_chart.Box]:
    laid = sheet.lanes.mask(minutes)
    return [
        (first, end, sheet.base(lane) + bottom, sheet.base(lane) + top)
        for lane in range(sheet.lanes.count)
        for first, end in day_chart.stretches(laid[lane], shortest)
    ]


def _zero_lines(sheet: Sheet) -> go.Scatter:
    """A hairline along the middle of every attribution strip: the level from which the signed line rises and falls."""
    inside = np.ones(len(sheet.week.values), bool)
    laid = sheet.lanes.mask(inside)
    middles = [
        (first, end, (row.top + row.bottom) / 2)
        for row in sheet.rows()
        if sheet.strips[row.strip].kind == "attribution"
        for first, end in day_chart.stretches(laid[row.lane])
    ]
    return day_chart.lines_trace(sheet.lanes, middles, "zero", color=sheet.colours.grid, width=1)


def _windows(sheet: Sheet) -> go.Scatter:
    below = sheet.pitch - sheet.gap - sheet.lane
    chosen = np.zeros(len(sheet.week.values), bool)
    boxes = []
    for first, end in sheet.windows:
        chosen[:] = False
        chosen[max(first, 0) : end] = True
        boxes += _boxes(sheet, chosen, -below, sheet.lane + 1)
    line = {"color": sheet.colours.marker, "width": 1.6}
    return day_chart.boxes_trace(sheet.lanes, boxes, "windows", fill="none", line=line)


def _by_hand_words(sheet: Sheet, first: int, end: int) -> str:
    """As what else than not worn, which is said anyway, these minutes were marked: "; marked by hand as rest"; and whether a diary has
    them in bed; "" where neither is so."""
    marks = (mark for mark in sheet.week.marks if mark.kind != "non-wear" and mark.first < end and mark.end > first)
    kinds = dict.fromkeys(BY_HAND[mark.kind] for mark in marks)
    diary = "; in bed by the diary" if any(night.first < end and night.end > first for night in sheet.diary) else ""
    return (f"; marked by hand as {' and '.join(kinds)}" if kinds else "") + diary
