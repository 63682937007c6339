"""Lesson 1: the mean day and a wave, classes of counts, a rule for non-wear beside the truth, one person beside others."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from pat_core.figures.lessons.lesson_chart import Drawn, Strip, clock, clock_axis, finished, lanes_of_strips, moment, scaled
from pat_core.figures.palette import ThemeName, signed
from pat_core.figures.palette import theme as theme_called

HEIGHT = 300
STEP = 10
"""Minutes of the mean day that are drawn as one."""


def mean_day_and_wave(day: np.ndarray, wave: np.ndarray, peak: float, explained: float, *, theme: ThemeName = "light") -> Drawn:
    """day, wave: (1440,) counts a minute. peak: hours. explained: share of the week's variation."""
    colours = theme_called(theme)
    hours = np.arange(0, day.size, STEP) / 60
    table = pd.DataFrame({"hour": hours, "day": day.reshape(-1, STEP).mean(axis=1), "wave": wave[::STEP]})
    x = alt.X("hour:Q", **clock_axis())
    y = scaled("counts a minute", 0, float(1.08 * table["day"].max()))
    area = alt.Chart(table).mark_area(color=colours.activity, opacity=0.55, interpolate="step-after").encode(x=x, y=alt.Y("day:Q", **y))
    line = alt.Chart(table).mark_line(color=colours.marker, strokeWidth=3).encode(x=x, y=alt.Y("wave:Q", **y))
    rule = alt.Chart(pd.DataFrame({"hour": [peak]})).mark_rule(color=colours.marker, strokeDash=[4, 4], strokeWidth=1.5).encode(x=x)
    caption = (
        f"Slate: the mean of seven days. Violet: the best cosine with its peak at {clock(peak)}; it explains {100 * explained:.0f} % of "
        "how the counts vary from minute to minute."
    )
    return finished(alt.layer(area, rule, line), colours, HEIGHT), caption


def count_classes(of_hour: np.ndarray, of_week: np.ndarray, classes: Sequence[int], hour: int, *, theme: ThemeName = "light") -> Drawn:
    """of_hour, of_week: (classes,) shares. classes: where each begins; the first is zero alone. hour: of the day."""
    colours = theme_called(theme)
    names = ["0", *(f"{low} to {high - 1:,}" for low, high in zip(classes[1:], [*classes[2:], 0], strict=True))]
    names[-1] = f"{classes[-1]:,} and more"
    table = pd.DataFrame({"counts": names, "hour": 100 * of_hour, "week": 100 * of_week})
    x = alt.X(
        "counts:N",
        sort=names,
        title="counts in a minute",
        axis=alt.Axis(labelAngle=0, labelOverlap=False, labelExpr="split(datum.label, ' ')"),
    )
    y = scaled("percent of the minutes", 0, 100)
    tips = [alt.Tooltip("counts:N"), *(alt.Tooltip(f"{name}:Q", format=".1f", title=f"{name}, %") for name in ("hour", "week"))]
    bars = alt.Chart(table).mark_bar(color=colours.activity).encode(x=x, y=alt.Y("hour:Q", **y), tooltip=tips)
    ticks = alt.Chart(table).mark_tick(color=colours.marker, thickness=3, size=42).encode(x=x, y=alt.Y("week:Q", **y), tooltip=tips)
    caption = (
        f"Bars: minutes between {hour:02d}:00 and {(hour + 1) % 24:02d}:00 on all seven days; {100 * of_hour[0]:.0f} % of them are exactly "
        f"zero. Violet marks: all minutes of the week; {100 * of_week[0]:.0f} % are zero."
    )
    return finished(alt.layer(bars, ticks), colours, HEIGHT), caption


def rule_and_truth(
    flagged: Sequence[tuple[int, int]], asleep: Sequence[tuple[int, int]], off: Sequence[tuple[int, int]], *, theme: ThemeName = "light"
) -> Drawn:
    """(first, end) minutes: what a rule takes for non-wear, and what is true."""
    colours, rows = theme_called(theme), ("truth", "rule")
    strips = [
        Strip("truly asleep", asleep, colours.sleep_key, 0),
        Strip("truly without the device", off, colours.activity, 0),
        Strip("the rule says: not worn", flagged, colours.marker, 1),
    ]
    caption = "Each day has two strips: above what is true of the simulated person, below (violet) what the rule takes for non-wear."
    return lanes_of_strips(strips, rows, theme=theme), caption


def beside_others(
    person: np.ndarray, others: np.ndarray, deviation: np.ndarray, hour: int, z: float, *, theme: ThemeName = "light"
) -> Drawn:
    """person, others, deviation: (hours,) counts a minute. hour: the one that is pointed at. z: of that hour."""
    colours, first = theme_called(theme), hour // 24 * 24
    part = slice(first, first + 24)
    table = pd.DataFrame(
        {"hour": np.arange(24) + 0.5, "person": person[part], "others": others[part],
         "low": np.maximum(0.0, others - deviation)[part], "high": (others + deviation)[part]}
    )  # fmt: skip
    x = alt.X("hour:Q", **clock_axis())
    top = float(1.08 * max(table["person"].max(), (others + deviation).max()))
    y = scaled("counts a minute", 0, top)
    base = alt.Chart(table)
    at = pd.DataFrame({"hour": [hour - first + 0.5], "person": [person[hour]], "others": [others[hour]], "words": [f"z = {signed(z)}"]})
    layers = [
        base.mark_area(color=colours.sleep_key, opacity=0.35).encode(x=x, y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_line(color=colours.muted, strokeDash=[5, 3]).encode(x=x, y=alt.Y("others:Q", **y)),
        base.mark_line(color=colours.activity, strokeWidth=2.5).encode(x=x, y=alt.Y("person:Q", **y)),
        alt.Chart(at).mark_rule(color=colours.marker, strokeWidth=3).encode(x=x, y=alt.Y("others:Q", **y), y2="person:Q"),
        alt.Chart(at).mark_point(color=colours.marker, filled=True, size=110, opacity=1).encode(x=x, y=alt.Y("person:Q", **y)),
        alt.Chart(at)
        .mark_text(color=colours.marker, fontSize=16, fontWeight=600, dy=-16, align="left" if hour - first < 18 else "right")
        .encode(x=x, y=alt.Y("person:Q", **y), text="words:N"),
    ]
    caption = (
        f"{moment(hour * 60)} to {moment((hour + 1) * 60)[-5:]}. Solid: this person, hour by hour. Dashed: the mean of 200 other simulated "
        "people; band: one standard deviation to either side."
    )
    return finished(alt.layer(*layers), colours, HEIGHT), caption
