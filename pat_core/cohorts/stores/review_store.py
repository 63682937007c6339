"""Who has looked at which participant, and what is to be done: entries are added, never changed, and the last one holds."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime

from pat_core.cohorts.cohort_records import REVIEW_STATES, Review
from pat_core.cohorts.database import Database
from pat_core.cohorts.database_values import moment, valid_name
from pat_core.cohorts.kept.shelf import new_id
from pat_core.cohorts.stores import cohort_rows
from pat_core.errors import WorkspaceError

LONGEST = 400
"""Characters of a note: a line or two beside a name; what is longer belongs into the interpretation."""


class ReviewStore(Database):
    """The part of the workspace that holds reviews."""

    def review(self, cohort: str, participant: str, state: str, *, who: str, note: str = "") -> Review:
        """Say how far somebody has come with a participant. state: one of REVIEW_STATES.

        WorkspaceError for a participant who is not there, without a name, for another state, and for a note that is too long.
        """
        who, note = valid_name(who, "reviewer"), " ".join(str(note).split())
        if state not in REVIEW_STATES:
            raise WorkspaceError(f"Expected a review to be one of {', '.join(REVIEW_STATES)}, got {state!r}.")
        if len(note) > LONGEST:
            raise WorkspaceError(f"Expected a note of at most {LONGEST} characters, got {len(note):,}. Shorten it.")
        with self.writing() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            query = "SELECT 1 FROM people WHERE cohort_id = ? AND participant = ?"
            if connection.execute(query, (info.id, participant)).fetchone() is None:
                raise WorkspaceError(f"Cohort {info.name!r} has no participant {participant!r}. Choose one from its list of people.")
            entry = (new_id(), info.id, participant, state, note, who, time.time())
            connection.execute(
                "INSERT INTO reviews (id, cohort_id, participant, state, note, who, written) VALUES (?, ?, ?, ?, ?, ?, ?)", entry
            )
            return _entries(connection, info.id, participant)[-1]

    def reviews(self, cohort: str) -> dict[str, Review]:
        """Participant -> the entry that holds, of everybody about whom there is one."""
        with self.reading() as connection:
            return {entry.participant: entry for entry in _entries(connection, cohort_rows.find_cohort(connection, cohort).id)}

    def reviews_of(self, cohort: str, participant: str) -> tuple[Review, ...]:
        """All entries about a participant, oldest first; the last one holds."""
        with self.reading() as connection:
            return tuple(_entries(connection, cohort_rows.find_cohort(connection, cohort).id, participant))


def _entries(connection: sqlite3.Connection, cohort: str, participant: str | None = None) -> list[Review]:
    query, values = "SELECT id, participant, state, note, who, written FROM reviews WHERE cohort_id = ?", [cohort]
    if participant is not None:
        query, values = f"{query} AND participant = ?", [cohort, participant]
    rows = connection.execute(f"{query} ORDER BY number", values)
    return [Review(identity, of, state, note, who, moment(written) or datetime.min) for identity, of, state, note, who, written in rows]
