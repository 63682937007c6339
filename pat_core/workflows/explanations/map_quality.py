"""What an explanation must say of itself: its error, what it was made of, how usual the week is, how steady the map."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pat_core import __version__
from pat_core.cohorts import Workspace
from pat_core.explain.embedding_distance import distance, pooled
from pat_core.explain.judging.stability import Stability
from pat_core.explain.windows import WearMass
from pat_core.progress import Progress
from pat_core.records import Attribution
from pat_core.weights import Model
from pat_core.workflows.explanations.embedding_reference import reference_for
from pat_core.workflows.explanations.scoreboard import verdict
from pat_core.workflows.explanations.week_maps import METHOD_VERSION, sha256_of
from pat_core.workflows.models.week_reading import ReadWeek

__all__ = ["SCHEMA", "WeekDistance", "baseline_of", "explanation_receipt", "plain", "reference_for", "sealed", "week_distance"]

SCHEMA = 4
"""Of receipts. 1 were those without hashes, which cannot be checked; 2 without the settings of wear; 3 without the answer as it is shown
and without where the maps lie by wear."""


@dataclass(frozen=True)
class WeekDistance:
    """How far a week's embedding lies from those of `whom` (Mahalanobis, no unit); share_nearer: of these people, 0 to 1."""

    value: float
    share_nearer: float
    far: bool
    people: int
    whom: str
    words: str


def week_distance(
    workspace: Workspace, model: Model, read: ReadWeek, *, only_kept: bool = False, progress: Progress | None = None
) -> tuple[WeekDistance | None, str]:
    """(how unusual a week is to the model, "") or (None, a sentence why that is not said). only_kept: as for `reference_for`."""
    asked = read.question
    reference, why = reference_for(workspace, model, asked.cohort, asked.standardize_by, asked.participant, progress, only_kept)
    if reference is None:
        return None, why
    value = float(distance(reference, pooled(model.network, read.z))[0])
    share, far = reference.share_nearer(value), reference.is_far(value)
    return WeekDistance(value, share, far, reference.people, reference.whom, reference.words(value)), ""


def explanation_receipt(
    one: Attribution, model: Model, z: np.ndarray, stability: Stability | None = None, wear: WearMass | None = None
) -> dict[str, object]:
    """One map's receipt, plain values: error, settings, evaluations, and the hashes of all that it was made from and of itself.

    wear: how much of it lies on minutes that were worn, not worn and missing. measured: how its method did where the truth is known.

    Logits for delta, sum, drawn (the sum of |values|) and gap; hashes are sha256 of float32 bytes, of the settings of their JSON text.
    """
    settings = plain(dict(one.settings))
    return plain(
        {
            "method": one.method,
            "kind": one.kind,
            "settings": settings,
            "settings_sha256": hash_of(settings),
            "baseline": baseline_of(settings),
            "steps": settings.get("steps"),
            "evaluations": one.evaluations,
            "patch": one.patch,
            "resolution": one.resolution,
            "delta": one.delta,
            "sum": float(np.nansum(one.values, dtype=np.float64)),
            "drawn": float(np.nansum(np.abs(one.values), dtype=np.float64)),
            "completeness_gap": one.completeness_gap,
            "relative_gap": one.relative_gap,
            "gap_share": one.gap_share,
            "wear": None if wear is None else asdict(wear),
            "measured": verdict(one.method, model.config.size),
            "stability": None if stability is None else {**asdict(stability), "steady": stability.steady},
            "weights_sha256": model.sha256,
            "input_sha256": sha256_of(z),
            "values_sha256": sha256_of(one.values),
            "methods": METHOD_VERSION,
            "engine": __version__,
            "flag": one.flag,
            "note": one.note,
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
