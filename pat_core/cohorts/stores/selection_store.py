"""Filters of a cohort's people that are kept under a name, and people who were chosen for another page."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from pat_core.cohorts.cohort_records import CohortInfo, KeptFilter, Selection, people_sha256
from pat_core.cohorts.database import Database
from pat_core.cohorts.database_values import from_json, looks, moment, to_json, valid_name
from pat_core.cohorts.kept.shelf import new_id
from pat_core.cohorts.stores import cohort_rows
from pat_core.errors import WorkspaceError

MOST_SELECTIONS = 100
"""Of one cohort; the oldest go. A page that asks for one that is gone says so."""
LONGEST_WORDS = 400
_FILTER = "id, name, conditions, written"
_SELECTION = "id, participants, words, kept_filter, written"


class SelectionStore(Database):
    """The part of the workspace that holds kept filters and chosen people."""

    def filters(self, cohort: str) -> tuple[KeptFilter, ...]:
        """Those of a cohort, by name."""
        with self.reading() as connection:
            return tuple(_filters(connection, cohort_rows.find_cohort(connection, cohort)))

    def filter_called(self, cohort: str, name: str) -> KeptFilter:
        """The filter of that name. WorkspaceError where there is none, with the names that there are."""
        kept = self.filters(cohort)
        there = next((one for one in kept if one.name == name), None)
        if there is None:
            names = ", ".join(repr(one.name) for one in kept) or "none"
            raise WorkspaceError(f"Cohort {cohort!r} has no filter {name!r}. Its filters: {names}. They are kept on the Participants page.")
        return there

    def keep_filter(self, cohort: str, name: str, conditions: Iterable[Mapping[str, Any]]) -> KeptFilter:
        """Keep conditions under a name; those that had this very name give way. WorkspaceError without conditions, for a name that cannot
        be one, and for one that looks like another's."""
        name, plain = valid_name(name, "filter"), [dict(condition) for condition in conditions]
        if not plain:
            raise WorkspaceError("Expected at least one condition to keep, got none. Add a condition first.")
        with self.writing() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            _free(connection, info, name, name)
            connection.execute("DELETE FROM filters WHERE cohort_id = ? AND name = ?", (info.id, name))
            connection.execute(
                "INSERT INTO filters (id, cohort_id, name, conditions, written) VALUES (?, ?, ?, ?, ?)",
                (new_id(), info.id, name, to_json(plain), time.time()),
            )
            return next(one for one in _filters(connection, info) if one.name == name)

    def rename_filter(self, cohort: str, name: str, new: str) -> None:
        """Another name. WorkspaceError where there is no such filter, and as for `keep_filter`."""
        new = valid_name(new, "filter")
        with self.writing() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            _free(connection, info, new, name)
            done = connection.execute("UPDATE filters SET name = ? WHERE cohort_id = ? AND name = ?", (new, info.id, name))
            if not done.rowcount:
                raise WorkspaceError(f"The filter {name!r} of cohort {info.name!r} is not here any more. Nothing was renamed.")

    def delete_filter(self, cohort: str, name: str) -> None:
        """Remove a filter; one that is gone already is no fault."""
        with self.writing() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            connection.execute("DELETE FROM filters WHERE cohort_id = ? AND name = ?", (info.id, name))

    def keep_selection(self, cohort: str, participants: Iterable[str], words: str, kept_filter: str = "") -> Selection:
        """Keep who was chosen, for other pages. The same people with the same words are the same selection. WorkspaceError for nobody, and
        for people who are not in the cohort."""
        chosen = set(participants)
        words = " ".join(str(words).split())
        words = words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}\u2026"
        with self.writing() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            query = "SELECT participant FROM people WHERE cohort_id = ? ORDER BY position"
            names = [name for (name,) in connection.execute(query, (info.id,)) if name in chosen]
            if missing := chosen - set(names):
                others = f" and {len(missing) - 1:,} others that were asked for" if len(missing) > 1 else ""
                raise WorkspaceError(f"Cohort {info.name!r} has no participant {min(missing)!r}{others}. Choose from its list of people.")
            if not names:
                raise WorkspaceError("Expected at least one person to be chosen, got nobody. Tick somebody, or change the filter.")
            identity = people_sha256([*names, f"{info.id} {words} {kept_filter}"])[:16]
            entry = (identity, info.id, to_json(names), words, kept_filter, time.time())
            connection.execute(f"INSERT OR REPLACE INTO selections (id, cohort_id, {_SELECTION[4:]}) VALUES (?, ?, ?, ?, ?, ?)", entry)
            connection.execute(
                "DELETE FROM selections WHERE cohort_id = ? AND id NOT IN "
                "(SELECT id FROM selections WHERE cohort_id = ? ORDER BY written DESC LIMIT ?)",
                (info.id, info.id, MOST_SELECTIONS),
            )
            return next(one for one in _selections(connection, info) if one.id == identity)

    def selections(self, cohort: str, most: int = MOST_SELECTIONS) -> tuple[Selection, ...]:
        """The latest first."""
        with self.reading() as connection:
            return tuple(_selections(connection, cohort_rows.find_cohort(connection, cohort), most))

    def selection(self, cohort: str, identity: str) -> Selection:
        """WorkspaceError where it is not here, or of another cohort."""
        with self.reading() as connection:
            info = cohort_rows.find_cohort(connection, cohort)
            query = f"SELECT {_SELECTION} FROM selections WHERE cohort_id = ? AND id = ?"
            row = connection.execute(query, (info.id, identity)).fetchone()
        if row is None:
            raise WorkspaceError(
                f"The people who were chosen ({identity}) are not kept for cohort {info.name!r} any more. Choose them again on the "
                "Participants page, or take everyone."
            )
        return _selection(info, *row)


