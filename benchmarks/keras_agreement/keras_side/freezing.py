"""What Keras 2.15 trains when an encoder is frozen before compiling, after it, or after a first fit; and what it still draws."""

from __future__ import annotations

import numpy as np

from benchmarks.keras_agreement.cases import Case, Weights
from benchmarks.keras_agreement.keras_side.pat import classifier, encoder, get_weights, names, set_weights
from benchmarks.keras_agreement.keras_side.training import Arrays, compile_for_labels, fit_labels


def frozen(order: str, case: Case, data: Arrays, start: Weights) -> dict[str, object]:
    """How many weights of encoder and head an epoch moves. order: when the encoder is frozen.

    "before compile"; "after compile"; "after a fit": compile, fit everything, freeze, take the start weights again, fit; and that
    "with compile": the same, compiled again before the second fit.
    """
    model = classifier(case)
    set_weights(model, start)
    if order == "before compile":
        model.get_layer("encoder_model").trainable = False
    compile_for_labels(model, case)
    if order.startswith("after a fit"):
        fit_labels(model, case, data)
        set_weights(model, start)
    steps_before = int(model.optimizer.iterations.numpy())
    model.get_layer("encoder_model").trainable = False
    if order.endswith("with compile"):
        compile_for_labels(model, case)
        steps_before = int(model.optimizer.iterations.numpy())
    fit_labels(model, case, data)
    moved = [name for name, values in get_weights(model).items() if not np.array_equal(values, start[name])]
    head = [name for name in moved if name.startswith(("dense_128/", "output/"))]
    return {
        "frozen": order,
        "encoder weights": len(names(model)) - 4,
        "encoder weights moved": len(moved) - len(head),
        "head weights moved": len(head),
        "Adam steps before": steps_before,
    }


def four_ways(case: Case, data: Arrays, start: Weights) -> list[dict[str, object]]:
    orders = ("before compile", "after compile", "after a fit", "after a fit, with compile")
    return [frozen(order, case, data, start) for order in orders]


def dropout_of_a_frozen_encoder(case: Case, data: Arrays, start: Weights, passes: int = 10) -> dict[str, float]:
    """Spread of pooled embeddings in training mode over passes, and of people in evaluation mode: root mean squares over 96 numbers."""
    model = encoder(case, dropout=0.1)
    set_weights(model, {name: values for name, values in start.items() if name in names(model)})
    model.trainable = False
    still = model(data["z"], training=False).numpy().mean(axis=1)
    drawn = np.stack([model(data["z"], training=True).numpy().mean(axis=1) for _ in range(passes)])
    return {
        "spread over passes": float(np.sqrt(drawn.var(axis=0).mean())),
        "spread over people": float(np.sqrt(still.var(axis=0).mean())),
        "difference of the mean over passes": float(np.sqrt(((drawn.mean(axis=0) - still) ** 2).mean())),
    }
