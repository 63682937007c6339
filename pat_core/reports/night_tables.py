"""Nights and rhythm of one week as tables and sentences for readers, with mean and deviation as last rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from pat_core.figures.charts.night_days import night_names
from pat_core.figures.palette import figures
from pat_core.figures.sheet.lanes import clock, hours_minutes
from pat_core.records import UNKNOWN_UNIT, RhythmFigures, Week
from pat_core.rhythms import Night, NightSummary, Spread
from pat_core.settings import MINUTES_PER_DAY
from pat_core.workflows.week.week_nights import WeekNights

CLOCKS = {"Bedtime": "bedtime", "Onset": "onset", "Offset": "offset", "Got up": "rise"}
LENGTHS = {"In bed (h)": "time_in_bed", "Asleep (h)": "sleep"}
NUMBERS = {
    "Asleep (%)": ("efficiency", 1), "Asleep after (min)": ("latency", 0), "Awake (min)": ("waso", 0),
    "Awakenings": ("awakenings", 0),
}  # fmt: skip
NOTHING = "\u2013"
"""Stands where there is no value."""
MEANINGLESS = 180.0
"""Minutes: where the midpoints deviate by more, a mean of clock times is of no one night."""


def nights_table(found: WeekNights) -> pd.DataFrame:
    """A row a night, then mean and standard deviation over the whole and plausible ones; all as text, for reading.

    Columns: Night, Bedtime, Onset, Offset, Got up (wall clock; left out where it is not known), In bed (h), Asleep (h) (hours:minutes),
    Asleep (%), Asleep after (min), Awake (min), Awakenings, Midpoint (wall clock). Deviations of clock times and lengths
    are in minutes.
    Nights that the means leave out bear a ✗, as in the picture.
    """
    if found.report is None:
        return pd.DataFrame(columns=["Night"])
    told, timed = found.report.summary, found.week.start is not None
    rows = [_read(night, name) for night, name in zip(found.report.nights, night_names(found.week, found.report), strict=True)]
    if told.nights:
        rows.append(_spread_row(f"Mean of {told.nights}", told, _mean))
    if told.nights > 1:
        rows.append(_spread_row("SD", told, _deviation))
    columns = ["Night", *(CLOCKS if timed else ()), *LENGTHS, *NUMBERS, *(["Midpoint"] if timed else [])]
    return pd.DataFrame(rows, columns=columns)


def _read(night: Night, name: str) -> dict[str, str]:
    row = {"Night": name if night.counted else f"{name} ✗"}
    row |= {title: _time(getattr(night, name)) for title, name in CLOCKS.items()}
    row |= {title: hours_minutes(getattr(night, name)) for title, name in LENGTHS.items()}
    row |= {title: _decimal(getattr(night, name), decimals) for title, (name, decimals) in NUMBERS.items()}
    return row | {"Midpoint": NOTHING if night.midpoint is None else clock(night.midpoint)}


def _spread_row(name: str, told: NightSummary, put: Callable[[Spread | None, str], str]) -> dict[str, str]:
    row = {"Night": name}
    row |= {title: put(getattr(told, field), "clock") for title, field in (*CLOCKS.items(), ("Midpoint", "midpoint"))}
    row |= {title: put(getattr(told, field), "length") for title, field in LENGTHS.items()}
    return row | {title: put(getattr(told, field), "number") for title, (field, _) in NUMBERS.items()}


def _mean(spread: Spread | None, kind: str) -> str:
    if spread is None or not np.isfinite(spread.mean):
        return NOTHING
    return {"clock": clock, "length": hours_minutes, "number": lambda value: _decimal(value, 1)}[kind](spread.mean)


def _deviation(spread: Spread | None, kind: str) -> str:
    if spread is None or not np.isfinite(spread.sd):
        return NOTHING
    return _decimal(spread.sd, 1) if kind == "number" else f"{spread.sd:.0f} min"


def _time(moment: datetime | None) -> str:
    return NOTHING if moment is None else f"{moment:%H:%M}"


def _decimal(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if np.isfinite(value) else NOTHING


def night_notes(found: WeekNights) -> list[str]:
    """What is to be known of single nights, a line each: "Fri 1 May to Sat 2, not in the means: 20 min not worn"."""
    named = zip(night_names(found.week, found.report), found.notes, strict=True) if found.report else ()
    return [f"{name}, {note[:1].lower()}{note[1:]}." for name, note in named if note]


def naps_words(found: WeekNights) -> str:
    """Naps a day and social jetlag in sentences, with why the latter is not there where it is not."""
    if found.report is None or not np.isfinite(found.report.summary.naps):
        return ""
    told = found.report.summary
    many = len(found.report.naps)
    naps = "No other rest of half an hour or more."
    if many:
        naps = (
            f"{many} other {'rest' if many == 1 else 'rests'} of half an hour or more, {told.naps:.1f} a day with "
            f"{told.nap_minutes:.0f} min scored asleep a day: naps, or sitting still, which looks the same."
        )
    apart = told.midpoint is not None and told.midpoint.sd > MEANINGLESS
    spread = " The nights lie so far apart on the clock that the means of their times say little." if apart else ""
    return f"{naps} {_jetlag_words(told, found.week.start is not None)}{spread}"


def _jetlag_words(told: NightSummary, timed: bool) -> str:
    if not timed:
        return "No social jetlag: the weekday is not known."
    days = f"{told.free_nights} before a Saturday or Sunday, {told.work_nights} before other days"
    if told.social_jetlag is None:
        return f"No social jetlag is given: it needs two whole nights of each kind ({days})."
    return f"Social jetlag: {told.social_jetlag:.0f} min between the mean midpoints of sleep ({days})."


RHYTHM = {
    "interdaily stability (IS)": "interdaily_stability",
    "intradaily variability (IV)": "intradaily_variability",
    "relative amplitude (RA)": "relative_amplitude",
    "M10": "m10",
    "L5": "l5",
    "mesor": "mesor",
    "amplitude": "amplitude",
    "acrophase": "acrophase",
    "sleep regularity index (SRI)": "sri",
}
"""Word of the glossary -> field of `RhythmFigures`."""
PLAIN = {
    "mesor": "Mean level of the wave (mesor)", "amplitude": "Height of the wave (amplitude)",
    "acrophase": "Peak of the wave (acrophase)",
    "M10": "Most active 10 hours (M10)", "L5": "Least active 5 hours (L5)",
}  # fmt: skip
"""Word of the field -> what a reader is told first."""


def rhythm_table(week: Week, rhythm: RhythmFigures, meanings: Mapping[str, str]) -> pd.DataFrame:
    """A row a figure: Figure, This week (with its unit and time), What it is (from the glossary)."""
    titles = [PLAIN.get(word, word[:1].upper() + word[1:]) for word in RHYTHM]
    shown = [_figure(week, rhythm, name) for name in RHYTHM.values()]
    return pd.DataFrame({"Figure": titles, "This week": shown, "What it is": [meanings.get(word, "") for word in RHYTHM]})


def _figure(week: Week, rhythm: RhythmFigures, name: str) -> str:
    value = getattr(rhythm, name)
    if value is None:
        return "does not apply to this unit"
    if not np.isfinite(value):
        return "not defined for this week"
    if name == "acrophase":
        return moment_words(week, value)
    said = figures(float(value), 3)
    if name in ("m10", "l5", "mesor", "amplitude") and week.unit != UNKNOWN_UNIT:
        said += f" {week.unit}"
    return f"{said}, from {moment_words(week, getattr(rhythm, f'{name}_start'))}" if name in ("m10", "l5") else said


def moment_words(week: Week, minutes: float) -> str:
    """A time of the mean day: "03:20", or hours into each day of the recording where the clock is not known."""
    return clock(minutes) if week.start else f"{hours_minutes(minutes % MINUTES_PER_DAY)} h into the recording's day"
