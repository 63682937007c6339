"""A parcel's work in the queue of a Slurm cluster, by its own programs: sbatch, squeue, scancel, and sacct or scontrol for how a job ended.

A job bears the parcel's id in its name, so that one that was submitted just before a kill is recognised and never submitted again. Slurm
sends SIGTERM two minutes before the time limit: the work keeps a checkpoint, ends, and is submitted again by whoever watches it.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pat_core.errors import JobError, PlaceTrouble
from pat_core.files import write_text
from pat_core.jobs.file_progress import LOG, STOP, read_state
from pat_core.jobs.launcher import ROOT
from pat_core.jobs.launchers.launcher_contract import ENDED, There
from pat_core.jobs.launchers.starters import as_written, forget_end, worker_command

SUBMITTED, SCRIPT = "slurm.json", "work.sh"
WARNING_SECONDS = 120
ASKED = {
    "partition": "--partition", "account": "--account", "time": "--time", "gpus": "--gpus", "memory": "--mem", "cpus": "--cpus-per-task",
    "qos": "--qos", "constraint": "--constraint",
}  # fmt: skip
"""Option of a place -> option of sbatch."""
WAITS = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT")
WORKS = ("RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING")
WORDS_SECONDS = 30.0
"""So long a node's last words may take to be seen over the disk that both share."""
ENDS = {
    "TIMEOUT": ("preempted", "The cluster's time limit was reached. It goes on from its last checkpoint; a longer limit spares that."),
    "DEADLINE": ("preempted", "The cluster's deadline was reached. It goes on from its last checkpoint."),
    "PREEMPTED": ("preempted", "A job of higher priority took its place. It goes on from its last checkpoint."),
    "NODE_FAIL": ("lost", "The node that it ran on failed. It goes on from its last checkpoint, on another node."),
    "BOOT_FAIL": ("lost", "The node that it was to run on did not start. It is submitted again."),
    "OUT_OF_MEMORY": ("failed", "It needed more memory than it was given. Ask for more (option memory), or choose a smaller batch."),
    "CANCELLED": ("failed", "It was cancelled at the cluster, not from here (scancel, or its administrator). Ask there, then resume it."),
}  # fmt: skip
"""Slurm's last state -> state of the work, and what it means."""


class SlurmStarter:
    """By sbatch and its companions on this machine, one of the cluster's."""

    def look(self, options: Mapping[str, Any]) -> dict[str, Any]:
        rows = [line.split("|") for line in _run(["sinfo", "-h", "-o", "%P|%a|%l|%D|%G|%m"]).splitlines()]
        partitions = {row[0].rstrip("*"): row for row in rows if len(row) == 6}
        wanted = str(options.get("partition", ""))
        if wanted and wanted not in partitions:
            raise JobError(f"The cluster has no partition {wanted!r}. It has {', '.join(sorted(partitions))}.")
        offered = [row for name, row in partitions.items() if wanted in ("", name)]
        if options.get("gpus") and not any("gpu" in row[4] for row in offered):
            raise JobError(f"No node of {'the partition ' + wanted if wanted else 'this cluster'} has a GPU. Choose another partition.")
        states = Counter(_run(["squeue", "-h", "-o", "%T", *(["-p", wanted] if wanted else [])]).split())
        devices = [f"{name}: {row[3]} nodes, {row[4].replace('(null)', 'no GPU')}, time limit {row[2]}" for name, row in partitions.items()]
        return {"devices": devices, "queue": f"{states['RUNNING']:,} running and {states['PENDING']:,} waiting in the queue"}

    def begin(self, folder: Path, options: Mapping[str, Any]) -> There:
        _by_name(folder)
        now = self.state(folder)
        if now.state in ("queued", "running", "done"):
            return now
        forget_end(folder)
        write_text(folder / SCRIPT, _script(folder, options))
        given = [f"{ASKED[name]}={value}" for name, value in options.items() if name in ASKED and value not in ("", None)]
        answer = _run(
            ["sbatch", "--parsable", f"--job-name={_name(folder)}", f"--chdir={folder}", f"--output={folder / LOG}", "--open-mode=append",
             f"--signal=B:TERM@{WARNING_SECONDS}", "--no-requeue", *given, str(folder / SCRIPT)]
        )  # fmt: skip
        number = answer.strip().split(";")[0]
        if not number.isdigit():
            raise JobError(f"sbatch answered {answer.strip()[:200]!r} where the number of a job was expected.")
        _keep(folder, number)
        return There("queued", f"Slurm job {number}")

    def state(self, folder: Path) -> There:
        number = _submitted(folder)
        if number is None:
            return There("absent")
        identity, queued = f"Slurm job {number}", _in_queue(number)
        if queued is not None and queued[0] in WAITS:
            return There("queued", identity, _waiting_words(*queued[1:]))
        there = as_written(folder, identity)
        if queued is not None and queued[0] in WORKS:  # what says that it ended has not ended before the queue lets go of it
            return there if queued[0] == "COMPLETING" and there.state in ENDED else as_written(folder, identity, "running")
        if there.state in ENDED:
            return there
        last = _last(number)
        if last in ENDS and not (last == "CANCELLED" and there.state == "preempted"):
            state, reason = ENDS[last]
            stopped = last == "CANCELLED" and (folder / STOP).exists()
            return as_written(folder, identity, "cancelled" if stopped else state, "" if stopped else reason)  # type: ignore[arg-type]
        if there.state == "preempted":
            return there
        if (folder / STOP).exists():
            return as_written(folder, identity, "cancelled")
        if last == "COMPLETED" and time.time() - read_state(folder).get("beat", 0.0) < WORDS_SECONDS:
            return as_written(folder, identity, "running")
        return as_written(folder, identity, "lost", f"It ended without a word ({last.lower() or 'the cluster knows it no more'}).")

    def stop(self, folder: Path, hard: bool = False) -> None:
        number = _submitted(folder)
        if number is None:
            return
        queued = _in_queue(number)
        if queued is not None and queued[0] in WORKS and not hard:
            _run(["scancel", "--batch", "--signal=TERM", number])
        elif queued is not None:
            _run(["scancel", number])


