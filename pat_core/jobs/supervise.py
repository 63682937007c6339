"""What the app does about jobs that are under way: sees that one was lost, cancels, resumes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pat_core.cohorts import JobInfo, Workspace, alive
from pat_core.cohorts.processes import UNTOLD, owner_alive
from pat_core.errors import JobError
from pat_core.jobs.launcher import start_waiting
from pat_core.jobs.log import last_words

QUEUED_SECONDS = 60.0
"""A job that no process took for so long never started."""

SILENT_SECONDS = 60.0
"""Where the system cannot tell whether a process lives, silence for so long says that it does not."""


def refresh(ws: Workspace) -> tuple[JobInfo, ...]:
    """Marks jobs whose process is gone as lost, and starts those whose turn it is; those that it marked. Cheap enough for every look at
    the screen."""
    if ws.unwritable() is not None:
        return ()  # what happened is told once it can be stored
    lost, waits = [], False
    for job in ws.jobs(limit=None, active_only=True):
        starting = job.state == "queued" and job.pid is None and job.starter is not None and not job.waiting
        waits = waits or job.waiting or (starting and not owner_alive(str(job.starter)) and ws.give_back_turn(job))
        reason = None if job.waiting or starting else _gone(ws, job)
        if reason and ws.lose_job(job, reason):
            lost.append(ws.job(job.id))
    if waits:
        start_waiting(ws)
    return tuple(lost)


def cancel(ws: Workspace, job_id: str) -> JobInfo:
    """Asks a job to stop: at once where it waits or its process is gone, else at its next beat (about 2 s)."""
    job = ws.request_cancel(job_id)
    if job.state == "running" and not alive(job.pid, job.pid_started):
        ws.finish_job(job_id, "cancelled")
        return ws.job(job_id)
    return job


def resume(ws: Workspace, job_id: str, command: Sequence[str] | None = None) -> JobInfo:
    """Starts a failed, cancelled or lost job again once it is its turn; its work goes on from its last checkpoint. command: as for
    `launch`.

    JobError where the job is active or done, its run is another process's by now, or its worker cannot be started.
    """
    refresh(ws)
    for run in ws.runs():
        if run.job_id == job_id and run.state != "done" and ws.run_owned(run):
            raise JobError(f"The run {run.name!r} is being trained by another process right now. Wait for it, or stop it first.")
    ws.requeue_job(job_id)
    ws.enqueue_job(job_id, command)
    start_waiting(ws, job_id)
    return ws.job(job_id)


def _gone(ws: Workspace, job: JobInfo) -> str | None:
    """Why an active job can no longer come to its end, in a sentence; None where it can."""
    if job.state == "queued":
        return _never_began(ws, job)
    if alive(job.pid, job.pid_started) and not _silent(job):
        return None
    return "The process of this job is gone: it was killed, or the machine ran out of memory or was restarted. Start it again."


def _never_began(ws: Workspace, job: JobInfo) -> str | None:
    if job.pid is not None:  # a process was started for it: slow disks may load for minutes, but a dead process never begins
        if alive(job.pid, job.pid_started):
            return None
        return f"The worker of this job ended before it started{last_words(ws, job.id)}. Nothing was done yet: resume the job to try again."
    if ws.seconds_waiting(job.id) < QUEUED_SECONDS:
        return None
    return f"No process picked up this job within {QUEUED_SECONDS:.0f} seconds. Nothing was done yet: resume the job to try again."


def _silent(job: JobInfo) -> bool:
    if job.pid_started != UNTOLD or job.heartbeat is None:
        return False
    return (datetime.now() - job.heartbeat).total_seconds() > SILENT_SECONDS
