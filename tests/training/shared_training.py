"""Small trainings that one process does, or several together: `python -m tests.training.shared_training FOLDER RANK SIZE`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from pat_core.models.outputs import Outputs
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder
from pat_core.progress import Silent
from pat_core.training.augmentation import Augmentation, Augmented
from pat_core.training.distributed import join, left, sharing
from pat_core.training.loop import Cosine, Fitted, LoopSettings, Plateau, fit
from pat_core.training.masked_pretraining import MaskedReconstruction
from pat_core.training.objective import Binary, Examples, Multiclass, Objective
from pat_core.training.recipes import PretrainSettings

TINY = PatConfig("custom", 360, 2, 1)
PEOPLE, HELD = 13, 7
SETTINGS = LoopSettings(learning_rate=1e-3, batch=4, max_epochs=3, patience=9, seed=5, shuffle=True)
"""Of 13 people in fours the last batch is one person, of whom the second process has nobody."""


def examples(people: int, seed: int, target: Callable[[np.ndarray], np.ndarray], edges: tuple[int, ...] = ()) -> Examples:
    """Two days each, of which those of positive people are livelier; behind an edge one day each."""
    number = np.arange(people)
    draws = torch.Generator().manual_seed(seed)
    weeks = torch.randn(people, 2880, generator=draws, dtype=torch.float64) + torch.from_numpy(number % 3 == 0).float()[:, None]

    def inputs(rows) -> Tensor:
        whole = weeks[rows]
        return whole[:, :1440] if edges and int(number[rows][0]) >= edges[0] else whole

    return Examples(inputs, target(number), edges)


def binary(folder: Path, **changed) -> Fitted:
    """Weights of classes, dropout, an order drawn anew."""
    train, held = (examples(count, seed, lambda number: number % 3 == 0) for count, seed in ((PEOPLE, 1), (HELD, 2)))
    return _fitted(seeded(lambda: Classifier(TINY), 7), Binary(train.target), train, held, replace(SETTINGS, **changed), folder)


def mixed(folder: Path) -> Fitted:
    """Weeks of two people mixed, whoever reads them; days turned; a rate that follows a cosine; layers with rates of their own."""
    settings = replace(SETTINGS, cosine=Cosine(), rates=(("encoder.patches.", 0.5),), batch=5)
    train, held = (examples(count, seed, lambda number: number % 3) for count, seed in ((PEOPLE, 3), (HELD, 4)))
    objective = Augmented(Multiclass(train.target, 3), Augmentation(rotate=True, mixup=0.4))
    network = seeded(lambda: Classifier(TINY, Outputs("classes", ("a", "b", "c"))), 8)
    return _fitted(network, objective, train, held, settings, folder)


def lengths(folder: Path) -> Fitted:
    """Windows of two lengths, a batch of one of them."""
    train, held = (examples(count, seed, lambda number: number % 2 == 0, (5,)) for count, seed in ((PEOPLE, 5), (HELD, 6)))
    return _fitted(seeded(lambda: Classifier(TINY), 9), Binary(train.target), train, held, SETTINGS, folder)


def masked(folder: Path) -> Fitted:
    """Pretraining, its rate halved on a plateau."""
    settings = replace(SETTINGS, plateau=Plateau(1, 1e-4), batch=6)
    train, held = (examples(count, seed, lambda number: number) for count, seed in ((PEOPLE, 7), (HELD, 8)))
    objective = MaskedReconstruction(TINY, PretrainSettings(mask_ratio=0.5, loss_on="hidden"))
    return _fitted(seeded(lambda: MaskedAutoencoder(TINY), 10), objective, train, held, settings, folder)


CASES: dict[str, Callable[[Path], Fitted]] = {"binary": binary, "mixed": mixed, "lengths": lengths, "masked": masked}


def _fitted(network, objective: Objective, train: Examples, held: Examples, settings: LoopSettings, folder: Path) -> Fitted:
    return fit(network.double(), objective, train, held, settings, folder / "last.safetensors", Silent())


def main(folder: Path, rank: int, size: int) -> None:
    """Every case, whose checkpoint the first process leaves in a folder of its own."""
    store = dist.TCPStore("127.0.0.1", int((folder / "port").read_text()), is_master=False, timeout=timedelta(seconds=60))
    with sharing(join(store, rank, size)):
        for name, case in CASES.items():
            case(folder / name)
    left()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
