"""PAT of one checkout: `python benchmarks/speed/our_side.py` with that checkout on PYTHONPATH. Nothing here is newer than commit 3e3c2fa.

A case names what is run and its settings; the answer holds seconds, of one week or person where there are several.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from pat_core.explain.methods.integrated_gradients import integrated_gradients
from pat_core.models.pat import config_for
from pat_core.models.pat.heads import Classifier, ClassifierHead, seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder, draw_visible
from pat_core.progress import Silent
from pat_core.simulate import simulate
from pat_core.training.keras_adam import KerasAdam
from pat_core.training.loop import LoopSettings, fit
from pat_core.training.objective import Binary, Examples
from pat_core.weeks import apply
from pat_core.weights import load

Run = Callable[[], dict[str, Any]]
MINUTES = 10_080


def timed(step: Callable[[], object], share: int = 1) -> dict[str, Any]:
    began = time.perf_counter()
    step()
    return {"seconds": (time.perf_counter() - began) / share}


def noise(rows: int, columns: int = MINUTES) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(0))


def gemm(side: int = 1536) -> Run:
    """Two square matrices multiplied: "rate" in operations a second."""
    a, out = noise(side, side), torch.empty(side, side)

    def run() -> dict[str, Any]:
        seconds = timed(lambda: torch.mm(a, a, out=out))["seconds"]
        return {"seconds": seconds, "rate": 2 * side**3 / seconds}

    return run


def inference(size: str, batch: int) -> Run:
    network, weeks = seeded(lambda: Classifier(config_for(size)), 0).eval(), noise(batch)

    def read() -> None:
        with torch.no_grad():
            network(weeks)

    return lambda: timed(read, batch)


def finetuning(size: str, batch: int) -> Run:
    """A step of full fine-tuning with dropout: forwards, backwards, Adam."""
    network, weeks, labels = seeded(lambda: Classifier(config_for(size)), 0).train(), noise(batch), torch.arange(batch) % 2.0
    optimizer = KerasAdam(network.parameters(), 1e-5)

    def step() -> None:
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(network(weeks), labels).backward()
        optimizer.step()

    return lambda: timed(step, batch)


def pretraining(size: str, batch: int) -> Run:
    """A step of the masked autoencoder, 90 % of the patches hidden."""
    config = config_for(size)
    network, weeks = seeded(lambda: MaskedAutoencoder(config), 0).train(), noise(batch)
    optimizer, draws = KerasAdam(network.parameters(), 1e-3), torch.Generator().manual_seed(0)

    def step() -> None:
        rebuilt = network(weeks, draw_visible(config.tokens(MINUTES), draws))
        optimizer.zero_grad()
        ((rebuilt - weeks) ** 2).mean().backward()
        optimizer.step()

    return lambda: timed(step, batch)


def probe(people: int, epochs: int) -> Run:
    """An epoch of a linear probe in epochs, as the paper trains it: a person's share of it."""
    pooled, labels = noise(people, 96), np.arange(people) % 2
    part = Examples(lambda rows: pooled[rows], labels)

    def train() -> None:
        with tempfile.TemporaryDirectory() as folder:
            settings = LoopSettings(1e-5, 64, epochs, epochs, 1)
            fit(seeded(ClassifierHead, 0), Binary(labels), part, part, settings, Path(folder) / "checkpoint", Silent())

    return lambda: timed(train, people * epochs)


@cache
def explained(model: str, weeks: int) -> tuple[Any, np.ndarray]:
    loaded = load(Path(model))
    return loaded.network, apply(loaded.standardizer, simulate(weeks, 4242).weeks)


def our_gradients(model: str, weeks: int, week: int) -> Run:
    """Integrated gradients of a week to 1 %."""
    network, z = explained(model, weeks)

    def run() -> dict[str, Any]:
        began = time.perf_counter()
        attribution = integrated_gradients(network, z[week])
        return {"seconds": time.perf_counter() - began, "gap": attribution.relative_gap, "gradients": attribution.evaluations}

    return run


def captums(model: str, weeks: int, week: int) -> Run:
    """captum at its defaults, 50 Gauss-Legendre steps in one batch."""
    from captum.attr import IntegratedGradients

    network, z = explained(model, weeks)
    point = torch.from_numpy(z[week])[None]

    def run() -> dict[str, Any]:
        began = time.perf_counter()
        values = IntegratedGradients(network).attribute(point, torch.zeros_like(point))
        seconds = time.perf_counter() - began
        with torch.no_grad():
            delta = float(network(point) - network(torch.zeros_like(point)))
        return {"seconds": seconds, "gap": abs(float(values.sum(dtype=torch.float64)) - delta) / max(abs(delta), 1.0)}

    return run


def by_clock(people: int) -> Run:
    """A person's share of a cohort by clock, whose maps are all new: the demonstration's model on simulated people."""
    from pat_core.cohorts import Workspace
    from pat_core.workflows.explanations.cohort_by_clock import ClockRequest, run_by_clock
    from pat_core.workflows.models.model_entries import add_model, resolve
    from pat_core.workflows.people.demo import demo_folder
    from pat_core.workflows.people.simulated_people import PLANTED, label_name, simulate_cohort

    def run() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            workspace = Workspace(Path(folder))
            cohort = simulate_cohort(workspace, "people", people, 5)
            add_model(workspace, demo_folder() / "model.safetensors", "demo")
            weights = resolve(workspace, "demo").sha256
            asked = ClockRequest("demo", weights, "people", cohort.id, "model", label_name("late_wake"), PLANTED)
            return timed(lambda: run_by_clock(workspace, asked), people)

    return run


KINDS: dict[str, Callable[..., Run]] = {
    "gemm": gemm,
    "inference": inference,
    "fine-tuning step": finetuning,
    "pretraining step": pretraining,
    "probe": probe,
    "integrated gradients": our_gradients,
    "captum": captums,
    "by clock": by_clock,
}
_ready: dict[str, Run] = {}


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Run a case. A new one takes the place of the one before, and is run once unseen, but for maps, whose weeks differ."""
    key = repr(case)
    if key not in _ready:
        _ready.clear()
        settings = {name: value for name, value in case.items() if name != "kind"}
        _ready[key] = KINDS[case["kind"]](**settings)
        if case["kind"] not in ("captum", "integrated gradients"):
            _ready[key]()
    return _ready[key]()


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent))
    from sides import serve

    serve(answer)
