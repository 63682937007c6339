"""The encoders that ship, and what their pretraining bought on real people.

    python -m benchmarks.training.encoders ../shared/data FOLDER train [--sizes small medium] [--seeds 0 1 2 3 4]
    python -m benchmarks.training.encoders ../shared/data FOLDER measure [--sizes small medium] [--seeds 0 1 2 3 4]
    python -m benchmarks.training.encoders ../shared/data FOLDER ship [--sizes small medium]

The people are imported once, into FOLDER/workspace. `train` pretrains one encoder a seed on simulated people and on the NHANES people
outside one fifth of them, which is another fifth for each seed; a stopped run goes on from its checkpoint. `measure` asks of each encoder,
on people it has not seen:

- how well it rebuilds hidden minutes, beside a straight line, the visible minutes' mean day and the other people's mean (no movement of its
  own in z): NHANES people of its own fifth, and a fifth of the OBF-Psychiatric people, each standardized by the others of their cohort;
- the recommended linear probe, out of fold, with the folds of the same seed, beside today's bundled encoder of the size and a random one of
  the same seed. A fold of NHANES is the fifth that the encoder has not seen. Differences are paired by person, with BCa intervals.

None of the people of OBF-Psychiatric was learned from. `ship` pretrains
with the same recipe on all NHANES people and writes assets/models.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.lifelike import fit_weeks
from benchmarks.machine import keep
from benchmarks.training.real_people import NHANES, PSYCHIATRIC, TASKS, import_nhanes, import_people
from benchmarks.training.recipes import TWO
from pat_core import settings
from pat_core.cohorts import Workspace
from pat_core.evaluation import folds
from pat_core.evaluation.paired_models import paired_aucs
from pat_core.evaluation.repeated_folds import repeated_auc
from pat_core.models.pat.pat_config import MASK_RATIO
from pat_core.progress import Silent
from pat_core.training import LabelledWeeks
from pat_core.training.probe import fit_probe
from pat_core.training.read_weeks import embed
from pat_core.weeks import apply, fit, steadied
from pat_core.weights import Model, load, random_model
from pat_core.weights.networks import autoencoder_of
from pat_core.workflows.learn.lifelike_encoders import LifelikeRecipe, pretrain_lifelike
from pat_core.workflows.learn.rebuilt_weeks import WAYS, rebuild
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_weeks

FIFTHS = 5
RECIPES = {"small": LifelikeRecipe("small", epochs=30), "medium": LifelikeRecipe("medium", epochs=20)}
"""The epochs by the validation loss of simulated and NHANES people alone: of small it still fell after 10 (.530) and by less than
one hundredth between 20 and 47 (.514, .506). That 10 were too few was seen in a first look which had measured all tasks below, those of
OBF-Psychiatric too."""
OTHERS_MEAN = "other people's mean"
DRAWS = 2000


def fifth(workspace: Workspace, cohort: str, seed: int) -> set[str]:
    """A fifth of a cohort's people, the same whatever is asked of them; other people for each seed of five."""
    people = np.array(sorted({row.participant for row in workspace.week_rows(cohort)}))
    return set(np.random.default_rng(0).permutation(people)[seed % FIFTHS :: FIFTHS].tolist())


def path_of(folder: Path, size: str, seed: int) -> Path:
    return folder / f"pat-{size[0]}-{seed}.safetensors"


class Words(Silent):
    """Says each thing once."""

    last = ""

    def at(self, fraction: float, message: str) -> None:
        words = message.partition(",")[0]
        if words != self.last:
            self.last = words
            print(f"{fraction:.0%} {message}", flush=True)

    def metric(self, step: int, values: Any) -> None:
        print(step, {name: round(value, 4) for name, value in values.items()}, flush=True)


def train(workspace: Workspace, folder: Path, size: str, seed: int) -> None:
    out = path_of(folder, size, seed)
    if not out.exists():
        recipe = LifelikeRecipe(**{**vars(RECIPES[size]), "seed": seed})
        pretrain_lifelike(workspace, NHANES, recipe, out, fifth(workspace, NHANES, seed), Words())


def rebuilt(workspace: Workspace, models: dict[int, Model]) -> dict[str, Any]:
    """Cohort -> way -> figures over people, each by the one encoder to which they belong."""
    table: dict[str, Any] = {}
    for cohort in (NHANES, PSYCHIATRIC):
        names, weeks = first_of_each(workspace, cohort)
        rows: list[dict[str, tuple[float, float]]] = []
        for seed, model in models.items():
            network, own = autoencoder_of(model), fifth(workspace, cohort, seed)
            tested = np.array([name in own for name in names])
            z = apply(steadied(fit(weeks[~tested], "the others", "counts/min")), weeks[tested])
            rows += [errors(network, week, 1_000 * seed + number) for number, week in enumerate(z)]
        table[cohort] = summary(rows)
    return table


def first_of_each(workspace: Workspace, cohort: str) -> tuple[list[str], np.ndarray]:
    """Names, and the first fit week of each from midnight on."""
    people = fit_weeks(workspace, cohort)
    return list(people), np.stack([weeks[0] for weeks in people.values()])


def errors(network: Any, z: np.ndarray, seed: int) -> dict[str, tuple[float, float]]:
    """Way -> (MSE, R2) on the hidden minutes of one week."""
    made = rebuild(network, z, MASK_RATIO, seed)
    by = {way: (figures.mse, figures.r2) for way, figures in made.figures.items()}
    hidden = made.z[made.hidden]
    return by | {OTHERS_MEAN: (float(np.mean(hidden**2)), 1 - float(np.mean(hidden**2) / max(np.var(hidden), 1e-12)))}


