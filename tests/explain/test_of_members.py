"""Explaining an ensemble: of the mean logit where a method asks for the score, else the mean of the members' maps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pat_core.explain import METHODS, explain
from pat_core.explain.baselines import another, mean_week
from pat_core.explain.method_registry import explain as by_name
from pat_core.explain.methods.gradient_path import integrate
from pat_core.explain.methods.one_block import attention_matrix, heads_overview
from pat_core.explain.of_members import as_read_by, each_member
from pat_core.models.ensemble import Ensemble
from pat_core.progress import Silent
from tests.lively import lively

MINUTES = 2 * 1440


@pytest.fixture(scope="module")
def ensemble():
    rng = np.random.default_rng(0)
    scale, shift = rng.uniform(0.7, 1.4, (2, MINUTES)), rng.normal(0.0, 0.2, (2, MINUTES))
    parts = (torch.from_numpy(part.astype(np.float32)) for part in (scale, shift))
    return Ensemble([lively(seed=1), lively(seed=2)], *parts).eval()


@pytest.fixture(scope="module")
def z():
    return np.random.default_rng(1).normal(size=MINUTES).astype(np.float32)


def settings(name: str) -> dict[str, object]:
    return {"baseline": another(np.ones(MINUTES, np.float32), "Ada")} if name == "patch_gradients" else {}


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.inside])
def test_a_map_read_inside_is_the_mean_of_the_members_maps(ensemble, z, name):
    made = explain(ensemble, z, name, has_head=True, **settings(name))
    each = []
    for number, (member, own) in enumerate(each_member(ensemble, z)):
        given = settings(name)
        if given:
            given = {"baseline": another(as_read_by(ensemble, number, given["baseline"].weeks[0]), "Ada")}
        each.append(explain(member, own, name, has_head=True, **given))
    np.testing.assert_allclose(made.values, np.mean([one.values for one in each], axis=0), atol=1e-6)
    assert made.settings["members"] == 2 and "mean over 2 models" in made.note
    if METHODS[name].sums:
        assert made.delta == pytest.approx(float(np.mean([one.delta for one in each])), abs=1e-5)
        assert made.settings["baseline_sha256"] == settings(name)["baseline"].sha256


def test_integrated_gradients_of_the_mean_logit_are_the_mean_of_the_members_maps_along_the_same_path(ensemble, z):
    z = 0.3 * z
    made = explain(ensemble, z, "integrated_gradients", has_head=True)
    assert made.relative_gap < 0.01 and not made.flag
    each = []
    for number, member in enumerate(ensemble.members):

        def of_one(week, number=number, member=member):
            return member.score(ensemble.as_read(week, number))

        start, end = (torch.from_numpy(week)[None] for week in (mean_week(MINUTES).weeks[0], z))
        each.append(integrate(of_one, start, end, tolerance=0.01, most=256, at_once=2, progress=Silent()).values)
    np.testing.assert_allclose(made.values, np.mean(each, axis=0), atol=0.02 * np.abs(made.values).max())
    with torch.no_grad():
        scores = ensemble(torch.from_numpy(np.stack([z, np.zeros_like(z)])))
    assert made.delta == pytest.approx(float(scores[0] - scores[1]), abs=1e-5)


@pytest.mark.parametrize("name", ["gradient", "occlusion_hour", "occlusion_day", "shapley_day"])
def test_what_asks_for_the_score_alone_explains_the_mean_logit(ensemble, z, name):
    made = by_name(ensemble, z, name, has_head=True)
    assert np.isfinite(made.values).any() and "members" not in made.settings


def test_attention_of_blocks_and_heads_is_the_mean_over_members(ensemble, z):
    each = [(attention_matrix(member, own, side=40), heads_overview(member, own)) for member, own in each_member(ensemble, z)]
    np.testing.assert_allclose(attention_matrix(ensemble, z, side=40).values, np.mean([one.values for one, _ in each], axis=0), rtol=1e-5)
    np.testing.assert_allclose(heads_overview(ensemble, z), np.mean([heads for _, heads in each], axis=0), rtol=1e-5)
