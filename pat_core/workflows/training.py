"""Fine-tuning and pretraining runs: from a cohort's labels to a model that travels with its card."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from pat_core import __version__, jobs
from pat_core.cohorts import JobInfo, RunInfo, Workspace
from pat_core.errors import JobError, TrainingError, WorkspaceError
from pat_core.model import Classifier, config_for, seeded
from pat_core.progress import Progress, Silent
from pat_core.records import COUNTS
from pat_core.simulate import simulate
from pat_core.training import Finetuned, FinetuneSettings, LabelledWeeks, PretrainSettings, check_people, finetune, pretrain
from pat_core.weeks import apply, fit
from pat_core.weights import Model, save
from pat_core.workflows.models import add_model, models, resolve

CITATION = "Ruan, Zhang, Oh, Jin & Jacobson, AI Foundation Models for Wearable Movement Data in Mental Health Research, arXiv 2411.15240"


@dataclass(frozen=True)
class RunRequest:
    """What to fine-tune: a model on a cohort's label. negative: None takes everyone else who has a value for the label.

    weeks: "first" takes one week a person, "all" every full week (the split stays by person).
    """

    name: str
    cohort: str
    label: str
    positive: str
    model: str
    negative: str | None = None
    weeks: str = "first"
    settings: FinetuneSettings = FinetuneSettings()

    def as_spec(self) -> dict[str, object]:
        """Plain values, for a job and the run's record."""
        return asdict(self)

    @classmethod
    def from_spec(cls, spec: dict[str, object]) -> RunRequest:
        """The request back from plain values; fields that it does not know are left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{k: v for k, v in spec.items() if k in known and k != "settings"}, settings=FinetuneSettings(**spec["settings"]))


def label_text(value: object) -> str:
    """A label's value as people write it: "" where there is none, 2 and not 2.0."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def label_counts(workspace: Workspace, cohort: str, label: str) -> dict[str, int]:
    """People by value of a label; people without one are left out."""
    values = [text for person in workspace.people(cohort) if (text := label_text(person.labels.get(label)))]
    return dict(pd.Series(values, dtype=str).value_counts()) if values else {}


def labelled_weeks(workspace: Workspace, request: RunRequest) -> tuple[LabelledWeeks, np.ndarray]:
    """The weeks of the people whose label is the positive or the negative value, and their rows in the cohort's array."""
    counts = label_counts(workspace, request.cohort, request.label)
    for value in filter(None, (request.positive, request.negative)):
        if value not in counts:
            there = ", ".join(f"{key} ({n})" for key, n in counts.items()) or "none"
            raise TrainingError(f"Nobody in {request.cohort} has {request.label} = {value!r}. Its values are: {there}.")
    wanted = {request.positive, request.negative} if request.negative is not None else set(counts)
    label_of = {person.participant: label_text(person.labels.get(request.label)) for person in workspace.people(request.cohort)}
    rows = [
        row
        for row in workspace.week_rows(request.cohort)
        if label_of[row.participant] in wanted and (request.weeks == "all" or row.index == 0)
    ]
    order = np.array([row.row for row in rows], dtype=int)
    positive = np.array([label_of[row.participant] == request.positive for row in rows], dtype=bool)
    people = np.array([row.participant for row in rows])
    unit = workspace.cohort(request.cohort).unit
    return LabelledWeeks(workspace.weeks_array(request.cohort)[order], positive, people, unit, f"cohort {request.cohort}"), order


def start_finetune(workspace: Workspace, request: RunRequest) -> tuple[RunInfo, JobInfo]:
    """Check the request, record the run and start its job in the background. Wrong requests are refused before anything is written."""
    resolve(workspace, request.model)
    check_people(labelled_weeks(workspace, request)[0], request.settings)
    run = _new_run(workspace, request)
    try:
        job = jobs.launch(workspace, "finetune", f"Fine-tune {request.name}", request.as_spec())
    except JobError:
        workspace.delete_run(request.name)
        raise
    workspace.update_run(request.name, job_id=job)
    return run, workspace.job(job)


def run_finetune(workspace: Workspace, request: RunRequest, progress: Progress | None = None) -> RunInfo:
    """Fine-tune, keep everything in the run's folder, and add the model. Goes on from the last checkpoint of a killed run."""
    progress = progress or Silent()
    run = _same_run(workspace, request)
    start = resolve(workspace, request.model)
    data, rows = labelled_weeks(workspace, request)
    check_people(data, request.settings)  # first, so that a wrong request leaves no run behind
    run = run or _new_run(workspace, request)
    workspace.update_run(run.name, state="running")
    done = finetune(start.network, data, request.settings, run.folder, progress)
    card = _card(request, start, done, data)
    path = run.folder / "best.safetensors"
    name = request.name
    sha256 = save(
        path, done.network, has_head=True, encoder_trained=_encoder_trained(request, start), standardizer=done.standardizer,
        card=card, name=name, origin="fine-tuned",
    )  # fmt: skip
    _keep_tables(run.folder, done, data)
    if name not in {info.name for info in workspace.models()}:
        add_model(workspace, path, name)
    result = {
        key: card[key] for key in ("test", "prevalence", "people", "best_epoch", "epochs", "stopped", "fold_aucs", "standardizer_people")
    }
    workspace.update_run(run.name, state="done", result=result | {"model_sha256": sha256, "versions": versions()})
    return workspace.run(run.name)


def _new_run(workspace: Workspace, request: RunRequest) -> RunInfo:
    """Record a run. Its model will bear its name, which must stand for no other model."""
    if any(entry.reference == request.name for entry in models(workspace)):
        raise WorkspaceError(f"A model is already called {request.name!r}. Choose another name for the run.")
    return workspace.create_run(request.name, request.cohort, request.as_spec())


