"""Marks by hand: periods of a week that a person sets as non-wear, rest or not to be used, who, when and why, and taking one back.

Nothing is erased: a mark that was taken back stays in the book with who took it back. What holds is put into effect where a week is read
(`Workspace.week`, `Workspace.weeks_array`): non-wear and excluded minutes are missing, rest takes the place of the estimate.
"""

from __future__ import annotations

import pandas as pd

from pat_core.cohorts import Mark, Workspace
from pat_core.records import Period, Week
from pat_core.workflows.week_windows import window_words

MEANS = {
    "non-wear": "Not worn: the minutes become missing, and are shaded as non-wear.",
    "rest": "Rest: takes the place of the estimated rest that it touches. The values stay, and so does the model's answer.",
    "exclude": "Leave out: the minutes become missing for the model, for figures and for reports.",
}
"""Kind of mark -> what it does, for a reader."""

EFFECT = (
    "A mark holds for this week alone. The model's answer and every figure of the week are made again with it; the cohort's own "
    "standardizer and runs that were trained before stay as they are."
)
_WHO = "marks: who marked last"


def add_mark(workspace: Workspace, cohort: str, of: tuple[str, int], period: Period, *, who: str, why: str) -> Mark:
    """Mark a period of a week. of: (participant, week index); period: minutes of the week and the kind of mark.

    WorkspaceError without a name or a reason, outside the week, and for a week that is not there.
    """
    made = workspace.add_mark(cohort, *of, period.first, period.end, period.kind, who=who, why=why)
    workspace.remember(_WHO, made.who)
    return made


def undo_mark(workspace: Workspace, identity: str, *, who: str, why: str = "") -> Mark:
    """Take a mark back. WorkspaceError where that was done already."""
    undone = workspace.undo_mark(identity, who=who, why=why)
    workspace.remember(_WHO, who.strip())
    return undone


def last_marker(workspace: Workspace) -> str:
    """Who marked last in this workspace, to begin with; "" where nobody has."""
    return str(workspace.recall(_WHO) or "")


def week_marks(workspace: Workspace, cohort: str, of: tuple[str, int]) -> tuple[Mark, ...]:
    """All marks of a week, oldest first, those that were taken back among them."""
    return workspace.marks(cohort, *of)


def marks_table(week: Week, marks: tuple[Mark, ...]) -> pd.DataFrame:
    """A row a mark: Mark, From and until, By, When, Why, Taken back ("" while it holds)."""
    rows = [
        (
            mark.kind, window_words(week, mark.first, mark.end), mark.who, mark.made, mark.why,
            "" if mark.in_force else " ".join(f"by {mark.undone_by}, {mark.undone:%Y-%m-%d %H:%M}. {mark.undone_why}".split()),
        )
        for mark in marks
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["Mark", "From and until", "By", "When", "Why", "Taken back"])
