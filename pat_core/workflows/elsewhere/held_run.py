"""A run whose training is done elsewhere: it is held here meanwhile, so that nobody trains it here too, and says how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pat_core.cohorts import RunInfo, Workspace
from pat_core.errors import Cancelled, LeftThere, PatError, WorkspaceError
from pat_core.jobs.endings import ended_by
from pat_core.workflows.comparing.compare_request import CompareRequest
from pat_core.workflows.learn.pretrain_people import PretrainRequest
from pat_core.workflows.learn.run_record import Asked, new_run, unfinished
from pat_core.workflows.week.labelled_weeks import RunRequest


def run_for(workspace: Workspace, request: Asked) -> RunInfo:
    """The unfinished run of a request, recorded now where there is none. WorkspaceError as `unfinished` and `new_run`."""
    return unfinished(workspace, request) or new_run(workspace, request)


def folder_of(workspace: Workspace, request: Asked) -> Path:
    """The folder of a request's run, which need not be there."""
    run = next((run for run in workspace.runs() if run.name == request.name), None)
    return run.folder if run else workspace.folder / "runs" / "not begun"


Request = TypeVar("Request", RunRequest, PretrainRequest, CompareRequest)


def ending(workspace: Workspace, request: Request) -> Request:
    """What is left to do here is done on what this computer has."""
    from pat_core.training.device import device_here

    return replace(request, settings=replace(request.settings, device=device_here(request.settings.device)))


@contextmanager
def held(workspace: Workspace, request: Asked) -> Iterator[None]:
    """The run is this process's while the block runs; what ends the block early becomes its state and note."""
    run = run_for(workspace, request)
    workspace.claim_run(run.name)
    try:
        yield
    except LeftThere:
        raise
    except (Cancelled, KeyboardInterrupt):
        _note(workspace, run, "cancelled", "It was stopped. If started again, it continues from its last checkpoint.")
        raise
    except BaseException as error:
        _note(workspace, run, "failed", ended_by(error)[:500])
        raise
    finally:
        workspace.release_run(run)


def refuse_without_people(workspace: Workspace, request: Asked) -> None:
    """WorkspaceError where the run was deleted, or a cohort that it learns from was."""
    run = workspace.run(request.name)
    there = {cohort.id for cohort in workspace.cohorts()}
    if not {run.cohort_id, *run.config.get("beside_ids", ())} <= there:
        raise WorkspaceError(
            f"A cohort on which the run {run.name!r} was started was deleted, so its training was stopped, and its data removed at "
            "the place where it was. Start a new run under another name."
        )


def _note(workspace: Workspace, run: RunInfo, state: str, note: str) -> None:
    with suppress(PatError):  # why it ended matters more than that it could not be stored
        workspace.with_last_room(lambda: workspace.update_run(run.name, state=state, note=note))
