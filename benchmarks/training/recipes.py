"""What recipes of training reach, on real and on simulated people, beside six rhythm features.

    python -m benchmarks.training.recipes ../shared/data [--seeds 10] [--tasks schizophrenia ...] [--simulated 2000] [--full schizophrenia]

Probes: 5 folds by person, drawn anew for each seed, all recipes and the floor on the same ones; in each fold a standardizer of the people
that it learns from, as it comes out or with the deviations of few people held up (`pat_core.weeks.steadied`, what the recommended recipe
does), and embeddings behind it. What is tuned is tuned within those people. The AUC is of pairs within a fold; the mean over seeds, the
standard deviation between them, and the interval of Nadeau and Bengio over all folds.

Full fine-tuning (`--full`): whole runs as the app does them, with and without what the recommended recipe adds.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.machine import keep
from benchmarks.training.real_people import TASKS, import_people
from pat_core.cohorts import Workspace
from pat_core.evaluation import folds, logistic_baseline, train_validation
from pat_core.evaluation.repeated_folds import repeated_auc
from pat_core.models.pat.heads import ClassifierHead, seeded
from pat_core.progress import Silent
from pat_core.rhythms import six_features
from pat_core.simulate import simulate
from pat_core.training import FinetuneSettings, LabelledWeeks
from pat_core.training.finetuning import finetune
from pat_core.training.linear_fits import fit_linear
from pat_core.training.loop import LoopSettings, fit
from pat_core.training.objective import Binary, Examples
from pat_core.training.probe import fit_probe
from pat_core.training.read_weeks import embed
from pat_core.training.target import Target
from pat_core.weeks import fit as fit_standardizer
from pat_core.weeks import steadied
from pat_core.weights import Model, load
from pat_core.workflows.models.model_entries import bundled_files
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_weeks

FOLDS, DAYS = 5, 7
TWO = Target()


@dataclass(frozen=True, eq=False)
class People:
    """A week a person (people, minutes), their labels (people,) bool, and six rhythm features (people, 6)."""

    weeks: np.ndarray
    positive: np.ndarray
    features: np.ndarray
    unit: str


def real_people(data: Path, tasks: list[str]) -> Iterator[tuple[str, People]]:
    """The first week of each person that the input check does not refuse, as a run takes them."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        import_people(workspace, data)
        for name in tasks:
            task = TASKS[name]
            request = RunRequest(name, task.cohort, task.label, task.positive, "pat-s-simulated", task.negative)
            chosen, _ = labelled_weeks(workspace, request)
            weeks = np.asarray(chosen.weeks[np.arange(len(chosen.positive))])
            features = np.stack([six_features(week, int(minute)) for week, minute in zip(weeks, chosen.begins(), strict=True)])
            yield name, People(weeks, chosen.positive, features, chosen.unit)


def simulated_people(people: int, seed: int) -> People:
    cohort = simulate(people, seed)
    return People(cohort.weeks, cohort.positive, np.stack([six_features(week, 0) for week in cohort.weeks]), "counts/min")


def embeddings(model: Model, people: People, known: np.ndarray, way: Way) -> np.ndarray:
    """(people, first days, 96): each week, or once beginning with each of its days, behind a standardizer of the `known` rows."""
    standardizer = fit_standardizer(people.weeks, "the people it learns from", people.unit, known)
    standardizer = steadied(standardizer) if way.steady else standardizer
    parts = []
    for first in range(DAYS if way.turned else 1):  # the standardizer is turned with the week: every minute keeps its own deviation
        turned, mean, scale = (np.roll(part, -1440 * first, axis=-1) for part in (people.weeks, standardizer.mean, standardizer.scale))
        data = LabelledWeeks(turned, people.positive, np.arange(len(turned)).astype(str), people.unit, "people")
        moved = replace(standardizer, mean=mean, scale=scale)
        parts.append(embed(model.network, data, moved, np.arange(len(turned)), "cpu", Silent()).numpy())
    return np.stack(parts, axis=1)


@dataclass(frozen=True)
class Way:
    """How weeks are read. steady: deviations of few people held up. turned: once beginning with each day."""

    steady: bool = True
    turned: bool = False


AS_IT_COMES, STEADY, TURNED = Way(steady=False), Way(), Way(turned=True)

Recipe = Callable[[np.ndarray, np.ndarray, np.ndarray, int], Callable[[np.ndarray], np.ndarray]]
"""(training embeddings (people, days, 96), labels, people, seed) -> what gives logits of test embeddings (people, days, 96)."""


