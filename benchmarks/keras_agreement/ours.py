"""Our side: the loop that trains every run (`pat_core.training.loop.fit`), with the objectives that it is given there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.keras_agreement.cases import Case
from benchmarks.keras_agreement.names import Names, draw, names_of, to_ours
from pat_core.models.baselines import BaselineConfig
from pat_core.models.baselines.baseline_network import untrained
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, ClassifierHead, seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder, draw_visible
from pat_core.progress import Silent
from pat_core.settings import ASSETS
from pat_core.training import PretrainSettings
from pat_core.training.loop import Fitted, LoopSettings, Plateau, fit
from pat_core.training.masked_pretraining import MaskedReconstruction
from pat_core.training.objective import Binary, Examples, Objective
from pat_core.weights import load

Arrays = dict[str, np.ndarray]
SEED = 1


@dataclass(eq=False)
class Outcome:
    """losses: (steps,). at_end: weights after the last step. fitted: what `fit` returned. drawn: what the autoencoder drew for each step.

    probabilities: (epochs, people) of validation people.
    """

    losses: list[float]
    at_end: dict[str, np.ndarray] = field(default_factory=dict)
    fitted: Fitted | None = None
    drawn: Arrays = field(default_factory=dict)
    probabilities: list[np.ndarray] = field(default_factory=list)

    def curve(self, name: str) -> np.ndarray:
        return np.array([value for _, curve, value in self.fitted.curves if curve == name])


def config_of(case: Case) -> PatConfig:
    return PatConfig(case.size, case.patch, case.heads, case.blocks, case.embedding)


def start_of(case: Case) -> tuple[dict[str, Names], dict[str, np.ndarray]]:
    names = names_of(config_of(case), case.style)
    return names, draw(names, SEED)


def without_dropout(network: nn.Module) -> nn.Module:
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return network


class _Binary(Binary):
    """The objective as it is; what it computes is written down."""

    def __init__(self, positive: np.ndarray, outcome: Outcome) -> None:
        super().__init__(positive)
        self.outcome = outcome

    def loss(self, network, examples, rows, draws) -> Tensor:
        loss = super().loss(network, examples, rows, draws)
        self.outcome.losses.append(loss.item())
        return loss

    def outputs(self, network, examples, batch, after_batch=None) -> Tensor:
        logits = super().outputs(network, examples, batch, after_batch)
        self.outcome.probabilities.append(torch.sigmoid(logits).numpy())
        return logits


class _Reconstruction(MaskedReconstruction):
    """The objective as it is; what it draws and computes in training is written down."""

    def __init__(self, config: PatConfig, outcome: Outcome) -> None:
        super().__init__(config, PretrainSettings(seed=SEED))
        self.outcome, self.rows, self.visible = outcome, [], []

    def loss(self, network, examples, rows, draws) -> Tensor:
        if not network.training:
            return super().loss(network, examples, rows, draws)
        ahead = torch.Generator()
        ahead.set_state(draws.get_state())
        self.visible.append(draw_visible(self.config.tokens(examples.target.shape[1]), ahead, self.settings.mask_ratio).numpy())
        self.rows.append(np.arange(len(examples))[rows])
        loss = super().loss(network, examples, rows, draws)
        self.outcome.losses.append(loss.item())
        return loss


def _examples(z: np.ndarray, target: np.ndarray) -> Examples:
    values = torch.from_numpy(z)
    return Examples(lambda rows: values[rows], target)


def _settings(case: Case, **more) -> LoopSettings:
    patience = case.patience or case.epochs
    return LoopSettings(case.learning_rate, case.batch, case.epochs, patience, SEED, **more)


def finetune(case: Case, data: Arrays, folder: Path) -> Outcome:
    """Full fine-tuning, or the head on pooled embeddings that are computed once, as `pat_core.training.finetuning` does."""
    names, start = start_of(case)
    network = Classifier(config_of(case))
    network.load_state_dict(to_ours(names, start))
    return train(network, case, data, folder)


def train(network: nn.Module, case: Case, data: Arrays, folder: Path) -> Outcome:
    """Train a network as it is, without dropout."""
    outcome, z, validation, trainee = Outcome([]), data["z"], data["validation_z"], without_dropout(network)
    if case.style == "linear_probe":
        trainee = network.head
        with torch.no_grad():
            z, validation = network.eval().pool(torch.from_numpy(z)).numpy(), network.pool(torch.from_numpy(validation)).numpy()
    objective = _Binary(data["labels"], outcome)
    sets = _examples(z, data["labels"]), _examples(validation, data["validation_labels"])
    outcome.fitted = fit(trainee, objective, *sets, _settings(case), folder / f"{case.name}.checkpoint", Silent())
    outcome.at_end = {name: values.detach().numpy().copy() for name, values in network.state_dict().items()}
    return outcome


def pretrain(case: Case, data: Arrays, folder: Path) -> Outcome:
    """The masked autoencoder; its loop shuffles and draws one mask for a batch."""
    names, start = start_of(case)
    network, outcome = without_dropout(MaskedAutoencoder(config_of(case))), Outcome([])
    network.load_state_dict(to_ours(names, start))
    objective = _Reconstruction(network.config, outcome)
    train, validation = _examples(data["z"], data["z"]), _examples(data["validation_z"], data["validation_z"])
    checkpoint = folder / f"{case.name}.checkpoint"
    outcome.fitted = fit(network, objective, train, validation, _settings(case, shuffle=True), checkpoint, Silent())
    outcome.drawn = {"rows": np.stack(objective.rows), "visible": np.stack(objective.visible)}
    outcome.at_end = {name: values.detach().numpy().copy() for name, values in network.state_dict().items()}
    return outcome


def baseline(family: str) -> nn.Module:
    """One of the paper's baselines with drawn weights, biases moved off their usual start."""
    network, draws = untrained(BaselineConfig(family), SEED), torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for name, values in network.named_parameters():
            if name.endswith("bias"):
                values += 0.1 * torch.randn(values.shape, generator=draws)
    return network


