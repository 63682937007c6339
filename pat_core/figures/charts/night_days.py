"""The nights of a week, a lane each: in bed, asleep, awake within, and the times that the table gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.figures.palette import Theme, ThemeName, plain, set_layout
from pat_core.figures.palette import theme as theme_called
from pat_core.figures.sheet.day_chart import DayChart, add_key, dots, hatch
from pat_core.figures.sheet.lanes import Lanes, clock, day_lanes, hours_minutes
from pat_core.records import Period, Week
from pat_core.rhythms import Nap, Night, SleepReport
from pat_core.rhythms.intervals import NOON
from pat_core.wear import covered
from pat_core.weeks import span

LANE, PITCH = 20.0, 38.0
"""Pixels of a lane, and from one lane to the next."""
AWAKE, NAP = (4.0, 16.0), (6.0, 14.0)
"""Pixels from a lane's foot: bottom and top of a stretch awake in bed, of a nap."""


def night_lanes(week: Week, report: SleepReport) -> Lanes:
    """A lane for each day of rest: noon to noon, or midnight to midnight for who sleeps by day, so that each night has one of its own."""
    return day_lanes(week, "noon" if report.opens == NOON else "midnight")


def night_names(week: Week, report: SleepReport) -> list[str]:
    """The two days between whose noons each night lies: "Mon 6 May to Tue 7"; the day of a sleep by day: "Tue 7 May"; "Day 2" where the
    clock is not known."""
    lanes = night_lanes(week, report)
    return [_name(lanes, night) for night in report.nights]


def _name(lanes: Lanes, night: Night) -> str:
    return lanes.names[_lane(lanes, night)].replace("\n", " to ")


def night_days(
    week: Week,
    report: SleepReport,
    nonwear: np.ndarray,
    notes: Sequence[str] = (),
    *,
    diary: tuple[Sequence[Period], np.ndarray] | None = None,
    theme: ThemeName = "light",
) -> tuple[go.Figure, str]:
    """A lane for each day of the week, see `night_lanes` (24 hours from the first minute where the clock is not known).

    report: of this week. nonwear: (minutes,) bool. notes: one for each night, "" where there is nothing to know. Ticks stand at onset and
    offset, a diamond at the midpoint; at the end of each lane the hours asleep, with a mark where the means leave the night out.
    diary: times in bed by a sleep diary, and (minutes,) bool asleep by it: a thin line under each lane, thicker while asleep.
    """
    chart = DayChart(night_lanes(week, report), theme_called(theme), LANE, PITCH)
    figure = chart.figure(right=132, below=10, above=-6)
    for name, (mask, low, high, style) in _looks(report, nonwear, chart.colours).items():
        figure.add_traces(chart.boxes(mask, low, high, name, **style))
    if report.nights:
        figure.add_traces([_ticks(chart, report.nights), _middles(chart, report.nights)])
    if diary is not None:
        in_bed = covered(diary[0], week.values.size)
        figure.add_traces(chart.boxes(in_bed, -8.0, -6.5, "in bed by the diary", fillcolor=chart.colours.muted))
        figure.add_traces(chart.boxes(diary[1], -9.5, -5.0, "asleep by the diary", fillcolor=chart.colours.muted))
    figure.add_trace(_hover(chart, report, notes))
    set_layout(figure, annotations=list(_told(chart, report, nonwear)))
    signs = [*_signs(report, nonwear, chart.colours), (diary is not None, chart.colours.muted, "━", "Diary: in bed, asleep (thick)")]
    add_key(figure, signs, 32 - chart.bottom, chart.colours, left=76)
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
    shown = masks(report)
    outline = {"width": 1, "color": colours.muted}
    return {
        "nap": (shown["nap"], *NAP, {"fillcolor": colours.sleep, "line": outline}),
        "in bed": (shown["in bed"], 0.0, LANE, {"fillcolor": colours.sleep}),
        "asleep": (shown["asleep"], 0.0, LANE, {"fillcolor": colours.sleep_key}),
        "awake in bed": (shown["awake"], *AWAKE, {"fillcolor": colours.activity}),
        "not worn": (nonwear, 0.0, LANE, hatch(colours)),
        "no data": (~report.known & ~nonwear, 0.0, LANE, dots(colours)),
    }


