"""Rows of the cohort tables to records and back. Called inside a transaction that the store has begun."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import numpy as np

from pat_core.cohorts.cohort_records import CohortInfo, Label, WeekRow
from pat_core.cohorts.database_values import from_json, label_value, moment, to_json
from pat_core.cohorts.kept.cohort_arrays import Written
from pat_core.errors import WorkspaceError
from pat_core.records import Note, Period, Refusal, Week, WeekReport

COHORT_QUERY = """SELECT name, people, weeks, unit, created, simulated, source, label_columns,
    (SELECT count(*) FROM refusals WHERE cohort_id = cohorts.id), alignment, note, minutes, id,
    (SELECT count(*) FROM marks WHERE cohort_id = cohorts.id), folder, coalesce(shortest, minutes) FROM cohorts"""
WEEK_QUERY = "SELECT row, participant, week_index, start, date_known, unit, device, alignment, report, sha256, placement, zone FROM weeks"

_NUMBERS = {field.name for field in fields(WeekReport) if field.type == "float"}
_NOUNS = {"cohorts": "cohort", "models": "model", "runs": "run"}


def refuse_taken(connection: sqlite3.Connection, table: str, name: str) -> None:
    """WorkspaceError where this table (cohorts, models, runs) has that name already."""
    if connection.execute(f"SELECT 1 FROM {table} WHERE name = ?", (name,)).fetchone():
        noun = _NOUNS[table]
        raise WorkspaceError(f"There is already a {noun} called {name!r}. Choose another name, or delete that {noun} first.")


def missing(connection: sqlite3.Connection, table: str, name: str) -> WorkspaceError:
    """The error for a name that this table does not have, with those that it has."""
    noun = _NOUNS[table]
    names = [name for (name,) in connection.execute(f"SELECT name FROM {table} ORDER BY name")]
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    there = f"It has {', '.join(map(repr, names[:5]))}{more}." if names else f"It has no {noun} yet."
    return WorkspaceError(f"The workspace has no {noun} called {name!r}. {there}")


def find_cohort(connection: sqlite3.Connection, name: str) -> CohortInfo:
    row = connection.execute(f"{COHORT_QUERY} WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise missing(connection, "cohorts", name)
    return cohort_info(row)


def cohort_info(row: tuple[Any, ...]) -> CohortInfo:
    name, people, weeks, unit, created, simulated, source, columns, refused, alignment, note, minutes, identity, *rest = row
    when = moment(created) or datetime.min
    labels = tuple(from_json(columns))
    return CohortInfo(name, people, weeks, unit, when, bool(simulated), source, labels, refused, alignment, note, minutes, identity, *rest)


def week_row(row: tuple[Any, ...], marks: Mapping[tuple[str, int], tuple[Period, ...]]) -> WeekRow:
    number, participant, index, start, date_known, unit, device, alignment, report, sha256, placement, zone = row
    when = None if start is None else datetime.fromisoformat(start)
    of_week = marks.get((participant, index), ())
    known = bool(date_known)
    return WeekRow(number, participant, index, when, known, unit, device, alignment, _report(report), sha256, of_week, placement, zone)


def _report(text: str) -> WeekReport:
    """NaN (the mean of a week without any value) is stored as null, as JSON has no NaN; what was not measured stays None."""
    plain: dict[str, Any] = from_json(text)
    plain |= {name: math.nan for name in _NUMBERS if name in plain and plain[name] is None}
    return WeekReport(**plain)


def _report_json(report: WeekReport) -> str:
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in vars(report).items()}
    return to_json({name: None if isinstance(value, float) and math.isnan(value) else value for name, value in plain.items()})


def full_week(row: WeekRow, values: np.ndarray) -> Week:
    plain = (row.participant, row.index, values, row.start, row.date_known, row.unit, row.device, row.alignment, row.report)
    return Week(*plain, placement=row.placement, zone=row.zone)


def check_weeks(weeks: Sequence[Week]) -> None:
    """WorkspaceError unless all weeks share one unit and each (participant, index) comes once."""
    units = sorted({week.unit for week in weeks})
    if len(units) > 1:
        raise WorkspaceError(
            f"Expected weeks in one unit, got {' and '.join(units)}, which cannot be compared. Import each as its own cohort."
        )
    twice = next((pair for pair, n in Counter((week.participant, week.index) for week in weeks).items() if n > 1), None)
    if twice:
        raise WorkspaceError(
            f"Week {twice[1] + 1} of participant {twice[0]!r} appears twice. Give two recordings of one person to two cohorts, "
            "or rename one of the participants."
        )
    if any(not week.participant for week in weeks):
        raise WorkspaceError("Expected a participant for every week, got one without. Give each recording the name of its person.")


def insert_cohort(
    connection: sqlite3.Connection,
    about: Mapping[str, Any],
    written: Written,
    labels: Mapping[str, Mapping[str, Label]],
    refused: Sequence[Refusal],
) -> None:
    """All rows of a new cohort. about: id, name, simulated, source, note, created, imported."""
    weeks, minutes = written.weeks, written.minutes
    counts = Counter(week.participant for week in weeks)  # in the order of their first week
    plain = {who: {str(column): label_value(value) for column, value in labels.get(who, {}).items()} for who in counts}
    columns = list(dict.fromkeys(column for values in plain.values() for column in values))
    alignments = {week.alignment for week in weeks}
    cohort = about["id"]
    connection.execute(
        "INSERT INTO cohorts"
        " (id, name, people, weeks, minutes, shortest, unit, alignment, simulated, source, note, label_columns, created,"
        " imported, truth)"
        " VALUES (:id, :name, :people, :weeks, :minutes, :shortest, :unit, :alignment, :simulated, :source, :note, :label_columns,"
        " :created, :imported, :truth)",
        {
            **about,
            "people": len(counts),
            "weeks": len(weeks),
            "minutes": minutes,
            "shortest": written.shortest,
            "unit": weeks[0].unit,
            "alignment": alignments.pop() if len(alignments) == 1 else "mixed",
            "label_columns": to_json(columns),
            "truth": to_json(written.truth),
        },
    )
    people = ((cohort, position, who, counts[who], to_json(plain[who])) for position, who in enumerate(counts))
    connection.executemany("INSERT INTO people (cohort_id, position, participant, weeks, labels) VALUES (?, ?, ?, ?, ?)", people)
    connection.executemany(
        "INSERT INTO weeks (cohort_id, row, participant, week_index, start, date_known, unit, device, alignment, report, sha256,"
        " placement, zone, worn_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                cohort,
                row,
                week.participant,
                int(week.index),
                None if week.start is None else week.start.isoformat(),
                bool(week.date_known),
                week.unit,
                week.device,
                week.alignment,
                _report_json(week.report),
                sha256,
                week.placement,
                week.zone,
                worn,
            )
            for row, (week, sha256, worn) in enumerate(zip(weeks, written.identities, written.worn, strict=True))
        ),
    )
    refusals = ((cohort, position, refusal.what, refusal.reason) for position, refusal in enumerate(refused))
    connection.executemany("INSERT INTO refusals (cohort_id, position, what, reason) VALUES (?, ?, ?, ?)", refusals)
    notes = ((cohort, position, note.what, note.sentence) for position, note in enumerate(notes_of(weeks)))
    connection.executemany("INSERT INTO notes (cohort_id, position, what, sentence) VALUES (?, ?, ?, ?)", notes)


def notes_of(weeks: Sequence[Week]) -> list[Note]:
    """What was noted of the recordings that these weeks are from, each sentence once a person, in order."""
    return list(dict.fromkeys(Note(week.participant, sentence) for week in weeks for sentence in week.notes))
