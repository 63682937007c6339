"""What the tests of runs share: a brief request, a cohort of one's own, and readers who stop a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled
from pat_core.records import SimulatedCohort
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import QUICK, REQUEST, Told, label_table, weeks_file

ROOT = Path(__file__).resolve().parents[2]
BRIEF = replace(REQUEST, settings=replace(QUICK, max_epochs=3))


def with_people(workspace: Workspace, made: SimulatedCohort, folder: Path) -> Workspace:
    """The workspace, with the cohort "people" imported from files in `folder`."""
    files = weeks_file(folder / "people.npz", made), label_table(folder / "groups.csv", made)
    import_recordings(workspace, [files[0]], "people", labels=files[1])
    return workspace


class StopAt(Told):
    """A reader who cancels at a given epoch, or something else that happens there."""

    def __init__(self, epoch: int, error: BaseException | None = None) -> None:
        super().__init__()
        self.epoch, self.error = epoch, error or Cancelled("stop")

    def metric(self, step: int, values) -> None:
        super().metric(step, values)
        if step == self.epoch:
            raise self.error
