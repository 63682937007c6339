"""Keras 2 names of PAT's layers -> names in our network, as one table.

Shapes are those of the Keras file; `patch` and `heads` stand for the file's own numbers. Keras numbers layers when several models
live in one session (`dense_1`, `encoder_layer_1_norm1_1`), so each name may carry one such suffix, and shape decides between two
rows that could both be meant (`dense_128` is the head's layer by name, but also the 129th `dense` of a session).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.models.pat.pat_config import FEED_FORWARD, HEAD_UNITS, WIDTH, PatConfig

Transform = Callable[[np.ndarray], np.ndarray]
FIRST_BLOCK = "encoder.blocks.0."


def as_it_is(values: np.ndarray) -> np.ndarray:
    """The same layout in both (norms, most biases)."""
    return values


def dense(values: np.ndarray) -> np.ndarray:
    """Keras (in, out) -> torch (out, in)."""
    return values.T


def split_heads(values: np.ndarray) -> np.ndarray:
    """Query, key, value kernel (96, heads, 96) -> (heads * 96, 96)."""
    return values.reshape(values.shape[0], -1).T


def split_heads_bias(values: np.ndarray) -> np.ndarray:
    """(heads, 96) -> (heads * 96,)."""
    return values.reshape(-1)


def join_heads(values: np.ndarray) -> np.ndarray:
    """Attention output kernel (heads, 96, 96) -> (96, heads * 96)."""
    return values.reshape(-1, values.shape[-1]).T


def convolution(values: np.ndarray) -> np.ndarray:
    """Keras (kernel, in, out) -> torch (out, in, kernel)."""
    return values.transpose(2, 1, 0)


@dataclass(frozen=True)
class Row:
    """One weight. layer: Keras path, {b} the block counted from 1; state: name in our network, {b} counted from 0."""

    layer: str
    weight: str
    shape: tuple[int | str, ...]
    state: str
    transform: Transform

    @property
    def keras(self) -> str:
        return f"{self.layer}/{self.weight}"

    def expected(self, patch: int, heads: int) -> tuple[int, ...]:
        """The shape in the file of a model with these figures."""
        figures = {"patch": patch, "heads": heads}
        return tuple(figures[side] if isinstance(side, str) else side for side in self.shape)

    def allows(self, shape: tuple[int, ...]) -> bool:
        """Whether `shape` fits, whatever the patch and the heads are."""
        return len(shape) == len(self.shape) and all(
            got >= 1 if isinstance(want, str) else got == want for want, got in zip(self.shape, shape, strict=True)
        )


_ATTENTION, _BLOCK = "encoder_layer_{b}_attention", "encoder.blocks.{b}"
_IN, _IN_BIAS = (WIDTH, "heads", WIDTH), ("heads", WIDTH)
_PATCHES = "encoder.patches.projection"

LINEAR = (
    Row("dense", "kernel", ("patch", WIDTH), f"{_PATCHES}.weight", dense),
    Row("dense", "bias", (WIDTH,), f"{_PATCHES}.bias", as_it_is),
)
CONV = (
    Row("conv1d_patch_embedding", "kernel", (3, 1, WIDTH), f"{_PATCHES}.weight", convolution),
    Row("conv1d_patch_embedding", "bias", (WIDTH,), f"{_PATCHES}.bias", as_it_is),
)
BLOCK = (
    Row(f"{_ATTENTION}/query", "kernel", _IN, f"{_BLOCK}.attention.query.weight", split_heads),
    Row(f"{_ATTENTION}/query", "bias", _IN_BIAS, f"{_BLOCK}.attention.query.bias", split_heads_bias),
    Row(f"{_ATTENTION}/key", "kernel", _IN, f"{_BLOCK}.attention.key.weight", split_heads),
    Row(f"{_ATTENTION}/key", "bias", _IN_BIAS, f"{_BLOCK}.attention.key.bias", split_heads_bias),
    Row(f"{_ATTENTION}/value", "kernel", _IN, f"{_BLOCK}.attention.value.weight", split_heads),
    Row(f"{_ATTENTION}/value", "bias", _IN_BIAS, f"{_BLOCK}.attention.value.bias", split_heads_bias),
    Row(f"{_ATTENTION}/attention_output", "kernel", ("heads", WIDTH, WIDTH), f"{_BLOCK}.attention.output.weight", join_heads),
    Row(f"{_ATTENTION}/attention_output", "bias", (WIDTH,), f"{_BLOCK}.attention.output.bias", as_it_is),
    Row("encoder_layer_{b}_norm1", "gamma", (WIDTH,), f"{_BLOCK}.norm1.weight", as_it_is),
    Row("encoder_layer_{b}_norm1", "beta", (WIDTH,), f"{_BLOCK}.norm1.bias", as_it_is),
    Row("encoder_layer_{b}_ff1", "kernel", (WIDTH, FEED_FORWARD), f"{_BLOCK}.feed_forward1.weight", dense),
    Row("encoder_layer_{b}_ff1", "bias", (FEED_FORWARD,), f"{_BLOCK}.feed_forward1.bias", as_it_is),
    Row("encoder_layer_{b}_ff2", "kernel", (FEED_FORWARD, WIDTH), f"{_BLOCK}.feed_forward2.weight", dense),
    Row("encoder_layer_{b}_ff2", "bias", (WIDTH,), f"{_BLOCK}.feed_forward2.bias", as_it_is),
    Row("encoder_layer_{b}_norm2", "gamma", (WIDTH,), f"{_BLOCK}.norm2.weight", as_it_is),
    Row("encoder_layer_{b}_norm2", "beta", (WIDTH,), f"{_BLOCK}.norm2.bias", as_it_is),
)
HEAD = (
    Row("dense_128", "kernel", (WIDTH, HEAD_UNITS), "head.hidden.weight", dense),
    Row("dense_128", "bias", (HEAD_UNITS,), "head.hidden.bias", as_it_is),
    Row("output", "kernel", (HEAD_UNITS, 1), "head.output.weight", dense),
    Row("output", "bias", (1,), "head.output.bias", as_it_is),
)
TABLE = LINEAR + CONV + BLOCK + HEAD

_NUMBER = r"(?:_\d{1,6})?"
_WRAPPER = rf"(?:encoder_model{_NUMBER}/)?(?:encoder_layer_(?P<outer>\d{{1,4}})_transformer{_NUMBER}/)?"


def _pattern(row: Row) -> re.Pattern[str]:
    """Keras writes `dense/dense/kernel:0` at the root and `dense/kernel:0` inside a model: the first level may stand twice."""
    first, *rest = row.layer.split("/")
    first = first.replace("{b}", r"(?P<block>\d{1,4})", 1)
    again = first.replace("?P<block>", "")
    path = "/".join([first, *rest]).replace("/", f"{_NUMBER}/") + _NUMBER
    return re.compile(rf"{_WRAPPER}(?:{again}{_NUMBER}/)?{path}/{row.weight}(?::0)?", re.ASCII)


_PATTERNS = tuple((row, _pattern(row)) for row in TABLE)


def rows_named(path: str) -> list[tuple[Row, int | None]]:
    """The rows that a Keras path can mean by its name, each with the block counted from 1 (None outside the blocks)."""
    rows = []
    for row, pattern in _PATTERNS:
        match = pattern.fullmatch(path)
        if match is None:
            continue
        block, outer = match.groupdict().get("block"), match["outer"]
        if outer is None or outer == block:
            rows.append((row, None if block is None else int(block)))
    return rows


def rows_of(config: PatConfig, has_head: bool) -> list[tuple[Row, int | None]]:
    """Every weight that a file of this configuration must hold."""
    rows: list[tuple[Row, int | None]] = [(row, None) for row in (LINEAR if config.embedding == "linear" else CONV)]
    rows += [(row, block) for block in range(1, config.blocks + 1) for row in BLOCK]
    return rows + ([(row, None) for row in HEAD] if has_head else [])


def shapes(config: PatConfig, has_head: bool, outputs: Outputs = ONE_LOGIT) -> dict[str, tuple[int, ...]]:
    """Name in our network -> shape there, of every weight of this configuration. Keras files have one output; those of ours, any number."""

    def shape(row: Row) -> tuple[int, ...]:
        in_keras = np.broadcast_to(np.float32(0), row.expected(config.patch, config.heads))  # takes no memory
        return row.transform(in_keras).shape

    named = {state_name(*key): shape(key[0]) for key in rows_of(config, has_head)}
    if has_head and outputs.ordinal:
        named["head.steps"] = (outputs.count,)
    elif has_head:
        named |= {"head.output.weight": (outputs.count, HEAD_UNITS), "head.output.bias": (outputs.count,)}
    return named


def decoder_shapes(config: PatConfig) -> dict[str, tuple[int, ...]]:
    """Name in a masked autoencoder -> shape, of what it has beside its encoder: the mask token, one block, and the output a minute."""
    of_block = {name: shape for name, shape in shapes(config, False).items() if name.startswith(FIRST_BLOCK)}
    decoder = {f"decoder.{name.removeprefix(FIRST_BLOCK)}": shape for name, shape in of_block.items()}
    return {"mask_token": (WIDTH,), **decoder, "output.weight": (config.patch, WIDTH), "output.bias": (config.patch,)}


def state_name(row: Row, block: int | None) -> str:
    """Name in our network; Keras counts blocks from 1, torch from 0."""
    return row.state if block is None else row.state.replace("{b}", str(block - 1))


def keras_name(row: Row, block: int | None) -> str:
    """The row's layer and weight as Keras names them, without wrappers and numbers."""
    return row.keras if block is None else row.keras.replace("{b}", str(block))
