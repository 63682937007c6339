"""What an explanation must say of itself: its error, what it was made of, how steady the map."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from pat_core import __version__
from pat_core.explain.judging.stability import Stability
from pat_core.explain.windows import WearMass
from pat_core.records import Attribution
from pat_core.weights import Model
from pat_core.workflows.explanations.scoreboard import verdict
from pat_core.workflows.explanations.week_maps import METHOD_VERSION, sha256_of

SCHEMA = 5
"""Of receipts. 1 were those without hashes, which cannot be checked; 2 without the settings of wear; 3 without the answer as it is shown
and without where the maps lie by wear; 4 with percentages that the model's test did not bear out, and answers on hardly worn weeks."""


def explanation_receipt(
    attribution: Attribution, model: Model, z: np.ndarray, stability: Stability | None = None, wear: WearMass | None = None
) -> dict[str, object]:
    """One map's receipt, plain values: error, settings, evaluations, and the hashes of all that it was made from and of itself.

    wear: how much of it lies on minutes that were worn, not worn and missing. measured: how its method did where the truth is known.

    Logits for delta, sum, drawn (the sum of |values|) and gap; hashes are sha256 of float32 bytes, of the settings of their JSON text.
    """
    settings = plain(dict(attribution.settings))
    return plain(
        {
            "method": attribution.method,
            "kind": attribution.kind,
            "settings": settings,
            "settings_sha256": hash_of(settings),
            "baseline": baseline_of(settings),
            "steps": settings.get("steps"),
            "evaluations": attribution.evaluations,
            "patch": attribution.patch,
            "resolution": attribution.resolution,
            "delta": attribution.delta,
            "sum": float(np.nansum(attribution.values, dtype=np.float64)),
            "drawn": float(np.nansum(np.abs(attribution.values), dtype=np.float64)),
            "completeness_gap": attribution.completeness_gap,
            "relative_gap": attribution.relative_gap,
            "gap_share": attribution.gap_share,
            "wear": None if wear is None else asdict(wear),
            "measured": verdict(attribution.method, model.config.size),
            "stability": None if stability is None else {**asdict(stability), "steady": stability.steady},
            "weights_sha256": model.sha256,
            "input_sha256": sha256_of(z),
            "values_sha256": sha256_of(attribution.values),
            "methods": METHOD_VERSION,
            "engine": __version__,
            "flag": attribution.flag,
            "note": attribution.note,
        }
    )


def baseline_of(settings: Mapping[str, object]) -> dict[str, object] | None:
    """What a result's settings tell of its baseline; None for a method that has none."""
    if "baseline" not in settings:
        return None
    parts = {"name": "baseline", "weeks": "baseline_weeks", "of": "baseline_of", "sha256": "baseline_sha256"}
    return {name: settings.get(key) for name, key in parts.items()}


def sealed(content: Mapping[str, object]) -> dict[str, object]:
    """The same as plain values, with a checksum of all of it: a field that changes afterwards is noticed (it proves no origin)."""
    bare = plain({name: value for name, value in content.items() if name != "receipt_sha256"})
    return {**bare, "receipt_sha256": hash_of(bare)}


def hash_of(content: object) -> str:
    """sha256 of plain values, whatever the order of their names."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()


def plain(value: Any) -> Any:
    """Values that JSON can hold: tuples as lists, NumPy's numbers as Python's, what is no finite number as null."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