def _same_run(workspace: Workspace, request: RunRequest) -> RunInfo | None:
    """The unfinished run of this name to go on with; refuses one that is done or was asked for differently."""
    run = next((run for run in workspace.runs() if run.name == request.name), None)
    if run is None:
        return None
    if run.state == "done":
        raise WorkspaceError(f"A run called {request.name!r} is done already. Choose another name.")
    if run.config != json.loads(json.dumps(request.as_spec())):
        raise WorkspaceError(
            f"An unfinished run called {request.name!r} was started with other people, another model or other settings. "
            "Go on with it as it was, or choose another name."
        )
    return run


def _encoder_trained(request: RunRequest, start: Model) -> bool:
    return start.encoder_trained or request.settings.style == "full"


def _card(request: RunRequest, start: Model, done: Finetuned, data: LabelledWeeks) -> dict[str, object]:
    test = {"auc": asdict(done.test_auc), "logits": [float(x) for x in done.test_logits]}
    test |= {"labels": [int(data.positive[row]) for row in done.test_rows], "fold": [int(fold) for fold in done.test_fold]}
    how = f"{request.settings.folds}-fold cross-validation by person" if request.settings.folds else "held-out people"
    negative = request.negative if request.negative is not None else f"not {request.positive}"
    first_line = str(start.card.get("first_line", ""))
    if not start.encoder_trained:
        first_line = "Started from random weights. " + first_line if request.settings.style == "full" else (
            "The encoder of this model is random and was never trained; only the head was. For comparison only."
        )  # fmt: skip
    return {
        "name": request.name,
        "first_line": first_line,
        "started_from": start.name,
        "source_sha256": start.sha256,
        "pretrained_on": start.card.get("pretrained_on", ""),
        "simulated": bool(start.card.get("simulated", False)),
        "warning": start.card.get("warning", ""),
        "licence": start.card.get("licence", ""),
        "citation": CITATION,
        "cohort": request.cohort,
        "label": request.label,
        "positive": request.positive,
        "negative": negative,
        "unit": data.unit,
        "people": int(len(set(data.people))),
        "prevalence": done.prevalence,
        "test": test | {"how": how},
        "fold_aucs": list(done.fold_aucs),
        "best_epoch": done.fitted.best_epoch,
        "epochs": done.fitted.epochs,
        "stopped": done.fitted.stopped,
        "standardizer_people": done.standardizer.people,
        "style": request.settings.style,
        "seed": request.settings.seed,
        "settings": request.settings.as_dict(),
        "versions": versions(),
    }


def _keep_tables(folder: Path, done: Finetuned, data: LabelledWeeks) -> None:
    write_json(folder / "split.json", {str(person): str(part) for person, part in zip(data.people, done.split, strict=True)})
    curves = pd.DataFrame(done.fitted.curves, columns=["epoch", "name", "value"])
    curves.pivot(index="epoch", columns="name", values="value").to_csv(folder / "curves.csv")
    held = {"participant": data.people[done.test_rows], "positive": data.positive[done.test_rows].astype(int)}
    pd.DataFrame(held | {"fold": done.test_fold, "logit": done.test_logits}).to_csv(folder / "test.csv", index=False)


def run_curves(workspace: Workspace, run: RunInfo) -> list[tuple[int, str, float]]:
    """(epoch, name, value): all of them where the run is done, else what its job has told so far."""
    path = run.folder / "curves.csv"
    if path.exists():
        table = pd.read_csv(path).melt(id_vars="epoch", var_name="name").sort_values("epoch", kind="stable")
        return list(table.itertuples(index=False, name=None))
    return workspace.metrics(run.job_id) if run.job_id else []


def write_json(path: Path, content: object) -> None:
    """Write plain values, atomically."""
    waiting = path.with_name(f".{path.name}.{os.getpid()}")
    waiting.write_text(json.dumps(content, indent=1))
    os.replace(waiting, path)


def versions() -> dict[str, str]:
    """What a result was made with."""
    return {"pat_core": __version__, "torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()}


def pretrain_simulated(
    size: str, people: int, seed: int, out: Path, settings: PretrainSettings, embedding: str = "linear", progress: Progress | None = None
) -> str:
    """Pretrain an encoder on simulated weeks and save it with its card. Returns the file's SHA-256.

    Weeks: `simulate(people, seed, label="none")` with every trait and distractor mixed in, standardized per minute over all of them.
    """
    progress = progress or Silent()
    config = config_for(size, embedding)
    progress.at(0.0, f"Simulating {people} people")
    weeks = simulate(people, seed, label="none").weeks
    standardizer = fit(weeks, f"{people} simulated people, seed {seed}", COUNTS)
    done = pretrain(apply(standardizer, weeks), config, settings, out.with_suffix(".checkpoint"), progress)
    network = seeded(lambda: Classifier(config), settings.seed)
    network.encoder.load_state_dict(done.encoder.state_dict())
    card = {
        "name": f"PAT-{size[0].upper()} on simulated weeks",
        "first_line": "Pretrained on simulated weeks. These are not the published PAT weights.",
        "pretrained_on": f"{people} simulated people (pat_core.simulate, seed {seed})",
        "participants": people,
        "simulated": True,
        "licence": "Apache-2.0",
        "citation": CITATION,
        "unit": COUNTS,
        "validation_loss": done.validation_loss,
        "epochs": done.epochs,
        "best_epoch": done.best_epoch,
        "stopped": done.stopped,
        "settings": done.settings,
        "versions": versions(),
    }
    return save(
        out, network, has_head=False, encoder_trained=True, standardizer=standardizer, card=card, name=card["name"], origin="bundled"
    )
