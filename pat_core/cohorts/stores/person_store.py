"""One person goes from a cohort, with everything the workspace says of them; the others stay as they are."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pat_core.cohorts import processes
from pat_core.cohorts.cohort_records import CohortInfo
from pat_core.cohorts.database_values import from_json, to_json
from pat_core.cohorts.kept import cohort_arrays
from pat_core.cohorts.kept.shelf import new_id
from pat_core.cohorts.stores import cohort_rows, forgetting, selection_store
from pat_core.cohorts.stores.cohort_store import CohortStore
from pat_core.cohorts.stores.forgetting import REMOVED, Names, Plan
from pat_core.errors import WorkspaceError, WorkspaceTrouble

_SHORT_NUMBER = re.compile(r"\d{1,4}")
_MARK = "number, id, cohort_id, participant, week_index, from_minute, to_minute, kind, who, why, made, undoes"
_WRITTEN = {
    "interpretations": "number, id, text, cohort_id, participant, week_index, who, written, about",
    "reviews": "number, id, note, cohort_id, participant, state, who, written",
}
"""Tables of what people wrote, each with its columns: the third is the text."""


def rows_of_others(connection: sqlite3.Connection, cohort: CohortInfo, participant: str) -> list[int]:
    """The rows of `weeks_array` that stay. WorkspaceError where the person is not there, or the last one."""
    rows = connection.execute("SELECT row, participant FROM weeks WHERE cohort_id = ? ORDER BY row", (cohort.id,)).fetchall()
    if participant not in {who for _, who in rows}:
        raise WorkspaceError(f"Cohort {cohort.name!r} has no participant {participant!r}. Choose one from its list of people.")
    if cohort.people == 1:
        raise WorkspaceError(f"{participant!r} is the last person of cohort {cohort.name!r}. Delete the cohort instead.")
    return [row for row, who in rows if who != participant]


def refuse_at_work(connection: sqlite3.Connection, cohort: CohortInfo, folder: Path) -> None:
    """WorkspaceError while a job or a run is at work on this cohort, or waits for its turn. folder: of the workspace."""
    at_work = sorted(forgetting.jobs_about(connection, cohort, active=True))
    if at_work:
        (title,) = connection.execute("SELECT title FROM jobs WHERE id = ?", (at_work[0],)).fetchone()
        raise WorkspaceError(f"The job {title!r} is running on cohort {cohort.name!r}, or waiting to run. Wait for it, or cancel it first.")
    for run, name in forgetting.runs_on(connection, cohort).items():
        if processes.run_alive(folder / "runs" / run):
            raise WorkspaceError(f"The run {name!r} is being trained on cohort {cohort.name!r}. Wait for it, or stop it first.")


def remove(connection: sqlite3.Connection, cohort: CohortInfo, participant: str, keep: Sequence[int], folder: Path) -> Plan:
    """Delete what tables hold of this person and number the other weeks anew. keep: rows that stay; the plan for files."""
    own, elsewhere = _names(connection, cohort, participant)
    _of_weeks(connection, cohort.id, participant, keep)
    _of_marks(connection, cohort.id, participant, own)
    _of_diaries(connection, cohort.id, participant, own)
    for table in _WRITTEN:
        _of_written(connection, table, cohort.id, participant, own)
    selection_store.forget_person(connection, cohort.id, participant, lambda text: _said(text, own))
    _of_texts(connection, cohort, participant, own)
    jobs, uploads = forgetting.of_jobs(connection, cohort, elsewhere, own, folder / "jobs")
    runs = forgetting.of_runs(connection, cohort, own)
    forgetting.of_settings(connection, elsewhere)
    return Plan(cohort.id, participant, jobs, runs, uploads)


def turn_to(connection: sqlite3.Connection, cohort: CohortInfo, folder: str, truth: Mapping[str, str]) -> None:
    """The cohort's arrays lie in this folder from now on; its counts are those of the people who are left."""
    query = "SELECT labels, weeks FROM people WHERE cohort_id = ? ORDER BY position"
    people = [(from_json(labels), weeks) for labels, weeks in connection.execute(query, (cohort.id,))]
    alignments = [
        alignment for (alignment,) in connection.execute("SELECT DISTINCT alignment FROM weeks WHERE cohort_id = ?", (cohort.id,))
    ]
    query = "SELECT max(json_extract(report, '$.minutes')), min(json_extract(report, '$.minutes')) FROM weeks WHERE cohort_id = ?"
    longest, shortest = connection.execute(query, (cohort.id,)).fetchone()
    columns = [column for column in cohort.label_columns if any(column in labels for labels, _ in people)]
    connection.execute(
        "UPDATE cohorts SET folder = ?, truth = ?, people = ?, weeks = ?, minutes = ?, shortest = ?, alignment = ?,"
        " label_columns = ?, revision = revision + 1 WHERE id = ?",
        (
            folder,
            to_json(dict(truth)),
            len(people),
            sum(weeks for _, weeks in people),
            longest,
            shortest,
            alignments[0] if len(alignments) == 1 else "mixed",
            to_json(columns),
            cohort.id,
        ),
    )


