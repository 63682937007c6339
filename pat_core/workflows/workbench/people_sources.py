"""Where the columns of a table of people come from: what is known, worn, measured, answered. Each is read as a whole, a row a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pat_core.cohorts import WeekRow, Workspace
from pat_core.cohorts.cohort_records import REVIEW_STATES
from pat_core.models.outputs import ONE_LOGIT
from pat_core.progress import Progress
from pat_core.records import StandardizeBy
from pat_core.training.target import label_number
from pat_core.weights import Model
from pat_core.workflows.explanations.unusual_weeks import cohort_distances
from pat_core.workflows.models.answers import USUAL, Wish
from pat_core.workflows.models.class_calibration import class_percentages
from pat_core.workflows.models.predictions import PredictedWeek
from pat_core.workflows.people.participants_table import participants_table
from pat_core.workflows.people.several_answers import IN_WORDS, with_several
from pat_core.workflows.read.worn_days import days_of, off_shares, quality_settings
from pat_core.workflows.week.cohort_weeks import first_weeks, measured_with, unfit_rows
from pat_core.workflows.week.labelled_weeks import label_text
from pat_core.workflows.week.week_figures import week_figures
from pat_core.workflows.workbench.people_columns import (
    OF_ANSWERS,
    OF_FIGURES,
    OF_PEOPLE,
    OF_WEAR,
    PARTICIPANT,
    REVIEW,
    PeopleColumn,
    label_column,
    of_unit,
)


@dataclass(frozen=True, eq=False)
class PeopleColumns:
    """Some columns of everyone, a row a person in the cohort's order. frame: its columns are named by their keys. notes: sentences on who
    has no values and why."""

    columns: tuple[PeopleColumn, ...]
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()


def first_rows(workspace: Workspace, cohort: str) -> list[WeekRow]:
    """Each person's first window, in the order of the cohort's people."""
    first = {row.participant: row for row in first_weeks(workspace.week_rows(cohort))}
    return [first[person.participant] for person in workspace.people(cohort)]


def known_of_people(workspace: Workspace, cohort: str) -> PeopleColumns:
    """Who they are, with which device, and their labels."""
    people, rows = workspace.people(cohort), first_rows(workspace, cohort)
    frame: dict[str, object] = {
        PARTICIPANT: [person.participant for person in people],
        "windows": [float(person.weeks) for person in people],
        "device": [measured_with(row) or "" for row in rows],
        "begins": [f"{row.start:%Y-%m-%d}" if row.start and row.date_known else "" for row in rows],
    }
    columns = [column for column in OF_PEOPLE if column.key != REVIEW]
    for name in workspace.cohort(cohort).label_columns:
        values = [person.labels.get(name) for person in people]
        texts = [label_text(value) for value in values]
        column = label_column(name, [label_number(value) for value, text in zip(values, texts, strict=True) if text])
        columns.append(column)
        frame[column.key] = texts if column.kind == "text" else [_number(label_number(value)) for value in values]
    return PeopleColumns(tuple(columns), _framed(columns, frame))


def reviews_of_people(workspace: Workspace, cohort: str, participants: Sequence[str]) -> PeopleColumns:
    """How far somebody has come with each."""
    reviews, column = workspace.reviews(cohort), next(column for column in OF_PEOPLE if column.key == REVIEW)
    states = [reviews[name].state if name in reviews else REVIEW_STATES[0] for name in participants]
    return PeopleColumns((column,), _framed([column], {REVIEW: states}))


def worn_of_people(workspace: Workspace, cohort: str, hours: np.ndarray) -> PeopleColumns:
    """What is known of wear and of missing minutes. hours: (weeks, days) as `hours_worn` gives them."""
    settings, rows = quality_settings(workspace), first_rows(workspace, cohort)
    days, off = days_of(hours, settings), off_shares(workspace, cohort, hours, settings)
    numbers = [row.row for row in rows]
    reports = [row.report for row in rows]
    frame = {
        "valid_days": days[numbers],
        "not_worn": 100 * off[numbers],
        "missing": [100 * report.minutes_missing / max(1, report.minutes) for report in reports],
        "zeros": [100 * report.zero_share for report in reports],
    }
    return PeopleColumns(OF_WEAR, _framed(OF_WEAR, frame))


def figures_of_people(workspace: Workspace, cohort: str, progress: Progress | None = None) -> PeopleColumns:
    """Rhythm and sleep of everyone's first window; none of a window that the input check finds unfit for any model."""
    rows, unfit, info = first_rows(workspace, cohort), unfit_rows(workspace, cohort), workspace.cohort(cohort)
    measured = week_figures(workspace, cohort, [row.row for row in rows], progress)
    values = measured.values.copy()
    withheld = np.array([row.row in unfit for row in rows], dtype=bool)
    values[withheld] = np.nan
    place = {name: number for number, name in enumerate(measured.names)}
    frame = {each.column.key: each.values(values[:, place[each.figure]]) for each in OF_FIGURES}
    columns = [of_unit(each.column, info.unit) for each in OF_FIGURES]
    many = int(withheld.sum())
    notes = (f"{many:,} of {len(rows):,} people have no figures of rhythm and sleep: the input check finds their first {info.span} unfit.",)
    return PeopleColumns(tuple(columns), _framed(columns, frame), notes if many else ())


