"""What is measured of one method on one week whose evidence was planted: rows of plain values, of which `target_table` makes figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from captum.attr import IntegratedGradients

from pat_core.evaluation import localization
from pat_core.explain import METHODS, applies, explain
from pat_core.explain.baselines import MEAN_WEEK, Baseline, nonwear
from pat_core.explain.judging.faithfulness import deletion, insertion, randomization
from pat_core.explain.judging.stability import stability
from pat_core.explain.judging.target_table import SHARES
from pat_core.explain.logit_function import weeks_at_once
from pat_core.explain.method_registry import REPLACEMENTS, Replacement
from pat_core.explain.windows import by_patch
from pat_core.models.pat.heads import Classifier
from pat_core.records import Attribution, Standardizer

Row = dict[str, Any]
RANDOM_ORDERS = 20
DRAWN_FROM = 1_000_000
"""Weights are drawn anew from seeds far from those that models were trained from: the same seed would draw a model's own beginning."""
CHEAP = ("rollout", "authors", "gradient_rollout", "value_norm", "alti", "integrated_gradients", "gradient", "occlusion_day")
"""Explained on every week; the others, and what repeats a method, on those that are measured in depth."""
REPEATED = tuple(name for name in CHEAP if name != "occlusion_day")
"""Repeated under noise, and at every stage of drawing weights anew; the others only with all of them drawn anew."""


@dataclass(frozen=True, eq=False)
class PlantedWeek:
    """One week for one model. z: (minutes,), standardized. evidence: (patches,), the share of each that was planted. least: the share from
    which a patch counts as evidence. others: weeks to compare with. deep: to be measured in depth. lot: seed of what is drawn for it,
    another for every model and week."""

    network: Classifier
    standardizer: Standardizer
    z: np.ndarray
    evidence: np.ndarray
    least: float
    others: Baseline
    deep: bool
    lot: int

    def applies(self, name: str) -> bool:
        """Whether a method is measured on this week."""
        return (self.deep or name in CHEAP) and not applies(name, self.network.config, self.z.size, True)


def variants(week: PlantedWeek, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The settings that a method is measured with, each under a name."""
    if name == "expected_gradients":
        yield "reference weeks", {"baseline": week.others}
    elif METHODS[name].family == "occlusion":
        for replacement in REPLACEMENTS if week.deep and name != "shapley_day" else REPLACEMENTS[:1]:
            yield replacement, {"replacement": replacement}
    elif name == "integrated_gradients":
        yield "mean week", {}
        if week.deep:
            yield "non-wear", {"baseline": nonwear(week.standardizer)}
    else:
        yield "", {}


def map_row(week: PlantedWeek, name: str, variant: str, settings: dict[str, Any]) -> Row:
    """Localization, error and cost of one map; in depth also deletion, insertion, noise and randomization."""
    run = partial(_run, name=name, settings=settings)
    began = time.perf_counter()
    attribution = run(week.network, week.z)
    seconds, signed = time.perf_counter() - began, by_patch(attribution)
    score = localization(signed, week.evidence, least=week.least)
    clear = localization(signed, week.evidence, least=week.least, edges=False)
    row: Row = {
        "what": "map",
        "method": name,
        "variant": variant,
        "seconds": seconds,
        "evaluations": attribution.evaluations,
        "flagged": bool(attribution.flag),
        "gap": attribution.relative_gap,
        "gap_share": attribution.gap_share,
        "auprc": score and score.auprc,
        "auroc": score and score.auroc,
        "chance": score and score.chance,
        "auprc, edges left out": clear and clear.auprc,
    }
    return row | _in_depth(week, attribution, signed, run) if week.deep else row


def random_row(week: PlantedWeek, replacement: Replacement) -> Row:
    """What random orders of patches do to the score of that week: what every map is compared with."""
    flat = np.zeros(week.evidence.size)
    out = deletion(week.network, week.z, flat, replacement, shares=SHARES, draws=RANDOM_ORDERS, seed=week.lot)
    back = insertion(week.network, week.z, flat, replacement, shares=SHARES, draws=RANDOM_ORDERS, seed=week.lot)
    changes = {"deleted": out.random.tolist(), "inserted": back.random.tolist(), "deleted, size": out.random_size.tolist()}
    return {"what": "random", "replacement": replacement} | changes


def _in_depth(week: PlantedWeek, attribution: Attribution, signed: np.ndarray, run: Callable[..., Attribution]) -> Row:
    row: Row = {}
    for replacement in REPLACEMENTS:
        row |= _followed(week, signed, attribution.kind, replacement)
    if attribution.method in REPEATED:
        noisy = stability(week.network, week.z, run, attribution=attribution)
        row |= {"noise correlation": noisy.correlation, "noise overlap": noisy.overlap}
    drawn = randomization(
        week.network, lambda changed: run(changed, week.z), signed, seed=DRAWN_FROM + week.lot, last_only=attribution.method not in REPEATED
    )
    row |= {"cascade": drawn, "randomized": list(drawn.values())[-1]}
    if attribution.method == "integrated_gradients" and attribution.settings["baseline"] == MEAN_WEEK:
        row["l1 to 256"] = _against_256(week, attribution)
    return row


def _run(network: Classifier, z: np.ndarray, name: str, settings: dict[str, Any]) -> Attribution:
    return explain(network, z, name, has_head=True, **settings)


def _followed(week: PlantedWeek, signed: np.ndarray, kind: str, replacement: Replacement) -> Row:
    """How the score follows the map. raising: strongest first; lowering: the lowest first, for maps that have a sign."""
    changes: Row = {}
    for word, measure in (("deleted", deletion), ("inserted", insertion)):
        curve = measure(week.network, week.z, signed, replacement, shares=SHARES, draws=0, seed=week.lot)
        changes[f"{word} raising, {replacement}"] = curve.changes.tolist()
    if kind == "attribution":
        lowest = deletion(week.network, week.z, -signed, replacement, shares=SHARES, draws=0, seed=week.lot)
        changes[f"deleted lowering, {replacement}"] = lowest.changes.tolist()
    return changes


def _against_256(week: PlantedWeek, attribution: Attribution) -> float:
    """L1 distance to captum's map of 256 Gauss-Legendre steps, as a share of that map's L1 norm."""
    z = torch.from_numpy(week.z)[None]
    at_once = weeks_at_once(week.network, week.z.size)
    steps = IntegratedGradients(week.network).attribute(z, torch.zeros_like(z), n_steps=256, internal_batch_size=at_once)
    covered = np.isfinite(attribution.values)
    reference = steps[0].detach().numpy()[covered]
    return float(np.abs(attribution.values[covered] - reference).sum() / np.abs(reference).sum())
