"""The quality of every week of a cohort as a file: a row a week, with its figures, its sentences and what it was judged by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pat_core import __version__
from pat_core.cohorts import Workspace
from pat_core.plurals import counted
from pat_core.progress import Progress, Silent
from pat_core.records import Period, QualityReport, Week
from pat_core.reports.answer_files import check_table, write_answers
from pat_core.wear import QualitySettings, covered
from pat_core.weeks import quality_report
from pat_core.workflows.read.worn_days import quality_settings


@dataclass(frozen=True)
class Written:
    """How many windows were written and what these are called ("week", "5-day window", "window"), how many of them have the valid days that
    are needed, and of how many nothing tells of wear."""

    weeks: int
    window: str
    enough: int
    not_known: int


def write_quality(
    workspace: Workspace, cohort: str, out: Path, settings: QualitySettings | None = None, progress: Progress | None = None
) -> Written:
    """Write a row a week of a cohort, with its marks (see `quality_row`), to a .csv or .parquet file.

    settings: how wear is judged, those of the workspace unless given. WorkspaceError for another ending.
    """
    check_table(out)
    settings, progress = settings or quality_settings(workspace), progress or Silent()
    rows, weeks, info = workspace.week_rows(cohort), [], workspace.cohort(cohort)
    many = counted(len(rows), info.span)
    for number, row in enumerate(rows):
        progress.at(number / len(rows), f"Looking at quality: {number:,} of {many}")
        week = workspace.week(cohort, row.participant, row.index)
        weeks.append(quality_row(week, quality_report(week, settings)))
    table = pd.DataFrame(weeks)
    table["valid_days"] = table["valid_days"].astype("Int64")
    write_answers(out, table, {})
    return Written(len(table), info.span, int((table["enough_days"] == "yes").sum()), int(table["valid_days"].isna().sum()))


def quality_row(week: Week, report: QualityReport) -> dict[str, object]:
    """One week: hours of wear of each of its days, minutes not worn, missing and left out, the flat tail, the ceiling, the unit, what a
    reader is told, and each setting. week counts from 1, as on the pages. Days are 24 hours from the first minute.

    valid_days, hours of wear and minutes not worn are empty where nothing tells of wear.
    """
    known = report.valid_days is not None
    return {
        "participant": week.participant,
        "week": week.index + 1,
        "start": week.start.isoformat(sep=" ", timespec="minutes") if week.start and week.date_known else "",
        "device": week.device or "",
        "unit": report.unit,
        "unit_looks_like": report.unit_guess,
        "valid_days": report.valid_days,
        "enough_days": ("yes" if report.enough else "no") if known else "",
        **{f"worn_h_day{number}": day.hours_worn for number, day in enumerate(report.days, 1)},
        "not_worn_min": _minutes(report.nonwear, week) if known else None,
        "quiet_sleep_min": _minutes(report.still, week),
        "missing_min": _minutes(report.gaps, week),
        "left_out_min": _minutes(report.excluded, week),
        "flat_tail_min": 0 if report.flat_tail_from is None else week.values.size - report.flat_tail_from,
        "saturated_share": report.saturated_share,
        "ceiling": np.nan if report.ceiling is None else report.ceiling,
        "marks": len(week.marks),
        "told": " ".join(report.sentences),
        "mended": " ".join(week.notes),
        **{f"setting_{name}": value for name, value in report.settings.items()},
        "pat_core": __version__,
    }


def _minutes(periods: Iterable[Period], week: Week) -> int:
    """How many minutes of the week lie in any of these periods, which may overlap."""
    return int(covered(periods, week.values.size).sum())
