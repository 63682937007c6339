"""The same cases in Keras 2.15, compiled by tf.function: `python -m benchmarks.speed.keras_side`, with the Keras environment's Python."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}

import numpy as np  # noqa: E402  # after the environment that tensorflow reads at import
import tensorflow as tf  # noqa: E402

from benchmarks.keras_agreement.keras_side.pat import classifier, masked_autoencoder  # noqa: E402
from benchmarks.speed.sides import serve  # noqa: E402

MINUTES, DROPOUT = 10_080, 0.1
SIZES = {"small": (18, 6, 1), "medium": (18, 12, 2), "large": (9, 12, 4)}
Step = Callable[[], object]


def _shape(size: str) -> SimpleNamespace:
    patch, heads, blocks = SIZES[size]
    return SimpleNamespace(patch=patch, heads=heads, blocks=blocks, minutes=MINUTES, embedding="linear")


def _weeks(batch: int) -> tf.Tensor:
    return tf.constant(np.random.default_rng(0).normal(size=(batch, MINUTES)).astype(np.float32))


def inference(size: str, batch: int) -> Step:
    model, weeks = classifier(_shape(size)), _weeks(batch)
    read = tf.function(lambda: model(weeks, training=False), jit_compile=False)
    return lambda: read().numpy()


def finetuning(size: str, batch: int) -> Step:
    model, weeks = classifier(_shape(size), DROPOUT), _weeks(batch)
    labels, loss_of = tf.constant(np.arange(batch) % 2.0, tf.float32)[:, None], tf.keras.losses.BinaryCrossentropy()
    return _step(model, 1e-5, lambda: loss_of(labels, model(weeks, training=True)))


def pretraining(size: str, batch: int) -> Step:
    shape = _shape(size)
    model, weeks, tokens = masked_autoencoder(shape), _weeks(batch), MINUTES // shape.patch
    order = np.random.default_rng(0).permutation(tokens)
    visible = np.sort(order[: tokens - int(tokens * 0.9)])
    order = tf.constant(np.concatenate([visible, np.setdiff1d(np.arange(tokens), visible)])[None].astype(np.int32))
    given = [weeks, tf.constant(visible[None].astype(np.int32)), order]
    return _step(model, 1e-3, lambda: tf.reduce_mean(tf.square(weeks - model(given, training=True))))


def _step(model: tf.keras.Model, rate: float, loss: Callable[[], tf.Tensor]) -> Step:
    optimizer = tf.keras.optimizers.Adam(rate)

    @tf.function(jit_compile=False)
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            value = loss()
        optimizer.minimize(value, model.trainable_variables, tape=tape)
        return value

    return lambda: step().numpy()


KINDS = {"inference": inference, "fine-tuning step": finetuning, "pretraining step": pretraining}
_ready: dict[str, Step] = {}


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Run a case; a new one takes the place of the one before and is traced and run once unseen."""
    key = repr(case)
    if key not in _ready:
        _ready.clear()
        tf.keras.backend.clear_session()
        _ready[key] = KINDS[case["kind"]](case["size"], case["batch"])
        _ready[key]()
    began = time.perf_counter()
    _ready[key]()
    return {"seconds": (time.perf_counter() - began) / case["batch"]}


if __name__ == "__main__":
    threads = int(os.environ["OMP_NUM_THREADS"])
    tf.get_logger().setLevel("ERROR")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    serve(answer)
