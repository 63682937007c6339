"""What people wrote about a week: versions are added, never changed, and the last one holds."""

from __future__ import annotations

import sqlite3
import time
import unicodedata
from datetime import datetime

from pat_core.cohorts.cohort_records import Interpretation
from pat_core.cohorts.database import Database
from pat_core.cohorts.database_values import moment, valid_name
from pat_core.cohorts.kept.shelf import new_id
from pat_core.cohorts.stores import cohort_rows
from pat_core.errors import WorkspaceError

LONGEST = 4000
"""Characters of one version: a page of a report."""
_QUERY = "SELECT id, participant, week_index, text, who, written, about FROM interpretations WHERE cohort_id = ?"
_INSERT = """INSERT INTO interpretations (id, cohort_id, participant, week_index, text, who, written, about)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


class InterpretationStore(Database):
    """The part of the workspace that holds interpretations."""

    def write_interpretation(self, cohort: str, of: tuple[str, int], text: str, *, who: str, about: str = "") -> Interpretation:
        """Keep a version of what somebody says of a week. of: (participant, week index). about: a hash of what they were reading.

        WorkspaceError for a week that is not there, without a name or a text, for a text that is too long, and for the very text that holds
        already.
        """
        (participant, index), who, text = of, valid_name(who, "author of the interpretation"), _checked(text)
        with self.writing() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            query = "SELECT 1 FROM weeks WHERE cohort_id = ? AND participant = ? AND week_index = ?"
            if connection.execute(query, (info.id, participant, int(index))).fetchone() is None:
                raise WorkspaceError(
                    f"Cohort {info.name!r} has no week {index + 1} of participant {participant!r}. Choose one from its list of people."
                )
            before = _versions(connection, info.id, participant, int(index))
            if before and (before[-1].text, before[-1].who, before[-1].about) == (text, who, about):
                raise WorkspaceError("This very text of yours is kept already. Change it before keeping it again.")
            connection.execute(_INSERT, (new_id(), info.id, participant, int(index), text, who, time.time(), about))
            return _versions(connection, info.id, participant, int(index))[-1]

    def interpretations(self, cohort: str, participant: str, index: int) -> tuple[Interpretation, ...]:
        """All versions about a week, oldest first; the last one holds."""
        with self.reading() as connection:
            return _versions(connection, cohort_rows.find_cohort(connection, cohort).id, participant, int(index))


def _versions(connection: sqlite3.Connection, cohort: str, participant: str, index: int) -> tuple[Interpretation, ...]:
    rows = connection.execute(f"{_QUERY} AND participant = ? AND week_index = ? ORDER BY number", (cohort, participant, index))
    return tuple(
        Interpretation(identity, of, week, text, who, moment(written) or datetime.min, about)
        for identity, of, week, text, who, written, about in rows
    )


def _checked(text: str) -> str:
    """Lines without blanks at their ends; WorkspaceError where nothing is left, or too much, or what cannot be printed."""
    plain = unicodedata.normalize("NFC", str(text)).replace("\r\n", "\n").replace("\r", "\n")
    lines = "\n".join(line.rstrip() for line in plain.split("\n")).strip()
    if not lines:
        raise WorkspaceError(
            "Expected an interpretation, got none. Write a sentence, or leave the lines of the report to be filled in by hand."
        )
    if len(lines) > LONGEST:
        raise WorkspaceError(f"Expected an interpretation of at most {LONGEST:,} characters, got {len(lines):,}. Shorten it.")
    bad = next((sign for sign in lines if sign not in "\n\t" and unicodedata.category(sign) in ("Cc", "Cs", "Co")), None)
    if bad is not None:
        raise WorkspaceError(f"Expected text that can be printed, got the character U+{ord(bad):04X}. Leave it out.")
    return lines.replace("\t", " ")
