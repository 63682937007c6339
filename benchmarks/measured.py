"""What is measured of one method on one week, and of one model on all of its weeks. Rows of plain values, appended as they are made."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from captum.attr import IntegratedGradients

from benchmarks.planted import TASKS, test_weeks
from pat_core.evaluation import evidence_share, localization
from pat_core.explain import METHODS, applies, explain
from pat_core.explain.baselines import MEAN_WEEK, Baseline, nonwear, references
from pat_core.explain.judging.faithfulness import deletion, insertion, randomization
from pat_core.explain.judging.stability import stability
from pat_core.explain.logit_function import weeks_at_once
from pat_core.explain.method_registry import REPLACEMENTS
from pat_core.explain.windows import by_patch
from pat_core.records import Attribution
from pat_core.weights import Model
from pat_core.workflows.explanations.week_maps import METHOD_VERSION

SHARES = (0.05,)
"""Of the patches, that are taken out or put in."""
RANDOM_ORDERS = 20
DRAWN_FROM = 1_000_000
"""Weights are drawn anew from seeds far from those that models were trained from: the same seed would draw a model's own beginning."""
REFERENCE_WEEKS = 4
CHEAP = ("rollout", "authors", "gradient_rollout", "value_norm", "alti", "integrated_gradients", "gradient", "occlusion_day")
"""Explained on every week; the others, and what repeats a method, on the first `deep` ones."""
REPEATED = tuple(name for name in CHEAP if name != "occlusion_day")
"""Repeated under noise, and at every stage of drawing weights anew; the others only with all of them drawn anew."""


