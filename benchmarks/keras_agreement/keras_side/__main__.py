"""Run all cases of a folder in Keras: `python -m benchmarks.keras_agreement.keras_side FOLDER`, with the Keras environment's Python.

Reads cases.json and of each case NAME.npz; writes NAME.keras.npz and keras.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from pathlib import Path
from types import SimpleNamespace

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}

import keras as keras_package  # noqa: E402  # after the environment that tensorflow reads at import
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from benchmarks.keras_agreement.cases import Case, Weights, read_arrays, read_cases, write_arrays  # noqa: E402
from benchmarks.keras_agreement.keras_side.baselines import BASELINES, baseline, sizes  # noqa: E402
from benchmarks.keras_agreement.keras_side.freezing import dropout_of_a_frozen_encoder, four_ways  # noqa: E402
from benchmarks.keras_agreement.keras_side.pat import classifier  # noqa: E402
from benchmarks.keras_agreement.keras_side.training import finetune, pretrain, train_baseline  # noqa: E402


def binned_auc(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Keras' AUC of each row of probabilities (epochs, people)."""
    metric, values = tf.keras.metrics.AUC(), []
    for row in probabilities:
        metric.reset_state()
        metric.update_state(labels, row)
        values.append(float(metric.result()))
    return np.array(values)


def plateau_rates(losses: np.ndarray, rate: float, patience: int, smallest: float) -> np.ndarray:
    """The learning rate of each epoch with these validation losses."""
    model = SimpleNamespace(optimizer=tf.keras.optimizers.Adam(rate))
    callback, rates = tf.keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=patience, min_lr=smallest), []
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        rates.append(float(model.optimizer.learning_rate))
        callback.on_epoch_end(epoch, {"val_loss": loss})
    return np.array(rates)


def one_case(case: Case, data: dict[str, np.ndarray], start: Weights) -> tuple[dict[str, np.ndarray], Weights, dict[str, object]]:
    """Arrays and weights of a case, and what of it goes into the report."""
    if case.style == "freezing":
        return {}, {}, {"freezing": four_ways(case, data, start), "dropout": dropout_of_a_frozen_encoder(case, data, start)}
    if case.style == "auc":
        return {"auc": binned_auc(data["validation_labels"], data["probabilities"])}, {}, {}
    if case.style == "plateau":
        return {"rates": plateau_rates(data["losses"], case.learning_rate, case.patience, float(data["smallest"]))}, {}, {}
    train = {"pretrain": pretrain, "baseline": train_baseline}.get(case.style, finetune)
    return (*train(case, data, start), {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    tf.get_logger().setLevel("ERROR")
    tf.config.threading.set_intra_op_parallelism_threads(chosen.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    report: dict[str, object] = {"versions": {"python": platform.python_version(), "tensorflow": tf.__version__}}
    report["versions"] |= {"keras": keras_package.__version__, "numpy": np.__version__}
    seconds, parameters = {}, {}
    for case in read_cases(chosen.folder):
        data, start = read_arrays(chosen.folder / f"{case.name}.npz")
        began = time.perf_counter()
        arrays, weights, more = one_case(case, data, start)
        write_arrays(chosen.folder / f"{case.name}.keras.npz", arrays, weights)
        report |= more
        if case.style == "full" and case.minutes == 10_080:
            parameters[f"{case.size} {case.embedding}"] = classifier(case).count_params()
        seconds[case.name] = time.perf_counter() - began
        print(f"  Keras: {case.name}, {seconds[case.name]:.0f} s", flush=True)
        tf.keras.backend.clear_session()
    report |= {"seconds": seconds, "parameters": parameters, "baselines": {name: sizes(baseline(name)) for name in BASELINES}}
    (chosen.folder / "keras.json").write_text(json.dumps(report))


if __name__ == "__main__":
    main()
