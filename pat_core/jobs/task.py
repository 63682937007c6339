"""A kind of long work, in one record: beside the workflow that does it, each kind is declared once, and `workflows/tasks.py` lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pat_core.cohorts import Workspace
from pat_core.jobs import launcher
from pat_core.jobs.job_requests import Spec
from pat_core.progress import Progress

Request = TypeVar("Request", bound=Spec)
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Task(Generic[Request, Outcome]):
    """Whatever starts it (the app, the queue, another machine), the same work is done.

    kind: the word under which jobs are stored: once released it stays. request: the record of what is asked; it turns into plain values
    and back (`Spec`), also from what earlier versions stored. run: the work, which goes on from what a killed process had kept.
    result: plain values that the job keeps of its outcome. lane: the queue that it waits in.
    """

    kind: str
    request: type[Request]
    run: Callable[[Workspace, Request, Progress], Outcome]
    result: Callable[[Outcome], Mapping[str, object] | None]
    lane: str = launcher.COMPUTE

    def launch(self, ws: Workspace, request: Request, title: str, command: Sequence[str] | None = None) -> str:
        """Queues a job and starts its worker once it is its turn; the job's id. command, JobError: as for `launcher.launch`."""
        return launcher.launch(ws, self.kind, title, request.as_spec(), command, self.lane)

    def work(self, ws: Workspace, spec: Mapping[str, object], progress: Progress) -> Mapping[str, object] | None:
        """Does what a job asks for; what the job keeps of it. spec: the request as it was stored."""
        return self.result(self.run(ws, self.request.from_spec(spec), progress))
