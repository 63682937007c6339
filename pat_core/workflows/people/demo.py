"""The demonstration: simulated people, a model fine-tuned on others of them, predictions and explanations.

`build_demo` makes assets/demo/ (people.npz, model.safetensors, answers.npz); `ensure_demo` puts it into a workspace.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from pat_core import settings
from pat_core.cohorts import Workspace
from pat_core.cohorts.kept.result_cache import PLAIN
from pat_core.files import replacing
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution, SimulatedCohort
from pat_core.simulate import load_simulated, save_simulated, simulate
from pat_core.training import FinetuneSettings
from pat_core.weeks import apply
from pat_core.weights import load
from pat_core.workflows.explanations.week_maps import MAPS, explain_standardized, map_question
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.model_entries import add_model, resolve
from pat_core.workflows.models.predictions import as_prediction, default_standardizer, predict_cohort
from pat_core.workflows.people.simulated_people import NOT_PLANTED, PLANTED, label_name, store_simulated
from pat_core.workflows.week.labelled_weeks import RunRequest

COHORT = "Demo: simulated people"
MODEL = "demo-late-wake"
LABEL = "late_wake"
TRAINING_PEOPLE, TRAINING_SEED = 600, 2024
SHOWN_PEOPLE, SHOWN_SEED = 40, 7
PREMADE = ("rollout", "authors", "integrated_gradients")
"""Explanations that ship, so that the first look computes nothing; all methods would be 20 MB."""


def demo_folder() -> Path:
    """Where the demonstration ships."""
    return settings.ASSETS / "demo"


def ensure_demo(workspace: Workspace) -> bool:
    """Put the demonstration into a workspace that never had it. True where it was put there; once deleted, it stays deleted."""
    folder = demo_folder()
    if workspace.setting("demo") is not None or not (folder / "answers.npz").exists():
        return False
    if COHORT not in {cohort.name for cohort in workspace.cohorts()}:
        store_simulated(workspace, COHORT, load_simulated(folder / "people.npz"))
    if MODEL not in {model.name for model in workspace.models()}:
        add_model(workspace, folder / "model.safetensors", MODEL, ours=True)
    model = resolve(workspace, MODEL)
    with np.load(folder / "answers.npz", allow_pickle=False) as answers:
        rows = workspace.week_rows(COHORT)
        predictions = [(row.row, as_prediction(model, row.participant, 0, answers["logits"][row.row])) for row in rows]
        workspace.save_predictions(model.sha256, COHORT, default_standardizer(model), predictions)
        for number, answer in enumerate(json.loads(str(answers["index"]))):
            attribution = Attribution(values=answers[f"values{number}"], **answer["record"])
            workspace.cache_put(answer["key"], MAPS.encode(attribution))
    workspace.keep_setting("demo", "installed")
    return True


def build_demo(encoder: str, out: Path, finetuning: FinetuneSettings, progress: Progress | None = None) -> dict[str, Any]:
    """Make the demonstration's files in `out`: the people shown are drawn with another seed than those the model is trained on.

    The card is that of any fine-tuned model; its cohort_id is the training people's, so no cohort of a reader is ever taken for them.
    """
    progress = progress or Silent()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        store_simulated(workspace, "training", simulate(TRAINING_PEOPLE, TRAINING_SEED, label=LABEL))
        request = RunRequest(MODEL, "training", label_name(LABEL), PLANTED, encoder, NOT_PLANTED, settings=finetuning)
        run = run_finetune(workspace, request, progress)
        shown = simulate(SHOWN_PEOPLE, SHOWN_SEED, label=LABEL)
        out.mkdir(parents=True, exist_ok=True)
        save_simulated(shown, out / "people.npz")
        store_simulated(workspace, COHORT, shown)
        with replacing(out / "model.safetensors", private=False) as waiting:
            shutil.copyfile(run.folder / "best.safetensors", waiting)
        model = load(out / "model.safetensors")
        predicted = predict_cohort(workspace, model, COHORT)
        _save_answers(workspace, model, shown, [week.prediction.logit for week in predicted], out / "answers.npz", progress)
    return dict(run.result or {})


def _save_answers(workspace: Workspace, model, shown: SimulatedCohort, logits: list[float], path: Path, progress: Progress) -> None:
    z = apply(model.standardizer, shown.weeks, [shown.start] * len(shown.weeks))
    arrays: dict[str, Any] = {"logits": np.array(logits, dtype=np.float64)}
    index: list[dict[str, Any]] = []
    for person, week in enumerate(z):
        progress.at(person / len(z), f"Explaining {person + 1} of {len(z)}")
        for method in PREMADE:
            attribution = explain_standardized(workspace, model, week, method)
            record = json.loads(MAPS.encode(attribution)[PLAIN].tobytes().decode())
            arrays[f"values{len(index)}"] = attribution.values
            index.append({"key": map_question(model, week, method, {}).key, "record": record})
    arrays["index"] = np.array(json.dumps(index))
    with replacing(path, private=False) as waiting:
        np.savez_compressed(waiting, **arrays)
