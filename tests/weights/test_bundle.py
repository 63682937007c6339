"""Random models say that they are random; loading is quick."""

from __future__ import annotations

import time

import pytest
import torch

from pat_core.errors import UntrainedError, WeightsError
from pat_core.weights import load, random_model, require_head
from tests.weights.keras_files import lively, write_keras


def test_a_random_model_is_the_same_for_the_same_seed_and_says_what_it_is():
    first, second, other = random_model("small", seed=3), random_model("small", seed=3), random_model("small", seed=4)
    assert first.sha256 == second.sha256 != other.sha256
    assert torch.equal(first.network.head.hidden.weight, second.network.head.hidden.weight)
    assert (first.name, first.origin, first.has_head, first.encoder_trained) == ("Random (untrained)", "random", False, False)
    assert "nothing was learned" in first.card["first_line"]
    assert not first.network.training
    with pytest.raises(UntrainedError, match="fine-tune it first"):
        require_head(first)


def test_size_and_embedding_tell_random_models_apart():
    assert random_model("small", "conv").config.embedding == "conv"
    assert random_model("small", "conv").sha256 != random_model("small").sha256


@pytest.mark.parametrize(("size", "embedding"), [("giant", "linear"), ("small", "wavelet")])
def test_an_unknown_size_or_embedding_is_refused(size, embedding):
    with pytest.raises(WeightsError, match="expected one of"):
        random_model(size, embedding)


def test_a_medium_file_loads_well_below_a_second(tmp_path):
    path = write_keras(tmp_path / "a.h5", lively("medium"))
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        load(path)
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.5  # 0.03 s on a quiet machine; the bound leaves room for a busy one
