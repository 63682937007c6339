"""Keras 2 HDF5 files in PAT's four layouts, written with h5py from one of our networks: so that tests need no Keras and no download.

The names and shapes stand here a second time, on purpose: written from the layouts, not from the table that is under test.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import torch

from pat_core.models.pat import PatConfig, config_for
from pat_core.models.pat.heads import Classifier, seeded

LAYOUTS = ("encoder_weights", "encoder_full", "finetuned_weights", "finetuned_full")


def lively(config: PatConfig | str, embedding: str = "linear", seed: int = 0) -> Classifier:
    """A seeded classifier whose norms and biases are random too, so that a wrong mapping shows."""
    config = config_for(config, embedding) if isinstance(config, str) else config
    network = seeded(lambda: Classifier(config), seed).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
    return network


def write_keras(path: Path | str, network: Classifier, layout: str = "encoder_weights", suffix: str = "") -> Path:
    """Write `network` as Keras would. layout: one of LAYOUTS; suffix: what Keras adds to layer names in a longer session ("_1")."""
    path = Path(path)
    finetuned, full = layout.startswith("finetuned"), layout.endswith("full")
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if full else file
        for empty in ("inputs", "reshape", "top_level_model_weights"):
            root.create_group(empty).attrs["weight_names"] = np.array([], dtype="S1")
        for name, values in encoder_arrays(network, suffix):
            layer = name.split("/")[0]
            inside_block = layer.startswith("encoder_layer")
            if finetuned:
                above = f"encoder_model{suffix}"
            elif inside_block:
                above = f"encoder_layer_{layer.split('_')[2]}_transformer{suffix}"
            else:
                above = layer
            root[f"{above}/{name}"] = values
        for name, values in head_arrays(network, suffix) if finetuned else ():
            root[f"{name.split('/')[0]}/{name}"] = values
        if full:
            file.attrs["model_config"] = json.dumps(model_config(network.config, finetuned, suffix))
    return path


def encoder_arrays(network: Classifier, suffix: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """(`layer/weight:0`, array in Keras' shape) of patch embedding and blocks."""
    encoder, heads = network.encoder, network.config.heads
    projection = encoder.patches.projection
    if network.config.embedding == "linear":
        yield from _dense(f"dense{suffix}", projection)
    else:
        kernel = np.stack([numpy(projection.weight)[:, 0, tap] for tap in range(3)])[:, None, :]  # (3, 1, 96)
        yield f"conv1d_patch_embedding{suffix}/kernel:0", kernel
        yield f"conv1d_patch_embedding{suffix}/bias:0", numpy(projection.bias)
    for index, block in enumerate(encoder.blocks, start=1):
        prefix = f"encoder_layer_{index}_"
        for part in ("query", "key", "value"):
            layer = getattr(block.attention, part)
            by_head = numpy(layer.weight).reshape(heads, 96, 96)  # head, its dimension, input
            yield f"{prefix}attention{suffix}/{part}/kernel:0", np.transpose(by_head, (2, 0, 1))
            yield f"{prefix}attention{suffix}/{part}/bias:0", numpy(layer.bias).reshape(heads, 96)
        out = block.attention.output
        yield f"{prefix}attention{suffix}/attention_output/kernel:0", np.transpose(numpy(out.weight).reshape(96, heads, 96), (1, 2, 0))
        yield f"{prefix}attention{suffix}/attention_output/bias:0", numpy(out.bias)
        for norm in ("norm1", "norm2"):
            yield f"{prefix}{norm}{suffix}/gamma:0", numpy(getattr(block, norm).weight)
            yield f"{prefix}{norm}{suffix}/beta:0", numpy(getattr(block, norm).bias)
        yield from _dense(f"{prefix}ff1{suffix}", block.feed_forward1)
        yield from _dense(f"{prefix}ff2{suffix}", block.feed_forward2)


def head_arrays(network: Classifier, suffix: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """(`layer/weight:0`, array) of the classifier's head."""
    yield from _dense(f"dense_128{suffix}", network.head.hidden)
    yield from _dense(f"output{suffix}", network.head.output)


def model_config(config: PatConfig, finetuned: bool, suffix: str = "") -> dict:
    """As much of Keras' `model_config` as tells how layers compute."""

    def layer(kind: str, name: str, **settings) -> dict:
        return {"class_name": kind, "config": {"name": name + suffix, **settings}}

    cut = [config.tokens(10080), config.patch]
    layers = [layer("Reshape", "reshape", target_shape=cut)]
    if config.embedding == "linear":
        layers.append(layer("Dense", "dense", units=96, activation="linear"))
    else:
        layers.append(layer("Reshape", "add_channel_dim", target_shape=[*cut, 1]))
        layers.append(layer("Conv1D", "conv1d_patch_embedding", filters=96, activation="relu", padding="same"))
    for index in range(1, config.blocks + 1):
        inner = [
            layer("LayerNormalization", f"encoder_layer_{index}_norm1", epsilon=1e-6),
            layer("Dense", f"encoder_layer_{index}_ff1", units=256, activation="relu"),
            layer("Dense", f"encoder_layer_{index}_ff2", units=96, activation="linear"),
            layer("LayerNormalization", f"encoder_layer_{index}_norm2", epsilon=1e-6),
        ]
        layers.append(layer("Functional", f"encoder_layer_{index}_transformer", layers=inner))
    encoder = layer("Functional", "encoder_model", layers=layers)
    if not finetuned:
        return encoder
    head = [layer("Dense", "dense_128", units=128, activation="relu"), layer("Dense", "output", units=1, activation="sigmoid")]
    return layer("Functional", "finetuning_model", layers=[encoder, *head])


def numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy()


def _dense(name: str, layer: torch.nn.Linear) -> Iterator[tuple[str, np.ndarray]]:
    yield f"{name}/kernel:0", numpy(layer.weight).T
    yield f"{name}/bias:0", numpy(layer.bias)
