"""When the learning rate is halved, seen from outside: of a constant slope, a step of Adam is as long as the rate."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from pat_core.progress import Silent
from pat_core.training.loop import LoopSettings, Plateau, fit
from pat_core.training.objective import Examples, Objective


class Slope(Objective):
    """The loss is the one weight itself; validation losses are those given. at: the weight after each epoch."""

    def __init__(self, losses: np.ndarray) -> None:
        self.losses, self.at = losses, [0.0]

    def loss(self, network, examples, rows, draws):
        return network.weight.sum()

    def evaluate(self, network, held_out, batch, after_batch):
        self.at.append(network.weight.item())
        return {"loss": float(self.losses[len(self.at) - 2])}


def rates(folder, losses, patience: int, smallest: float) -> np.ndarray:
    """(epochs,) the learning rate of each epoch, of a run that begins with 1."""
    network, slope = nn.Linear(1, 1, bias=False), Slope(losses)
    nn.init.zeros_(network.weight)
    one = Examples(lambda rows: torch.zeros(1, 1), np.zeros(1))
    settings = LoopSettings(1.0, 1, len(losses), len(losses), 0, plateau=Plateau(patience, smallest))
    fit(network, slope, one, one, settings, folder / "checkpoint", Silent())
    return -np.diff(slope.at)


def test_the_rate_is_halved_in_the_epoch_that_completes_the_patience_down_to_its_smallest(tmp_path):
    shown = rates(tmp_path, np.array([2.0] + [1.0] * 9), 2, 0.2)
    np.testing.assert_allclose(shown, [1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2], atol=1e-3)


def test_less_by_a_ten_thousandth_of_large_losses_is_enough_and_of_small_ones_is_not(tmp_path):
    falls = -3e-4 * np.arange(6)  # 3e-4 is less than 1e-4 of 9.0
    np.testing.assert_allclose(rates(tmp_path / "large", 9.0 + falls, 2, 0.1), 1, atol=1e-3)
    np.testing.assert_allclose(rates(tmp_path / "small", 0.1 + falls / 6, 3, 0.1), [1, 1, 1, 1, 1, 1], atol=1e-3)
    creeps = 0.1 + falls / 100  # 3e-6 an epoch: a share of 3e-5, and no 1e-4 in any patience
    np.testing.assert_allclose(rates(tmp_path / "creeps", creeps, 2, 0.1), [1, 1, 1, 0.5, 0.5, 0.25], atol=1e-3)
