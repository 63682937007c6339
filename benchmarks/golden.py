"""The importer against Keras: golden files through the command line.

    python -m benchmarks.golden ../shared/golden

For each weight file: largest differences of tokens, attention_received and, with a trained head, probability.
Bounds: tokens 2e-4, attention_received (mean 1) 5e-5, probability 1e-5.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.machine import keep

BOUNDS = {"tokens": 2e-4, "attention_received": 5e-5, "probability": 1e-5}


def differences(weights: Path, golden: Path, folder: Path) -> dict[str, object]:
    """Predict the golden week with one weight file through the command line and compare."""
    with np.load(golden, allow_pickle=False) as file:
        truth = {name: file[name] for name in file.files}
    np.save(folder / "weeks.npy", truth["week"])
    command = [
        sys.executable,
        "-m",
        "pat_core",
        "predict",
        "--model",
        str(weights),
        "--weeks",
        str(folder / "weeks.npy"),
        "--standardized",
        "--internals",
        "--out",
        str(folder / "out.npz"),
        "--workspace",
        str(folder / "workspace"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    with np.load(folder / "out.npz", allow_pickle=False) as out:
        found: dict[str, object] = {
            "tokens": float(np.abs(out["tokens"] - truth["tokens"]).max()),
            "attention_received": float(np.abs(out["attention_received"][:, 0] - truth["attention_received"]).max()),
        }
        if "finetuned" in weights.name:
            found["probability"] = float(np.abs(out["probability"] - truth["probability"]).max())
    return found | {"within bounds": all(found[name] <= bound for name, bound in BOUNDS.items() if name in found)}


def main() -> None:
    """Compare every weight file of the folder with the golden file of its embedding and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    result = {}
    for weights in sorted(chosen.folder.glob("*.h5")):
        with tempfile.TemporaryDirectory() as folder:
            golden = chosen.folder / f"{weights.name.split('.')[0]}.golden.npz"
            result[weights.name] = differences(weights, golden, Path(folder))
    keep("golden", {"bounds": BOUNDS, "files": result})


if __name__ == "__main__":
    main()
