"""What is tried: each trains our side, says what Keras needs for the same, and compares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch

from benchmarks.keras_agreement import comparison, data, names, ours
from benchmarks.keras_agreement.cases import Case, Weights
from benchmarks.keras_agreement.data import Arrays
from pat_core.training import loop

Row = dict[str, object]


class Trial(ABC):
    """kind: under which the result lists its rows."""

    kind: str

    def __init__(self, case: Case) -> None:
        self.case = case

    @abstractmethod
    def train(self, folder: Path) -> tuple[Arrays, Weights]:
        """Train our side. Returns the arrays and the start weights that Keras needs."""

    @abstractmethod
    def rows(self, arrays: Arrays, weights: Weights, report: Row) -> list[Row]:
        """Compare with what Keras wrote. report: what it says of all cases."""


@contextmanager
def torch_epsilon() -> Iterator[None]:
    """Our loop with torch's own Adam, to see what the place of epsilon does."""
    with patch.object(loop, "KerasAdam", lambda parameters, rate, *_: torch.optim.Adam(parameters, rate, eps=1e-7)):
        yield


class Agreement(Trial):
    """Losses of all steps, and weights after the last one."""

    kind = "agreement"

    def train(self, folder: Path) -> tuple[Arrays, Weights]:
        arrays = data.weeks_of_simulated_people()
        self.names, start = ours.start_of(self.case)
        self.start = ours.to_ours(self.names, start)
        run = ours.pretrain if self.case.style == "pretrain" else ours.finetune
        self.outcome, self.by_torch = run(self.case, arrays, folder), None
        if self.case.size == "small" and self.case.embedding == "linear":
            with torch_epsilon():
                self.by_torch = run(replace(self.case, name=f"{self.case.name}, torch epsilon"), arrays, folder)
        return arrays | self.outcome.drawn, start

    def rows(self, arrays: Arrays, weights: Weights, report: Row) -> list[Row]:
        there = {name: values.numpy() for name, values in ours.to_ours(self.names, weights).items()}
        start = {name: values.numpy() for name, values in self.start.items()}
        row = {"case": self.case.name, "learning rate": self.case.learning_rate, "batch": self.case.batch}
        row |= comparison.of_losses(self.outcome.losses, arrays["losses"]) | comparison.of_weights(self.outcome.at_end, there, start)
        if self.by_torch is not None:
            by_torch = comparison.of_losses(self.by_torch.losses, arrays["losses"])
            by_torch |= comparison.of_weights(self.by_torch.at_end, there, start)
            kept = ("relative difference, greatest", "greatest difference of a weight", "difference as a share of the movement")
            row["with torch's epsilon"] = {name: by_torch[name] for name in kept}
        return [row]


class Baselines(Trial):
    """The paper's baselines: answers from equal weights, then a few steps."""

    kind = "baselines"

    @classmethod
    def all(cls) -> list[Baselines]:
        return [cls(data.case(name, name, "baseline", epochs=epochs)) for name, epochs in data.BASELINE_EPOCHS.items()]

    def train(self, folder: Path) -> tuple[Arrays, Weights]:
        arrays = data.weeks_of_simulated_people(8)
        network = ours.baseline(self.case.size)
        self.start = {name: values.numpy().copy() for name, values in network.state_dict().items()}
        self.names = names.baseline_names(self.case.size, self.start)
        with torch.no_grad():
            self.before = torch.sigmoid(network(torch.from_numpy(arrays["validation_z"]))).numpy()
        self.outcome = ours.train(network, self.case, arrays, folder)
        return arrays, {name: names.layout_of_keras(self.start[own]) for name, own in self.names.items()}

    def rows(self, arrays: Arrays, weights: Weights, report: Row) -> list[Row]:
        there = {own: names.layout_of_ours(weights[name]) for name, own in self.names.items()}
        row = {"case": self.case.name, "learning rate": self.case.learning_rate, "batch": self.case.batch}
        row |= {
            "parameters, ours": sum(values.size for values in self.start.values()),
            "parameters, Keras": report["baselines"][self.case.size]["parameters"],
            "greatest difference of a probability, before": float(np.abs(arrays["before"] - self.before).max()),
        }
        row |= comparison.of_losses(self.outcome.losses, arrays["losses"]) | comparison.of_weights(self.outcome.at_end, there, self.start)
        return [row]