def _script(folder: Path, options: Mapping[str, Any]) -> str:
    """The batch script: it becomes the worker, so that Slurm's signal reaches it."""
    modules = [f"module load {shlex.quote(str(module))}" for module in options.get("modules", ())]
    path = f'export PYTHONPATH={shlex.quote(str(ROOT))}"${{PYTHONPATH:+:$PYTHONPATH}}"'
    settings = ["export PYTHONUNBUFFERED=1 PYTHONFAULTHANDLER=1 PYTHONHASHSEED=0", path]
    command = shlex.join(worker_command(folder, options))
    if container := options.get("container"):
        bound = shlex.join(["apptainer", "exec", "--nv", "--bind", f"{folder.parent.parent},{ROOT}", str(container)])
        command = f"{bound} {command.replace(shlex.quote(sys.executable), 'python3', 1)}"
    return "\n".join(["#!/bin/bash -l" if modules else "#!/bin/bash", *modules, *settings, f"exec {command}", ""])


def _name(folder: Path) -> str:
    return f"pat-{folder.name}"


def _keep(folder: Path, number: str) -> None:
    write_text(folder / SUBMITTED, json.dumps({"job": number}))


def _submitted(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / SUBMITTED).read_text(encoding="utf-8"))["job"])
    except (OSError, ValueError, KeyError):
        return None


def _by_name(folder: Path) -> None:
    """Notes a job that was submitted just before whoever did it was killed."""
    numbers = _run(["squeue", "-h", "--me", f"--name={_name(folder)}", "-o", "%A"]).split()
    if numbers:
        _keep(folder, numbers[-1])


def _in_queue(number: str) -> list[str] | None:
    """(state, reason, expected start) of a job in the queue; None where it is not there any more."""
    try:
        answer = _run(["squeue", "-h", "-j", number, "-o", "%T|%r|%S"])
    except JobError as error:
        if "Invalid job id" in str(error):
            return None
        raise
    cells = answer.strip().splitlines()[-1].split("|") if answer.strip() else []
    return [cell.strip() for cell in cells] if len(cells) == 3 else None


def _waiting_words(reason: str, start: str) -> str:
    expected = "" if start in ("", "N/A") else f", expected to begin {start.replace('T', ' ')}"
    return f"Waiting in the cluster's queue ({reason}){expected}."


def _last(number: str) -> str:
    """Slurm's word for how a job ended: of its accounting, else of its memory of the last minutes; "" where neither knows."""
    for command in (["sacct", "-X", "-n", "-P", "-j", number, "-o", "State"], ["scontrol", "-o", "show", "job", number]):
        try:
            answer = _run(command)
        except JobError:
            continue
        fields = dict(cell.split("=", 1) for cell in answer.split() if "=" in cell)
        state = fields.get("JobState") or (answer.split() or [""])[0]
        if state.rstrip("+").isupper():
            return state.rstrip("+")
    return ""


def _run(command: Sequence[str]) -> str:
    """What a program of Slurm's answers. PlaceTrouble (passing) where its server cannot be reached; JobError with its own words else."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError as error:
        raise JobError(
            f"{command[0]} is not there: this machine belongs to no Slurm cluster. Give the address of its login node."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise PlaceTrouble(f"{command[0]} did not answer within a minute: the cluster's server is busy or down.", passing=True) from error
    if done.returncode:
        words = " ".join((done.stderr or done.stdout).split())[:300]
        passing = any(sign in words for sign in ("Unable to contact slurm controller", "Socket timed out", "Zero Bytes were transmitted"))
        raise PlaceTrouble(f"The cluster answered: {words or f'{command[0]} ended with {done.returncode}'}.", passing)
    return done.stdout
