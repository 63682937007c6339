"""What each kind of background job does: the table that the worker is given."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from pat_core.cohorts import Workspace, workspace_trouble
from pat_core.progress import Progress
from pat_core.recordings.mapping.mapping_record import from_json
from pat_core.workflows.explanations.cohort_by_clock import ClockRequest, run_by_clock
from pat_core.workflows.explanations.cohort_concepts import ConceptRequest, run_concepts
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.model_entries import download_model, resolve
from pat_core.workflows.models.predictions import default_standardizer, known_predictions, predict_cohort
from pat_core.workflows.read.clock_choice import Clocks
from pat_core.workflows.read.cohort_import import import_recordings, imported_with
from pat_core.workflows.week.labelled_weeks import RunRequest

Handler = Callable[[Workspace, dict[str, object], Progress], dict[str, object] | None]


def _finetune(workspace: Workspace, spec: dict[str, object], progress: Progress) -> dict[str, object]:
    run = run_finetune(workspace, RunRequest.from_spec(spec), progress)
    return {"run": run.name}


def _import(workspace: Workspace, spec: dict[str, object], progress: Progress) -> dict[str, object]:
    """Whole or not at all, and once: where a killed worker had written the cohort already, only its report is left to give."""
    paths = [Path(path) for path in spec["paths"]]
    labels = Path(spec["labels"]) if spec.get("labels") else None
    note = spec.get("note", "")
    done = imported_with(workspace, note) or import_recordings(
        workspace,
        paths,
        spec["cohort"],
        labels=labels,
        alignment=spec.get("alignment", "start"),
        note=note,
        mappings=[from_json(mapping) for mapping in spec.get("mappings", ())],
        clocks=Clocks.from_spec(spec.get("clocks", {})),
        device=str(spec.get("device", "")),
        placement=str(spec.get("placement", "")),
        progress=progress,
    )
    if spec.get("incoming"):
        shutil.rmtree(spec["incoming"], ignore_errors=True)
    refused, notes = ([asdict(one) for one in found] for found in (done.refused, done.notes))
    over = [week.as_spec() for week in done.over]
    said = {"refused": refused, "notes": notes, "over": over, "clock": done.clock, "alike": list(done.alike)}
    return {"people": done.people, "weeks": done.weeks, **said}


def _predict(workspace: Workspace, spec: dict[str, object], progress: Progress) -> dict[str, object]:
    model, whose = resolve(workspace, spec["model"]), spec.get("standardizer")
    predicted = predict_cohort(workspace, model, spec["cohort"], whose, progress)
    rows = [one.row for one in predicted]
    if len(known_predictions(workspace, model.sha256, spec["cohort"], whose or default_standardizer(model), rows)) < len(rows):
        raise workspace_trouble.full(workspace.folder)  # a page shows what could not be kept; of a job nothing would be left
    return {"weeks": len(predicted)}


def _download(workspace: Workspace, spec: dict[str, object], progress: Progress) -> dict[str, object]:
    return {"model": download_model(workspace, spec["name"], progress).name}


def _by_clock(workspace: Workspace, spec: dict[str, object], progress: Progress) -> dict[str, object]:
    made = run_by_clock(workspace, ClockRequest.from_spec(spec), progress)
    return {"people": sum(made.attribution.people), "refused": made.refused}


def _concepts(workspace: Workspace, spec: dict[str, object], progress: Progress) -> dict[str, object]:
    return {"concepts": len(run_concepts(workspace, ConceptRequest.from_spec(spec), progress).responses)}


HANDLERS: dict[str, Handler] = {
    "finetune": _finetune,
    "import": _import,
    "predict": _predict,
    "download": _download,
    "by_clock": _by_clock,
    "concepts": _concepts,
}
