"""The week with its maps on paper, a day a row: activity, under it where the model attended and what raised or lowered the score; and the
answer on a line from 0 to 100.

Paper is often grey: attention is darkness alone, and an attribution rises above its line or falls below it, whatever its colour.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pat_core.figures.sheet.lanes import BIN, Lanes, day_lanes
from pat_core.figures.sheet.sheet_plan import activity_peak
from pat_core.figures.sheet.strips import attribution_limit, level_limit
from pat_core.records import Attribution
from pat_core.reports.paper.actogram_print import BELOW, CLOCK, GUTTER, Plot, activity_sign, day_words, week_masks
from pat_core.reports.paper.paper_drawing import KEY_ROW, Sign, boxes, key, key_rows, stroke, write
from pat_core.reports.paper.paper_style import ACCENT, FIGURE, LOWERED, MUTED, RAISED, REST, RULE, TEXT, width_of
from pat_core.reports.paper.paper_words import Words
from pat_core.workflows.models.answers import Answer
from pat_core.workflows.people.report_record import ReportRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PITCHES = (17.0, 42.0, 46.0)
"""Points from one day to the next: at least, so that two weeks still stand under the answer that they explain; usually; at most."""
TALLEST = 560.0
SUMMED = 10
"""Minutes of an attribution that are drawn as one bar."""


def maps_heights(record: ReportRecord) -> tuple[float, float, float]:
    """Points that the picture takes: at least, usually, at most."""
    rows = day_lanes(record.view.week, "noon").count
    fixed = 2 * KEY_ROW + CLOCK + BELOW
    least, usual, most = (min(fixed + rows * pitch, TALLEST) for pitch in PITCHES)
    return least, usual, most


def draw_maps(axes: Axes, width: float, height: float, record: ReportRecord, words: Words) -> None:
    """Into axes in points (see paper_drawing.points)."""
    view, week = record.view, record.view.week
    lanes, signs = day_lanes(week, "noon"), _signs(record, words)
    key(axes, width, signs)
    top = KEY_ROW * key_rows(width, signs) + CLOCK + 4
    pitch = (height - top - BELOW) / lanes.count
    attention = [each for each in record.maps.values() if each.kind == "attention"]
    attribution = [each for each in record.maps.values() if each.kind == "attribution"]
    plot = Plot(axes, lanes, (GUTTER, width - GUTTER), top, pitch, (0.48 if attribution else 0.68) * pitch)
    plot.clock(words)
    parts, peak = week_masks(view), activity_peak(week, view.nonwear, None)
    for lane in range(lanes.count):
        plot.row(lane, day_words(lanes, lane, words))
        plot.shade(lane, parts["rest"], 0.0, 1.0, REST)
        plot.hatched(lane, view.nonwear)
        plot.dotted(lane, parts["missing"])
        plot.activity(lane, np.where(view.nonwear, np.nan, week.values), peak)
        foot = plot.base(lane) + 1.6
        if attention:
            _attention(plot, lane, attention[0], foot, 0.12 * pitch)
            foot += 0.12 * pitch + 1.2
        if attribution:
            _attribution(plot, lane, attribution[0], foot, 0.23 * pitch)
    _windows(plot, record)


def _attention(plot: Plot, lane: int, each: Attribution, top: float, height: float) -> None:
    """A strip that is darker where the model attended more; white is none."""
    laid, limit = plot.lanes.take(each.values)[lane], level_limit([each], "attention")
    edges = [0, *(np.flatnonzero(np.diff(np.nan_to_num(laid, nan=-1.0))) + 1).tolist(), laid.size]
    pieces = [(first, end) for first, end in pairwise(edges) if np.isfinite(laid[first])]
    corners = [(plot.at(first), top, plot.at(end), top + height) for first, end in pieces]
    boxes(plot.axes, corners, facecolors=[shade(float(np.clip(laid[first] / limit, 0, 1))) for first, _ in pieces])
    inside = np.flatnonzero(np.isfinite(laid))
    if inside.size:
        ends = plot.x(inside[[0, -1]] + np.array([0, 1]))
        stroke(plot.axes, [*ends, ends[1], ends[0], ends[0]], [top, top, top + height, top + height, top], color=RULE, linewidth=0.3)


def shade(depth: float) -> tuple[float, float, float]:
    """From white at 0 through amber to a brown at 1, ever darker."""
    stops = np.array([(1.0, 1.0, 1.0), (0.97, 0.87, 0.62), (0.81, 0.54, 0.08), (0.42, 0.24, 0.02)])
    at = depth * (len(stops) - 1)
    low = min(int(at), len(stops) - 2)
    mixed = stops[low] + (stops[low + 1] - stops[low]) * (at - low)
    return float(mixed[0]), float(mixed[1]), float(mixed[2])


def _attribution(plot: Plot, lane: int, each: Attribution, top: float, height: float) -> None:
    """Bars from a line: up where the score was raised, down where it was lowered."""
    middle, limit = top + height / 2, ten_minute_limit(each, plot.lanes)
    laid = plot.lanes.take(each.values)[lane]
    padded = np.append(laid, np.full(-laid.size % SUMMED, np.nan, laid.dtype)).reshape(-1, SUMMED)
    there = np.isfinite(padded).any(axis=1)
    sums = np.where(there, np.nansum(padded, axis=1), np.nan)
    x = np.asarray(plot.x((np.arange(sums.size) + 0.5) * SUMMED))
    level = middle - np.clip(np.nan_to_num(sums) / limit, -1, 1) * height / 2
    for colour, side in ((RAISED, sums > 0), (LOWERED, sums < 0)):
        drawn = np.where(side, level, middle)
        look = {"facecolor": colour, "edgecolor": "none", "linewidth": 0, "zorder": 2, "clip_on": False}
        plot.axes.fill_between(x, drawn, middle, where=there, step="mid", **look)  # type: ignore[arg-type]
    inside = np.flatnonzero(there)
    if inside.size:
        stroke(plot.axes, x[inside[[0, -1]]], [middle, middle], color=MUTED, linewidth=0.35, zorder=2.5)


def ten_minute_limit(each: Attribution, lanes: Lanes) -> float:
    """Of the bars: the 99th percentile of sums over ten minutes, as the sheet on the screen has it for five."""
    return attribution_limit([each], lanes) * SUMMED / BIN


def _windows(plot: Plot, record: ReportRecord) -> None:
    """A numbered bracket above each of the strongest windows."""
    for number, window in enumerate(record.windows, 1):
        minutes = np.zeros(record.view.week.values.size, bool)
        minutes[window.first : window.end] = True
        for lane in range(plot.lanes.count):
            for first, end in plot.stretches(lane, minutes):
                y = plot.base(lane) - plot.height - 1.0
                stroke(plot.axes, [first, first, end, end], [y + 3, y, y, y + 3], color=TEXT, linewidth=1.1, zorder=4)
                middle, half = (first + end) / 2, width_of(str(number), FIGURE, True) / 2 + 1.5
                boxes(plot.axes, [(middle - half, y - 3.5, middle + half, y + 4)], facecolors="white", zorder=4.5)
                write(plot.axes, middle, y + 2.8, str(number), FIGURE, bold=True, align="center")


def _signs(record: ReportRecord, words: Words) -> list[Sign]:
    """What the two strips mean, with the words at their ends."""
    signs = [activity_sign(words.say("Activity"))]
    for each in record.maps.values():
        if each.kind == "attention":
            most = words.figures(level_limit([each], "attention"), 2)
            signs.append((_ramp, 30.0, words.say("Attention: none to {most} times the uniform level").format(most=most)))
        elif each.kind == "attribution":
            limit = words.figures(ten_minute_limit(each, day_lanes(record.view.week, "noon")), 2)
            text = words.say("Up raised, down lowered the score (ends at {limit} {unit} in {minutes} min)")
            signs.append((_up_and_down, 12.0, text.format(limit=limit, unit=words.of_engine(each.unit), minutes=SUMMED)))
    return signs


def _ramp(axes: Axes, x: float, y: float) -> None:
    boxes(
        axes, [(x + 2.5 * step, y, x + 2.5 * step + 2.5, y + 6) for step in range(12)], facecolors=[shade(step / 11) for step in range(12)]
    )
    stroke(axes, [x, x + 30, x + 30, x, x], [y, y, y + 6, y + 6, y], color=RULE, linewidth=0.4)


def _up_and_down(axes: Axes, x: float, y: float) -> None:
    boxes(axes, [(x, y, x + 6, y + 3), (x + 6, y + 3, x + 12, y + 6)], facecolors=[RAISED, LOWERED])
    stroke(axes, [x, x + 12], [y + 3, y + 3], color=MUTED, linewidth=0.4)


DOT_HEIGHT = 34.0


def draw_answer(axes: Axes, width: float, answer: Answer, words: Words) -> None:
    """A share with its interval from 0 to 100, and how frequent the group is where it holds."""
    left, right, level = 8.0, width - 8.0, 13.0

    def x(share: float) -> float:
        return left + (right - left) * share

    stroke(axes, [left, right], [level, level], color=MUTED, linewidth=0.6)
    for tick in range(0, 101, 10):
        stroke(axes, [x(tick / 100)] * 2, [level, level + (4 if tick % 50 == 0 else 2.5)], color=MUTED, linewidth=0.6)
        if tick % 10 == 0:
            write(axes, x(tick / 100), level + 13, str(tick), FIGURE, colour=MUTED, align="center")
    write(axes, right, level + 21.5, words.say("of 100 people"), FIGURE, colour=MUTED, align="right")
    if answer.low is not None and answer.high is not None:
        stroke(axes, [x(answer.low), x(answer.high)], [level, level], color=ACCENT, linewidth=4.2, alpha=0.35)
        for end in (answer.low, answer.high):
            stroke(axes, [x(end)] * 2, [level - 4, level + 4], color=ACCENT, linewidth=1.1)
    if answer.prevalence is not None:
        stroke(axes, [x(answer.prevalence)] * 2, [level - 6, level + 6], color=TEXT, linewidth=0.9, linestyle=(0, (2, 1.5)))
        at = x(answer.prevalence)
        text = words.say("all who were tested") if not answer.stated else words.say("in your setting")
        near = at + width_of(text, FIGURE) / 2
        align = "right" if near > right else "left" if at - width_of(text, FIGURE) / 2 < left else "center"
        write(axes, at, level + 21.5, text, FIGURE, align=align)
    stroke(axes, [x(answer.value)], [level], marker="o", markersize=7, color=ACCENT, markeredgecolor="white", markeredgewidth=0.9)
