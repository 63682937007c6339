"""The loop with objectives of other targets than a label of two values: each is an Objective and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from pat_core.progress import Silent
from pat_core.training import loop
from pat_core.training.loop import LoopSettings, fit
from pat_core.training.objective import Binary, Examples, Objective, Prediction, Watched

SETTINGS = LoopSettings(learning_rate=0.02, batch=16, max_epochs=150, patience=40, seed=1)


class Regression(Prediction):
    """A number a week, watched by its error."""

    def loss(self, network, examples, rows, draws):
        return mse_loss(network(examples.inputs(rows)), torch.as_tensor(examples.target[rows]))

    def evaluate(self, network, held, batch, after_batch):
        error = self.outputs(network, held, batch, after_batch).numpy() - held.target
        return {"loss": float(np.mean(error**2)), "mean absolute error": float(np.mean(np.abs(error)))}

    def explained(self, outputs):
        return outputs


class ClassAToken(Prediction):
    """Three classes a token, not all of them labelled (-1), watched by their accuracy; class 2 is explained."""

    watched = Watched("accuracy", higher=True, digits=3)
    output_shape = (5, 3)

    def _of(self, outputs, target):
        return cross_entropy(outputs.flatten(0, 1), torch.as_tensor(target).flatten(), ignore_index=-1)

    def loss(self, network, examples, rows, draws):
        return self._of(network(examples.inputs(rows)), examples.target[rows])

    def evaluate(self, network, held, batch, after_batch):
        outputs, known = self.outputs(network, held, batch, after_batch), held.target >= 0
        right = outputs.argmax(-1).numpy() == held.target
        return {"loss": float(self._of(outputs, held.target)), "accuracy": float(right[known].mean())}

    def explained(self, outputs):
        return outputs[..., 2].mean(dim=1)


class Distillation(Objective):
    """The student's embeddings meet those of the teacher within a batch; drawn noise on the input; half of the network is kept."""

    def loss(self, network, examples, rows, draws):
        inputs = examples.inputs(rows)
        student = network(inputs + 0.1 * torch.randn(inputs.shape, generator=draws))
        return cross_entropy(student @ torch.as_tensor(examples.target[rows]).T, torch.arange(len(inputs)))

    def evaluate(self, network, held, batch, after_batch):
        found = network(held.inputs(slice(None))) @ torch.as_tensor(held.target).T
        return {"loss": float(cross_entropy(found, torch.arange(len(held))))}

    def kept(self, network):
        return network[0]


