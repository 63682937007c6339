"""How a receipt is altered: without care, with hashes that fit again, and with every figure made to fit that follows from others."""

from __future__ import annotations

import copy
import json

import numpy as np

from pat_core.workflows.explanations.map_quality import baseline_of, hash_of, sealed


def leaves(value, path=()):
    """Every place in a receipt that holds no further places."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))
    else:
        yield path


def other(value):
    """Something of the same kind that is not the same."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    return "x" if value is None else [1] if value == [] else {"x": 1}


def altered(content, path, value=...):
    changed = copy.deepcopy(content)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = other(place[path[-1]]) if value is ... else value
    return changed


def resealed(content):
    """As somebody would who knows how the hashes are made."""
    for one in content["explanations"]:
        one["settings_sha256"] = hash_of(one["settings"])
    return json.dumps(sealed(content))


def with_care(content):
    """As somebody would who also makes every figure fit that follows from others."""
    for one in content["explanations"]:
        settings, delta = one["settings"], one["delta"]
        one |= {"baseline": baseline_of(settings), "steps": settings.get("steps"), "engine": content["pat_core"]}
        one |= {"weights_sha256": content["model"]["sha256"], "input_sha256": content["input_sha256"]}
        if delta is not None and one["completeness_gap"] is not None:
            gap = one["sum"] - delta
            one |= {"completeness_gap": gap, "relative_gap": abs(gap) / max(abs(delta), 1.0), "gap_share": abs(gap) / one["drawn"]}
    if content["prediction"]:
        content["prediction"]["probability_raw"] = 1 / (1 + np.exp(-content["prediction"]["logit"]))
    return json.loads(resealed(content))