def bundled_encoder() -> Classifier:
    """The small model that comes with the app, pretrained on simulated people, in evaluation mode."""
    return load(ASSETS / "models" / "pat-s-simulated.safetensors").network


def probe(case: Case, pooled: np.ndarray, labels: np.ndarray, trained: int, folder: Path) -> np.ndarray:
    """A linear probe of pooled embeddings (people, 96), the first `trained` of them trained on: probabilities (epochs, others)."""
    outcome = Outcome([])
    sets = _examples(pooled[:trained], labels[:trained]), _examples(pooled[trained:], labels[trained:])
    objective = _Binary(labels[:trained], outcome)
    fit(seeded(ClassifierHead, SEED), objective, *sets, _settings(replace(case, patience=0)), folder / "probe.checkpoint", Silent())
    return np.stack(outcome.probabilities)


class _Slope(Objective):
    """The loss is the one weight itself, so that a step of Adam is as long as the learning rate; validation losses are those given."""

    def __init__(self, losses: np.ndarray) -> None:
        self.losses, self.at = losses, [0.0]

    def loss(self, network, examples, rows, draws) -> Tensor:
        return network.weight.sum()

    def evaluate(self, network, held_out, batch, after_batch) -> dict[str, float]:
        self.at.append(network.weight.item())
        return {"loss": float(self.losses[len(self.at) - 2])}


def plateau_rates(case: Case, losses: np.ndarray, smallest: float, folder: Path) -> np.ndarray:
    """The learning rate that our loop takes in each epoch (epochs,) with these validation losses."""
    network, slope = nn.Linear(1, 1, bias=False), _Slope(losses)
    nn.init.zeros_(network.weight)
    settings = LoopSettings(case.learning_rate, 1, len(losses), len(losses), SEED, plateau=Plateau(case.patience, smallest))
    one = _examples(np.zeros((1, 1), np.float32), np.zeros(1))
    fit(network, slope, one, one, settings, folder / "plateau.checkpoint", Silent())
    return -np.diff(slope.at)
