"""Adam's formula as Keras writes it, computed by hand; and a checkpoint that goes on where it was."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from pat_core.training.keras_adam import KerasAdam

RATE, EPSILON, BETA1, BETA2 = 1e-3, 1e-7, 0.9, 0.999


def by_hand(weights: np.ndarray, gradients: list[np.ndarray]) -> np.ndarray:
    m, v = np.zeros_like(weights), np.zeros_like(weights)
    for t, gradient in enumerate(gradients, 1):
        m, v = BETA1 * m + (1 - BETA1) * gradient, BETA2 * v + (1 - BETA2) * gradient**2
        weights = weights - RATE * np.sqrt(1 - BETA2**t) / (1 - BETA1**t) * m / (np.sqrt(v) + EPSILON)
    return weights


def test_a_step_is_that_of_keras_also_where_gradients_are_as_small_as_epsilon_and_after_a_resume():
    chance = np.random.default_rng(0)
    weights, scale = chance.normal(size=6), 10.0 ** np.arange(-9, -3)
    gradients = [chance.normal(size=6) * scale for _ in range(8)]
    parameter = nn.Parameter(torch.from_numpy(weights.copy()))
    optimizer = KerasAdam([parameter], RATE, EPSILON)
    for number, gradient in enumerate(gradients):
        if number == 5:  # as after a kill: the state goes into another optimizer, whose own epsilon is that of a first step
            state, optimizer = optimizer.state_dict()["state"], KerasAdam([parameter], RATE, EPSILON)
            optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        parameter.grad = torch.from_numpy(gradient)
        optimizer.step()
    np.testing.assert_allclose(parameter.detach().numpy(), by_hand(weights, gradients), rtol=0, atol=1e-9)
    plain = nn.Parameter(torch.from_numpy(weights.copy()))
    torch_adam = torch.optim.Adam([plain], RATE, eps=EPSILON)
    for gradient in gradients:
        plain.grad = torch.from_numpy(gradient)
        torch_adam.step()
    assert np.abs(plain.detach().numpy() - by_hand(weights, gradients)).max() > 1e-3  # torch's own epsilon is another one
