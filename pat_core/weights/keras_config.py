"""What a full Keras file says of itself in its `model_config` JSON: the patch, and whether its layers compute what ours do.

The weights alone cannot show an activation or a norm's epsilon. Only JSON is read: nothing in it is ever run or built.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from pat_core.errors import WeightsError
from pat_core.models.pat.pat_config import LAYER_NORM_EPSILON

LAYERS_AT_MOST = 5_000

# Keras layer name (a session's number stripped) -> setting -> value that our network computes with
COMPUTES: dict[str, dict[str, Any]] = {
    "dense": {"activation": "linear"},
    "conv1d_patch_embedding": {"activation": "relu", "padding": "same"},
    "encoder_layer_{b}_ff1": {"activation": "relu"},
    "encoder_layer_{b}_ff2": {"activation": "linear"},
    "encoder_layer_{b}_norm1": {"epsilon": LAYER_NORM_EPSILON},
    "encoder_layer_{b}_norm2": {"epsilon": LAYER_NORM_EPSILON},
    "dense_128": {"activation": "relu"},
    "output": {"activation": "sigmoid"},
}
_PATTERNS = tuple((re.compile(name.replace("{b}", r"\d+") + r"(?:_\d+)?"), wanted) for name, wanted in COMPUTES.items())


def patches_in(text: str, where: str) -> frozenset[int]:
    """Minutes a patch that the model's Reshape layers can mean; mostly one. Raises WeightsError where layers compute otherwise."""
    try:
        model = json.loads(text)
        layers = list(_layers(model, where))
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{where}: expected JSON in the attribute model_config, got text that cannot be read ({error}).") from error
    for layer in layers:
        _check(layer, where)
    minutes = {length for layer in layers if (length := _input_minutes(layer))}
    patches = {patch for layer in layers if (patch := _reshape_patch(layer, minutes))}
    return frozenset(patches - {1} or patches)  # (minutes, 1) only adds a channel, where another cut is named


def _layers(model: Any, where: str) -> Iterator[dict[str, Any]]:
    """All layers' configurations, models inside models included, each with its class name under "class"."""
    waiting, looked_at = [model], 0
    while waiting:
        node = waiting.pop()
        config = node.get("config") if isinstance(node, dict) else None
        if not isinstance(config, dict):
            continue
        looked_at += 1
        if looked_at > LAYERS_AT_MOST:
            raise WeightsError(f"{where}: model_config lists more than {LAYERS_AT_MOST} layers; expected a PAT model.")
        yield {**config, "class": node.get("class_name")}
        inner = config.get("layers")
        waiting += inner if isinstance(inner, list) else []


def _check(layer: dict[str, Any], where: str) -> None:
    name = layer.get("name")
    if not isinstance(name, str) or layer["class"] not in ("Dense", "Conv1D", "LayerNormalization"):
        return
    # dense_128 may be the head's layer or the 129th dense: its width tells
    wanted = _wanted(name, layer.get("units"))
    for setting, value in wanted.items():
        got = layer.get(setting, value)
        same = math.isclose(got, value, rel_tol=1e-3) if isinstance(value, float) and isinstance(got, int | float) else got == value
        if not same:
            raise WeightsError(
                f"{where}: layer {name!r} computes with {setting} {got!r}, expected {value!r} as in the published PAT. "
                "Its weights would give other numbers here, so the file is not loaded."
            )


def _wanted(name: str, units: Any) -> dict[str, Any]:
    if name.startswith("dense_128"):
        return COMPUTES["dense" if units == 96 else "dense_128"]
    return next((wanted for pattern, wanted in _PATTERNS if pattern.fullmatch(name)), {})


def _input_minutes(layer: dict[str, Any]) -> int | None:
    shape = layer.get("batch_input_shape")
    if layer["class"] != "InputLayer" or not isinstance(shape, list) or len(shape) != 2:
        return None
    return shape[1] if isinstance(shape[1], int) else None


def _reshape_patch(layer: dict[str, Any], minutes: set[int]) -> int | None:
    """(tokens, patch) or (tokens, patch, 1), a cut of the input's minutes; tokens may be -1, which leaves them open."""
    shape = layer.get("target_shape")
    if layer["class"] != "Reshape" or not isinstance(shape, list) or len(shape) not in (2, 3):
        return None
    if not all(isinstance(side, int) and not isinstance(side, bool) for side in shape) or shape[2:] not in ([], [1]):
        return None
    tokens, patch = shape[:2]
    if patch < 1 or (tokens != -1 and minutes and tokens not in {length // patch for length in minutes}):
        return None
    return patch
