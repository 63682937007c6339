"""Group against control on the OBF-Psychiatric people: PAT and its rivals side by side, 5 folds by person, the same folds for all.

    python -m benchmarks.psychiatric ../shared/data/obf_psychiatric_dev.zip [--encoder pat-s-simulated] [--full-epochs 60]

Rows: linear probe on the shipped encoder, on a random encoder, full fine-tuning, and the two floors that stand beside each run.
Then integrated gradients of the fully fine-tuned model over those weeks: how many gaps stay within 1 %.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.machine import keep
from pat_core.cohorts import Workspace
from pat_core.records import WeekQuestion
from pat_core.training import FinetuneSettings
from pat_core.workflows.explanations.week_maps import explain_week
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_weeks

FOLDS, SEED = 5, 0


def main() -> None:
    """Run the comparison and keep its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--encoder", default="pat-s-simulated")
    parser.add_argument("--random", default="random-small")
    parser.add_argument("--full-epochs", type=int, default=60)
    parser.add_argument("--full-rate", type=float, default=None, help="learning rate of full fine-tuning (default: the paper's)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        done = import_recordings(workspace, [chosen.archive], "psychiatric")
        result = {"encoder": chosen.encoder, "weeks": "first of each person", "folds": FOLDS, "seed": SEED}
        result |= {"full_epochs_at_most": chosen.full_epochs, "came_in": done.people, "refused": [asdict(one) for one in done.refused]}
        for group in ("schizophrenia", "depression"):
            result[f"{group} against control"] = compare(workspace, group, chosen)
        keep("psychiatric", result)


def compare(workspace: Workspace, group: str, chosen: argparse.Namespace) -> dict[str, object]:
    """The rows for one group, and the gaps of the fully fine-tuned model's explanations."""
    table: dict[str, object] = {}
    probe = FinetuneSettings("linear_probe", folds=FOLDS, seed=SEED, recipe="paper")
    full = FinetuneSettings("full", folds=FOLDS, seed=SEED, max_epochs=chosen.full_epochs, learning_rate=chosen.full_rate, recipe="paper")
    for title, model, settings in (
        ("linear probe, shipped encoder", chosen.encoder, probe),
        ("linear probe, random encoder", chosen.random, probe),
        ("full fine-tuning", chosen.encoder, full),
    ):
        request = RunRequest(f"{group}: {title}", "psychiatric", "group", group, model, "control", settings=settings)
        run = run_finetune(workspace, request)
        table[title] = {key: run.result[key] for key in ("fold_aucs", "people", "prevalence", "best_epoch", "epochs", "stopped")}
        table[title] |= {"auc": run.result["test"]["auc"]}
        print(group, title, table[title]["auc"], flush=True)
    for floor in run.result["floors"]:
        table[floor["title"]] = {"auc": floor["auc"], "fold_aucs": floor["fold_aucs"]}
    data, _ = labelled_weeks(workspace, request)
    table["integrated gradients gap"] = gaps(workspace, f"{group}: full fine-tuning", data.people)
    return table


def gaps(workspace: Workspace, model_name: str, people: np.ndarray) -> dict[str, object]:
    """Relative completeness gaps of the model that was kept, over the same people's weeks."""
    model = resolve(workspace, model_name)
    made = [
        explain_week(workspace, model, WeekQuestion("psychiatric", person, standardize_by="model"), "integrated_gradients")
        for person in people
    ]
    found = np.array([one.relative_gap for one in made])
    steps = [int(one.settings["steps"]) for one in made]
    over = {str(person): float(gap) for person, gap in zip(people, found, strict=True) if gap > 0.01}
    return {
        "weeks": len(found),
        "share within 1 %": float((found <= 0.01).mean()),
        "median": float(np.median(found)),
        "largest": float(found.max()),
        "steps median": float(np.median(steps)),
        "steps most": max(steps),
        "beyond 1 %": over,
    }


if __name__ == "__main__":
    main()
