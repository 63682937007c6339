"""Two workspaces with the same people, one of which works elsewhere; and how jobs are followed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from pat_core import jobs
from pat_core.cohorts import JobInfo, Workspace
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import SimulatedCohort
from pat_core.weights import save
from pat_core.workflows.explanations.cohort_by_clock import ClockRequest
from pat_core.workflows.models.model_entries import add_model, resolve
from pat_core.workflows.people.prediction_job import PredictionRequest
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import label_table, weeks_file

SMALL = PatConfig("custom", 360, 2, 1)
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


def with_model(folder: Path, people: SimulatedCohort, name: str = "workspace", config: PatConfig = SMALL) -> Workspace:
    """`with_people`, and a model with a head, drawn by chance."""
    workspace = with_people(folder, people, name)
    network = seeded(lambda: Classifier(config), 3)
    path = folder / f"{name}.safetensors"
    save(path, network, has_head=True, standardizer=None, card={"name": "tiny"}, name="tiny", origin="own")
    add_model(workspace, path, "tiny")
    return workspace


def prediction_request(workspace: Workspace) -> PredictionRequest:
    sha256, cohort = resolve(workspace, "tiny").sha256, workspace.cohort("people")
    return PredictionRequest(model="tiny", sha256=sha256, cohort="people", cohort_id=cohort.id, standardizer="cohort")


def clock_request(workspace: Workspace) -> ClockRequest:
    asked = prediction_request(workspace)
    return ClockRequest("tiny", asked.sha256, "people", asked.cohort_id, "cohort", "group", "late")