class EarlyStopping(Trial):
    """Best epoch, last epoch and the weights that are kept.

    Keras keeps the first of epochs with equal AUC, ours the one with the lowest validation loss; both count patience from the first.
    Keras restores the best weights only where its patience ends the run, ours always. Validation losses are not compared: Keras applies
    class weights to training people alone.
    """

    kind = "early stopping"

    def __init__(self, name: str, case: Case) -> None:
        super().__init__(case)
        self.name = name

    @classmethod
    def all(cls) -> list[EarlyStopping]:
        return [cls(name, case) for name, case in data.STOPPING.items()]

    def train(self, folder: Path) -> tuple[Arrays, Weights]:
        arrays = data.short_weeks(flat=self.name == "flat")
        self.names, start = ours.start_of(self.case)
        self.start = {name: values.numpy() for name, values in ours.to_ours(self.names, start).items()}
        self.outcome = ours.finetune(self.case, arrays, folder)
        fitted, self.labels = self.outcome.fitted, arrays["validation_labels"]
        until = replace(self.case, name=f"{self.case.name}, until its rise", epochs=fitted.risen, patience=0)
        self.at_rise = ours.finetune(until, arrays, folder).at_end  # the weights of the first of equally good epochs
        return arrays, start

    def rows(self, arrays: Arrays, weights: Weights, report: Row) -> list[Row]:
        there = {name: values.numpy() for name, values in ours.to_ours(self.names, weights).items()}
        fitted, exact = self.outcome.fitted, comparison.exact_aucs(self.labels, arrays["probabilities"])
        best = {name: values.numpy() for name, values in fitted.best.items()}
        loss, curve = self.outcome.curve("validation loss"), self.outcome.curve("validation AUC")
        losses = comparison.of_losses(self.outcome.losses[: len(arrays["losses"])], arrays["losses"][: len(self.outcome.losses)])
        epochs = min(len(curve), len(exact))
        return [
            {
                "case": self.name,
                "thresholds of Keras' AUC": self.case.thresholds,
                "patience": self.case.patience,
                "best epoch, Keras": int(arrays["best_epoch"]),
                "best epoch, ours, first of equals": fitted.risen,
                "best epoch, ours, by loss among equals": fitted.best_epoch,
                "last epoch, Keras": int(arrays["epochs"]),
                "last epoch, ours": fitted.epochs,
                "relative difference of loss, greatest": losses["relative difference, greatest"],
                "difference of our AUC from that of Keras' probabilities": float(np.abs(curve[:epochs] - exact[:epochs]).max()),
                "difference of Keras' AUC from the exact one": float(np.abs(arrays["validation_auc"] - exact).max()),
                "weights: ours, first of equals, against what Keras kept": comparison.of_weights(self.at_rise, there, self.start),
                "weights: ours, kept, against what Keras kept": comparison.of_weights(best, there, self.start),
                "weights: ours, last epoch, against what Keras kept": comparison.of_weights(self.outcome.at_end, there, self.start),
                "validation loss, first of equals": float(loss[fitted.risen - 1]),
                "validation loss, kept": float(loss[fitted.best_epoch - 1]),
                "validation AUC, Keras": arrays["validation_auc"].round(5).tolist(),
                "validation AUC, ours": curve.round(5).tolist(),
            }
        ]


class Binning(Trial):
    """Keras' AUC counts at 200 thresholds between 0 and 1: what that does to a linear probe whose probabilities lie close together.

    The paper's recipe on the bundled encoder, 400 simulated people of whom 80 validate, 300 epochs; all on our side but Keras' AUC.
    """

    kind = "binned AUC"

    def __init__(self) -> None:
        super().__init__(data.case("binned auc", "small", "auc", batch=64, epochs=300, patience=250))

    def train(self, folder: Path) -> tuple[Arrays, Weights]:
        z, labels = data.simulated(400)
        self.labels = labels[320:]
        with torch.no_grad():
            network = ours.bundled_encoder()
            pooled = torch.cat([network.pool(torch.from_numpy(part)) for part in np.array_split(z, 25)]).numpy()
        self.probabilities = ours.probe(self.case, pooled, labels, 320, folder)
        return {"validation_labels": self.labels, "probabilities": self.probabilities}, {}

    def rows(self, arrays: Arrays, weights: Weights, report: Row) -> list[Row]:
        return [comparison.of_binned(self.labels, self.probabilities, arrays["auc"], self.case.patience)]


class PlateauRates(Trial):
    """The learning rate of pretraining, epoch by epoch, while the validation loss stands, creeps and falls."""

    kind = "plateau"

    def __init__(self) -> None:
        super().__init__(data.case("plateau", "small", "plateau", learning_rate=1e-3, patience=5))

    def train(self, folder: Path) -> tuple[Arrays, Weights]:
        falls, stands = np.linspace(2.0, 1.0, 10), np.full(12, 1.0)
        creeps = 0.9 - 6e-5 * np.arange(20)  # less than 1e-4 an epoch, and less than 1e-4 of itself
        losses = np.concatenate([falls, stands, creeps, creeps[-1] - 9e-5 * np.arange(1, 20), np.linspace(0.8, 0.7, 8), np.full(20, 0.7)])
        smallest = 1e-4
        self.rates = ours.plateau_rates(self.case, losses, smallest, folder)
        return {"losses": losses, "smallest": np.array(smallest)}, {}

    def rows(self, arrays: Arrays, weights: Weights, report: Row) -> list[Row]:
        different = np.abs(arrays["rates"] - self.rates) > 0.01 * self.rates
        return [
            {
                "epochs": len(different),
                "epochs with another rate": int(different.sum()),
                "halved at, Keras": _halved(arrays["rates"]),
                "halved at, ours": _halved(self.rates),
            }
        ]


def _halved(rates: np.ndarray) -> list[int]:
    return (np.flatnonzero(rates[1:] < 0.9 * rates[:-1]) + 2).tolist()


class Freezing(Trial):
    """Keras alone: what it trains when an encoder is frozen before or after compiling."""

    kind = "freezing"

    def __init__(self) -> None:
        super().__init__(data.FREEZING)

    def train(self, folder: Path) -> tuple[Arrays, Weights]:
        return data.short_weeks(), ours.start_of(self.case)[1]

    def rows(self, arrays: Arrays, weights: Weights, report: Row) -> list[Row]:
        return [*report.pop("freezing"), {"dropout of a frozen encoder": report.pop("dropout"), "case": asdict(self.case)}]
