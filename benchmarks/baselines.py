"""The paper's baselines and the floors on real people, 5 folds by person, the same folds for all; parameters counted beside the paper's.

    python -m benchmarks.baselines ../shared/data/obf_psychiatric_dev.zip [--models wavelet_logistic cnn_1d cnn_3d] [--recipe recommended]

Recordings are the first seven full days of each person. Group against control.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.machine import keep
from pat_core.cohorts import Workspace
from pat_core.models.baselines import FAMILIES, BaselineConfig
from pat_core.training import FinetuneSettings
from pat_core.weights.parameter_shapes import parameters
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.labelled_weeks import RunRequest

FOLDS, SEED = 5, 0
GROUPS = ("schizophrenia", "depression")


def main() -> None:
    """Train each model on each pair of groups and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--models", nargs="+", default=["wavelet_logistic", "cnn_1d", "cnn_3d"])
    parser.add_argument("--recipe", choices=("recommended", "paper"), default="recommended")
    parser.add_argument("--max-epochs", type=int)
    chosen = parser.parse_args()
    counted = {name: {"ours": parameters(BaselineConfig(name)), "paper": family.stated} for name, family in FAMILIES.items()}
    result: dict[str, object] = {"folds": FOLDS, "seed": SEED, "recipe": chosen.recipe, "parameters": counted}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        import_recordings(workspace, [chosen.archive], "people")
        settings = FinetuneSettings("full", folds=FOLDS, seed=SEED, recipe=chosen.recipe, max_epochs=chosen.max_epochs, device="cpu")
        for group in GROUPS:
            table: dict[str, object] = {}
            for model in chosen.models:
                began = time.monotonic()
                request = RunRequest(f"{group}, {model}", "people", "group", group, model, "control", settings=settings)
                run = run_finetune(workspace, request)
                table[model] = {"auc": run.result["test"]["auc"], "fold_aucs": run.result["fold_aucs"], "floors": run.result["floors"]}
                table[model] |= {"seconds": round(time.monotonic() - began, 1)}
                print(group, model, run.result["test"]["auc"], flush=True)
            result[f"{group} against control"] = table
    keep("baselines", result)


if __name__ == "__main__":
    main()