def forget_person(connection: sqlite3.Connection, cohort: str, participant: str, named: Callable[[str], bool]) -> None:
    """Take a person out of all selections, and remove the filters and words that name them. named: whether a text does."""
    query = "SELECT id, participants, words FROM selections WHERE cohort_id = ?"
    for identity, participants, words in connection.execute(query, (cohort,)).fetchall():
        names = [name for name in from_json(participants) if name != participant]
        if not names:
            connection.execute("DELETE FROM selections WHERE id = ?", (identity,))
        else:
            values = (to_json(names), "" if named(words) else words, identity)
            connection.execute("UPDATE selections SET participants = ?, words = ? WHERE id = ?", values)
    for identity, name, conditions in connection.execute(
        "SELECT id, name, conditions FROM filters WHERE cohort_id = ?", (cohort,)
    ).fetchall():
        if named(f"{name} {conditions}"):
            connection.execute("DELETE FROM filters WHERE id = ?", (identity,))


def _filters(connection: sqlite3.Connection, info: CohortInfo) -> list[KeptFilter]:
    rows = connection.execute(f"SELECT {_FILTER} FROM filters WHERE cohort_id = ? ORDER BY name COLLATE NOCASE, name", (info.id,))
    return [
        KeptFilter(identity, name, tuple(from_json(conditions)), moment(written) or datetime.min)
        for identity, name, conditions, written in rows
    ]


def _selections(connection: sqlite3.Connection, info: CohortInfo, most: int = MOST_SELECTIONS) -> list[Selection]:
    query = f"SELECT {_SELECTION} FROM selections WHERE cohort_id = ? ORDER BY written DESC LIMIT ?"
    return [_selection(info, *row) for row in connection.execute(query, (info.id, most))]


def _selection(info: CohortInfo, identity: str, participants: str, words: str, kept_filter: str, written: float) -> Selection:
    return Selection(identity, info.name, tuple(from_json(participants)), words, kept_filter, moment(written) or datetime.min)


def _free(connection: sqlite3.Connection, info: CohortInfo, name: str, own: str) -> None:
    """WorkspaceError where another filter than `own` looks like this name."""
    for other in _filters(connection, info):
        if other.name != own and looks(other.name) == looks(name):
            raise WorkspaceError(
                f"Cohort {info.name!r} has a filter {other.name!r} already, which looks like {name!r}. Choose another name."
            )
