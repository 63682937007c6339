"""The scoreboard of explanations as it is published: what the app measures of maps, and checks that need no map of a planted week.

    python -m benchmarks.explanations --folder DIR [--sizes small medium] [--tasks presence absence ...] [--models 3] [--weeks 70]

DIR keeps the trained models and every row that was measured, so that a run that was stopped goes on. Prints the table of targets and
writes it to benchmarks/results/; with --publish also to assets/scoreboard.json, which the app shows.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Mapping
from pathlib import Path

import torch

from benchmarks.checks import exact_attention, gate, prior_shift
from benchmarks.machine import keep, machine
from pat_core.settings import ASSETS
from pat_core.weights import load
from pat_core.workflows.explanations.scoreboard import NAME
from pat_core.workflows.explanations.scoreboard_run import FULL, ScoreboardRequest, figures_in, measure

logger = logging.getLogger(__name__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--sizes", nargs="+", default=FULL.sizes)
    parser.add_argument("--tasks", nargs="+", default=FULL.tasks)
    parser.add_argument("--models", type=int, default=FULL.models, help="of each task and size, each from its own seed")
    parser.add_argument("--weeks", type=int, default=FULL.weeks, help="of each model")
    parser.add_argument(
        "--deep", type=int, default=FULL.deep, help="of these, how many in depth: deletion, noise, randomization, slow methods"
    )
    parser.add_argument("--people", type=int, default=FULL.people, help="people to train on")
    parser.add_argument("--epochs", type=int, default=FULL.epochs)
    parser.add_argument("--archives", nargs="*", type=Path, default=[], help="real recordings for the input gate")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--table-only", action="store_true", help="measure nothing more, print what there is")
    parser.add_argument("--publish", action="store_true", help="also write assets/scoreboard.json")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    sizes, tasks = tuple(chosen.sizes), tuple(chosen.tasks)
    request = ScoreboardRequest(sizes, tasks, chosen.models, chosen.weeks, chosen.deep, people=chosen.people, epochs=chosen.epochs)
    if not chosen.table_only:
        measure(chosen.folder, request, _Logged())
    checks = exact_attention(sizes) + gate(chosen.archives)
    first = [planted for planted in request.cells if planted.task == "absence" and planted.seed == 0]
    for planted in first:
        if (path := chosen.folder / f"{planted.name}.safetensors").exists():
            checks += prior_shift(load(path), planted.size)
    board = figures_in(chosen.folder, request, checks)
    keep("explanations", board)
    if chosen.publish:
        (ASSETS / NAME).write_text(json.dumps({"machine": machine(), **board}, indent=1) + "\n")


class _Logged:
    """Progress into the log."""

    def at(self, fraction: float, message: str) -> None:
        logger.info("%4.1f %%  %s", 100 * fraction, message)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        """There is no curve of it."""


if __name__ == "__main__":
    main()
