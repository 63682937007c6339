"""What happens inside a job's process, whoever started it: claim the job, do it, say how it ended."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from pat_core.cohorts import JobInfo, Workspace, started
from pat_core.cohorts.database_values import to_json
from pat_core.errors import Cancelled, JobError, LeftThere, PatError, WorkspaceError, WorkspaceTrouble
from pat_core.jobs.endings import ended_by, polite, stopped_by_sigterm
from pat_core.jobs.job_progress import JobProgress
from pat_core.jobs.launcher import start_waiting
from pat_core.jobs.task import Task

Outcome = tuple[str, str | None, Mapping[str, object] | None]
logger = logging.getLogger(__name__)


def run_job(ws: Workspace, job_id: str, tasks: Iterable[Task[Any, Any]]) -> JobInfo:
    """Does one queued job to its end; the job as it ended. tasks: the kinds of work that this program knows.

    Errors of the work are the job's (state "failed", its sentence), not raised. A job that was cancelled before it began is returned
    as it is. JobError where the job is another process's, or has ended.
    """
    progress = JobProgress(ws, job_id)
    with stopped_by_sigterm(progress.stop):
        try:
            job = ws.claim_job(job_id, os.getpid(), started(os.getpid()) or "")
        except JobError:
            job = ws.job(job_id)
            if job.state == "cancelled":
                return job
            raise
        except WorkspaceTrouble as error:
            _finish(ws, job_id, ("failed", str(error), None))
            return ws.job(job_id)
        polite()
        _seed(job)
        try:
            with progress.heartbeats():
                outcome = _work(ws, job, {task.kind: task for task in tasks}, progress)
                progress.flush()
            _finish(ws, job_id, outcome)
        except LeftThere:
            logger.warning("job %s goes on elsewhere; who next looks at the list of jobs watches it again", job_id)
        finally:
            _let_next_begin(ws)
    return ws.job(job_id)


def _work(ws: Workspace, job: JobInfo, tasks: Mapping[str, Task[Any, Any]], progress: JobProgress) -> Outcome:
    task = tasks.get(job.kind)
    if task is None:
        return "failed", f"Expected a job of kind {', '.join(sorted(tasks))}, got {job.kind!r}. Is the worker of an older version?", None
    try:
        result = task.work(ws, job.spec, progress)
        to_json(result)  # what cannot be stored is the job's failure, and is said as such
        return "done", None, result
    except LeftThere:
        raise
    except (Cancelled, KeyboardInterrupt):
        return "cancelled", None, None
    except PatError as error:
        logger.error("%s", error)
        return "failed", ended_by(error), None
    except (Exception, SystemExit) as error:
        logger.exception("job %s stopped", job.id)
        return "failed", ended_by(error), None


def _let_next_begin(ws: Workspace) -> None:
    """The app may be closed, so who ends starts the next in the queue."""
    try:
        start_waiting(ws)
    except PatError as error:
        logger.warning("the next job could not be started: %s", error)


def _finish(ws: Workspace, job_id: str, outcome: Outcome) -> None:
    for last_try in (False, False, True):
        try:
            if not ws.with_last_room(lambda: ws.finish_job(job_id, *outcome)):
                logger.warning("job %s had been given up before it ended; its last state stays", job_id)
            return
        except WorkspaceError:  # hours of work must not look lost because another process kept the database for a moment
            if last_try:
                raise
            logger.exception("job %s: its end could not be stored, trying again", job_id)


def _seed(job: JobInfo) -> None:
    """A net under tasks, which seed what they use: nothing that draws by chance differs between two runs of one spec."""
    seed = job.spec.get("seed")
    number = seed % 2**32 if isinstance(seed, int) else 0
    random.seed(number)
    np.random.seed(number)