def _names(connection: sqlite3.Connection, cohort: CohortInfo, participant: str) -> tuple[Names, Names]:
    """How to find this person in what is said of the cohort, and in everything else, where another cohort's of the same name is meant."""
    rows = connection.execute("SELECT DISTINCT participant, cohort_id = ? FROM people", (cohort.id,)).fetchall()
    longer = {who for who, _ in rows if participant in who and who != participant}
    others = [who for who, here in rows if not here]
    return Names([participant], longer=longer), Names([participant], others, longer)


def _of_weeks(connection: sqlite3.Connection, cohort: str, participant: str, keep: Sequence[int]) -> None:
    connection.execute("DELETE FROM weeks WHERE cohort_id = ? AND participant = ?", (cohort, participant))
    connection.execute("DELETE FROM people WHERE cohort_id = ? AND participant = ?", (cohort, participant))
    # What was predicted by the cohort's own means and deviations is of other people than are left.
    connection.execute("DELETE FROM predictions WHERE cohort_id = ? AND standardizer != 'model'", (cohort,))
    there = "SELECT 1 FROM weeks WHERE weeks.cohort_id = predictions.cohort_id AND weeks.row = predictions.row"
    connection.execute(f"DELETE FROM predictions WHERE cohort_id = ? AND NOT EXISTS ({there})", (cohort,))
    models = connection.execute("SELECT DISTINCT model_sha256, standardizer FROM predictions WHERE cohort_id = ?", (cohort,)).fetchall()
    # Each number is smaller than before and free by then, as they come in order.
    moved = [(new, cohort, old) for new, old in enumerate(keep) if new != old]
    connection.executemany("UPDATE weeks SET row = ? WHERE cohort_id = ? AND row = ?", moved)
    for model in models:
        query = "UPDATE predictions SET row = ? WHERE cohort_id = ? AND row = ? AND model_sha256 = ? AND standardizer = ?"
        connection.executemany(query, ((*pair, *model) for pair in moved))


def _of_marks(connection: sqlite3.Connection, cohort: str, participant: str, own: Names) -> None:
    """This person's marks go. Where a reason in another's names them, the entry stays and the reason goes."""
    connection.execute("DELETE FROM marks WHERE cohort_id = ? AND participant = ?", (cohort, participant))
    connection.execute("PRAGMA defer_foreign_keys = ON")  # until the entry that another takes back is there again
    for entry in connection.execute(f"SELECT {_MARK} FROM marks WHERE cohort_id = ?", (cohort,)).fetchall():
        *first, why, created, undoes = entry
        if _said(why, own):
            connection.execute("DELETE FROM marks WHERE id = ?", (entry[1],))
            places = ", ".join("?" * len(entry))
            connection.execute(f"INSERT INTO marks ({_MARK}) VALUES ({places})", (*first, REMOVED, created, undoes))


def _of_diaries(connection: sqlite3.Connection, cohort: str, participant: str, own: Names) -> None:
    """This person's nights go from every diary. Where the name of its file names them, the name goes."""
    diaries = connection.execute("SELECT id, file, who FROM diaries WHERE cohort_id = ?", (cohort,)).fetchall()
    for identity, file, who in diaries:
        connection.execute("DELETE FROM diary_nights WHERE diary_id = ? AND participant = ?", (identity, participant))
        stays = tuple(REMOVED if _said(text, own) else text for text in (file, who))
        if stays != (file, who):
            connection.execute("UPDATE diaries SET file = ?, who = ? WHERE id = ?", (*stays, identity))


def _of_written(connection: sqlite3.Connection, table: str, cohort: str, participant: str, own: Names) -> None:
    """What was written about this person goes. Where what was written about another names them, the entry stays and its text goes."""
    connection.execute(f"DELETE FROM {table} WHERE cohort_id = ? AND participant = ?", (cohort, participant))
    for entry in connection.execute(f"SELECT {_WRITTEN[table]} FROM {table} WHERE cohort_id = ?", (cohort,)).fetchall():
        number, identity, text, *rest = entry
        if _said(text, own):
            connection.execute(f"DELETE FROM {table} WHERE id = ?", (identity,))
            places = ", ".join("?" * len(entry))
            connection.execute(f"INSERT INTO {table} ({_WRITTEN[table]}) VALUES ({places})", (number, identity, REMOVED, *rest))


