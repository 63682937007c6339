"""The record of a training run, whatever it trains: begun, gone on with, claimed by one process, and how it ended."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from pat_core.cohorts import RunInfo, Workspace
from pat_core.cohorts.cohort_records import ACTIVE_STATES
from pat_core.errors import Cancelled, JobError, PatError, WorkspaceError
from pat_core.workflows.models.model_entries import refuse_alike

logger = logging.getLogger(__name__)

BEGINS_WITHIN_SECONDS = 60.0
"""From a run's record to its first process or job; a run that still has neither by then is nobody's."""


class Asked(Protocol):
    """A request for a run: of a name, on a cohort, as plain values and back."""

    @property
    def name(self) -> str: ...

    @property
    def cohort(self) -> str: ...

    def as_spec(self) -> dict[str, object]: ...

    @classmethod
    def from_spec(cls, spec: Mapping[str, object]) -> Asked: ...


def run_state(workspace: Workspace, run: RunInfo) -> str:
    """The run's state: "running" while a process is at work on it, whatever became of its job meanwhile.

    "lost" where it says that it is running, or about to, but has neither a process nor a job under way.
    """
    if run.state != "done" and workspace.run_owned(run):
        return "running"
    if run.state not in ACTIVE_STATES:
        return run.state
    if run.state == "queued":  # one with a job says what its job says
        begins = run.job_id or (datetime.now() - run.created).total_seconds() < BEGINS_WITHIN_SECONDS
        return "queued" if begins else "lost"
    try:
        return run.state if run.job_id and workspace.job(run.job_id).active else "lost"
    except JobError:
        return "lost"


def new_run(workspace: Workspace, request: Asked) -> RunInfo:
    """Record a run. Its model will bear its name, which must stand for no other model, and look like no other run's."""
    if request.name in {info.name for info in workspace.models()}:
        raise WorkspaceError(f"A model is already called {request.name!r}. Choose another name for the run.")
    refuse_alike(request.name, "run", [run.name for run in workspace.runs()])
    refuse_alike(request.name, "model", [info.name for info in workspace.models()])
    return workspace.create_run(request.name, request.cohort, request.as_spec())


def unfinished(workspace: Workspace, request: Asked) -> RunInfo | None:
    """The unfinished run of this name to go on with; refuses one that is done, was asked for differently, or lost its cohort.

    Its cohort counts as asked for under the name it had at the start and under the one it has now, unless that is another cohort's
    today. The device is free: a run may go on elsewhere.
    """
    run = next((run for run in workspace.runs() if run.name == request.name), None)
    if run is None:
        return None
    if run.state == "done":
        raise WorkspaceError(f"A run called {request.name!r} is done already. Choose another name.")
    if run.config.get("task") != request.as_spec().get("task"):
        raise WorkspaceError(f"An unfinished run called {request.name!r} does something else. Choose another name.")
    spec = request.as_spec()
    if request.cohort == run.cohort:
        spec["cohort"] = run.config.get("cohort")
    if _compared(type(request).from_spec(run.config).as_spec()) != _compared(spec):
        raise WorkspaceError(
            f"An unfinished run called {request.name!r} was started with other people, another model or other settings. "
            "Continue it as it was, or choose another name."
        )
    if run.cohort_id is None:
        raise WorkspaceError(f"The cohort on which the run {request.name!r} was started was deleted. Start a new run under another name.")
    if any(cohort.name == request.cohort and cohort.id != run.cohort_id for cohort in workspace.cohorts()):
        raise WorkspaceError(
            f"The run {request.name!r} was started on the cohort that is called {run.cohort!r} now; {request.cohort!r} is another cohort "
            f"today. To go on with the run, ask for {run.cohort!r} or give the other cohort another name; "
            f"to train on {request.cohort!r}, choose another name for the run."
        )
    return run


def _compared(spec: Mapping[str, object]) -> dict[str, object]:
    """What makes two requests the same, as plain values: all but the device."""
    plain = json.loads(json.dumps(dict(spec)))
    settings = {key: value for key, value in (plain.get("settings") or {}).items() if key != "device"}
    return plain | {"settings": settings}


@contextmanager
def at_work(workspace: Workspace, run: RunInfo) -> Iterator[None]:
    """The run is ours while the block runs; what ends the block early becomes the run's state and note."""
    workspace.claim_run(run.name)
    try:
        yield
    except (Cancelled, KeyboardInterrupt):
        _end(workspace, run, "cancelled", "It was stopped. If started again, it continues from its last checkpoint.")
        raise
    except PatError as error:
        _end(workspace, run, "failed", str(error))
        raise
    except BaseException as error:
        _end(workspace, run, "failed", f"An unexpected error stopped it ({type(error).__name__}: {str(error)[:300]}).")
        raise
    finally:
        workspace.release_run(run)


def _end(workspace: Workspace, run: RunInfo, state: str, note: str) -> None:
    try:
        workspace.with_last_room(lambda: workspace.update_run(run.name, state=state, note=note))
    except PatError as error:  # the reason why the work ended matters more than that it could not be stored
        logger.error("the end of run %s could not be stored: %s", run.name, error)
