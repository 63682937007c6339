"""The cases, and the people they train on: simulated weeks, and short ones on which validation AUC rises and falls, or stands."""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.keras_agreement.cases import Case
from pat_core.models.pat import SIZES
from pat_core.records import COUNTS
from pat_core.simulate import simulate
from pat_core.training.recipes import LEARNING_RATE
from pat_core.weeks import apply, fit

Arrays = dict[str, np.ndarray]
WEEK, SHORT = 10_080, 360
TRAINED, HELD_OUT = 20, 4


def case(name: str, size: str, style: str, embedding: str = "linear", **more) -> Case:
    """By default 50 steps: ten times through 20 weeks, four at a time, at the paper's learning rate. size: of PAT, or a baseline's name."""
    patch, heads, blocks = SIZES.get(size, (1, 0, 0))
    settings = {"minutes": WEEK, "learning_rate": LEARNING_RATE.get(size, 1e-5), "batch": 4, "epochs": 10} | more
    return Case(name, style, size, patch, heads, blocks, embedding, **settings)


def agreement_cases(large_epochs: int) -> list[Case]:
    """Fine-tuning and pretraining, step by step. large_epochs: the large model is the slow one; ten steps an epoch."""
    cases = [case(f"{size}, {style}", size, style) for size in ("small", "medium") for style in ("full", "linear_probe")]
    cases += [case(f"large, {style}", "large", style, batch=2, epochs=large_epochs) for style in ("full", "linear_probe")]
    cases += [case(f"small conv, {style}", "small", style, "conv") for style in ("full", "linear_probe")]
    cases += [case(f"small, {style}, rate times 10", "small", style, learning_rate=1e-4) for style in ("full", "linear_probe")]
    pretraining = {"style": "pretrain", "learning_rate": 1e-3, "epochs": 4}
    return cases + [
        case("small, pretrain", "small", **pretraining),
        case("medium, pretrain", "medium", **pretraining),
        case("small conv, pretrain", "small", embedding="conv", **pretraining),
    ]


SHORT_WEEKS = {"minutes": SHORT, "learning_rate": 3e-5, "batch": 16, "epochs": 60}
STOPPING = {
    "rises and falls": case("rises and falls", "small", "full", patience=6, **SHORT_WEEKS),
    "rises and falls, 10,000 thresholds": case("rises and falls, fine", "small", "full", patience=6, thresholds=10_000, **SHORT_WEEKS),
    "flat": case("flat", "small", "full", patience=6, **SHORT_WEEKS | {"learning_rate": 1e-5}),
    "epochs run out": case("epochs run out", "small", "full", patience=6, **SHORT_WEEKS | {"epochs": 11}),
}
BASELINE_EPOCHS = {"lstm": 2, "cnn_1d": 5, "cnn_3d": 5, "conv_lstm": 5}
"""Two steps each; the LSTM reads 10,080 minutes one after the other."""
FREEZING = case("freezing", "small", "freezing", **SHORT_WEEKS | {"epochs": 1})


@cache
def simulated(people: int) -> tuple[np.ndarray, np.ndarray]:
    """Standardized weeks (people, 10080) float32 and labels (people,), three in ten of them positive."""
    cohort = simulate(people, seed=5, prevalence=0.3)
    return apply(fit(cohort.weeks, "simulated people", COUNTS), cohort.weeks), cohort.positive.astype(np.int64)


def weeks_of_simulated_people(trained: int = TRAINED) -> Arrays:
    """For cases of 10,080 minutes."""
    z, labels = simulated(TRAINED + HELD_OUT)
    validation = np.arange(HELD_OUT) % 2  # both kinds, so that there is an AUC
    return {"z": z[:trained], "labels": labels[:trained], "validation_z": z[TRAINED:], "validation_labels": validation}


def short_weeks(flat: bool = False) -> Arrays:
    """Weeks of 360 minutes with two signs of the label.

    The first is what is learned first: clear, and true of seven in ten. The second is fainter, true of everybody who is trained on, and
    the other way round in validation: their AUC rises while the first is learned and falls with the second. flat: both signs are
    clear and true of everybody, so that validation AUC is 1 from the first epoch.
    """
    chance = np.random.default_rng(11)
    first, second, wrong = (2.0, 2.0, (0.0, 0.0)) if flat else (0.4, 0.2, (0.3, 0.1))
    z, labels = _people(chance, 48, wrong[0], first, second)
    validation_z, validation_labels = _people(chance, 60, wrong[1], first, second if flat else -second)
    return {"z": z, "labels": labels, "validation_z": validation_z, "validation_labels": validation_labels}


def _people(chance: np.random.Generator, people: int, wrong: float, first: float, second: float) -> tuple[np.ndarray, np.ndarray]:
    labels = (np.arange(people) % 3 == 0).astype(np.int64)
    chance.shuffle(labels)
    sign = 2 * labels - 1
    z = chance.normal(size=(people, SHORT))
    z[:, : SHORT // 2] += first * np.where(chance.random(people) < wrong, -sign, sign)[:, None]
    z[:, SHORT // 2 :] += second * sign[:, None]
    return z.astype(np.float32), labels
