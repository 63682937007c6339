"""What is known here of work at another place: <workspace>/jobs/<id>.elsewhere.json, so that whoever watches it next finds it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from pat_core.cohorts import Workspace
from pat_core.errors import JobError
from pat_core.files import write_text

MOST_WATCHERS = 5
"""Processes that watch one errand, and die without any news of it, before nobody tries any more."""


@dataclass(frozen=True)
class Errand:
    """place: its name. parcel: its id there. under_way: begun there, and not known here to have ended. id, state, reason: as the place says
    (`launcher_contract.There`). after: of the news that were heard. kept: name -> hash of what came back. begun: how often it was begun
    there; fruitless: how often in turn without anything new to keep. watchers: processes that were started here to watch it since the
    last news. unwanted: it is to be cancelled by whoever watches it next.
    """

    place: str
    parcel: str = ""
    under_way: bool = False
    id: str = ""
    state: str = ""
    reason: str = ""
    after: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    begun: int = 0
    fruitless: int = 0
    watchers: int = 0
    unwanted: bool = False


def errand_of(ws: Workspace, job_id: str) -> Errand | None:
    """What is known of a job's work elsewhere; None of a job that is done here, and where the file is damaged."""
    try:
        plain = json.loads(_path(ws, job_id).read_text(encoding="utf-8"))
        names = {one.name for one in fields(Errand)}
        return Errand(**{name: value for name, value in plain.items() if name in names})
    except (OSError, ValueError, TypeError):
        return None


def keep_errand(ws: Workspace, job_id: str, errand: Errand) -> None:
    """JobError where it cannot be written."""
    try:
        write_text(_path(ws, job_id), json.dumps(asdict(errand)))
    except OSError as error:
        raise JobError(f"The disk here cannot be written ({error.strerror or error}). Make room, then resume the job.") from error


def under_way_at(ws: Workspace, job_id: str) -> str:
    """The place where a job's work is under way; "" where it is under way at none."""
    errand = errand_of(ws, job_id)
    return errand.place if errand and errand.under_way else ""


def draft_of(ws: Workspace, job_id: str) -> Path:
    """The folder in which a job's parcel is made; it goes once that was sent."""
    return ws.folder / "jobs" / f"{ws.job(job_id).id}.parcel"


def _path(ws: Workspace, job_id: str) -> Path:
    return ws.folder / "jobs" / f"{ws.job(job_id).id}.elsewhere.json"
