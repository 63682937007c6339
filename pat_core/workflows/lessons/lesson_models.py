"""Two models of one question for the lessons: that of the demonstration, and a second one that begins with another encoder."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from pat_core.cohorts import Workspace
from pat_core.progress import Progress
from pat_core.simulate import simulate
from pat_core.training import FinetuneSettings
from pat_core.weights import Model, load
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.people.demo import LABEL, TRAINING_PEOPLE, TRAINING_SEED, demo_folder
from pat_core.workflows.people.simulated_people import NOT_PLANTED, PLANTED, label_name, store_simulated
from pat_core.workflows.week.labelled_weeks import RunRequest

ENCODER = "pat-s-lifelike"
"""Where the second model begins; the demonstration's began with pat-s-simulated."""
RECIPE = FinetuneSettings("full", learning_rate=3e-4, max_epochs=25, patience=10, recipe="paper")


def first_model() -> Model:
    """The demonstration's. WeightsError where its file is not there."""
    return load(demo_folder() / "model.safetensors")


def train_second(path: Path, progress: Progress) -> Model:
    """Fine-tune the second model on the people of the first, split alike, and keep it at `path` (.safetensors)."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        store_simulated(workspace, "training", simulate(TRAINING_PEOPLE, TRAINING_SEED, label=LABEL))
        request = RunRequest("second", "training", label_name(LABEL), PLANTED, ENCODER, NOT_PLANTED, settings=RECIPE)
        run = run_finetune(workspace, request, progress)
        shutil.copyfile(run.folder / "best.safetensors", path)
    return load(path)
