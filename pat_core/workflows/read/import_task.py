"""The import of recordings as a background job: what is asked, and what the job keeps of its report."""

from __future__ import annotations

import collections.abc
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from pat_core.cohorts import Workspace
from pat_core.jobs import Task
from pat_core.jobs.job_requests import Spec
from pat_core.jobs.launcher import FILES
from pat_core.progress import Progress
from pat_core.recordings.mapping.mapping_record import Mapping, from_json, to_json
from pat_core.records import Alignment
from pat_core.workflows.read.clock_choice import AS_RECORDED, Clocks
from pat_core.workflows.read.cohort_import import ImportReport, ImportSettings, import_recordings, imported_with


@dataclass(frozen=True)
class ImportRequest(Spec):
    """What to read into a new cohort, as for `import_recordings`. incoming: a folder of uploads that is removed once the cohort is there.
    note: by which the cohort of this import is known again."""

    paths: tuple[str, ...]
    cohort: str
    labels: str | None = None
    alignment: Alignment = "start"
    incoming: str | None = None
    note: str = ""
    mappings: tuple[Mapping, ...] = ()
    clocks: Clocks = AS_RECORDED
    device: str = ""
    placement: str = ""

    def as_spec(self) -> dict[str, Any]:
        """As `Spec.as_spec`, the same before and after JSON."""
        mappings = [to_json(mapping) for mapping in self.mappings]
        return super().as_spec() | {"paths": list(self.paths), "mappings": mappings, "clocks": self.clocks.as_spec()}

    @classmethod
    def from_spec(cls, spec: collections.abc.Mapping[str, Any]) -> Self:
        """As `Spec.from_spec`. RecordingError where what columns mean is damaged."""
        mappings = tuple(from_json(mapping) for mapping in spec.get("mappings", ()))
        clocks = Clocks.from_spec(spec.get("clocks", {}))
        return super().from_spec({**spec, "paths": tuple(spec["paths"]), "mappings": mappings, "clocks": clocks})


def run_import(workspace: Workspace, request: ImportRequest, progress: Progress) -> ImportReport:
    """Whole or not at all, and once: where a killed worker had written the cohort already, only its report is left to give."""
    done = imported_with(workspace, request.note) or import_recordings(
        workspace,
        [Path(path) for path in request.paths],
        request.cohort,
        ImportSettings(request.alignment, request.mappings, request.clocks, request.device, request.placement),
        labels=Path(request.labels) if request.labels else None,
        note=request.note,
        progress=progress,
    )
    if request.incoming:
        shutil.rmtree(request.incoming, ignore_errors=True)
    return done


def _report(done: ImportReport) -> dict[str, object]:
    refused, notes = ([asdict(one) for one in found] for found in (done.refused, done.notes))
    over = [week.as_spec() for week in done.over]
    said = {"refused": refused, "notes": notes, "over": over, "clock": done.clock, "alike": list(done.alike)}
    return {"people": done.people, "weeks": done.weeks, **said}


IMPORT = Task("import", ImportRequest, run_import, _report, FILES)