def _lane(lanes: Lanes, night: Night | Nap) -> int:
    """In which lane its middle lies."""
    return _place(lanes, (night.first + night.end) // 2)[0]


def _place(lanes: Lanes, minute: int) -> tuple[int, int]:
    """(lane, column) of a minute; the end of the week may stand after its last minute."""
    before = int((lanes.minutes[0] < 0).argmin())  # columns before the first minute of the week
    lane, column = divmod(minute + before, lanes.width)
    return (lane, column) if lane < lanes.count else (lane - 1, lanes.width)


def _ticks(chart: DayChart, nights: Sequence[Night]) -> go.Scatter:
    """Upright lines a little higher than the lane where sleep begins and ends."""
    columns: list[int] = []
    y: list[float] = []
    for night in nights:
        for minute in (night.onset_minute, night.offset_minute):
            lane, column = _place(chart.lanes, minute)
            columns += [column, column, column]
            y += [chart.base(lane) - 4, chart.base(lane) + LANE + 4, np.nan]
    line, x = {"color": chart.colours.text, "width": 1.6}, chart.lanes.x(columns)
    return go.Scatter(x=x, y=np.asarray(y, np.float32), name="onset and offset", mode="lines", line=line, hoverinfo="skip")


def _middles(chart: DayChart, nights: Sequence[Night]) -> go.Scatter:
    lanes, colours = chart.lanes, chart.colours
    places = [_place(lanes, (night.onset_minute + night.offset_minute) // 2) for night in nights]
    marker = {"symbol": "diamond", "size": 9, "color": colours.text, "line": {"color": colours.background, "width": 1.5}}
    y = np.asarray([chart.middle(lane) for lane, _ in places], np.float32)
    return go.Scatter(x=lanes.x([column for _, column in places]), y=y, name="midpoint", mode="markers", marker=marker, hoverinfo="skip")


def _hover(chart: DayChart, report: SleepReport, notes: Sequence[str]) -> go.Scatter:
    """Unseen points half an hour apart along every night and nap, that say all about it."""
    lanes = chart.lanes
    notes = notes or [""] * len(report.nights)
    rests: list[tuple[Night | Nap, str]] = [
        (night, _night_words(_name(lanes, night), night, note)) for night, note in zip(report.nights, notes, strict=True)
    ]
    naps = "<b>{}</b><br>{} min scored asleep: a nap, or sitting still"
    rests += [(nap, naps.format(lanes.when(nap.first, nap.end), nap.sleep)) for nap in report.naps]
    return chart.hover([(*_place(lanes, minute), text) for rest, text in rests for minute in range(rest.first, rest.end, 30)])


def _night_words(name: str, night: Night, note: str) -> str:
    return "<br>".join(
        [
            f"<b>{name}</b>",
            *([_times(night)] if night.bedtime else []),
            f"{hours_minutes(night.time_in_bed)} h in bed, {hours_minutes(night.sleep)} h asleep ({night.efficiency:.1f} %)",
            f"{night.latency} min to fall asleep, {night.waso} min awake in {night.awakenings} stretches",
            *([plain(note, 200)] if note else []),
        ]
    )


def _times(night: Night) -> str:
    return f"in bed {night.bedtime:%H:%M} to {night.rise:%H:%M}, asleep {night.onset:%H:%M} to {night.offset:%H:%M}"


def _told(chart: DayChart, report: SleepReport, nonwear: np.ndarray) -> list[dict[str, object]]:
    """What stands beside each lane: the sleep of its night (without a clock a lane can have two), or why it has none."""
    shown = []
    for lane in range(chart.lanes.count):
        nights = [night for night in report.nights if _lane(chart.lanes, night) == lane]
        slept = " + ".join(f"{hours_minutes(night.sleep)} h asleep{'' if night.counted else ' ✗'}" for night in nights)
        text = slept if nights else _absent(chart.lanes, lane, report, nonwear)
        whole = bool(nights) and all(night.counted for night in nights)
        shown.append(chart.beside(lane, text, chart.colours.text if whole else chart.colours.muted))
    return shown


def _absent(lanes: Lanes, lane: int, report: SleepReport, nonwear: np.ndarray) -> str:
    """Why a lane has no night: of half a day or less, or worn for no more, there is none to be looked for.

    "" where a night of the next or last lane reaches in.
    """
    if lanes.mask(report.rest)[lane].any():
        return ""
    there = int((lanes.minutes[lane] >= 0).sum())
    if there > lanes.width / 2:
        if there - int(lanes.mask(nonwear)[lane].sum()) <= lanes.width / 2:
            return "not worn"
        longest = max((nap.end - nap.first for nap in report.naps if _lane(lanes, nap) == lane), default=0)
        return f"none; at most {hours_minutes(longest)} h" if longest else "no night found"
    return "the week begins" if lane == 0 else "the week ends"


def _signs(report: SleepReport, nonwear: np.ndarray, colours: Theme) -> list[tuple[bool, str, str, str]]:
    shown = masks(report)
    return [
        (bool(shown["asleep"].any()), colours.sleep_key, "■", "Asleep"),
        (bool(shown["awake"].any()), colours.activity, "■", "Awake in bed"),
        (bool(report.nights), colours.text, "|", "Onset, offset"),
        (bool(report.nights), colours.text, "◆", "Midpoint"),
        (bool(report.naps), colours.muted, "□", "Other rest"),
        (bool(nonwear.any()), colours.hatch, "///", "Not worn"),
        (bool((~report.known & ~nonwear).any()), colours.muted, "····", "No data"),
        (not all(night.counted for night in report.nights), colours.muted, "✗", "Not in the means"),
    ]


def _caption(week: Week, report: SleepReport, notes: Sequence[str]) -> str:
    """Every night in words, from the same records as the picture."""
    notes = notes or [""] * len(report.nights)
    sentences = [f"Nights of {week.participant}, {span(week.values.size)} {week.index + 1}: {len(report.nights)} found."]
    for name, night, note in zip(night_names(week, report), report.nights, notes, strict=True):
        timed = f"{_times(night)}, " if night.bedtime else ""
        middle = "" if night.midpoint is None else f", midpoint {clock(night.midpoint)}"
        awake = f"{night.awakenings} {'stretch' if night.awakenings == 1 else 'stretches'} awake of {night.waso} min"
        lasted = f"{hours_minutes(night.sleep)} h of sleep, {awake} together{middle}"
        sentences.append(f"{name}: {timed}{lasted}{f' ({note[:1].lower()}{note[1:]})' if note else ''}.")
    sentences += [f"{len(report.naps)} other rests of half an hour or more."] if report.naps else []
    return " ".join(sentences)
