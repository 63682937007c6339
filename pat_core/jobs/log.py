"""What a worker wrote: <workspace>/jobs/<id>.log."""

from __future__ import annotations

import os
from pathlib import Path

from pat_core.cohorts import Workspace

_TAIL_BYTES = 64 * 1024


def log_path(ws: Workspace, job_id: str) -> Path:
    """Where the job's worker writes. JobError for an id that is no job's, so an id from an address never names another file."""
    return ws.folder / "jobs" / f"{ws.job(job_id).id}.log"


def log_tail(ws: Workspace, job_id: str, lines: int = 40) -> str:
    """The last lines of a job's log; empty where it wrote nothing."""
    try:
        with open(log_path(ws, job_id), "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:]) if lines > 0 else ""


def last_words(ws: Workspace, job_id: str) -> str:
    """The log's last line, to go on with inside a sentence; empty where there is none."""
    written = [line.strip() for line in log_tail(ws, job_id).splitlines() if line.strip()]
    return f'; its log ends with "{written[-1][:200]}"' if written else ""
