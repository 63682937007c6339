"""Figures of agreement between two trainings of one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pat_core.evaluation import auc

BOUND = 1e-4
"""Of the relative difference of losses."""

Arrays = Mapping[str, np.ndarray]


def of_losses(ours: Sequence[float], keras: np.ndarray) -> dict[str, object]:
    """Losses of the steps (steps,) side by side."""
    apart = np.abs(np.asarray(ours) - keras) / np.abs(keras)
    return {
        "steps": len(keras),
        "first loss": float(keras[0]),
        "last loss, Keras": float(keras[-1]),
        "last loss, ours": float(ours[-1]),
        "relative difference, last": float(apart[-1]),
        "relative difference, greatest": float(apart.max()),
        "within the bound": bool(apart.max() <= BOUND),
    }


def of_weights(ours: Arrays, keras: Arrays, start: Arrays) -> dict[str, object]:
    """The greatest absolute difference of any weight, in which array, and how far weights moved from their start."""
    apart = {name: float(np.abs(ours[name] - values).max()) for name, values in keras.items()}
    worst = max(apart, key=apart.__getitem__)
    square = sum(float(((ours[name] - values).astype(np.float64) ** 2).sum()) for name, values in keras.items())
    moved = sum(float(((values - start[name]).astype(np.float64) ** 2).sum()) for name, values in keras.items())
    return {
        "greatest difference of a weight": apart[worst],
        "in": worst,
        "greatest movement of a weight": max(float(np.abs(values - start[name]).max()) for name, values in keras.items()),
        "difference as a share of the movement": float(np.sqrt(square / moved)) if moved else None,
    }


def exact_aucs(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(epochs,) the exact AUC of each row of probabilities (epochs, people)."""
    return np.array([auc(labels, row) for row in probabilities])


def stopping(values: np.ndarray, patience: int) -> tuple[int, int]:
    """Best epoch and last epoch, counted from 1, of a run that watches these values (epochs,) and keeps the first of equals."""
    best = 0
    for epoch, value in enumerate(values):
        if value > values[best]:
            best = epoch
        if epoch - best >= patience:
            return best + 1, epoch + 1
    return best + 1, len(values)


def of_binned(labels: np.ndarray, probabilities: np.ndarray, binned: np.ndarray, patience: int) -> dict[str, object]:
    """Keras' AUC of each epoch (epochs,) beside the exact one, and which epoch each would keep."""
    exact = exact_aucs(labels, probabilities)
    by_keras, by_ours = stopping(binned, patience), stopping(exact, patience)
    return {
        "epochs": len(exact),
        "people": len(labels),
        "probabilities, from": float(probabilities.min()),
        "probabilities, to": float(probabilities.max()),
        "greatest difference of AUC": float(np.abs(exact - binned).max()),
        "mean difference of AUC": float(np.abs(exact - binned).mean()),
        "best and last epoch by Keras' AUC": list(by_keras),
        "best and last epoch by the exact AUC": list(by_ours),
        "exact AUC of the epoch that Keras keeps": float(exact[by_keras[0] - 1]),
        "exact AUC of the epoch that ours keeps": float(exact[by_ours[0] - 1]),
    }