def papers_probe(rate: float, epochs: int, patience: int) -> Recipe:
    """The paper's: a head of 128 units in epochs, in order, stopped by validation people."""

    def train(x: np.ndarray, y: np.ndarray, people: np.ndarray, seed: int) -> Callable[[np.ndarray], np.ndarray]:
        own, held = train_validation(people, y, 0.2, seed)
        inputs = torch.from_numpy(x[:, 0])
        parts = [Examples(lambda rows, some=some: inputs[some][rows], y[some].astype(float)) for some in (own, held)]
        head = seeded(ClassifierHead, seed)
        with tempfile.TemporaryDirectory() as folder:
            settings = LoopSettings(rate, 64, epochs, patience, seed)
            done = fit(head, Binary(y[own]), *parts, settings, Path(folder) / "c", Silent())
        head.load_state_dict(done.best)
        head.eval()
        return lambda test: head(torch.from_numpy(test[:, 0])).detach().numpy()

    return train


def regression(strength: float | None = None, rotated: bool = False, averaged: bool = False) -> Recipe:
    """The recommended: a regularised regression; strength: C, None chooses it. rotated: trained on weeks that begin with each day;
    averaged: trained and tested on the mean over those."""

    def train(x: np.ndarray, y: np.ndarray, people: np.ndarray, seed: int) -> Callable[[np.ndarray], np.ndarray]:
        days = x.shape[1] if rotated else 1
        rows = x.mean(axis=1) if averaged else x[:, :days].reshape(-1, x.shape[2])
        target, who = (np.repeat(values, 1 if averaged else days) for values in (y.astype(float), people))
        if strength is None:
            head = fit_probe(rows, target, who, target.astype(int), TWO, seed, lambda done, of: None).head
            return lambda test: head(torch.from_numpy(test.mean(axis=1) if averaged else test[:, 0])).detach().numpy()
        weights = np.where(target > 0, 0.5 / target.mean(), 0.5 / (1 - target.mean())) / days
        linear = fit_linear(rows.astype(float), target, weights, TWO, strength)
        return lambda test: linear(test[:, 0])[:, 0]

    return train


RECIPES: dict[str, tuple[Recipe, Way]] = {
    "paper (rate 1e-5, patience 250)": (papers_probe(1e-5, 10_000, 250), AS_IT_COMES),
    "paper's head, rate 0.01, 300 epochs": (papers_probe(0.01, 300, 300), AS_IT_COMES),
    "regression, C chosen, deviations as they come": (regression(), AS_IT_COMES),
    "regression, C chosen (recommended)": (regression(), STEADY),
    "regression, C = 0.01": (regression(0.01), STEADY),
    "regression, C = 0.1": (regression(0.1), STEADY),
    "regression, C = 1": (regression(1.0), STEADY),
    "regression, C chosen, trained on all rotations": (regression(rotated=True), TURNED),
    "regression, C chosen, mean over all rotations": (regression(averaged=True), TURNED),
}


@dataclass(frozen=True)
class Effort:
    """Seeds of the recipes; of those in epochs, and of those that read every week seven times, which cost more."""

    seeds: int
    in_epochs: int
    turned: int

    def of(self, name: str, way: Way) -> int:
        return min(self.seeds, self.turned if way.turned else self.in_epochs if name.startswith("paper") else self.seeds)


