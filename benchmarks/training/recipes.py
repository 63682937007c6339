"""What recipes of a linear probe reach, on real and on simulated people, beside six rhythm features.

    python -m benchmarks.training.recipes ../shared/data [--seeds 10] [--tasks schizophrenia ...] [--full schizophrenia]

Real people: schizophrenia and depression against control, ADHD against clinical (OBF-Psychiatric), age >= 60 and sex of adults (NHANES
2003-04); the weeks that the input check finds fit for a model, the first of each person. Simulated people: `late_wake`, 2,000 of them.

An encoder's embeddings are computed once a cohort, behind a standardizer of all its people, whose labels it does not see, and used again
in every fold: so recipes are compared over many seeds. The app fits a standardizer in each fold; `--full` runs it as it stands, which also
tells what the shortcut is worth. 5 folds by person, drawn anew for each seed, all recipes and the floor on the same ones. The AUC is of
pairs within a fold; the mean over seeds, the standard deviation between them, and the interval of Nadeau and Bengio over all folds. What is
tuned is tuned within the training people of a fold.
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
import pandas as pd
import torch

from benchmarks.machine import keep
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
from pat_core.weights import Model, load
from pat_core.workflows.models.model_entries import bundled_files
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.cohort_weeks import first_weeks, unfit_rows

FOLDS, DAYS = 5, 7
FLOORS = {"schizophrenia": 0.93, "depression": 0.73, "adhd": 0.52, "age 60": 0.82, "sex": 0.53}
"""What six rhythm features reach on the whole sets, of which a part is kept aside (../shared/data/README.md)."""
TWO = Target()


@dataclass(frozen=True, eq=False)
class People:
    """Weeks (people, minutes), labels (people,) bool, six rhythm features (people, 6), and what of the weeks tells them apart."""

    weeks: np.ndarray
    positive: np.ndarray
    features: np.ndarray
    unit: str

    def chosen(self, rows: np.ndarray, positive: np.ndarray) -> People:
        return replace(self, weeks=self.weeks[rows], positive=positive[rows], features=self.features[rows])


def real_people(data: Path) -> Iterator[tuple[str, People]]:
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        psychiatric, about = _imported(workspace, data / "obf_psychiatric_dev.zip", "psychiatric")
        group = np.array([labels["group"] for labels in about.values()])
        for name, positive, negative in (
            ("schizophrenia", "schizophrenia", "control"),
            ("depression", "depression", "control"),
            ("adhd", "adhd", "clinical"),
        ):
            yield name, psychiatric.chosen(np.isin(group, (positive, negative)), group == positive)
        nhanes, about = _imported(workspace, data / "nhanes_2003_paxraw_c_dev.zip", "nhanes")
        known = pd.read_csv(data / "nhanes_2003_dev_people.csv").set_index("SEQN")
        known = known.loc[[int("".join(filter(str.isdigit, name))) for name in about]]
        adult = (known["age"] >= 18).to_numpy()
        yield "age 60", nhanes.chosen(adult, (known["age"] >= 60).to_numpy())
        yield "sex", nhanes.chosen(adult, (known["sex"] == "F").to_numpy())


def _imported(workspace: Workspace, archive: Path, name: str) -> tuple[People, dict[str, dict[str, object]]]:
    import_recordings(workspace, [archive], name)
    unfit = unfit_rows(workspace, name)
    rows = first_weeks([row for row in workspace.week_rows(name) if row.row not in unfit])
    weeks = workspace.weeks_array(name)[[row.row for row in rows]]
    minutes = [row.start.hour * 60 + row.start.minute if row.start else 0 for row in rows]
    features = np.stack([six_features(week, minute) for week, minute in zip(weeks, minutes, strict=True)])
    labels = {person.participant: dict(person.labels) for person in workspace.people(name)}
    people = People(weeks, np.zeros(len(rows), bool), features, workspace.cohort(name).unit)
    return people, {row.participant: labels[row.participant] for row in rows}


def simulated_people(people: int, seed: int) -> People:
    cohort = simulate(people, seed)
    features = np.stack([six_features(week, 0) for week in cohort.weeks])
    return People(cohort.weeks, cohort.positive, features, "counts/min")


def embeddings(model: Model, people: People, first_days: range) -> np.ndarray:
    """(people, first days, 96): each week once beginning with each of these days."""
    standardizer = fit_standardizer(people.weeks, "all people of the cohort, whatever their label", people.unit)
    parts = []
    for first in first_days:  # the standardizer is turned with the week, so that every minute keeps its own mean and deviation
        turned, by = (
            np.roll(people.weeks, -1440 * first, axis=1),
            [np.roll(part, -1440 * first) for part in (standardizer.mean, standardizer.scale)],
        )
        moved = replace(standardizer, mean=by[0], scale=by[1])
        data = LabelledWeeks(turned, people.positive, np.arange(len(turned)).astype(str), people.unit, "people")
        parts.append(embed(model.network, data, moved, np.arange(len(turned)), "cpu", Silent()).numpy())
    return np.stack(parts, axis=1)


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


RECIPES: dict[str, tuple[Recipe, bool]] = {
    "paper (rate 1e-5, patience 250)": (papers_probe(1e-5, 10_000, 250), False),
    "paper's head, rate 0.01, 300 epochs": (papers_probe(0.01, 300, 300), False),
    "regression, C chosen (recommended)": (regression(), False),
    "regression, C = 0.01": (regression(0.01), False),
    "regression, C = 0.1": (regression(0.1), False),
    "regression, C = 1": (regression(1.0), False),
    "regression, C chosen, trained on all rotations": (regression(rotated=True), True),
    "regression, C chosen, mean over all rotations": (regression(averaged=True), True),
}
"""Name -> the recipe, and whether it needs weeks that begin with every day."""


def compared(people: People, model: Model, seeds: int, rotations: bool, paper_seeds: int) -> dict[str, object]:
    """Every recipe and the floor on the same folds. paper_seeds: trainings in epochs cost more, so they take the first seeds alone."""
    x, y = embeddings(model, people, range(DAYS if rotations else 1)), people.positive
    names = np.arange(len(y)).astype(str)
    table: dict[str, object] = {"people": len(y), "positive": int(y.sum())}

    def measured(train: Recipe, inputs: np.ndarray, most: int) -> dict[str, object]:
        rows = []
        for seed in range(most):
            for number, (known, test) in enumerate(folds(names, y, FOLDS, seed)):
                answer = train(inputs[known], y[known], names[known], seed)(inputs[test])
                rows.append((y[test], answer, names[test], np.full(len(test), number), np.full(len(test), seed)))
        return summary(*(np.concatenate(column) for column in zip(*rows, strict=True)), seeds=most)

    def floor(features: np.ndarray, labels: np.ndarray, _: np.ndarray, __: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda test: logistic_baseline(features[:, 0], labels, test[:, 0])

    table["six rhythm features (floor)"] = measured(floor, people.features[:, None], seeds)
    for name, (recipe, turned) in RECIPES.items():
        if rotations or not turned:
            began = time.perf_counter()
            most = min(seeds, paper_seeds) if name.startswith("paper") else seeds
            table[name] = measured(recipe, x, most)
            print(name, table[name], f"{time.perf_counter() - began:.0f} s", flush=True)
    return table


def summary(labels, scores, people, fold, repeat, seeds: int) -> dict[str, object]:
    tested = repeated_auc(labels, scores, people, fold, repeat)
    told: dict[str, object] = {"AUC": round(tested.auc.value, 3), "seeds": seeds}
    told["interval by person"] = [round(tested.auc.low, 3), round(tested.auc.high, 3)]
    if tested.corrected:
        told["Nadeau and Bengio"] = [round(max(0.0, tested.corrected.low), 3), round(min(1.0, tested.corrected.high), 3)]
    if seeds > 1:
        told["sd between seeds"] = round(tested.between_repeats, 3)
    return told


FULL: dict[str, FinetuneSettings] = {
    "recommended probe, as the app runs it": FinetuneSettings(folds=FOLDS),
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
    parser.add_argument("--paper-seeds", type=int, default=2)
    parser.add_argument("--tasks", nargs="*", default=list(FLOORS))
    parser.add_argument("--encoders", nargs="*", default=["pat-s-simulated", "pat-m-simulated"])
    parser.add_argument("--simulated", type=int, default=2000, help="people; 0 leaves them out")
    parser.add_argument("--full", nargs="*", default=["schizophrenia"], help="tasks on which whole runs are done, by PAT-S")
    parser.add_argument("--full-seeds", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    here = {path.stem: load(path) for path in bundled_files()}
    result: dict[str, Any] = {"encoders": chosen.encoders, "folds": FOLDS, "floors of the whole sets": FLOORS}
    whole = {}
    for task, people in real_people(chosen.data):
        if task in chosen.full:
            whole[task] = people
        if task in chosen.tasks:
            result[task] = {}
            for name in chosen.encoders:
                result[task][name] = compared(people, here[name], chosen.seeds, name == "pat-s-simulated", chosen.paper_seeds)
    if chosen.simulated:
        people = simulated_people(chosen.simulated, 5)
        name = f"simulated late wake, {chosen.simulated} people"
        result[name] = compared(people, here["pat-s-simulated"], min(3, chosen.seeds), False, 1)
    keep("recipes", result)
    for task, people in whole.items():
        result[f"{task}, whole runs"] = as_run(people, here["pat-s-simulated"], list(FULL), range(chosen.full_seeds))
    keep("recipes", result)


if __name__ == "__main__":
    main()
