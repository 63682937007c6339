"""The nights of a week, a lane from noon to noon each: in bed, asleep, awake within, and the times that the table gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.lanes import Lanes, clock, day_lanes, hours_minutes
from pat_core.figures.palette import Theme, ThemeName, axis, base_layout
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.profile import Box, boxes_trace, stretches
from pat_core.records import Week
from pat_core.rhythms import Nap, Night, SleepReport

LANE, PITCH = 20.0, 38.0
"""Pixels of a lane, and from one lane to the next."""
AWAKE, NAP = (4.0, 16.0), (6.0, 14.0)
"""Pixels from a lane's foot: bottom and top of a stretch awake in bed, of a nap."""


def night_names(week: Week, nights: Sequence[Night]) -> list[str]:
    """The two days between whose noons each night lies: "Mon 6 May to Tue 7"; "Day 2" where the clock is not known."""
    lanes = day_lanes(week, "noon")
    return [_name(lanes, night) for night in nights]


def _name(lanes: Lanes, night: Night) -> str:
    return lanes.names[_lane(lanes, night)].replace("\n", " to ")


def night_days(
    week: Week, report: SleepReport, nonwear: np.ndarray, notes: Sequence[str] = (), *, theme: ThemeName = "light"
) -> tuple[go.Figure, str]:
    """A lane for each day of the week, noon to noon (24 hours from the first minute where the clock is not known).

    report: of this week. nonwear: (minutes,) bool. notes: one for each night, "" where there is nothing to know. Ticks stand at onset and
    offset, a diamond at the midpoint; at the end of each lane the hours asleep, with a mark where the means leave the night out.
    """
    colours = theme_called(theme)
    lanes = day_lanes(week, "noon")
    bottom = 62 if lanes.x_start else 82
    margin = {"l": 84, "r": 132, "t": 12, "b": bottom}
    height = round(PITCH * lanes.count) + 12 + bottom
    figure = go.Figure(layout=base_layout(colours, height, margin=margin, dragmode=False, hovermode="closest"))
    for name, (mask, low, high, style) in _looks(report, nonwear, colours).items():
        if boxes := _boxes(lanes, mask, low, high):
            figure.add_trace(boxes_trace(lanes, boxes, name, **style))
    if report.nights:
        figure.add_traces([_ticks(lanes, report.nights, colours), _middles(lanes, report.nights, colours)])
    figure.add_trace(_hover(lanes, report, notes))
    figure.update_layout(
        xaxis=_x_axis(lanes, colours),
        yaxis=axis(
            colours, showgrid=False, fixedrange=True, range=[-10, PITCH * lanes.count - 6],
            tickvals=[_base(lanes, lane) + LANE / 2 for lane in range(lanes.count)],
            ticktext=[name.replace("\n", "<br>") for name in lanes.names],
        ),
        annotations=[*_told(lanes, report, colours), _key(report, nonwear, 32 - bottom, colours)],
    )  # fmt: skip
    return figure, _caption(week, report, notes)


def masks(report: SleepReport) -> dict[str, np.ndarray]:
    """What is drawn of each minute, (minutes,) bool each, from the arrays that the table is counted from.

    in bed: from bedtime to getting up; asleep: of these, scored asleep from onset to offset; awake: known and not asleep in bed.
    """
    in_bed, asleep = report.rest, np.zeros(report.known.size, bool)
    for night in report.nights:
        asleep[night.onset_minute : night.offset_minute] = report.asleep[night.onset_minute : night.offset_minute]
    naps = np.zeros(report.known.size, bool)
    for nap in report.naps:
        naps[nap.first : nap.end] = True
    return {"in bed": in_bed, "asleep": asleep, "awake": in_bed & report.known & ~asleep, "nap": naps}


