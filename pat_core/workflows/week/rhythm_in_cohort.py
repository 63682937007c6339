"""One person's rhythm figures beside their cohort's."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.record_arrays import Codec
from pat_core.cohorts.kept.result_cache import Question
from pat_core.records import RhythmFigures, Week
from pat_core.rhythms import figures, score_for
from pat_core.weeks import GATE_VERSION
from pat_core.workflows.read.week_quality import quality_settings
from pat_core.workflows.week.gate_findings import week_of
from pat_core.workflows.week.unfit_weeks import why_unfit
from pat_core.workflows.week.week_nights import WeekNights, week_nights
from pat_core.workflows.week.week_rows import first_weeks

SHOWN = {
    "interdaily_stability": ("Interdaily stability (days alike: 1)", ""),
    "intradaily_variability": ("Intradaily variability (broken up: high)", ""),
    "relative_amplitude": ("Relative amplitude (day against night)", ""),
    "m10": ("Most active 10 hours", "unit"),
    "l5": ("Least active 5 hours", "unit"),
    "sri": ("Sleep regularity index", ""),
}
"""Field of `RhythmFigures` -> what a reader is told, and whether it has the week's unit."""

SPREADS = Codec[dict[str, np.ndarray]](dict[str, np.ndarray])
MOST_PEOPLE = 500
"""A cohort's spread is drawn from at most so many of its people (a seeded draw): more dots say no more."""


def rhythm_spread(workspace: Workspace, cohort: str) -> dict[str, np.ndarray]:
    """Field -> (people,) values of the cohort's first weeks, NaN where a figure does not apply, by the workspace's settings of wear. Kept
    until something is marked by hand.

    People whose first week the input gate refuses for its values (all zero, hardly worn, ...) are left out.
    """
    info, settings = workspace.cohort(cohort), quality_settings(workspace)
    question = Question("rhythm figures of first weeks", {"cohort": info.as_read, "wear": repr(settings), "gate": GATE_VERSION})

    def make() -> dict[str, np.ndarray]:
        rows = first_weeks(workspace.week_rows(cohort))
        if len(rows) > MOST_PEOPLE:
            drawn = np.sort(np.random.default_rng(0).choice(len(rows), MOST_PEOPLE, replace=False))
            rows = [rows[number] for number in drawn]
        weeks, flags = workspace.weeks_array(cohort), workspace.device_flags(cohort)
        fit = [week for week in (week_of(row, weeks, flags) for row in rows) if not why_unfit(week)]
        made = [week_rhythm(week, week_nights(week, None, settings, unfit=""), fit=True) for week in fit]
        return {name: np.array([_number(one, name) for one in made]) for name in SHOWN}

    return workspace.remember(question, make, SPREADS)


def week_rhythm(week: Week, found: WeekNights | None = None, fit: bool | None = None) -> RhythmFigures:
    """A week's figures; none is defined (NaN, and None where it never applies) for a week that the input gate refuses for its values.

    found: the nights of this week, for the sleep regularity index is of the minutes that they know. fit: whether the gate lets its values
    pass. Both are looked for unless given.
    """
    found = found or week_nights(week)
    if fit is None:
        fit = found.report is not None or not why_unfit(week)  # nights are told of fit weeks alone
    values = week.values if fit else np.full_like(week.values, np.nan)
    known = None if found.report is None else found.report.known
    return figures(values, minute_of_day(week.start), week.unit, week.device, known, score_of(week, found))


def score_of(week: Week, found: WeekNights) -> str:
    """The sleep score that a week's figures are by: that of its nights, where none are told that of its device."""
    return score_for(week.device, week.placement) if found.report is None else found.report.method


def minute_of_day(start: datetime | None) -> int:
    """Minutes after midnight of a week's first minute; 0 where the start is unknown."""
    return start.hour * 60 + start.minute if start else 0


def _number(figures: RhythmFigures, name: str) -> float:
    value = getattr(figures, name)
    return float("nan") if value is None else float(value)
