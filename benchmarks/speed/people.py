"""What a person of a cohort costs, and what memory that takes, by the size of the cohort. Each size in a process of its own.

python -m benchmarks.speed.people PEOPLE
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
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
"""People who are simulated; others are these with each of their days an hour or more later, so that no two weeks are alike."""


def weeks(people: int) -> Iterator[Week]:
    drawn = simulate(DRAWN, 11)
    for number in range(people):
        values = np.roll(drawn.weeks[number % DRAWN], 13 * (number // DRAWN))
        yield Week(f"p{number}", 0, values, drawn.start, False, COUNTS, "simulated", "midnight", report(values, COUNTS))


def measure(people: int) -> dict[str, Any]:
    """Predictions of a new cohort by the demonstration's small model: seconds a person, and MB of the most that the process ever held."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        workspace.create_cohort("people", weeks(people), {})
        keep_wear(workspace, "people")
        add_model(workspace, demo_folder() / "model.safetensors", "demo")
        model = resolve(workspace, "demo")
        began = time.perf_counter()
        predicted = len(predict_cohort(workspace, model, "people"))
        return {"people": predicted, "ms a person": 1e3 * (time.perf_counter() - began) / predicted, "MB": _most_held()}


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
