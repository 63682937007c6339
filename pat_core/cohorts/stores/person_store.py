"""One person goes from a cohort, with everything the workspace says of them; the others stay as they are."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from pat_core.cohorts.kept import cohort_arrays, worn_minutes
from pat_core.cohorts.kept.shelf import new_id
from pat_core.cohorts.stores import cohort_rows, forgetting, person_rows
from pat_core.cohorts.stores.cohort_store import CohortStore
from pat_core.errors import WorkspaceError, WorkspaceTrouble


class PersonStore(CohortStore):
    """The part of the workspace that deletes single people."""

    def delete_person(self, name: str, participant: str) -> None:
        """Removes one person of a cohort: weeks, labels, marks, predictions, kept results, and what jobs, runs and logs say about them.

        Whole or not at all, whatever kills us: the others' weeks are written into a new folder, and one transaction turns to it. Models
        stay; of this person they know a code alone (see `codes`). WorkspaceError where there is no such person, they are the last of the
        cohort, or a job or run is at work on it.
        """
        self.with_last_room(lambda: self._delete_person(name, participant))
        with suppress(WorkspaceTrouble):  # no room, or somebody reads the database: what is left over goes at a later open
            self.finish_forgetting()

    def check_deletable(self, name: str, participant: str) -> None:
        """WorkspaceError where `delete_person` would refuse just now."""
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            person_rows.rows_of_others(connection, cohort, participant)
            person_rows.refuse_at_work(connection, cohort, self.folder)

    def _delete_person(self, name: str, participant: str) -> None:
        with self.reading() as connection:
            cohort = cohort_rows.find_cohort(connection, name)
            keep = person_rows.rows_of_others(connection, cohort, participant)
            person_rows.refuse_at_work(connection, cohort, self.folder)
        old, fresh = self._folder_of(cohort), new_id()
        cohort_arrays.open_weeks(old, cohort.name, (cohort.weeks, cohort.minutes))
        planted = self.truth(cohort.name)

        def fill(folder: Path) -> dict[str, str]:
            cohort_arrays.copy_rows(old / cohort_arrays.WEEKS, folder / cohort_arrays.WEEKS, keep)
            if (old / worn_minutes.WORN).exists():
                cohort_arrays.copy_rows(old / worn_minutes.WORN, folder / worn_minutes.WORN, keep)
            files = {one: f"truth_{one}.npy" for one in planted}
            return {one: cohort_arrays.copy_rows(old / file, folder / file, keep) for one, file in files.items()}

        def enlist(connection: sqlite3.Connection, truth: dict[str, str]) -> None:
            now = cohort_rows.find_cohort(connection, name)
            if (now.id, now.folder) != (cohort.id, cohort.folder):
                raise WorkspaceError(f"Cohort {name!r} has just been changed by someone else. Nothing was deleted: try again.")
            person_rows.refuse_at_work(connection, now, self.folder)
            self.mark_for_removal("cohorts", old.name)
            plan = person_rows.remove(connection, now, participant, keep, self.folder)
            forgetting.keep_plans(connection, [*forgetting.plans(connection), plan])
            person_rows.turn_to(connection, now, fresh, truth)

        self.shelve("cohorts", fresh, fill, enlist)
        self.discard("cohorts", old.name)
