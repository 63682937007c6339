"""Lesson 4, attention: one query and its weights, the heads, and why a map of attention explains nothing by itself.

Weights of a query and of heads are read out of the demonstration's model as the screen asks for them. What compares it with a second model
was computed once, on people whom neither has seen.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pat_core.evaluation import PairedAucs, paired_aucs
from pat_core.progress import Progress
from pat_core.records import SimulatedCohort
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.simulate import simulate
from pat_core.weeks.standardizer import apply
from pat_core.workflows.lessons.lesson_files import Arrays, read_arrays, write_arrays
from pat_core.workflows.lessons.lesson_models import first_model, train_second
from pat_core.workflows.people.demo import LABEL

if TYPE_CHECKING:
    from pat_core.weights import Model

NAME = "attention"
PEOPLE, SEED = 200, 77
SHOWN = 8
ALIKE = 0.15
"""Logits: whom the two models score as near as that is shown."""
PATCH, TOKENS = 18, 560
TAKEN = (0, 5, 10, 20, 40, 80, 160, 280)
"""How many patches are taken out."""
ORDERS = ("attention", "gradients", "random")
STRONGEST = 28
"""Patches: the strongest 5 % of a week."""


@dataclass(frozen=True, eq=False)
class TwoModels:
    """What compares two models. logits: (2, people). positive: (people,) bool, the truth. rows: (shown,) which people are shown.
    counts: (shown, minutes) float32. evidence: (shown, minutes) bool, where the truth was planted. received: (2, shown, patches) attention
    that each patch receives, 1 for an even share. changes: (2, shown, orders, taken) of the logit, without the patches that come first."""

    logits: np.ndarray
    positive: np.ndarray
    rows: np.ndarray
    counts: np.ndarray
    evidence: np.ndarray
    received: np.ndarray
    changes: np.ndarray

    @property
    def aucs(self) -> PairedAucs:
        """Of both on the same people, with the interval of their difference."""
        return paired_aucs(self.positive, self.logits[0], self.logits[1])

    def shared(self, person: int) -> float:
        """Share of the STRONGEST patches that both maps of a shown person have in common."""
        first, second = (set(np.argsort(of_model[person])[-STRONGEST:].tolist()) for of_model in self.received)
        return len(first & second) / STRONGEST


@lru_cache(maxsize=1)
def two_models() -> TwoModels:
    """Of the lesson's file. PatError where it is missing."""
    arrays = read_arrays(NAME)
    evidence = np.unpackbits(arrays["evidence"], axis=1)[:, :MINUTES_PER_WEEK].astype(bool)
    return TwoModels(
        arrays["logits"].astype(np.float64),
        arrays["positive"],
        arrays["rows"],
        arrays["counts"].astype(np.float32),
        evidence,
        arrays["received"].astype(np.float64),
        arrays["changes"].astype(np.float64),
    )


@lru_cache(maxsize=1)
def weights() -> np.ndarray:
    """(heads, queries, keys) attention of the demonstration's model on the first person shown; each query's weights sum to 1."""
    model = first_model()
    return attention_of(model, apply(_means(model), two_models().counts[:1]))[0]


def attention_of(model: Model, z: np.ndarray) -> np.ndarray:
    """(people, heads, queries, keys) of the last block, for standardized weeks (people, minutes)."""
    import torch

    network: Any = model.network
    read: list[np.ndarray] = []
    with torch.no_grad():
        network.encoder(torch.from_numpy(z), lambda block, each: read.append(each.numpy()))
    return read[-1]


def received_by(attention: np.ndarray) -> np.ndarray:
    """(..., keys) out of (..., queries, keys): attention that each key receives, mean over queries, 1 for an even share."""
    return attention.mean(axis=-2) * attention.shape[-1]


def alike(maps: np.ndarray) -> float:
    """Mean correlation of all pairs of (maps, patches)."""
    together = np.corrcoef(maps)
    return float(together[np.triu_indices(len(maps), 1)].mean())


def evenness(attention: np.ndarray) -> np.ndarray:
    """(heads,) mean entropy of the queries' weights over that of even ones: 1 looks everywhere alike, 0 at one patch."""
    entropy = -(attention * np.log(np.maximum(attention, 1e-30))).sum(axis=-1)
    return entropy.mean(axis=-1) / np.log(attention.shape[-1])


def build_attention(folder: Path, progress: Progress) -> Path:
    """Train the second model, which takes a quarter of an hour, and compare the two; the file."""
    with tempfile.TemporaryDirectory() as place:
        return compare_models(folder, (first_model(), train_second(Path(place) / "second.safetensors", progress)), progress)


def compare_models(folder: Path, models: tuple[Model, Model], progress: Progress) -> Path:
    """Everybody's scores, the people shown, their maps, and what taking patches out does; the file."""
    people = simulate(PEOPLE, SEED, label=LABEL)
    z = [apply(_means(model), people.weeks) for model in models]
    logits = np.stack([_logits(model, weeks) for model, weeks in zip(models, z, strict=True)])
    rows = _shown(logits, people)
    received = np.stack([received_by(attention_of(model, weeks[rows]).mean(axis=1)) for model, weeks in zip(models, z, strict=True)])
    changes = np.zeros((len(models), len(rows), len(ORDERS), len(TAKEN)))
    for which, model in enumerate(models):
        for number, row in enumerate(rows):
            progress.at(number / len(rows), f"Taking patches out of person {number + 1}, model {which + 1}")
            changes[which, number] = _without(model, z[which][row], received[which, number], number)
    arrays: Arrays = {
        "logits": logits.astype(np.float32),
        "positive": people.positive,
        "rows": rows,
        "counts": people.weeks[rows].astype(np.uint16),
        "evidence": np.packbits(people.evidence[LABEL][rows], axis=1),
        "received": received.astype(np.float16),
        "changes": changes.astype(np.float32),
    }
    return write_arrays(folder, NAME, arrays)


def _shown(logits: np.ndarray, people: SimulatedCohort) -> np.ndarray:
    """Of those of the group whom both models score alike, and above even odds, the first SHOWN."""
    near = np.abs(logits[0] - logits[1]) < ALIKE
    return np.flatnonzero(near & people.positive & (logits.min(axis=0) > 0))[:SHOWN]


def _without(model: Model, z: np.ndarray, received: np.ndarray, seed: int) -> np.ndarray:
    """(orders, taken) change of the logit where the patches that come first are put to the mean week."""
    from pat_core.explain.methods.integrated_gradients import integrated_gradients

    network: Any = model.network
    attributed = integrated_gradients(network, z, tolerance=0.05).values.reshape(TOKENS, PATCH).sum(axis=1)
    first = [np.argsort(-received), np.argsort(-attributed), np.random.default_rng(seed).permutation(TOKENS)]
    edited = np.repeat(z[None], len(ORDERS) * len(TAKEN), axis=0)
    for number, (order, taken) in enumerate((order, taken) for order in first for taken in TAKEN):
        edited[number].reshape(TOKENS, PATCH)[order[:taken]] = 0.0
    logits = _logits(model, edited)
    return (logits - logits[0]).reshape(len(ORDERS), len(TAKEN))


def _logits(model: Model, z: np.ndarray) -> np.ndarray:
    """(people,) of standardized weeks, some at a time."""
    import torch

    from pat_core.explain.logit_function import logits

    network: Any = model.network
    return logits(network, torch.from_numpy(z), 8).numpy().astype(np.float64)


def _means(model: Model) -> Any:
    return model.standardizer