def summary(rows: list[dict[str, tuple[float, float]]]) -> dict[str, Any]:
    """Means over people with percentile intervals; of each way that needs no network also its MSE less the network's, person by person."""
    drawn = np.random.default_rng(0).integers(0, len(rows), (DRAWS, len(rows)))
    own = np.array([row["network"][0] for row in rows])
    table: dict[str, Any] = {"people": len(rows)}
    for way in (*WAYS, OTHERS_MEAN):
        mse, r2 = np.array([row[way] for row in rows]).T
        r2 = r2[np.isfinite(r2)]
        table[way] = {"MSE": interval(mse, drawn), "R2, median over people": round(float(np.median(r2)), 3)}
        if way != "network":
            table[way]["MSE less the network's"] = interval(mse - own, drawn)
    return table


def interval(values: np.ndarray, drawn: np.ndarray) -> list[float]:
    """[mean, low, high]."""
    return [round(float(number), 4) for number in (values.mean(), *np.percentile(values[drawn].mean(axis=1), [2.5, 97.5]))]


def probes(workspace: Workspace, encoders: dict[str, dict[int, Model]], name: str) -> dict[str, Any]:
    """AUC of each encoder (by seed) on a task, and the paired differences of the first to the others."""
    task = TASKS[name]
    request = RunRequest(name, task.cohort, task.label, task.positive, "pat-s-simulated", task.negative)
    chosen, _ = labelled_weeks(workspace, request)
    weeks, y = np.asarray(chosen.weeks[np.arange(len(chosen.positive))]), chosen.positive
    names = np.asarray(chosen.people)
    scores: dict[str, list[np.ndarray]] = {kind: [] for kind in encoders}
    tested: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    for seed in next(iter(encoders.values())):
        for repeat, number, known, test in splits(workspace, task.cohort, names, y, seed):
            standardizer = steadied(fit(weeks, "the people it learns from", chosen.unit, known))
            data = LabelledWeeks(weeks, y, names, chosen.unit, "people")
            for kind, of in encoders.items():
                x = embed(of[seed].network, data, standardizer, np.arange(len(y)), "cpu", Silent()).numpy()
                probe = fit_probe(x[known], y[known].astype(float), names[known], y[known].astype(int), TWO, seed, lambda *_: None)
                scores[kind].append(probe.head(torch.from_numpy(x[test])).detach().numpy())
            tested.append((y[test], names[test], np.full(len(test), number), np.full(len(test), repeat)))
    labels, people, fold, repeats = (np.concatenate(column) for column in zip(*tested, strict=True))
    answers = {kind: np.concatenate(some) for kind, some in scores.items()}
    first, *others = answers
    table: dict[str, Any] = {"people": len(y), "positive": int(y.sum())}
    for kind, some in answers.items():
        auc = repeated_auc(labels, some, people, fold, repeats).auc
        table[kind] = {"AUC": [round(number, 3) for number in (auc.value, auc.low, auc.high)]}
    for kind in others:
        apart = paired_aucs(labels, answers[first], answers[kind], people, FIFTHS * repeats + fold).difference
        table[f"{first} less {kind}"] = [round(number, 3) for number in (apart.value, apart.low, apart.high)]
    return table


def splits(
    workspace: Workspace, cohort: str, names: np.ndarray, y: np.ndarray, seed: int
) -> Iterator[tuple[int, int, np.ndarray, np.ndarray]]:
    """(repeat, fold, known, test) of a seed: five folds; of NHANES the one fifth that its encoder has not seen, so that five seeds are one
    cross-validation."""
    if cohort == NHANES:
        unseen = np.isin(names, list(fifth(workspace, cohort, seed)))
        yield 0, seed, np.flatnonzero(~unseen), np.flatnonzero(unseen)
    else:
        yield from ((seed, number, known, test) for number, (known, test) in enumerate(folds(names, y, FIFTHS, seed)))


def measure(workspace: Workspace, folder: Path, size: str, seeds: list[int], tasks: list[str]) -> dict[str, Any]:
    own = {seed: load(path_of(folder, size, seed)) for seed in seeds}
    today = load(settings.ASSETS / "models" / f"pat-{size[0]}-simulated.safetensors")
    encoders = {
        "lifelike": own,
        "simulated": dict.fromkeys(seeds, today),
        "random": {seed: random_model(size, seed=seed) for seed in seeds},
    }
    table: dict[str, Any] = {"seeds": seeds, "recipe": vars(RECIPES[size]), "rebuilt": rebuilt(workspace, own), "probes": {}}
    for name in tasks:
        table["probes"][name] = probes(workspace, encoders, name)
        print(name, table["probes"][name], flush=True)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("what", choices=["train", "measure", "ship"])
    parser.add_argument("--sizes", nargs="+", default=list(RECIPES), choices=list(RECIPES))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(FIFTHS)))
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    workspace = Workspace(chosen.folder / "workspace")
    if chosen.what == "measure":
        import_people(workspace, chosen.data)
        keep("encoders", {size: measure(workspace, chosen.folder, size, chosen.seeds, chosen.tasks) for size in chosen.sizes})
        return
    if not workspace.cohorts():
        import_nhanes(workspace, chosen.data)
    for size in chosen.sizes:
        if chosen.what == "ship":
            out = settings.ASSETS / "models" / f"pat-{size[0]}-lifelike.safetensors"
            pretrain_lifelike(workspace, NHANES, RECIPES[size], out, progress=Words())
        for seed in chosen.seeds if chosen.what == "train" else ():
            train(workspace, chosen.folder, size, seed)


if __name__ == "__main__":
    main()
