"""A kind of long work, in one record: beside the workflow that does it, each kind is declared once, and `workflows/tasks.py` lists them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from pat_core.cohorts import JobInfo, Workspace
from pat_core.jobs import launcher
from pat_core.progress import Progress


class Spec:
    """A request as a job keeps it. For frozen dataclasses whose fields are plain values, or records of such.

    KEPT_AS: field -> what it is called in the specs of jobs, where that is another word. LATER: fields that came after the kind was
    released: left out while they are at their default, so that what was stored before compares equal.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]
    KEPT_AS: ClassVar[Mapping[str, str]] = {}
    LATER: ClassVar[tuple[str, ...]] = ()

    def as_spec(self) -> dict[str, Any]:
        """Plain values, for a job and what is kept of it."""
        usual = {field.name: field.default for field in fields(self) if field.name in self.LATER}
        shown = {name: value for name, value in asdict(self).items() if name not in usual or value != usual[name]}
        return {self.KEPT_AS.get(name, name): value for name, value in shown.items()}

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Self:
        """The request back from plain values; fields that it does not know, of another version, are left out."""
        names = {cls.KEPT_AS.get(field.name, field.name): field.name for field in fields(cls)}
        return cls(**{names[name]: value for name, value in spec.items() if name in names})


Request = TypeVar("Request", bound=Spec)
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Task(Generic[Request, Outcome]):
    """Whatever starts it (the app, the queue, another machine), the same work is done.

    kind: the word under which jobs are stored: once released it stays. request: the record of what is asked; it turns into plain values
    and back (`Spec`), also from what earlier versions stored. run: the work, which goes on from what a killed process had kept.
    result: plain values that the job keeps of its outcome. lane: the queue that it waits in. helped: (workspace, request, folder of the
    run), what each further process of one server does beside `run`, keeping nothing (see `helpers`); None where one process does it all.
    """

    kind: str
    request: type[Request]
    run: Callable[[Workspace, Request, Progress], Outcome]
    result: Callable[[Outcome], Mapping[str, object] | None]
    lane: str = launcher.COMPUTE
    helped: Callable[[Workspace, Request, Path], object] | None = None

    def launch(self, ws: Workspace, request: Request, title: str, command: Sequence[str] | None = None, on: str = "") -> str:
        """Queues a job and starts its worker once it is its turn; the job's id. command, JobError: as for `launcher.launch`.

        on: the name of a place (`launchers.place_book`) where the long part is done, while a process here watches it; "" for this computer.
        """
        if on:
            return launcher.launch(ws, self.kind, title, request.as_spec(), launcher.courier_command(on), launcher.ELSEWHERE)
        return launcher.launch(ws, self.kind, title, request.as_spec(), command, self.lane)

    def job_for(self, ws: Workspace, request: Request) -> JobInfo | None:
        """The latest job that does exactly this; one that is at work comes before those that ended."""
        spec = json.loads(json.dumps(request.as_spec()))  # as a stored job gives it back, with lists for tuples
        same = [job for job in ws.jobs(limit=None) if job.kind == self.kind and dict(job.spec) == spec]
        return next((job for job in same if job.active), same[0] if same else None)

    def work(self, ws: Workspace, spec: Mapping[str, object], progress: Progress) -> Mapping[str, object] | None:
        """Does what a job asks for; what the job keeps of it. spec: the request as it was stored."""
        return self.result(self.run(ws, self.request.from_spec(spec), progress))

    def help(self, ws: Workspace, spec: Mapping[str, object], folder: Path) -> None:
        """A helper's part of `run`. folder: of the run, with its checkpoints, which are read only."""
        if self.helped is not None:
            self.helped(ws, self.request.from_spec(spec), folder)
