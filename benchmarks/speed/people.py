"""What a person of a cohort costs, and what memory that takes, by the size of the cohort. Each size in a process of its own.

python -m benchmarks.speed.people PEOPLE
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.sides import ROOT
from pat_core.cohorts import Workspace
from pat_core.records import COUNTS, Week
from pat_core.simulate import simulate
from pat_core.weeks import report
from pat_core.workflows.models.model_entries import add_model, resolve
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.people.demo import demo_folder
from pat_core.workflows.read.worn_days import keep_wear

DRAWN = 100
"""People who are simulated; others are these some minutes later, so that no two weeks are alike."""


class Weeks(Sequence[Week]):
    """So many people's weeks, each made when it is asked for."""

    def __init__(self, people: int) -> None:
        self.people, self.drawn = people, simulate(DRAWN, 11)

    def __len__(self) -> int:
        return self.people

    def __getitem__(self, number: int) -> Week:
        if not 0 <= number < self.people:
            raise IndexError(number)
        values = np.roll(self.drawn.weeks[number % DRAWN], 13 * (number // DRAWN))
        return Week(f"p{number}", 0, values, self.drawn.start, False, COUNTS, "simulated", "midnight", report(values, COUNTS))


def measure(people: int) -> dict[str, Any]:
    """Predictions of a new cohort by the demonstration's small model: seconds a person, and MB of the most that the process ever held."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        add_model(workspace, demo_folder() / "model.safetensors", "demo")
        model = resolve(workspace, "demo")
        seconds = 0.0
        for name, count in (("a few", 4), ("people", people)):  # the few pay for imports and for what is made once
            workspace.create_cohort(name, Weeks(count), {})
            keep_wear(workspace, name)
            began = time.perf_counter()
            predict_cohort(workspace, model, name, "model")
            seconds = time.perf_counter() - began
        return {"people": people, "ms a person": round(1e3 * seconds / people, 2), "MB": round(_most_held())}


def _most_held() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def costs(sizes: Sequence[int]) -> list[dict[str, Any]]:
    rows = []
    for people in sizes:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.speed.people", str(people)], cwd=ROOT, check=True, capture_output=True, text=True
        )
        rows.append({"what": "predictions of a cohort"} | json.loads(done.stdout.splitlines()[-1]))
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
