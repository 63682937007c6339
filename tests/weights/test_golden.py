"""Parity with Keras: files and outputs that Keras 2.15 itself wrote, from an independent statement of PAT."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pat_core.weights import load
from tests.shared import shared_file

pytestmark = pytest.mark.shared
FILES = (
    "linear_small.encoder_weights",
    "linear_small.encoder_full",
    "linear_small.finetuned_weights",
    "linear_small.finetuned_full",
    "conv_small.encoder_weights",
)


@pytest.mark.parametrize("name", FILES)
def test_tokens_attention_and_probability_agree_with_keras(name):
    model = load(shared_file(f"golden/{name}.h5"))
    golden = np.load(shared_file(f"golden/{name.split('.')[0]}.golden.npz"), allow_pickle=False)
    week = torch.from_numpy(golden["week"])
    attention = []
    with torch.no_grad():
        tokens = model.network.encoder(week)
        model.network.encoder(week[:1], lambda block, weights: attention.append(weights[0].numpy()))
        probability = torch.sigmoid(model.network(week))
    weights = np.stack(attention)  # (blocks, heads, query, key)
    assert np.abs(tokens.numpy() - golden["tokens"]).max() <= 2e-4
    assert np.abs(weights.sum(axis=2) - golden["attention_received"]).max() <= 5e-5
    assert np.abs(weights[:, :, [0, 100, -1]] - golden["attention_rows"]).max() <= 5e-6
    assert model.has_head is ("finetuned" in name)
    if model.has_head:
        assert np.abs(probability.numpy() - golden["probability"]).max() <= 1e-5


def test_the_four_layouts_hold_the_same_encoder():
    states = [load(shared_file(f"golden/{name}.h5")).network.encoder.state_dict() for name in FILES[:4]]
    for state in states[1:]:
        assert all(torch.equal(state[key], states[0][key]) for key in states[0])
