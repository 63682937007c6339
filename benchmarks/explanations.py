"""The scoreboard of explanations: models trained on simulated people whose evidence was planted, and every method held against it.

    python -m benchmarks.explanations --folder DIR [--sizes small medium] [--tasks presence absence ...] [--seeds 3] [--weeks 70]

DIR keeps the trained models and every row that was measured, so that a run that was stopped goes on. Prints the table of targets and
writes it to benchmarks/results/; with --publish also to assets/scoreboard.json, which the app shows.
"""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from pathlib import Path

import torch

from benchmarks.checks import exact_attention, gate, prior_shift
from benchmarks.machine import keep, machine
from benchmarks.measured import Rows, measure_cell
from benchmarks.planted import TASKS, model_file, trained
from benchmarks.table import publish, table
from pat_core.weights import load

logger = logging.getLogger(__name__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--sizes", nargs="+", default=["small", "medium"])
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--weeks", type=int, default=70, help="weeks of each task, size and seed")
    parser.add_argument("--deep", type=int, default=10, help="of these, how many in depth: deletion, noise, randomization, slow methods")
    parser.add_argument("--people", type=int, default=1000, help="people to train on")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--archives", nargs="*", type=Path, default=[], help="real recordings for the input gate")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--table-only", action="store_true", help="measure nothing more, print what there is")
    parser.add_argument("--publish", action="store_true", help="also write assets/scoreboard.json")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for task, size, seed in _cells(chosen) if not chosen.table_only else ():
        logger.info("%s, %s, seed %d", size, task, seed)
        model = trained(task, size, seed, chosen.folder, chosen.people, chosen.epochs)
        rows = Rows(chosen.folder / f"{model.name}.jsonl")
        measure_cell(model, task, size, seed, chosen.weeks, chosen.deep, rows)
    checks = exact_attention(chosen.sizes) + gate(chosen.archives)
    files = {key: model_file(*key, chosen.folder, chosen.people, chosen.epochs) for key in _cells(chosen)}
    there = {key: path for key, path in files.items() if path.exists()}
    for (task, size, seed), path in there.items():
        if task == "absence" and seed == chosen.seeds[0]:
            checks += prior_shift(load(path), size)
    found = table([row for path in there.values() for row in Rows(path.with_suffix(".jsonl")).current()], checks)
    missing = Counter((task, size) for task, size, seed in files if (task, size, seed) not in there)
    found["not measured"] = [f"{task}, {size} ({count} of {len(chosen.seeds)} models)" for (task, size), count in missing.items()]
    keep("explanations", found)
    if chosen.publish:
        publish(found, machine())


def _cells(chosen: argparse.Namespace) -> list[tuple[str, str, int]]:
    """(task, size, seed), a seed of every task before the next seed."""
    return [(task, size, seed) for size in chosen.sizes for seed in chosen.seeds for task in chosen.tasks]


if __name__ == "__main__":
    main()
