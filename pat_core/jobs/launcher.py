"""Starts a job's worker as a process of its own, which outlives the page, the tab and the server that asked for it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pat_core
from pat_core.cohorts import Workspace, started
from pat_core.cohorts.cohort_records import UNLIMITED
from pat_core.cohorts.processes import owner
from pat_core.errors import JobError
from pat_core.files import open_private
from pat_core.jobs.log import last_words, log_path
from pat_core.settings import jobs_at_once

logger = logging.getLogger(__name__)
ROOT = Path(pat_core.__file__).resolve().parent.parent
"""The folder that has pat_core in it: workers run there, so that they find it wherever the server was started."""

WORKER = (sys.executable, "-m", "pat_core", "work", "--workspace", "{workspace}", "--job", "{job}")
COMPUTE, FILES, NETWORK, ELSEWHERE = "compute", "files", "network", UNLIMITED
"""Lanes: in each, jobs wait for one another alone, so that an import does not wait for an hour of fine-tuning. Those whose work is done on
another machine wait for nobody here."""

WATCH_SECONDS = 0.4
"""How long `launch` watches the new process; what dies later is seen by `refresh`."""


def courier_command(place: str) -> tuple[str, ...]:
    """What watches, from here, the work of a job at a place."""
    return (*WORKER, "--on", place)


def launch(
    ws: Workspace, kind: str, title: str, spec: Mapping[str, object], command: Sequence[str] | None = None, lane: str = COMPUTE
) -> str:
    """Queues a job and starts its worker once it is its turn, which may be now; the job's id.

    command: what to run instead of `python -m pat_core work`; "{workspace}" and "{job}" in it are filled in.
    JobError where the process cannot be started or ends at once (the job is then failed, and its log says more).
    """
    job_id = ws.add_job(kind, title, spec, lane)
    ws.enqueue_job(job_id, command)
    start_waiting(ws, job_id)
    return job_id


def start_waiting(ws: Workspace, wanted: str | None = None) -> None:
    """Starts every waiting job whose turn it is. Whoever sees a job end calls this: the worker that ended, the app, the next `launch`.

    wanted: the job whose failure to start is raised (JobError); of others it is in their state.
    """
    while (turn := ws.take_next(jobs_at_once(), owner())) is not None:
        try:
            start_worker(ws, *turn)
        except JobError as error:
            if turn[0] == wanted:
                raise
            logger.warning("job %s: %s", turn[0], error)


def start_worker(ws: Workspace, job_id: str, command: Sequence[str] | None = None) -> None:
    """Starts the worker of a queued job, and looks whether it lives."""
    filled = [{"{workspace}": str(ws.folder), "{job}": job_id}.get(word, word) for word in command or WORKER]
    try:
        with open_private(log_path(ws, job_id), "ab") as log:
            process = subprocess.Popen(
                filled, cwd=ROOT, env=environment_of_workers(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
    except OSError as error:
        _fail(ws, job_id, f"The worker of this job could not be started: {error}. Make room on the disk or in memory, then resume the job.")
    # A child that is not waited for stays behind as a zombie until the server ends.
    threading.Thread(target=process.wait, name=f"wait-{job_id}", daemon=True).start()
    ws.note_process(job_id, process.pid, started(process.pid))
    _watch(ws, job_id, process)


def _watch(ws: Workspace, job_id: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WATCH_SECONDS
    while time.monotonic() < until:
        ended = process.poll() is not None  # asked before the state: a worker that claims and ends in between is no failure
        if ws.job(job_id).state != "queued":
            return
        if ended:
            words = last_words(ws, job_id)
            _fail(ws, job_id, f"The worker of this job ended before it started{words}. Fix what its log names, then resume the job.")
        time.sleep(0.03)


def _fail(ws: Workspace, job_id: str, sentence: str) -> None:
    ws.finish_job(job_id, "failed", error=sentence)
    raise JobError(sentence)


def environment_of_workers() -> dict[str, str]:
    """The environment of every process that works."""
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(part for part in (str(ROOT), environment.get("PYTHONPATH")) if part)
    environment["PYTHONUNBUFFERED"] = "1"  # the log is read while the job runs
    environment["PYTHONFAULTHANDLER"] = "1"  # a crash in native code leaves a trace in the log
    environment["PYTHONHASHSEED"] = "0"  # one order of sets in every run
    return environment