def _looks(report: SleepReport, nonwear: np.ndarray, colours: Theme) -> dict[str, tuple[np.ndarray, float, float, dict[str, object]]]:
    seen = masks(report)
    hatch = {"shape": "/", "fgcolor": colours.hatch, "bgcolor": colours.background, "size": 5, "solidity": 0.22}
    dots = {"shape": ".", "fgcolor": colours.muted, "bgcolor": colours.background, "size": 5, "solidity": 0.2}
    outline = {"width": 1, "color": colours.muted}
    return {
        "nap": (seen["nap"], *NAP, {"fillcolor": colours.sleep, "line": outline}),
        "in bed": (seen["in bed"], 0.0, LANE, {"fillcolor": colours.sleep}),
        "asleep": (seen["asleep"], 0.0, LANE, {"fillcolor": colours.sleep_key}),
        "awake in bed": (seen["awake"], *AWAKE, {"fillcolor": colours.activity}),
        "not worn": (nonwear, 0.0, LANE, {"fillpattern": hatch, "fillcolor": colours.background}),
        "no data": (~report.known & ~nonwear, 0.0, LANE, {"fillpattern": dots, "fillcolor": colours.background}),
    }


def _boxes(lanes: Lanes, mask: np.ndarray, low: float, high: float) -> list[Box]:
    laid = lanes.mask(mask)
    return [
        (first, end, _base(lanes, lane) + low, _base(lanes, lane) + high)
        for lane in range(lanes.count)
        for first, end in stretches(laid[lane])
    ]


def _base(lanes: Lanes, lane: int) -> float:
    return PITCH * (lanes.count - 1 - lane)