class Rows:
    """A file of JSON lines that a stopped run goes on with: what is in it is not measured again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        whole = [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")] if path.exists() else []
        self.rows = [json.loads(line) for line in whole]
        if path.exists():
            path.write_text("".join(whole))
        self.there = {row["key"] for row in self.rows}

    def current(self) -> list[dict[str, object]]:
        """Without maps of an earlier version of the methods, which a run that went on left in the file."""
        return [row for row in self.rows if row.get("version", METHOD_VERSION) == METHOD_VERSION]

    def once(self, key: str, measure: Callable[[], dict[str, object]]) -> None:
        if key not in self.there:
            row = {"key": key, **measure()}
            with self.path.open("a") as file:
                file.write(json.dumps(row) + "\n")
            self.rows.append(row)
            self.there.add(key)


def measure_cell(
    model: Model, task: str, size: str, seed: int, weeks: int, deep: int, rows: Rows, methods: Sequence[str] = tuple(METHODS)
) -> None:
    """Everything of one trained model: `weeks` positive people of the task, of whom the first `deep` in depth."""
    test = test_weeks(model, task, 2 * weeks + 40, seed)
    rows.once(f"auc {weeks}", lambda: {"what": "auc", "task": task, "size": size, "seed": seed, **test.auc})
    others = references(test.z[~test.cohort.positive][:REFERENCE_WEEKS], "simulated people without the label")
    chosen = np.flatnonzero(test.cohort.positive)[:weeks]
    for number, person in enumerate(chosen):
        share = evidence_share(test.evidence[person], model.config.patch)
        week = _Week(model, test.z[person], share, TASKS[task].least, number < deep, 1000 * seed + number)
        mark = f"{number} {'deep' if week.deep else ''} {METHOD_VERSION}"
        told = {"task": task, "size": size, "seed": seed, "week": number, "version": METHOD_VERSION}
        for replacement in REPLACEMENTS if week.deep else ():
            rows.once(f"random {mark} {replacement}", partial(_random, week, replacement, told))
        for name in (name for name in methods if week.deep or name in CHEAP):
            if not applies(name, model.config, week.z.size, True):
                for variant, settings in _variants(name, model, others, week.deep):
                    rows.once(f"{name} {variant} {mark}", partial(_map, week, name, variant, settings, told))


@dataclass(frozen=True, eq=False)
class _Week:
    """One standardized week and its evidence (patches,), share of each patch, for one model. least: see `Task`. deep: to be measured in
    depth. lot: seed of what is drawn for it, another for every model and week."""

    model: Model
    z: np.ndarray
    evidence: np.ndarray
    least: float
    deep: bool
    lot: int


def _variants(name: str, model: Model, others: Baseline, deep: bool) -> Iterator[tuple[str, dict[str, object]]]:
    """The settings that a method is measured with, each under a name."""
    if name == "expected_gradients":
        yield "reference weeks", {"baseline": others}
    elif METHODS[name].family == "occlusion":
        for replacement in REPLACEMENTS if deep and name != "shapley_day" else REPLACEMENTS[:1]:
            yield replacement, {"replacement": replacement}
    elif name == "integrated_gradients":
        yield "mean week", {}
        if deep:
            yield "non-wear", {"baseline": nonwear(model.standardizer)}
    else:
        yield "", {}


def _map(week: _Week, name: str, variant: str, settings: dict[str, object], told: dict[str, object]) -> dict[str, object]:
    """Localization, error and cost of one map; in depth also deletion, insertion, noise and randomization."""
    run = partial(_run, name=name, settings=settings)
    began = time.perf_counter()
    made = run(week.model.network, week.z)
    seconds, signed = time.perf_counter() - began, by_patch(made)
    found = localization(signed, week.evidence, least=week.least)
    clear = localization(signed, week.evidence, least=week.least, edges=False)
    row = {"what": "map", **told, "method": name, "variant": variant, "seconds": seconds, "evaluations": made.evaluations} | {
        "flagged": bool(made.flag),
        "gap": made.relative_gap,
        "gap_share": made.gap_share,
        "auprc": found and found.auprc,
        "auroc": found and found.auroc,
        "chance": found and found.chance,
        "auprc, edges left out": clear and clear.auprc,
    }
    return row | _in_depth(week, made, signed, run) if week.deep else row


def _in_depth(week: _Week, made: Attribution, signed: np.ndarray, run: Callable[..., Attribution]) -> dict[str, object]:
    row: dict[str, object] = {}
    for replacement in REPLACEMENTS:
        row |= _followed(week, signed, made.kind, replacement)
    if made.method in REPEATED:
        told = stability(week.model.network, week.z, run, attribution=made)
        row |= {"noise correlation": told.correlation, "noise overlap": told.overlap}
    drawn = randomization(
        week.model.network, lambda changed: run(changed, week.z), signed, seed=DRAWN_FROM + week.lot, last_only=made.method not in REPEATED
    )
    row |= {"cascade": drawn, "randomized": list(drawn.values())[-1]}
    if made.method == "integrated_gradients" and made.settings["baseline"] == MEAN_WEEK:
        row["l1 to 256"] = _against_256(week, made)
    return row


def _run(network, z: np.ndarray, name: str, settings: dict[str, object]) -> Attribution:
    return explain(network, z, name, has_head=True, **settings)


def _followed(week: _Week, signed: np.ndarray, kind: str, replacement: str) -> dict[str, object]:
    """How the score follows the map. raising: strongest first; lowering: the lowest first, for maps that have a sign."""
    told = {}
    for word, measure in (("deleted", deletion), ("inserted", insertion)):
        curve = measure(week.model.network, week.z, signed, replacement, shares=SHARES, draws=0, seed=week.lot)
        told[f"{word} raising, {replacement}"] = curve.changes.tolist()
    if kind == "attribution":
        lowest = deletion(week.model.network, week.z, -signed, replacement, shares=SHARES, draws=0, seed=week.lot)
        told[f"deleted lowering, {replacement}"] = lowest.changes.tolist()
    return told


def _random(week: _Week, replacement: str, told: dict[str, object]) -> dict[str, object]:
    """What random orders of patches do to the score of that week: what every map is compared with."""
    flat = np.zeros(week.evidence.size)
    out = deletion(week.model.network, week.z, flat, replacement, shares=SHARES, draws=RANDOM_ORDERS, seed=week.lot)
    back = insertion(week.model.network, week.z, flat, replacement, shares=SHARES, draws=RANDOM_ORDERS, seed=week.lot)
    found = {"deleted": out.random.tolist(), "inserted": back.random.tolist(), "deleted, size": out.random_size.tolist()}
    return {"what": "random", **told, "replacement": replacement} | found


def _against_256(week: _Week, made: Attribution) -> float:
    """L1 distance to captum's map of 256 Gauss-Legendre steps, as a share of that map's L1 norm."""
    z = torch.from_numpy(week.z)[None]
    at_once = weeks_at_once(week.model.network, week.z.size)
    found = IntegratedGradients(week.model.network).attribute(z, torch.zeros_like(z), n_steps=256, internal_batch_size=at_once)
    covered = np.isfinite(made.values)
    reference = found[0].detach().numpy()[covered]
    return float(np.abs(made.values[covered] - reference).sum() / np.abs(reference).sum())
