"""What the app does about jobs that are under way: sees that one was lost, cancels, resumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pat_core.cohorts import JobInfo, Workspace, alive
from pat_core.cohorts.processes import UNTOLD, owner_alive
from pat_core.errors import JobError
from pat_core.jobs.errand import MOST_WATCHERS, errand_of, keep_errand, under_way_at
from pat_core.jobs.launcher import COMPUTE, ELSEWHERE, WORKER, courier_command, start_waiting
from pat_core.jobs.log import last_words

QUEUED_SECONDS = 60.0
"""A job that no process took for so long never started."""

SILENT_SECONDS = 60.0
"""Where the system cannot tell whether a process lives, silence for so long says that it does not."""


def refresh(ws: Workspace) -> tuple[JobInfo, ...]:
    """Marks jobs whose process is gone as lost, and starts those whose turn it is; those that it marked. Where the work is under way at
    another place, a process is started that watches it again. Cheap enough for every look at the screen."""
    if ws.unwritable() is not None:
        return ()  # what happened is told once it can be stored
    lost, waits = [], False
    for job in ws.jobs(limit=None, active_only=True):
        starting = job.state == "queued" and job.pid is None and job.starter is not None and not job.waiting
        waits = waits or job.waiting or (starting and not owner_alive(str(job.starter)) and ws.give_back_turn(job))
        reason = None if job.waiting or starting else _gone(ws, job)
        if reason and ws.lose_job(job, reason):
            if _watch_again(ws, job.id):
                waits = True
            else:
                lost.append(ws.job(job.id))
    if waits:
        start_waiting(ws)
    return tuple(lost)


def cancel(ws: Workspace, job_id: str) -> JobInfo:
    """Asks a job to stop: at once where it waits or its process is gone, else at its next beat (about 2 s). Work at another place is
    stopped there first, by the process that watches it, or by one that is started for that."""
    job = ws.job(job_id)
    if job.active and under_way_at(ws, job_id) and not alive(job.pid, job.pid_started):
        return _cancel_elsewhere(ws, job)
    job = ws.request_cancel(job_id)
    if job.state == "running" and not alive(job.pid, job.pid_started):
        ws.finish_job(job_id, "cancelled")
        return ws.job(job_id)
    return job


def resume(ws: Workspace, job_id: str, command: Sequence[str] | None = None, on: str | None = None) -> JobInfo:
    """Starts a failed, cancelled or lost job again once it is its turn; its work goes on from its last checkpoint. command: as for
    `launch`. on: the place where it goes on, "" for this computer; None for where it was.

    JobError where the job is active or done, its run is another process's by now, its worker cannot be started, or its work is under way at
    another place.
    """
    refresh(ws)
    lane = None
    if on is not None:
        if (place := under_way_at(ws, job_id)) not in ("", on):
            raise JobError(f"The work of this job is still under way at {place}. Resume it there and cancel it first.")
        command, lane = (courier_command(on), ELSEWHERE) if on else (command or WORKER, COMPUTE)
    for run in ws.runs():
        if run.job_id == job_id and run.state != "done" and ws.run_owned(run):
            raise JobError(f"The run {run.name!r} is being trained by another process right now. Wait for it, or stop it first.")
    ws.requeue_job(job_id)
    ws.enqueue_job(job_id, command, lane)
    start_waiting(ws, job_id)
    return ws.job(job_id)


def _watch_again(ws: Workspace, job_id: str, unwanted: bool = False) -> bool:
    """Lets a lost job wait for a process that finds its work at another place again; False where there is none, or too many died of it."""
    errand = errand_of(ws, job_id)
    if errand is None or not errand.under_way or errand.watchers >= MOST_WATCHERS:
        return False
    keep_errand(ws, job_id, replace(errand, watchers=errand.watchers + 1, unwanted=errand.unwanted or unwanted))
    ws.requeue_job(job_id)
    ws.enqueue_job(job_id)
    return True


def _cancel_elsewhere(ws: Workspace, job: JobInfo) -> JobInfo:
    """Work is under way elsewhere, and nobody watches it: who does next cancels it."""
    errand = errand_of(ws, job.id)
    if job.state == "queued" and errand is not None:
        keep_errand(ws, job.id, replace(errand, unwanted=True))
    elif ws.lose_job(job, "Nobody watches it just now."):
        _watch_again(ws, job.id, unwanted=True)
    start_waiting(ws, job.id)
    return ws.job(job.id)


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
