"""A cohort as a table for readers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.workflows.models import ModelEntry
from pat_core.workflows.predicting import PredictedWeek, WhoseStandardizer
from pat_core.workflows.training import label_text


def default_whose(entry: ModelEntry) -> WhoseStandardizer:
    """The model's own standardizer where its file has one, else the cohort's."""
    return "model" if entry.card.get("has_standardizer") else "cohort"


def predictions_missing(workspace: Workspace, entry: ModelEntry, cohort: str, whose: WhoseStandardizer) -> int:
    """Weeks of a cohort that this model has not predicted yet."""
    return workspace.cohort(cohort).weeks - len(workspace.predictions(entry.sha256, cohort, whose))


def participants_table(workspace: Workspace, cohort: str, predicted: Sequence[PredictedWeek], label: str | None = None) -> pd.DataFrame:
    """A row a person, by their first week: probability in percent (corrected where a prevalence is known), quality, label, weeks.

    Columns: Participant, Probability, Before correction, Quality, Part in training, Held out, Weeks, and the label's name where one is
    given. Held out: the same probability from a model that had not seen this person, where the run tested so; else left out.
    """
    people = {person.participant: person for person in workspace.people(cohort)}
    rows = []
    for item in predicted:
        if item.row.index:
            continue
        person = people[item.row.participant]
        shown = item.prediction.probability if item.prediction.probability is not None else item.prediction.probability_raw
        row = {
            "Participant": person.participant,
            "Probability": 100 * shown,
            "Before correction": 100 * item.prediction.probability_raw,
            "Quality": quality_words(item),
            "Part in training": item.split or "none",
            "Held out": 100 * item.held_out if item.held_out is not None else None,
            "Weeks": person.weeks,
        }
        if label:
            row[label] = label_text(person.labels.get(label))
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.dropna(axis="columns", how="all")


def quality_words(item: PredictedWeek) -> str:
    """What the input gate found, in a few words."""
    refused = [finding for finding in item.findings if finding.severity == "refuse"]
    warned = [finding for finding in item.findings if finding.severity == "warn"]
    if refused:
        return "Not fit for the model"
    return f"{len(warned)} to know" if warned else "Nothing found"


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