def _of_texts(connection: sqlite3.Connection, cohort: CohortInfo, participant: str, own: Names) -> None:
    """Notes and refusals of this person, and others that name them; what the import's record says of them."""
    stay = {who for (who,) in connection.execute("SELECT participant FROM people WHERE cohort_id = ?", (cohort.id,))}
    for table, sentence in (("notes", "sentence"), ("refusals", "reason")):
        query = f"SELECT position, what, {sentence} FROM {table} WHERE cohort_id = ?"
        for position, what, text in connection.execute(query, (cohort.id,)).fetchall():
            if (what not in stay and own.in_text(what)) or _said(text, own):
                connection.execute(f"DELETE FROM {table} WHERE cohort_id = ? AND position = ?", (cohort.id, position))
    imported, source, note = connection.execute("SELECT imported, source, note FROM cohorts WHERE id = ?", (cohort.id,)).fetchone()
    plain = to_json(_without(from_json(imported), participant, own) or {})
    source, note = ("" if _said(text, own) else text for text in (source, note))
    connection.execute("UPDATE cohorts SET imported = ?, source = ?, note = ? WHERE id = ?", (plain, source, note, cohort.id))


def _said(text: str, own: Names) -> bool:
    """Whether a sentence names this person. Where the name is a short number, a sentence that holds it tells of minutes or years."""
    return own.in_text(text) and not any(_SHORT_NUMBER.fullmatch(name) for name in own.names)


def _without(value: object, participant: str, own: Names) -> object:
    """A plain value without the texts that name this person, and without the entries of lists that are about them. None: all of it went."""
    if isinstance(value, str):
        return None if value == participant or _said(value, own) else value
    if isinstance(value, dict):
        if participant in value.values():
            return None
        parts = {key: _without(entry, participant, own) for key, entry in value.items() if key != participant and not _said(key, own)}
        return {key: entry for key, entry in parts.items() if entry is not None or value[key] is None}
    if isinstance(value, list):
        entries = [_without(entry, participant, own) for entry in value]
        return [entry for entry, before in zip(entries, value, strict=True) if entry is not None or before is None]
    return value


class PersonStore(CohortStore):
    """The part of the workspace that deletes single people."""

    def delete_person(self, name: str, participant: str) -> None:
        """Removes one person of a cohort: weeks, labels, marks, predictions, kept results, and what jobs, runs and logs say about them.

        Whole or not at all, whatever kills us: the others' weeks are written into a new folder, and one transaction turns to it. Models
        stay; of this person they know a code alone (see `codes`). WorkspaceError where there is no such person, they are the last of the
        cohort, or a job or run is at work on it.
        """
        self.with_last_room(lambda: self._delete_person(name, participant))
        with suppress(WorkspaceTrouble):  # no room, or the database is being read: the rest goes at a later open
            self.finish_forgetting()

    def check_deletable(self, name: str, participant: str) -> None:
        """WorkspaceError where `delete_person` would refuse just now."""
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            rows_of_others(connection, cohort, participant)
            refuse_at_work(connection, cohort, self.folder)

    def _delete_person(self, name: str, participant: str) -> None:
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            keep = rows_of_others(connection, cohort, participant)
            refuse_at_work(connection, cohort, self.folder)
        old, fresh = self._folder_of(cohort), new_id()
        lengths = self._lengths(cohort)
        cohort_arrays.open_weeks(old, cohort.name, (cohort.weeks, cohort.minutes), lengths)
        planted = self.truth(cohort.name)

        def fill(folder: Path) -> dict[str, str]:
            cohort_arrays.copy_rows(old / cohort_arrays.WEEKS, folder / cohort_arrays.WEEKS, keep, lengths)
            if (old / cohort_arrays.WORN).exists():
                cohort_arrays.copy_rows(old / cohort_arrays.WORN, folder / cohort_arrays.WORN, keep, lengths)
            files = {name: f"truth_{name}.npy" for name in planted}
            return {name: cohort_arrays.copy_rows(old / file, folder / file, keep) for name, file in files.items()}

        def enlist(connection: sqlite3.Connection, truth: dict[str, str]) -> None:
            now = cohort_rows.find_cohort(connection, name)
            if (now.id, now.folder) != (cohort.id, cohort.folder):
                raise WorkspaceError(f"Cohort {name!r} has just been changed by someone else. Nothing was deleted: try again.")
            refuse_at_work(connection, now, self.folder)
            self.mark_for_removal("cohorts", old.name)
            plan = remove(connection, now, participant, keep, self.folder)
            forgetting.keep_plans(connection, [*forgetting.plans(connection), plan])
            turn_to(connection, now, fresh, truth)

        self.shelve("cohorts", fresh, fill, enlist)
        self.discard("cohorts", old.name)
