"""Nights and rhythm as files: a row a night, a row a week, of one person or of a whole cohort, with units and algorithms in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pat_core import __version__
from pat_core.cohorts import Workspace
from pat_core.errors import WorkspaceError
from pat_core.figures.charts.night_days import night_names
from pat_core.figures.sheet.lanes import clock
from pat_core.progress import Progress, Silent
from pat_core.records import RhythmFigures, Week
from pat_core.reports.answer_files import check_table, write_answers
from pat_core.reports.night_tables import CLOCKS, LENGTHS
from pat_core.rhythms import SLEEP_SCORES
from pat_core.workflows.read.week_quality import quality_settings
from pat_core.workflows.week.rhythm_in_cohort import score_of, week_rhythm
from pat_core.workflows.week.week_nights import WeekNights, week_nights


@dataclass(frozen=True)
class Written:
    """How many nights and weeks were written; notes: what to know of them, each sentence once, with of how many weeks it holds."""

    nights: int
    weeks: int
    notes: tuple[str, ...]


def nights_file(found: WeekNights) -> pd.DataFrame:
    """A row a night to take away; units in the headers, the score and what it was made for in columns of their own.

    week counts from 1, as on the pages; night_name is the name that a night has there. Times are ISO where the date is known, clock times
    where only they are, else empty.
    """
    if found.report is None:
        return pd.DataFrame()
    names = night_names(found.week, found.report)
    rows = [
        {
            "participant": found.week.participant,
            "week": found.week.index + 1,
            "night": number + 1,
            "night_name": names[number],
            "evening": str(night.evening) if night.evening and found.week.date_known else "",
            "weekday": f"{night.evening:%A}" if night.evening else "",
            **{name: _stamp(getattr(night, name), found.week.date_known) for name in CLOCKS.values()},
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
            "note": found.notes[number],
            "rest_from": "mark by hand" if found.by_hand[number] else "rule",
            **_made_with(found),
        }
        for number, night in enumerate(found.report.nights)
    ]
    return pd.DataFrame(rows)


def rhythm_file(week: Week, rhythm: RhythmFigures, found: WeekNights) -> pd.DataFrame:
    """One row: the week's rhythm figures, then mean and deviation over its nights, naps and social jetlag (empty without nights).

    l5, m10, mesor, amplitude are in `unit`. Times are minutes after midnight, or after the first minute where the clock is not known.
    """
    names = {"l5_start": "l5_start_min", "m10_start": "m10_start_min", "acrophase": "acrophase_min"}
    row: dict[str, Any] = {"participant": week.participant, "week": week.index + 1}
    row |= {names.get(name, name): value for name, value in asdict(rhythm).items()}
    row |= {"times_counted_from": "midnight" if week.start else "first minute", "sri_scored_by": SLEEP_SCORES[score_of(week, found)].name}
    if found.report is not None:
        told = found.report.summary
        row |= {"nights": told.nights, "nights_left_out": told.left_out}
        spreads = {f"{name}_min": name for name in (*CLOCKS.values(), "midpoint", *LENGTHS.values(), "latency", "waso")}
        for title, name in (spreads | {"efficiency_percent": "efficiency", "awakenings": "awakenings"}).items():
            spread = getattr(told, name)
            row |= {f"{title}_mean": spread and spread.mean, f"{title}_sd": spread and spread.sd}
        row |= {"naps_a_day": told.naps, "nap_min_a_day": told.nap_minutes, "social_jetlag_min": told.social_jetlag}
    return pd.DataFrame([row | {"why_no_nights": found.why} | _made_with(found)])


def _stamp(moment: datetime | None, date_known: bool) -> str:
    if moment is None:
        return ""
    return moment.isoformat(sep=" ", timespec="minutes") if date_known else f"{moment:%H:%M}"


def _made_with(found: WeekNights) -> dict[str, Any]:
    score: dict[str, Any] = {"algorithm": "", "algorithm_made_for": "", "algorithm_source": ""}
    if found.report is not None:
        made = found.report
        score = dict(zip(score, (SLEEP_SCORES[made.method].name, made.made_for, made.source), strict=True))
    return score | {"unit": found.week.unit, "device": found.week.device or "", "pat_core": __version__}


def write_cohort(
    workspace: Workspace,
    cohort: str,
    out: Path,
    *,
    weeks_out: Path | None = None,
    method: str | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write a row a night of every week of a cohort to `out`, and a row a week (see `rhythm_file`) to `weeks_out`: .csv or .parquet.

    method: as in `week_nights`. WorkspaceError for another ending, and where no week has a night and no `weeks_out` is asked for; a table
    of nights without any row is not written.
    """
    for each in filter(None, (out, weeks_out)):
        check_table(each)
    progress, settings = progress or Silent(), quality_settings(workspace)
    rows = workspace.week_rows(cohort)
    nights, figured, said = [], [], Counter[str]()
    for number, row in enumerate(rows):
        progress.at(number / len(rows), f"Looking for nights: {number} of {len(rows)} weeks")
        week = workspace.week(cohort, row.participant, row.index)
        found = week_nights(week, method, settings)
        said.update([found.why] if found.report is None else found.report.notes[:1])
        nights.append(nights_file(found))
        if weeks_out:
            figured.append(rhythm_file(week, week_rhythm(week, found), found))
    table = _together(nights)
    if table.empty and not weeks_out:
        raise WorkspaceError(f"No nights can be reported for cohort {cohort!r}. {' '.join(said)}".strip())
    if not table.empty:
        write_answers(out, table, {})
    if weeks_out:
        write_answers(weeks_out, _together(figured), {})
    return Written(len(table), len(rows), tuple(f"{many} of {len(rows)} weeks: {sentence}" for sentence, many in said.most_common()))


def _together(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    some = [table for table in tables if not table.empty]
    return pd.concat(some, ignore_index=True) if some else pd.DataFrame()
