"""PAT offers what explanations and training ask of any network; a network of another kind that offers it is embedded as well."""

import numpy as np
import pytest
import torch

from pat_core.explain.embedding_distance import pooled
from pat_core.models.contract import ScoringNetwork, TokenNetwork, minutes_read
from pat_core.models.pat import SIZES
from tests.explain.scores import Score
from tests.lively import lively


@pytest.mark.parametrize("size", SIZES)
def test_pat_satisfies_the_contract_with_tokens_and_a_score_of_the_promised_shapes(size):
    network, minutes = lively(size), 100
    week = torch.randn(2, minutes, generator=torch.Generator().manual_seed(0))
    assert isinstance(network, ScoringNetwork) and isinstance(network.encoder, TokenNetwork)
    assert not isinstance(network.encoder, ScoringNetwork)
    with torch.no_grad():
        tokens, score = network.tokens(week), network.score(week)
        assert tokens.shape == (2, minutes // network.minutes_per_token, 96) and score.shape == (2,)
        assert torch.equal(score, network(week)) and torch.equal(tokens, network.encoder.tokens(week))
        assert torch.equal(tokens.mean(dim=1), network.pool(week))


def test_minutes_that_fill_no_token_are_not_read():
    network, week = lively(), torch.zeros(1, 50)
    other = week.clone()
    other[:, minutes_read(network, 50) :] = 9.0
    assert minutes_read(network, 50) == 36
    with torch.no_grad():
        assert torch.equal(network.score(week), network.score(other))


def test_another_network_is_embedded_by_its_own_tokens():
    network, z = Score(lambda week: week.sum(dim=1), patch=5), np.arange(24, dtype=np.float32).reshape(2, 12)
    assert isinstance(network, ScoringNetwork)
    np.testing.assert_allclose(pooled(network, z), z[:, :10].reshape(2, 2, 5).mean(axis=1))
