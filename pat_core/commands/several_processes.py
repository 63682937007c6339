"""A verb in several processes of this server: `--processes N`, or torchrun itself."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pat_core.commands.verbs import workspace_of

HELP = "train in so many processes of this server, a GPU each: full training and pretraining (default 1)"
BY_TORCHRUN = "TORCHELASTIC_RUN_ID"


def option(parser: ArgumentParser) -> None:
    parser.add_argument("--processes", type=int, default=1, metavar="N", help=HELP)


def wrong_processes(chosen: Namespace) -> str | None:
    """A sentence where several processes are no use; None where they are."""
    if chosen.processes < 1:
        return f"--processes is a whole number from 1 up, got {chosen.processes}."
    if chosen.processes > 1 and getattr(chosen, "style", "full") == "linear_probe":
        return "--processes goes with --style full: a linear probe reads each week once, in one process."
    return None


def in_several(chosen: Namespace, words: Sequence[str]) -> int | None:
    """The exit code where other processes do the verb, or did; None where this one does it. words: the command line.

    As a helper of the process that does, it does not return.
    """
    if BY_TORCHRUN not in os.environ and getattr(chosen, "processes", 1) == 1:
        return None
    from pat_core.jobs.helpers import lead, serve, start_several, take_seat

    if BY_TORCHRUN not in os.environ:
        return start_several(words, chosen.processes)
    seat = take_seat()
    if seat is not None and seat.rank:
        serve(seat, partial(_help, chosen))
    if seat is not None:
        lead(seat)
    return None


def _help(chosen: Namespace, kind: str, spec: Mapping[str, Any], folder: Path) -> None:
    """A helper's part of a job here, or of the parcel in a folder."""
    from pat_core.jobs.parcel_work import PARCEL, help_parcel
    from pat_core.workflows.tasks import ELSEWHERE, TASKS

    if kind == PARCEL:
        help_parcel(folder, ELSEWHERE)
    else:
        next(task for task in TASKS if task.kind == kind).help(workspace_of(chosen), spec, folder)
