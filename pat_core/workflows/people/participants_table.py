"""A cohort as a table for readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.records import StandardizeBy
from pat_core.workflows.models.cautions import group_caution
from pat_core.workflows.models.headline import shown_probability
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.predictions import PredictedWeek, known_predictions
from pat_core.workflows.read.week_quality import quality_settings
from pat_core.workflows.read.worn_days import as_column, days_of, hours_worn, off_shares
from pat_core.workflows.week.labelled_weeks import label_text
from pat_core.workflows.week.week_rows import first_weeks


def usual_standardizer(entry: ModelEntry) -> StandardizeBy:
    """The model's own standardizer where its file has one, else the cohort's."""
    return "model" if entry.card.get("has_standardizer") else "cohort"


def predictions_missing(workspace: Workspace, entry: ModelEntry, cohort: str, standardize_by: StandardizeBy) -> int:
    """Weeks of a cohort that this model has not predicted yet as they are read today."""
    info = workspace.cohort(cohort)
    if entry.sha256 is None:  # its file is not here
        return info.weeks
    marked = workspace.week_rows(cohort) if info.marks else ()  # without any mark, the stored predictions can be counted alone
    return info.weeks - len(known_predictions(workspace, entry.sha256, cohort, standardize_by, marked))


def participants_table(
    workspace: Workspace,
    cohort: str,
    predicted: Sequence[PredictedWeek],
    label: str | None = None,
    hours: np.ndarray | None = None,
    card: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """A row a person, by their first week: the answer in percent with its interval, quality, wear, label, weeks, and further figures.

    Columns: Participant, Answer, Low, High (see `headline.Answer`), Quality, Valid days, Not worn, Part in training, Weeks, the label's
    name where one is given, Probability (corrected where a prevalence is known), Before correction, Held out. hours: (weeks, days) of wear
    of the whole cohort (see `worn_days.hours_worn`), counted by the workspace's settings unless given. card: of the model, where Quality
    should count people of neither of its groups as well.
    All figures of an answer are of the model's positive group, in percent; they are empty where the input gate refused the week. Held out:
    the probability from a model that had not seen this person, where the week is read as it was then; the column is left out where nobody
    has one.
    """
    people = {person.participant: person for person in workspace.people(cohort)}
    settings = quality_settings(workspace)
    hours = hours_worn(workspace, cohort, settings) if hours is None else hours
    days, off = days_of(hours, settings), off_shares(workspace, cohort, hours, settings)
    of_week = {item.row.row: item for item in predicted}
    items = [of_week[row.row] for row in first_weeks([item.row for item in predicted])]
    shown = [people[item.row.participant] for item in items]
    strange = [bool(group_caution(card or {}, person.labels)) for person in shown]
    quality = [quality_words(item, off[item.row.row] > settings.off_share, other) for item, other in zip(items, strange, strict=True)]
    columns: dict[str, pd.Series] = {
        "Participant": pd.Series([person.participant for person in shown], dtype=object),
        "Answer": _percent(items, lambda item: item.answer.value if item.answer else None),
        "Low": _percent(items, lambda item: item.answer.low if item.answer else None),
        "High": _percent(items, lambda item: item.answer.high if item.answer else None),
        "Quality": pd.Series(quality, dtype=object),
        "Valid days": as_column(np.array([days[item.row.row] for item in items])),
        "Not worn": pd.Series([100 * off[item.row.row] for item in items], dtype=float),
        "Part in training": pd.Series([item.split or "none" for item in items], dtype=object),
        "Weeks": pd.Series([person.weeks for person in shown], dtype=int),
    }
    if label:
        columns[label] = pd.Series([label_text(person.labels.get(label)) for person in shown], dtype=object)
    columns["Probability"] = _percent(items, lambda item: shown_probability(item.prediction))
    columns["Before correction"] = _percent(items, lambda item: item.prediction.probability_raw)
    columns["Held out"] = _percent(items, lambda item: item.held_out)
    table = pd.DataFrame(columns)
    return table.drop(columns=["Held out"] if items and table["Held out"].isna().all() else [])


def _percent(items: Sequence[PredictedWeek], share: Callable[[PredictedWeek], float | None]) -> pd.Series:
    """Shares in percent, empty where there is none and for refused weeks."""
    values = [None if item.refused else share(item) for item in items]
    return pd.Series([None if value is None else round(100 * value, 6) for value in values], dtype=float)


def quality_words(item: PredictedWeek, off: bool = False, strange: bool = False) -> str:
    """What was found in a week, in a few words. off: more of it was not worn than the settings let pass. strange: they are of neither
    group of the model."""
    if item.refused:
        return "Not fit for the model"
    warned = strange + sum(finding.severity == "warn" for finding in item.findings)
    warned += off and not any(finding.code == "nonwear" for finding in item.findings)
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
