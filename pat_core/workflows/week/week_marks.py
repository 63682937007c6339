"""Marks by hand: periods of a week that a person sets as non-wear, rest or not to be used, who, when and why, and taking one back.

Nothing is erased: a mark that was taken back stays in the book with who took it back. What holds is put into effect where a week is read
(`Workspace.week`, `Workspace.weeks_array`): non-wear and excluded minutes are missing, rest takes the place of the estimate.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pat_core.cohorts import Mark, Workspace
from pat_core.errors import WeekError
from pat_core.figures.sheet.lanes import DayFrom, day_lanes
from pat_core.records import Period, Week
from pat_core.settings import MINUTES_PER_DAY


def week_days(week: Week) -> tuple[str, ...]:
    """The week's days from midnight to midnight, in words; "Day 1" and so on, from the first minute, where the start is unknown."""
    return day_lanes(week, "midnight").names


def window_minutes(week: Week, day: int, begin: int, until: int) -> tuple[int, int]:
    """(first, end) minutes of the week from `begin` until `until`, minutes of that day (see `week_days`); an earlier or equal `until` is
    of the next day. Raises WeekError where a part of it lies outside the week."""
    lanes = day_lanes(week, "midnight")
    length = (until - begin - 1) % MINUTES_PER_DAY + 1
    first = int(lanes.minutes[day, begin])
    if first < 0 or first + length > len(week.values):
        last = len(week.values) - 1
        raise WeekError(f"This window does not lie within the week, which goes from {lanes.when(0)} to {lanes.when(last)}. Choose another.")
    return first, first + length


def window_words(week: Week, first: int, end: int | None = None) -> str:
    """Minutes [first, end) of a week in words, like "Wed 7 May, 14:00 to 16:00"; the moment `first` alone where no end is given."""
    return day_lanes(week, "midnight").when(first, end)


def lane_words(week: Week, day_from: DayFrom, first: int, end: int) -> str:
    """The lanes of a week sheet in which minutes [first, end) are drawn, by their names: "Mon 6 May to Tue 7", " and " between two."""
    lanes = day_lanes(week, day_from)
    drawn = np.any((lanes.minutes >= first) & (lanes.minutes < end), axis=1)
    return " and ".join(name.replace("\n", " to ") for name, here in zip(lanes.names, drawn, strict=True) if here)


MEANS = {
    "non-wear": "Not worn: the minutes become missing, and are hatched as not worn.",
    "rest": "Rest: replaces the estimated rest that it touches. The values stay, and so does the model's answer.",
    "exclude": "Leave out: the minutes become missing, in figures and reports too.",
    "sleep": "Asleep: takes the place of the sleep score. The values stay, and so does the model's answer.",
    "wake": "Awake: takes the place of the sleep score. The values stay, and so does the model's answer.",
}
"""Kind of mark -> what it does, for a reader."""

EFFECT = (
    "Where minutes become missing, the model reads the average of other people. "
    "A mark applies to this week only. The model's answer and every figure of the week are computed again with it; the cohort's own "
    "standardizer and runs that were trained before stay as they are."
)
_WHO = "marks: who marked last"


def add_mark(workspace: Workspace, cohort: str, of: tuple[str, int], period: Period, *, who: str, why: str) -> Mark:
    """Mark a period of a week. of: (participant, week index); period: minutes of the week and the kind of mark.

    WorkspaceError without a name or a reason, outside the week, and for a week that is not there.
    """
    mark = workspace.add_mark(cohort, of, period, who=who, why=why)
    workspace.keep_setting(_WHO, mark.who)
    return mark


def undo_mark(workspace: Workspace, identity: str, *, who: str, why: str = "") -> Mark:
    """Take a mark back. WorkspaceError where that was done already."""
    undone = workspace.undo_mark(identity, who=who, why=why)
    workspace.keep_setting(_WHO, who.strip())
    return undone


def last_marker(workspace: Workspace) -> str:
    """Who marked last in this workspace, to begin with; "" before the first mark."""
    return str(workspace.setting(_WHO) or "")


def keep_marker(workspace: Workspace, who: str) -> None:
    """Who marked last, or brought a diary."""
    workspace.keep_setting(_WHO, who.strip())


def week_marks(workspace: Workspace, cohort: str, of: tuple[str, int]) -> tuple[Mark, ...]:
    """All marks of a week, oldest first, those that were taken back among them."""
    return workspace.marks(cohort, *of)


def marks_table(week: Week, marks: tuple[Mark, ...]) -> pd.DataFrame:
    """A row a mark: Mark, From and until, By, When, Why, Taken back ("" while it holds)."""
    rows = [
        (
            mark.kind,
            window_words(week, mark.first, mark.end),
            mark.who,
            mark.created,
            mark.why,
            "" if mark.in_force else " ".join(f"by {mark.undone_by}, {mark.undone:%Y-%m-%d %H:%M}. {mark.undone_why}".split()),
        )
        for mark in marks
    ]
    return pd.DataFrame(rows, columns=["Mark", "From and until", "By", "When", "Why", "Taken back"])


def marks_file(workspace: Workspace, cohort: str) -> pd.DataFrame:
    """A row a mark of a whole cohort to take away, oldest first, those that were taken back among them.

    week counts from 1, as on the pages; minutes are of the week, end_minute the first after the mark. from and until: wall
    clock, empty where the date is not known. in_force: yes until it was taken back, then undone_by, undone and undone_why say by whom,
    when and why.
    """
    marks = workspace.marks(cohort)
    weeks = {(row.participant, row.index): row for who in {mark.participant for mark in marks} for row in workspace.week_rows(cohort, who)}
    rows = []
    for mark in marks:
        week = weeks[mark.participant, mark.index]
        begins = week.start if week.date_known else None
        first, end = ("" if begins is None else _stamp(begins + timedelta(minutes=minute)) for minute in (mark.first, mark.end))
        rows.append(
            (
                mark.participant,
                mark.index + 1,
                mark.kind,
                mark.first,
                mark.end,
                first,
                end,
                mark.who,
                _stamp(mark.created),
                mark.why,
                "yes" if mark.in_force else "no",
                mark.undone_by or "",
                "" if mark.undone is None else _stamp(mark.undone),
                mark.undone_why,
            )
        )
    return pd.DataFrame(rows, columns=MARKS)


MARKS = (
    "participant", "week", "kind", "first_minute", "end_minute", "from", "until", "who", "when", "why", "in_force", "undone_by", "undone",
    "undone_why",
)  # fmt: skip
"""Columns of `marks_file`."""


def _stamp(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")