def compared(people: People, model: Model, effort: Effort) -> dict[str, object]:
    """Every recipe and the floor on the same folds."""
    y, names = people.positive, np.arange(len(people.positive)).astype(str)
    read: dict[tuple[Way, int, int], np.ndarray] = {}
    table: dict[str, object] = {"people": len(y), "positive": int(y.sum())}

    def measured(train: Recipe, way: Way | None, seeds: int) -> dict[str, object]:
        rows = []
        for seed in range(seeds):
            for number, (known, test) in enumerate(folds(names, y, FOLDS, seed)):
                if way is None:
                    x = people.features[:, None]
                else:
                    key = (way, seed, number)
                    x = read[key] if key in read else read.setdefault(key, embeddings(model, people, known, way))
                answer = train(x[known], y[known], names[known], seed)(x[test])
                rows.append((y[test], answer, names[test], np.full(len(test), number), np.full(len(test), seed)))
        return summary(*(np.concatenate(column) for column in zip(*rows, strict=True)), seeds=seeds)

    def floor(features: np.ndarray, labels: np.ndarray, _: np.ndarray, __: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda test: logistic_baseline(features[:, 0], labels, test[:, 0])

    table["six rhythm features (floor)"] = measured(floor, None, effort.seeds)
    for name, (recipe, way) in RECIPES.items():
        seeds, began = effort.of(name, way), time.perf_counter()
        if seeds:
            table[name] = measured(recipe, way, seeds)
            print(name, table[name], f"{time.perf_counter() - began:.0f} s", flush=True)
    return table


def summary(labels, scores, people, fold, repeat, seeds: int) -> dict[str, object]:
    tested = repeated_auc(labels, scores, people, fold, repeat)
    figures: dict[str, object] = {"AUC": round(tested.auc.value, 3), "seeds": seeds}
    figures["interval by person"] = [round(tested.auc.low, 3), round(tested.auc.high, 3)]
    if tested.corrected:
        figures["Nadeau and Bengio"] = [round(max(0.0, tested.corrected.low), 3), round(min(1.0, tested.corrected.high), 3)]
    if seeds > 1:
        figures["sd between seeds"] = round(tested.between_repeats, 3)
    return figures


FULL: dict[str, FinetuneSettings] = {
    "recommended full": FinetuneSettings("full", folds=FOLDS, keep="ensemble"),
    "recommended full without rotation, mixup and layer rates": FinetuneSettings("full", folds=FOLDS, keep="ensemble"),
}


def as_run(people: People, model: Model, names: list[str], seeds: range) -> dict[str, object]:
    """Whole runs as the app does them, a standardizer in each fold."""
    data = LabelledWeeks(people.weeks, people.positive, np.arange(len(people.weeks)).astype(str), people.unit, "people")
    table: dict[str, object] = {}
    for name in names:
        for seed in seeds:
            with tempfile.TemporaryDirectory() as folder, without_additions("without" in name):
                began = time.perf_counter()
                done = finetune(model.network, data, replace(FULL[name], seed=seed), Path(folder))
            figure = done.test_auc
            table[f"{name}, seed {seed}"] = {
                "AUC": round(figure.value, 3),
                "interval by person": [round(figure.low, 3), round(figure.high, 3)],
                "seconds": round(time.perf_counter() - began),
                "best epochs": [one.fitted.best_epoch for one in done.trained if one.fitted],
            }
            print(name, seed, table[f"{name}, seed {seed}"], flush=True)
    return table


@contextmanager
def without_additions(really: bool) -> Iterator[None]:
    """The recommended course without what it adds to the weeks and to the rates, where `really`."""
    from pat_core.training import one_split, recipes

    if really:
        one_split.course = lambda settings, size: replace(recipes.course(settings, size), rotate=False, mixup=0.0, layer_decay=1.0)
    try:
        yield
    finally:
        one_split.course = recipes.course


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--seeds-in-epochs", type=int, default=2)
    parser.add_argument("--seeds-turned", type=int, default=3, help="of PAT-S alone")
    parser.add_argument("--tasks", nargs="*", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--encoders", nargs="*", default=["pat-s-simulated", "pat-m-simulated"])
    parser.add_argument("--simulated", nargs="*", type=int, default=[100, 2000], help="cohorts of so many simulated people, by PAT-S")
    parser.add_argument("--full", nargs="*", default=[], choices=list(TASKS), help="tasks on which whole runs are done, by PAT-S")
    parser.add_argument("--full-seeds", type=int, default=2)
    parser.add_argument("--name", default="recipes", help="of the result file")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    here = {path.stem: load(path) for path in bundled_files()}
    result: dict[str, Any] = {"folds": FOLDS}
    for task, people in real_people(chosen.data, [task for task in TASKS if task in (*chosen.tasks, *chosen.full)]):
        result[task] = {"floor of the whole set": TASKS[task].floor}
        for name in chosen.encoders if task in chosen.tasks else ():
            turned = chosen.seeds_turned if name == "pat-s-simulated" else 0
            result[task][name] = compared(people, here[name], Effort(chosen.seeds, chosen.seeds_in_epochs, turned))
        if task in chosen.full:
            result[task]["whole runs"] = as_run(people, here["pat-s-simulated"], list(FULL), range(chosen.full_seeds))
        keep(chosen.name, result)
    for many in chosen.simulated:
        seeds = Effort(min(chosen.seeds, 3), 1, 0)
        result[f"simulated late wake, {many} people"] = compared(simulated_people(many, 5), here["pat-s-simulated"], seeds)
        keep(chosen.name, result)


if __name__ == "__main__":
    main()
