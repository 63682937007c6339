"""Explanations of weeks, kept by content hashes: the same question is answered once."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from pat_core import __version__
from pat_core.cohorts import Workspace
from pat_core.explain import explain
from pat_core.records import Attribution, Standardizer
from pat_core.weeks import apply
from pat_core.weights import Model
from pat_core.workflows.predicting import WhoseStandardizer, cohort_standardizer, default_standardizer


def cache_key(model_sha: str, z: np.ndarray, method: str, settings: dict[str, object]) -> str:
    """Everything an explanation depends on: weights, standardized input (so week and standardizer), method, settings, engine version."""
    parts = {"model": model_sha, "input": hashlib.sha256(np.ascontiguousarray(z).tobytes()).hexdigest(), "method": method}
    return "explanation " + json.dumps(parts | {"settings": settings, "engine": __version__}, sort_keys=True)


def explain_standardized(workspace: Workspace, model: Model, z: np.ndarray, method: str, **settings: object) -> Attribution:
    """Explain one standardized week (minutes,), from the cache where the same question was answered before."""
    key = cache_key(model.sha256, z, method, settings)
    found = workspace.cache_get(key)
    if found is not None:
        return _from_arrays(found)
    made = explain(model.network, z, method, has_head=model.has_head, **settings)
    workspace.cache_put(key, *_to_arrays(made))
    return made


def explain_week(
    workspace: Workspace,
    model: Model,
    cohort: str,
    participant: str,
    index: int = 0,
    method: str = "rollout",
    whose: WhoseStandardizer | None = None,
    standardizer: Standardizer | None = None,
    **settings: object,
) -> Attribution:
    """Explain one week of one person. standardizer: given where the caller has it at hand, else found by `whose`."""
    week = workspace.week(cohort, participant, index)
    standardizer = standardizer or cohort_standardizer(workspace, cohort, model, whose or default_standardizer(model))
    return explain_standardized(workspace, model, apply(standardizer, week.values[None])[0], method, **settings)


def _to_arrays(made: Attribution) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    plain = {"method": made.method, "kind": made.kind, "patch": made.patch, "delta": made.delta}
    plain |= {"completeness_gap": made.completeness_gap, "settings": dict(made.settings), "note": made.note}
    return {"values": made.values, "record": np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)}, plain


def _from_arrays(found: dict[str, np.ndarray]) -> Attribution:
    return Attribution(values=found["values"], **json.loads(found["record"].tobytes().decode()))
