"""Names and shapes of weights in Keras and in ours: the importer's table, and the autoencoder's own weights beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from benchmarks.keras_agreement.cases import Weights
from pat_core.models.pat import PatConfig
from pat_core.weights.name_table import BLOCK, Row, as_it_is, dense, keras_name, rows_of, state_name


@dataclass(frozen=True)
class Names:
    """Keras name -> name in our network, shape in Keras, and how values go from there to ours."""

    state: str
    shape: tuple[int, ...]
    row: Row


def names_of(config: PatConfig, style: str) -> dict[str, Names]:
    """Of a classifier, or of a masked autoencoder for "pretrain"."""
    rows = rows_of(config, has_head=style != "pretrain")
    if style == "pretrain":
        decoder = [
            replace(
                row, layer=row.layer.replace("encoder_layer", "decoder_layer"), state=row.state.replace("encoder.blocks.{b}", "decoder")
            )
            for row in BLOCK
        ]
        rows += [(row, 1) for row in decoder] + [
            (Row("mask_token", "mask_token", (96,), "mask_token", as_it_is), None),
            (Row("reconstruction", "kernel", (96, "patch"), "output.weight", dense), None),
            (Row("reconstruction", "bias", ("patch",), "output.bias", as_it_is), None),
        ]
    return {keras_name(row, block): Names(state_name(row, block), row.expected(config.patch, config.heads), row) for row, block in rows}


def draw(names: Mapping[str, Names], seed: int) -> dict[str, np.ndarray]:
    """Start weights in Keras' shapes: kernels as Glorot has them, all others moved off their usual start, so that wrong wiring shows."""
    chance, weights = np.random.default_rng(seed), {}
    for name, of in names.items():
        if name.endswith("kernel"):
            outer, inner = of.row.transform(np.empty(of.shape)).shape[:2]
            values = chance.uniform(-1, 1, of.shape) * np.sqrt(6 / (outer + inner))
        else:
            values = chance.normal(0, 0.1, of.shape) + name.endswith("gamma")
        weights[name] = values.astype(np.float32)
    return weights


def to_ours(names: Mapping[str, Names], weights: Weights) -> dict[str, torch.Tensor]:
    """Keras weights under our names and in our shapes."""
    return {of.state: torch.from_numpy(np.ascontiguousarray(of.row.transform(weights[name]))) for name, of in names.items()}


_RECURRENT = {"recurrent": "lstm/lstm_cell"}
_CONVOLUTIONS = {"first": "convolution1", "second": "convolution2"}
_LAYERS = {
    "lstm": _RECURRENT,
    "cnn_1d": _CONVOLUTIONS,
    "cnn_3d": _CONVOLUTIONS,
    "conv_lstm": {"first": "conv_lstm1", "second": "conv_lstm2"},
}
"""Of each baseline: our layer -> Keras'; the dense layers have one name."""


def baseline_names(family: str, state: Iterable[str]) -> dict[str, str]:
    """Keras name -> ours, of every weight of a baseline. state: our names."""
    names = {}
    for name in state:
        layer, _, weight = name.rpartition(".")
        names[f"{_LAYERS[family].get(layer, layer)}/{weight.replace('weight', 'kernel')}"] = name
    return names


def layout_of_ours(values: np.ndarray) -> np.ndarray:
    """Keras (..., in, out) -> torch (out, in, ...), whatever stands before; biases as they are."""
    return np.moveaxis(values, (-1, -2), (0, 1)) if values.ndim > 1 else values


def layout_of_keras(values: np.ndarray) -> np.ndarray:
    """The way back."""
    return np.moveaxis(values, (0, 1), (-1, -2)) if values.ndim > 1 else values
