"""Two workspaces with the same people, one of which works elsewhere; and how jobs are followed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from pat_core import jobs
from pat_core.cohorts import JobInfo, Workspace
from pat_core.records import SimulatedCohort
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import label_table, weeks_file

LONGEST = 240.0
"""Seconds: each process that imports torch takes many where others are at work."""


def with_people(folder: Path, people: SimulatedCohort, name: str = "workspace") -> Workspace:
    """A workspace with the cohort "people" and its labels."""
    folder.mkdir(parents=True, exist_ok=True)
    workspace = Workspace(folder / name)
    files = weeks_file(folder / f"{name}.npz", people), label_table(folder / f"{name}.csv", people)
    import_recordings(workspace, [files[0]], "people", labels=files[1])
    return workspace


def ended(workspace: Workspace, job: str, seen: Callable[[JobInfo], None] = lambda job: None) -> JobInfo:
    """Follows a job as the app does, until it has ended."""
    until = time.monotonic() + LONGEST
    while (now := workspace.job(job)).active:
        seen(now)
        jobs.refresh(workspace)
        assert time.monotonic() < until, f"{now.state}: {now.message}\n{jobs.log_tail(workspace, job)}"
        time.sleep(0.1)
    return now
