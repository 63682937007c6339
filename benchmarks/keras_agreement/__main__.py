"""PAT as Keras 2.15 trains it against ours, from equal weights and batches and without dropout.

    python -m benchmarks.keras_agreement --python PATH_TO_KERAS_PYTHON

PATH_TO_KERAS_PYTHON: the Python of a virtual environment with benchmarks/keras_agreement/requirements.txt. Our side trains first and
writes start weights, batches and masks; Keras reads them in a process of its own. Writes benchmarks/results/<date>-keras-agreement.json.
Some minutes on two cores; `--large-epochs 0` leaves out the large model, most of the time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

import torch

from benchmarks.keras_agreement.cases import read_arrays, write_arrays, write_cases
from benchmarks.keras_agreement.comparison import BOUND
from benchmarks.keras_agreement.data import agreement_cases
from benchmarks.keras_agreement.report import print_tables
from benchmarks.keras_agreement.trials import Agreement, Baselines, Binning, EarlyStopping, Freezing, PlateauRates, Trial
from benchmarks.machine import keep

ROOT = Path(__file__).resolve().parents[2]


def in_keras(python: str, folder: Path, threads: int) -> dict[str, object]:
    """Run the cases of a folder in Keras. Returns its report; arrays lie beside the cases."""
    command = [python, "-m", "benchmarks.keras_agreement.keras_side", str(folder), "--threads", str(threads)]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    return json.loads((folder / "keras.json").read_text())


def compare(trials: list[Trial], python: str, threads: int) -> dict[str, object]:
    """Train all cases on both sides. Returns the rows of each kind of trial."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for trial in trials:
            data, start = trial.train(folder)
            write_arrays(folder / f"{trial.case.name}.npz", data, start)
            print(f"  ours: {trial.case.name}", flush=True)
        write_cases(folder, [trial.case for trial in trials])
        report = in_keras(python, folder, threads)
        rows: dict[str, list[object]] = {}
        for trial in trials:
            rows.setdefault(trial.kind, []).extend(trial.rows(*read_arrays(folder / f"{trial.case.name}.keras.npz"), report))
    return {"rows": rows, "keras": report}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="the Python of the Keras environment")
    parser.add_argument("--large-epochs", type=int, default=5, help="ten steps each; 0 leaves out the large model")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    trials = [Agreement(case) for case in agreement_cases(chosen.large_epochs) if case.epochs]
    result = compare(
        [*trials, *Baselines.all(), *EarlyStopping.all(), Binning(), PlateauRates(), Freezing()], chosen.python, chosen.threads
    )
    keep("keras-agreement", result | {"bound of the relative difference of losses": BOUND})
    print_tables(result)


if __name__ == "__main__":
    main()
