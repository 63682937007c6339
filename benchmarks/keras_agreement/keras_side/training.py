"""Trainings as the paper's notebooks do them: compile, fit with class weights, early stopping on validation AUC; and the autoencoder."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from tensorflow import keras

from benchmarks.keras_agreement.cases import Case, Weights
from benchmarks.keras_agreement.keras_side.baselines import baseline
from benchmarks.keras_agreement.keras_side.pat import classifier, get_weights, masked_autoencoder, set_weights

Arrays = dict[str, np.ndarray]


def adam(rate: float) -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(learning_rate=rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7)


def compile_for_labels(model: keras.Model, case: Case) -> None:
    """The notebooks' loss, metric and optimizer. jit_compile=False: the same kernels on every machine."""
    auc = keras.metrics.AUC(case.thresholds, name="auc")
    model.compile(adam(case.learning_rate), keras.losses.BinaryCrossentropy(), metrics=[auc], jit_compile=False)


def class_weights(labels: np.ndarray) -> dict[int, float]:
    positives, total = int(labels.sum()), len(labels)
    return {0: positives / total, 1: (total - positives) / total}


class Losses(keras.callbacks.Callback):
    """The loss of every batch by itself: Keras shows the mean of an epoch so far."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[float] = []

    def on_train_batch_begin(self, batch, logs=None) -> None:
        self.model.reset_metrics()

    def on_train_batch_end(self, batch, logs=None) -> None:
        self.values.append(logs["loss"])


class Probabilities(keras.callbacks.Callback):
    """What the model answers to validation people after every epoch, so that their AUC can be computed exactly."""

    def __init__(self, z: np.ndarray, batch: int) -> None:
        super().__init__()
        self.z, self.batch = z, batch
        self.values: list[np.ndarray] = []

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.values.append(self.model.predict(self.z, batch_size=self.batch, verbose=0)[:, 0])


def fit_labels(model: keras.Model, case: Case, data: Arrays) -> tuple[Arrays, Weights]:
    """Fit a compiled model. Losses (steps,), Keras' validation AUC (epochs,), probabilities (epochs, people), and the weights at the end.

    With early stopping also the epoch that Keras held for the best, counted from 1, and its number of epochs.
    """
    losses, answers = Losses(), Probabilities(data["validation_z"], case.batch)
    stopping = keras.callbacks.EarlyStopping(monitor="val_auc", mode="max", patience=case.patience, restore_best_weights=True)
    history = model.fit(
        data["z"],
        data["labels"].astype("float32"),
        batch_size=case.batch,
        epochs=case.epochs,
        shuffle=False,
        class_weight=class_weights(data["labels"]),
        validation_data=(data["validation_z"], data["validation_labels"].astype("float32")),
        callbacks=[losses, answers] + ([stopping] if case.patience else []),
        verbose=0,
    ).history
    arrays = {"losses": np.array(losses.values), "validation_auc": np.array(history["val_auc"]), "probabilities": np.stack(answers.values)}
    if case.patience:
        arrays |= {"best_epoch": np.array(stopping.best_epoch + 1), "epochs": np.array(len(history["val_auc"]))}
    return arrays, get_weights(model)


def finetune(case: Case, data: Arrays, start: Weights) -> tuple[Arrays, Weights]:
    """Full fine-tuning, or the head alone: frozen before compiling, as Keras' documentation asks."""
    model = classifier(case)
    set_weights(model, start)
    model.get_layer("encoder_model").trainable = case.style == "full"
    compile_for_labels(model, case)
    return fit_labels(model, case, data)


def train_baseline(case: Case, data: Arrays, start: Weights) -> tuple[Arrays, Weights]:
    """One of the paper's baselines without dropout; also its probabilities before the first step."""
    model = baseline(case.size, dropout=False)
    set_weights(model, start)
    before = model.predict(data["validation_z"], verbose=0)[:, 0]
    compile_for_labels(model, case)
    arrays, weights = fit_labels(model, case, data)
    return arrays | {"before": before}, weights


def pretrain(case: Case, data: Arrays, start: Weights) -> tuple[Arrays, Weights]:
    """The masked autoencoder on the rows and the visible patches of each step: mean squared error over all minutes."""
    model, optimizer, tokens = masked_autoencoder(case), adam(case.learning_rate), case.minutes // case.patch
    set_weights(model, start)

    @tf.function(jit_compile=False)
    def step(week, visible, order):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.mean_squared_error(week, model([week, visible, order], training=True)))
        optimizer.minimize(loss, model.trainable_variables, tape=tape)
        return loss

    losses = []
    for rows, visible in zip(data["rows"], data["visible"], strict=True):
        order = np.concatenate([visible, np.setdiff1d(np.arange(tokens), visible)])
        losses.append(float(step(data["z"][rows], visible[None].astype("int32"), order[None].astype("int32"))))
    return {"losses": np.array(losses)}, get_weights(model)
