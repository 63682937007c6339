"""Explanations of real people, whose truth nobody knows: does the score follow the map, does it stay, do methods agree, how big is the gap.

    python -m benchmarks.explanations_real ../shared/data/obf_psychiatric_dev.zip [--full-epochs 60]

For each group against control: PAT-S is fine-tuned in full with people held out, then the first week of everybody is explained.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.machine import keep
from pat_core.cohorts import Workspace
from pat_core.explain import explain, same_ranking
from pat_core.explain.judging.agreement import agreement
from pat_core.explain.judging.faithfulness import deletion
from pat_core.explain.judging.stability import stability
from pat_core.explain.method_registry import REPLACEMENTS
from pat_core.explain.windows import by_patch
from pat_core.models.pat.heads import Classifier
from pat_core.records import Attribution
from pat_core.training import FinetuneSettings
from pat_core.weeks import apply
from pat_core.weights import Model
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import cohort_standardizer
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.labelled_weeks import RunRequest, labelled_weeks

COMPARED = ("integrated_gradients", "rollout", "gradient_rollout", "occlusion_hour")
STEADY = ("integrated_gradients", "rollout")
SHARE, RANDOM_ORDERS = 0.05, 20


def main() -> None:
    """Train, explain, measure, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--encoder", default="pat-s-simulated")
    parser.add_argument("--full-epochs", type=int, default=60)
    parser.add_argument("--groups", nargs="+", default=["schizophrenia", "depression"])
    chosen = parser.parse_args()
    result: dict[str, object] = {"encoder": chosen.encoder, "full_epochs_at_most": chosen.full_epochs, "share of patches": SHARE}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        import_recordings(workspace, [chosen.archive], "psychiatric")
        for group in chosen.groups:
            settings = FinetuneSettings("full", max_epochs=chosen.full_epochs, recipe="paper")
            request = RunRequest(group, "psychiatric", "group", group, chosen.encoder, "control", settings=settings)
            run = run_finetune(workspace, request)
            model = resolve(workspace, group)
            data, _ = labelled_weeks(workspace, request)
            z = apply(cohort_standardizer(workspace, "psychiatric", model, "model"), data.weeks)
            tested = np.isin(data.people, model.card["test"]["people"])
            rows = [_person(model, week) for week in z]
            of_test = [row for row, held in zip(rows, tested, strict=True) if held]
            result[f"{group} against control"] = {
                "auc": run.result["test"]["auc"],
                "people held out": measured(of_test),
                "everybody, training people too": measured(rows),
            }
    keep("explanations-real", result)


def measured(rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Medians with quartiles over people; for deletion means, and what random orders of patches do."""
    told: dict[str, object] = {"people": len(rows)}
    for name in COMPARED:
        for side in ("highest", "lowest"):
            for replacement in REPLACEMENTS:
                if (key := (name, side, replacement)) in rows[0]["deleted"]:
                    own = float(np.mean([row["deleted"][key] for row in rows]))
                    chance = float(np.mean([row["deleted"]["random", side, replacement] for row in rows]))
                    told[f"deletion of the {side} 5 %, {replacement}, {name}"] = {
                        "fall of the logit": round(own, 3),
                        "by random orders": round(chance, 3),
                        "beyond": round(own - chance, 3),
                    }
    gaps = np.array([row["gap"] for row in rows])
    told["gap of integrated gradients"] = {"share within 1 %": float((gaps <= 0.01).mean())} | _spread(gaps)
    for name in STEADY:
        told[f"stability of {name}"] = {
            "rank correlation": _spread([row["stability"][name].correlation for row in rows]),
            "overlap of the strongest 5 %": _spread([row["stability"][name].overlap for row in rows]),
        }
    told["agreement, overlap of the strongest 5 %"] = {
        f"{pair.first} and {pair.second}": _spread([row["agreement"].pairs[number].overlap for row in rows])
        for number, pair in enumerate(rows[0]["agreement"].pairs)
    }
    return told


def _person(model: Model, z: np.ndarray) -> dict[str, object]:
    """What is measured of one week. The lowest patches are those that had lowered the score, so taking them out lets it rise (a fall below
    zero); attention has no sign, so only its highest are taken out."""
    network = model.network
    maps = {name: explain(network, z, name, has_head=True) for name in COMPARED}
    deleted: dict[tuple[str, str, str], float] = {}
    for replacement in REPLACEMENTS:
        for name, made in maps.items():
            signed = by_patch(made)
            deleted[name, "highest", replacement] = _fall(network, z, signed, replacement)
            if made.kind == "attribution":
                deleted[name, "lowest", replacement] = _fall(network, z, -signed, replacement)
        orders = (np.random.default_rng(seed).random(network.config.tokens(z.size)) for seed in range(RANDOM_ORDERS))
        chance = float(np.mean([_fall(network, z, order, replacement) for order in orders]))
        deleted["random", "highest", replacement] = deleted["random", "lowest", replacement] = chance
    return {
        "deleted": deleted,
        "gap": maps["integrated_gradients"].relative_gap,
        "stability": {name: stability(network, z, partial(_again, name=name), attribution=maps[name]) for name in STEADY},
        "agreement": agreement(maps, same_ranking(model.config), SHARE),
    }


def _fall(network: Classifier, z: np.ndarray, strength: np.ndarray, replacement: str) -> float:
    return float(deletion(network, z, strength, replacement, shares=(SHARE,), draws=0).changes[0])


def _again(network: Classifier, z: np.ndarray, name: str) -> Attribution:
    return explain(network, z, name, has_head=True)


def _spread(values) -> dict[str, float]:
    low, middle, high = np.percentile(np.asarray(values, float), [25, 50, 75])
    return {"median": round(float(middle), 4), "quartiles": [round(float(low), 4), round(float(high), 4)], "least and most": _worst(values)}


def _worst(values) -> list[float]:
    return [round(float(np.min(values)), 4), round(float(np.max(values)), 4)]


if __name__ == "__main__":
    main()
