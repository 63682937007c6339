"""The experiment on real people: PAT and the paper's baselines by both recipes, 5 folds by person, beside the floors.

    python -m benchmarks.training.experiment ../shared/data --folder DIR [--recipes recommended paper] [--tasks schizophrenia ...]
        [--models pat-s-simulated/linear_probe ...] [--paper-epochs 60] [--alignment midnight] [--table]

Each cell is a run as the app does it: weeks that the input check refuses left out, a standardizer in each fold, the floors on the same
splits. Psychiatric weeks begin with the recording, as the app imports them, or at the first midnight: then the hour at which a device was
put on, which differs between these groups, plays no part. All cells of a task have the same folds. DIR keeps every cell, so that a run that
was stopped goes on; several may run at once on different cells. The paper's recipe is stopped after `--paper-epochs` epochs, because its
own 10,000 with a patience of 250 take hours a cell here; whether a cell ended there stands beside it. --table measures nothing more and
writes what there is to benchmarks/results/.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import keep
from benchmarks.training.real_people import TASKS, Task, import_people
from pat_core.cohorts import Workspace
from pat_core.models.baselines import FAMILIES, BaselineConfig
from pat_core.training import FinetuneSettings
from pat_core.weights.parameter_shapes import parameters
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.week.labelled_weeks import RunRequest

FOLDS, SEED = 5, 0
RECIPES = ("recommended", "paper")
PATS = ("pat-s-simulated/linear_probe", "pat-s-simulated/full", "pat-m-simulated/linear_probe", "pat-m-simulated/full")
MODELS = (*PATS, *(f"{family}/full" for family in FAMILIES))


def measured(workspace: Workspace, name: str, task: Task, model: str, settings: FinetuneSettings) -> dict[str, Any]:
    """One cell: AUC with its interval, of each fold, of the floors on the same folds, and how the training went."""
    began = time.monotonic()
    request = RunRequest(name, task.cohort, task.label, task.positive, model, task.negative, settings=settings)
    result = run_finetune(workspace, request).result
    row: dict[str, Any] = {"auc": result["test"]["auc"], "fold AUCs": result["fold_aucs"], "people": result["people"]}
    row["floors"] = {floor["title"]: {"auc": floor["auc"], "difference": floor["difference"]} for floor in result["floors"]}
    for name in ("prevalence", "best_epoch", "epochs", "stopped"):
        row[name.replace("_", " ")] = result.get(name)
    return row | {"seconds": round(time.monotonic() - began)}


def run(chosen: argparse.Namespace) -> None:
    """Measure what is not there yet, all models of a task before the next one."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        import_people(workspace, chosen.data, chosen.alignment)
        for recipe in chosen.recipes:
            for task in chosen.tasks:
                for name in chosen.models:
                    path = chosen.folder / f"{task}, {recipe}, {name.replace('/', ', ')}.json"
                    if path.exists():
                        continue
                    model, style = name.split("/")
                    most = chosen.paper_epochs if recipe == "paper" and style == "full" else None
                    settings = FinetuneSettings(style, folds=FOLDS, seed=SEED, recipe=recipe, max_epochs=most, device="cpu")
                    row = measured(workspace, path.stem, TASKS[task], model, settings)
                    path.write_text(json.dumps(row | {"epochs at most": most}))
                    print(path.stem, row["auc"], row["seconds"], "s", flush=True)


def table(folder: Path) -> dict[str, Any]:
    """Task -> floors, then a row a model and recipe: AUC [interval], what it is above the floors, and the fold AUCs' range."""
    found: dict[str, Any] = {}
    for task in TASKS:
        cells = {path.stem.removeprefix(f"{task}, "): json.loads(path.read_text()) for path in sorted(folder.glob(f"{task}, *.json"))}
        if not cells:
            continue
        any_cell = next(iter(cells.values()))
        found[task] = {"people": any_cell["people"], "floor of the whole set": TASKS[task].floor}
        found[task] |= {f"floor: {title}": words(floor["auc"]) for title, floor in any_cell["floors"].items()}
        for name, cell in cells.items():
            above = {title: words(floor["difference"], signed=True) for title, floor in cell["floors"].items()}
            low, high = min(cell["fold AUCs"]), max(cell["fold AUCs"])
            found[task][name] = {"AUC": words(cell["auc"]), "above floors": above, "folds": f"{low:.2f} to {high:.2f}"}
            found[task][name] |= {key: cell[key] for key in ("best epoch", "epochs", "epochs at most", "seconds")}
    return found


def words(figure: dict[str, float], signed: bool = False) -> str:
    value, low, high = (format(figure[name], "+.3f" if signed else ".3f") for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES), choices=RECIPES)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--paper-epochs", type=int, default=60)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--alignment", choices=("start", "midnight"), default="start", help="where psychiatric weeks begin")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    if not chosen.table:
        run(chosen)
    counted = {name: {"ours": parameters(BaselineConfig(name)), "paper": family.stated} for name, family in FAMILIES.items()}
    name = "experiment" if chosen.alignment == "start" else "experiment-midnight"
    keep(name, {"folds": FOLDS, "seed": SEED, "parameters of baselines": counted, **table(chosen.folder)})


if __name__ == "__main__":
    main()
