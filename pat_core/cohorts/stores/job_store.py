"""Background jobs and their curves. Who may change a state, and from which, is decided in each statement's WHERE."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pat_core.cohorts.cohort_records import JOB_STATES, UNLIMITED, WAITING, JobInfo
from pat_core.cohorts.database import Database
from pat_core.cohorts.database_values import from_json, moment, to_json
from pat_core.cohorts.kept.shelf import new_id
from pat_core.errors import JobError

_QUERY = """SELECT id, kind, title, spec, state, fraction, message, created, started, finished, heartbeat, pid, error, result,
    pid_started, cancel_requested, lane, starter FROM jobs"""
_ACTIVE = "state IN ('queued', 'running')"


class JobStore(Database):
    """The part of the workspace that holds jobs."""

    def add_job(self, kind: str, title: str, spec: Mapping[str, object], lane: str = "compute") -> str:
        """A new job in state "queued"; its id. spec: plain values that the worker gets. It is started by whoever adds it, or put in the
        queue of its lane (`enqueue_job`)."""
        identity, now = new_id(), time.time()
        with self.writing() as connection:
            values = (identity, kind, title, to_json(dict(spec)), "queued", now, now, lane)
            columns = "id, kind, title, spec, state, created, queued, lane"
            connection.execute(f"INSERT INTO jobs ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        return identity

    def job(self, job_id: str) -> JobInfo:
        """JobError where there is none with this id."""
        with self.reading() as connection:
            row = connection.execute(f"{_QUERY} WHERE id = ?", (job_id,)).fetchone()
        if row is None:
            raise JobError(f"The workspace has no job {job_id!r}. It may belong to another workspace: look in the list of jobs.")
        return _job_info(row)

    def jobs(self, limit: int | None = 50, active_only: bool = False) -> tuple[JobInfo, ...]:
        """The latest jobs, newest first."""
        where = f"WHERE {_ACTIVE}" if active_only else ""
        with self.reading() as connection:
            query = f"{_QUERY} {where} ORDER BY created DESC, rowid DESC LIMIT ?"
            rows = connection.execute(query, (-1 if limit is None else limit,)).fetchall()
        return tuple(_job_info(row) for row in rows)

    def claim_job(self, job_id: str, pid: int, pid_started: str) -> JobInfo:
        """Takes a queued job for this process; JobError where it is not queued, so that no two processes do one job."""
        now = time.time()
        with self.writing() as connection:
            claimed = connection.execute(
                "UPDATE jobs SET state = 'running', pid = ?, pid_started = ?, started = ?, heartbeat = ?, message = 'Starting'"
                " WHERE id = ? AND state = 'queued'",
                (pid, pid_started, now, now, job_id),
            ).rowcount
            if claimed:
                _let_run_follow(connection, job_id, "running")
        if not claimed:
            raise JobError(f"Expected a waiting job, got one that is {self.job(job_id).state}: {job_id}. Resume it from the list of jobs.")
        return self.job(job_id)

    def enqueue_job(self, job_id: str, command: Sequence[str] | None = None, lane: str | None = None) -> None:
        """Lets a queued job wait for its turn. command: what starts its worker, lane: where it waits; as before, where they are None."""
        plain = None if command is None else to_json(list(command))
        with self.writing() as connection:
            query = (
                "UPDATE jobs SET starter = ?, command = coalesce(?, command), lane = coalesce(?, lane) WHERE id = ? AND state = 'queued'"
            )
            connection.execute(query, (WAITING, plain, lane, job_id))

    def take_next(self, at_once: int, starter: str) -> tuple[str, list[str] | None] | None:
        """The job whose turn it is, now this starter's to start, and its command; None where none waits, or its lane is full.

        One transaction: of two processes that ask at once only one gets it. starter: `processes.owner()` of whoever asks.
        """
        with self.writing() as connection:
            row = connection.execute(
                "SELECT id, command FROM jobs AS next WHERE state = 'queued' AND starter = ? AND"
                " (lane = ? OR"
                " (SELECT count(*) FROM jobs WHERE jobs.lane = next.lane AND (state = 'running' OR state = 'queued' AND starter != ?)) < ?)"
                " ORDER BY queued, rowid LIMIT 1",
                (WAITING, UNLIMITED, WAITING, at_once),
            ).fetchone()
            if row is None:
                return None
            connection.execute("UPDATE jobs SET starter = ? WHERE id = ?", (starter, row[0]))
        return row[0], from_json(row[1])

    def give_back_turn(self, job: JobInfo) -> bool:
        """Lets a job wait again whose starter died before it had started the worker; False where it went on since `job` was read."""
        with self.writing() as connection:
            query = "UPDATE jobs SET starter = ? WHERE id = ? AND state = 'queued' AND starter = ? AND pid IS NULL"
            return bool(connection.execute(query, (WAITING, job.id, job.starter)).rowcount)

    def jobs_before(self, job: JobInfo) -> int:
        """How many jobs of its lane are at work or wait before this one."""
        with self.reading() as connection:
            (number,) = connection.execute(
                "SELECT count(*) FROM jobs JOIN jobs AS own ON own.id = ? WHERE jobs.lane = own.lane AND jobs.id != own.id AND"
                " (jobs.state = 'running' OR jobs.state = 'queued' AND (jobs.starter != ?"
                " OR (jobs.queued, jobs.rowid) < (own.queued, own.rowid)))",
                (job.id, WAITING),
            ).fetchone()
        return number

    def note_process(self, job_id: str, pid: int, pid_started: str | None) -> None:
        """Which process was started for a queued job, so that its death is seen even before it claims the job."""
        with self.writing() as connection:
            query = "UPDATE jobs SET pid = ?, pid_started = ? WHERE id = ? AND state = 'queued'"
            connection.execute(query, (pid, pid_started, job_id))

    def beat(self, job_id: str, fraction: float | None = None, message: str | None = None) -> bool:
        """A sign of life, with how far it is (None: as before). True where the job should stop: cancelled, or no longer this worker's."""
        with self.writing(durable=False) as connection:
            row = connection.execute(
                "UPDATE jobs SET heartbeat = ?, fraction = coalesce(?, fraction), message = coalesce(?, message)"
                " WHERE id = ? AND state = 'running' RETURNING cancel_requested",
                (time.time(), fraction, message, job_id),
            ).fetchone()
        return row is None or bool(row[0])

    def add_metrics(self, job_id: str, step: int, values: Mapping[str, float]) -> None:
        """One point of each named curve; a step done again (after a resume) replaces the old point."""
        with self.writing(durable=False) as connection:
            points = [(job_id, int(step), name, float(value)) for name, value in values.items()]
            connection.executemany("INSERT OR REPLACE INTO metrics (job_id, step, name, value) VALUES (?, ?, ?, ?)", points)

    def metrics(self, job_id: str) -> list[tuple[int, str, float]]:
        """(step, curve, value) by step; NaN where a value was none."""
        with self.reading() as connection:
            query = "SELECT step, name, value FROM metrics WHERE job_id = ? ORDER BY step, name"
            rows = connection.execute(query, (job_id,)).fetchall()
        return [(step, name, math.nan if value is None else value) for step, name, value in rows]  # SQLite keeps NaN as NULL

    def finish_job(self, job_id: str, state: str, error: str | None = None, result: Mapping[str, object] | None = None) -> bool:
        """Ends an active job; False (and nothing changed) where it had ended already."""
        if state not in JOB_STATES[2:]:
            raise JobError(f"Expected the last state of a job as one of {', '.join(JOB_STATES[2:])}, got {state!r}.")
        plain = None if result is None else to_json(dict(result))
        with self.writing() as connection:
            return _finish(connection, state, error, plain, "id = ?", (job_id,))

    def lose_job(self, job: JobInfo, error: str) -> bool:
        """Marks a job lost, unless it went on since `job` was read (another state, or another process)."""
        with self.writing() as connection:
            where = "id = ? AND state = ? AND pid IS ? AND pid_started IS ?"
            return _finish(connection, "lost", error, None, where, (job.id, job.state, job.pid, job.pid_started))

    def request_cancel(self, job_id: str) -> JobInfo:
        """A waiting job is cancelled at once, a running one at its next beat; one that has ended stays as it is."""
        with self.writing() as connection:
            connection.execute("UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND state = 'running'", (job_id,))
            _finish(connection, "cancelled", None, None, "id = ? AND state = 'queued'", (job_id,))
        return self.job(job_id)

    def requeue_job(self, job_id: str) -> JobInfo:
        """Puts a failed, cancelled or lost job back in the queue; its curves stay. JobError where it is active or done."""
        with self.writing() as connection:
            changed = connection.execute(
                "UPDATE jobs SET state = 'queued', queued = ?, message = '', started = NULL, finished = NULL, heartbeat = NULL, pid = NULL,"
                " pid_started = NULL, error = NULL, result = NULL, cancel_requested = 0, starter = NULL"
                " WHERE id = ? AND state IN ('failed', 'cancelled', 'lost')",
                (time.time(), job_id),
            ).rowcount
            if changed:
                connection.execute("UPDATE runs SET state = 'queued' WHERE job_id = ?", (job_id,))
        job = self.job(job_id)
        if not changed:
            raise JobError(f"Expected a job that failed, was cancelled or got lost, got one that is {job.state}: {job.title!r}.")
        return job

    def seconds_waiting(self, job_id: str) -> float:
        """How long ago the job was put in the queue."""
        with self.reading() as connection:
            row = connection.execute("SELECT queued FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return time.time() - row[0] if row else 0.0


def _finish(
    connection: sqlite3.Connection, state: str, error: str | None, result: str | None, where: str, values: tuple[object, ...]
) -> bool:
    done = connection.execute(
        f"UPDATE jobs SET state = ?, error = ?, result = ?, finished = ?, fraction = CASE WHEN ? = 'done' THEN 1 ELSE fraction END"
        f" WHERE {where} AND {_ACTIVE}",
        (state, error, result, time.time(), state, *values),
    ).rowcount
    if done:
        _let_run_follow(connection, str(values[0]), state)
    return bool(done)


def _let_run_follow(connection: sqlite3.Connection, job_id: str, state: str) -> None:
    """A run says what its job says, also where the job was killed and could not say it itself."""
    connection.execute(f"UPDATE runs SET state = ? WHERE job_id = ? AND {_ACTIVE}", (state, job_id))


def _job_info(row: tuple[Any, ...]) -> JobInfo:
    identity, kind, title, spec, state, fraction, message, created, started, finished, heartbeat, pid, error, result, *rest = row
    since, cancel, lane, starter = rest
    times = moment(created) or datetime.min, moment(started), moment(finished), moment(heartbeat)
    return JobInfo(
        identity,
        kind,
        title,
        from_json(spec),
        state,
        fraction,
        message,
        *times,
        pid,
        error,
        from_json(result),
        since,
        bool(cancel),
        lane,
        starter,
    )