class Tokens(nn.Module):
    """(weeks, 20) -> (weeks, 5, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, week):
        return self.layer(week.reshape(len(week), 5, 4))


def drawn(seed: int, people: int = 48, width: int = 20) -> torch.Tensor:
    return torch.randn(people, width, generator=torch.Generator().manual_seed(seed))


def of(inputs: torch.Tensor, target: torch.Tensor) -> Examples:
    return Examples(lambda rows: inputs[rows], target.numpy())


def trained(network, objective, train, held, folder, **changed):
    torch.manual_seed(5)
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=0.1)
    settings = LoopSettings(**{**vars(SETTINGS), **changed})
    return fit(network, objective, train, held, settings, folder / "last.safetensors", Silent())


def test_a_regression_is_one_more_objective_and_recovers_the_line(tmp_path):
    weights = torch.linspace(-1, 1, 20)
    train, held = (of(x, x @ weights + 2) for x in (drawn(1), drawn(2)))
    network = nn.Sequential(nn.Linear(20, 1), nn.Flatten(0))
    done = trained(network, Regression(), train, held, tmp_path, max_epochs=600)
    assert done.best_value == min(y for _, name, y in done.curves if name == "validation loss") < 1e-3
    torch.testing.assert_close(done.best["0.weight"][0], weights, atol=0.05, rtol=0)
    assert {name for _, name, _ in done.curves} == {"train loss", "validation loss", "validation mean absolute error"}


def test_a_class_a_token_is_one_more_objective(tmp_path):
    def labelled(x):
        target = x.reshape(len(x), 5, 4)[..., :3].argmax(-1)
        target[:, 0] = -1
        return of(x, target)

    network, objective = Tokens(), ClassAToken()
    done = trained(network, objective, labelled(drawn(1)), labelled(drawn(2)), tmp_path)
    assert done.best_value > 0.9 and math.isfinite(done.best_value)
    outputs = objective.outputs(network, labelled(drawn(3)), 7)
    assert outputs.shape == (48, 5, 3) and objective.explained(outputs).shape == (48,)
    assert objective.outputs(network, of(drawn(3)[:0], torch.empty(0)), 7).shape == (0, 5, 3)


def test_a_distillation_is_one_more_objective_which_keeps_a_part_of_the_network_and_draws_the_same_after_a_kill(tmp_path):
    train, held = (of(x, nn.functional.normalize(x[:, :8])) for x in (drawn(1), drawn(2)))

    def student():
        return nn.Sequential(nn.Linear(20, 12), nn.Linear(12, 8))

    whole = trained(student(), Distillation(), train, held, tmp_path / "whole", max_epochs=40)
    assert set(whole.best) == {"weight", "bias"}
    assert whole.best_value < 0.5 * next(y for _, name, y in whole.curves if name == "validation loss")
    trained(student(), Distillation(), train, held, tmp_path / "broken", max_epochs=15)
    resumed = trained(student(), Distillation(), train, held, tmp_path / "broken", max_epochs=40)
    assert resumed.curves == whole.curves and all(torch.equal(resumed.best[key], value) for key, value in whole.best.items())


@pytest.mark.parametrize(("watched", "words"), [(Watched(), "fall"), (Watched("AUC", higher=True), "rise")])
def test_a_watched_figure_gets_better_one_way_and_says_which(watched, words):
    low, high = watched.gain(1.0, 2.0), watched.gain(2.0, 1.0)
    assert (high if watched.higher else low) == 1.0 and watched.gain(1.0, 1.0) == 0.0 and watched.better == words
    assert watched.gain(0.5, watched.worst) > 0


def test_batches_come_in_order_unless_they_are_shuffled_and_then_everyone_once_an_epoch_in_a_new_order(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 1e9)
    for shuffle in (False, True):
        seen = []

        def inputs(rows, seen=seen):
            seen.extend(np.arange(48)[rows])
            return drawn(1)[rows]

        train = Examples(inputs, drawn(1)[:, 0].numpy())
        network, held = nn.Sequential(nn.Linear(20, 1), nn.Flatten(0)), of(drawn(2), drawn(2)[:, 0])
        trained(network, Regression(), train, held, tmp_path / str(shuffle), shuffle=shuffle, max_epochs=2)
        first, second = np.reshape(seen, (2, 48))
        assert (list(first) == list(range(48))) is not shuffle and (list(first) == list(second)) is not shuffle
        assert sorted(first) == sorted(second) == list(range(48))


def test_the_binary_objective_weighs_by_the_training_people_and_explains_the_logit_itself():
    objective = Binary(np.array([1, 0, 0, 0], bool))
    logits, positive = torch.tensor([0.3, -1.2, 2.0]), np.array([True, False, True])
    examples = Examples(lambda rows: logits[rows], positive)
    # -w log p by hand, averaged over people and not over weights
    p = 1 / (1 + np.exp(-logits.numpy().astype(float)))
    by_hand = np.mean([0.75 * -np.log(p[0]), 0.25 * -np.log(1 - p[1]), 0.75 * -np.log(p[2])])
    assert float(objective.loss(nn.Identity(), examples, slice(0, 3), torch.Generator())) == pytest.approx(by_hand, rel=1e-6)
    figures = objective.evaluate(nn.Identity(), examples, 2, lambda _: None)
    assert figures == {"loss": pytest.approx(by_hand, rel=1e-6), "AUC": 1.0}
    assert torch.equal(objective.explained(logits), logits)