def answers_of_people(
    workspace: Workspace, model: Model, cohort: str, predicted: Sequence[PredictedWeek], hours: np.ndarray, wish: Wish = USUAL
) -> PeopleColumns:
    """What the model answers of everyone's first window, as the list of Participants has it. predicted: every week of the cohort."""
    table = participants_table(workspace, cohort, predicted, None, hours, wish)
    table = with_several(table, predicted, model.outputs, class_percentages(model.card)[0])
    table = table.set_index("Participant").loc[[person.participant for person in workspace.people(cohort)]]
    two = model.outputs == ONE_LOGIT
    frame: dict[str, object] = {"answer": table["Answer"].astype(float), "quality": table["Quality"], "part": table["Part in training"]}
    if two:
        frame |= {"score": table["Score"].astype(float)}
        frame |= {"scored_lower": 100 * table["Scored lower"].astype(float) / table["Tested"].astype(float)}
    else:
        frame |= {"answer_words": table[IN_WORDS].fillna("")}
    columns = [column for column in OF_ANSWERS if column.key in frame]
    return PeopleColumns(tuple(columns), _framed(columns, {key: np.asarray(values) for key, values in frame.items()}))


def distances_of_people(
    workspace: Workspace,
    model: Model,
    cohort: str,
    standardize_by: StandardizeBy,
    fit: Sequence[WeekRow],
    progress: Progress | None = None,
    only_kept: bool = True,
) -> PeopleColumns:
    """How far the model's summary of everyone's first window lies from the people it learned from. fit: rows that are fit for the model;
    only_kept: as of `cohort_distances`, which also says why there is none."""
    first = {row.participant: row.row for row in first_rows(workspace, cohort)}
    # Of all their windows, as for predictions: embeddings are kept many together, and other ones together would be read again.
    distances, why = cohort_distances(workspace, model, cohort, standardize_by, fit, progress, only_kept)
    columns = [column for column in OF_ANSWERS if column.key in ("distance", "nearer")]
    each = [distances.get(row) for row in first.values()]
    frame = {
        "distance": [np.nan if one is None else one.value for one in each],
        "nearer": [np.nan if one is None else 100 * one.share_nearer for one in each],
    }
    return PeopleColumns(tuple(columns), _framed(columns, frame), (why,) if why else ())


def _framed(columns: Sequence[PeopleColumn], values: dict) -> pd.DataFrame:
    return pd.DataFrame(
        {column.key: pd.Series(np.asarray(values[column.key], dtype=object if column.kind == "text" else float)) for column in columns}
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
