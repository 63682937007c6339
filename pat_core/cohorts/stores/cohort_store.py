"""Cohorts: people, their labels, their weeks, and what was refused at import."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.cohorts import workspace_trouble
from pat_core.cohorts.cohort_records import CohortInfo, Label, Origin, Person, WeekRow
from pat_core.cohorts.database_values import from_json, label_value, to_json, valid_name
from pat_core.cohorts.kept import cohort_arrays
from pat_core.cohorts.kept.checked_rows import CheckedRows, damaged_words, identity_of
from pat_core.cohorts.kept.ragged_rows import RaggedRows
from pat_core.cohorts.kept.shelf import Shelves, new_id
from pat_core.cohorts.stores import cohort_rows, forgetting, mark_store
from pat_core.cohorts.stores.forgetting import Names
from pat_core.errors import WorkspaceError, WorkspaceTrouble
from pat_core.records import Note, Refusal, Week
from pat_core.weeks.quality_report import MISSING_KINDS, apply_marks

UNSAID = Origin()


class CohortStore(Shelves):
    """The part of the workspace that holds cohorts."""

    def create_cohort(
        self,
        name: str,
        weeks: Sequence[Week],
        labels: Mapping[str, Mapping[str, Label]],
        refused: Sequence[Refusal] = (),
        *,
        origin: Origin = UNSAID,
        truth: Mapping[str, np.ndarray] | None = None,
    ) -> CohortInfo:
        """Stores a cohort: whole, or not at all, whatever kills us. weeks are read once, in order, and may be lazy.

        labels: participant -> column -> value; entries of people without a week are left out. truth: arrays with a row a week.
        WorkspaceError: name taken, no week, two units, the same week number twice for one person.
        """
        name = valid_name(name, "cohort")
        with self.reading() as connection:
            cohort_rows.refuse_taken(connection, "cohorts", name)
        identity = new_id()

        def fill(folder: Path) -> cohort_arrays.Written:
            written = cohort_arrays.write_weeks(folder, weeks)
            cohort_rows.check_weeks(written.weeks)
            return replace(written, truth=cohort_arrays.write_truth(folder, truth or {}, len(written.weeks)))

        def enlist(connection: sqlite3.Connection, written: cohort_arrays.Written) -> None:
            cohort_rows.refuse_taken(connection, "cohorts", name)  # again: another process may have been faster
            about = {"id": identity, "name": name, "created": time.time()}
            about |= {"simulated": origin.simulated, "source": origin.source, "note": origin.note}
            about["imported"] = to_json(dict(origin.imported))
            cohort_rows.insert_cohort(connection, about, written, labels, refused)

        self.shelve("cohorts", identity, fill, enlist)
        return self.cohort(name)

    def cohorts(self) -> tuple[CohortInfo, ...]:
        """All cohorts, oldest first."""
        with self.reading() as connection:
            rows = connection.execute(f"{cohort_rows.COHORT_QUERY} ORDER BY created, name").fetchall()
        return tuple(cohort_rows.cohort_info(row) for row in rows)

    def cohort(self, name: str) -> CohortInfo:
        with self.reading() as connection:
            return cohort_rows.find_cohort(connection, name)

    def rename_cohort(self, name: str, new_name: str) -> CohortInfo:
        """Gives a cohort another name; its runs follow."""
        new_name = valid_name(new_name, "cohort")
        with self.writing() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            if new_name != cohort.name:
                cohort_rows.refuse_taken(connection, "cohorts", new_name)
            connection.execute("UPDATE cohorts SET name = ? WHERE id = ?", (new_name, cohort.id))
            connection.execute("UPDATE runs SET cohort = ? WHERE cohort_id = ?", (new_name, cohort.id))
        return self.cohort(new_name)

    def delete_cohort(self, name: str) -> None:
        """Removes a cohort with its weeks, labels and predictions, and what else here names its people: kept results, uploads, logs, the
        parts of runs and jobs that tell of single people. Runs and models that came from it stay.

        Nothing of it is left in the database's file. Another cohort's people of the same names keep theirs.
        """
        self.with_last_room(lambda: self._delete_cohort(name))
        with suppress(WorkspaceTrouble):  # no room, or the database is being read: the rest goes at a later open
            self.finish_forgetting()

    def _delete_cohort(self, name: str) -> None:
        with self.writing() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            names = Names(
                (who for (who,) in connection.execute("SELECT participant FROM people WHERE cohort_id = ?", (cohort.id,))),
                (who for (who,) in connection.execute("SELECT participant FROM people WHERE cohort_id != ?", (cohort.id,))),
            )
            self.mark_for_removal("cohorts", cohort.folder or cohort.id)
            jobs, uploads = forgetting.of_jobs(connection, cohort, names)
            runs = forgetting.of_runs(connection, cohort, names)
            forgetting.of_settings(connection, names)
            plan = forgetting.Plan(cohort.id, None, jobs, runs, uploads)
            forgetting.keep_plans(connection, [*forgetting.plans(connection), plan])
            connection.execute("DELETE FROM cohorts WHERE id = ?", (cohort.id,))
        self.discard("cohorts", cohort.folder or cohort.id)

    def finish_forgetting(self) -> None:
        """Removes what files still say of people who were deleted, and wipes the database's file, unless that is done."""
        with self.reading() as connection:
            plans = forgetting.plans(connection)
            cohorts = [identity for (identity,) in connection.execute("SELECT id FROM cohorts")]
        if not plans:
            return
        try:
            for plan in plans:
                forgetting.carry_out(self.folder, plan, cohorts)
        except OSError as error:
            raise workspace_trouble.of_system(error, self.folder) from error
        with self.writing() as connection:
            forgetting.keep_plans(connection, [plan for plan in forgetting.plans(connection) if plan not in plans])
        self.wipe_free_pages()

    def sweep(self) -> None:
        super().sweep()
        self.finish_forgetting()

    def people(self, name: str) -> tuple[Person, ...]:
        """Everybody in a cohort, in the order of their first week."""
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            query = "SELECT participant, labels, weeks FROM people WHERE cohort_id = ? ORDER BY position"
            rows = connection.execute(query, (cohort.id,)).fetchall()
        return tuple(Person(participant, from_json(labels), weeks) for participant, labels, weeks in rows)

    def week_rows(self, name: str, participant: str | None = None) -> tuple[WeekRow, ...]:
        """What is known of each row of `weeks_array`, in its order; of one participant's rows alone where one is given."""
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            of_one, values = ("", ()) if participant is None else (" AND participant = ?", (participant,))
            rows = connection.execute(f"{cohort_rows.WEEK_QUERY} WHERE cohort_id = ?{of_one} ORDER BY row", (cohort.id, *values)).fetchall()
            marks = mark_store.in_force(connection, cohort)
        return tuple(cohort_rows.week_row(row, marks) for row in rows)

    def weeks_array(self, name: str, as_imported: bool = False) -> CheckedRows:
        """(weeks, minutes) float32, NaN where missing, out of a read-only memory map; rows are compared with their identities as they are
        read. The one way to the weeks of a cohort. Where weeks differ in length, each row has its own, and only rows of one length come at
        once.

        Minutes that were marked by hand as non-wear or excluded are missing too, unless as_imported.
        """
        cohort = self.cohort(name)
        folder, shape = self._folder_of(cohort), (cohort.weeks, cohort.minutes)
        lengths = self._lengths(cohort)
        path, stored = folder / cohort_arrays.WEEKS, cohort_arrays.open_weeks(folder, cohort.name, shape, lengths)
        identities, damaged = self._identities(cohort, "sha256"), self._damaged(cohort)
        if as_imported or not cohort.marks:
            return CheckedRows(path, stored, identities, damaged)
        shown = cohort_arrays.open_weeks(folder, cohort.name, shape, lengths, private=True)
        with self.reading() as connection:
            marked = [(row, mark) for row, mark in mark_store.on_rows(connection, cohort) if mark.kind in MISSING_KINDS]
        for row, mark in marked:
            shown[row][mark.first : mark.end] = np.nan
        (shown.flat if isinstance(shown, RaggedRows) else shown).flags.writeable = False
        return CheckedRows(path, stored, identities, damaged, shown, {row for row, _ in marked})

    def week(self, name: str, participant: str, index: int = 0, as_imported: bool = False) -> Week:
        """One week with its values, checked against its identity, and with what was marked by hand put into effect unless as_imported."""
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            query = f"{cohort_rows.WEEK_QUERY} WHERE cohort_id = ? AND participant = ? AND week_index = ?"
            stored = connection.execute(query, (cohort.id, participant, index)).fetchone()
            marks = mark_store.in_force(connection, cohort)
            query = "SELECT sentence FROM notes WHERE cohort_id = ? AND what = ? ORDER BY position"
            notes = tuple(sentence for (sentence,) in connection.execute(query, (cohort.id, participant)))
        if stored is None:
            raise WorkspaceError(
                f"Cohort {cohort.name!r} has no week {index + 1} of participant {participant!r}. Choose one from its list of people."
            )
        row = cohort_rows.week_row(stored, marks)
        shape, lengths = (cohort.weeks, cohort.minutes), self._lengths(cohort)
        values = np.array(cohort_arrays.open_weeks(self._folder_of(cohort), cohort.name, shape, lengths)[row.row])
        if identity_of(values) != row.sha256:
            raise self._damaged(cohort)([row.row])
        week = replace(cohort_rows.full_week(row, values), worn=self._flags(cohort)(row.row), notes=notes)
        return week if as_imported else apply_marks(week, row.marks)

    def codes(self, name: str, participants: Iterable[str]) -> list[str]:
        """What stands for these participants in files that leave the workspace: the same code each time, from which nobody can find the
        name. HMAC-SHA256 under a secret of the cohort, which goes when the cohort is deleted; 32 hexadecimal digits."""
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            (salt,) = connection.execute("SELECT salt FROM cohorts WHERE id = ?", (cohort.id,)).fetchone()
        if not salt:
            with self.writing() as connection:
                connection.execute("UPDATE cohorts SET salt = ? WHERE id = ? AND salt = ''", (secrets.token_hex(32), cohort.id))
                (salt,) = connection.execute("SELECT salt FROM cohorts WHERE id = ?", (cohort.id,)).fetchone()
        return [code_for(participant, salt) for participant in participants]

    def notes(self, name: str) -> tuple[Note, ...]:
        """What was found or corrected in the recordings of this cohort as they were read."""
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            query = "SELECT what, sentence FROM notes WHERE cohort_id = ? ORDER BY position"
            return tuple(Note(what, sentence) for what, sentence in connection.execute(query, (cohort.id,)))

    def import_record(self, name: str) -> dict[str, Any]:
        """How this cohort was imported, as it was given to `create_cohort`; empty where that was not noted."""
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            (imported,) = connection.execute("SELECT imported FROM cohorts WHERE id = ?", (cohort.id,)).fetchone()
        return from_json(imported)

    def refusals(self, name: str) -> tuple[Refusal, ...]:
        """What did not come in when this cohort was imported, and why."""
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            query = "SELECT what, reason FROM refusals WHERE cohort_id = ? ORDER BY position"
            rows = connection.execute(query, (cohort.id,)).fetchall()
        return tuple(Refusal(what, reason) for what, reason in rows)

    def truth(self, name: str) -> dict[str, np.ndarray]:
        """Planted evidence of a simulated cohort: name -> array with a row a week (memory maps); empty for real people."""
        cohort = self.cohort(name)
        with self.reading() as connection:
            (stored,) = connection.execute("SELECT truth FROM cohorts WHERE id = ?", (cohort.id,)).fetchone() or ("{}",)
        return cohort_arrays.open_truth(self._folder_of(cohort), cohort.name, from_json(stored))

    def set_labels(self, name: str, labels: Mapping[str, Mapping[str, Label]]) -> tuple[str, ...]:
        """Adds or replaces these columns of these people; other columns stay. Returns the participants that the cohort does not have.

        WorkspaceError where it has none of them: then the table belongs to other people.
        """
        with self.writing() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            query = "SELECT participant, labels FROM people WHERE cohort_id = ?"
            known = dict(connection.execute(query, (cohort.id,)).fetchall())
            unknown = tuple(participant for participant in labels if participant not in known)
            if labels and len(unknown) == len(labels):
                raise WorkspaceError(
                    f"None of the {len(labels)} participants in these labels is in cohort {cohort.name!r}: the first is {unknown[0]!r}, "
                    f"the cohort's first is {next(iter(known))!r}. Check which column holds the participant."
                )
            changes = []
            columns = dict.fromkeys(cohort.label_columns)
            for participant, values in labels.items():
                if participant in known:
                    new = {str(column): label_value(value) for column, value in values.items()}
                    columns.update(dict.fromkeys(new))
                    changes.append((to_json({**from_json(known[participant]), **new}), cohort.id, participant))
            connection.executemany("UPDATE people SET labels = ? WHERE cohort_id = ? AND participant = ?", changes)
            changed = "UPDATE cohorts SET label_columns = ?, revision = revision + 1 WHERE id = ?"
            connection.execute(changed, (to_json(list(columns)), cohort.id))
        return unknown

    def device_flags(self, name: str) -> Callable[[int], np.ndarray | None]:
        """Row of `weeks_array` -> (minutes,) bool, worn by the device's own record; None where it said nothing of that week."""
        return self._flags(self.cohort(name))

    def _flags(self, cohort: CohortInfo) -> Callable[[int], np.ndarray | None]:
        """As `device_flags`; nothing is said in cohorts that were imported before flags were kept."""
        path, identities = self._folder_of(cohort) / cohort_arrays.WORN, self._identities(cohort, "worn_sha256")
        if not path.exists() and not any(identities()):
            return lambda row: None
        array = cohort_arrays.open_flags(path.parent, cohort.name, (cohort.weeks, cohort.minutes), self._lengths(cohort))
        flags = CheckedRows(path, array, identities, self._damaged(cohort, "flags of wear"))
        return lambda row: cohort_arrays.flags_of(flags[row])

    def _identities(self, cohort: CohortInfo, column: str) -> Callable[[], tuple[str | None, ...]]:
        """The sha256 of each row of the cohort's arrays, asked for once and only when needed."""

        @cache
        def identities() -> tuple[str | None, ...]:
            query = f"SELECT {column} FROM weeks WHERE cohort_id = ? ORDER BY row"
            with self.reading() as connection:
                if connection.execute("SELECT 1 FROM cohorts WHERE id = ? AND folder != ?", (cohort.id, cohort.folder)).fetchone():
                    raise WorkspaceError(f"A person of cohort {cohort.name!r} was deleted just now. Try again.")
                return tuple(identity for (identity,) in connection.execute(query, (cohort.id,)))

        return identities

    def _lengths(self, cohort: CohortInfo) -> cohort_arrays.Lengths:
        """The minutes of each row, asked for where they differ."""

        @cache
        def lengths() -> tuple[int, ...]:
            query = "SELECT json_extract(report, '$.minutes') FROM weeks WHERE cohort_id = ? ORDER BY row"
            with self.reading() as connection:
                return tuple(minutes for (minutes,) in connection.execute(query, (cohort.id,)))

        return lengths

    def _damaged(self, cohort: CohortInfo, what: str = "weeks") -> Callable[[list[int]], WorkspaceError]:
        """Rows whose bytes differ -> the error, which names their people."""

        def say(differing: list[int]) -> WorkspaceError:
            with self.reading() as connection:
                query = "SELECT participant FROM weeks WHERE cohort_id = ? ORDER BY row"
                who = [participant for (participant,) in connection.execute(query, (cohort.id,))]
            return damaged_words(cohort.name, [who[row] for row in differing], what)

        return say

    def _folder_of(self, cohort: CohortInfo) -> Path:
        return self.folder / "cohorts" / (cohort.folder or cohort.id)


def code_for(participant: str, salt: str) -> str:
    """32 hexadecimal digits that stand for a participant: HMAC-SHA256 under a secret (hexadecimal)."""
    return hmac.digest(bytes.fromhex(salt), participant.encode(), "sha256").hex()[:32]
