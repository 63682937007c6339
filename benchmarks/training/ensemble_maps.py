"""How well the mean map of an ensemble of folds finds planted evidence, beside the maps of its members.

    python -m benchmarks.training.ensemble_maps [--people 600] [--weeks 24] [--folds 3] [--seeds 0 1 2]

On simulated people with bouts of activity planted in their nights (task `presence` of the scoreboard), PAT-S is trained in full with
folds that are kept together; new people are explained by integrated gradients of the ensemble and of each member alone, and each map is
held against the patches of the evidence (AUPRC). That the ensemble's map is the mean of its members' is held by a test.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch

from benchmarks.machine import keep
from pat_core.evaluation import auc, evidence_share, localization
from pat_core.explain import explain
from pat_core.explain.of_members import each_member
from pat_core.explain.windows import by_patch
from pat_core.models.pat import config_for
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import COUNTS
from pat_core.training import FinetuneSettings, LabelledWeeks
from pat_core.training.finetuning import finetune
from pat_core.weeks import apply
from pat_core.workflows.explanations.planted_models import BATCH, LEARNING_RATE, PLANTED_TASKS, TEST_SEED, people_of

TASK, SIZE = "presence", "small"


def of_seed(seed: int, people: int, weeks: int, folds: int, epochs: int) -> dict[str, object]:
    """Mean AUPRC of the ensemble's maps and of each member's, over the same weeks; AUCs of both on new people."""
    cohort, new = people_of(TASK, people, seed), people_of(TASK, 2 * weeks + 40, TEST_SEED + seed)
    data = LabelledWeeks(cohort.weeks, cohort.positive, np.array(cohort.participants), COUNTS, "simulated people")
    settings = FinetuneSettings("full", LEARNING_RATE[SIZE], BATCH, epochs, epochs, seed=seed, recipe="paper", folds=folds, keep="ensemble")
    with tempfile.TemporaryDirectory() as folder:
        done = finetune(seeded(lambda: Classifier(config_for(SIZE)), seed), data, settings, Path(folder))
    z = apply(done.standardizer, new.weeks)
    with torch.no_grad():
        together = auc(new.positive, np.concatenate([done.network(torch.from_numpy(part)).numpy() for part in np.array_split(z, 16)]))
    rows = []
    for person in np.flatnonzero(new.positive)[:weeks]:
        share = evidence_share(np.any([traces[person] for traces in new.evidence.values()], axis=0), done.network.config.patch)
        pairs = [(done.network, z[person]), *each_member(done.network, z[person])]
        maps = [by_patch(explain(network, week, "integrated_gradients", has_head=True)) for network, week in pairs]
        judged = [localization(one, share, least=PLANTED_TASKS[TASK].least) for one in maps]
        rows.append([one.auprc for one in judged if one])
    means = np.array(rows).mean(axis=0)
    better = float(np.mean(np.array(rows)[:, 0] > np.array(rows)[:, 1:].mean(axis=1)))
    return {
        "seed": seed,
        "AUC of the ensemble on new people": round(together, 3),
        "AUPRC of the ensemble's map": round(means[0], 3),
        "AUPRC of its members' maps": means[1:].round(3).tolist(),
        "share of weeks in which the ensemble's is above its members' mean": round(better, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--weeks", type=int, default=24)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    rows = [of_seed(seed, chosen.people, chosen.weeks, chosen.folds, chosen.epochs) for seed in chosen.seeds]
    asked = {"task": TASK, "size": SIZE, "people": chosen.people, "weeks": chosen.weeks, "folds": chosen.folds, "epochs": chosen.epochs}
    keep("ensemble-maps", {**asked, "seeds": rows})


if __name__ == "__main__":
    main()
