"""Several networks as one: the mean of their logits, each reading the week by its own standardizer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pat_core.explain.embedding_distance import pooled
from pat_core.models.contract import ScoringNetwork
from pat_core.models.ensemble import Ensemble, between
from pat_core.records import COUNTS, Standardizer
from pat_core.weeks import apply
from tests.lively import lively

MINUTES = 1440


def standardizer(seed: int) -> Standardizer:
    rng = np.random.default_rng(seed)
    mean, scale = rng.gamma(2.0, 100.0, MINUTES), rng.gamma(4.0, 50.0, MINUTES)
    return Standardizer(mean.astype(np.float32), scale.astype(np.float32), 20, f"people {seed}", COUNTS)


@pytest.fixture(scope="module")
def of_three():
    """(ensemble, its members, their standardizers, the reference)."""
    members, own, reference = [lively(seed=seed) for seed in (1, 2, 3)], [standardizer(seed) for seed in (4, 5, 6)], standardizer(7)
    return Ensemble(members, *between(reference, own)).eval(), members, own, reference


@torch.no_grad()
def test_the_score_is_the_mean_logit_of_the_members_each_behind_its_own_standardizer(of_three):
    ensemble, members, own, reference = of_three
    weeks = np.random.default_rng(0).gamma(0.5, 300.0, (4, MINUTES)).astype(np.float32)
    each = [member(torch.from_numpy(apply(by, weeks))).numpy() for member, by in zip(members, own, strict=True)]
    z = torch.from_numpy(apply(reference, weeks))
    np.testing.assert_allclose(ensemble(z).numpy(), np.mean(each, axis=0), atol=2e-5)
    assert torch.equal(ensemble.score(z), ensemble(z)) and isinstance(ensemble, ScoringNetwork)


@torch.no_grad()
def test_its_head_makes_the_score_of_its_pooled_tokens(of_three):
    ensemble = of_three[0]
    z = np.random.default_rng(1).normal(size=(3, MINUTES)).astype(np.float32)
    summary = pooled(ensemble, z)
    assert summary.shape == (3, 3 * 96)
    np.testing.assert_allclose(ensemble.head(torch.from_numpy(summary)).numpy(), ensemble(torch.from_numpy(z)).numpy(), atol=1e-5)
