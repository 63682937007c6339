"""Speed, as ratios in one run; the sides take turns, and each figure is a median of turns.

    python -m benchmarks.speed --python PATH_TO_KERAS_PYTHON [--models FILE ...] [--people 100 1000 10000]

PATH_TO_KERAS_PYTHON: the Python of a virtual environment with benchmarks/keras_agreement/requirements.txt; without it Keras is left out.
--models: fine-tuned models whose maps are timed beside captum's; by default the demonstration's. `python -m benchmarks.explanations` trains
the other of the benchmark. Writes benchmarks/results/<date>-speed.json. Some minutes on a quiet machine of two cores.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.machine import keep
from benchmarks.speed.cases import FORMER, KERAS, OURS, clock, gradients, probe_epoch, share_of_gemm, trials
from benchmarks.speed.people import costs
from benchmarks.speed.sides import ROOT, Side, former
from pat_core.settings import ASSETS

BEFORE = "3e3c2fa"
"""The last commit whose attention had four projections."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", help="the Python of the Keras environment")
    parser.add_argument("--sizes", nargs="*", default=["small", "medium", "large"])
    parser.add_argument("--models", nargs="*", type=Path, default=[ASSETS / "demo" / "model.safetensors"])
    parser.add_argument("--weeks", type=int, default=10, help="whose maps are timed")
    parser.add_argument("--clock", type=int, default=24, help="people of the cohort by clock")
    parser.add_argument("--people", nargs="*", type=int, default=[100, 1000], help="sizes of a cohort that is predicted")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--before", default=BEFORE, help="the commit that stands for the project as it was")
    chosen = parser.parse_args()
    side = str(Path(__file__).with_name("our_side.py"))
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sides = {OURS: stack.enter_context(Side([sys.executable, side], ROOT, chosen.threads))}
        if tree := former(chosen.before, Path(folder)):
            sides[FORMER] = stack.enter_context(Side([sys.executable, side], tree, chosen.threads))
        if chosen.python:
            sides[KERAS] = stack.enter_context(Side([chosen.python, "-m", "benchmarks.speed.keras_side"], ROOT, chosen.threads))
        parts = [lambda trial=trial: trial.measure(sides) for trial in trials(chosen.sizes)]
        parts += [lambda size=size: share_of_gemm(sides, size, 1 if size == "large" else 8) for size in chosen.sizes]
        parts += [lambda: probe_epoch(sides)]
        parts += [lambda model=model: gradients(sides, model.resolve(), chosen.weeks) for model in chosen.models]
        parts += [lambda: clock(sides, chosen.clock)] if chosen.clock else []
        for part in parts:
            rows.append(part())
            print(rows[-1], flush=True)
    rows += costs(chosen.people)
    keep("speed", {"threads": chosen.threads, "before": chosen.before, "rows": rows})


if __name__ == "__main__":
    main()
