"""Which process is which, and which is at work on a run (owner.json in its folder).

A pid alone is no identity, because systems reuse pids: pid AND start time are.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from functools import cache
from pathlib import Path

from pat_core.errors import WorkspaceError
from pat_core.files import write_text

PROC = Path("/proc")
UNTOLD = "untold"
"""Start time of a process where the system has neither /proc nor ps: `alive` then believes what it is told."""


def started(pid: int) -> str | None:
    """When process `pid` started, as a word to compare (file-name safe), or None where it is gone.

    A zombie has ended and only waits for its parent, so it counts as gone.
    Linux: field 22 of /proc/<pid>/stat, with the boot it counts from; elsewhere `ps -o lstart=`.
    """
    return _started_proc(pid) if (PROC / "self" / "stat").exists() else _started_ps(pid)


def alive(pid: int | None, since: str | None) -> bool:
    """Whether the process that had this pid at this start time still runs."""
    if pid is None or since is None:
        return False
    return since == UNTOLD or started(pid) == since


def owner() -> str:
    """`pid-start` of this process, for the names of its temporary files."""
    return f"{os.getpid()}-{started(os.getpid())}"


def owner_alive(name: str) -> bool:
    """Whether the process whose `owner()` ends this file name still runs. A name without one is nobody's: False."""
    _, pid, since = ("--" + name).rsplit("-", 2)
    return pid.isdigit() and alive(int(pid), since)


def _started_proc(pid: int) -> str | None:
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before ")" may itself hold blanks and brackets
    state, ticks = fields[0], fields[19]
    return None if state in ("Z", "X") else f"{ticks}x{_boot()}"


@cache
def _boot() -> str:
    """Ticks count from the boot, so after a restart another process could have the same pid and ticks."""
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return "0"


def _started_ps(pid: int) -> str | None:
    command = ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, env={**os.environ, "LC_ALL": "C"}, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return UNTOLD
    state, _, when = answer.stdout.strip().partition(" ")
    if not when or state.startswith("Z"):
        return None
    return hashlib.sha256(" ".join(when.split()).encode()).hexdigest()[:16]


OWNER = "owner.json"


def run_alive(folder: Path) -> bool:
    """Whether the process that owner.json names still runs. False without a file, or with one that cannot be read."""
    try:
        process = json.loads((folder / OWNER).read_text())
        return alive(int(process["pid"]), process["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def claim_run(folder: Path) -> None:
    """This process works on the run from now on. Written in one step; WorkspaceError where it cannot be."""
    try:
        write_text(folder / OWNER, json.dumps({"pid": os.getpid(), "started": started(os.getpid())}))
    except OSError as error:
        raise WorkspaceError(f"The folder of the run cannot be written ({folder}: {error.strerror}). Make room, then try again.") from error


def release_run(folder: Path) -> None:
    """The run is free again. A file that cannot be removed names a process that will be gone soon."""
    try:
        (folder / OWNER).unlink(missing_ok=True)
    except OSError:
        return
