"""The mean day of a week on paper: activity by the clock, the most and least active hours at their mean, the cosine and its peak."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from pat_core.figures.charts.rhythm_day import BIN, SPANS, pieces, steps
from pat_core.records import UNKNOWN_UNIT
from pat_core.reports.paper.paper_drawing import boxes, stroke, write
from pat_core.reports.paper.paper_style import ACCENT, FIGURE, MUTED, RULE, TEXT, width_of
from pat_core.reports.paper.paper_words import Words
from pat_core.rhythms import Cosinor, mean_day
from pat_core.settings import MINUTES_PER_DAY
from pat_core.workflows.people.participant_week import WeekView
from pat_core.workflows.week.week_nights import minute_of_day

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT, LEAST, LEFT, TOP, BOTTOM = 124.0, 66.0, 34.0, 18.0, 14.0


def draw_mean_day(axes: Axes, width: float, height: float, view: WeekView, words: Words) -> None:
    """Into axes in points (see paper_layout.points)."""
    rhythm, day = view.rhythm, steps(mean_day(view.week.values, minute_of_day(view.week.start)))
    minutes = np.arange(0, MINUTES_PER_DAY, BIN) + BIN / 2
    wave = Cosinor(rhythm.mesor, rhythm.amplitude, rhythm.acrophase).curve(minutes) if isfinite(rhythm.mesor) else np.zeros(1)
    top = float(np.nanmax([np.nanmax(day, initial=0.0), np.nanmax(wave), 1e-9]))
    step = _step(top)
    peak, foot = 1.04 * max(top, step), height - BOTTOM

    def x(at: float | np.ndarray) -> np.ndarray:
        return LEFT + (width - LEFT) * np.asarray(at) / MINUTES_PER_DAY

    def y(value: float | np.ndarray) -> np.ndarray:
        return foot - (foot - TOP) * np.asarray(value) / peak

    _frame(axes, view, words, (x, y, step, peak, foot))
    shown = np.nan_to_num(day)
    axes.fill_between(x(minutes), y(shown), foot, where=np.isfinite(day), facecolor="#cdd5df", edgecolor="none", linewidth=0, zorder=1)
    stroke(axes, x(minutes), y(day), color=MUTED, linewidth=0.7, zorder=2)
    if isfinite(rhythm.mesor):
        stroke(axes, x(minutes), y(np.maximum(wave, 0)), color=ACCENT, linewidth=1.2, zorder=3)
        peak_at = float(x(rhythm.acrophase))
        stroke(axes, [peak_at, peak_at], [TOP - 4, foot], color=ACCENT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=3)
        right = peak_at < width - 70
        name = words.say("Acrophase {clock}").format(clock=words.clock(rhythm.acrophase))
        write(axes, peak_at + (3 if right else -3), TOP - 1, name, FIGURE, colour=ACCENT, align="left" if right else "right")
    for field, (name, length) in SPANS.items():
        value = float(getattr(rhythm, field))
        if not isfinite(value):
            continue
        parts = pieces(float(getattr(rhythm, f"{field}_start")), length)
        for first, last in parts:
            stroke(axes, x(np.array([first, last]) * 60), y(np.array([value, value])), color=TEXT, linewidth=2.6, zorder=4)
        first = max(parts, key=lambda part: part[1] - part[0])[0]
        text = f"{name} {words.figures(value, 3)}"
        at, level = float(x(first * 60)), float(y(value))
        boxes(axes, [(at, level - 11.5, at + width_of(text, FIGURE, True) + 3, level - 2.5)], facecolors="white", alpha=0.75, zorder=3.5)
        write(axes, at + 1.5, level - 4.2, text, FIGURE, bold=True)


def _frame(axes: Axes, view: WeekView, words: Words, scale: tuple) -> None:
    x, y, step, peak, foot = scale
    known, right = view.week.start is not None, float(x(MINUTES_PER_DAY))
    for hour in range(0, 25, 3):
        at = float(x(hour * 60))
        stroke(axes, [at, at], [foot, foot + 2.5], color=MUTED, linewidth=0.5)
        text = f"{hour % 24:02d}:00" if known else words.say("{hours} h").format(hours=hour)
        write(axes, at, foot + 11, text, FIGURE, colour=MUTED, align="right" if hour == 24 else "left" if hour == 0 else "center")
    for number in range(int(peak / step) + 1):
        level = number * step
        stroke(axes, [LEFT, right], [float(y(level))] * 2, color=RULE if number else MUTED, linewidth=0.4, zorder=0.5)
        write(axes, LEFT - 5, float(y(level)) + 2.6, words.number(level, 0 if step >= 1 else 2), FIGURE, colour=MUTED, align="right")
    unit = "" if view.week.unit == UNKNOWN_UNIT else f" ({view.week.unit})"
    write(axes, 0, 7, words.say("Mean day{unit}").format(unit=unit), FIGURE, bold=True)


def _step(top: float) -> float:
    """Of the axis: three to five steps of a round size."""
    raw = top / 3.5
    size = 10.0 ** np.floor(np.log10(raw))
    return float(next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw * 0.8))
