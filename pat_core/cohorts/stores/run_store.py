"""Training runs: what was asked, where its checkpoints lie, what came out. Small settings of the workspace too."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pat_core.cohorts import processes
from pat_core.cohorts.cohort_records import ACTIVE_STATES, JOB_STATES, RunInfo
from pat_core.cohorts.database_values import from_json, moment, to_json, valid_name
from pat_core.cohorts.kept.shelf import Shelves, new_id
from pat_core.cohorts.stores import cohort_rows
from pat_core.errors import WorkspaceError

_QUERY = "SELECT id, name, cohort, state, config, result, job_id, created, cohort_id, note FROM runs"


class RunStore(Shelves):
    """The part of the workspace that holds runs and small settings."""

    def create_run(self, name: str, cohort: str, config: Mapping[str, object], job_id: str | None = None) -> RunInfo:
        """A new run (state "queued") with an empty folder of its own. With a job, its state follows the job's.

        Where `config` names further cohorts (beside), their ids are kept with it (beside_ids), so that they are known under other names.
        """
        name, identity = valid_name(name, "run"), new_id()

        def enlist(connection: sqlite3.Connection, _: None) -> None:
            cohort_rows.refuse_taken(connection, "runs", name)
            info = cohort_rows.find_cohort(connection, cohort)
            beside = config.get("beside")
            further = [cohort_rows.find_cohort(connection, other).id for other in (beside if isinstance(beside, list | tuple) else ())]
            plain = to_json(dict(config) | ({"beside_ids": further} if further else {}))
            values = (identity, name, info.id, info.name, "queued", plain, None, job_id, time.time())
            connection.execute(
                "INSERT INTO runs (id, name, cohort_id, cohort, state, config, result, job_id, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            _follow_job(connection, identity)

        self.shelve("runs", identity, lambda folder: None, enlist)
        return self.run(name)

    def update_run(
        self,
        name: str,
        *,
        state: str | None = None,
        result: Mapping[str, object] | None = None,
        job_id: str | None = None,
        config: Mapping[str, object] | None = None,
        note: str | None = None,
    ) -> RunInfo:
        """Changes what is given and leaves the rest. A job that is given without a state brings its own."""
        if state is not None and state not in JOB_STATES:
            raise WorkspaceError(f"Expected the state of a run as one of {', '.join(JOB_STATES)}, got {state!r}.")
        new = {"state": state, "job_id": job_id, "note": note}
        new |= {"result": None if result is None else to_json(dict(result)), "config": None if config is None else to_json(dict(config))}
        with self.writing() as connection:
            identity = _find(connection, name)[0]
            for column, value in new.items():
                if value is not None:
                    connection.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (value, identity))
            if job_id is not None and state is None:
                _follow_job(connection, identity)
        return self.run(name)

    def runs(self) -> tuple[RunInfo, ...]:
        """All runs, newest first."""
        with self.reading() as connection:
            rows = connection.execute(f"{_QUERY} ORDER BY created DESC, rowid DESC").fetchall()
        return tuple(self._run_info(row) for row in rows)

    def run(self, name: str) -> RunInfo:
        with self.reading() as connection:
            return self._run_info(_find(connection, name))

    def claim_run(self, name: str) -> RunInfo:
        """Takes a run for this process (state "running"), until `release_run`.

        WorkspaceError where it is done, or while another process is at work on it.
        """
        with self.writing() as connection:  # the lock of the database keeps two from taking it at once
            identity, _, _, state, *_ = _find(connection, name)
            if state == "done":
                raise WorkspaceError(f"A run called {name!r} is done already. Choose another name.")
            if processes.run_alive(self._run_folder(identity)):
                raise WorkspaceError(f"The run {name!r} is being trained by another process right now. Wait for it, or stop it first.")
            processes.claim_run(self._run_folder(identity))
            connection.execute("UPDATE runs SET state = 'running', note = '' WHERE id = ?", (identity,))
        return self.run(name)

    def release_run(self, run: RunInfo) -> None:
        """Gives back a run that this process had claimed."""
        processes.release_run(run.folder)

    def run_owned(self, run: RunInfo) -> bool:
        """Whether a live process is at work on this run."""
        return processes.run_alive(run.folder)

    def delete_run(self, name: str) -> None:
        """Removes a run with its checkpoints; models that it added stay. WorkspaceError while its job or a process is at work on it."""
        with self.writing() as connection:
            identity, _, _, _, _, _, job_id, *_ = _find(connection, name)
            job = connection.execute("SELECT state FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if job and job[0] in ACTIVE_STATES:
                raise WorkspaceError(f"The run {name!r} is still {job[0]}. Cancel its job first, then delete it.")
            if processes.run_alive(self._run_folder(identity)):
                raise WorkspaceError(f"The run {name!r} is being trained by another process right now. Stop it first, then delete it.")
            self.mark_for_removal("runs", identity)
            connection.execute("DELETE FROM runs WHERE id = ?", (identity,))
        self.discard("runs", identity)

    def keep_setting(self, key: str, value: object) -> None:
        """Keeps one small setting (any JSON value) under a key; a second one replaces it."""
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, to_json(value)))

    def setting(self, key: str, default: Any = None) -> Any:
        """The setting last kept under this key, or the default."""
        with self.reading() as connection:
            row = connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
        return default if row is None else from_json(row[0])

    def _run_folder(self, identity: str) -> Path:
        return self.folder / "runs" / identity

    def _run_info(self, row: tuple[Any, ...]) -> RunInfo:
        identity, name, cohort, state, config, result, job_id, created, cohort_id, note = row
        when, folder = moment(created) or datetime.min, self._run_folder(identity)
        return RunInfo(name, cohort, state, from_json(config), from_json(result), job_id, when, folder, cohort_id, note)


def _follow_job(connection: sqlite3.Connection, identity: str) -> None:
    """The job may have begun, or even ended, before its run heard of it."""
    query = "UPDATE runs SET state = coalesce((SELECT state FROM jobs WHERE jobs.id = runs.job_id), state) WHERE id = ?"
    connection.execute(query, (identity,))


def _find(connection: sqlite3.Connection, name: str) -> tuple[Any, ...]:
    row = connection.execute(f"{_QUERY} WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise cohort_rows.missing(connection, "runs", name)
    return row
