"""The figures of everybody in a cohort, as a background job: rhythm and sleep, or how far from those a model learned from. What is done is
kept, so that the work goes on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass

from pat_core.cohorts import Workspace
from pat_core.errors import WorkspaceError
from pat_core.jobs import Spec, Task
from pat_core.progress import Progress, Silent
from pat_core.records import StandardizeBy
from pat_core.workflows.explanations.cohort_request import unfit_by
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import default_standardizer
from pat_core.workflows.week.week_figures import figures_not_kept
from pat_core.workflows.workbench.people_sources import distances_of_people, figures_of_people, first_rows


@dataclass(frozen=True)
class FiguresRequest(Spec):
    """Whose figures. cohort_id: as it was when asked. model: "" for rhythm and sleep; else the distances of everyone by this model, with
    its sha256 and the standardizer (None: its usual one)."""

    cohort: str
    cohort_id: str
    model: str = ""
    sha256: str | None = None
    standardizer: StandardizeBy | None = None


def compute_figures(workspace: Workspace, request: FiguresRequest, progress: Progress | None = None) -> int:
    """Compute what is not kept yet; of how many people there are figures then. WorkspaceError where the cohort is another one now."""
    progress, info = progress or Silent(), workspace.cohort(request.cohort)
    if info.id != request.cohort_id:
        raise WorkspaceError(f"{request.cohort} is a different cohort now from when this was asked. Ask again on the Participants page.")
    if not request.model:
        return int(figures_of_people(workspace, request.cohort, progress).frame["variability"].notna().sum())
    model = resolve(workspace, request.model)
    by = request.standardizer or default_standardizer(model, info.lengths)
    unfit = unfit_by(workspace, model, request.cohort, by)
    fit = [row for row in workspace.week_rows(request.cohort) if not unfit[row.row]]
    part = distances_of_people(workspace, model, request.cohort, by, fit, progress, only_kept=False)
    return int(part.frame["distance"].notna().sum())


def figures_missing(workspace: Workspace, cohort: str) -> int:
    """Of how many people rhythm and sleep would be computed now."""
    return figures_not_kept(workspace, cohort, [row.row for row in first_rows(workspace, cohort)])


PEOPLE_FIGURES = Task("people_figures", FiguresRequest, compute_figures, lambda people: {"people": people})
