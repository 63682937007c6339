"""What both sides are given: the case, its start weights and its batches, as files. NumPy alone, for both sides read this."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

WEIGHT = "weight:"
"""Before the names of weights in a file that holds other arrays too."""

Weights = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Case:
    """One training. style: "full", "linear_probe" or "pretrain". patience: epochs without a higher validation AUC; 0 for no early stopping.
    thresholds: of Keras' AUC.

    Its data: z (people, minutes), labels (people,), validation_z, validation_labels; for pretraining the rows (steps, batch) and the
    visible patches (steps, kept) of each step, which our side drew. Batches are taken in the order given.
    """

    name: str
    style: str
    size: str
    patch: int
    heads: int
    blocks: int
    embedding: str
    minutes: int
    learning_rate: float
    batch: int
    epochs: int
    patience: int = 0
    thresholds: int = 200


def write_cases(folder: Path, cases: Sequence[Case]) -> None:
    (folder / "cases.json").write_text(json.dumps([asdict(case) for case in cases]))


def read_cases(folder: Path) -> list[Case]:
    return [Case(**values) for values in json.loads((folder / "cases.json").read_text())]


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray], weights: Weights | None = None) -> None:
    """Arrays by name and, apart from them, weights by their Keras names and in Keras' shapes."""
    np.savez(path, **arrays, **{f"{WEIGHT}{name}": values for name, values in (weights or {}).items()})


def read_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The arrays and the weights of `write_arrays`."""
    with np.load(path, allow_pickle=False) as file:
        everything = {name: file[name] for name in file.files}
    weights = {name.removeprefix(WEIGHT): values for name, values in everything.items() if name.startswith(WEIGHT)}
    return {name: values for name, values in everything.items() if not name.startswith(WEIGHT)}, weights
