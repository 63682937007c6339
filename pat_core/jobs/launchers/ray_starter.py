"""What the porter on a node of a Ray cluster does of a Ray Job: the script that it runs, and what the work itself says of how it fares.

The cluster is asked, and jobs are submitted, from the reader's computer (ray_bridge.py): the head need not be open to its nodes.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pat_core.errors import JobError
from pat_core.files import write_text
from pat_core.jobs.file_progress import LOG
from pat_core.jobs.launcher import ROOT
from pat_core.jobs.launchers.launcher_contract import There
from pat_core.jobs.launchers.starters import as_written, forget_end, worker_command
from pat_core.jobs.spread import SPREAD

SUBMITTED, SCRIPT = "ray.json", "work.sh"


class RayStarter:
    """folder: of a parcel on this node."""

    def look(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def begin(self, folder: Path, options: Mapping[str, Any]) -> There:
        """Makes all ready for the next job of this parcel, and names it; whoever asked submits it."""
        forget_end(folder)
        turn = _turn(folder) + 1
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        settings = {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1", "PYTHONHASHSEED": "0", SPREAD: "ray"}
        exports = [f"export {name}={shlex.quote(value)}" for name, value in settings.items()]
        run = f"exec {shlex.join(worker_command(folder, options))} >> {shlex.quote(str(folder / LOG))} 2>&1"
        write_text(folder / SCRIPT, "\n".join(["#!/bin/bash", *exports, f"cd {shlex.quote(str(folder))}", run, ""]))
        write_text(folder / SUBMITTED, json.dumps({"turn": turn}))
        return There("queued", job_name(folder, turn), message=str(folder / SCRIPT))

    def state(self, folder: Path) -> There:
        turn = _turn(folder)
        return as_written(folder, job_name(folder, turn)) if turn else There("absent")

    def stop(self, folder: Path, hard: bool = False) -> None:
        raise JobError("A Ray Job is stopped by its cluster.")


def job_name(folder: Path, turn: int) -> str:
    """Begun twice, a job of this name is begun once."""
    return f"pat-{folder.name}-{turn}"


def _turn(folder: Path) -> int:
    """How often work was begun."""
    try:
        return int(json.loads((folder / SUBMITTED).read_text(encoding="utf-8"))["turn"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
