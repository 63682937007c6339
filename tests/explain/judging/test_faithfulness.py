"""Deletion, insertion and randomization on scores whose answer is known."""

from functools import partial

import numpy as np
import pytest
import torch

from pat_core.errors import ExplanationError
from pat_core.explain import explain
from pat_core.explain.judging.faithfulness import cascade, deletion, insertion, randomization
from pat_core.explain.windows import by_patch
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from tests.explain.scores import linear

SMALL = PatConfig("custom", patch=18, heads=2, blocks=2)


def parts(patches=100):
    """A linear score, a week, and the true effect of each patch against the mean week."""
    network, weight = linear(18 * patches)
    z = np.random.default_rng(1).normal(size=18 * patches).astype(np.float32)
    return network, z, (weight * z).reshape(patches, 18).sum(axis=1)


def test_deleting_the_strongest_patches_of_a_linear_score_takes_their_effects_away():
    network, z, effect = parts()
    curve = deletion(network, z, effect, "mean week")
    expected = [np.sort(effect)[::-1][: round(100 * share)].sum() for share in curve.shares]
    np.testing.assert_allclose(curve.changes, expected, atol=1e-5)


def test_the_lowest_first_lowers_nothing_but_raises_the_score():
    network, z, effect = parts()
    assert (deletion(network, z, -effect, "mean week").changes < 0).all()


def test_inserting_into_the_mean_week_gives_what_deleting_takes_of_a_linear_score():
    network, z, effect = parts()
    np.testing.assert_allclose(
        insertion(network, z, effect, "mean week").changes, deletion(network, z, effect, "mean week").changes, atol=1e-5
    )


def test_random_orders_take_their_share_of_the_whole():
    network, z, effect = parts(400)
    curve = deletion(network, z, effect, "mean week", shares=(0.5,))
    assert curve.random[0] == pytest.approx(0.5 * effect.sum(), abs=3 * effect.std() * 10 / np.sqrt(5))
    assert curve.changes[0] > 5 * abs(curve.random[0])


def test_what_random_orders_change_is_larger_than_what_is_left_of_it_on_average():
    network, z, effect = parts(400)
    curve = deletion(network, z, effect, "mean week", shares=(0.05, 0.2), draws=20)
    spread = effect.std() * np.sqrt(400 * np.array([0.05 * 0.95, 0.2 * 0.8])) * np.sqrt(2 / np.pi)  # mean size of a normal value
    assert curve.random_size == pytest.approx(spread, rel=0.5)
    assert (curve.random_size >= np.abs(curve.random)).all()


def test_the_two_replacements_differ():
    network, weight = linear(2880)
    z = np.random.default_rng(2).normal(size=2880).astype(np.float32)
    strength = (weight * z).reshape(160, 18).sum(axis=1)
    assert abs(deletion(network, z, strength, "mean week").changes - deletion(network, z, strength, "own day").changes).max() > 1e-3


def test_a_strength_of_another_length_is_refused():
    network, z, _ = parts()
    with pytest.raises(ExplanationError, match="each of the week's 100 patches"):
        deletion(network, z, np.ones(3), "mean week")


def test_the_cascade_draws_the_head_then_the_blocks_from_the_last_then_the_embedding_anew():
    network = seeded(lambda: Classifier(SMALL), 0).eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    changed = []
    for stage, made in cascade(network, seed=5):
        differing = {name for name, value in made.state_dict().items() if not torch.equal(value, before[name])}
        changed.append((stage, len(differing)))
    assert [stage for stage, _ in changed] == ["head", "encoder.blocks.1", "encoder.blocks.0", "encoder.patches"]
    assert [count for _, count in changed] == sorted({count for _, count in changed}), "each stage changes more than the one before"
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items()), "the model itself stays as it was"


def test_a_map_of_the_input_alone_fails_randomization_and_one_of_the_model_does_not():
    network = seeded(lambda: Classifier(SMALL), 0).eval()
    z = np.random.default_rng(0).normal(size=1440).astype(np.float32)
    of_model = partial(explain, z=z, name="integrated_gradients", has_head=True)
    made = of_model(network)
    kept = randomization(network, lambda changed: made, by_patch(made))
    assert kept["encoder.patches"] == pytest.approx(1.0)
    assert abs(randomization(network, of_model, by_patch(made), seed=3)["encoder.patches"]) < 0.6
