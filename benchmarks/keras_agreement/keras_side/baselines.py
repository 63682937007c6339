"""The paper's baselines in Keras 2.15, as its authors trained them; a week is standardized minutes (batch, minutes).

What is not written out is Keras' default, and matters: LSTM's gates are sigmoids, those of ConvLSTM2D hard sigmoids
(0.2 x + 0.5 within 0 and 1); the second ConvLSTM2D has tanh; both are "valid", and their recurrent convolutions "same"; gates lie in
the order input, forget, cell, output; the forget gate's bias starts at 1.
"""

from __future__ import annotations

from tensorflow import keras
from tensorflow.keras import layers

DAYS, HOURS, MINUTES = 7, 24, 60


def lstm(dropout: bool = True) -> list[layers.Layer]:
    return [layers.Reshape((DAYS * HOURS * MINUTES, 1)), layers.LSTM(50, name="lstm"), layers.Dense(100, "relu", name="hidden")]


def cnn_1d(dropout: bool = True) -> list[layers.Layer]:
    return [
        layers.Reshape((DAYS * HOURS * MINUTES, 1)),
        layers.Conv1D(32, 3, activation="relu", name="convolution1"),
        layers.MaxPooling1D(2),
        layers.Conv1D(64, 3, activation="relu", name="convolution2"),
        layers.MaxPooling1D(2),
        layers.GlobalAveragePooling1D(),
        layers.Dense(64, "relu", name="hidden"),
        layers.Dropout(0.5 * dropout),
    ]


def cnn_3d(dropout: bool = True) -> list[layers.Layer]:
    return [
        layers.Reshape((DAYS, HOURS, MINUTES, 1)),
        layers.Conv3D(32, 3, padding="same", activation="relu", name="convolution1"),
        layers.MaxPooling3D(2),
        layers.Conv3D(64, 3, padding="same", activation="relu", name="convolution2"),
        layers.MaxPooling3D(2),
        layers.Flatten(),
        layers.Dense(128, "relu", name="hidden"),
        layers.Dropout(0.5 * dropout),
    ]


def conv_lstm(dropout: bool = True) -> list[layers.Layer]:
    return [
        layers.Reshape((DAYS, HOURS, MINUTES, 1)),
        layers.ConvLSTM2D(32, (5, 5), activation="relu", return_sequences=True, name="conv_lstm1"),
        layers.MaxPooling3D((1, 2, 2)),
        layers.ConvLSTM2D(64, (2, 2), padding="valid", name="conv_lstm2"),
        layers.Dropout(0.2 * dropout),
        layers.Flatten(),
        layers.Dropout(0.2 * dropout),
        layers.Dense(100, "relu", name="hidden"),
    ]


BASELINES = {"lstm": lstm, "cnn_1d": cnn_1d, "cnn_3d": cnn_3d, "conv_lstm": conv_lstm}
"""Under the names that our models have."""


def baseline(name: str, dropout: bool = True) -> keras.Model:
    """(batch, 10080) -> probability (batch, 1)."""
    week = layers.Input((DAYS * HOURS * MINUTES,))
    x = week
    for layer in BASELINES[name](dropout):
        x = layer(x)
    return keras.Model(week, layers.Dense(1, "sigmoid", name="output")(x))


def sizes(model: keras.Model) -> dict[str, object]:
    """Parameters in all, and the shape of each weight in Keras' layout."""
    shapes = {variable.name.removesuffix(":0"): list(variable.shape) for variable in model.weights}
    return {"parameters": model.count_params(), "weights": shapes}
