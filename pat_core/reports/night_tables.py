"""Nights and rhythm as tables for readers, and as files of a person or a whole cohort, with units and algorithms in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pat_core import __version__
from pat_core.cohorts import Workspace
from pat_core.errors import WorkspaceError
from pat_core.figures.charts.night_days import night_names
from pat_core.figures.palette import figures
from pat_core.figures.sheet.lanes import clock, hours_minutes
from pat_core.plurals import counted
from pat_core.progress import Progress, Silent
from pat_core.records import UNKNOWN_UNIT, RhythmFigures, Week
from pat_core.reports.answer_files import check_table, write_answers
from pat_core.rhythms import SLEEP_SCORES, Night, NightSummary, Spread
from pat_core.settings import MINUTES_PER_DAY
from pat_core.weeks import span
from pat_core.workflows.read.worn_days import quality_settings
from pat_core.workflows.week.week_diary import diary_periods
from pat_core.workflows.week.week_nights import WeekNights, score_of, set_by_hand, week_nights, week_rhythm

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


def nights_table(nights: WeekNights) -> pd.DataFrame:
    """A row a night, then mean and standard deviation over the whole and plausible ones; all as text, for reading.

    Columns: Night, Bedtime, Onset, Offset, Got up (wall clock; left out where it is not known), In bed (h), Asleep (h) (hours:minutes),
    Asleep (%), Asleep after (min), Awake (min), Awakenings, Midpoint (wall clock). Deviations of clock times and lengths
    are in minutes.
    Nights that the means leave out bear a ✗, as in the picture.
    """
    if nights.report is None:
        return pd.DataFrame(columns=["Night"])
    summary, timed = nights.report.summary, nights.week.start is not None
    rows = [_read(night, name) for night, name in zip(nights.report.nights, night_names(nights.week, nights.report), strict=True)]
    if summary.nights:
        rows.append(_spread_row(f"Mean of {summary.nights}", summary, _mean))
    if summary.nights > 1:
        rows.append(_spread_row("SD", summary, _deviation))
    columns = ["Night", *(CLOCKS if timed else ()), *LENGTHS, *NUMBERS, *(["Midpoint"] if timed else [])]
    return pd.DataFrame(rows, columns=columns)


def _read(night: Night, name: str) -> dict[str, str]:
    row = {"Night": name if night.counted else f"{name} ✗"}
    row |= {title: _time(getattr(night, name)) for title, name in CLOCKS.items()}
    row |= {title: hours_minutes(getattr(night, name)) for title, name in LENGTHS.items()}
    row |= {title: _decimal(getattr(night, name), decimals) for title, (name, decimals) in NUMBERS.items()}
    return row | {"Midpoint": NOTHING if night.midpoint is None else clock(night.midpoint)}


def _spread_row(name: str, summary: NightSummary, put: Callable[[Spread | None, str], str]) -> dict[str, str]:
    row = {"Night": name}
    row |= {title: put(getattr(summary, field), "clock") for title, field in (*CLOCKS.items(), ("Midpoint", "midpoint"))}
    row |= {title: put(getattr(summary, field), "length") for title, field in LENGTHS.items()}
    return row | {title: put(getattr(summary, field), "number") for title, (field, _) in NUMBERS.items()}


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


def night_notes(nights: WeekNights) -> list[str]:
    """What is to be known of single nights, a line each: "Fri 1 May to Sat 2, not in the means: 20 min not worn"."""
    named = zip(night_names(nights.week, nights.report), nights.notes, strict=True) if nights.report else ()
    return [f"{name}, {note[:1].lower()}{note[1:]}." for name, note in named if note]


def naps_words(nights: WeekNights) -> str:
    """Naps a day and social jetlag in sentences, with why the latter is not there where it is not."""
    if nights.report is None or not np.isfinite(nights.report.summary.naps):
        return ""
    summary = nights.report.summary
    many = len(nights.report.naps)
    naps = "No other rest of half an hour or more."
    if many:
        naps = (
            f"{many} other {'rest' if many == 1 else 'rests'} of half an hour or more, {summary.naps:.1f} a day with "
            f"{summary.nap_minutes:.0f} min scored asleep a day: naps, or sitting still, which looks the same."
        )
    apart = summary.midpoint is not None and summary.midpoint.sd > MEANINGLESS
    spread = " The nights lie so far apart on the clock that the means of their times say little." if apart else ""
    return f"{naps} {_jetlag_words(summary, nights.week.start is not None)}{spread}"


def _jetlag_words(summary: NightSummary, timed: bool) -> str:
    if not timed:
        return "No social jetlag: the weekday is not known."
    days = f"{summary.free_nights} before a Saturday or Sunday, {summary.work_nights} before other days"
    if summary.social_jetlag is None:
        return f"No social jetlag is given: it needs two whole nights of each kind ({days})."
    return f"Social jetlag: {summary.social_jetlag:.0f} min between the mean midpoints of sleep ({days})."


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
    """A row a figure: Figure, This week or 3-day window (with its unit and time), What it is (from the glossary)."""
    titles = [PLAIN.get(word, word[:1].upper() + word[1:]) for word in RHYTHM]
    shown = [_figure(week, rhythm, name) for name in RHYTHM.values()]
    return pd.DataFrame(
        {"Figure": titles, f"This {span(week.values.size)}": shown, "What it is": [meanings.get(word, "") for word in RHYTHM]}
    )


def _figure(week: Week, rhythm: RhythmFigures, name: str) -> str:
    value = getattr(rhythm, name)
    if value is None:
        return "does not apply to this unit"
    if not np.isfinite(value):
        return f"not defined for this {span(week.values.size)}"
    if name == "acrophase":
        return moment_words(week, value)
    text = figures(float(value), 3)
    if name in ("m10", "l5", "mesor", "amplitude") and week.unit != UNKNOWN_UNIT:
        text += f" {week.unit}"
    return f"{text}, from {moment_words(week, getattr(rhythm, f'{name}_start'))}" if name in ("m10", "l5") else text


def moment_words(week: Week, minutes: float) -> str:
    """A time of the mean day: "03:20", or hours into each day of the recording where the clock is not known."""
    return clock(minutes) if week.start else f"{hours_minutes(minutes % MINUTES_PER_DAY)} h into the recording's day"


WHOLE = (
    "l5_start_min", "m10_start_min", "sri_not_worn_min", "sri_missing_min", "sri_zeros_as_sleep_min", "nights", "nights_left_out",
)  # fmt: skip
"""Columns of `rhythm_file` that are counted, in whole numbers in a file of many too, where some are empty."""


@dataclass(frozen=True)
class Written:
    """How many nights and windows were written, and what the windows are called ("week", "5-day window", "window"); notes: what to know of
    them, each sentence once, with of how many windows it holds."""

    nights: int
    weeks: int
    window: str
    notes: tuple[str, ...]


def nights_file(nights: WeekNights) -> pd.DataFrame:
    """A row a night to take away; units in the headers, the score and what it was made for in columns of their own.

    week counts from 1, as on the pages; night_name is the name that a night has there. Times are ISO where the date is known, clock times
    where only they are, else empty.
    """
    if nights.report is None:
        return pd.DataFrame()
    names, hand = night_names(nights.week, nights.report), set_by_hand(nights.week)
    rows = [
        {
            "participant": nights.week.participant,
            "week": nights.week.index + 1,
            "night": number + 1,
            "night_name": names[number],
            "evening": str(night.evening) if night.evening and nights.week.date_known else "",
            "weekday": f"{night.evening:%A}" if night.evening else "",
            **{name: _stamp(getattr(night, name), nights.week.date_known) for name in CLOCKS.values()},
            "first_minute_of_week": night.first,
            "time_in_bed_min": night.time_in_bed,
            "sleep_min": night.sleep,
            "efficiency_percent": night.efficiency,
            "latency_min": night.latency,
            "waso_min": night.waso,
            "awakenings": night.awakenings,
            "missing_min": night.missing,
            "midpoint": "" if night.midpoint is None else clock(night.midpoint),
            "before_free_day": "" if night.free is None else ("yes" if night.free else "no"),
            "plausible": "no" if night.implausible else "yes",
            "in_means": "yes" if night.counted else "no",
            "note": nights.notes[number],
            "rest_from": _rest_from(nights, number),
            "set_by_hand_min": int((hand[night.first : night.end] != 0).sum()),
            **_made_with(nights),
        }
        for number, night in enumerate(nights.report.nights)
    ]
    return pd.DataFrame(rows)


def _rest_from(nights: WeekNights, number: int) -> str:
    if nights.by_hand[number]:
        return "mark by hand"
    return "diary" if nights.of_diary[number] else "rule"


def rhythm_file(week: Week, rhythm: RhythmFigures, nights: WeekNights) -> pd.DataFrame:
    """One row: the week's rhythm figures, then mean and deviation over its nights, naps and social jetlag (empty without nights).

    l5, m10, mesor, amplitude are in `unit`. Times are minutes after midnight, or after the first minute where the clock is not known.
    sri_not_worn_min, sri_missing_min: left out of the sleep regularity index; sri_zeros_as_sleep_min: see `rhythms.regularity`.
    """
    names = {"l5_start": "l5_start_min", "m10_start": "m10_start_min", "acrophase": "acrophase_min"}
    row: dict[str, Any] = {"participant": week.participant, "week": week.index + 1}
    row |= {names.get(name, name): value for name, value in asdict(rhythm).items()}
    row |= {"set_asleep_min": nights.hand.asleep, "set_awake_min": nights.hand.awake}
    row |= {"times_counted_from": "midnight" if week.start else "first minute", "sri_scored_by": SLEEP_SCORES[score_of(week, nights)].name}
    if nights.regularity is not None:
        held = nights.regularity
        row |= {"sri_not_worn_min": held.not_worn, "sri_missing_min": held.missing, "sri_zeros_as_sleep_min": held.night}
    if nights.report is not None:
        summary = nights.report.summary
        row |= {"nights": summary.nights, "nights_left_out": summary.left_out}
        spreads = {f"{name}_min": name for name in (*CLOCKS.values(), "midpoint", *LENGTHS.values(), "latency", "waso")}
        for title, name in (spreads | {"efficiency_percent": "efficiency", "awakenings": "awakenings"}).items():
            spread = getattr(summary, name)
            row |= {f"{title}_mean": spread and spread.mean, f"{title}_sd": spread and spread.sd}
        row |= {"naps_a_day": summary.naps, "nap_min_a_day": summary.nap_minutes, "social_jetlag_min": summary.social_jetlag}
    return pd.DataFrame([row | {"why_no_nights": nights.why} | _made_with(nights)])


def _stamp(moment: datetime | None, date_known: bool) -> str:
    if moment is None:
        return ""
    return moment.isoformat(sep=" ", timespec="minutes") if date_known else f"{moment:%H:%M}"


def _made_with(nights: WeekNights) -> dict[str, Any]:
    score: dict[str, Any] = {"algorithm": "", "algorithm_made_for": "", "algorithm_source": ""}
    if nights.report is not None:
        report = nights.report
        score = dict(zip(score, (SLEEP_SCORES[report.method].name, report.made_for, report.source), strict=True))
    return score | {"unit": nights.week.unit, "device": nights.week.device or "", "pat_core": __version__}


def write_cohort(
    workspace: Workspace,
    cohort: str,
    out: Path,
    *,
    weeks_out: Path | None = None,
    method: str | None = None,
    by_diary: bool = False,
    progress: Progress | None = None,
) -> Written:
    """Write a row a night of every week of a cohort to `out`, and a row a week (see `rhythm_file`) to `weeks_out`: .csv or .parquet.

    method: as in `week_nights`. by_diary: nights take their time in bed from the person's diary. WorkspaceError for another
    ending, and where no week has a night and no `weeks_out` is asked for; a table of nights without any row is not written.
    """
    for each in filter(None, (out, weeks_out)):
        check_table(each)
    progress, settings = progress or Silent(), quality_settings(workspace)
    diaries = workspace.diary_nights(cohort) if by_diary else {}
    rows, window = workspace.week_rows(cohort), workspace.cohort(cohort).span
    of_all = counted(len(rows), window)
    nights, figured, reasons = [], [], Counter[str]()
    for number, row in enumerate(rows):
        progress.at(number / len(rows), f"Looking for nights: {number:,} of {of_all}")
        week = workspace.week(cohort, row.participant, row.index)
        of_week = week_nights(week, method, settings, diary=diary_periods(week, diaries.get(row.participant, ())))
        reasons.update([of_week.why] if of_week.report is None else of_week.report.notes[:1])
        nights.append(nights_file(of_week))
        if weeks_out:
            figured.append(rhythm_file(week, week_rhythm(week, of_week), of_week))
    table = _together(nights)
    if table.empty and not weeks_out:
        raise WorkspaceError(f"No nights can be reported for cohort {cohort!r}. {' '.join(reasons)}".strip())
    if not table.empty:
        write_answers(out, table, {})
    if weeks_out:
        figures_of_all = _together(figured)
        write_answers(weeks_out, figures_of_all.astype({name: "Int64" for name in WHOLE if name in figures_of_all}), {})
    notes = tuple(f"{many:,} of {of_all}: {sentence}" for sentence, many in reasons.most_common())
    return Written(len(table), len(rows), window, notes)


def _together(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    some = [table for table in tables if not table.empty]
    return pd.concat(some, ignore_index=True) if some else pd.DataFrame()
