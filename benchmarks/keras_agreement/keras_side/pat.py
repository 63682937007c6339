"""PAT in Keras 2.15, stated from the facts of arXiv 2411.15240. Layers carry the names under which the published files keep weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

WIDTH, FEED_FORWARD, HEAD_UNITS = 96, 256, 128


def positions(tokens: int) -> np.ndarray:
    """(tokens, 96): 48 sines, then 48 cosines, of position * exp(2i * -ln(10000) / 96)."""
    angle = np.arange(tokens)[:, None] * np.exp(np.arange(0, WIDTH, 2) * (-np.log(10000.0) / WIDTH))
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=-1).astype("float32")


def patch_embedding(patch: int, embedding: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """(batch, tokens, patch) -> (batch, tokens, 96)."""
    if embedding == "linear":
        return layers.Dense(WIDTH, name="dense")
    convolution = layers.Conv1D(WIDTH, 3, padding="same", activation="relu", name="conv1d_patch_embedding")

    def embed(patches: tf.Tensor) -> tf.Tensor:
        filtered = convolution(tf.reshape(patches, (-1, patch, 1)))
        return tf.reshape(tf.reduce_mean(filtered, axis=1), (-1, patches.shape[1], WIDTH))

    return embed


def block(heads: int, dropout: float, name: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """Post-norm: attention with 96 for EACH head, add, norm; Dense(256, ReLU), Dense(96), add, norm."""
    attention = layers.MultiHeadAttention(heads, WIDTH, name=f"{name}_attention")
    dropout1, dropout2 = layers.Dropout(dropout), layers.Dropout(dropout)
    norm1 = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_norm1")
    norm2 = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_norm2")
    wide, narrow = layers.Dense(FEED_FORWARD, "relu", name=f"{name}_ff1"), layers.Dense(WIDTH, name=f"{name}_ff2")

    def run(x: tf.Tensor) -> tf.Tensor:
        x = norm1(x + dropout1(attention(x, x)))
        return norm2(x + dropout2(narrow(wide(x))))

    return run


def encoder(case, dropout: float = 0.0) -> keras.Model:
    """(batch, minutes) -> (batch, tokens, 96)."""
    tokens = case.minutes // case.patch
    week = layers.Input((case.minutes,))
    x = patch_embedding(case.patch, case.embedding)(tf.reshape(week, (-1, tokens, case.patch))) + positions(tokens)
    for number in range(1, case.blocks + 1):
        x = block(case.heads, dropout, f"encoder_layer_{number}")(x)
    return keras.Model(week, x, name="encoder_model")


def classifier(case, dropout: float = 0.0) -> keras.Model:
    """(batch, minutes) -> probability (batch, 1)."""
    week = layers.Input((case.minutes,))
    x = layers.GlobalAveragePooling1D()(encoder(case, dropout)(week))
    x = layers.Dense(HEAD_UNITS, "relu", name="dense_128")(layers.Dropout(dropout)(x))
    return keras.Model(week, layers.Dense(1, "sigmoid", name="output")(x))


class MaskToken(layers.Layer):
    """The learned token of hidden patches, put behind the visible ones: (batch, kept, 96) -> (batch, tokens, 96)."""

    def __init__(self, tokens: int) -> None:
        super().__init__(name="mask_token")
        self.tokens = tokens

    def build(self, shape) -> None:
        self.token = self.add_weight("mask_token", (WIDTH,))

    def call(self, visible: tf.Tensor) -> tf.Tensor:
        hidden = tf.fill((tf.shape(visible)[0], self.tokens - tf.shape(visible)[1], 1), 1.0) * self.token
        return tf.concat([visible, hidden], axis=1)


def masked_autoencoder(case) -> keras.Model:
    """Weeks (batch, minutes), visible (1, kept) and the order (1, tokens) of all patches, visible ones first -> minutes in (-2, 2)."""
    tokens = case.minutes // case.patch
    week, visible, order = layers.Input((case.minutes,)), layers.Input((None,), dtype="int32"), layers.Input((tokens,), dtype="int32")
    x = patch_embedding(case.patch, case.embedding)(tf.reshape(week, (-1, tokens, case.patch))) + positions(tokens)
    x = tf.gather(x, visible[0], axis=1)
    for number in range(1, case.blocks + 1):
        x = block(case.heads, 0.0, f"encoder_layer_{number}")(x)
    x = tf.gather(MaskToken(tokens)(x), tf.argsort(order[0]), axis=1) + positions(tokens)
    x = block(case.heads, 0.0, "decoder_layer_1")(x)
    minutes = layers.Dense(case.patch, "tanh", name="reconstruction")(x) * 2.0
    return keras.Model([week, visible, order], tf.reshape(minutes, (-1, tokens * case.patch)))


def names(model: keras.Model) -> dict[str, tf.Variable]:
    """Weights by the names that files have: `dense/kernel`, `encoder_layer_1_attention/query/kernel`, ..."""
    return {variable.name.removesuffix(":0"): variable for variable in model.weights}


def set_weights(model: keras.Model, weights) -> None:
    """Every weight of the model must be given, and no other. ValueError names those that are not."""
    own = names(model)
    if different := set(own) ^ set(weights):
        raise ValueError(f"Expected exactly the weights of the Keras model; these are on one side alone: {', '.join(sorted(different))}.")
    for name, variable in own.items():
        variable.assign(weights[name])


def get_weights(model: keras.Model) -> dict[str, np.ndarray]:
    return {name: variable.numpy() for name, variable in names(model).items()}
