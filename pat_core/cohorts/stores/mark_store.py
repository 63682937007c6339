"""The book of marks: periods of weeks that people marked by hand, and who took one back. Entries are added, never changed."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime, timedelta

from pat_core.cohorts.cohort_records import CohortInfo, Mark
from pat_core.cohorts.database_values import moment, valid_name
from pat_core.cohorts.kept.shelf import Shelves, new_id
from pat_core.cohorts.stores import cohort_rows
from pat_core.errors import WorkspaceError
from pat_core.records import MARK_KINDS, SET_KINDS, Period
from pat_core.weeks.quality_report import MISSING_KINDS

LONGEST_REASON = 500
_QUERY = """SELECT mark.id, mark.participant, mark.week_index, mark.from_minute, mark.to_minute, mark.kind, mark.who, mark.why, mark.made,
    undo.who, undo.made, undo.why FROM marks AS mark LEFT JOIN marks AS undo ON undo.undoes = mark.id
    WHERE mark.undoes IS NULL"""
_INSERT = """INSERT INTO marks (id, cohort_id, participant, week_index, from_minute, to_minute, kind, who, why, made, undoes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


class MarkStore(Shelves):
    """The part of the workspace that holds marks."""

    def add_mark(self, cohort: str, of: tuple[str, int], period: Period, *, who: str, why: str) -> Mark:
        """Marks a period of a week. of: (participant, week index). The period's kind is one of MARK_KINDS.

        WorkspaceError for a week that is not there, minutes outside it, another kind, no name or no reason, and where these very minutes
        are marked so already.
        """
        (participant, index), kind = of, period.kind
        who, why = valid_name(who, "author of the mark"), _reason(why)
        if kind not in MARK_KINDS:
            raise WorkspaceError(f"Expected the mark to be one of {', '.join(MARK_KINDS)}, got {kind!r}. Choose one of them.")
        identity = new_id()
        with self.writing() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            query = "SELECT json_extract(report, '$.minutes'), start FROM weeks WHERE cohort_id = ? AND participant = ? AND week_index = ?"
            there = connection.execute(query, (info.id, participant, index)).fetchone()
            if there is None:
                raise WorkspaceError(
                    f"Cohort {info.name!r} has no week {index + 1} of participant {participant!r}. Choose one from its list of people."
                )
            minutes = info.minutes if info.one_length else int(there[0])
            if not 0 <= period.first < period.end <= minutes:
                raise WorkspaceError(
                    f"Expected minutes of the week, from 0 to {minutes} and the end after the beginning, "
                    f"got {period.first} to {period.end}. Choose the period again."
                )
            place = (info.id, participant, int(index), int(period.first), int(period.end), kind)
            _refuse_same(connection, place)
            _refuse_against_set(connection, place, there[1])
            connection.execute(_INSERT, (identity, *place, who, why, time.time(), None))
        return self.mark(identity)

    def undo_mark(self, identity: str, *, who: str, why: str = "") -> Mark:
        """Takes a mark back, as an entry of its own. WorkspaceError where it is not there, or was taken back already."""
        who = valid_name(who, "person who takes it back")
        why = _reason(why) if why.strip() else ""
        with self.writing() as connection:
            mark = _find(connection, identity)
            if not mark.in_force:
                raise WorkspaceError(f"This mark was already taken back by {mark.undone_by}. Mark the period again if it should count.")
            (cohort,) = connection.execute("SELECT cohort_id FROM marks WHERE id = ?", (identity,)).fetchone()
            week = (mark.participant, mark.index, mark.first, mark.end, mark.kind)
            connection.execute(_INSERT, (new_id(), cohort, *week, who, why, time.time(), identity))
        return self.mark(identity)

    def mark(self, identity: str) -> Mark:
        with self.reading() as connection:
            return _find(connection, identity)

    def marks(self, cohort: str, participant: str | None = None, index: int | None = None) -> tuple[Mark, ...]:
        """All marks in a cohort, of one person or of one week, oldest first; those that were taken back among them."""
        with self.reading() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            query = f"{_QUERY} AND mark.cohort_id = ?"
            values: list[str | int] = [info.id]
            if participant is not None:
                query, values = f"{query} AND mark.participant = ?", [*values, participant]
            if index is not None:
                query, values = f"{query} AND mark.week_index = ?", [*values, int(index)]
            return tuple(_mark(row) for row in connection.execute(f"{query} ORDER BY mark.number", values))

    def marked_rows(self, cohort: str) -> set[int]:
        """The rows of `weeks_array` on which a mark holds."""
        with self.reading() as connection:
            return {row for row, _ in on_rows(connection, cohort_rows.find_cohort(connection, cohort))}


def in_force(connection: sqlite3.Connection, cohort: CohortInfo) -> dict[tuple[str, int], tuple[Period, ...]]:
    """(participant, week index) -> the marks that hold there, oldest first; only weeks that have any."""
    if not cohort.marks:
        return {}
    of_weeks: dict[tuple[str, int], list[Period]] = {}
    query = f"{_QUERY} AND undo.id IS NULL AND mark.cohort_id = ? ORDER BY mark.number"
    for mark in map(_mark, connection.execute(query, (cohort.id,))):
        of_weeks.setdefault((mark.participant, mark.index), []).append(Period(mark.first, mark.end, mark.kind))
    return {week: tuple(marks) for week, marks in of_weeks.items()}


def on_rows(connection: sqlite3.Connection, cohort: CohortInfo) -> list[tuple[int, Period]]:
    """The marks that hold in a cohort, each with the row of its week."""
    query = "SELECT row FROM weeks WHERE cohort_id = ? AND participant = ? AND week_index = ?"
    return [
        (row, mark)
        for (participant, index), marks in in_force(connection, cohort).items()
        for (row,) in connection.execute(query, (cohort.id, participant, index))
        for mark in marks
    ]


def _find(connection: sqlite3.Connection, identity: str) -> Mark:
    row = connection.execute(f"{_QUERY} AND mark.id = ?", (identity,)).fetchone()
    if row is None:
        raise WorkspaceError("This mark no longer exists: its cohort was deleted. Choose another.")
    return _mark(row)


def _refuse_same(connection: sqlite3.Connection, period: tuple[str, str, int, int, int, str]) -> None:
    """WorkspaceError where a mark of these minutes and this kind holds: the book is never erased, so nothing gets in twice by a click."""
    same = "mark.cohort_id = ? AND mark.participant = ? AND mark.week_index = ? AND mark.from_minute = ? AND mark.to_minute = ?"
    row = connection.execute(f"{_QUERY} AND undo.id IS NULL AND {same} AND mark.kind = ?", period).fetchone()
    if row is not None:
        raise WorkspaceError(
            f"These minutes are already marked this way, by {_mark(row).who}. Take that mark back first if its reason should be different."
        )


def _refuse_against_set(connection: sqlite3.Connection, period: tuple[str, str, int, int, int, str], start: str | None) -> None:
    """WorkspaceError where a minute would be asleep and awake, or either and not worn or left out. start: of the week, as stored."""
    cohort, participant, index, first, end, kind = period
    against = (*SET_KINDS, *MISSING_KINDS) if kind in SET_KINDS else SET_KINDS if kind in MISSING_KINDS else ()
    query = f"{_QUERY} AND undo.id IS NULL AND mark.cohort_id = ? AND mark.participant = ? AND mark.week_index = ?"
    for mark in map(
        _mark, connection.execute(f"{query} AND mark.from_minute < ? AND mark.to_minute > ?", (cohort, participant, index, end, first))
    ):
        if mark.kind in against:
            begins = datetime.fromisoformat(start) if start else None
            ends = (
                f"minute {minute}" if begins is None else f"{begins + timedelta(minutes=minute):%a %H:%M}"
                for minute in (mark.first, mark.end)
            )
            raise WorkspaceError(
                f"Some of these minutes are marked as {mark.kind} already, {' to '.join(ends)}, by {mark.who}. Take that mark back "
                "first, or choose minutes beside it."
            )


def _mark(row: tuple) -> Mark:
    identity, participant, index, first, end, kind, who, why, created, undone_by, undone, undone_why = row
    when = moment(created) or datetime.min
    return Mark(identity, participant, index, first, end, kind, who, why, when, undone_by, moment(undone), undone_why or "")


def _reason(why: str) -> str:
    text = " ".join(str(why).split())
    if not text:
        raise WorkspaceError("Expected a reason for the mark, got none. Say in a few words why, for whoever reads it later.")
    if len(text) > LONGEST_REASON:
        raise WorkspaceError(f"Expected a reason of at most {LONGEST_REASON} characters, got {len(text)}. Shorten it.")
    return text
