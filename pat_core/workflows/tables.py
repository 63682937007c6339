"""A cohort as a table for readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.workflows.labelled import label_text
from pat_core.workflows.model_entries import ModelEntry
from pat_core.workflows.predicting import PredictedWeek, WhoseStandardizer, known_predictions, shown_probability
from pat_core.workflows.week_rows import first_weeks
from pat_core.workflows.worn_days import as_column, valid_days


def default_whose(entry: ModelEntry) -> WhoseStandardizer:
    """The model's own standardizer where its file has one, else the cohort's."""
    return "model" if entry.card.get("has_standardizer") else "cohort"


def predictions_missing(workspace: Workspace, entry: ModelEntry, cohort: str, whose: WhoseStandardizer) -> int:
    """Weeks of a cohort that this model has not predicted yet as they are read today."""
    info = workspace.cohort(cohort)
    marked = workspace.week_rows(cohort) if info.marks else ()  # without any mark, the stored predictions can be counted alone
    return info.weeks - len(known_predictions(workspace, entry.sha256, cohort, whose, marked))


def participants_table(
    workspace: Workspace, cohort: str, predicted: Sequence[PredictedWeek], label: str | None = None, days: np.ndarray | None = None
) -> pd.DataFrame:
    """A row a person, by their first week: probability in percent (corrected where a prevalence is known), quality, label, weeks.

    Columns: Participant, Probability, Before correction, Quality, Valid days, Part in training, Held out, Weeks, and the label's name where
    one is given. days: (weeks,) valid days of each week of the cohort (NaN: not known), counted by the workspace's settings unless given.
    The probability is that of the model's positive group; it is empty where the input gate refused the week. Held out: the same probability
    from a model that had not seen this person, where the week is read as it was then; the column is left out where nobody has one.
    """
    people = {person.participant: person for person in workspace.people(cohort)}
    days = valid_days(workspace, cohort) if days is None else days
    of_week = {item.row.row: item for item in predicted}
    items = [of_week[row.row] for row in first_weeks([item.row for item in predicted])]
    shown = [people[item.row.participant] for item in items]
    columns: dict[str, pd.Series] = {
        "Participant": pd.Series([person.participant for person in shown], dtype=object),
        "Probability": _percent(items, lambda item: shown_probability(item.prediction)),
        "Before correction": _percent(items, lambda item: item.prediction.probability_raw),
        "Quality": pd.Series([quality_words(item) for item in items], dtype=object),
        "Valid days": as_column(np.array([days[item.row.row] for item in items])),
        "Part in training": pd.Series([item.split or "none" for item in items], dtype=object),
        "Held out": _percent(items, lambda item: item.held_out),
        "Weeks": pd.Series([person.weeks for person in shown], dtype=int),
    }
    if label:
        columns[label] = pd.Series([label_text(person.labels.get(label)) for person in shown], dtype=object)
    table = pd.DataFrame(columns)
    return table.drop(columns="Held out") if items and table["Held out"].isna().all() else table


def _percent(items: Sequence[PredictedWeek], share: Callable[[PredictedWeek], float | None]) -> pd.Series:
    """Shares in percent, empty where there is none and for refused weeks."""
    values = [None if item.refused else share(item) for item in items]
    return pd.Series([None if value is None else 100 * value for value in values], dtype=float)


def quality_words(item: PredictedWeek) -> str:
    """What the input gate found, in a few words."""
    if item.refused:
        return "Not fit for the model"
    warned = sum(finding.severity == "warn" for finding in item.findings)
    return f"{warned} {'thing' if warned == 1 else 'things'} to know" if warned else "Nothing found"


NOT_TARGETS = ("repeated_minutes", "axis", "serial", "filter", "reliable", "calibrated")
"""What readers note about a recording: good to see, nothing to predict."""


def label_columns(workspace: Workspace, cohort: str, most_values: int = 12) -> list[str]:
    """Labels of a cohort with 2 to `most_values` different values: those that can be a target or a filter."""
    people = workspace.people(cohort)
    columns: dict[str, set[str]] = {}
    for person in people:
        for name, value in person.labels.items():
            if value not in (None, "") and name not in NOT_TARGETS:
                columns.setdefault(name, set()).add(label_text(value))
    return [name for name, values in columns.items() if 2 <= len(values) <= most_values]
