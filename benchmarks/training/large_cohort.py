"""Time and memory of fine-tuning, prediction and evaluation on a cohort of many people, by the verbs of the command line.

    python -m benchmarks.training.large_cohort [--people 30000] [--simulated 300] [--model pat-s-simulated] [--verbs finetune predict]

So many people are made cheaply: a few are simulated, and each of the others has one of their weeks, turned by whole hours and scaled by a
factor of their own, so that no two weeks are alike. Each verb runs in a process of its own, whole: with the input check of every week, the
floors beside the run, its calibration and all its files. Memory is the most that the process ever held resident (VmHWM), with Python,
torch and pages of memory-mapped files.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.machine import keep
from pat_core.cohorts import Workspace
from pat_core.cohorts.cohort_records import Origin
from pat_core.records import COUNTS, Week
from pat_core.simulate import simulate
from pat_core.weeks import report

AT_MOST = 1536.0
"""MB asked for."""
RUN = """
import sys
from pathlib import Path
from pat_core.__main__ import main

code = main(sys.argv[1:])
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(peak.split()[1])
sys.exit(code)
"""
VERBS = {
    "finetune": ["--cohort", "many", "--label", "group", "--positive", "late", "--style", "linear_probe", "--name", "probe"],
    "predict": ["--cohort", "many", "--model", "probe"],
    "evaluate": ["--model", "probe"],
}


class Varied(Sequence[Week]):
    """Weeks of as many people, made as they are asked for."""

    def __init__(self, people: int, simulated: int, seed: int) -> None:
        self.cohort, self.people = simulate(simulated, seed, prevalence=0.5), people
        self.reports = [report(week, COUNTS) for week in self.cohort.weeks]
        draws = np.random.default_rng(seed)
        self.hours, self.factor = draws.integers(-1, 2, people), draws.uniform(0.8, 1.25, people)

    def __len__(self) -> int:
        return self.people

    def __getitem__(self, number):  # type: ignore[override]  # one at a time is all that is asked for
        if number >= self.people:
            raise IndexError(number)
        base = number % len(self.reports)
        values = np.round(np.roll(self.cohort.weeks[base], 60 * int(self.hours[number])) * self.factor[number]).astype(np.float32)
        return replace(EMPTY, participant=f"p{number:06d}", values=values, start=self.cohort.start, report=self.reports[base])

    def __iter__(self) -> Iterator[Week]:
        return (self[number] for number in range(self.people))

    def labels(self) -> dict[str, dict[str, str]]:
        positive = self.cohort.positive
        return {f"p{number:06d}": {"group": "late" if positive[number % len(positive)] else "early"} for number in range(self.people)}


EMPTY = Week("", 0, np.empty(0, np.float32), None, False, COUNTS, "simulated", "midnight", report(np.zeros(1440, np.float32), COUNTS))


def measured(verb: str, arguments: list[str], limit: float) -> dict[str, object]:
    """One verb, run whole: its seconds, the most MB that it held, and whether that is within what was asked for."""
    began = time.perf_counter()
    line = [sys.executable, "-c", RUN, verb, *arguments]
    done = subprocess.run(line, check=False, capture_output=True, text=True, timeout=limit)
    if done.returncode:
        raise SystemExit(f"{verb} ended with {done.returncode}:\n{done.stderr}")
    peak = int(done.stdout.splitlines()[-1]) / 1024
    return {"seconds": round(time.perf_counter() - began), "MB at the most": round(peak), "met": peak <= AT_MOST}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=30_000)
    parser.add_argument("--simulated", type=int, default=300)
    parser.add_argument("--model", default="pat-s-simulated")
    parser.add_argument("--verbs", nargs="+", default=list(VERBS), choices=list(VERBS))
    parser.add_argument("--minutes", type=float, default=120.0, help="after which a verb is given up")
    parser.add_argument("--folder", type=Path, help="for the workspace; needs 40 kB a person (default: a temporary one)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as temporary:
        folder, began, weeks = Path(temporary), time.perf_counter(), Varied(chosen.people, chosen.simulated, 7)
        space = Workspace(folder / "workspace")
        space.create_cohort("many", weeks, weeks.labels(), origin=Origin(simulated=True, source="simulated"))
        result: dict[str, object] = {
            "people": chosen.people,
            "model": chosen.model,
            "megabytes of weeks": round(chosen.people * 10_080 * 4 / 1e6),
            "seconds to store them": round(time.perf_counter() - began),
            "asked for, MB": AT_MOST,
        }
        ends = {
            "finetune": ["--model", chosen.model],
            "predict": ["--out", str(folder / "answers.csv")],
            "evaluate": ["--out", str(folder / "evaluation")],
        }
        for verb in chosen.verbs:
            result[verb] = measured(verb, [*VERBS[verb], *ends[verb], "--workspace", str(space.folder)], 60 * chosen.minutes)
            print(verb, json.dumps(result[verb]), flush=True)
    keep(f"large-cohort-{chosen.people}", result)


if __name__ == "__main__":
    main()
