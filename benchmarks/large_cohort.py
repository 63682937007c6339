"""Time and memory of a linear probe on a cohort of many people: the recommended recipe, one test set, on a workspace as it lies on a disk.

    python -m benchmarks.large_cohort [--people 30000] [--simulated 300] [--encoder stand-in]

So many people are made cheaply: a few are simulated, and each of the others has one of their weeks, turned by whole hours and scaled by a
factor of their own, so that no two weeks are alike. The probe runs in a process of its own; its memory is the most that it ever held
resident (VmHWM), with Python, torch and pages of files. Stages: which weeks the input check finds fit (every week is read once), the
embeddings through PAT-S with a standardizer of the training people (read three times), and the regression with its inner
cross-validation. Floors and figures of rhythm beside a run are not part of it. An encoder that stands in for PAT-S reads the same weeks in
a fraction of the time, for what the number of people costs; what PAT-S itself holds does not grow with them.
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
import json, sys, time
from pathlib import Path
from pat_core.cohorts import Workspace
from pat_core.progress import Silent
from pat_core.training import FinetuneSettings
from pat_core.training.finetuning import finetune
from pat_core.weights import load
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_weeks

def peak():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")) / 1024

class Stages(Silent):
    def __init__(self):
        self.told = {}
    def at(self, fraction, message):
        stage = "embedding" if "frozen encoder" in message else "regression" if "regularise" in message else "the rest"
        self.told[stage] = time.perf_counter()

def encoder(name):
    if name != STAND_IN:
        return load(name).network
    from pat_core.models.pat import PatConfig
    from pat_core.models.pat.heads import Classifier, seeded
    return seeded(lambda: Classifier(PatConfig("custom", 60, 1, 1)), 0)

STAND_IN = "stand-in"
workspace, network = Workspace(Path(sys.argv[1])), encoder(sys.argv[2])
begin, most = time.perf_counter(), {"imports": peak()}
data, order = labelled_weeks(workspace, RunRequest("many", "many", "group", "late", "pat-s-simulated", "early"))
seconds, most["labels and input check"] = {"labels and input check": time.perf_counter() - begin}, peak()
began, stages = time.perf_counter(), Stages()
done = finetune(network, data, FinetuneSettings(device="cpu"), Path(sys.argv[3]), stages)
ends = [began, *stages.told.values(), time.perf_counter()]
seconds |= {name: end - before for name, before, end in zip([*stages.told, "the rest"], ends, ends[1:])}
most["the whole run"] = peak()
print(json.dumps({"AUC": done.test_auc.value, "people tested": done.test_auc.n, "C": done.trained[0].probe.strength,
                  "MB at the most": most, "seconds": seconds, "weeks": len(order)}))
"""


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=30_000)
    parser.add_argument("--simulated", type=int, default=300)
    parser.add_argument(
        "--encoder", default="assets/models/pat-s-simulated.safetensors", help="or stand-in: one head on patches of an hour"
    )
    parser.add_argument("--minutes", type=float, default=120.0, help="after which it is given up")
    parser.add_argument("--folder", type=Path, help="for the workspace; needs 40 kB a person (default: a temporary one)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        began, weeks = time.perf_counter(), Varied(chosen.people, chosen.simulated, 7)
        space = Workspace(Path(folder) / "workspace")
        space.create_cohort("many", weeks, weeks.labels(), origin=Origin(simulated=True, source="simulated"))
        made = time.perf_counter() - began
        line = [sys.executable, "-c", RUN, str(space.folder), str(chosen.encoder), str(Path(folder) / "run")]
        shown = subprocess.run(line, check=True, capture_output=True, text=True, timeout=60 * chosen.minutes).stdout.splitlines()[-1]
    told = json.loads(shown)
    size = round(chosen.people * 10_080 * 4 / 1e6)
    result = {
        "people": chosen.people,
        "encoder": Path(chosen.encoder).stem,
        "megabytes of weeks": size,
        "seconds to store them": round(made),
    }
    result |= {"what": told, "asked for, MB": AT_MOST, "met": told["MB at the most"]["the whole run"] <= AT_MOST}
    keep(f"large-cohort-{chosen.people}", result)


if __name__ == "__main__":
    main()
