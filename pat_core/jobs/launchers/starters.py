"""How the work of a parcel is begun, watched and stopped on the machine where its files are: as a process of its own. Other ways stand
beside it (slurm_starter.py) and do the same three things.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from pat_core.cohorts import alive, started
from pat_core.errors import JobError
from pat_core.files import open_private, write_text
from pat_core.jobs.file_progress import LOG, STATE, STOP, read_state
from pat_core.jobs.launcher import environment_of_workers
from pat_core.jobs.launchers.launcher_contract import ENDED, There, WorkState

PROCESS = "process.json"
SILENT_SECONDS = 120.0
"""On another machine of the same disk, silence for so long says that the process is gone."""
STOPS_WITHIN = 60.0
GONE = "Its process is gone: it was killed, or the machine ran out of memory or was restarted."


class Starter(Protocol):
    """folder: of a parcel, held by nobody else meanwhile (`PorterStore.alone`). options: of the place."""

    def look(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What is to be said of the place besides its own machine: fields of `Look`. JobError where it cannot start anything."""
        ...

    def begin(self, folder: Path, options: Mapping[str, Any]) -> There: ...

    def state(self, folder: Path) -> There: ...

    def stop(self, folder: Path, hard: bool = False) -> None:
        """Asks it to stop; hard: ends it, where it did not do what it was asked."""
        ...


def worker_command(folder: Path, options: Mapping[str, Any]) -> list[str]:
    """What does a parcel's work, in so many processes as the place's option says."""
    several = ["--processes", str(options["processes"])] if str(options.get("processes") or 1) != "1" else []
    return [sys.executable, "-m", "pat_core", "work", "--parcel", str(folder), *several]


def forget_end(folder: Path) -> None:
    """Before work is begun again: how it ended the last time, and a wish to stop, hold no more."""
    for name in (STATE, STOP):
        (folder / name).unlink(missing_ok=True)


def as_written(folder: Path, identity: str, state: WorkState | None = None, reason: str = "") -> There:
    """How the work fares by its own word; state, reason: where others know better."""
    plain = read_state(folder)
    own: WorkState = plain.get("state", "queued")
    return There(state or own, identity, reason or plain.get("reason", ""), plain.get("fraction", 0.0), plain.get("message", ""))


class ProcessStarter:
    """A detached process, which outlives the connection."""

    def look(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def begin(self, folder: Path, options: Mapping[str, Any]) -> There:
        now = self.state(folder)
        if now.state in ("queued", "running", "done"):
            return now
        forget_end(folder)
        try:
            with open_private(folder / LOG, "ab") as log:
                process = subprocess.Popen(
                    worker_command(folder, options),
                    env=environment_of_workers(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        except OSError as error:
            raise JobError(f"The work could not be started there: {error}. Make room on the disk or in memory, then resume.") from error
        plain = {"pid": process.pid, "started": started(process.pid), "host": socket.gethostname()}
        write_text(folder / PROCESS, json.dumps(plain))
        return There("queued", f"process {process.pid}")

    def state(self, folder: Path) -> There:
        try:
            process = json.loads((folder / PROCESS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return There("absent")
        identity = f"process {process['pid']}"
        there = as_written(folder, identity)
        if there.state in (*ENDED, "preempted") or self._lives(folder, process):
            return there
        there = as_written(folder, identity)  # it may have ended between the two looks
        if there.state in (*ENDED, "preempted"):
            return there
        stopped = (folder / STOP).exists()
        return as_written(folder, identity, "cancelled" if stopped else "lost", "" if stopped else GONE)

    def stop(self, folder: Path, hard: bool = False) -> None:
        process = json.loads((folder / PROCESS).read_text(encoding="utf-8"))
        if process["host"] == socket.gethostname() and alive(process["pid"], process["started"]):
            os.kill(process["pid"], signal.SIGKILL if hard else signal.SIGTERM)

    def _lives(self, folder: Path, process: Mapping[str, Any]) -> bool:
        if process["host"] == socket.gethostname():
            return alive(process["pid"], process["started"])
        return time.time() - read_state(folder).get("beat", 0.0) < SILENT_SECONDS