def _lane(lanes: Lanes, night: Night | Nap) -> int:
    """In which lane its middle lies."""
    return _place(lanes, (night.first + night.end) // 2)[0]


def _place(lanes: Lanes, minute: int) -> tuple[int, int]:
    """(lane, column) of a minute; the end of the week may stand after its last minute."""
    before = int((lanes.minutes[0] < 0).argmin())  # columns before the first minute of the week
    lane, column = divmod(minute + before, lanes.width)
    return (lane, column) if lane < lanes.count else (lane - 1, lanes.width)


def _ticks(lanes: Lanes, nights: Sequence[Night], colours: Theme) -> go.Scatter:
    """Upright lines a little higher than the lane where sleep begins and ends."""
    columns: list[int] = []
    y: list[float] = []
    for night in nights:
        for minute in (night.onset_minute, night.offset_minute):
            lane, column = _place(lanes, minute)
            columns += [column, column, column]
            y += [_base(lanes, lane) - 4, _base(lanes, lane) + LANE + 4, np.nan]
    line = {"color": colours.text, "width": 1.6}
    return go.Scatter(x=lanes.x(columns), y=np.asarray(y, np.float32), name="onset and offset", mode="lines", line=line, hoverinfo="skip")


def _middles(lanes: Lanes, nights: Sequence[Night], colours: Theme) -> go.Scatter:
    places = [_place(lanes, (night.onset_minute + night.offset_minute) // 2) for night in nights]
    marker = {"symbol": "diamond", "size": 9, "color": colours.text, "line": {"color": colours.background, "width": 1.5}}
    y = np.asarray([_base(lanes, lane) + LANE / 2 for lane, _ in places], np.float32)
    return go.Scatter(x=lanes.x([column for _, column in places]), y=y, name="midpoint", mode="markers", marker=marker, hoverinfo="skip")


def _hover(lanes: Lanes, report: SleepReport, notes: Sequence[str]) -> go.Scatter:
    """Unseen points half an hour apart along every night and nap, that say all about it."""
    columns: list[int] = []
    y: list[float] = []
    words: list[str] = []
    notes = notes or [""] * len(report.nights)
    told = [(night, _night_words(_name(lanes, night), night, note)) for night, note in zip(report.nights, notes, strict=True)]
    naps = "<b>{}</b><br>{} min scored asleep: a nap, or sitting still"
    told += [(nap, naps.format(lanes.when(nap.first, nap.end), nap.sleep)) for nap in report.naps]
    for one, text in told:
        for minute in range(one.first, one.end, 30):
            lane, column = _place(lanes, minute)
            columns.append(column)
            y.append(_base(lanes, lane) + LANE / 2)
            words.append(text)
    look = {"mode": "markers", "marker": {"size": 2, "opacity": 0}, "hovertemplate": "%{text}<extra></extra>"}
    return go.Scatter(x=lanes.x(columns), y=np.asarray(y, np.float32), text=words, name="hover", **look)


def _night_words(name: str, night: Night, note: str) -> str:
    return "<br>".join(
        [
            f"<b>{name}</b>",
            *([_times(night)] if night.bedtime else []),
            f"{hours_minutes(night.time_in_bed)} h in bed, {hours_minutes(night.sleep)} h asleep ({night.efficiency:.1f} %)",
            f"{night.latency} min to fall asleep, {night.waso} min awake in {night.awakenings} stretches",
            *([note] if note else []),
        ]
    )


def _times(night: Night) -> str:
    return f"in bed {night.bedtime:%H:%M} to {night.rise:%H:%M}, asleep {night.onset:%H:%M} to {night.offset:%H:%M}"


def _told(lanes: Lanes, report: SleepReport, colours: Theme) -> list[dict[str, object]]:
    place = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 8, "yanchor": "middle", "showarrow": False}
    nights = {_lane(lanes, night): night for night in report.nights}
    shown = []
    for lane in range(lanes.count):
        night = nights.get(lane)
        text = _absent(lanes, lane, report) if night is None else f"{hours_minutes(night.sleep)} h asleep{'' if night.whole else ' ✗'}"
        colour = colours.text if night is not None and night.whole else colours.muted
        shown.append({**place, "y": _base(lanes, lane) + LANE / 2, "text": text, "font": {"size": 12, "color": colour}})
    return shown


def _absent(lanes: Lanes, lane: int, report: SleepReport) -> str:
    """Why a lane has no night: of less than half a day there is none to be looked for; "" where one of the next or last lane reaches in."""
    if lanes.mask(report.rest)[lane].any():
        return ""
    if (lanes.minutes[lane] >= 0).sum() >= lanes.width / 2:
        return "no night found"
    return "the week begins" if lane == 0 else "the week ends"


def _x_axis(lanes: Lanes, colours: Theme) -> dict[str, object]:
    common = {"range": lanes.x([0, lanes.width]), "fixedrange": True, "nticks": 9}
    if lanes.x_start is None:
        return axis(colours, "hours from the first minute of each day of the recording", ticksuffix=" h", **common)
    return axis(colours, type="date", tickformat="%H:%M", **common)


def _key(report: SleepReport, nonwear: np.ndarray, shift: int, colours: Theme) -> dict[str, object]:
    seen = masks(report)
    signs = [
        (seen["asleep"].any(), colours.sleep_key, "■", "Asleep"),
        (seen["awake"].any(), colours.activity, "■", "Awake in bed"),
        (bool(report.nights), colours.text, "|", "Onset, offset"),
        (bool(report.nights), colours.text, "◆", "Midpoint"),
        (bool(report.naps), colours.muted, "□", "Other rest"),
        (bool(nonwear.any()), colours.hatch, "///", "Not worn"),
        (bool((~report.known & ~nonwear).any()), colours.muted, "····", "No data"),
        (not all(night.whole for night in report.nights), colours.muted, "✗", "Not in the means"),
    ]
    parts = [f"<span style='color:{colour}'>{sign}</span> {name}" for there, colour, sign, name in signs if there]
    place = {"x": 0, "xref": "paper", "xanchor": "left", "xshift": -76, "y": 0, "yref": "paper", "yanchor": "top", "yshift": shift}
    return {**place, "text": "&nbsp;&nbsp;&nbsp;".join(parts), "showarrow": False, "font": {"size": 11.5, "color": colours.muted}}


def _caption(week: Week, report: SleepReport, notes: Sequence[str]) -> str:
    """Every night in words, from the same records as the picture."""
    notes = notes or [""] * len(report.nights)
    said = [f"Nights of {week.participant}, week {week.index + 1}: {len(report.nights)} found."]
    for name, night, note in zip(night_names(week, report.nights), report.nights, notes, strict=True):
        timed = f"{_times(night)}, " if night.bedtime else ""
        middle = "" if night.midpoint is None else f", midpoint {clock(night.midpoint)}"
        lasted = f"{hours_minutes(night.sleep)} h of sleep, {night.awakenings} stretches awake of {night.waso} min together{middle}"
        said.append(f"{name}: {timed}{lasted}{f' ({note[:1].lower()}{note[1:]})' if note else ''}.")
    said += [f"{len(report.naps)} other rests of half an hour or more."] if report.naps else []
    return " ".join(said)
